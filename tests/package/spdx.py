#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is this an SPDX 2.3 document that names what the programs are linked with?

    spdx.py DOCUMENT PROGRAM...

The fields that the specification demands (clauses 6, 7 and 11), their forms, references that lead somewhere, and
each library that a program needs, with a version.
"""
import json
import re
import subprocess
import sys

DOCUMENT = {
    "spdxVersion": r"SPDX-2\.3",
    "dataLicense": r"CC0-1\.0",
    "SPDXID": r"SPDXRef-DOCUMENT",
    "name": r".+",
    "documentNamespace": r"https?://[^#]+",
}
PACKAGE = {
    "SPDXID": r"SPDXRef-[A-Za-z0-9.-]+",
    "name": r".+",
    "downloadLocation": r"NOASSERTION|NONE|https?://.+",
    "versionInfo": r".+",
    "licenseDeclared": r"[A-Za-z0-9.-]+( OR [A-Za-z0-9.-]+)*",
    "supplier": r"(Organization|Person): .+|NOASSERTION",
}


def fields(row, forms, what):
    for name, form in forms.items():
        if what == "sluice" and name == "supplier":
            continue
        if not re.fullmatch(form, row.get(name, "")):
            sys.exit(f"{what}: {name} is {row.get(name)!r}, expected {form}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    fields(document, DOCUMENT, "document")
    made = document["creationInfo"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created"]) or \
            not all(re.fullmatch(r"(Tool|Person|Organization): .+", who) for who in made["creators"]):
        sys.exit(f"creationInfo: {made}")
    for package in document["packages"]:
        fields(package, PACKAGE, package.get("name"))
    known = {package["SPDXID"] for package in document["packages"]} | {"SPDXRef-DOCUMENT"}
    for row in document["relationships"]:
        if row["spdxElementId"] not in known or row["relatedSpdxElement"] not in known:
            sys.exit(f"a relationship leads nowhere: {row}")
    names = {package["name"] for package in document["packages"]}
    for program in sys.argv[2:]:
        text = subprocess.run(["readelf", "-d", program], stdout=subprocess.PIPE, text=True, check=True).stdout
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
        if not needed or needed - names:
            sys.exit(f"{program}: not in the document: {needed - names}")


main()

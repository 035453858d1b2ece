#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Bill of materials: what the programs are linked with, as an SPDX 2.3 document in JSON.

    sbom.py --version VERSION --changelog FILE --output FILE PROGRAM...

The libraries are those that the programs themselves name (readelf); package, version and architecture are asked of
dpkg where it knows the library, and are NOASSERTION where it doesn't, as in a build for another architecture.
The time is SOURCE_DATE_EPOCH, or that of the changelog's newest entry, never the clock's: two builds give the same
bytes.
"""
import argparse
import email.utils
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

# What the upstream of each library says of it; one that is not here is NOASSERTION.
LICENCES = {
    "libc": "LGPL-2.1-or-later",
    "libm": "LGPL-2.1-or-later",
    "libbpf": "LGPL-2.1-only OR BSD-2-Clause",
    "libcap-ng": "LGPL-2.1-or-later",
    "libconfig": "LGPL-2.1-or-later",
    "libelf": "GPL-2.0-or-later OR LGPL-3.0-or-later",
    "libjansson": "MIT",
    "libmicrohttpd": "LGPL-2.1-or-later",
    "libmnl": "LGPL-2.1-or-later",
    "libnettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libnftnl": "GPL-2.0-or-later",
    "libpcap": "BSD-3-Clause",
    "libseccomp": "LGPL-2.1-only",
    "libsystemd": "LGPL-2.1-or-later",
    "libz": "Zlib",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
}


def output_of(*command):
    """What a program prints, "" if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def headers(program):
    with open(program, "rb") as file:
        return file.read(20)


def libraries(programs):
    """The sonames that the programs need, each once."""
    found = set()
    for program in programs:
        text = output_of("readelf", "-d", program)
        names = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        if not names:
            sys.exit(f"sbom: {program}: readelf finds no library that it needs")
        found.update(names)
    return sorted(found)


def is_native(program):
    """Is it of the machine that builds it? Byte 18 of an ELF header is the machine's number."""
    return headers(program)[:5] == headers(sys.executable)[:5] and \
        headers(program)[18:20] == headers(sys.executable)[18:20]


def package_of(soname, native):
    """(package, source version, architecture) of a library by dpkg, or None."""
    if not native or shutil.which("dpkg-query") is None:
        return None
    architecture = output_of("dpkg", "--print-architecture").strip()
    owners = re.findall(r"^([a-z0-9.+-]+)(?::([a-z0-9]+))?: ", output_of("dpkg-query", "-S", "*/" + soname), re.M)
    for name, of in sorted(owners):
        if of in ("", architecture):
            version = output_of("dpkg-query", "-W", "-f", "${Version}", f"{name}:{architecture}")
            if version:
                return name, version, architecture
    return None


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def library(soname, native):
    licence = LICENCES.get(re.sub(r"\.so.*", "", soname), "NOASSERTION")
    row = {
        "SPDXID": identifier(soname),
        "name": soname,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "LIBRARY",
    }
    package = package_of(soname, native)
    if package:
        name, version, architecture = package
        row["versionInfo"] = version
        row["supplier"] = "Organization: Debian"
        row["externalRefs"] = [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": "pkg:deb/debian/{}@{}?arch={}".format(
                name, version.replace("+", "%2B").replace(":", "%3A"), architecture),
        }]
    return row


def product(version):
    return {
        "SPDXID": "SPDXRef-sluice",
        "name": "sluice",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "GPL-2.0-or-later",
        "licenseDeclared": "GPL-2.0-or-later",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
    }


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def moment(changelog):
    """When it was made, in seconds."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"])
    with open(changelog, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(" -- "):
                return int(email.utils.parsedate_to_datetime(line.split(">  ", 1)[1].strip()).timestamp())
    sys.exit(f"sbom: {changelog}: no entry has a date")


def document(arguments):
    native = is_native(arguments.programs[0])
    rows = [library(soname, native) for soname in libraries(arguments.programs)]
    whole = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "sluice-" + arguments.version,
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment(arguments.changelog))),
            "creators": ["Tool: sluice-sbom-" + arguments.version],
        },
        "packages": [product(arguments.version)] + rows,
        "relationships": [relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-sluice")] +
                         [relation("SPDXRef-sluice", "DYNAMIC_LINK", row["SPDXID"]) for row in rows],
    }
    # a name for this content and no other
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    whole["documentNamespace"] = f"https://spdx.org/spdxdocs/sluice-{arguments.version}-{digest[:32]}"
    return whole


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", required=True)
    parser.add_argument("--changelog", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(document(arguments), file, indent=2)
        file.write("\n")


main()

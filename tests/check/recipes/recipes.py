#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recipes: the five usual changes of CONTRIBUTING.md, made by its own lists of files.

    recipes.py TREE

TREE is a copy of the source that may be changed.  Each recipe's edits are made in it; the files that
an edit touches must be those that the recipe lists, no more and no fewer.  What must then build and pass is
the caller's business.  Exit status 1: a list is not true, or a place that a recipe names is gone.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Edit:
    """The files of one recipe, and what was done to them."""

    def __init__(self, tree):
        self.tree = tree
        self.touched = set()

    def write(self, path, text):
        self.touched.add(path)
        full = os.path.join(self.tree, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def copy(self, path, name):
        with open(os.path.join(HERE, name), encoding="utf-8") as file:
            self.write(path, file.read())

    def read(self, path):
        with open(os.path.join(self.tree, path), encoding="utf-8") as file:
            return file.read()

    def insert(self, path, place, text, before=False):
        """Put `text` behind (or before) the first match of a pattern."""
        old = self.read(path)
        match = re.search(place, old, re.M)
        if match is None:
            raise LookupError(f"{path}: nothing there looks like {place}")
        at = match.start() if before else match.end()
        self.write(path, old[:at] + text + old[at:])

    def replace(self, path, place, change):
        """Replace the first match of a pattern by what `change` makes of it."""
        old = self.read(path)
        match = re.search(place, old, re.M)
        if match is None:
            raise LookupError(f"{path}: nothing there looks like {place}")
        self.write(path, old[:match.start()] + change(match) + old[match.end():])


def reason(edit):
    edit.insert("dissectors/core/reason.h", r"^\tX\(POINT_DENIED, .*\\\n",
                '\tX(MADE_UP, "made-up", "a reason that a recipe has made up") \\\n', before=True)
    edit.insert("dissectors/core/sluice-reasons.7", r"^\.It Cm point-denied\n",
                ".It Cm made-up\nA reason that a recipe has made up.\n", before=True)
    edit.insert("tools/amend/remedies.c", r"^    \[REASON_POINT_DENIED\] = ",
                '    [REASON_MADE_UP] = {.helps = "The recipe has to be thrown away."},\n', before=True)


def function(edit):
    edit.insert("dissectors/modbus/modbus_catalogue.c", r'^\tX\(91, .*\\\n',
                '\tX(93, "read-made-up", READ, "0") \\\n')
    edit.insert("dissectors/modbus/modbus_catalogue.c", r"^    \[16\] = \{SPACE_HOLDING, .*\n",
                "    [93] = {SPACE_HOLDING, 125},\n")
    edit.insert("dissectors/modbus/modbus_catalogue.c", r"^    TOUCH\(16, .*\n",
                "    TOUCH(93, HOLDING, READ, NONE, RANGES),\n")
    edit.replace("dissectors/modbus/modbus_catalogue.h", r"MODBUS_TOUCH_COUNT = (\d+)",
                 lambda m: f"MODBUS_TOUCH_COUNT = {int(m[1]) + 1}")
    edit.replace("dissectors/modbus/modbus_catalogue.h", r"MODBUS_FUNCTION_COUNT = (\d+)",
                 lambda m: f"MODBUS_FUNCTION_COUNT = {int(m[1]) + 1}")
    edit.insert("dissectors/modbus/modbus.c", r"^    \[90 \.\.\. 91\] = .*\n",
                "    [93] = {{modbus_read_request, 4, 0, 0}, {modbus_read_response, 3, 251, 2}},\n")
    edit.insert("dissectors/modbus/sluice-modbus.7", r"^\.It Li reserved-91 .*\n",
                ".It Li read-made-up Ta 93 Ta read Ta 0\n")
    shown = "tests/tools/captures/cases/show-json/expected"
    edit.write(shown, edit.read(shown).replace('"read-fifo-queue"', '"read-fifo-queue","read-made-up"'))
    edit.insert("tests/dissectors/vectors/modbus.txt", r"\Z",
                "\n# made up\n-\n> 0001 0000 0006 01 5d 0013 0002\n= read-made-up unit 1 read holding:19-20\n"
                "< 0001 0000 0007 01 5d 04 cd6b0501\n= read-made-up unit 1 answers\n")


def key(edit):
    edit.insert("policy/model/model.h", r"^\tuint32_t pause_s; .*\n", "\tuint32_t made_up; /* 1..9 */\n")
    # a number that says nothing to the kernel; two of them fill eight bytes
    edit.replace("policy/fast/fast_rows.c", r"CHANNEL_SIZE = (\d+)", lambda m: f"CHANNEL_SIZE = {int(m[1]) + 8}")
    edit.insert("policy/language/load_channels.c", r'^    \{"pause", .*\n',
                '    {"made_up", KEY_NUMBER, NULL, read_made_up},\n')
    edit.insert("policy/language/load_channels.c", r"^\tchannel->pause_s = .*\n", "\tchannel->made_up = 1;\n")
    edit.insert("policy/language/load_channels.c", r"^static void\nread_pause\(", """static void
read_made_up(struct loader *l, const struct node *node, void *object)
{
	struct channel_reader *reader = object;
	long long number;

	if (load_number(l, node, 1, 9, &number))
		reader->channel->made_up = (uint32_t)number;
}

""", before=True)
    edit.insert("policy/language/print.c", r"^\tif \(channel->pause_s ", """\tif (channel->made_up != 1)
		text_add(out, "\\t\\t\\t\\tmade_up = %u;\\n", channel->made_up);
""", before=True)
    edit.insert("policy/language/sluice.conf.5", r"^\.It Ic pause\n",
                ".It Ic made_up\nA number that a recipe has made up, 1 to 9.\n", before=True)
    edit.insert("tests/policy/language/bad/channels.expect", r"outstanding, pause(?=.* or rules$)", ", made_up")
    edit.insert("tests/policy/language/bad/dnp3.expect", r"outstanding, pause(?=.* or rules$)", ", made_up")
    edit.insert("tests/policy/language/good/forms.conf", r"outstanding = 1; ", "made_up = 7; ", before=True)
    edit.insert("tests/policy/language/good/forms.print", r"^\t+outstanding = 1;\n",
                "\t\t\t\tmade_up = 7;\n")
    edit.insert("tests/tools/explain/reason_keys_test.c", r'"any-transaction",\s+"schedule"', ', "made_up"')


def subcommand(edit):
    edit.copy("tools/hello.c", "hello.c")
    edit.insert("tools/common/command.h", r"^extern const struct command status_command;\n",
                "extern const struct command hello_command;\n")
    edit.insert("tools/sluice.c", r"^    &status_command,\n", "    &hello_command,\n")
    edit.insert("tools/meson.build", r"'metrics\.c', ", "'hello.c', ")
    edit.insert("tools/sluice.1", r"^\.Ss status\n", ".Ss hello\nSay hello.\n", before=True)


def protocol(edit):
    edit.copy("dissectors/echo/echo.c", "echo.c")
    edit.write("dissectors/echo/meson.build", "# SPDX-License-Identifier: GPL-2.0-or-later\n"
               "echo_library = static_library('echo', 'echo.c', dependencies: core_dep)\n"
               "install_man('sluice-echo.7')\n")
    edit.copy("dissectors/echo/sluice-echo.7", "sluice-echo.7")
    edit.insert("dissectors/meson.build", r"^subdir\('s7'\)\n", "subdir('echo')\n")
    edit.insert("dissectors/meson.build", r"s7_library", ", echo_library")
    edit.insert("dissectors/meson.build", r"^protocols = \{", "'echo': 'echo', ")
    edit.insert("dissectors/dissectors.c", r"^extern const struct dissector modbus_dissector;\n",
                "extern const struct dissector echo_dissector;\n")
    edit.insert("dissectors/dissectors.c", r"^    &modbus_dissector,\n", "    &echo_dissector,\n")
    edit.insert("policy/language/sluice.conf.5", r"^\.It Ic s7comm-plus\n", ".It Ic echo\nEcho, at port 7777.\n", before=True)
    edit.insert("policy/language/sluice.conf.5", r"^\.Xr sluice-modbus 7 ,\n", ".Xr sluice-echo 7 ,\n")
    edit.insert("tests/policy/language/bad/channels.expect", r"expected modbus, ", "echo, ")
    edit.copy("tests/dissectors/vectors/echo.txt", "echo.txt")
    edit.write("tests/fuzz/corpus/echo/empty", "")


RECIPES = {
    "A new reason": reason,
    "A new function of a protocol": function,
    "A new key of the policy": key,
    "A new subcommand": subcommand,
    "A new protocol": protocol,
}


def listed(page, title):
    """The files that CONTRIBUTING.md names below a heading."""
    match = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##)", page, re.M | re.S)
    return set(re.findall(r"^\* `([^`]+)`", match[1], re.M)) if match else set()


def main(tree):
    with open(os.path.join(tree, "CONTRIBUTING.md"), encoding="utf-8") as file:
        page = file.read()
    wrong = 0
    for title, change in RECIPES.items():
        edit = Edit(tree)
        try:
            change(edit)
        except (LookupError, OSError) as error:
            print(f"{title}: {error}")
            wrong = 1
            continue
        files = listed(page, title)
        for path in sorted(edit.touched - files):
            print(f"CONTRIBUTING.md, {title}: {path} is needed and not in the list")
            wrong = 1
        for path in sorted(files - edit.touched):
            print(f"CONTRIBUTING.md, {title}: {path} is in the list, and nothing is done to it")
            wrong = 1
    return wrong


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The text that policies become, compared with what was written down.  golden.sh TOOL POLICY GOLDEN [OPTION]; with UPDATE=1
# in the environment, write it down.
set -eu
tool=$1 policy=$2 golden=$3 option=${4-}
temporary=$(mktemp)
trap 'rm -f "$temporary"' EXIT
# the hash and the path change with what is not the ruleset's business
# shellcheck disable=SC2086
"$tool" $option print "$policy" 2>/dev/null | sed -E "s/[0-9a-f]{64}/HASH/; s,^# Sluice: .*/,# Sluice: ," >"$temporary"
if [ "${UPDATE-}" = 1 ]; then
	cp "$temporary" "$golden"
fi
diff -u "$golden" "$temporary"

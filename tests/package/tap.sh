# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tap: subtests of a shell test.  Sourced, not run.

tap_number=0
tap_failed=0

# check NAME COMMAND...: one subtest; what the command prints is shown if it fails
check()
{
	local name=$1 output
	shift
	tap_number=$((tap_number + 1))
	if output=$("$@" 2>&1); then
		echo "ok $tap_number - $name"
	else
		tap_failed=1
		printf '%s\n' "$output" | tail -n 60 | sed 's/^/# /'
		echo "not ok $tap_number - $name"
	fi
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

tap_end()
{
	echo "1..$tap_number"
	exit $tap_failed
}

# note TEXT...: a line for people
note()
{
	echo "# $*"
}

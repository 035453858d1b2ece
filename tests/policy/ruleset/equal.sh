#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One ruleset, two printers: a table made by netlink and a table made by `nft -f` from the text must be listed alike.
#   equal.sh TOOL [-v] POLICY...      native queue where the kernel has it; -v: the kernel vouches
# Where it has not, the text can't be loaded; then the rules with `queue` are left out on both sides and compared
# by themselves: one for one, and with the same numbers.
set -eu
tool=$1 vouched=
shift
[ "$1" != -v ] || { vouched=-v; shift; }
[ "$(id -u)" = 0 ] || { echo "skipped: network namespaces need root"; exit 77; }
command -v nft >/dev/null || { echo "skipped: the program nft is missing (package nftables)"; exit 77; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
unshare -n true 2>/dev/null || { echo "skipped: cannot make a network namespace here"; exit 77; }

can=$(unshare -n "$tool" probe 2>&1) || { echo "$can"; exit 1; }
case $can in
*"queue 1"*) options= ;;
*"target 1"*) options=-t ;;
*) echo "this kernel has neither queue nor target"; exit 1 ;;
esac
case $can in
*"helper 1"*) helper=-k ;;
*) helper= ;;
esac

# `queue` in the words of nft's listing: of the text, of the native expression, of the target
queues() { sed -nE '/^[[:space:]]*queue /!d; s/^[[:space:]]*queue (num |to )?//; s/flags bypass to (.*)/\1 bypass/; p' "$1"; }
others() { sed -E '/^[[:space:]]*queue |^# |^[[:space:]]*libxtables:/d' "$1"; }

for policy; do
	# shellcheck disable=SC2086
	"$tool" $options $helper $vouched print "$policy" >"$directory/text" 2>/dev/null
	queues "$directory/text" >"$directory/queues.text"
	if [ -z "$options" ]; then
		cp "$directory/text" "$directory/loadable"
	else
		others "$directory/text" >"$directory/loadable"
	fi
	unshare -n sh -c 'nft -c -f "$1" && nft -f "$1" && nft list ruleset' - "$directory/loadable" \
	    >"$directory/list.text"
	# shellcheck disable=SC2086
	unshare -n sh -c '"$@" >&2 && nft list ruleset' - "$tool" $options $helper $vouched apply "$policy" \
	    >"$directory/list.netlink" 2>"$directory/errors" || { cat "$directory/errors"; exit 1; }
	queues "$directory/list.netlink" >"$directory/queues.netlink"
	diff -u "$directory/queues.text" "$directory/queues.netlink"
	others "$directory/list.text" >"$directory/a"
	others "$directory/list.netlink" >"$directory/b"
	diff -u "$directory/a" "$directory/b"
	echo "$policy: $(wc -l <"$directory/b") lines and $(wc -l <"$directory/queues.text") queues alike"
done

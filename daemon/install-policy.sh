#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Install the policy that permits nothing, where there is none yet; what the operator wrote stays.
#
#   install-policy.sh FILE DIRECTORY      (below DESTDIR, as meson sets it)
set -eu
target="${DESTDIR:-}$2/sluice.conf"
if [ -e "$target" ]; then
	echo "$target is there, and stays"
	exit 0
fi
mkdir -p "${DESTDIR:-}$2"
install -m 0600 "$1" "$target"

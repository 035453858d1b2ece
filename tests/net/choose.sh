#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A pattern that matches no test is a mistake and no success.   choose.sh PROGRAM [ARGUMENT...]
set -u
said=$("$@" 'no-such-*' 2>&1)
status=$?
echo "$said"
[ $status = 2 ] || { echo "exit status $status, expected 2"; exit 1; }
case $said in
"no test has a name like 'no-such-*'; there are:"*) ;;
*) echo "it does not say what is wrong"; exit 1 ;;
esac

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# System: a Debian system of its own, with systemd, in namespaces of its own.
#
#   . system.sh            the functions
#   system.sh TREE         boot TREE; run by system_boot, in namespaces that it made
#
# The tree is never written to: what the system writes goes to memory and ends with it.

system_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A control group, which systemd may divide.  1: there are none here.
system_group_make()
{
	local mount group
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	[ -n "$mount" ] || return 1
	for group in "$mount"/sluice-test-*; do
		[ ! -d "$group" ] || system_group_remove "$group" 2>/dev/null # of a run that was killed
	done
	system_group=$(mktemp -d "$mount/sluice-test-XXXXXX" 2>/dev/null)
}

system_group_remove()
{
	find "$1" -depth -type d -exec rmdir {} \;
}

# system_tree TREE WORK: a copy of TREE that may be written to, at WORK/root
system_tree()
{
	mkdir -p "$2" && mount -t tmpfs -o mode=755 system "$2" && mkdir "$2/root" "$2/upper" "$2/work" || return
	mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" system "$2/root" 2>/dev/null ||
	    cp -a "$1/." "$2/root"
}

# system_boot NAMESPACE ROOT: sets system_init, by which system_run finds it
system_boot()
{
	local i
	(echo "$BASHPID" >"$system_group/cgroup.procs" &&
	    exec ip netns exec "$1" unshare --mount --pid --fork --cgroup --uts --ipc --kill-child -- \
	        "$system_directory/system.sh" "$2") >"$2.console" 2>&1 &
	system_parent=$!
	for ((i = 0; i < 300; i++)); do
		system_init=$(pgrep -P "$system_parent")
		[ -n "$system_init" ] && [ "$(cat "/proc/$system_init/comm")" = systemd ] &&
		    system_run systemctl is-system-running --wait 2>/dev/null | grep -qxE 'running|degraded' && return 0
		kill -0 "$system_parent" 2>/dev/null || break
		sleep 0.1
	done
	system_end
	return 1
}

# system_run COMMAND...: in it
system_run()
{
	nsenter --target "$system_init" --mount --pid --net --cgroup --uts --ipc --root --wd -- "$@"
}

# system_end: at once
system_end()
{
	[ -n "${system_init-}" ] || return 0
	kill -KILL "$system_parent" 2>/dev/null
	wait "$system_parent" 2>/dev/null
	system_init=
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.1
		system_group_remove "$system_group" 2>/dev/null && return
	done
}

system_devices()
{
	local name
	mount -t tmpfs -o mode=755 devices "$1" || return
	for name in null zero full random urandom tty; do
		: >"$1/$name" && mount --bind "/dev/$name" "$1/$name" || return
	done
	mkdir "$1/pts" "$1/shm" && mount -t devpts -o newinstance,ptmxmode=0666 devices "$1/pts" &&
	    ln -s pts/ptmx "$1/ptmx"
}

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0
root=${1:?tree}
mount --make-rprivate / && mount --bind "$root" "$root" && system_devices "$root/dev" &&
    mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" &&
    mount -t tmpfs -o mode=755 run "$root/run" && mount -t tmpfs tmp "$root/tmp" &&
    mount -t cgroup2 groups "$root/sys/fs/cgroup" || exit 1
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" /lib/systemd/systemd --system --log-target=console --show-status=no

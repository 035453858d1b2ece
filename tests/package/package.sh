#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Package: the Debian packages, from the source to their removal.
#
#   package.sh MODBUS-SERVER
#
# Built twice in two places; installed in a booted Debian system that is the laboratory's gateway; upgraded from a
# version before, which is the same package with a lower number, while a client polls; removed; purged.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
. "$here/system.sh"

root_and_programs()
{
	local program
	[ "$(id -u)" = 0 ] || skip_all "network namespaces need root"
	for program in dpkg-buildpackage dh lintian pgrep nsenter; do
		command -v "$program" >/dev/null || skip_all "the program $program is missing"
	done
	[ -w "$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)" ] ||
	    skip_all "no control groups that may be divided here"
	[ -n "${SLUICE_CHROOT-}" ] || skip_all "no tree of Debian (SLUICE_CHROOT): tools/test makes one"
}

root_and_programs
[ -n "${LAB_GATEWAY-}" ] || exec "$here/../net/lab.sh" "$here/package.sh" "$@"
server=${1:?the Modbus server of the tests}
work=$(mktemp -d) || exit 1
tree=$work/system/root
trap 'system_end; [ -z "${server_process-}" ] || kill "$server_process"; umount -l "$work/system" 2>/dev/null
    rm -rf "$work"' EXIT
unset DESTDIR MAKEFLAGS MAKELEVEL

# build PLACE: packages in WORK/PLACE
build()
{
	mkdir -p "$work/$1/sluice" && tar -C "$SOURCE_ROOT" --exclude=./build* --exclude=./.git -c . |
	    tar -C "$work/$1/sluice" --no-same-owner -x &&
	    (cd "$work/$1/sluice" && DEB_BUILD_OPTIONS=parallel=2 dpkg-buildpackage -us -uc -b) >"$work/$1.log" 2>&1 ||
	    { tail -n 40 "$work/$1.log"; return 1; }
}

builds()
{
	local other status
	build elsewhere/deeper &
	other=$!
	build here
	status=$?
	wait "$other" && return $status
}

same_bytes()
{
	local file
	for file in "$work"/here/*.deb; do
		cmp "$file" "$work/elsewhere/deeper/${file##*/}" || return 1
	done
	[ "$(find "$work/here" -name '*.deb' | wc -l)" = 4 ] # two programs, two packages of debugging symbols
}

clean_for_lintian()
{
	local said
	said=$(lintian --allow-root --fail-on none --display-level '>=info' "$work"/here/*.changes 2>&1 |
	    grep -v '^running with root')
	[ -z "$said" ] || { echo "$said"; return 1; }
}

contents()
{
	local name file
	dpkg-deb -c "$work"/here/sluiced_*.deb | awk '{ print $6 }' >"$work/contents"
	dpkg-deb -c "$work"/here/sluice_*.deb | awk '{ print $6 }' >>"$work/contents"
	for file in etc/sluice/sluice.conf etc/logrotate.d/sluiced usr/sbin/sluiced usr/bin/sluice \
	    lib/systemd/system/sluiced.service usr/lib/sysusers.d/sluice.conf usr/lib/tmpfiles.d/sluice.conf \
	    usr/share/bash-completion/completions/sluice usr/share/bash-completion/completions/sluiced \
	    usr/share/man/man8/sluiced.8.gz usr/share/man/man1/sluice.1.gz usr/share/man/man5/sluice.conf.5.gz \
	    usr/share/man/man7/sluice-reasons.7.gz usr/share/doc/sluice/sluice.spdx.json \
	    usr/share/doc/sluice/grafana-dashboard.json \
	    usr/share/doc/sluice/examples/pumping-station.conf; do
		grep -qxF "./$file" "$work/contents" || { echo "$file is in no package"; return 1; }
	done
	dpkg-deb -I "$work"/here/sluiced_*.deb conffiles | sort | tr '\n' ' ' |
	    grep -qx '/etc/logrotate.d/sluiced /etc/sluice/sluice.conf '
}

bill_of_materials()
{
	mkdir "$work/extracted" && dpkg-deb -x "$work"/here/sluice_*.deb "$work/extracted" &&
	    dpkg-deb -x "$work"/here/sluiced_*.deb "$work/extracted" &&
	    "$here/spdx.py" "$work/extracted/usr/share/doc/sluice/sluice.spdx.json" \
	        "$work/extracted/usr/sbin/sluiced" "$work/extracted/usr/bin/sluice"
}

# The same packages as a version before these
version_before()
{
	local name
	mkdir "$work/before" || return
	for name in sluice sluiced; do
		dpkg-deb -R "$work"/here/${name}_*.deb "$work/before/$name" &&
		    sed -i -E 's/^(Version: ).*/\10.0.1/; s/(sluice \(= )[^)]*/\10.0.1/' "$work/before/$name/DEBIAN/control" &&
		    dpkg-deb -b "$work/before/$name" "$work/before/$name.deb" >/dev/null || return 1
	done
}

boots()
{
	system_group_make && system_tree "$SLUICE_CHROOT" "$work/system" || return
	mkdir -p "$tree/root/packages" && cp "$work"/before/*.deb "$work"/here/sluice*_*.deb "$tree/root/packages" || return
	ln -sf /dev/null "$tree/etc/systemd/system/conntrackd.service"
	ln -sf /dev/null "$tree/etc/systemd/system/keepalived.service"
	system_boot "$LAB_GATEWAY" "$tree" || { cat "$tree.console"; return 1; }
}

# reaches: does a connection to the controller come up?
reaches()
{
	ip netns exec "$LAB_SUPERVISION" timeout 2 bash -c ': </dev/tcp/10.20.0.11/502' 2>/dev/null
}

installs()
{
	reaches || { echo "the laboratory's gateway forwards nothing even without Sluice"; return 1; }
	system_run dpkg -i /root/packages/sluice.deb /root/packages/sluiced.deb &&
	    system_run systemctl is-active sluiced && system_run systemctl is-enabled sluiced
}

permits_nothing()
{
	! reaches && system_run grep -q 'What to do next' /etc/sluice/sluice.conf
}

modes()
{
	system_run stat -c '%a %U %n' /etc/sluice/sluice.conf /var/lib/sluice /var/log/sluice | diff - <(
		echo "600 root /etc/sluice/sluice.conf"
		echo "700 root /var/lib/sluice"
		echo "750 root /var/log/sluice"
	)
}

policy_in_force()
{
	cat >"$tree/root/plant.conf" <<-'POLICY'
		zones: {
		  supervision: { class = "control"; sl_t = 2; interfaces = ["eth0"]; networks = ["10.10.0.0/24"];
		    assets: { hmi = "10.10.0.5"; }; };
		  pumps: { class = "control"; sl_t = 3; interfaces = ["eth1"]; networks = ["10.20.0.0/24"];
		    assets: { plc1 = "10.20.0.11"; }; };
		};
		site: { name = "Tests"; owner = "Tests"; approved = "2026-11-01"; };
		conduits: {
		  line: { from = "supervision"; to = "pumps"; mode = "enforce"; on_deny = "reset"; when_down = "closed";
		    rationale = "Tests.";
		    channels: ( { name = "hmi"; clients = ["hmi"]; servers = ["plc1"]; protocol = "modbus";
		      rules: ( { access = ["read"]; } ); } ); };
		};
	POLICY
	system_run cp /root/plant.conf /etc/sluice/sluice.conf && system_run systemctl reload sluiced &&
	    reaches && system_run sluice status
}

# Nobody of the service is more than it should be, and nothing that the unit takes away is missing.
processes()
{
	system_run ps -o user=,args= -C sluiced -C sluiced:0 -C sluiced:log
	[ "$(system_run pgrep -u _sluice -c sluiced)" -ge 1 ] && system_run sluice status --json |
	    python3 -c 'import json, sys; s = json.load(sys.stdin); print(s["findings"]); sys.exit(s["verdict"] != "fine")' &&
	    ! system_run journalctl -u sluiced -p warning -q --no-pager | grep -v 'warning: site has no' # the installed policy
}

rotates()
{
	system_run ls /var/log/sluice/events.json && system_run logrotate -f /etc/logrotate.d/sluiced &&
	    system_run systemctl reload sluiced && sleep 1 && system_run ls /var/log/sluice/events.json.1 &&
	    system_run grep -q '"reload"' /var/log/sluice/events.json
}

# complete WORD...: what bash would offer for the last of them
complete_words()
{
	system_run bash -c '
		. /usr/share/bash-completion/completions/$1 || exit
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_"$1" "$1"
		printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}

completes()
{
	[ "$(complete_words sluice stat)" = status ] && [ "$(complete_words sluice replay --den)" = --denied ] &&
	    [ "$(complete_words sluice help expl)" = explain ] && [ "$(complete_words sluiced --on-failure o)" = open ] &&
	    [ "$(complete_words sluiced --queue-b)" = --queue-base ]
}

poll_begin()
{
	ip netns exec "$LAB_SUPERVISION" "$here/poller.py" --forbidden 10.20.0.11 8 0.01 "$work/stop" >"$work/polled" &
	poller=$!
	sleep 2
}

upgrades()
{
	local status
	rm -f "$work/stop"
	poll_begin
	system_run sh -c 'DEBIAN_FRONTEND=noninteractive dpkg -i /root/packages/sluice_[0-9]*.deb /root/packages/sluiced_[0-9]*.deb'
	status=$?
	sleep 3
	touch "$work/stop"
	wait "$poller"
	[ $status = 0 ] || return 1
	cat "$work/polled"
	system_run cmp /root/plant.conf /etc/sluice/sluice.conf && system_run systemctl is-active sluiced &&
	    ! system_run dpkg-query -W -f '${Version}\n' sluice sluiced | grep -x 0.0.1 &&
	    system_run sh -c 'ls -l "/proc/$(systemctl show -P MainPID sluiced)/exe"' | tee "$work/exe" &&
	    grep -q '/usr/sbin/sluiced$' "$work/exe"
}

polls_on()
{
	python3 - "$work/polled" <<-'END'
		import json, sys
		said = json.load(open(sys.argv[1]))
		print(said)
		# one request in flight for each of the eight connections, and what each tries until it is there again
		sys.exit(said["passed"] != 0 or said["requests"] < 1000 or said["lost"] > 80)
	END
}

# The write of 4711 to register 7 has not been seen by the server.
nothing_forbidden_arrived()
{
	[ -s "$work/arrived" ] && ! grep -i '0600071267$' "$work/arrived"
}

removes()
{
	system_run env DEBIAN_FRONTEND=noninteractive dpkg -r sluiced | tee "$work/removed" &&
	    grep -q 'nft delete table inet sluice' "$work/removed" &&
	    system_run nft list table inet sluice >/dev/null && ! system_run pgrep sluiced && ! reaches &&
	    system_run test -e /etc/sluice/sluice.conf
}

purges()
{
	local path
	system_run env DEBIAN_FRONTEND=noninteractive dpkg -P sluiced sluice || return
	for path in /etc/sluice /etc/logrotate.d/sluiced /var/lib/sluice /var/log/sluice /run/sluice /usr/sbin/sluiced \
	    /usr/bin/sluice /usr/share/doc/sluice; do
		! system_run test -e "$path" || { echo "$path is left"; return 1; }
	done
	system_run nft delete table inet sluice && reaches
}

check builds_twice builds
[ "$tap_failed" = 0 ] || tap_end
check two_builds_give_the_same_bytes same_bytes
check lintian_has_nothing_to_say clean_for_lintian
check packages_have_what_belongs_to_them contents
check bill_of_materials_names_what_is_linked bill_of_materials
check version_before version_before
ip netns exec "$LAB_PUMPS" "$server" "$work/arrived" 502 10.20.0.11 &
server_process=$! # it holds the test's output open
boots >"$work/boot" 2>&1 # not in a subshell of check: it says who is who
check boots sh -c 'cat "$1"; [ -n "$2" ]' - "$work/boot" "${system_init-}"
if [ -n "${system_init-}" ]; then
	check installs installs
	check installed_policy_permits_nothing permits_nothing
	check modes_of_what_is_installed modes
	check policy_in_force policy_in_force
	check inspectors_are_users_without_rights processes
	check events_are_rotated rotates
	check bash_completes completes
	check upgrades_while_a_client_polls upgrades
	note "$(cat "$work/polled")"
	check polling_goes_on polls_on
	check nothing_forbidden_arrived nothing_forbidden_arrived
	check removes_and_stays_closed removes
	check purges purges
fi
tap_end

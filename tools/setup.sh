# SPDX-License-Identifier: GPL-2.0-or-later
#
# Setup: what tools/try, tools/test and tools/bench have in common: Debian packages, the build, plain words
# when something is missing.  Sourced, not run.

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=tools/$(basename "$0")

packages_build="gcc libc6-dev meson ninja-build pkg-config libconfig-dev libjansson-dev nettle-dev libnftnl-dev
    libmnl-dev libpcap-dev libseccomp-dev libcap-ng-dev libsystemd-dev libcmocka-dev libmodbus-dev"
packages_lab="iproute2 procps nftables mbpoll"
packages_test="$packages_lab python3-pymodbus tshark tcpdump clang libclang-rt-14-dev llvm clang-format cppcheck mandoc"

die()
{
	echo "$program: $*" >&2
	exit 1
}

# A directory of our own in $work, removed at the end
make_work()
{
	work=$(mktemp -d) || die "cannot write to ${TMPDIR:-/tmp}"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM HUP
}

# Run a command; show its output only if it fails.
quietly()
{
	local log status
	log=$(mktemp "${work:-${TMPDIR:-/tmp}}/log.XXXXXX") || die "cannot write to ${TMPDIR:-/tmp}"
	"$@" >"$log" 2>&1
	status=$?
	[ $status = 0 ] || tail -n 40 "$log" >&2
	rm -f "$log"
	return $status
}

# The build belongs to whoever owns the source, also under sudo.
as_owner()
{
	local owner
	owner=$(stat -c %U "$source_root")
	if [ "$(id -u)" = 0 ] && [ "$owner" != root ] && id "$owner" >/dev/null 2>&1; then
		runuser -u "$owner" -- "$@"
	else
		"$@"
	fi
}

missing_packages()
{
	local package
	for package; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
	done
}

need_packages()
{
	local missing
	command -v dpkg-query >/dev/null || die "this script knows Debian's packages only; README.md says what is needed"
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	# shellcheck disable=SC2086
	set -- $missing
	[ "$(id -u)" = 0 ] || die "packages are missing, and only root may install them: $*"
	echo "Installing $*"
	export DEBIAN_FRONTEND=noninteractive
	quietly apt-get -q update || die "apt-get update failed: is this machine connected?"
	quietly apt-get -q install -y --no-install-recommends "$@" || die "apt-get could not install: $*"
}

need_root()
{
	[ "$(id -u)" = 0 ] || die "network namespaces need root: sudo $program"
}

need_namespaces()
{
	quietly unshare --net --mount true || die "this machine does not permit network namespaces"
}

# need_build DIRECTORY [MESON-OPTION...]
need_build()
{
	local directory=$1
	shift
	if [ ! -e "$directory/build.ninja" ]; then
		quietly as_owner meson setup "$@" "$directory" "$source_root" || die "meson setup failed"
	fi
	quietly as_owner ninja -C "$directory" || die "the build failed"
}

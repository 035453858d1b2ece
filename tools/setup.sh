# SPDX-License-Identifier: GPL-2.0-or-later
#
# Setup: what tools/try, tools/test and tools/bench have in common: Debian packages, the build, plain words
# when something is missing.  Sourced, not run.

# Debian's own programs first, whatever else a user has in front of them
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=tools/$(basename "$0")

packages_build="gcc libc6-dev meson ninja-build pkg-config libconfig-dev libjansson-dev nettle-dev libnftnl-dev
    libmnl-dev libpcap-dev zlib1g-dev libzstd-dev libseccomp-dev libcap-ng-dev libsystemd-dev libcmocka-dev
    libmodbus-dev clang libbpf-dev"
packages_lab="iproute2 procps nftables iptables conntrack ethtool util-linux patch python3 mbpoll"
packages_peers="python3-pymodbus python3-serial-asyncio"
packages_quick="$packages_peers clang-format mandoc systemd"
packages_package="debhelper lintian debootstrap"
packages_test="$packages_lab $packages_peers tshark tcpdump clang libclang-rt-14-dev llvm clang-format
    cppcheck mandoc fever systemd chromium"
# What is in the Debian tree that packages are tried in, beside what Debian always has: what they need, and who
# stands beside Sluice in its examples
packages_chroot="systemd systemd-sysv libbpf1 libconfig9 libjansson4 libnettle8 libnftnl11 libmnl0 libpcap0.8 zlib1g libzstd1 libseccomp2
    libcap-ng0 libsystemd0 iproute2 nftables procps logrotate bash-completion keepalived conntrackd"
# An emulated machine
packages_vm="qemu-system-x86 qemu-system-common busybox-static cpio kmod"
# For other processors: compilers, and what is in the trees that they compile against
packages_cross="debootstrap gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf qemu-user-static"
packages_sysroot="libc6-dev libconfig-dev libjansson-dev nettle-dev libnftnl-dev libmnl-dev libpcap-dev
    libseccomp-dev libcap-ng-dev libsystemd-dev zlib1g-dev libzstd-dev libcmocka-dev"
packages_node="g++ make python3"
node_modules="node-snap7@1.0.9 nodes7@0.3.18 modbus-serial@8.0.25 jsmodbus@5.0.0"

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

# npm as the owner of the source, with the packages in DIRECTORY
npm_in()
{
	local directory=$1 owner
	shift
	owner=$(stat -c %U "$source_root")
	as_owner env HOME="$(getent passwd "$owner" | cut -d: -f6)" npm --prefix "$directory" "$@"
}

node_has_modules()
{
	NODE_PATH=$1/node_modules node -e 'for (const name of process.argv.slice(1)) require(name.split("@")[0])' $node_modules 2>/dev/null
}

# The source of the packages, and Snap7 compiled from it.  Nothing of theirs runs in order to be installed.
install_node_modules()
{
	local directory=$1 prefix
	prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
	[ -e "$prefix/include/node/common.gypi" ] || prefix=
	as_owner mkdir -p "$directory" &&
	    npm_in "$directory" install --no-save --no-package-lock --ignore-scripts --omit=optional --prefer-offline \
	        --no-audit --no-fund --fetch-retries=1 $node_modules &&
	    npm_in "$directory" explore node-snap7 -- \
	        node-gyp rebuild ${prefix:+"--nodedir=$prefix"} --jobs=max &&
	    node_has_modules "$directory"
}

# want_node_modules DIRECTORY: sets NODE_PATH.  Without them, which a machine without a connection can't
# help, the tests that use them say so and are skipped.
want_node_modules()
{
	local directory=$1 packages=$packages_node
	command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
	if ! node_has_modules "$directory"; then
		# shellcheck disable=SC2086
		(need_packages $packages) || return
		echo "Building $node_modules"
		if ! quietly install_node_modules "$directory"; then
			echo "$program: without $node_modules: a real S7 peer is not tried"
			return
		fi
	fi
	export NODE_PATH=$directory/node_modules
}

# want_chroot DIRECTORY: sets SLUICE_CHROOT, a tree of Debian that packages are tried in.  Without it, which a
# machine without a connection can't help, the tests that use it say so and are skipped.
want_chroot()
{
	local directory=$1
	[ "$(id -u)" = 0 ] || return 0
	if [ ! -e "$directory/.complete" ]; then
		echo "Making a tree of Debian in ${directory##*/}"
		rm -rf "$directory"
		# shellcheck disable=SC2086
		if ! quietly debootstrap --variant=minbase --include="$(echo $packages_chroot | tr ' ' ,)" \
		    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$directory" ${SLUICE_MIRROR-}; then
			echo "$program: without a tree of Debian: no package is installed"
			return
		fi
		touch "$directory/.complete"
	fi
	export SLUICE_CHROOT=$directory
}

# want_sysroots DIRECTORY: sets SLUICE_SYSROOTS, trees of Debian for other processors.  Nothing of them runs.
want_sysroots()
{
	local directory=$1 architecture package
	[ "$(id -u)" = 0 ] || return 0
	for architecture in arm64 armhf; do
		[ -e "$directory/$architecture/.complete" ] && continue
		echo "Making a tree of Debian for $architecture in ${directory##*/}"
		rm -rf "${directory:?}/$architecture"
		# shellcheck disable=SC2086
		if ! quietly debootstrap --foreign --arch="$architecture" --variant=minbase \
		    --include="$(echo $packages_sysroot | tr ' ' ,)" "$(. /etc/os-release && echo "$VERSION_CODENAME")" \
		    "$directory/$architecture" ${SLUICE_MIRROR-}; then
			echo "$program: without a tree of Debian for $architecture: nothing is built for it"
			return
		fi
		for package in "$directory/$architecture"/var/cache/apt/archives/*.deb; do
			dpkg-deb --fsys-tarfile "$package" |
			    tar -x -C "$directory/$architecture" --keep-directory-symlink || return
		done
		touch "$directory/$architecture/.complete"
	done
	export SLUICE_SYSROOTS=$directory
}

# want_kernel DIRECTORY: sets SLUICE_KERNEL, where a kernel of Debian's is unpacked.  It is not installed: what this
# machine boots is its owner's business.
want_kernel()
{
	local directory=$1 package file
	if [ ! -e "$directory/.complete" ]; then
		package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
		echo "Unpacking ${package:-a kernel} in ${directory##*/}"
		rm -rf "$directory"
		mkdir -p "$directory"
		if ! (cd "$directory" && quietly apt-get -q download "$package" && file=$(echo ./*.deb) &&
		    dpkg-deb -x "$file" . && rm "$file" && depmod -b . "${package#linux-image-}"); then
			echo "$program: without a kernel of Debian's: only that of this machine is tried"
			return
		fi
		touch "$directory/.complete"
	fi
	export SLUICE_KERNEL=$directory
}

need_root()
{
	[ "$(id -u)" = 0 ] || die "network namespaces need root: sudo $program"
}

need_namespaces()
{
	quietly unshare --net --mount true || die "this machine does not permit network namespaces;" \
	    "in a chroot, / must be a mount point: mount --bind DIR DIR before chroot DIR"
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

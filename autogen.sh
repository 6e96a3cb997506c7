#!/bin/sh
# Makes a fresh checkout ready for make: installs the Debian packages that are missing, makes configure, runs it.
#
#   ./autogen.sh [--no-install] [configure options]
#
# --no-install or GREENLANE_NO_APT=1 leaves the packages alone. NOCONFIGURE=1 stops before configure.
set -eu

top=$(cd "$(dirname "$0")" && pwd)
install=yes
[ "${GREENLANE_NO_APT:-}" != 1 ] || install=no
if [ "${1:-}" = --no-install ]; then
    install=no
    shift
fi

say() {
    printf 'autogen: %s\n' "$*"
}

fail() {
    printf 'autogen: %s\n' "$*" >&2
    exit 1
}

missing_packages() {
    sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$top/packages.txt" | while read -r package; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
        [ "$status" = installed ] || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "root rights are needed for '$*': run it as root, or install sudo, or use --no-install"
    fi
}

install_packages() {
    missing=$(missing_packages)
    if [ -z "$missing" ]; then
        say "all packages of packages.txt are installed"
        return
    fi
    say "installing: $missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    # The list is meant to be split into words.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

if [ "$install" = no ]; then
    say "packages: left alone"
elif command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
    install_packages
else
    say "packages: no apt here; what is needed stands in packages.txt"
fi

say "making configure (autoreconf)"
cd "$top"
mkdir -p m4 build-aux
autoreconf -fi -Wall || fail "autoreconf failed; are autoconf, automake, libtool and pkg-config installed?"

if [ "${NOCONFIGURE:-}" = 1 ]; then
    say "done; run ./configure, then make"
    exit 0
fi
say "configuring: ./configure $*"
./configure "$@"
say "ready: make, make check, make demo"

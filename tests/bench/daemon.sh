#!/usr/bin/env bash
# The daemon end to end, for `make bench`: clients over HTTPS with client certificates, each declaration in the ledger and its receipt
# signed before it is answered, each signed and sent on to a folder meanwhile. Prints JSON lines: declarations a second for each
# destination, then the daemon's memory and the time until all is sent.
#
#   daemon.sh [DECLARATIONS]     10000 in all, by 32 clients, if not said otherwise
#
# The clients run on the same processors and take their share of them: what is printed is less than the daemon can do.
set -u
count=${1:-10000}
clients=$((count < 32 ? count : 32))
[ -n "${TMPDIR:-}" ] || TMPDIR=/tmp
TMPDIR=$(mktemp -d "$TMPDIR/gln-daemon-XXXXXX") || exit 3
export TMPDIR
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
# shellcheck disable=SC2317  # called by trap
finish() {
    stop_all
    rm -rf "$TMPDIR"
}
trap finish EXIT

folder_settings() { # ENDPOINT...
    mkdir -p "$here/sent" "$here/answers"
    for endpoint in "$@"; do
        [ "$endpoint" = answers ] && to=$here/answers || to=$here/sent
        echo "  <setting name=\"endpoint.$endpoint.carrier\" value=\"folder\"/>"
        echo "  <setting name=\"endpoint.$endpoint.url\" value=\"$to\"/>"
    done
}
# to_folder NAME ENDPOINT...: what an identity would send to an address goes to a folder
to_folder() {
    folder_settings "${@:2}" >settings.part
    sed -i -e '/name="endpoint\./d' -e '/<identity /r settings.part' -e 's/last="999"/last="9999999"/' "identity-$1.xml"
    add_identity "$1"
}
die() {
    printf 'daemon.sh: %s\n' "$*" >&2
    exit 1
}

pki
settings listen 127.0.0.1:0 tls-cert "$here/pki/server.pem" tls-key "$here/pki/server.key" client-ca "$here/pki/ca.pem"
us_identity_file alfa ZZZ TEST unused
mx_identity_file uno AAFI800101QZ6 TEST unused
to_folder alfa submit answers
to_folder uno recibir consultar
{
    greenlane submitters add alfa pki/client-alfa.pem && greenlane bindings add alfa alfa --document invented &&
        greenlane bindings add alfa uno --document invented
} >setup.log 2>&1 || die "$(tail -n 2 setup.log)"
greenlaned --config greenlane.xml >daemon.out 2>&1 &
daemon_pid=$!
started "$daemon_pid" "$here/daemon.out" '127\.0\.0\.1:[0-9]+' greenlaned
daemon=https://localhost:$(sed -nE 's/.*127\.0\.0\.1:([0-9]+).*/\1/p' daemon.out | head -n 1)

# load ROAD COUNT
load() {
    "$GREENLANE_BUILDDIR/tests/bench/bench" --load "$daemon" pki/ca.pem pki/client-alfa.pem pki/client-alfa.key "$1" 5k \
        "$clients" "$2" 1 "daemon $1 5k" || die "$1: $(tail -n 2 daemon.out)"
}
memory() {
    awk -v field="$1:" '$1 == field { printf "%.1f", $2 / 1024 }' "/proc/$daemon_pid/status"
}
load mx-vucem/cove $((count / 2))
load us-ace/cargo-release $((count - count / 2))
printf '{"name":"daemon memory with %d declarations","mb":%s,"peak_mb":%s}\n' "$count" "$(memory VmRSS)" "$(memory VmHWM)"

# all of it is signed and sent in the end
begun=$SECONDS
until [ "$(find sent -name '*.msg' | wc -l)" -ge "$count" ]; do
    kill -0 "$daemon_pid" || die 'the daemon ended'
    [ $((SECONDS - begun)) -lt 600 ] || die "$(find sent -name '*.msg' | wc -l) of $count were sent"
    sleep 0.2
done
printf '{"name":"daemon sends the rest of %d","s":%d,"mb":%s}\n' "$count" $((SECONDS - begun)) "$(memory VmRSS)"

#!/usr/bin/env bash
# The benchmark of the daemon, with few declarations: all get their receipts and all are sent.
# slow
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

exits 0 'forty declarations by 32 clients' "$GREENLANE_SRCDIR/tests/bench/daemon.sh" 40
printf '%s\n' "$out" >lines.json
is 'both loads were answered' "$(jq 'select(.declarations == 20) | .failed' lines.json | tr '\n' ' ')" '0 0 '
is 'memory is told' "$(jq 'select(.name == "daemon memory with 40 declarations") | .mb > 0' lines.json)" true
done_testing

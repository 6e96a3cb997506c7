#!/usr/bin/env bash
# greenlaned: what it says of itself, who is let in, reload, stop, and what becomes of filings when the other side or the daemon itself
# fails between request and answer.
# slow
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
"$GREENLANE_SRCDIR/certs/make-pki.sh" "$here/strange" --client alfa >"$here/strange.log" 2>&1
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text stop-grace 5s idle-timeout 3s
us_identity alfa
mx_identity uno
for identity in alfa uno; do
    greenlane submitters add alfa pki/client-alfa.pem >>"$here/add.log" 2>&1
    greenlane bindings add alfa "$identity" >>"$here/add.log"
done
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml
CONTROL=$control python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/daemon.py"
exit

#!/usr/bin/env bash
# Two submitters at one gateway: neither sees, names or lets go what is not his, and a key he used once stands for what he asked then.
# timeout: 200
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text
us_identity alfa
mx_identity uno
for name in alfa beta; do
    greenlane submitters add "$name" "pki/client-$name.pem" >>"$here/add.log" 2>&1
    for identity in alfa uno; do
        greenlane bindings add "$name" "$identity" >>"$here/add.log"
    done
done
declaration us.xml us-truck-entry.xml
CONTROL=$control python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/submitters.py"
exit

#!/usr/bin/env bash
# What is not a declaration, and what is not a good one, over the command and over HTTPS: one clear answer each, and the next good one is
# served. Then trouble of the place: ledger, port, disk, keys.
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://localhost:1 vucem=https://localhost:1
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text max-size 2MiB
us_identity alfa
mx_identity_file uno AAFI800101QZ6
mx_identity_file vencida AAFI800101QZ6
greenlane submitters add alfa pki/client-alfa.pem >/dev/null
greenlane bindings add alfa alfa >/dev/null
declaration good.xml us-truck-entry.xml
exec python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/bad_input.py"

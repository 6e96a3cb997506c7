#!/usr/bin/env bash
# Who goes next: a destination that does not answer leaves threads to the other; a standard filing is not passed for longer than the floor;
# an operator whose status changes while his filing waits does not go first; a submitter who is not bound to the importer waits for a person.
# slow
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text stop-grace 0s operators operators.xml
echo '<operators xmlns="urn:greenlane:operators:1"/>' >operators.xml
us_identity alfa
mx_identity uno
for submitter in alfa beta; do
    greenlane submitters add "$submitter" "pki/client-$submitter.pem" >>"$here/add.log" 2>&1
    greenlane bindings add "$submitter" alfa >>"$here/add.log"
done
greenlane bindings add alfa uno >>"$here/add.log"
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml
CONTROL=$control python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/lanes.py"
exit

#!/usr/bin/env bash
# The two example programs for embedders, run on real declarations: checking in a process of one's own, and the host that signs
# and sends by itself.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
PATH=$GREENLANE_BUILDDIR/examples:$PATH
unset GREENLANE_CONFIG
declarations=$GREENLANE_SRCDIR/examples/declarations

exits 0 'embed-check: a good declaration' embed-check "$declarations/us-truck-entry.xml" us-ace
is 'nothing but its count' "$out$err" '0 error(s)'
exits 1 'a bad one' embed-check "$declarations/error-counts.xml"
matches 'line, column, severity, text, rule and pointer' "$out" $'(^|\n)[0-9]+:[0-9]+ error [^\n]+ \[[A-Z]+-[A-Z0-9-]+\] 42A'
is 'the same findings as the command has' "$(grep -c ' error ' <<<"$out")" \
    "$(greenlane check --json "$declarations/error-counts.xml" | jq '[.. | objects | select(.severity? == "error")] | length')"
exits 1 'what is no declaration' embed-check "$GREENLANE_SRCDIR/README.md"
is 'one line' "$(wc -l <<<"$err")" 1
exits 2 'no such file' embed-check nowhere.xml
exits 2 'no argument' embed-check

pki
settings
export GREENLANE_CONFIG=$here/greenlane.xml
us_identity_file alfa ZZZ TEST https://customs.invalid
add_identity alfa
mx_identity_file uno AAFI800101QZ6 TEST https://customs.invalid
sed -i -e 's/custody="held"/custody="remote"/' -e '/<key /d' identity-uno.xml
add_identity uno
unset GREENLANE_CONFIG
mkdir out

# Whoever holds the key signs: called as COMMAND DIGEST BYTES SIGNATURE.
cat >sign <<END
#!/bin/sh
exec openssl dgst "-\$1" -sign "$here/pki/efirma-uno.key" -keyform DER -passin "file:$here/pki/efirma-uno.password" -out "\$3" "\$2"
END
chmod +x sign

exits 0 'embed-submit: told what to send' embed-submit ledger.db us-ace "$declarations/us-truck-entry.xml" out
matches 'a receipt, then the sending' "$out" 'sent filing 1, [0-9]+ bytes, to https://customs.invalid/ace/inbound'
is 'what was sent is a batch of 80 columns' "$(tr -d '\r' <out/sent-1 | awk 'length($0) != 80' | wc -l)" 0
is 'that begins with its A record, password in' "$(head -c 14 out/sent-1)" 'A2304ZZZABISEC'
export GREENLANE_CONFIG=$here/greenlane.xml
us=$(greenlane list --json | jq -r '.declarations[0].id')
is 'and the ledger says it was sent' "$(status_of "$us" '.filings[0].state')" sent
unset GREENLANE_CONFIG

exits 0 'embed-submit: told what to sign' embed-submit ledger.db mx-vucem "$declarations/mx-import-cove.xml" out "$here/sign"
has 'it was signed' "$out" 'for uno'
has 'and sent' "$out" "sent filing 2"
field() {
    xmllint --xpath "string((//*[local-name()='$1'])[1])" out/sent-2
}
field firma | openssl base64 -d -A >firma
openssl x509 -in pki/efirma-uno.pem -pubkey -noout >public.pem
ok 'the signature of the host is in the message' openssl dgst -sha256 -verify public.pem -signature firma out/to-sign

sed -i 's/efirma-uno/efirma-dos/g' sign
sed 's/GLMX-2026-000201/GLMX-2026-000299/' "$declarations/mx-import-cove.xml" >again.xml
exits 3 'a signature by another key is refused' embed-submit ledger.db mx-vucem again.xml out "$here/sign"
matches 'with a reason' "$err" 'key or certificate'
is 'and nothing was sent' "$(find out -name 'sent-*' | wc -l)" 2
done_testing

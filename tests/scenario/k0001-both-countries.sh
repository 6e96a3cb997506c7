#!/usr/bin/env bash
# A declaration through every stage, to both countries: kept, signed, sent, answered, and each part of it proved.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings
us_identity alfa
mx_identity uno
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml

exits 0 'a cargo release is filed and answered' greenlane submit us.xml --to us-ace --wait=30
has 'CBP accepted it' "$out" 'accepted: TRANSACTION ACCEPTED'
us=$(id_in "$out")
exits 0 'a COVE is filed and answered' greenlane submit mx.xml --to mx-vucem --wait=30
has 'VUCEM gave it an eDocument' "$out" '[COVE26'
mx=$(id_in "$out")

is 'the entry number was drawn, with its check digit' "$(status_of "$us" '.filings[0].number')" ZZZ00000011
is 'ACE holds that entry' "$(state '.ace.entries[0].number')" ZZZ00000011
is 'VUCEM got one COVE' "$(state .vucem.coves)" 1
is 'the COVE is closed' "$(status_of "$mx" '.filings[0].state')" closed
is 'the entry stays open for more' "$(status_of "$us" '.filings[0].state')" answered

greenlane show "$us" original --output original.xml
ok 'the original is kept byte for byte' cmp us.xml original.xml
for id in "$us" "$mx"; do
    greenlane show "$id" evidence --output e.p7s
    greenlane show "$id" evidence-content --output e.bin
    ok 'openssl accepts the evidence' openssl cms -verify -binary -inform DER -in e.p7s -content e.bin -noverify -out /dev/null
    greenlane show "$id" answer --output answer.xml
    is 'the answer is a WCO Response' "$(xmllint --xpath 'local-name(/*/*[last()])' answer.xml)" Response
    ok 'it keeps its schema' xmllint --noout --schema "$GREENLANE_DATADIR/schemas/wco/answer.xsd" answer.xml
    is 'and names the sender'"'"'s own reference' \
        "$(xmllint --xpath 'string(//*[local-name()="Response"]/*[local-name()="Declaration"]/*[local-name()="FunctionalReferenceID"])' answer.xml)" \
        "$(status_of "$id" .lrn)"
done

greenlane show "$mx" signed --output signed.xml
of() {
    xmllint --xpath "string((//*[local-name()='$1'])[1])" signed.xml
}
of cadenaOriginal | tr -d '\n' >cadena
of firma | openssl base64 -d -A >firma
openssl x509 -in pki/efirma-uno.pem -pubkey -noout >public.pem
ok 'the e.firma is good over the cadena' openssl dgst -sha256 -verify public.pem -signature firma cadena

exits 0 'explain says the lane' greenlane explain "$us"
has 'in English' "$out" 'standard lane'
exits 0 'and in Spanish' greenlane explain "$us" --lang es
has 'carril' "$out" 'carril normal'

exits 0 'the ledger is whole' greenlane ledger verify
greenlane show "$us" receipt --output receipt.json
exits 0 'the receipt holds' greenlane ledger verify receipt.json
for secret in "$abi_password" "$ws_password"; do
    is 'no secret in the ledger' "$(grep -lF -- "$secret" ledger.db* | wc -l)" 0
done
done_testing

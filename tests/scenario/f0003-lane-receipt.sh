#!/usr/bin/env bash
# An expedited declaration: why, by what it was known then and is known now, and its signed lane receipt, checked without the ledger.
# timeout: 300
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://localhost:1 vucem=https://localhost:1
cp "$GREENLANE_SRCDIR/examples/operators.xml" operators.xml
chmod u+w operators.xml
settings clock 2026-07-23T18:00:00Z operators "$here/operators.xml"
us_identity alfa
declaration fast.xml us-truck-entry.xml 's/Placeholder Motors Inc/Orion Imports, Inc./' 's/00-1234567/12-3456789/'
declaration plain.xml us-truck-entry.xml 's/GL0000101/GL0000102/'

exits 0 'a certified importer' greenlane submit fast.xml --to us-ace
id=$(id_in "$out")
exits 0 'explain says why' greenlane explain "$id"
has 'the lane' "$out" 'expedited lane'
has 'the reason' "$out" '* P01: the importer is certified'
has 'until when its certificate counts' "$out" 'counts until 2026-08-01'
has 'what may be said outbound' "$out" 'IOR EI 123456789'
has 'and what reaches customs' "$out" 'carries the importer number and the carrier'
exits 0 'in Spanish too' greenlane explain "$id" --lang es
has 'what reaches customs' "$out" 'Lo que llega a CBP'
exits 0 'by what was known then' greenlane explain "$id" --known=then
has 'it is the same' "$out" 'the same answer: EXPEDITED, P01'
exits 2 'only then and now' greenlane explain "$id" --known soon

exits 0 'its lane receipt' greenlane show "$id" lane-receipt --output lane.json
exits 0 'its receipt' greenlane show "$id" receipt --output receipt.json
is 'whose certificate it is' "$(jq -r '.lane.basis[0] | "\(.operator) \(.programme)/\(.class) \(.list_date)"' lane.json)" 'O-1 US-CTPAT/T2 2026-07-01'
is 'from which batch, of which bytes' "$(jq -r '.lane.basis[0] | "\(.source) \(.batch > 0) \(.sha256) \(.attested_by)"' lane.json)" "operators-file true $(sha256sum <operators.xml | cut -d' ' -f1) null"
is 'of which bytes' "$(jq -r .sha256 lane.json)" "$(sha256sum <fast.xml | cut -d' ' -f1)"
jq -r .certificate receipt.json | base64 -d >gateway.der
jq . lane.json >pretty.json
sed 's/"T2"/"T3"/' lane.json >altered.json
sed 's/"valid_until":"2026/"valid_until":"2036/' lane.json >longer.json
exits 0 'good by the certificate of the gateway' greenlane verify receipt pretty.json --anchor gateway.der
has 'said in words' "$out" "($(jq -r .lane.primary lane.json)), checked 2026-07-23T18:00:00.000Z, valid until 2026-08-01: signature good"
exits 0 'the receipt of the declaration too, in Spanish' greenlane verify receipt receipt.json --anchor gateway.der --lang es
has 'said in words' "$out" 'firma válida'
exits 1 'another class' greenlane verify receipt altered.json --anchor gateway.der
has 'is not what was signed' "$out" "the receipt's signature is wrong"
exits 1 'a longer time neither' greenlane verify receipt longer.json --anchor gateway.der
exits 1 'another anchor' greenlane verify receipt lane.json --anchor pki/ca.pem
has 'is told' "$out" 'not signed by the certificate given'
lacks 'and nothing is called good' "$out" 'signature good'
settings clock 2026-08-02T11:59:59Z operators "$here/operators.xml"
exits 0 'on the last day, in the last of the zones' greenlane verify receipt lane.json --anchor gateway.der
settings clock 2026-08-02T12:00:00Z operators "$here/operators.xml"
exits 1 'after it' greenlane verify receipt lane.json --anchor gateway.der
has 'the signature is good' "$out" 'signature good'
has 'and says nothing about today' "$out" 'its validity has passed: it says what counted until 2026-08-01'
exits 1 'in Spanish' greenlane verify receipt lane.json --anchor gateway.der --lang es
has 'the same' "$out" 'su vigencia ya pasó'
exits 0 'a receipt of a declaration has no such day' greenlane verify receipt receipt.json --anchor gateway.der
exits 0 'the ledger proves what was' greenlane ledger verify lane.json
settings clock 2026-07-23T18:00:00Z operators "$here/operators.xml"
exits 1 'no receipt at all' greenlane verify receipt fast.xml --anchor gateway.der
exits 2 'no anchor' greenlane verify receipt lane.json
exits 0 'the ledger knows it as well' greenlane ledger verify lane.json

exits 0 'an importer nobody knows' greenlane submit plain.xml --to us-ace
exits 1 'has no lane receipt' greenlane show "$(id_in "$out")" lane-receipt

# a day later it is known that he was suspended all the time
sed -i '0,/<status value="CERTIFIED" from="2024-01-01"\/>/s//&<status value="SUSPENDED" from="2026-07-20"\/>/' operators.xml
settings clock 2026-07-24T18:00:00Z operators "$here/operators.xml"
exits 0 'by what is known now' greenlane explain "$id" --known now
has 'it was granted wrongly' "$out" 'GRANTED WRONGLY: it would be STANDARD (C03); the expedited lane was given for P01'
has 'and why' "$out" 'C03: the certificate is suspended'
exits 0 'by what was known then' greenlane explain "$id" --known=then
has 'it was not' "$out" 'the same answer: EXPEDITED, P01'
exits 0 'as JSON' greenlane explain "$id" --known now --json
is 'both decisions' "$(jq -r '"\(.kept.primary) \(.decision.primary)"' <<<"$out")" 'P01 C03'
# it waits still; the register says otherwise again, and the decision anew has a receipt of its own
sed -i 's/<status value="SUSPENDED" from="2026-07-20"\/>/<status value="CERTIFIED" from="2024-01-01"\/>/' operators.xml
settings clock 2026-07-25T18:00:00Z operators "$here/operators.xml"
exits 0 'a person revokes' greenlane operators revoke O-1 --programme US-CTPAT --effective 2026-07-25 --by Ana --note 'letter of today'
exits 0 'it goes to the standard lane' greenlane explain "$id" --json
is 'decided anew before it leaves' "$(jq -r '"\(.lane) \(.recalled[0].decision.primary)"' <<<"$out")" 'standard C04'
exits 0 'in words' greenlane explain "$id"
has 'a revoked certificate counts until no day' "$out" ', from operators-file. C04'
settings clock 2026-07-26T18:00:00Z operators "$here/operators.xml"
exits 0 'and reinstates' greenlane operators reinstate O-1 --programme US-CTPAT --effective 2026-07-26 --by Ana --note 'it was another'
exits 0 'explain as JSON' greenlane explain "$id" --json
is 'the first decision and the newest' "$(jq -r '"\(.decision.primary) \(.recalled[0].decision.primary) \(.lane)"' <<<"$out")" 'P01 P01 expedited'
exits 0 'a receipt of the newest' greenlane show "$id" lane-receipt --output newest.json
is 'checked then' "$(jq -r .lane.checked newest.json) $(jq -r .sha256 newest.json)" "2026-07-26T18:00:00.000Z $(jq -r .sha256 lane.json)"
exits 0 'and signed' greenlane verify receipt newest.json --anchor gateway.der

# what stands on an attestation says who attested it, and by which bytes; a list that says it again unchanged is the newest that said it
rm -f ledger.db* operators.xml
settings clock 2026-07-02T15:00:00Z
us_identity alfa
echo 'a page of the portal, invented' >page.html
exits 0 'a person attests' greenlane operators attest EI:00-1234567 --programme US-CTPAT --class T2 --seen 2026-07-01 --evidence page.html --name 'Placeholder Motors Inc' --by 'Ana Inventada'
exits 0 'a declaration' greenlane submit plain.xml --to us-ace
id=$(id_in "$out")
exits 0 'its lane receipt' greenlane show "$id" lane-receipt --output attested.json
is 'names her and the evidence' "$(jq -r '.lane.basis[0] | "\(.source) \(.attested_by) \(.sha256)"' attested.json)" "attestation Ana Inventada $(sha256sum <page.html | cut -d' ' -f1)"
exits 0 'explain' greenlane explain "$id"
has 'does too' "$out" ', from attestation, attested by Ana Inventada; counts until'
has 'with the evidence' "$out" "evidence: SHA-256 $(sha256sum <page.html | cut -d' ' -f1)"
exits 0 'in Spanish' greenlane explain "$id" --lang es
has 'too' "$out" 'lo atestigua Ana Inventada'
rm -f ledger.db*
us_identity alfa
printf '%s\n' EI,name,programme,class,status,effective '00-1234567,Placeholder Motors Inc,US-CTPAT,T2,CERTIFIED,2024-01-01' >one.csv
(cat one.csv && echo '11-1111111,Luna Inc,US-CTPAT,T2,CERTIFIED,2024-01-01') >two.csv
exits 0 'a list' greenlane operators import one.csv --source cbp --as-of 2026-06-30
exits 0 'a newer one' greenlane operators import two.csv --source cbp --as-of 2026-07-01
exits 0 'a declaration' greenlane submit plain.xml --to us-ace
exits 0 'its lane receipt' greenlane show "$(id_in "$out")" lane-receipt --output listed.json
is 'names the newest list' "$(jq -r '.lane.basis[0] | "\(.source) \(.list_date) \(.batch) \(.sha256) \(.attested_by)"' listed.json)" "cbp 2026-07-01 2 $(sha256sum <two.csv | cut -d' ' -f1) null"
done_testing

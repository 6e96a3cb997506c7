#!/usr/bin/env bash
# Lists of what the ledger holds, and settings that change what is believed: keys, signatures of senders, a customer's own schemas.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
settings log-level error
us_identity alfa ZZZ TEST https://customs.invalid
mx_identity uno AAFI800101QZ6 TEST https://customs.invalid

# ---- lists ----
exits 0 'identities' greenlane identities list
matches 'a line each, with principal and destination' "$out" $'alfa +TEST +us-ace +ZZZ .*\n.*uno +TEST +mx-vucem'
lacks 'and no secret' "$out" "$ws_password"
exits 0 'as JSON' greenlane identities list --json
is 'the same' "$(jq -c '[.identities[] | [.name, .destination, .environment, .principal]]' <<<"$out")" \
    '[["alfa","us-ace","TEST","ZZZ"],["uno","mx-vucem","TEST","AAFI800101QZ6"]]'
exits 0 'a submitter' greenlane submitters add beta "$here/pki/client-beta.pem"
exits 0 'bound' greenlane bindings add beta alfa --until 2030-01-01 --document 'POA 7'
exits 0 'submitters' greenlane submitters list
matches 'with the certificate that is his' "$out" 'beta +[0-9a-f]'
exits 0 'bindings' greenlane bindings list --json
is 'who, which, until when, on what' "$(jq -c '.bindings[0] | [.submitter, .identity, .until[:10], .document]' <<<"$out")" '["beta","alfa","2030-01-01","POA 7"]'
exits 1 'a binding to nobody' greenlane bindings add beta nobody
exits 0 'destinations' greenlane destinations --lang es
has 'with their messages' "$out" 'us-ace/cargo-release'
exits 0 'certificates' greenlane certs
matches 'each with its end' "$out" 'uno .*valid [0-9-]+ to [0-9-]+'
exits 0 'an identity is taken out' greenlane identities remove alfa
exits 1 'and cannot be tried' greenlane identities test alfa
exits 0 'the rest stays' greenlane identities list
lacks 'without it' "$out" 'alfa'

# ---- a signature wants an identity: the one that fits, or none ----
examples=$GREENLANE_SRCDIR/examples/declarations
exits 0 'signed by the only identity that fits' greenlane transform "$examples/mx-import-cove.xml" --to mx-vucem/cove --signed
has 'with its certificate' "$out" 'certificado>'
exits 1 'where none fits' greenlane transform "$examples/us-truck-entry.xml" --to us-ace/cargo-release --signed
has 'it is said' "$err" 'no identity in TEST for us-ace'
exits 2 'without a ledger there is none' greenlane transform "$examples/mx-import-cove.xml" --to mx-vucem/cove --signed --ledger lost.db
has 'so it is asked for' "$err" 'greenlane transform: --identity is missing'
exits 1 'nor one of that name' greenlane transform "$examples/mx-import-cove.xml" --to mx-vucem/cove --identity uno --ledger lost.db
has 'the ledger is missing, which is said' "$err" "there is no ledger at 'lost.db'"
is 'and none was made' "$(find . -name 'lost*' | wc -l)" 0

# ---- all of it ----
exits 0 'every row of the ledger' greenlane ledger export --output rows.jsonl
is 'one JSON line each, links in order' "$(jq -c 'select(.table) | .link' rows.jsonl | awk '$1 != NR' | wc -l)" 0
ok 'and the signed heads' grep -q '"head"' rows.jsonl

# ---- the key that seals secrets ----
cp ledger.db other.db
exits 3 'without its key a ledger does not open' greenlane identities test uno --set ledger=other.db --set key-file=nowhere.key
has 'which is told with the file' "$err" 'nowhere.key'
head -c 32 /dev/zero >zero.key && chmod 600 zero.key
exits 3 'nor with another' greenlane identities test uno --set ledger=other.db --set key-file=zero.key
is 'one line' "$(wc -l <<<"$err")" 1

# ---- a sender's own signature ----
sign() { # FILE: signed by the key of beta
    xmlsec1 --sign --privkey-pem "$here/pki/client-beta.key,$here/pki/client-beta.pem" --output "$1.signed" "$1" >sign.log 2>&1
}
template='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>'
declaration us.xml us-truck-entry.xml "s~</md:MetaData>~$template&~"
ok 'a declaration is signed by its sender' sign us.xml
exits 1 'a signature nobody vouches for is refused' greenlane check us.xml.signed
has 'with what to set' "$err$out" 'signature-trust'
cp pki/ca.pem trust.pem
exits 0 'with the authority of the sender it is good' greenlane check us.xml.signed --set "signature-trust=$here/trust.pem"
sed 's#Wiring harnesses#Wiring looms#' us.xml.signed >changed.xml
exits 1 'a byte changed after signing' greenlane check changed.xml --set "signature-trust=$here/trust.pem"
matches 'is what is wrong' "$err$out" '[Ss]ignature'
# the signed part moved aside, another in its place
sed -e 's#<Reference URI="">#<Reference URI="\#a">#' us.xml.signed >wrapped.xml
exits 1 'a signature over a part only' greenlane check wrapped.xml --set "signature-trust=$here/trust.pem"

# ---- a rule set beside the others, and Mexico's own keys of countries ----
uk=(--set "rules=$GREENLANE_DATADIR/schemas/wco/rules/uk.sch" --set clock=2026-07-24T12:00:00Z)
exits 0 'a declaration that keeps the rules of uk' greenlane check "$GREENLANE_SRCDIR/tests/schemas/uk/base.xml" "${uk[@]}"
has 'is good' "$out" 'good'
sed 's~<MethodCode>E</MethodCode>~&<PaymentAmount currencyID="EUR">5</PaymentAmount>~' "$GREENLANE_SRCDIR/tests/schemas/uk/base.xml" >euro.xml
exits 1 'one that does not' greenlane check euro.xml "${uk[@]}"
has 'is told by the rule' "$out" 'GLN-UK-044'
exits 0 'without the option it is not asked' greenlane check euro.xml --set clock=2026-07-24T12:00:00Z
exits 2 'a rule set that is not there' greenlane check euro.xml --set rules=nowhere.sch
has 'is told with its name' "$err" 'nowhere.sch'
declaration mx.xml mx-import-cove.xml 's~<CountryCode>US~<CountryCode>NL~'
exits 0 'a supplier of the Netherlands' greenlane transform mx.xml --to mx-vucem/cove
has 'has the key of Annex 22, which is not the one of ISO' "$out" '<oxml:pais>ZYA</oxml:pais>'

# ---- a customer's own schemas ----
cp -r "$GREENLANE_DATADIR/schemas/wco" official && chmod -R u+w official
declaration plain.xml us-truck-entry.xml
exits 0 'with the same schemas somewhere else all is well' greenlane check --schema-only plain.xml --set "wco-schema-dir=$here/official"
sed -i 's#name="FunctionalReferenceID"#name="FunctionalReferenceIDX"#' official/dec-pivot.xsd
exits 1 'with others, others count' greenlane check --schema-only plain.xml --set "wco-schema-dir=$here/official"
exits 2 'with none, it is told' greenlane check --schema-only plain.xml --set "wco-schema-dir=$here/nowhere"
has 'with the file that is missing' "$err" 'nowhere/pivot.xsd'
if [ -n "${GREENLANE_CORPUS:-}" ]; then
    mkdir licensed
    cp -r "$GREENLANE_CORPUS/wco/xsd/." licensed/ && chmod -R u+w licensed
    cp licensed/customs/wrapper_submit.xsd licensed/customs/wco-2.15.xsd
    exits 0 'a set as an authority publishes it' greenlane check --schema-only --set extended-pivot=off \
        --set "wco-schema-dir=$here/licensed/customs" "$GREENLANE_CORPUS/wco/declaration/TT_IM002a-0f072237.xml"
    exits 1 'judges by itself' greenlane check --schema-only --set extended-pivot=off \
        --set "wco-schema-dir=$here/licensed/customs" "$GREENLANE_CORPUS/wco/declaration/TT_IM11a_v1.4-afff23da.xml"
else
    skip 'a set as an authority publishes it' 'GREENLANE_CORPUS is not set'
fi
done_testing

#!/usr/bin/env bash
# Signed declarations: the signer, not whoever brings it, is the one whose power to act counts; over HTTPS and by the command. Forged, expired,
# revoked and wrapped signatures, and somebody else's.
# slow
# timeout: 600
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

# vendor and broker have connections; broker, rival and stranger sign. Nobody entered what stranger signs with.
pki --client vendor --client broker --client third --client firma --client rival --client stranger --client late
"$GREENLANE_SRCDIR/certs/make-pki.sh" strange --client firma >strange.log 2>&1
ace=https://127.0.0.1:9
us_settings() {
    settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text \
        authorities "$here/pki/ca.pem" signature-trust "$here/pki/ca.pem" clock 2026-07-02T15:00:00Z "$@"
}
us_settings
us_identity alfa
template='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>'
fresh() { # a new declaration: its file
    local n
    n=$(find . -name 'd*.xml' | wc -l)
    declaration "d$n.xml" us-truck-entry.xml "s~GL0000101~GL$((2000000 + n))~" "$@"
    echo "d$n.xml"
}
signed() { # WITH: a new declaration signed with that key: its file
    local file
    file=$(fresh "s~</md:MetaData>~$template&~")
    xmlsec1 --sign --privkey-pem "${2:-pki}/client-$1.key,${2:-pki}/client-$1.pem" --output "$file.signed" "$file" >>sign.log 2>&1
    echo "$file.signed"
}
for who in vendor broker third; do greenlane submitters add "$who" "pki/client-$who.pem" >>add.log 2>&1; done
exits 0 'a submitter who has no connection' greenlane submitters add rival
exits 0 'the broker may use the identity' greenlane bindings add broker alfa
exits 0 'what this certificate signs is the broker'\''s' greenlane signers add broker pki/client-firma.pem
exits 0 'that one signs for the rival' greenlane signers add rival pki/client-rival.pem
exits 1 'a certificate is one submitter'\''s at a time' greenlane signers add vendor pki/client-firma.pem
has 'which is told' "$err" 'signs for a submitter already'
exits 1 'and of one that is there' greenlane signers add nobody pki/client-stranger.pem
exits 0 'signers' greenlane signers list
matches 'with name and certificate' "$out" 'broker +[0-9a-f]{64} +[0-9-]+ +.*firma'

start() {
    "$GREENLANE_BUILDDIR/greenlaned" >daemon.out 2>daemon.log &
    daemon_pid=$!
    started "$daemon_pid" daemon.log 'is ready' 'the daemon'
    port=$(sed -nE 's/.* is ready on 127\.0\.0\.1:([0-9]+).*/\1/p' daemon.log)
}
stop() {
    kill "$daemon_pid" && wait "$daemon_pid" 2>/dev/null
    daemon_pid=
}
# as NAME ARGUMENT...: what the daemon answers to this connection, and its status in the last line
as() {
    curl -sS --cacert pki/ca.pem --cert "pki/client-$1.pem" --key "pki/client-$1.key" --connect-to "localhost:443:127.0.0.1:$port" \
        -w '\n%{http_code}\n' "${@:2}" 2>&1
}
brings() { # NAME FILE
    as "$1" --data-binary "@$2" -H 'Content-Type: application/xml' "https://localhost/v1/declarations?to=us-ace"
}
kept() {
    sqlite3 ledger.db 'SELECT count(*) FROM declarations'
}
# refused WHAT STATUS TEXT NAME FILE: the daemon refuses it, in one line, and keeps nothing
refused() {
    local before said
    before=$(kept)
    said=$(brings "$4" "$5")
    is "refused: $1" "$(tail -n 1 <<<"$said")" "$2"
    has "and why: $1" "$(jq -r '.detail, (.findings // [] | .[].text)' <<<"${said%$'\n'*}" 2>&1)" "$3"
    is "nothing is kept: $1" "$(kept)" "$before"
}
start

# ---- his own signature on his own connection ----
mine=$(signed firma)
said=$(brings broker "$mine")
is 'the broker brings what he signed' "$(tail -n 1 <<<"$said")" 201
id=$(id_in "$said")
is 'it is told who brought and who signed it' "$(status_of "$id" '[.submitter, .signer] | join(" ")')" 'broker broker'
is 'and with which certificate' "$(status_of "$id" .signer_fingerprint)" "$(openssl x509 -in pki/client-firma.pem -outform DER | sha256sum | cut -d' ' -f1)"

# ---- on another's connection ----
carried=$(signed firma)
refused 'a connection that was not let to' 403 "submitter 'vendor' may not bring what 'broker' signed" vendor "$carried"
matches 'an alert tells the operator' "$(cat daemon.log)" "alert.*refused a signed declaration brought by 'vendor': submitter 'vendor' may not bring what 'broker' signed"
exits 1 'a messenger is a submitter' greenlane messengers add nobody broker
exits 0 'it was let to, but no more' greenlane messengers add vendor broker --until 2026-07-01
refused 'a permission that ended' 403 "may not bring what 'broker' signed" vendor "$carried"
exits 0 'the other way round is another permission' greenlane messengers add broker vendor
refused 'a permission the other way' 403 "may not bring what 'broker' signed" vendor "$carried"
exits 0 'let to' greenlane messengers add vendor broker --from 2026-07-01 --document 'contract 4'
exits 0 'messengers' greenlane messengers list
matches 'with their paper' "$out" 'vendor +broker +2026-07-01 +- +contract 4'
said=$(brings vendor "$carried")
is 'now the vendor brings it, under the broker'\''s identity' "$(tail -n 1 <<<"$said")" 201
id=$(id_in "$said")
is 'both names stay' "$(status_of "$id" '[.submitter, .signer] | join(" ")')" 'vendor broker'
is 'the decision was about the signer' "$(greenlane show "$id" decision | jq -r '.facts.submitter')" broker
is 'the vendor sees it' "$(as vendor "https://localhost/v1/declarations/$id" | tail -n 1)" 202
is 'the signer sees it' "$(as broker "https://localhost/v1/declarations/$id" | tail -n 1)" 202
is 'nobody else does' "$(as third "https://localhost/v1/declarations/$id" | tail -n 1)" 404
is 'it is in the lists of both' "$(for who in vendor broker third; do as "$who" 'https://localhost/v1/declarations' | head -n 1 | jq -c --arg id "$id" '[.declarations[] | select(.id == $id)] | length'; done | tr '\n' ' ')" '1 1 0 '
refused 'the same once more, from another side' 409 'stands in declaration' broker "$carried"
refused 'what the vendor did not sign is the vendor'\''s' 403 "submitter 'vendor' may not file as" vendor "$(fresh)"
refused 'nor does his own connection help the rival'\''s' 403 "submitter 'broker' may not bring what 'rival' signed" broker "$(signed rival)"
exits 0 'let to as well' greenlane messengers add vendor rival
refused 'then the rival has no power himself' 403 "submitter 'rival' may not file as" vendor "$(signed rival)"
refused 'a trusted certificate that is nobody'\''s' 403 "is no submitter's" broker "$(signed stranger)"
matches 'an alert too' "$(cat daemon.log)" "alert.*brought by 'broker': the certificate that signed this declaration .*stranger"

# ---- what is no signature of his ----
forged=$(signed firma)
sed -i 's#Wiring harnesses#Wiring looms#' "$forged"
refused 'a byte changed' 422 'is not valid' vendor "$forged"
refused 'the same name from another authority' 422 'is not valid' vendor "$(signed firma strange)"
openssl req -new -key pki/client-late.key -subj '/O=Greenlane practice/CN=firma' -out late.csr 2>/dev/null
(cd pki && openssl ca -batch -notext -config .ca/ca.cnf -extensions client -in ../late.csr -out client-late.pem \
    -startdate 20200101000000Z -enddate 20260701000000Z) >>late.log 2>&1
exits 0 'a certificate that has ended may be entered' greenlane signers add broker pki/client-late.pem
refused 'expired' 422 'is not valid' broker "$(signed late)"

# ---- wrapping: none of it changes who signed ----
value() { # FILE: its certificate, as it stands there
    tr -d '\n' <"$1" | sed -nE 's~.*<X509Certificate>([^<]*)<.*~\1~p'
}
rival=$(value "$(signed rival)")
change() { # FILE PYTHON: t is its text, c the rival's certificate
    RIVAL=$rival python3 -B -c 'import os, re, sys
t = open(sys.argv[1], encoding="utf-8").read()
c = os.environ["RIVAL"]
s = re.search("<Signature.*</Signature>", t, re.S).group(0)
exec(sys.argv[2])
open(sys.argv[1], "w", encoding="utf-8").write(t)' "$1" "$2"
    echo "$1"
}
wrapped() { # WHAT PYTHON
    refused "wrapped: $1" 422 '' vendor "$(change "$(signed firma)" "$2")"
}
wrapped 'another'\''s certificate in its place' 't = re.sub("<X509Certificate>[^<]*", "<X509Certificate>" + c, t)'
wrapped 'another'\''s certificate before it' 't = t.replace("<X509Certificate>", "<X509Certificate>" + c + "</X509Certificate><X509Certificate>")'
wrapped 'the signature moved into the declaration' 't = t.replace(s, "").replace("<GoodsShipment>", "<GoodsShipment>" + s, 1)'
wrapped 'signed twice' 't = t.replace(s, s + s)'
wrapped 'a second one further in' 't = t.replace("<GoodsShipment>", "<GoodsShipment>" + s, 1)'
wrapped 'over a part' 't = t.replace("Reference URI=\"\"", "Reference URI=\"#a\"")'
wrapped 'inside another envelope' 't = re.sub("(<md:MetaData[^>]*>)(.*)(</md:MetaData>)", lambda m: m.group(1) + m.group(0) + m.group(3), t, flags=re.S)'
wrapped 'in an Object of another signature' 'o = s.replace("</Signature>", "<Object>" + s + "</Object></Signature>"); t = t.replace(s, o)'
said=$(brings vendor "$(change "$(signed firma)" 't = t.replace("</X509Certificate>", "</X509Certificate><X509Certificate>" + c + "</X509Certificate>")')")
is 'another'\''s certificate behind it is not the signer'\''s' "$(status_of "$(id_in "$said")" .signer)" broker

# ---- it ends ----
exits 0 'the permission ends' greenlane messengers remove vendor broker
exits 1 'once' greenlane messengers remove vendor broker
refused 'a permission taken back' 403 "may not bring what 'broker' signed" vendor "$(signed firma)"
exits 0 'the certificate signs no more' greenlane signers remove "$(openssl x509 -in pki/client-firma.pem -outform DER | sha256sum | cut -d' ' -f1)"
refused 'a certificate that was his' 403 "is no submitter's" broker "$(signed firma)"
exits 0 'and again' greenlane signers add broker pki/client-firma.pem
(cd pki && openssl ca -config .ca/ca.cnf -revoke client-firma.pem && openssl ca -config .ca/ca.cnf -gencrl -crldays 30 -out list.pem) >>late.log 2>&1
counted() { # the refusals /metrics counts, cause:signed:times
    as broker https://localhost/metrics | sed -nE 's/^greenlane_refused_total\{cause="([a-z-]*)",signed="([a-z]*)"\} ([0-9]+)$/\1:\2:\3/p' | sort | tr '\n' ' '
}
is 'the refusals are counted by cause' "$(counted)" 'conflict:yes:1 findings:no:1 identity:no:1 identity:yes:1 input:no:1 messenger:yes:5 signature:yes:9 signer:yes:2 '
stop
us_settings revocation-lists "$here/pki/list.pem"
start
refused 'revoked' 422 'was revoked' broker "$(signed firma)"
is 'which is counted too' "$(counted)" 'revoked:yes:1 '
stop
us_settings

# ---- the command: the local operator brings what anybody signed, and the signer's power counts ----
mine=$(signed firma)
exits 0 'by the command' greenlane submit "$mine" --to us-ace
is 'it is the broker'\''s' "$(status_of "$(id_in "$out")" '[.submitter, .signer] | join(" ")')" ' broker'
exits 0 'status' greenlane status "$(id_in "$out")"
has 'tells who signed' "$out" 'signed by submitter broker'
exits 1 'the rival has no power here either' greenlane submit "$(signed rival)" --to us-ace
has 'which is told' "$err" "submitter 'rival' may not file as"
exits 1 'nor has a stranger' greenlane submit "$(signed stranger)" --to us-ace --lang es
has 'which is told in Spanish' "$err" 'no es de ningún remitente'
exits 1 'in the name of a submitter it is as over his connection' greenlane submit "$(signed firma)" --to us-ace --as vendor
has 'who may not bring it' "$err" "may not bring what 'broker' signed"
printf '%s\n' EI,name,programme,class,status,effective '00-1234567,Placeholder Motors Inc,US-CTPAT,T2,CERTIFIED,2024-01-01' >list.csv
greenlane operators import list.csv --source cbp --as-of 2026-07-01 >>add.log 2>&1
exits 0 'unsigned, it is the local operator'\''s, who needs no power of attorney' greenlane submit "$(fresh)" --to us-ace
has 'so it goes first' "$out" '(P01)'
exits 0 'signed, it is the signer'\''s' greenlane submit "$(signed firma)" --to us-ace
has 'who is not bound to that importer' "$out" '(A03)'
is 'so it is held' "$(status_of "$(id_in "$out")" '.filings[0].state')" held
exits 0 'bound' greenlane operators bind broker EI:00-1234567 --capacity broker --from 2026-01-01 --until 2026-12-31 --document 'power of 2025'
exits 0 'then' greenlane submit "$(signed firma)" --to us-ace
has 'it goes first' "$out" '(P01)'
id=$(id_in "$out")
exits 0 'it is cancelled' greenlane cancel "$id"
exits 0 'filed again it is judged again' greenlane resubmit "$id"
is 'and still his' "$(status_of "$(id_in "$(sed "s/$id//" <<<"$out")")" .signer)" broker
exits 0 'the ledger is whole' greenlane ledger verify
sqlite3 ledger.db "DROP TRIGGER signatures_no_update; UPDATE signatures SET signer = 'rival' WHERE id = 1"
exits 1 'a signer who was exchanged shows' greenlane ledger verify
done_testing

#!/usr/bin/env bash
# Certificates that were revoked: lists in files and from an address, a responder, and what follows when nobody can say; under the signature of
# a filing and in a submitter's client certificate.
# slow
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki --client malo
sandbox
authority() {
    (cd pki && openssl ca -config ".$1/ca.cnf" "${@:2}") >>"$here/authority.log" 2>&1
}
authority sat-ca -gencrl -crldays 30 -out sat-ca-list.pem
authority sat-ca -gencrl -crl_lastupdate 20240101000000Z -crl_nextupdate 20240201000000Z -out sat-ca-old.pem
python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/revocation.py" pki sat-ca ca requests.log >authority.out 2>&1 &
authority_pid=$!
# shellcheck disable=SC2317
stop_authority() {
    kill "$authority_pid" 2>/dev/null
    stop_all
}
trap stop_authority EXIT
started "$authority_pid" authority.out '^port' 'the authority'
http=http://127.0.0.1:$(awk '{print $2}' authority.out)

n=100
# file IDENTITY-RFC: a new COVE each time
file() {
    declaration "mx$n.xml" mx-import-cove.xml "s/GLMX-2026-000201/GLMX-2026-000$n/" "s/AAFI800101QZ6/$1/"
    greenlane submit "mx$n.xml" --to mx-vucem --wait=30 2>&1
}
# filed WHAT RFC STATE TEXT
filed() {
    local said
    n=$((n + 1))
    said=$(file "$2")
    is "$1" "$(status_of "$(id_in "$said")" '.filings[0].state')" "$3"
    [ -z "${4:-}" ] || has "$1: said" "$said $(greenlane status "$(id_in "$said")" 2>&1)" "$4"
}
uses() {
    settings authorities "$here/pki/sat-ca.pem" log-format text revocation-timeout 2s "$@"
}

uses
mx_identity uno
mx_identity dos BEFB810202QZ8
filed 'nobody to ask: it goes' AAFI800101QZ6 closed
uses revocation hard
filed 'nobody to ask, and it must be known: held' AAFI800101QZ6 held 'there is no list of its authority and no responder'
uses revocation hard revocation-lists "$here/pki/sat-ca-list.pem"
filed 'a list that does not name it' AAFI800101QZ6 closed
exits 0 'identities test knows it too' greenlane identities test uno
uses revocation hard revocation-lists "$here/pki/sat-ca-old.pem"
filed 'a list out of date' AAFI800101QZ6 held 'out of date'
uses revocation hard revocation-lists "$here/absent.pem"
filed 'a list that is not there' AAFI800101QZ6 held 'cannot be read'
uses revocation soft revocation-lists "$http/old"
filed 'out of date, but it need not be known' AAFI800101QZ6 closed
uses revocation hard revocation-lists "$http/list"
filed 'a list from an address' AAFI800101QZ6 closed
has 'was fetched' "$(cat requests.log)" /list
uses revocation hard revocation-responder "$http/ocsp"
filed 'a responder' AAFI800101QZ6 closed
uses revocation hard revocation-responder "$http/stranger"
filed 'a responder nobody trusts' AAFI800101QZ6 held "not signed by the certificate's authority"
uses revocation hard revocation-responder "$http/nothing"
filed 'one that does not answer' AAFI800101QZ6 held 'HTTP 404'

authority sat-ca -revoke efirma-uno.pem
authority sat-ca -gencrl -crldays 30 -out sat-ca-list.pem
coves=$(state .vucem.coves)
uses revocation-lists "$here/pki/sat-ca-list.pem"
filed 'revoked: it does not sign' AAFI800101QZ6 held 'was revoked'
filed 'the other importer files on' BEFB810202QZ8 closed
exits 3 'identities test says it' greenlane identities test uno
has 'by its name' "$err" 'the certificate of uno was revoked'
exits 3 'and in Spanish' greenlane identities test uno --lang es
has 'por su nombre' "$err" 'el certificado de uno fue revocado'
mx_identity_file tres AAFI800101QZ6
sed -i 's/efirma-tres/efirma-uno/g' identity-tres.xml
exits 3 'it is not added under another name' greenlane identities add identity-tres.xml
has 'for that reason' "$err" 'the certificate of tres was revoked'
exits 1 'and nothing of it was kept' greenlane identities test tres
sed 's/efirma-dos/efirma-uno/g' identity-dos.xml >rotated.xml
exits 3 'nor does another identity change to it' greenlane identities rotate dos rotated.xml
exits 0 'which keeps what it had' greenlane identities test dos

# the signature on a declaration, by a certificate of the other authority
template='<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature>'
declaration us.xml us-truck-entry.xml "s~</md:MetaData>~$template&~"
ok 'a declaration is signed by its sender' xmlsec1 --sign --privkey-pem pki/client-beta.key,pki/client-beta.pem --output us.signed us.xml
trust=(--set "signature-trust=$here/pki/ca.pem")
authority ca -gencrl -crldays 30 -out ca-list.pem
exits 0 'his certificate is not revoked' greenlane check us.signed "${trust[@]}" --set "revocation-lists=$here/pki/ca-list.pem"
lacks 'and no word is lost about it' "$out$err" 'GLN-SIGNER'
exits 0 'where nobody can say' greenlane check us.signed "${trust[@]}" --set "revocation-responder=$http/nothing"
has 'that is a warning' "$out$err" 'HTTP 404 [GLN-SIGNER]'
exits 3 'or a refusal, if it must be known' greenlane check us.signed "${trust[@]}" --set "revocation-responder=$http/nothing" --set revocation=hard
authority ca -revoke client-beta.pem
authority ca -gencrl -crldays 30 -out ca-list.pem
exits 1 'revoked: the signature does not count' greenlane check us.signed "${trust[@]}" --set "revocation-lists=$here/pki/ca-list.pem"
matches 'for that reason' "$out$err" 'the certificate of .*beta.* was revoked'

uses revocation-lists "$http/list"
filed 'by the list of an address' AAFI800101QZ6 held 'was revoked'
uses revocation-responder "$http/ocsp"
filed 'by the responder' AAFI800101QZ6 held 'was revoked'
is 'nothing of it reached VUCEM' "$(state .vucem.coves)" $((coves + 1))

# the daemon: one fetch for many, and client certificates
cp pki/ca.pem clients.pem
daemon=(listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca "$here/clients.pem" dispatchers 1)
uses revocation hard revocation-lists "$http/list $here/pki/ca-list.pem" "${daemon[@]}"
authority ca -gencrl -crldays 30 -out ca-list.pem
greenlane submitters add malo pki/client-malo.pem >add.log 2>&1
greenlane bindings add malo dos >>add.log 2>&1
: >requests.log
"$GREENLANE_BUILDDIR/greenlaned" >daemon.out 2>daemon.log &
daemon_pid=$!
started "$daemon_pid" daemon.log 'is ready' 'the daemon'
port=$(grep -oE '127\.0\.0\.1:[0-9]+' daemon.log | head -n 1 | cut -d: -f2)
# as FILE: what the daemon answers malo, and its status
as() {
    curl -sS --cacert pki/ca.pem --cert pki/client-malo.pem --key pki/client-malo.key --connect-to "localhost:443:127.0.0.1:$port" \
        -w '\n%{http_code}\n' "$@" 2>&1
}
for i in 1 2; do
    declaration "d$i.xml" mx-import-cove.xml "s/GLMX-2026-000201/GLMX-2026-0003$i/" 's/AAFI800101QZ6/BEFB810202QZ8/'
    said=$(as --data-binary "@d$i.xml" -H 'Content-Type: application/xml' 'https://localhost/v1/declarations?to=mx-vucem')
    is "the daemon takes it ($i)" "$(tail -n 1 <<<"$said")" 201
    id=$(id_in "$said")
    ok "it is filed ($i)" wait_for 60 is_state "$id" closed
done
is 'the list was fetched once' "$(grep -c /list requests.log)" 1
authority ca -revoke client-malo.pem
authority ca -gencrl -crldays 30 -out ca-list.pem
said=$(as 'https://localhost/v1/declarations')
is 'a client certificate that is revoked meanwhile' "$(tail -n 1 <<<"$said")" 403
has 'is told' "$said" 'was revoked'
cat pki/ca.pem pki/ca-list.pem >clients.pem
kill -HUP "$daemon_pid"
started "$daemon_pid" daemon.log 'reloaded' 'the reload'
said=$(as 'https://localhost/v1/declarations')
lacks 'with the list in client-ca the connection ends' "$said" 200
exits 0 'the ledger is whole' greenlane ledger verify
done_testing

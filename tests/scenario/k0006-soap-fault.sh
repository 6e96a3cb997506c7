#!/usr/bin/env bash
# A COVE goes as SOAP 1.1 wants it, and a fault is an answer: one that refuses the message closes the filing, which may then be filed again
# under the identity it had or another; any other trouble leaves it in doubt, with what came back stored.
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text
python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/answers.py" >"$here/answers.out" 2>"$here/answers.out.log" &
answers_pid=$!
trap 'kill "$answers_pid" 2>/dev/null; stop_all' EXIT
started "$answers_pid" "$here/answers.out" '^port ' 'the server of answers'
mx_identity uno
# one with a wrong password, and one that files with the server of answers
mx_identity_file malo AAFI800101QZ6
secret wrong 'deadbeefdeadbeefdeadbeefdeadbeef'
sed -i -e 's#secrets/ws#secrets/wrong#' -e 's#efirma-malo#efirma-uno#g' identity-malo.xml
mx_identity_file otro AAFI800101QZ6 TEST "http://127.0.0.1:$(cut -d' ' -f2 answers.out)"
sed -i 's#efirma-otro#efirma-uno#g' identity-otro.xml
add_identity malo
add_identity otro
daemon

# filed IDENTITY NUMBER: the id of a COVE of its own
filed() {
    declaration "cove-$2.xml" mx-import-cove.xml "s/GLMX-2026-000201/GLMX-2026-0006$2/" "s/FA-2026-0311/FA-2026-06$2/"
    id_in "$(greenlane submit "cove-$2.xml" --to mx-vucem --identity "$1")"
}
stands() {
    status_of "$1" '.filings[0] | [.identity, .state, .outcome] | join(" ")'
}
rests() {
    [[ "$(status_of "$1" '.filings[0].state')" =~ ^(closed|answered|in-doubt|held)$ ]]
}
# answered_with STATUS BODY
answered_with() {
    echo "$1" >answer.status
    printf '%s' "$2" >answer.body
}
# fault CODE TEXT
fault() {
    printf '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode>%s</faultcode><faultstring>%s</faultstring></S:Fault></S:Body></S:Envelope>' "$@"
}

refused=$(filed malo 01)
ok 'a COVE with a wrong web-service password' wait_for 30 rests "$refused"
is 'is not processed, and closed' "$(stands "$refused")" 'malo closed not-processed'
is 'nothing of it is with VUCEM' "$(state .vucem.coves)" 0
exits 1 'which is a rejection' greenlane status "$refused"
has 'in VUCEM'"'"'s words' "$out" 'Failed to assert identity with UsernameToken.'
has 'its reply is kept' "$(greenlane show "$refused" reply)" 'wsse:FailedAuthentication'
greenlane show "$refused" answer --output answer.xml
is 'the Response has the text as an Error' "$(xmllint --xpath 'string(//*[local-name()="Error"]/*[local-name()="Description"])' answer.xml)" \
    'Failed to assert identity with UsernameToken.'

exits 0 'it is filed again' greenlane resubmit "$refused"
again=$(id_in "$out")
ok 'and answered' wait_for 30 rests "$again"
is 'under the identity it had' "$(stands "$again")" 'malo closed not-processed'
exits 0 'and again under another' greenlane resubmit "$again" --identity uno
again=$(id_in "$out")
ok 'which is answered' wait_for 30 rests "$again"
is 'and accepted' "$(stands "$again")" 'uno closed accepted'
exits 1 'one that lives is not filed again' greenlane resubmit "$again"
exits 1 'under none that is not there' greenlane resubmit "$refused" --identity nadie
sed 's/FA-2026-0601/FA-2026-0699/' cove-01.xml >other.xml
exits 1 'its reference is taken now' greenlane submit other.xml --to mx-vucem --identity uno

answered_with 200 '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><solicitarRecibirCoveServicioResponse><mensajeInformativo>No se recibieron comprobantes</mensajeInformativo></solicitarRecibirCoveServicioResponse></S:Body></S:Envelope>'
refused=$(filed otro 02)
ok 'a COVE of which VUCEM says that there was none' wait_for 30 rests "$refused"
is 'is not processed' "$(stands "$refused")" 'otro closed not-processed'
has 'it went with its SOAPAction in quotes' "$(cat wire.txt)" 'SOAPAction: "http://www.ventanillaunica.gob.mx/RecibirCove"'
has 'as text/xml' "$(cat wire.txt)" 'Content-Type: text/xml; charset=utf-8'
sed 's/FA-2026-0602/FA-2026-0698/' cove-02.xml >other.xml
exits 0 'its reference may be used anew' greenlane submit other.xml --to mx-vucem --identity uno
ok 'and that is answered' wait_for 30 is_state "$(id_in "$out")" closed

answered_with 500 "$(fault S:Server "could not read $ws_password")"
doubtful=$(filed otro 03)
ok 'after a fault of theirs' wait_for 30 rests "$doubtful"
is 'it is in doubt' "$(stands "$doubtful")" 'otro in-doubt info'
has 'the fault is told' "$(greenlane explain "$doubtful")" 'could not read'
has 'and kept' "$(greenlane show "$doubtful" reply)" '<faultcode>S:Server</faultcode>'
has 'a secret in it is masked' "$(greenlane show "$doubtful" reply)" 'could not read ****'
has 'an alert says so' "$(grep -i alert daemon.out.log)" 'in doubt: answered by a SOAP fault'
answered_with 500 '<html><body>Internal error</body></html>'
exits 0 'a person says that it did not arrive' greenlane resolve "$(filing_of "$doubtful")" not-arrived
is_twice() {
    [ "$(status_of "$doubtful" '.filings[0] | [.attempts, .state] | join(" ")')" = '2 in-doubt' ]
}
ok 'after a page that is no fault it is in doubt again' wait_for 30 is_twice
is 'the page is kept' "$(greenlane show "$doubtful" reply)" '<html><body>Internal error</body></html>'
answered_with 429 'later'
exits 0 'once more' greenlane resolve "$(filing_of "$doubtful")" not-arrived
ok 'too many requests: it did not arrive' wait_for 30 is_state "$doubtful" deferred
is 'that reply is kept too' "$(greenlane show "$doubtful" reply)" later

for secret in "$ws_password" deadbeefdeadbeef; do
    is 'no secret in the ledger' "$(grep -lF -- "$secret" ledger.db* | wc -l)" 0
done
daemon_stop
exits 0 'the ledger is whole' greenlane ledger verify
done_testing

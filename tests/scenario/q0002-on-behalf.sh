#!/usr/bin/env bash
# Whom the operator acts for (--as) is the same with a daemon as without one: he must be a submitter, may use what that one is bound to, and
# sees his declarations only. Over HTTPS the certificate says who asks, whatever a header claims.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text
mx_identity uno
for submitter in alfa beta; do
    greenlane submitters add "$submitter" "pki/client-$submitter.pem" >>add.log 2>&1
done
greenlane bindings add alfa uno --document invented >>add.log

# cove FILE NUMBER: a COVE of its own
cove() {
    declaration "$1" mx-import-cove.xml "s/GLMX-2026-000201/GLMX-2026-0004$2/" "s/FA-2026-0311/FA-2026-04$2/"
}
references() {
    greenlane list --json "$@" | jq -c '[.declarations[].lrn] | sort'
}
# both HOW FIRST: what must hold however it is asked; its declarations have the numbers FIRST and FIRST + 1
both() {
    cove mine.xml "$2"
    cove theirs.xml "$(($2 + 1))"
    exits 0 "$1: for a submitter" greenlane submit mine.xml --to mx-vucem --as alfa
    mine=$(id_in "$out")
    is "$1: it is his" "$(status_of "$mine" .submitter)" alfa
    exits 1 "$1: for one who is not bound to the identity" greenlane submit theirs.xml --to mx-vucem --as beta
    has "$1: says so" "$err" "'beta'"
    exits 1 "$1: for one there is not" greenlane submit theirs.xml --to mx-vucem --as ghost
    has "$1: says so" "$err" "there is no submitter 'ghost'"
    exits 1 "$1: for a name that would break the request" greenlane submit theirs.xml --to mx-vucem --as $'alfa\r\nX: y'
    has "$1: says so" "$err" 'there is no submitter'
    exits 1 "$1: for nobody" greenlane submit theirs.xml --to mx-vucem --as ''
    exits 0 "$1: for himself" greenlane submit theirs.xml --to mx-vucem
    theirs=$(id_in "$out")
    is "$1: it is nobody else's" "$(status_of "$theirs" .submitter)" ''

    has "$1: the operator sees both" "$(references)" "\"GLMX-2026-0004$2\",\"GLMX-2026-0004$(($2 + 1))\""
    is "$1: a submitter sees his" "$(references --as alfa)" "$3"
    is "$1: another sees nothing" "$(references --as beta)" '[]'
    exits 1 "$1: one there is not is told so" greenlane list --as ghost
    has "$1: in words" "$err" "there is no submitter 'ghost'"
    exits 0 "$1: his status" greenlane status "$mine" --as alfa
    exits 0 "$1: his original" greenlane show "$mine" original --as alfa
    exits 0 "$1: his lane" greenlane explain "$mine" --as alfa
    for command in status explain; do
        exits 1 "$1: not another's $command" greenlane "$command" "$mine" --as beta
        has "$1: it does not exist for him" "$err" "$mine"
    done
    exits 1 "$1: nor a part of it" greenlane show "$mine" original --as beta
    exits 1 "$1: nor the operator's" greenlane status "$theirs" --as alfa
}

both 'without a daemon' 10 '["GLMX-2026-000410"]'
daemon
both 'with one' 20 '["GLMX-2026-000410","GLMX-2026-000420"]'

# ask WHO [HEADER]: the references he is shown over HTTPS
ask() {
    curl -sS --cacert pki/ca.pem --cert "pki/client-$1.pem" --key "pki/client-$1.key" ${2:+-H "$2"} "$relay/v1/declarations" |
        jq -c '[.declarations[].lrn] | sort'
}
is 'over HTTPS a submitter sees his' "$(ask alfa)" '["GLMX-2026-000410","GLMX-2026-000420"]'
is 'and no other by saying that he acts for him' "$(ask beta 'Greenlane-Submitter: alfa')" '[]'
has 'the log says whom it was for' "$(cat daemon.out.log)" 'by beta: 403'
daemon_stop
exits 0 'the ledger is whole' greenlane ledger verify
done_testing

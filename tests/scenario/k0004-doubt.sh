#!/usr/bin/env bash
# A cargo release whose line is lost after it was read: what goes again, and as what, depends on what it was. An add and a replacement go
# as a replacement; an update and a cancellation wait for their answer, then for a person.
# slow
# timeout: 400
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
impatient
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text data-dir "$here/data"
us_identity alfa
daemon
control faults '{"hold_release":true}'

# sent EXAMPLE REFERENCE [NUMBER]: its id
sent() {
    declaration "$2.xml" "$1" "s#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>$2#" ${3:+"s#<ID>9ZZ[0-9]*</ID>#<ID>$3</ID>#"}
    id_in "$(greenlane submit "$2.xml" --to us-ace)"
}
entry_of() {
    status_of "$1" '.filings[0].number'
}
received() {
    state ".ace.entries[] | select(.number == \"$1\").received"
}
is_received() {
    [ "$(received "$1")" = "$2" ]
}
is_outcome() {
    [ "$(status_of "$1" '.filings[0].outcome')" = "$2" ]
}
# lost EXAMPLE REFERENCE [NUMBER]: the same, and its line is dropped once it is read
lost() {
    control faults '{"drop_after_read":1}'
    sent "$@"
}
# action_sent ID: what stands in SE10 column 5 of what left
action_sent() {
    greenlane show "$1" signed | grep -a '^SE10' | cut -c5
}

to_cancel=$(sent us-truck-entry.xml GLDOUBT01)
to_update=$(sent us-truck-entry.xml GLDOUBT02)
to_replace=$(sent us-truck-entry.xml GLDOUBT03)
for id in "$to_cancel" "$to_update" "$to_replace"; do
    ok 'an entry is accepted' wait_for 30 is_outcome "$id" accepted
done
control faults '{"manual":true}'

cancel=$(lost us-cancel.xml GLDOUBT11 "$(entry_of "$to_cancel")")
ok 'a cancellation is in doubt' wait_for 30 is_state "$cancel" in-doubt
update=$(lost us-update.xml GLDOUBT12 "$(entry_of "$to_update")")
ok 'an update is in doubt' wait_for 30 is_state "$update" in-doubt
replace=$(lost us-replace.xml GLDOUBT13 "$(entry_of "$to_replace")")
ok 'a replacement goes again' wait_for 30 is_received "$(entry_of "$to_replace")" 3
add=$(lost us-truck-entry.xml GLDOUBT14)
ok 'an add goes again' wait_for 30 is_received "$(entry_of "$add")" 2
ok 'and has been sent' wait_for 30 is_state "$add" sent

is 'the replacement as a replacement' "$(action_sent "$replace")" R
is 'the add as a replacement too' "$(action_sent "$add")" R
is 'which is the action it has' "$(status_of "$add" '.filings[0].action')" replace
has 'and its history says so' "$(greenlane status "$add")" "sent again as 'replace'"
has 'in Spanish too' "$(greenlane status "$add" --lang es)" "se envía de nuevo como 'replace'"

is 'the cancellation has not gone again, though it was in doubt before them' "$(status_of "$cancel" '.filings[0] | [.state, .action, .attempts] | join(" ")')" 'in-doubt cancel 1'
is 'it went as a cancellation' "$(action_sent "$cancel")" D
is 'and CBP has seen it once' "$(received "$(entry_of "$to_cancel")")" 2
is 'nor has the update' "$(status_of "$update" '.filings[0] | [.state, .action, .attempts] | join(" ")')" 'in-doubt update 1'
is 'it went as an update' "$(action_sent "$update")" U
is 'and CBP has seen it once' "$(received "$(entry_of "$to_update")")" 2

exits 0 'a person says that the update did not arrive' greenlane resolve "$(filing_of "$update")" not-arrived --reason 'asked CBP'
ok 'then it goes again' wait_for 30 is_received "$(entry_of "$to_update")" 3
is 'as an update' "$(action_sent "$update")" U

control faults '{"manual":false}'
control answer
for id in "$cancel" "$update" "$replace" "$add"; do
    ok 'the answer ends the doubt' wait_for 30 is_outcome "$id" accepted
done
is 'the entry is cancelled' "$(state ".ace.entries[] | select(.number == \"$(entry_of "$to_cancel")\").status")" cancelled
daemon_stop
exits 0 'the ledger is whole' greenlane ledger verify
done_testing

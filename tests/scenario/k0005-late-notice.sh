#!/usr/bin/env bash
# What customs tells of its own accord is for the filing that stands: a release after a rejected replacement is the entry's, after an
# accepted one the replacement's; what was rejected stays rejected.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text
us_identity alfa
daemon
control faults '{"hold_release":true}'

# filed EXAMPLE REFERENCE [NUMBER]: its id, once customs has answered
filed() {
    local id
    declaration "$2.xml" "$1" "s#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>$2#" ${3:+"s#<ID>9ZZ[0-9]*</ID>#<ID>$3</ID>#"}
    id=$(id_in "$(greenlane submit "$2.xml" --to us-ace)")
    wait_for 30 is_answered "$id"
    echo "$id"
}
is_answered() {
    [ -n "$(status_of "$1" '.filings[0].outcome')" ]
}
entry_of() {
    status_of "$1" '.filings[0].number'
}
stands() {
    status_of "$1" '.filings[0] | [.state, .outcome] | join(" ")'
}
is_released() {
    status_of "$1" '.filings[0].answers[].texts[]' | grep -q RELEASED
}

entry=$(filed us-truck-entry.xml GLLATE001)
number=$(entry_of "$entry")
control faults '{"reject":["se:208:NOT ON FILE"]}'
refused=$(filed us-replace.xml GLLATE002 "$number")
is 'a replacement is rejected' "$(stands "$refused")" 'closed rejected'
is 'the entry stands' "$(stands "$entry")" 'answered accepted'
control faults '{"reject":[]}'
control release "{\"entry\":\"$number\"}"
ok 'the release is told to the entry' wait_for 30 is_released "$entry"
is 'which stands as before' "$(stands "$entry")" 'answered accepted'
exits 1 'the replacement is still rejected' greenlane status "$refused"
is 'and closed' "$(stands "$refused")" 'closed rejected'
exits 1 'and knows of no release' is_released "$refused"

entry=$(filed us-truck-entry.xml GLLATE003)
number=$(entry_of "$entry")
replaced=$(filed us-replace.xml GLLATE004 "$number")
is 'a replacement is accepted' "$(stands "$replaced")" 'answered accepted'
control release "{\"entry\":\"$number\"}"
ok 'the release is told to the replacement' wait_for 30 is_released "$replaced"
exits 1 'not to what it replaced' is_released "$entry"

entry=$(filed us-truck-entry.xml GLLATE005)
cancel=$(filed us-cancel.xml GLLATE006 "$(entry_of "$entry")")
ok 'a cancellation is done when the notice of it comes' wait_for 30 is_state "$cancel" closed
is 'and accepted' "$(stands "$cancel")" 'closed accepted'
is 'the entry keeps its own answer' "$(stands "$entry")" 'answered accepted'
done_testing

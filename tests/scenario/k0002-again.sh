#!/usr/bin/env bash
# The same file again, the same reference again, a rejected one again.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings
us_identity alfa
declaration us.xml us-truck-entry.xml
declaration other.xml us-truck-entry.xml 's/25000.00/26000.00/g'
declaration bad.xml us-truck-entry.xml 's/GL0000101/GL0000102/;s/00-1234567/00-9999999/g'

exits 0 'accepted' greenlane submit us.xml --to us-ace
first=$(id_in "$out")
exits 0 'the same file again is not an error' greenlane submit us.xml --to us-ace
has 'it is the first one' "$out" "kept before as $first"
is 'there is one declaration' "$(greenlane list --json | jq '.declarations | length')" 1

exits 1 'other content under the same reference is refused' greenlane submit other.xml --to us-ace
has 'at the reference' "$err" '11:5: error'
has 'and says which one has it' "$err" "$first"
exits 1 'and in Spanish' greenlane submit other.xml --to us-ace --lang es
has 'all of it' "$err" 'la referencia '
number=$(status_of "$first" '.filings[0].number')
declaration taken.xml us-truck-entry.xml "s#GL0000101</FunctionalReferenceID>#GL0000109</FunctionalReferenceID><ID>$number</ID>#"
exits 1 'a number that is given already is no new one' greenlane submit taken.xml --to us-ace
has 'which is a finding' "$err" '[GLN-FLOW-006]'
has 'that names what has it' "$err" "$first"
exits 1 'with a key too' greenlane submit other.xml --to us-ace --key K1

exits 1 'rejected by customs' greenlane submit bad.xml --to us-ace --key K2 --wait=30
has 'in their own words' "$out" 'rejected: '
rejected=$(id_in "$out")
matches 'with the place in the file' "$out" 'your file at ([0-9]+):[0-9]+: '
line=$(sed -nE 's/.*your file at ([0-9]+):.*/\1/p' <<<"$out" | head -n 1)
has 'which is the importer' "$(sed -n "${line}p" bad.xml)" '00-9999999'
exits 1 'other bytes under a used key' greenlane submit us.xml --to us-ace --key K2
greenlane show "$rejected" answer --output answer.xml
is 'the Response points to it, WCO fashion' \
    "$(xmllint --xpath 'string((//*[local-name()="Error"]/*[local-name()="Pointer"][last()]/*[local-name()="TagID"])[1])' answer.xml)" R038

exits 0 'a rejected one is filed again as a new declaration' greenlane resubmit "$rejected"
again=$(id_in "$out")
# one after the other: each takes the ledger for itself
first_number=$(status_of "$rejected" '.filings[0].number')
matches 'with a number' "$(status_of "$again" '.filings[0].number')" '^ZZZ[0-9]{8}$'
lacks 'of its own' "$(status_of "$again" '.filings[0].number')" "${first_number:-ZZZ}"
exits 1 'one that lives is not' greenlane resubmit "$again"
exits 0 'what is not sent yet can be cancelled' greenlane cancel "$again"
is 'and is' "$(status_of "$again" '.filings[0].state')" cancelled
exits 1 'its reference is not free within lrn-window' greenlane resubmit "$again" --set lrn-window=48h
has 'which is said' "$err" 'lrn-window'

# a number the sender brings lies in a series of the identity, if it has one
us_identity_file neun 9ZZ
sed -i 's/first="1" last="999"/first="5000" last="5999"/' identity-neun.xml
add_identity neun
declaration brought.xml us-truck-entry-numbered.xml 's/GL0000102/GL0000110/'
exits 1 'a number outside the series of the identity is refused' greenlane submit brought.xml --to us-ace
has 'at the number' "$err" '12:5: error'
has 'as a finding' "$err" '[GLN-FLOW-008]'
exits 1 'in Spanish' greenlane submit brought.xml --to us-ace --lang es
has 'too' "$err" 'está fuera de toda serie'
is 'nothing of it is kept' "$(greenlane list --lrn GL0000110 --json | jq '.declarations | length')" 0
greenlane identities remove neun >/dev/null
us_identity_file zehn 9ZZ
sed -i '/<series/d' identity-zehn.xml
add_identity zehn
exits 0 'an identity without a series takes any' greenlane submit brought.xml --to us-ace
is 'as it was brought' "$(status_of "$(id_in "$out")" '.filings[0].number')" 9ZZ00000128
greenlane identities remove zehn >/dev/null

declaration third.xml us-truck-entry.xml 's/GL0000101/GL0000103/'
exits 0 'a third one' greenlane submit third.xml --to us-ace
third=$(id_in "$out")
exits 0 'hold' greenlane hold "$third" --reason 'to be looked at'
exits 0 'status' greenlane status "$third"
has 'it is held' "$out" 'held for a person'
exits 1 'hold again is not possible' greenlane hold "$third"
has 'and says the state' "$err" held
exits 0 'release' greenlane release "$third" --reason 'looked at'
has 'the reason is in the history' "$(greenlane status "$third")" 'looked at'

exits 2 'an outcome there is not is a wrong call' greenlane resolve "$(filing_of "$third")" maybe
has 'and says which there are' "$err" 'not-arrived'
exits 2 'so is a limit that is no number' greenlane list --limit=soon
done_testing

#!/usr/bin/env bash
# Words that contradict each other in the register: of one day, of a person and a list, of one number under several names.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/register.sh"

register
echo page >page.html
counts() { # STATUS WHAT: list and show say what the decision uses
    exits 0 "list: $2" greenlane operators list
    has "list says $1: $2" "$out" "US-CTPAT/T2 TEST $1"
    exits 0 "show: $2" greenlane operators show EI:00-1234567
    has "show says $1: $2" "$out" "US-CTPAT/T2 TEST: $1 counts today"
    is "show says $1 as JSON: $2" "$(greenlane operators show EI:00-1234567 --json | jq -r '.certificates[0].status')" "$1"
}

# one list, one day, one word after the other: the last counts
for word in APPLIED SUSPENDED REVOKED CERTIFIED; do
    list c.csv "00-1234567,Placeholder Motors Inc,US-CTPAT,T2,$word,2026-07-01"
    exits 0 "the list says $word of the same day" greenlane operators import c.csv --source cbp --as-of 2026-07-02
    counts "$word" "after $word"
    case $word in
        APPLIED) reason=C05 ;;
        SUSPENDED) reason=C03 ;;
        REVOKED) reason=C04 ;;
        *) reason='EXPEDITED: P01' ;;
    esac
    has "and so does the decision: $word" "$(reasons)" "$reason"
done

# a person's word is of the programme: no class a list names later undoes it
exits 0 'revoked' greenlane operators revoke EI:00-1234567 --programme US-CTPAT --effective 2026-07-01 --by Ana --note letter
counts REVOKED 'a person revoked it'
list t3.csv "00-1234567,Placeholder Motors Inc,US-CTPAT,T3,CERTIFIED,2024-01-01"
exits 0 'the list has another class' greenlane operators import t3.csv --source cbp --as-of 2026-07-02 --max-shrink 100
exits 0 'an attestation of yet another' greenlane operators attest EI:00-1234567 --name 'Placeholder Motors Inc' --programme US-CTPAT \
    --class T1 --seen 2026-07-01 --evidence page.html --by Bob
has 'revoked still' "$(reasons)" 'STANDARD: C04'
exits 0 'show' greenlane operators show EI:00-1234567
has 'tells of it' "$out" 'CONFLICT over US-CTPAT/T3: Ana says REVOKED, cbp says CERTIFIED; the worse counts'
exits 0 'reinstated by a person, the same day' greenlane operators reinstate EI:00-1234567 --programme US-CTPAT --effective 2026-07-01 --by Ana --note error
has 'certified again' "$(reasons)" 'EXPEDITED: P01'
exits 0 'show' greenlane operators show EI:00-1234567
lacks 'has no conflict more' "$out" CONFLICT
exits 0 'show' greenlane operators show EI:00-1234567 --lang es
has 'in Spanish too' "$out" 'US-CTPAT/T3 TEST: hoy cuenta CERTIFIED'

# another class and another name in one list: the same operator, under his new name
list new.csv "00-1234567,Placeholder Motors International Inc,US-CTPAT,T2,CERTIFIED,2024-01-01"
exits 0 'the list renames him' greenlane operators import new.csv --source cbp --as-of 2026-07-02 --max-shrink 100
sed -i 's/Placeholder Motors Inc/Placeholder Motors International Inc/' us.xml
has 'he is known by it' "$(reasons)" 'EXPEDITED: P01'
lacks 'and nobody withdrew him' "$(reasons)" C04

# one number under two names in one source: a third source makes nothing certain
sed -i 's/00-1234567/55-5555555/g; s/Placeholder Motors International Inc/VENUS INC/g' us.xml
list two.csv '55-5555555,MARS INC,US-CTPAT,T2,CERTIFIED,2024-01-01' '55-5555555,VENUS INC,US-CTPAT,T3,CERTIFIED,2024-01-01'
exits 0 'two names' greenlane operators import two.csv --source two --as-of 2026-07-01
has 'ambiguous' "$(reasons)" 'STANDARD: B05'
exits 0 'a third source' greenlane operators attest EI:55-5555555 --name 'ALPHA INC' --programme US-CTPAT --class T2 --seen 2026-07-01 \
    --evidence page.html --by Ana
has 'ambiguous still' "$(reasons)" 'STANDARD: B05'
exits 1 'nor can it be named' greenlane operators show EI:55-5555555
has 'for it is the number of several' "$err" 'is the number of several operators'
exits 0 'the chain holds all of it' greenlane ledger verify
done_testing

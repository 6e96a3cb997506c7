#!/usr/bin/env bash
# What the register does not take, in one line that says what to do: kinds, dates, names, words, files; and a register that is down.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/register.sh"

register
echo page >page.html
import() { # SOURCE HEAD LINE...
    printf '%s\n' "${@:2}" >list.csv
    greenlane operators import list.csv --source "$1" --as-of 2026-07-01
}
attest() { # KIND:NUMBER OPTION...
    greenlane operators attest "$1" --name 'Placeholder Motors Inc' --programme US-CTPAT --class T2 --by Ana "${@:2}"
}

# an importer's number is told by how it is written, or not taken
exits 0 'an IOR with its dashes' attest IOR:00-1234567 --seen 2026-07-01 --evidence page.html
exits 0 'is an EI' greenlane operators show EI:00-1234567
has 'of that kind' "$out" 'EI 001234567'
has 'and a declaration finds it' "$(reasons)" 'EXPEDITED: P01'
exits 2 'without them it may be of two kinds' attest IOR:123456789 --seen 2026-07-01 --evidence page.html
has 'so the kind is asked for' "$err" 'write EI:123456789, 34:123456789 or ANI:123456789'
exits 0 'a list with a suspension by IOR' import ior IOR,name,programme,class,status '00-1234567,Placeholder Motors Inc,US-CTPAT,T2,SUSPENDED'
has 'counts' "$(reasons)" 'STANDARD: C03'
exits 1 'a list of bare numbers' import bare IOR,name,programme,class '001234567,Placeholder Motors Inc,US-CTPAT,T2'
has 'is refused with its place' "$err" "row 2, column IOR: the number may be an EIN"
lacks 'and not told, for it may be a person' "$err" 001234567
exits 1 'a person twice' import persons 34,name,programme,class '123-45-6789,Ana Inventada,US-CTPAT,T2' '123456789,Ana Inventada,US-CTPAT,T2'
has 'is refused with both rows' "$err" 'is there already, in row 2'
lacks 'and not with the number' "$err" 123456789
exits 0 'shown by its IOR' greenlane operators show IOR:001234567
has 'of the one kind the register has' "$out" 'EI 001234567'
cat >operators.xml <<'X'
<operators xmlns="urn:greenlane:operators:1">
  <operator id="U" name="Placeholder Motors Inc"><identifier kind="IOR" value="777777777"/>
    <certificate programme="US-CTPAT" class="T2" environment="TEST" from="2024-01-01" list-date="2026-07-01"><status value="CERTIFIED" from="2024-01-01"/></certificate>
  </operator>
</operators>
X
sed -i 's/00-1234567/77-7777777/g' us.xml
settings clock 2026-07-02T15:00:00Z operators operators.xml
has 'a number of the operators file without a kind is ambiguous' "$(reasons)" 'STANDARD: B05'
sed -i 's/777777777/77-7777777/' operators.xml
has 'with its dashes it is an EI' "$(reasons)" 'EXPEDITED: P01'
settings clock 2026-07-02T15:00:00Z

# other numbers
exits 0 'a TIN' import tin TIN,name,programme,class 'DE1234567,Nord,EU-AEO,AEOF'
exits 0 'names its operator' greenlane operators show TIN:DE1234567
has 'him' "$out" Nord
exits 0 'revokes him' greenlane operators revoke TIN:DE1234567 --programme EU-AEO --effective 2026-07-01 --by Ana --note x

# words, places, dates, names, files
exits 1 'a status that is none' import words EI,name,programme,class,status '11-1111111,X,US-CTPAT,T2,REVOKD'
has 'with its place and the words' "$err" "row 2, column status: there is no status 'REVOKD'; the words are APPLIED, CERTIFIED, VALIDATED, SUSPENDED, REVOKED, WITHDRAWN"
is 'in one line' "$(wc -l <<<"$err")" 1
exits 1 'an unknown class' import class EI,name,programme,class '11-1111111,X,US-CTPAT,T9'
has 'with its column' "$err" "row 2, column class: the programme has no class 'T9'"
exits 1 'a row without a number' import none EI,name,programme,class ',X,US-CTPAT,T2'
has 'without a column' "$err" 'row 2 has no identifier'
sed 's/list-date="2026-07-01"/list-date="2026-07-02"/' operators.xml >late.xml
exits 1 'a row later than its list' greenlane operators import late.xml --source late --as-of 2026-07-01
has 'is refused' "$err" "row 1: 'U' has list-date 2026-07-02, which is later than the list's own day 2026-07-01"
exits 0 'one as old as its list is not' greenlane operators import late.xml --source late --as-of 2026-07-02
sed 's/"CERTIFIED"/"certified"/' operators.xml >word.xml
exits 2 'a status that is none in XML' greenlane operators import word.xml --source word --as-of 2026-07-02
has 'with its place too' "$err" "there is no status 'certified'"
for name in attestation operators-file; do
    exits 1 "the name $name" import "$name" EI,name,programme,class '11-1111111,X,US-CTPAT,T2'
    has "is taken: $name" "$err" "'$name' is the name of a source of Greenlane's own"
done
: >empty.html
exits 2 'evidence that is empty' attest EI:11-1111111 --seen 2026-07-01 --evidence empty.html
has 'is none' "$err" 'empty.html is empty: it is no evidence of anything'
exits 1 'seen tomorrow' attest EI:11-1111111 --seen 2026-07-03 --evidence page.html
has 'is not seen' "$err" '2026-07-03 is still to come: nobody has seen'

# a register that is down says so, whatever is asked of it
echo '<operators' >broken.xml
settings clock 2026-07-02T15:00:00Z operators broken.xml
exits 3 'an arrangement, without a register' greenlane arrangements confirm A-US-MX --effective 2015-01-01 --roles EX --source x --by Ana
has 'the true reason' "$err" 'the register of operators cannot be read'
has 'with its place' "$err" 'broken.xml:2:1'
exits 3 'an attestation' attest EI:11-1111111 --seen 2026-07-01 --evidence page.html
has 'the same' "$err" 'broken.xml:2:1'
exits 3 'an operator' greenlane operators show EI:11-1111111 --lang es
has 'in Spanish' "$err" 'el registro de operadores no se puede leer'
done_testing

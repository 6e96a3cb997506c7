#!/usr/bin/env bash
# lane --cases: a line a case, exit 1 when one comes out otherwise than the file expects, and one clear line for a broken file.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

cases=$GREENLANE_SRCDIR/tests/data/lane-cases.json
exits 0 'cases that come out as expected' greenlane lane --cases "$cases"
is 'a line a case' "$(wc -l <<<"$out")" 9
has 'number, verdict, lane, primary reason, alert, all reasons' "$out" 'K05 STANDARD - A02 SECURITY A02 B03 E07 A01 B04'
sed 's/"P01", "NONE"/"P02", "NONE"/' "$cases" >other.json
exits 1 'one that comes out otherwise' greenlane lane --cases other.json --lang es
has 'is told in the language asked for' "$err" 'K01: se esperaba EXPEDITED - P02 NONE, se decidió EXPEDITED - P01 NONE'
is 'and the lines are still all there' "$(wc -l <<<"$out")" 9
head -c 700 "$cases" >half.json
exits 1 'half a file' greenlane lane --cases half.json
matches 'is one line that names the file and the place' "$err" '^greenlane: half.json: this is not a file of lane cases: [0-9]+:[0-9]+: [^'$'\n'']*$'
exits 2 'no file named' greenlane lane
done_testing

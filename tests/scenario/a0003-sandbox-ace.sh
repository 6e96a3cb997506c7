#!/usr/bin/env bash
# The sandbox's ACE: batches in by POST, answers by GET until DELETE; what it accepts, refuses and how it fails on request.
# shellcheck source=tests/scenario/lib/tap.sh
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/sandbox.sh"

# batch ACTION NUMBER [PASSWORD [FILER]]: one entry
batch() {
    printf '%-80s\n' \
        "A2304ZZZ${3:-PASSWD}072326     SE                                 TEXT-OF-A" \
        "B  2304${4:-ZZZ}SE                                                 TEXT-OF-B" \
        "SE10$1${4:-ZZZ}  $2 01EI 12-3456789  30800000250002304" \
        "SE13JANE BROKER                             9565551234" \
        "SE15RABCDPAPS0001234                                       00000024     N" \
        "SE20CR REF000001" \
        "SE30CN                                    EI 12-3456789" \
        "SE40001MX WIRING HARNESSES FOR MOTOR VEHICLES" \
        "SE6085443000000000025000" \
        "Y  2304${4:-ZZZ}SE" \
        "Z2304ZZZ      072326"
}
# put FILE: the HTTP status
put() {
    curl -s -o /dev/null -w '%{http_code}' --cacert pki/ca.pem --data-binary "@$1" "$ACE/inbound"
}
# get: the oldest message into ./message, its Location into ./where; the HTTP status
get() {
    curl -s -D headers -o message -w '%{http_code}' --cacert pki/ca.pem "$ACE/outbound/2304ZZZ"
    sed -n 's/^Location: \(.*\)\r$/\1/p' headers >where
}
take_off() {
    curl -s -o /dev/null -w '%{http_code}' --cacert pki/ca.pem -X DELETE "${ACE%/ace}$(cat where)"
}
next() {
    get >/dev/null
    take_off >/dev/null
    cat message
}

sandbox_pki
sandbox_start --clock 2026-07-23T18:00:00Z

is 'nothing waits at first' "$(get)" 204
batch A 10000019 >se
is 'a batch is taken without a word' "$(put se)" 202
is 'its answer waits' "$(get)" 200
first=$(cat message)
has 'SX accepts it' "$first" 'SE9002   TRANSACTION ACCEPTED'
has 'the texts of A come back' "$first" 'TEXT-OF-A'
has 'and those of B' "$first" 'TEXT-OF-B'
lacks 'but not the password' "$first" PASSWD
has 'the trailer counts the records' "$first" 'Y  2304ZZZSX00003'
is 'all records have 80 columns' "$(awk 'length($0) != 80' message)" ''
is 'it is given again until it is taken off' "$(get; cat message)" "200$first"
is 'taking it off' "$(take_off)" 204
is 'twice is once too often' "$(take_off)" 404
so=$(next)
has 'then the release comes unasked' "$so" 'SO60072326140098RELEASED'
has 'with the bill that arrived' "$so" 'SO40RABCDPAPS0001234'
is 'and then nothing' "$(get)" 204

put se >/dev/null
answer=$(next)
has 'the number is on file' "$answer" 'SE9011007ENTRY NUMBER ALREADY ON FILE'
has 'so it is rejected' "$answer" 'SE9001   TRANSACTION REJECTED'
is 'it was received twice and filed once' "$(state '.ace.entries[] | "\(.number) \(.received) \(.status)"')" 'ZZZ10000019 2 accepted'
batch A 10000018 >se
put se >/dev/null
has 'a wrong check digit' "$(next)" 'SE9011006'
batch R 10000027 >se
put se >/dev/null
has 'a replacement of nothing' "$(next)" 'SE9011008'
batch R 10000019 >se
put se >/dev/null
has 'a replacement of what is there' "$(next)" 'SE9002'
batch D 10000019 | sed '/^SE15/d; /^SE[346]0/d' >se
put se >/dev/null
has 'a cancellation' "$(next)" 'SE9002'
has 'and its status' "$(next)" 'SO60072326140023CANCELLED'
batch A 10000019 >se
put se >/dev/null
has 'a cancelled number is used up' "$(next)" 'SE9011007'

# Batches that are rejected as a whole.
condition() {
    put se >/dev/null
    answer=$(next)
    has "$1" "$answer" "$2"
    has 'and the batch is rejected' "$answer" 'X1RF999   BATCH REJECTED'
    is 'nothing of it is looked at' "$(state '.ace.entries | length')" "$entries"
}
entries=$(state '.ace.entries | length')
batch A 10000035 WRONG1 >se
condition 'a wrong password' 'X1 FX09'
batch A 10000035 PASSWD YYY >se
condition "another's filer code" 'X1 FX17'
has 'names the block' "$answer" 'X0 BLOCK  000001 REF ID: 2304 YYY    SE   TEXT-OF-B'
batch A 10000035 | sed '/^Z/d' >se
condition 'no Z' 'X1 FX06'
batch A 10000035 | sed '/^Y/d' >se
condition 'no Y' 'X1 FX05'
batch A 10000035 | sed '/^SE13/d' >se
condition 'a record is missing' 'X1 FX37'
has 'before record 4' "$answer" 'X0 TRNACT 000001 REF ID: 0000004 00'
batch A 10000035 | sed 's/^SE20/SE99/' >se
condition 'an unknown record' 'X1 FX34'
batch A 10000035 | sed 's/^\(SE10A\)ZZZ  /\1ZZZxx/' >se
condition 'data in filler' 'X1 FX39'
has 'at column 9' "$answer" 'X0 TRNACT 000001 REF ID: 0000003 09'
batch A 10000035 | sed 's/00000250002304/0000O250002304/' >se
condition 'a letter in a number' 'X1 FX40'
batch A 10000035 | sed 's/^\(A.\{24\}\)SE/\1AE/' >se
condition 'another application' 'X1 FX13'
batch A 10000035 | sed 's/^\(B.\{9\}\)SE/\1AE/' >se
condition 'another application in the block' 'X1 FX19'
batch A 10000035 | sed 's/^Y  2304/Y  2305/' >se
condition 'Y is not B' 'X1 FX32'
batch A 10000035 | sed 's/^Z2304/Z2305/' >se
condition 'Z is not A' 'X1 FX14'
printf 'B%79s\n' '' >se
is 'a batch of nobody is taken too' "$(put se)" 202
is 'and has nowhere to be answered' "$(get)" 204

# Faults.
control /faults '{"review":true}' >/dev/null
batch A 10000035 >se
put se >/dev/null
has 'referred to a person' "$(next)" 'SE9004'
is 'no release yet' "$(get)" 204
control /faults '{"review":false}' >/dev/null
control /release '{"entry":"ZZZ10000035"}' >/dev/null
has 'until it is released' "$(next)" 'SO60072326140098RELEASED'
control /faults '{"reject":["se:208:MISSING CONTACT INFO"]}' >/dev/null
batch A 10000043 >se
put se >/dev/null
has 'a condition on request' "$(next)" 'SE9011208MISSING CONTACT INFO'
control /faults '{"reject":[],"manual":true}' >/dev/null
put se >/dev/null
is 'answers wait' "$(get)" 204
control /answer >/dev/null
has 'and come when they are told to' "$(next)" 'SE9002'
has 'in order' "$(next)" 'SO60'
control /faults '{"manual":false,"drop_after_read":1}' >/dev/null
batch A 10000050 >se
is 'the line is dropped' "$(put se)" 000
has 'after the batch was taken' "$(next)" 'SE9002'
is 'the next one is served' "$(next >/dev/null; batch A 10000068 >se; put se)" 202
next >/dev/null
next >/dev/null
control /faults '{"down_for":"2"}' >/dev/null
is 'down for two requests' "$(get) $(put se) $(get)" '503 503 204'
is 'a fault nobody knows is refused' "$(curl -s -o /dev/null -w '%{http_code}' -d '{"down_for":"x"}' "$CONTROL/faults")" 400
sandbox_stop
is 'it ends in good order' "$?" 0

exits 2 'it needs accounts and certificates' greenlane-sandbox
has 'and says so' "$err" '--accounts'
exits 2 'a certificate that is not there' greenlane-sandbox --accounts accounts.xml --cert none.pem --key none.key
exits 2 'a rule nobody understands' greenlane-sandbox --reject x
exits 0 'help' greenlane-sandbox --help
has 'names every option' "$out" '--drop-after-read'
done_testing

#!/usr/bin/env bash
# A register that cannot be read while the ledger can still keep: everybody goes standard (F02) until it can be again, which needs nobody. One
# that could not be brought up to date stays as it was, and is brought up to date later.
# slow
# timeout: 600
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://127.0.0.1:9
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text dispatchers 1
us_identity alfa
number=0
submit() { # what submit says of a new declaration
    local n
    n=$(find . -name 'us-*.xml' | wc -l)
    declaration "us-$n.xml" us-truck-entry.xml "s~GL0000101~GL$((2000000 + n))~"
    greenlane submit "us-$n.xml" --to us-ace 2>&1
}
goes() { # REASON: a new declaration does for it
    grep -q "($1)" <<<"$(submit)"
}
printf '%s\n' EI,name,programme,class,status,effective '00-1234567,Placeholder Motors Inc,US-CTPAT,T2,CERTIFIED,2024-01-01' >list.csv
exits 0 'a list' greenlane operators import list.csv --source cbp --as-of "$(date -u +%Y-%m-%d)"
"$GREENLANE_BUILDDIR/greenlaned" >daemon.out 2>daemon.log &
daemon_pid=$!
started "$daemon_pid" daemon.log 'is ready' 'the daemon'
said=$(submit)
has 'the importer goes first' "$said" '(P01)'
first=$(id_in "$said")
reloads() { # PATTERN: SIGHUP, until the log says so once more
    number=$(grep -cE "$1" daemon.log)
    kill -HUP "$daemon_pid"
    ok "SIGHUP: $1" wait_for 60 more "$1"
}
more() {
    [ "$(grep -cE "$1" daemon.log)" -gt "$number" ]
}
alerts() {
    curl -sS --unix-socket "$(echo "$here"/*.sock)" http://localhost/metrics | sed -nE 's/^greenlane_alerts_total\{submitter="\(local\)",kind="review"\} ([0-9]+)$/\1/p'
}

# ---- a table that is damaged ----
before=$(alerts)
sqlite3 ledger.db 'ALTER TABLE certificate RENAME COLUMN class TO klasse'
reloads 'alert flow: the register of operators cannot be read any more, so nobody is expedited until it can: .*class'
said=$(submit)
has 'what comes is kept, and goes standard' "$said" '(F02)'
exits 0 'explain' greenlane explain "$(id_in "$said")"
has 'says why' "$out" 'F02'
exits 0 'what waits' greenlane explain "$first"
has 'was decided again' "$out" 'F02'
is 'and is standard' "$(status_of "$first" .lane)" standard
is 'both are alerts in the metrics' "$(alerts)" $((${before:-0} + 2))
exits 0 'the register' greenlane operators list
has 'says why it is down' "$out" 'no such column'
exits 3 'a change is refused' greenlane operators revoke EI:00-1234567 --programme US-CTPAT --effective 2026-01-01 --by Ana --note x
exits 3 'and verify cannot check it' greenlane ledger verify
sqlite3 ledger.db 'ALTER TABLE certificate RENAME COLUMN klasse TO class'
ok 'mended, it counts again by itself' wait_for 60 goes P01
has 'which the log tells' "$(cat daemon.log)" 'the register of operators can be read again'
exits 0 'all is whole' greenlane ledger verify

# ---- a file that cannot be taken in, for another program writes ----
cat >operators.xml <<'END'
<operators xmlns="urn:greenlane:operators:1">
  <operator id="o1" name="Placeholder Motors Inc">
    <identifier kind="EI" value="00-1234567"/>
    <certificate programme="US-CTPAT" class="T2" environment="TEST" from="2024-01-01"><status value="SUSPENDED" from="2024-06-01"/></certificate>
  </operator>
</operators>
END
coproc sqlite3 -cmd '.timeout 60000' ledger.db
holder=$COPROC_PID
echo "BEGIN IMMEDIATE; SELECT 'held';" >&"${COPROC[1]}"
read -r held <&"${COPROC[0]}"
is 'another program holds the file' "$held" held
reloads 'was not brought up to date: .*is being written by another program'
exits 0 'the register says that it is not up to date' greenlane operators list
has 'and why' "$out" 'is being written by another program'
printf 'COMMIT;\n.quit\n' >&"${COPROC[1]}"
wait "$holder"
ok 'later it is, by itself' wait_for 60 goes C03
exits 0 'all is whole' greenlane ledger verify
done_testing

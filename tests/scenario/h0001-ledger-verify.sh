#!/usr/bin/env bash
# Somebody works on the ledger's file: a row changed, a row taken out, the end cut off, the whole file put back to yesterday's. `ledger
# verify` finds it, the last one from a receipt that was kept outside.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

ace=https://localhost:1
pki
settings
us_identity alfa
declaration one.xml us-truck-entry.xml
declaration two.xml us-truck-entry.xml 's/GL0000101/GL0000102/'
exits 0 'a declaration is kept' greenlane submit one.xml --to us-ace
greenlane show "$(id_in "$out")" receipt --output one.json
cp ledger.db yesterday.db
exits 0 'and another' greenlane submit two.xml --to us-ace
greenlane show "$(id_in "$out")" receipt --output two.json
exits 0 'the ledger is whole' greenlane ledger verify
exits 0 'and the receipt holds' greenlane ledger verify two.json
cp ledger.db good.db
ok 'the database itself refuses a plain change' bash -c '! sqlite3 ledger.db "UPDATE declarations SET original = NULL" 2>/dev/null'
cp ledger.db open.db
sqlite3 open.db "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'" | sqlite3 open.db

# worked TEXT WANTED SQL: after that SQL, with the triggers out of the way, verify finds it
worked() {
    cp open.db ledger.db
    sqlite3 ledger.db "$3"
    exits 1 "$1: found" greenlane ledger verify
    has "$1: and named" "$out$err" "$2"
}
worked 'a changed row' 'declarations: row 1 was changed' "UPDATE declarations SET original = CAST(replace(original, '25000.00', '15000.00') AS BLOB) WHERE id = 1"
worked 'a missing row' 'declarations: row 1 is missing' 'DELETE FROM declarations WHERE id = 1'
worked 'a row cut off the end' 'declarations: row 2 is missing' 'DELETE FROM declarations WHERE id = 2'
worked 'a cut chain' 'heads:' 'DELETE FROM chain WHERE seq > (SELECT max(seq) - 3 FROM chain)'

cp yesterday.db ledger.db
exits 0 "yesterday's file is whole in itself" greenlane ledger verify
exits 0 "and yesterday's receipt holds" greenlane ledger verify one.json
exits 1 "but the receipt kept outside does not" greenlane ledger verify two.json
has 'and says so' "$out$err" receipt

cp good.db ledger.db
sed -E 's/"sha256":"./"sha256":"z/' two.json >forged.json
exits 1 'a forged receipt does not either' greenlane ledger verify forged.json

# What has ended goes into a file of its own, and both sides still prove it.
cp good.db ledger.db && rm -f ledger.db-wal ledger.db-shm
first=$(jq -r .id one.json)
exits 0 'one is cancelled' greenlane cancel "$first" --reason 'for the archive'
declaration three.xml us-truck-entry.xml 's/GL0000101/GL0000103/'
greenlane submit three.xml --to us-ace >/dev/null 2>&1
exits 2 'an archive wants a day' greenlane ledger archive --output old.archive
exits 2 'and a file' greenlane ledger archive --before 2100-01-01
exits 0 'before it all there is nothing' greenlane ledger archive --before 2020-01-01 --output old.archive
has 'which is said' "$out" 'nothing has ended'
ok 'and no file is made' test ! -e old.archive
exits 0 'what was cancelled is archived' greenlane ledger archive --before 2100-01-01 --output old.archive
has 'one declaration' "$out" '1 declarations archived'
is 'the file stands alone' "$(echo old.archive*)" old.archive
exits 0 'the ledger is whole' greenlane ledger verify
has 'and says what it let go' "$out" '1 declarations were let go'
exits 0 'the archive is whole' greenlane ledger verify old.archive
exits 0 'its receipt holds against the ledger' greenlane ledger verify one.json
has 'which names the archive' "$out" "'old.archive'"
exits 0 'and against the archive' greenlane ledger verify one.json --archive old.archive
exits 1 'another receipt does not' greenlane ledger verify two.json --archive old.archive
exits 1 'its status is not here' greenlane status "$first"
has 'but where it is' "$err" "'old.archive'"
exits 2 'the same file again is refused' greenlane ledger archive --before 2100-01-01 --output old.archive
cp old.archive bad.archive
sqlite3 bad.archive "UPDATE declarations SET original = 'x'"
exits 1 'an archive somebody worked on is found' greenlane ledger verify bad.archive
has 'with the row' "$out$err" declarations
exits 1 'a ledger that is not there is not whole' greenlane ledger verify --ledger lost.db
has 'it is said' "$err" "there is no ledger at 'lost.db'"
exits 1 'nor is there anything to export' greenlane ledger export --ledger lost.db
for command in list 'status x' 'explain x' 'show x original' doctor certs; do
    # shellcheck disable=SC2086 # words
    exits 1 "nor for $command" greenlane $command --ledger lost.db
    is 'which one line says' "$(grep -c "there is no ledger at 'lost.db'" <<<"$out$err")" 1
done
exits 1 'in Spanish too' greenlane list --ledger lost.db --lang es
has 'it is said' "$err" "no existe un libro en 'lost.db'"
is 'and none was made' "$(find . -name 'lost*' | wc -l)" 0
done_testing

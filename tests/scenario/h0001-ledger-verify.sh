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
done_testing

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

worked 'a head taken out of the middle' 'heads: head 2 is missing' 'DELETE FROM heads WHERE id = 2'
worked 'the last head taken off' 'but the chain ends at link' 'DELETE FROM heads WHERE id = (SELECT max(id) FROM heads)'

# Somebody who knows how the chain is made: a message to customs rewritten, every link after it made anew, the heads that would show it gone.
# Whoever opens the file must not sign that.
cp open.db ledger.db && rm -f ledger.db-wal ledger.db-shm
python3 "$GREENLANE_SRCDIR/tests/scenario/lib/forge.py" ledger.db filings 1 outbound 'another message'
cp ledger.db forged.db
for try in once twice; do
    exits 1 "a forged chain is not whole, asked $try" greenlane ledger verify
    has 'for its last rows are not signed' "$out$err" 'heads: the last one signs link'
    has 'and the receipts that are kept name other ones' "$out$err" 'receipts: row 2'
done
ok 'who looks signs nothing and writes nothing' cmp ledger.db forged.db
exits 3 'nothing more is written after it' greenlane submit two.xml --to us-ace --key later
is 'which is one line' "$(wc -l <<<"$err")" 1
has 'that says what it is' "$err" 'not signed by this gateway'
has 'and what to do' "$err" 'ledger verify'
exits 3 'nor is it archived' greenlane ledger archive --before 2100-01-01 --output forged.archive
exits 3 'in Spanish' greenlane identities remove alfa --lang es
has 'it is said' "$err" 'no están firmadas por este sistema'
exits 0 'what it holds can be read' greenlane list
has 'as it stands' "$out" GL0000102
ok 'and still nothing was written' cmp ledger.db forged.db

cp good.db ledger.db && rm -f ledger.db-wal ledger.db-shm
exits 0 'a ledger that is whole is not written either' greenlane ledger verify
ok 'byte for byte' cmp ledger.db good.db

# The key file is lost: no other one takes its place.
mv greenlane.key kept.key
for command in list 'ledger verify' "submit two.xml --to us-ace --key later" 'identities list'; do
    # shellcheck disable=SC2086 # words
    exits 3 "without its key file there is no $command" greenlane $command
    is 'which is one line' "$(wc -l <<<"$err")" 1
    has 'that names the file' "$err" "the key file '$here/greenlane.key'"
done
exits 3 'in Spanish' greenlane list --lang es
has 'it is said' "$err" 'falta el archivo de clave'
ok 'and no key was made' test ! -e greenlane.key
mv kept.key greenlane.key
exits 0 'with it all is there' greenlane list

# No room on the disk (nothing can be written to any file): what is kept can be read.
full() {
    # shellcheck disable=SC2016 # for the shell it starts
    exits "$1" "$2" bash -c 'trap "" XFSZ; { (ulimit -f 0; "$@") 2>&1; echo "exit $?"; } | cat; exit "${PIPESTATUS[0]}"' full "${@:3}"
}
full 0 'a full disk: the list' greenlane list
has 'is there' "$out" GL0000102
has 'with its exit status' "$out" 'exit 0'
full 0 'the status' greenlane status GL0000102
has 'too' "$out" 'exit 0'
full 0 'the ledger' greenlane ledger verify
has 'is whole' "$out" 'good: '
has 'and the command says so' "$out" 'exit 0'
full 0 'a new declaration' greenlane submit two.xml --to us-ace --key later
has 'is refused' "$out" 'no space left'
has 'by its exit status' "$out" 'exit 3'

# Who may file and where to: every row of it is in the chain too.
cp good.db ledger.db && rm -f ledger.db-wal ledger.db-shm
exits 0 'a submitter' greenlane submitters add broker pki/client-alfa.pem
exits 0 'may use an identity' greenlane bindings add broker alfa --document 'power of attorney 1'
exits 0 'and another' greenlane submitters add vendor pki/client-beta.pem
exits 0 'brings what the first one signs' greenlane messengers add vendor broker
exits 0 'with this certificate' greenlane signers add broker pki/client-beta.pem
us_identity beta 8ZZ TEST https://localhost:1
exits 0 'what was entered ends, too' greenlane identities remove beta
exits 0 'all of it is whole' greenlane ledger verify
cp ledger.db whole.db
while IFS='|' read -r table sql; do
    cp whole.db ledger.db && rm -f ledger.db-wal ledger.db-shm
    sqlite3 ledger.db "$sql"
    exits 1 "$table worked on: found" greenlane ledger verify
    has 'and named' "$out$err" "identities and submitters: $table"
done <<'END'
identity_setting|UPDATE identity_setting SET value = 'https://evil.example/' WHERE name LIKE '%submit.url'
identity|UPDATE identity SET principal = '9ZZ' WHERE name = 'alfa'
identity|UPDATE identity SET removed_ms = 1 WHERE name = 'alfa'
identity|UPDATE identity SET removed_ms = NULL WHERE name = 'beta'
identity_secret|UPDATE identity_secret SET sealed = x'00' WHERE name = 'abi-password'
identity_secret|UPDATE identity_secret SET until_ms = 1 WHERE id = 1
identity_secret|DELETE FROM identity_secret WHERE name = ':settings'
identity_setting|DELETE FROM identity_setting WHERE id = 2
identity_token|INSERT INTO identity_token(identity, uri, since_ms) VALUES('alfa', 'pkcs11:token=x', 1)
identity_certificate|INSERT INTO identity_certificate(identity, der, since_ms) VALUES('alfa', x'00', 1)
submitter|UPDATE submitter SET fingerprint = 'aa' WHERE name = 'broker'
submitter_binding|INSERT INTO submitter_binding(submitter, identity, from_ms, to_ms, document, added_ms) VALUES('other', 'alfa', 0, 0, '', 0)
submitter_binding|UPDATE submitter_binding SET to_ms = 0, document = 'another'
submitter_binding|UPDATE submitter_binding SET ended_ms = 1
submitter_signer|UPDATE submitter_signer SET fingerprint = 'aa'
submitter_messenger|DELETE FROM submitter_messenger
END
cp whole.db ledger.db && rm -f ledger.db-wal ledger.db-shm
sqlite3 ledger.db "INSERT INTO submitter_binding(submitter, identity, from_ms, to_ms, document, added_ms) VALUES('other', 'alfa', 0, 0, '', 0)"
exits 3 'and no later change takes it into the chain' greenlane submitters add third
has 'which says why' "$err" 'submitter_binding has rows that were not written by this gateway'
is 'in one line' "$(wc -l <<<"$err")" 1

# Without the seals of its settings an identity is not taken as it stands then, whatever else is taken away with them.
cp whole.db ledger.db && rm -f ledger.db-wal ledger.db-shm
sqlite3 ledger.db "UPDATE identity_setting SET value = 'https://evil.example/' WHERE name LIKE '%submit.url';
    DELETE FROM identity_secret WHERE name = ':settings'; DELETE FROM register_sealed"
exits 3 'it is not filed with' greenlane submit two.xml --to us-ace --identity alfa --key settings
has 'for it is not what was entered' "$err" "identity 'alfa' is not as it was entered"
exits 1 'and the ledger is not whole' greenlane ledger verify
sqlite3 ledger.db "SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'" | sqlite3 ledger.db
sqlite3 ledger.db "DELETE FROM register WHERE kind = 'sealed'"
exits 3 'nor when the change that sealed it first is taken out' greenlane submit two.xml --to us-ace --identity alfa --key settings
has 'still' "$err" "identity 'alfa' is not as it was entered"
exits 1 'which is found' greenlane ledger verify
has 'too' "$out$err" 'register: row'

cp yesterday.db ledger.db && rm -f ledger.db-wal ledger.db-shm
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
exits 0 'the same declaration once more' greenlane submit one.xml --to us-ace
has 'is the one that was let go, not a new one' "$out" "$first"
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

#!/usr/bin/env bash
# The register by the command: lists, refusals, attestations, bindings, revocations, arrangements; and a lane that changes with them.
# slow
# timeout: 600
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/register.sh"

register
submit() { # EXTRA...: the first reason of its lane
    file_one "$@" | grep -oE '\([A-Z][0-9]{2}\)'
}
orion='00-1234567,Placeholder Motors Inc,US-CTPAT,T2'
luna='22-2222222,Luna Inc,US-CTPAT,T3'

is 'an importer nobody knows goes standard' "$(submit)" '(B03)'
list good.csv "$orion,CERTIFIED,2024-01-01" "$luna,CERTIFIED,2024-01-01"
exits 0 'a dry run' greenlane operators import good.csv --source cbp --as-of 2026-07-01 --dry-run
has 'it says what would change' "$out" '2 would be added'
has 'and each change of it' "$out" 'row 2, EI:001234567:US-CTPAT:T2, would be new: Placeholder Motors Inc; US-CTPAT/T2 CERTIFIED'
is 'and changes nothing' "$(submit)" '(B03)'
exits 0 'the list is taken in' greenlane operators import good.csv --source cbp --as-of 2026-07-01
is 'now the importer is expedited' "$(submit)" '(P01)'
list worse.csv "$orion,SUSPENDED,2026-07-02"
exits 0 'a dry run of a later list' greenlane operators import worse.csv --source cbp --as-of 2026-07-02 --dry-run --max-shrink 100
has 'says what it was and would be' "$out" 'would change: Placeholder Motors Inc; US-CTPAT/T2 CERTIFIED -> Placeholder Motors Inc; US-CTPAT/T2 SUSPENDED'
has 'and who is gone' "$out" 'EI:222222222:US-CTPAT:T3, would no longer be listed: Luna Inc; US-CTPAT/T3 CERTIFIED'
exits 0 'as JSON too' greenlane operators import worse.csv --source cbp --as-of 2026-07-02 --dry-run --max-shrink 100 --json
is 'the same' "$(jq -c '[.changes[] | [.change, .row, .before != null, .after != null]]' <<<"$out")" '[["changed",2,true,true],["removed",null,true,false]]'

# what is refused leaves all as it was
list short.csv "$luna,CERTIFIED,2024-01-01"
list zero.csv "$orion,CERTIFIED,0000-00-00"
list twice.csv "$orion,CERTIFIED,2024-01-01" "$orion,REVOKED,2024-01-01"
refused() { # TEXT PART COMMAND-ARGUMENT...
    exits 1 "refused: $1" greenlane operators import "${@:3}" --source cbp
    has "and why: $1" "$err" "$2"
    is "in one line: $1" "$(wc -l <<<"$err")" 1
}
refused older 'older than' good.csv --as-of 2026-06-30
refused 'of tomorrow' 'still to come' good.csv --as-of 2026-07-03
refused shrunk '1 of 2 operators would vanish' short.csv --as-of 2026-07-02
refused 'another checksum' 'SHA-256' good.csv --as-of 2026-07-02 --sha256 00
refused 'a date that is none' 'row 2, column effective' zero.csv --as-of 2026-07-02
refused 'a key twice' 'row 3:' twice.csv --as-of 2026-07-02
is 'nothing of it stayed' "$(submit)" '(P01)'

# a signature over the list
openssl cms -sign -binary -signer pki/server.pem -inkey pki/server.key -in good.csv -outform DER -out good.p7s -md sha256 2>cms.log
exits 0 'a signed list' greenlane operators import good.csv --source cbp --as-of 2026-07-01 --signature good.p7s --anchor pki/server.pem
exits 1 'the signature is over other bytes' greenlane operators import short.csv --source cbp --as-of 2026-07-01 \
    --max-shrink 100 --signature good.p7s --anchor pki/server.pem

# a suspension, then the importer vanishes
list suspended.csv "$orion,SUSPENDED,2026-07-01" "$luna,CERTIFIED,2024-01-01"
exits 0 'a list with a suspension' greenlane operators import suspended.csv --source cbp --as-of 2026-07-02
said=$(reasons)
has 'suspended' "$said" C03
has 'suspended, so standard' "$said" STANDARD:
exits 0 'history tells it' greenlane operators history EI:00-1234567
has 'what it was before' "$out" 'CERTIFIED from 2024-01-01'
has 'and what it is' "$out" 'SUSPENDED from 2026-07-01'

# a person's word beside the list: the worse counts, and show says so
echo page >page.html
exits 2 'an attestation wants its evidence' greenlane operators attest EI:22-2222222 --programme US-CTPAT --class T3 --seen 2026-07-01 --by Ana
exits 0 'an attestation' greenlane operators attest EI:00-1234567 --programme US-CTPAT --class T2 --seen 2026-07-01 \
    --evidence page.html --by Ana --valid-days 60
has 'with the digest of what was seen' "$out" "$(sha256sum page.html | cut -d' ' -f1)"
said=$(reasons)
has 'does not outweigh the suspension' "$said" C03
has 'does not outweigh the suspension, so standard' "$said" STANDARD:
exits 0 'show' greenlane operators show EI:00-1234567
has 'tells of the conflict' "$out" 'CONFLICT over US-CTPAT/T2'
exits 0 'certs' greenlane certs
has 'has the day the attestation ends' "$out" '2026-08-30'
exits 0 'the list takes the suspension back' greenlane operators import good.csv --source cbp --as-of 2026-07-02
is 'certified again' "$(submit)" '(P01)'
exits 0 'a revocation' greenlane operators revoke EI:00-1234567 --programme US-CTPAT --effective 2026-07-01 --by Ana --note 'notice by letter'
said=$(reasons)
has 'counts whatever the list says' "$said" C04
has 'counts whatever the list says, so standard' "$said" STANDARD:
exits 0 'and its end' greenlane operators reinstate EI:00-1234567 --programme US-CTPAT --effective 2026-07-02 --by Ana --note 'an error'
is 'certified again' "$(submit)" '(P01)'

# who may act for him
greenlane submitters add alfa >/dev/null && greenlane bindings add alfa alfa >/dev/null
said=$(file_one --as alfa)
has 'a submitter who is not bound' "$said" '(A03)'
exits 0 'and explain' greenlane explain "$(id_in "$said")"
matches 'says that he is new to this importer' "$out" "alert of 2026-07-02T15:00:00.000Z: new submitter: 'alfa' has not declared for this importer before, others have [0-9]+ times"
exits 0 'bound' greenlane operators bind alfa EI:00-1234567 --capacity broker --from 2026-01-01 --until 2026-12-31 --document 'power of 2025'
is 'goes first' "$(submit --as alfa)" '(P01)'
exits 0 'unbound' greenlane operators unbind alfa EI:00-1234567 --by Ana
is 'no more' "$(submit --as alfa)" '(A03)'

# arrangements
exits 0 'arrangements' greenlane arrangements list
has 'the United States and Mexico ship unconfirmed' "$out" 'A-MX-US  MX-OEA -> US  unconfirmed'
exits 0 'confirmed' greenlane arrangements confirm A-MX-US --effective 2015-01-01 --roles EX,MF --source 'a letter' --by Ana
exits 0 'arrangements' greenlane arrangements list --lang es
has 'Ana answers for it' "$out" 'responde Ana'
printf '%s\n' MID,name,programme,class,status,effective,consent \
    'MXARNINV1200MON,Arneses Inventados SA de CV,MX-OEA,O,CERTIFIED,2024-01-01,yes' >makers.csv
exits 0 'a list of makers' greenlane operators import makers.csv --source sat --as-of 2026-07-01
has 'the maker counts under it, who is the seller too' "$(reasons)" 'P01 P02'
sed -i '/<Seller>/,/<[/]Seller>/s,Arneses,Telares,' us.xml
has 'goods of a seller who is no party are not covered' "$(reasons)" E07
exits 2 'an importer is no partner' greenlane arrangements confirm A-MX-US --effective 2015-01-01 --roles IM --source x --by Ana
exits 0 'withdrawn' greenlane arrangements withdraw A-MX-US --by Ana

# every change is in the chain; a register that cannot be read stops nobody
is 'the chain holds them' "$(greenlane ledger export | jq -r 'select(.table == "register").columns.kind' | grep -vxE "sealed|identity|submitter|identity-binding" | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 1 attestation 1 binding 1 confirmation 5 list 2 status 1 unbinding 1 withdrawal '
exits 0 'and is whole' greenlane ledger verify
echo '<operators' >broken.xml
is 'a broken operators file: standard' "$(submit --set operators=broken.xml)" '(F02)'
exits 0 'the register says why' greenlane operators list --set operators=broken.xml
has 'with the place' "$out" 'broken.xml:2:1:'
is 'an operators file that is set and missing: standard' "$(submit --set operators=absent.xml)" '(F02)'
exits 0 'the register says why' greenlane operators list --set operators=absent.xml
has 'by its name' "$out" 'absent.xml'
is 'and is there again without it' "$(submit)" '(P01)'

# another program writes in the ledger's file, and with it in the register: who changes something is told, and nothing changed
before=$(greenlane ledger export | wc -l)
coproc sqlite3 ledger.db
holder=$COPROC_PID
echo "BEGIN IMMEDIATE; SELECT 'held';" >&"${COPROC[1]}"
read -r held <&"${COPROC[0]}"
is 'another program holds the file' "$held" held
exits 3 'a list meanwhile' greenlane operators import makers.csv --source sat --as-of 2026-07-02
has 'one clear line' "$err" 'is being written by another program'
exits 3 'and in Spanish' greenlane operators import makers.csv --source sat --as-of 2026-07-02 --lang es
has 'dicho' "$err" 'otro programa está escribiendo'
exits 3 'a declaration too' greenlane submit us.xml --to us-ace --key later
printf 'COMMIT;\n.quit\n' >&"${COPROC[1]}"
wait "$holder"
is 'nothing came of it' "$(greenlane ledger export | wc -l)" "$before"
exits 0 'afterwards it is taken' greenlane operators import makers.csv --source sat --as-of 2026-07-02

# a check digit that is wrong warns, whoever names the number
printf '%s\n' RFC,name,programme,class,status,effective 'ZZI150312QB0,Uno SA,MX-OEA,O,CERTIFIED,2024-01-01' \
    'ZZI150312QB1,Dos SA,MX-OEA,O,CERTIFIED,2024-01-01' >rfcs.csv
exits 0 'a list with such an RFC' greenlane operators import rfcs.csv --source sat2 --as-of 2026-07-01
has 'says so, with the row' "$out" 'warning: the check digit of 1 RFC(s) is wrong, first in row 3'
exits 0 'as JSON too' greenlane operators import rfcs.csv --source sat2 --as-of 2026-07-01 --dry-run --json
is 'the same' "$(jq -c '[.doubtful, .first_doubtful]' <<<"$out")" '[1,3]'
exits 0 'an attestation of one' greenlane operators attest RFC:ZZI150312QB1 --programme MX-OEA --class O --seen 2026-07-01 --evidence page.html --by Ana
has 'says so' "$out" 'the check digit of RFC ZZI150312QB1 is wrong'
exits 0 'of one that is right' greenlane operators attest RFC:ZZI150312QB0 --programme MX-OEA --class O --seen 2026-07-01 --evidence page.html --by Ana
lacks 'does not' "$out" 'check digit'
declaration digit.xml us-truck-entry.xml '/<Seller>/,/<[/]Seller>/s,</Name>,</Name><ID schemeID="RFC">ZZI150312QB1</ID>,'
exits 0 'a declaration to the United States that names one' greenlane check --for us-ace digit.xml
has 'is warned' "$out$err" 'GLN-CORE-027'

# what is altered beside Greenlane shows
exits 0 'the ledger is whole' greenlane ledger verify
tampered() { # WHAT TEXT SQL: verify finds it, and is content again once it is undone
    cp ledger.db whole.db
    sqlite3 ledger.db "$3"
    exits 1 "verify finds: $1" greenlane ledger verify
    has "and says where: $1" "$out" "$2"
    rm -f ledger.db-wal ledger.db-shm
    mv whole.db ledger.db
}
sqlite3 ledger.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
tampered 'another class' 'register of operators: certificate, rows ' "UPDATE certificate SET class='T3' WHERE id=1"
tampered 'a status' 'register of operators: status_event, rows ' "UPDATE status_event SET status='CERTIFIED' WHERE status='REVOKED'"
tampered 'a certificate that ended lives' 'register of operators: certificate, row ' "UPDATE certificate SET until_ms=NULL WHERE id=(SELECT min(id) FROM certificate WHERE until_ms IS NOT NULL); DELETE FROM register_ended WHERE id=(SELECT max(id) FROM register_ended)"
tampered 'an end taken back with its trace' 'register of operators: register_ended' "UPDATE certificate SET until_ms=NULL WHERE id=(SELECT row FROM register_ended WHERE tbl='certificate' LIMIT 1); DELETE FROM register_ended WHERE tbl='certificate'"
tampered 'a binding' 'register of operators: operator_binding' "UPDATE operator_binding SET submitter='beta'"
tampered 'a binding put in' 'operator_binding has 1 row(s) no change of the chain put there' "INSERT INTO operator_binding(environment, submitter, entry, learned_ms, who) VALUES('TEST', 'alfa', 1, 0, 'x')"
tampered 'one before the first' 'operator_binding has 1 row(s)' "INSERT INTO operator_binding(id, environment, submitter, entry, learned_ms, who) VALUES(-1, 'TEST', 'alfa', 1, 0, 'x')"
tampered 'an operator put in' 'operator_identifier has 1 row(s)' "INSERT INTO operator_identifier SELECT operator+1000, position, kind, '99', '99' FROM operator_identifier LIMIT 1"
tampered 'an operator taken out' 'register of operators: operator, rows ' 'DELETE FROM operator WHERE id=1'
tampered 'a number' 'register of operators: operator_identifier, rows ' "UPDATE operator_identifier SET value_norm='999999999' WHERE operator=1"
tampered 'an arrangement' 'register of operators: register_arrangement' "UPDATE register_arrangement SET roles='IM'"
tampered 'all of it' 'no change' 'UPDATE register_arrangement SET until_ms=NULL'
exits 0 'the ledger is whole' greenlane ledger verify
done_testing

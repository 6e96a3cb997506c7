#!/usr/bin/env bash
# Ways to come into the expedited lane without a right to it: look-alike letters and digits, another kind, somebody else's number, claims, a
# missing importer. Each by the command and over HTTPS by a submitter who is bound to every importer, so that nothing but the cheat is why.
# slow
# timeout: 600
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://127.0.0.1:9 vucem=https://127.0.0.1:9
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text \
    clock 2026-07-24T15:00:00Z operators "$here/operators.xml" unbound-importer file
holder() { # ID NAME KIND NUMBER PROGRAMME CLASS STATUS
    echo "<operator id=\"$1\" name=\"$2\"><identifier kind=\"$3\" value=\"$4\"/><certificate programme=\"$5\" class=\"$6\" environment=\"TEST\"" \
        "from=\"2024-01-01\" list-date=\"2026-07-20\" consent=\"yes\"><status value=\"$7\" from=\"2024-01-01\"/></certificate></operator>"
}
{
    echo '<operators xmlns="urn:greenlane:operators:1">'
    holder good 'Placeholder Motors Inc' EI 00-1234567 US-CTPAT T2 CERTIFIED
    holder luna 'Luna Imports Inc' EI 11-1111111 US-CTPAT T2 SUSPENDED
    holder north 'Nordwerk GmbH' MID DENOR12HAM EU-AEO AEOF CERTIFIED
    holder mx 'Importadora Inventada SA de CV' RFC ZZI150312QB0 MX-OEA O CERTIFIED
    holder korea 'Hangang Tools Co' AEO KR9999999999 KR-AEO AAA CERTIFIED
    for who in good luna mx; do echo "<binding submitter=\"alfa\" operator=\"$who\" document=\"power of attorney, invented\"/>"; done
    echo '</operators>'
} >operators.xml
us_identity alfa
mx_identity uno
greenlane submitters add alfa pki/client-alfa.pem >>add.log 2>&1
for identity in alfa uno; do greenlane bindings add alfa "$identity" >>add.log; done
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml
"$GREENLANE_BUILDDIR/greenlaned" >daemon.out 2>daemon.log &
daemon_pid=$!
started "$daemon_pid" daemon.log 'is ready' 'the daemon'
port=$(sed -nE 's/.* is ready on 127\.0\.0\.1:([0-9]+).*/\1/p' daemon.log)

decided() { # SAID: verdict, primary reason, alert; or that it was not even kept, with the rule that says so
    local id
    id=$(id_in "$1")
    if [ -n "$id" ]; then
        greenlane show "$id" decision | jq -r '"\(.verdict) \(.primary) \(.alert)"'
    else
        grep -oE 'GLN-[A-Z]+-[0-9]+' <<<"$1" | sort -u | tr '\n' ' '
    fi
}
fresh() { # FILE SED...: a new declaration of it: its name
    local n
    n=$(find . -name 'sent-*.xml' | wc -l)
    sed -E "s,(<FunctionalReferenceID>)[^<]*,\\1GLC$((1000 + n)),;s,>FA-2026-[0-9]*,>FA-2026-$((1000 + n))," "$1" >"sent-$n.xml"
    for change in "${@:2}"; do sed -E -i "$change" "sent-$n.xml"; done
    echo "sent-$n.xml"
}
cheat() { # WHAT DESTINATION FILE EXPECTED SED...
    local file said
    file=$(fresh "$3" "${@:5}")
    said=$(greenlane submit "$file" --to "$2" 2>&1)
    is "$1, by the command" "$(decided "$said")" "$4"
    file=$(fresh "$3" "${@:5}")
    said=$(curl -sS --cacert pki/ca.pem --cert pki/client-alfa.pem --key pki/client-alfa.key --connect-to "localhost:443:127.0.0.1:$port" \
        --data-binary "@$file" -H 'Content-Type: application/xml' "https://localhost/v1/declarations?to=$2" 2>&1)
    is "$1, over HTTPS" "$(decided "$said")" "$4"
}
name='Placeholder Motors Inc'
suspended=('s,>00-1234567<,>11-1111111<,' "s,$name,Luna Imports Inc,")
maker=('s,MXARNINV1200MON,DENOR12HAM,' 's,Arneses Inventados SA de CV,Nordwerk GmbH,')
identifier() { # VALUE: the pedimento's identifier in a Mexican declaration
    echo "s~<Agent>~<AdditionalInformation><StatementCode listID=\"urn:greenlane:mx:1\">MX.IDENT</StatementCode><StatementDescription>$1</StatementDescription><StatementTypeCode>ZZZ</StatementTypeCode></AdditionalInformation>&~"
}

cheat 'nothing is wrong' us-ace us.xml 'EXPEDITED P01 NONE'
cheat 'the number of another kind with the same digits' us-ace us.xml 'STANDARD B03 NONE' 's,schemeID="EI">00-1234567,schemeID="34">001-23-4567,'
cheat 'a kind nobody knows is not even kept' us-ace us.xml 'GLN-US-034 ' 's,schemeID="EI">00-,schemeID="SVI">00-,'
cheat 'the right number, another name' us-ace us.xml 'STANDARD B07 SECURITY' "s,$name,Shady Motors Inc,"
cheat 'a Cyrillic letter in the name' us-ace us.xml 'STANDARD B07 SECURITY' "s,$name,Рlaceholder Motors Inc,"
cheat 'a sign nobody sees in the name' us-ace us.xml 'STANDARD B07 SECURITY' "s,$name,Place&#8203;holder Motors Inc,"
cheat 'another legal form is for a person to see' us-ace us.xml 'STANDARD B07 REVIEW' "s,$name,Placeholder Motors LLC,"
cheat 'a suspended importer behind a certified maker' us-ace us.xml 'STANDARD C03 REVIEW' "${suspended[@]}" "${maker[@]}"
cheat 'a suspended importer under a number that is not found' us-ace us.xml 'STANDARD B03 REVIEW' 's,>00-1234567<,>11-1111112<,' "s,$name,Luna Imports Inc," "${maker[@]}"
cheat 'the maker'\''s name on another maker'\''s goods' us-ace us.xml 'STANDARD B07 SECURITY' "${suspended[0]}" 's,MXARNINV1200MON,DENOR12HAM,'
cheat 'a tag for a number nobody has' us-ace us.xml 'STANDARD A02 SECURITY' 's~<BorderTransportMeans>~<AuthorisationHolder><ID>US99999999</ID><CategoryCode>AEOF</CategoryCode></AuthorisationHolder>&~'
# an entry that needs no importer is decided by whose goods they are
none=('/<Importer>/,/<[/]Importer>/d' '/US.ENTRYTYPE/{n;s,>01<,>86<,}' 's,>[0-9.]*</(InvoiceAmount|ItemChargeAmount|CustomsValueAmount|StatisticalValueAmount)>,>700.00</\1>,')
cheat 'no importer, a certified maker, another seller' us-ace us.xml 'STANDARD E07 REVIEW' "${none[@]}" "${maker[0]}" '/<Manufacturer>/,/<[/]Manufacturer>/s,Arneses Inventados SA de CV,Nordwerk GmbH,'
cheat 'no importer, all of one who is certified' us-ace us.xml 'EXPEDITED P02 REVIEW' "${none[@]}" "${maker[@]}"
cheat 'the right RFC, another name' mx-vucem mx.xml 'STANDARD B07 SECURITY' 's,Importadora Inventada SA de CV,Importadora Ajena SA de CV,'
cheat 'a Cyrillic letter in the RFC is neither' mx-vucem mx.xml 'GLN-KEY-004 GLN-MX-020 ' 's,ZZI150312QB0,ZZI150312QВ0,'
cheat 'a number of OE that is another'\''s' mx-vucem mx.xml 'STANDARD B07 SECURITY' "$(identifier OE:KR9999999999:KOR)"
cheat 'a number of OE that nobody has' mx-vucem mx.xml 'STANDARD A02 SECURITY' "$(identifier OE:KR0000000000:KOR)"
cheat 'an identifier IC of an importer nobody knows' mx-vucem mx.xml 'STANDARD A02 SECURITY' 's,ZZI150312QB0,ZZJ150312QB9,' "$(identifier IC:O)"
kill "$daemon_pid" && wait "$daemon_pid" 2>/dev/null
done_testing

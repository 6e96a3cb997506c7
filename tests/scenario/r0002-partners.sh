#!/usr/bin/env bash
# Partners under an arrangement: a Korean supplier into Mexico by his number of OE, and what does not bring other people's goods along.
# timeout: 300
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://127.0.0.1:9 vucem=https://127.0.0.1:9
settings clock 2026-07-24T15:00:00Z operators "$here/operators.xml" unbound-importer file
holder() { # ID NAME KIND NUMBER PROGRAMME CLASS
    echo "<operator id=\"$1\" name=\"$2\"><identifier kind=\"$3\" value=\"$4\"/><certificate programme=\"$5\" class=\"$6\" environment=\"TEST\"" \
        'from="2024-01-01" list-date="2026-07-20" consent="yes"><status value="CERTIFIED" from="2024-01-01"/></certificate></operator>'
}
{
    echo '<operators xmlns="urn:greenlane:operators:1">'
    holder korea 'Placeholder Fasteners Inc' AEO KR1234567890 KR-AEO AAA
    holder other 'Hangang Tools Co' AEO KR9999999999 KR-AEO AAA
    holder north 'Nordwerk GmbH' MID DENOR12HAM EU-AEO AEOF
    holder person 'Placeholder Motors Inc' 34 123-45-6789 US-CTPAT T2 | sed 's/id="person"/id="list:34:123456789:1"/'
    echo '<operator id="mx" name="Importadora Inventada SA de CV"><identifier kind="RFC" value="ZZI150312QB0"/></operator>'
    echo '<operator id="us" name="Placeholder Motors Inc"><identifier kind="EI" value="00-1234567"/></operator>'
    echo '</operators>'
} >operators.xml
us_identity alfa
mx_identity uno
greenlane submitters add alfa pki/client-alfa.pem >>add.log 2>&1
greenlane bindings add alfa alfa >>add.log
declaration mx.xml mx-import-cove.xml
declaration us.xml us-truck-entry.xml
lane() { # FILE DESTINATION EXTRA...: verdict, primary reason, alert of a new declaration
    local n
    n=$(find . -name 'sent-*.xml' | wc -l)
    sed "s,<FunctionalReferenceID>[^<]*,&$n," "$1" >"sent-$n.xml"
    greenlane submit "sent-$n.xml" --to "$2" "${@:3}" >said.txt 2>&1
    id_in "$(cat said.txt)" >id.txt
    greenlane show "$(cat id.txt)" decision | jq -r '"\(.verdict) \(.primary) \(.alert)"' || cat said.txt
}
oe() { # NUMBER: the declaration with an OE of that number
    sed "s,<Agent>,<AdditionalInformation><StatementCode listID=\"urn:greenlane:mx:1\">MX.IDENT</StatementCode><StatementDescription>OE:$1:KOR</StatementDescription><StatementTypeCode>ZZZ</StatementTypeCode></AdditionalInformation>&," mx.xml >oe.xml
}

is 'a supplier without a number' "$(lane mx.xml mx-vucem)" 'STANDARD E01 NONE'
oe KR1234567890
is 'his number is the exporter'\''s' "$(lane oe.xml mx-vucem)" 'EXPEDITED P02 NONE'
exits 0 'explain' greenlane explain "$(cat id.txt)"
has 'says under what' "$out" 'arrangement A-KR-MX'
has 'and what the pedimento may say' "$out" '507 OE KR1234567890 KOR'
oe KR9999999999
is 'another'\''s number' "$(lane oe.xml mx-vucem)" 'STANDARD B07 SECURITY'
oe KR0000000000
is 'a number nobody has' "$(lane oe.xml mx-vucem)" 'STANDARD A02 SECURITY'
oe KR1234567890
sed -i 's/ZZI150312QB0/ZZJ150312QB0/' oe.xml
is 'for an importer nobody knows' "$(lane oe.xml mx-vucem)" 'STANDARD B03 NONE'

# goods of a maker who is another, under an exporter whose number is public
exporter='s,<Exporter>,<Exporter><Name>Nordwerk GmbH</Name><ID schemeID="MID">DENOR12HAM</ID><Address>,;/<Exporter>/,/<[/]Exporter>/{/<Name>Arneses/d;/^ *<Address>/d}'
sed "$exporter" us.xml >exporter.xml
is 'an exporter does not vouch for the maker' "$(lane exporter.xml us-ace)" 'STANDARD B03 REVIEW'
has 'for he is not covered' "$(greenlane show "$(cat id.txt)" decision)" '"E07"'
is 'nor for whom nobody is bound' "$(lane exporter.xml us-ace --as alfa)" 'STANDARD A03 SECURITY'
sed 's,>00-1234567<,>00-1234567\&#9;<,' exporter.xml >tab.xml
is 'nor does a tab hide the importer' "$(lane tab.xml us-ace --as alfa)" 'STANDARD A03 SECURITY'
sed "s,MXARNINV1200MON,DENOR12HAM,;s,Arneses Inventados SA de CV,Nordwerk GmbH," us.xml >maker.xml
is 'a maker who exports and sells himself' "$(lane maker.xml us-ace)" 'EXPEDITED P02 REVIEW'

# the number of a person is in the declaration, and nowhere it is told
sed 's,schemeID="EI">00-1234567,schemeID="34">123-45-6789,' us.xml >person.xml
is 'a person who is certified' "$(lane person.xml us-ace)" 'EXPEDITED P01 NONE'
exits 0 'explain' greenlane explain "$(cat id.txt)"
lacks 'does not tell the number' "$out" 123-45-6789
lacks 'nor what it is looked up by' "$out" 123456789
exits 0 'nor its receipt' greenlane show "$(cat id.txt)" lane-receipt
has 'which has the operator' "$out" '"operator":"list:34:***:1"'
lacks 'without it' "$out" '123456789'
told() { # WHAT TEXT: neither as it was given nor as it is looked up
    lacks "$1 does not tell it" "$2" 123-45-6789
    lacks "$1 does not tell what it is looked up by" "$2" 123456789
}
exits 0 'the decision' greenlane show "$(cat id.txt)" decision
told 'the decision' "$out"
is 'but that there is one' "$(jq -r '.facts.parties[] | select(.role == "IM") | "\(.kind) \(.id)"' <<<"$out")" '34 ***'
exits 0 'explain as JSON' greenlane explain "$(cat id.txt)" --json
told 'explain as JSON' "$out"
exits 0 'it is kept, for it is decided again from it' greenlane explain "$(cat id.txt)" --known=then
has 'with the same answer' "$out" 'the same answer: EXPEDITED, P01'
told 'explain' "$out"
exits 0 'as JSON' greenlane explain "$(cat id.txt)" --known=then --json
told 'it' "$out"
echo 'a page, invented' >page.html
exits 0 'an attestation of a person' greenlane operators attest 34:123-45-6789 --programme US-CTPAT --class T3 --seen 2026-07-20 --evidence page.html --name 'Placeholder Motors Inc' --by Ana
told 'attest' "$out"
for words in 'operators list' 'operators list --json' 'operators show 34:123-45-6789' 'operators show 34:123-45-6789 --json' \
    'operators history 34:123-45-6789' 'operators history 34:123-45-6789 --json' certs 'certs --json'; do
    read -ra call <<<"$words"
    exits 0 "$words" greenlane "${call[@]}"
    told "$words" "$out"
done
exits 0 'a person is bound to by his number' greenlane operators bind alfa 34:123-45-6789 --capacity broker --from 2026-01-01 --document paper
told 'bind' "$out"
exits 0 'and revoked by it' greenlane operators revoke 34:123-45-6789 --programme US-CTPAT --effective 2026-07-24 --by Ana --note letter
told 'revoke' "$out"
done_testing

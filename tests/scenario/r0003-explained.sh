#!/usr/bin/env bash
# What explain says to a person: who the parties are, in words; what status an arrangement has, since when and by which source, what
# would have to change and by which command, and who vouches for it then; the submitter who is not bound, by name.
# timeout: 300
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
ace=https://127.0.0.1:9 vucem=https://127.0.0.1:9
settings clock 2026-07-02T15:00:00Z unbound-importer file
us_identity alfa
mx_identity uno
greenlane submitters add alfa pki/client-alfa.pem >>add.log 2>&1
greenlane bindings add alfa alfa >>add.log
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml
maker() { # NUMBER PROGRAMME CLASS: the register has the maker of the goods under that number
    printf '%s\n' MID,name,programme,class,status,effective,consent "$1,Arneses Inventados SA de CV,$2,$3,CERTIFIED,2024-01-01,yes" >"$2.csv"
    exits 0 "a list of $2" greenlane operators import "$2.csv" --source "$2" --as-of 2026-07-01
}
explained() { # NUMBER LANGUAGE: $out is what explain says of a new declaration with a maker of that number
    local n
    n=$(find . -name 'sent-*.xml' | wc -l)
    sed "s,<FunctionalReferenceID>[^<]*,&$n,;s,MXARNINV1200MON,$1," us.xml >"sent-$n.xml"
    exits 0 "a declaration with $1" greenlane submit "sent-$n.xml" --to us-ace "${@:3}"
    exits 0 'explain' greenlane explain "$(id_in "$out")" --lang "$2"
}
confirm='greenlane arrangements confirm A-MX-US --effective DATE --roles EX,MF --source TEXT --by NAME'

maker MXARNINV1200MON MX-OEA O
explained MXARNINV1200MON en
has 'the role in words' "$out" 'manufacturer, MID MXARNINV1200MON: Arneses Inventados SA de CV'
has 'only the dates there are' "$out" 'MX-OEA/O: certified, list of 2026-07-01, from MX-OEA; counts until 2026-08-01. D02:'
has 'the status of the arrangement, its date and source' "$out" 'arrangement A-MX-US: unconfirmed, for what is public leaves open since when it holds or for whom, signed 2014-10-17; source: arrangement signed on'
has 'what would have to change' "$out" "$confirm"
has 'and who vouches for it then' "$out" 'from then on the customer, not Greenlane, vouches for it'
for empty in 'valid ..' 'number -' 'effective ,' ': .' '(decided )' 'lane  (' 'list of ,'; do
    lacks "no half sentence '$empty'" "$out" "$empty"
done
explained MXARNINV1200MON es
has 'in Spanish the role' "$out" 'fabricante, MID MXARNINV1200MON'
has 'and the status' "$out" 'A-MX-US: sin confirmar'
has 'and the command' "$out" 'greenlane arrangements confirm A-MX-US --effective FECHA'
has 'and who vouches' "$out" 'responde el cliente, no Greenlane'

maker INARNINV1200MON IN-AEO T2
explained INARNINV1200MON en
has 'a pilot' "$out" 'arrangement A-IN-US: a pilot, which grants nothing, signed 2021-09; source:'
has 'may be confirmed too' "$out" 'greenlane arrangements confirm A-IN-US'

exits 0 'a person confirms for a day to come' greenlane arrangements confirm A-MX-US --effective 2026-08-01 --roles EX,FW --source 'letter of SAT' --by Ana
explained MXARNINV1200MON en
has 'from when, for whom, and who says so' "$out" 'A-MX-US: not in force before 2026-08-01, for exporter, freight forwarder, signed 2014-10-17; source: letter of SAT; confirmed by Ana: the customer, not Greenlane, vouches for it'
has 'and that it comes by itself' "$out" 'it counts from that day on by itself'
lacks 'there is nothing to confirm any more' "$out" 'arrangements confirm'
exits 0 'since today' greenlane arrangements confirm A-MX-US --effective 2026-07-02 --roles EX,FW --source 'letter of SAT' --by Ana
explained MXARNINV1200MON en
has 'in force, for others' "$out" 'A-MX-US: in force since 2026-07-02, for exporter, freight forwarder'
has 'so the role is what is wanting' "$out" 'D04: the arrangement does not cover this role. A party of a role it covers would have to be certified.'

printf '%s\n' AEO,name,programme,class,status,effective 'HK12345,Placeholder Fasteners Inc,HK-AEO,MEMBER,CERTIFIED,2024-01-01' >hk.csv
exits 0 'a supplier of Hong Kong' greenlane operators import hk.csv --source hk --as-of 2026-07-01
sed "s,<Agent>,<AdditionalInformation><StatementCode listID=\"urn:greenlane:mx:1\">MX.IDENT</StatementCode><StatementDescription>OE:HK12345:HKG</StatementDescription><StatementTypeCode>ZZZ</StatementTypeCode></AdditionalInformation>&," mx.xml >oe.xml
exits 0 'his number in a declaration' greenlane submit oe.xml --to mx-vucem
exits 0 'explain' greenlane explain "$(id_in "$out")"
has 'a plan' "$out" 'arrangement A-HK-MX: a plan, nothing that is in force, signed 2017-03; source: action plan of March 2017'

printf '%s\n' EI,name,programme,class,status,effective '00-1234567,Placeholder Motors Inc,US-CTPAT,T2,CERTIFIED,2024-01-01' >importer.csv
exits 0 'the importer is in the register' greenlane operators import importer.csv --source cbp --as-of 2026-07-01
importer=$(greenlane operators list --json | jq -r '.operators[] | select(.name == "Placeholder Motors Inc").id')
explained MXARNINV1200MON en --as alfa
has 'the submitter who is not bound, and the command' "$out" "* A03: submitter 'alfa' is not bound to the importer. Record the power of attorney, if there is one: greenlane operators bind alfa $importer --capacity"
explained MXARNINV1200MON es --as alfa
has 'in Spanish' "$out" "* A03: el remitente 'alfa' no está vinculado al importador."
exits 0 'that very command' greenlane operators bind alfa "$importer" --capacity broker --from 2026-01-01 --document 'power of attorney'
explained MXARNINV1200MON en --as alfa
has 'mends it' "$out" '* P01: the importer is certified'
done_testing

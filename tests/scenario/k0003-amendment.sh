#!/usr/bin/env bash
# An amendment that says only what changes is merged with the kept original, filed as a replacement, and told apart in what comes back.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

# amendment FILE REFERENCE NUMBER VALUES AMENDMENTS OBJECTS: a change of one declaration
amendment() {
    cat >"$1" <<END
<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns="urn:wco:datamodel:WCO:DEC-DMS:2">
  <md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>
  <md:WCOTypeName>DEC</md:WCOTypeName>
  <Declaration>
    <FunctionCode>13</FunctionCode>
    <FunctionalReferenceID>$2</FunctionalReferenceID>
    <ID>$3</ID>
    <TypeCode>COR</TypeCode>
    $4
    $5
    $6
  </Declaration>
</md:MetaData>
END
}
# points TAG CLASS[#NUMBER]...: one Amendment; TAG "" points at the whole class
points() {
    local tag=$1
    shift
    printf '<Amendment><ChangeReasonCode>21</ChangeReasonCode>'
    while [ $# -gt 0 ]; do
        printf '<Pointer>'
        case $1 in *'#'*) printf '<SequenceNumeric>%s</SequenceNumeric>' "${1#*#}" ;; esac
        printf '<DocumentSectionCode>%s</DocumentSectionCode>' "${1%#*}"
        if [ $# -eq 1 ] && [ -n "$tag" ]; then printf '<TagID>%s</TagID>' "$tag"; fi
        printf '</Pointer>'
        shift
    done
    printf '</Amendment>\n'
}
item() {
    echo "<GoodsShipment><GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>$1</GovernmentAgencyGoodsItem></GoodsShipment>"
}
importer='<GoodsShipment><Importer><ID schemeID="EI">00-9999999</ID></Importer></GoodsShipment>'
name='<GoodsShipment><Importer><Name>Placeholder Motors Ltd</Name></Importer></GoodsShipment>'
goods='<Commodity><Description>Brake parts, amended</Description></Commodity>'

pki
sandbox
settings
us_identity alfa
declaration us.xml us-truck-entry.xml
exits 0 'the original is accepted' greenlane submit us.xml --to us-ace --wait=30
first=$(id_in "$out")
number=$(status_of "$first" '.filings[0].number')

amendment good.xml GL0000201 "$number" '' "$(points 137 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 0 'by itself it can be checked, with a warning' greenlane check good.xml
exits 0 'it is shown as the whole it makes' greenlane transform good.xml --to us-ace --identity alfa
has 'with the new value' "$out" 'AMENDED'
has 'and the rest from the original' "$out" '00-1234567'
exits 0 'it is filed' greenlane submit good.xml --to us-ace --wait=30
second=$(id_in "$out")
is 'as a replacement' "$(status_of "$second" '.filings[0].action')" replace
is 'of the same number' "$(status_of "$second" '.filings[0].number')" "$number"
is 'the ledger keeps the amendment as it came' "$(greenlane show "$second" original | cksum)" "$(cksum <good.xml)"

amendment next.xml GL0000202 "$number" '' "$(points R037 42A 67A 74A)" "$name"
exits 0 'an amendment of the amendment' greenlane transform next.xml --to us-ace --identity alfa
has 'keeps what the first one changed' "$out" 'AMENDED'

amendment bad.xml GL0000203 "$number" '' "$(points R038 42A 67A 74A)" "$importer"
exits 1 'customs rejects a changed value' greenlane submit bad.xml --to us-ace --wait=30
matches 'which lies in the amendment' "$out" 'your file at ([0-9]+):[0-9]+: '

control faults '{"reject":["se:214:BAD THING"]}'
amendment wrong.xml GL0000210 "$number" '' "$(points 137 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 1 'customs rejects the entry header' greenlane submit wrong.xml --to us-ace --wait=30
has 'which lies in the original' "$out" "declaration $first, which this one amends, at 9:3"
control faults '{"reject":[]}'

amendment none.xml GL0000204 "$number" '' "$(points 137 42A 67A 68A#7 23A)" ''
exits 1 'what points at nothing is refused' greenlane submit none.xml --to us-ace
matches 'at its Amendment' "$err" 'none.xml:[0-9]+:[0-9]+: error: .*GLN-FLOW-011'
amendment zero.xml GL0000209 "$number" '' "$(points 137 42A 67A 68A#0 23A)" "$(item "$goods")"
exits 1 'the item number 0 is none' greenlane submit zero.xml --to us-ace
matches 'and is not taken for the first' "$err" "GLN-FLOW-010.*'0'|'0'.*GLN-FLOW-010"
amendment odd.xml GL0000205 "$number" '' "$(points 999 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 1 'an unknown tag is refused' greenlane submit odd.xml --to us-ace
has 'and named' "$err" GLN-FLOW-010
amendment quiet.xml GL0000206 "$number" '<GoodsItemQuantity>9</GoodsItemQuantity>' "$(points 137 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 0 'a value nobody points at' greenlane submit quiet.xml --to us-ace
has 'is not taken over, and that is said' "$out$err" GLN-FLOW-013
amendment gone.xml GL0000207 "$number" '' "$(points 145 42A 67A 68A#1 23A 21A#1)" ''
exits 1 'a deletion that breaks the whole is refused' greenlane submit gone.xml --to us-ace
has 'with the place in the original' "$err" "of declaration $first"
amendment alien.xml GL0000208 ZZZ99999999 '' "$(points 137 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 1 'an original that was never kept' greenlane submit alien.xml --to us-ace
has 'is asked for by its number' "$err" ZZZ99999999

mx_identity uno
declaration mx.xml mx-import-cove.xml
exits 0 'a COVE' greenlane submit mx.xml --to mx-vucem --wait=30
cove=$(status_of "$(id_in "$out")" '.filings[0].document')
amendment mx-change.xml GL0000301 "$cove" '' "$(points 137 42A 67A 68A#1 23A)" "$(item "$goods")"
exits 0 'is amended by the number VUCEM gave it' greenlane submit mx-change.xml --to mx-vucem --wait=30
greenlane show "$(id_in "$out")" outbound --output adenda.xml
has 'the adenda names that COVE' "$(cat adenda.xml)" "$cove"
has 'and holds the new value' "$(cat adenda.xml)" 'Brake parts, amended'
done_testing

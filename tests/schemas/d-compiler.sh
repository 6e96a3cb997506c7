#!/bin/sh
# The rule compiler compiles all our sets together into one walk, and stops at whatever is outside its dialect: a rule left
# out in silence would make a declaration look in order.
set -u
src=${GREENLANE_SRCDIR:?}/schemas
n=0

say() { # STATUS TEXT
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

compile() { # FILE -> compiled.xsl, messages
    xsltproc --nonet "$src/greenlane/compile-rules.xsl" "$1" >"$TMPDIR/compiled.xsl" 2>"$TMPDIR/messages"
}

set_of() { # FILE... : the document that holds them all
    echo '<g:rule-sets xmlns:g="urn:greenlane:rules:1">'
    for file in "$@"; do
        sed '/^<?xml/d' "$file"
    done
    echo '</g:rule-sets>'
}

set_of "$src/wco/rules/wco-core.sch" "$src/greenlane/keys.xml" "$src/wco/rules/uk.sch" "$src/us-ace/rules/us.sch" \
    "$src/mx-vucem/rules/mx.sch" >"$TMPDIR/all.xml"
compile "$TMPDIR/all.xml"
say $? "all sets compile together"
[ -s "$TMPDIR/messages" ] && sed 's/^/# /' "$TMPDIR/messages"
doubles=$(grep -oE '<xsl:template match="[^"]*"' "$TMPDIR/compiled.xsl" | sort | uniq -d)
[ -z "$doubles" ]
say $? "one template an element name"
cat "$src"/*/rules/*.sch | grep -oE 'id="GLN-[A-Z]+-[0-9]+"' | cut -d'"' -f2 >"$TMPDIR/ids"
while read -r rule; do
    grep -q "rule=\"$rule\"" "$TMPDIR/compiled.xsl" || echo "$rule"
done <"$TMPDIR/ids" >"$TMPDIR/lost"
[ ! -s "$TMPDIR/lost" ]
say $? "no rule is lost on the way"
if [ -s "$TMPDIR/lost" ]; then sed 's/^/# lost: /' "$TMPDIR/lost"; fi
[ -s "$TMPDIR/ids" ] && [ -z "$(sort "$TMPDIR/ids" | uniq -d)" ]
say $? "no rule id is used twice"

# refuse NAME MESSAGE CONTEXT ASSERT: a set of one rule that must not compile
refuse() {
    cat >"$TMPDIR/bad.xml" <<EOF
<g:rule-sets xmlns:g="urn:greenlane:rules:1">
  <sch:schema xmlns:sch="http://purl.oclc.org/dsdl/schematron">
    <sch:ns prefix="${PREFIX:-dec}" uri="${URI:-urn:wco:datamodel:WCO:DEC-DMS:2}"/>
    <sch:pattern>$BEFORE<sch:rule context="$3">$4</sch:rule></sch:pattern>
  </sch:schema>
</g:rule-sets>
EOF
    ! compile "$TMPDIR/bad.xml" && grep -q "$2" "$TMPDIR/messages"
    say $? "refuses $1"
}

BEFORE=
good='<sch:assert id="A" role="error" test="true()">text<g:es>texto</g:es></sch:assert>'
refuse 'a path as context' 'a context is an element name' 'dec:A/dec:B' "$good"
refuse 'a union as context' 'a context is an element name' 'dec:A | dec:B' "$good"
refuse 'any element as context' 'a context is an element name' '*' "$good"
refuse 'an attribute as context' 'a context is an element name' '@currencyID' "$good"
refuse 'two predicates' 'at most one predicate' 'dec:A[1][2]' "$good"
refuse 'a step behind the predicate' 'ends with its predicate' 'dec:A[1]/dec:B' "$good"
refuse 'an assert without id' 'needs an id' 'dec:A' "$(echo "$good" | sed 's/id="A"//')"
refuse 'one id for two' 'needs an id of its own' 'dec:A' "$good$good"
refuse 'a role that is none' 'needs a role' 'dec:A' "$(echo "$good" | sed 's/"error"/"fatal"/')"
refuse 'a text without Spanish' 'in English and in Spanish' 'dec:A' "$(echo "$good" | sed 's/<g:es>.*<.g:es>//')"
refuse 'a text without English' 'in English and in Spanish' 'dec:A' "$(echo "$good" | sed 's/>text</></')"
refuse 'an abstract rule that is not there' 'no abstract rule' 'dec:A' '<sch:extends rule="nowhere"/>'
refuse 'an element outside the dialect' 'not part of our dialect' 'dec:A' '<sch:diagnostic id="d"/>'
BEFORE='<sch:include href="other.sch"/>'
refuse 'an include' 'not part of our dialect' 'dec:A' "$good"
BEFORE=
PREFIX=dec URI=urn:other refuse 'a prefix bound to something else' 'does not stand for' 'dec:A' "$good"
PREFIX=mine URI=urn:other refuse 'a prefix of its own' 'does not stand for' 'dec:A' "$good"
echo '<g:rule-sets xmlns:g="urn:greenlane:rules:1"><stranger/></g:rule-sets>' >"$TMPDIR/bad.xml"
! compile "$TMPDIR/bad.xml" && grep -q 'neither a rule set nor a list of keys' "$TMPDIR/messages"
say $? "refuses a file that is neither rules nor keys"
echo "1..$n"

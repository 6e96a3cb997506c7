#!/bin/sh
# Makes the samples of a rule set from its samples.tsv and lets the rule engine judge them.
#
#   samples.sh us us-ace/rules/us.sch
# Each line of samples.tsv gives a base file and two edits; here they become $TMPDIR/valid/RULE.xml and
# $TMPDIR/invalid/RULE.xml. The program tests/schemas/rules then says whether the valid one is free of the rule and the
# invalid one breaks that rule only, at the element named. All samples must be fit for the pivot's schema, or a gateway
# would never come to run rules over them.
set -u
set_name=$1
rules_file=$2
src=${GREENLANE_SRCDIR:?}
samples=$src/tests/schemas/$set_name/samples.tsv
mkdir "$TMPDIR/valid" "$TMPDIR/invalid"
trouble=0

complain() {
    echo "# $1"
    trouble=$((trouble + 1))
}

tab=$(printf '\t')
while IFS=$tab read -r rule base good bad _; do
    case $rule in '#'*) continue ;; esac
    if [ "$good" = - ]; then
        cp "$src/$base" "$TMPDIR/valid/$rule.xml"
    else
        sed -E "$good" "$src/$base" >"$TMPDIR/valid/$rule.xml"
        ! cmp -s "$src/$base" "$TMPDIR/valid/$rule.xml" || complain "$rule: the edit of the valid sample changes nothing"
    fi
    sed -E "$bad" "$src/$base" >"$TMPDIR/invalid/$rule.xml"
    ! cmp -s "$src/$base" "$TMPDIR/invalid/$rule.xml" || complain "$rule: the edit of the invalid sample changes nothing"
    chmod u+w "$TMPDIR"/*valid/"$rule.xml"
done <"$samples"

xmllint --nonet --noout --schema "$src/schemas/wco/pivot.xsd" "$TMPDIR"/valid/*.xml "$TMPDIR"/invalid/*.xml \
    2>"$TMPDIR/schema"
grep -v ' validates$' "$TMPDIR/schema" >"$TMPDIR/unfit" && complain "not fit for the schema: $(head -3 "$TMPDIR/unfit")"

grep -oE 'id="GLN-[A-Z]+-[0-9]+"' "$src/schemas/$rules_file" | cut -d'"' -f2 >"$TMPDIR/rules"
while read -r rule; do
    grep -q "^$rule$tab" "$samples" || complain "$rule has no samples"
done <"$TMPDIR/rules"

if [ "$rules_file" = wco/rules/wco-core.sch ]; then set --; else set -- "$src/schemas/$rules_file"; fi
"${GREENLANE_BUILDDIR:?}/tests/schemas/rules" "$samples" "$TMPDIR" "$trouble" "$src/schemas/codes" \
    "$src/schemas/greenlane/compile-rules.xsl" "$src/schemas/wco/rules/wco-core.sch" "$src/schemas/greenlane/keys.xml" "$@"

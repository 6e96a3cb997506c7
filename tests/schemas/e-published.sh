#!/bin/sh
# What the rules, of the core and of uk, find in every published declaration is written down in published.tsv: a rule that comes to fire more or
# less often on declarations customs itself published shows here, and is read before it is believed. GREENLANE_UPDATE=1
# writes the file.
set -u
if [ -z "${GREENLANE_CORPUS:-}" ]; then
    echo "1..0 # SKIP GREENLANE_CORPUS is not set"
    exit 0
fi
wanted=${GREENLANE_SRCDIR:?}/tests/schemas/published.tsv
"${GREENLANE_BUILDDIR:?}/tests/schemas/published" "$GREENLANE_SRCDIR/schemas/wco/rules/uk.sch" "$GREENLANE_CORPUS/wco/declaration" "$GREENLANE_CORPUS/wco/change" \
    "$GREENLANE_CORPUS/wco/not-well-formed" >"$TMPDIR/found.tsv" || exit 1
[ -z "${GREENLANE_UPDATE:-}" ] || cp "$TMPDIR/found.tsv" "$wanted"
echo "1..2"
if [ "$(wc -l <"$TMPDIR/found.tsv")" -gt 200 ]; then echo "ok 1 - more than 200 declarations were judged"; else echo "not ok 1 - more than 200 declarations were judged"; fi
if diff "$wanted" "$TMPDIR/found.tsv" >"$TMPDIR/differs"; then
    echo "ok 2 - the rules find in them what is written down"
else
    sed 's/^/# /' "$TMPDIR/differs"
    echo "not ok 2 - the rules find in them what is written down"
fi

#!/bin/sh
# Our schema of the 2.15 generation against the published one: originals, changes and mutants of both. Needs the corpus.
set -u
if [ -z "${GREENLANE_CORPUS:-}" ]; then
    echo "1..0 # SKIP GREENLANE_CORPUS is not set: the published schema to compare with is not here"
    exit 0
fi
wco=$GREENLANE_CORPUS/wco
exec "${GREENLANE_BUILDDIR:?}/tests/schemas/differential" "${GREENLANE_SRCDIR:?}/schemas/wco/wco-2.15.xsd" \
    "$wco/xsd/customs/wrapper_submit.xsd" "$wco/declaration" "$wco/change"

#!/usr/bin/env bash
# The benchmark program runs each of its cases once and prints JSON lines: nothing is timed here.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

exits 0 'each case runs once' "$GREENLANE_BUILDDIR/tests/bench/bench" --once
printf '%s\n' "$out" >lines.json
is 'every line is JSON with a name' "$(jq -c 'select(.name | type == "string")' lines.json | wc -l)" "$(wc -l <lines.json)"
for road in mx-vucem/cove us-ace/cargo-release; do
    for size in 5k 66k 600k 1m; do
        is "$road $size has its rates" \
            "$(jq --arg name "$road $size" 'select(.name == $name) | .per_s > 0 and .limit_per_s > 0 and .reference_per_s > 0' lines.json)" true
    done
    is "$road: peak memory" "$(jq --arg name "$road 1m peak memory" 'select(.name == $name) | .mb > 0' lines.json)" true
done
for name in 'lane decision over six parties' 'register import'; do
    is "$name" "$(jq --arg name "$name" 'select(.name == $name) | .per_s > 0 and .limit_per_s > 0 and .ratio > 0' lines.json)" true
done
done_testing

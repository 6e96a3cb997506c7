#!/usr/bin/env bash
# The test runner itself: what fails must be seen to fail, whatever way it fails.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

run=$GREENLANE_SRCDIR/tests/run

# program NAME: makes an executable of what stands on stdin
program() {
    cat >"$1" && chmod +x "$1"
}
last() {
    tail -n 1 <<<"$out"
}
runs() {
    local status=$1 text=$2 sum=$3
    shift 3
    exits "$status" "$text: exit status $status" "$run" "$@"
    is "$text: $sum" "$(last)" "$sum"
}

program good <<<$'#!/bin/sh\necho "ok 1 - a"\necho "ok 2 - b"\necho 1..2'
program bad <<<$'#!/bin/sh\necho "ok 1 - a"\necho "not ok 2 - b"\necho "# why"\necho 1..2\nexit 1'
program skips <<<$'#!/bin/sh\necho "ok 1 - a # SKIP no network"\necho "ok 2 - b"\necho 1..2'
program skips-all <<<$'#!/bin/sh\necho "1..0 # SKIP no corpus"'
program no-plan <<<$'#!/bin/sh\necho "ok 1 - a"'
program short <<<$'#!/bin/sh\necho "1..3"\necho "ok 1 - a"'
program silent <<<$'#!/bin/sh\nexit 0'
program status <<<$'#!/bin/sh\necho "ok 1 - a"\necho 1..1\nexit 4'
program dies <<<$'#!/bin/sh\necho "ok 1 - a"\necho 1..1\nkill -SEGV $$'
program hangs <<<$'#!/bin/sh\n# timeout: 1\necho "ok 1 - a"\necho 1..1\nsleep 60'
program slow <<<$'#!/bin/sh\n# slow\necho "not ok 1 - a"\necho 1..1'
program leaves <<<$'#!/bin/sh\necho "ok 1 - a"\necho 1..1\nsleep 300 &\necho $! >"'"$TMPDIR"'/left"'

runs 0 'all good' '2 passed, 0 failed' good
runs 1 'one test fails' '3 passed, 1 failed' good bad
has 'the output of the failing program is shown' "$out" '# why'
runs 0 'a skipped test' '1 passed, 0 failed, 1 skipped' skips
has 'says why it was skipped' "$out" 'no network'
runs 0 'a skipped program' '0 passed, 0 failed, 1 skipped' skips-all
runs 1 'no plan' '1 passed, 1 failed' no-plan
runs 1 'fewer tests than planned' '1 passed, 1 failed' short
runs 1 'a silent program' '0 passed, 1 failed' silent
runs 1 'an exit status for no reason' '1 passed, 1 failed' status
runs 1 'a program that dies' '1 passed, 1 failed' dies
has 'says of what it died' "$out" 'SIGSEGV'
runs 1 'a program that hangs' '1 passed, 1 failed' hangs
has 'says how long it waited' "$out" 'did not end within 1 s'
runs 1 'a program that is not there' '0 passed, 1 failed' nowhere
runs 0 'fast: a slow one is left out' '2 passed, 0 failed' --fast good slow
runs 1 'not fast: it runs' '0 passed, 1 failed' slow
runs 0 'a program that leaves a child' '1 passed, 0 failed' leaves
gone() {
    ! kill -0 "$(cat "$TMPDIR/left")"
}
ok 'the child is gone' wait_for 5 gone
done_testing

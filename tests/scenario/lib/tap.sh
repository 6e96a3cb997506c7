# TAP for scenario scripts (bash). Sourced:
#
#   . "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
#   exits 1 'an empty file is refused' greenlane check empty.xml     # runs it; $out is stdout, $err stderr
#   has 'and the message names it' "$err" 'empty.xml'                # a fixed string is in it
#   is 'one line' "$(wc -l <<<"$err")" 1
#   ok 'the file is there' test -f x
#   done_testing
#
# Commands of the build are first in PATH. The script starts in its own empty folder.
# shellcheck shell=bash
set -u
PATH=${GREENLANE_BUILDDIR:?}:$PATH
export LC_ALL=C.UTF-8
tap_count=0
tap_failed=0
out=
err=

cd "${TMPDIR:?}" || exit 3

# tap GOOD TEXT [WHY...]
tap() {
    tap_count=$((tap_count + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %d - %s\n' "$tap_count" "$2"
        return 0
    fi
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$2"
    shift 2
    printf '%s\n' "$@" | sed 's/^/# /'
    return 1
}

# ok TEXT COMMAND...: the command succeeds
ok() {
    local text=$1 said status
    shift
    said=$("$@" 2>&1)
    status=$?
    tap "$status" "$text" "$* gave $status" "$said"
}

# is TEXT GOT WANTED
is() {
    [ "$2" = "$3" ]
    tap $? "$1" "got:    $2" "wanted: $3"
}

# has TEXT WHOLE PART; lacks TEXT WHOLE PART
has() {
    [[ "$2" == *"$3"* ]]
    tap $? "$1" "not in it: $3" "it is:" "$2"
}
lacks() {
    [[ "$2" != *"$3"* ]]
    tap $? "$1" "in it: $3" "it is:" "$2"
}

# matches TEXT WHOLE EXTENDED-EXPRESSION
matches() {
    [[ "$2" =~ $3 ]]
    tap $? "$1" "does not match: $3" "it is:" "$2"
}

# exits STATUS TEXT COMMAND...: the command ends with that status; $out and $err hold what it printed
exits() {
    local wanted=$1 text=$2 got
    shift 2
    "$@" >"$TMPDIR/.out" 2>"$TMPDIR/.err" </dev/null
    got=$?
    out=$(tr -d '\0' <"$TMPDIR/.out")
    err=$(tr -d '\0' <"$TMPDIR/.err")
    [ "$got" -eq "$wanted" ]
    tap $? "$text" "exit status $got, wanted $wanted: $*" "stdout: $(head -c 2000 <<<"$out")" "stderr: $(head -c 2000 <<<"$err")"
}

skip() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    exit 0
}

# wait_for SECONDS COMMAND...: until it succeeds; asks twenty times a second
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

done_testing() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" -eq 0 ]
    exit
}

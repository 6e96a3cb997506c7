#!/usr/bin/env bash
# The README's way to a first declaration of one's own, typed as it stands there: every command of that chapter, in its order.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
unset GREENLANE_CONFIG
ln -s "$GREENLANE_BUILDDIR"/greenlane "$GREENLANE_BUILDDIR"/greenlane-sandbox .
for name in certs docs schemas transforms; do
    ln -s "$GREENLANE_SRCDIR/$name" .
done
cp -r "$GREENLANE_SRCDIR/examples" examples && chmod -R u+w examples

# Commands of a chapter: lines that are indented by four blanks, without what stands behind a '#'.
mapfile -t commands < <(sed -n '/^## Ten minutes/,/^## In your own/s/^    //p' "$GREENLANE_SRCDIR/README.md" | sed -E 's/ +#.*//')
is 'the chapter has its commands' "$([ "${#commands[@]}" -ge 12 ] && echo yes)" yes
sandbox_pid=
# shellcheck disable=SC2317  # called by trap
stop() {
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null
    wait
}
trap stop EXIT
for command in "${commands[@]}"; do
    wanted=0
    case $command in
    *greenlane-sandbox*)
        # Only the port is not the README's: any free one.
        command=${command/--port 9470/--port 0}
        eval "${command% &} >sandbox.out 2>&1 &"
        sandbox_pid=$!
        ok "$command" wait_for 60 grep -q control sandbox.out
        sed -i "s/9470/$(jq .ace sandbox.out)/" practice/us-ace.xml
        continue
        ;;
    export*) eval "$command" && continue ;;
    *'check examples/declarations/*.xml') wanted=1 ;;
    esac
    exits "$wanted" "$command" eval "$command"
    case $command in
    *submit*) has 'customs accepted it' "$out" 'accepted: TRANSACTION ACCEPTED' ;;
    *explain*) has 'the lane is explained' "$out" 'standard lane' ;;
    esac
done

exits 2 'a file that is not there' greenlane check nowhere.xml
has 'is told as such' "$err" 'nowhere.xml: No such file or directory'
exits 2 'a short option' greenlane check -x
has 'is none, and where to look is said' "$err" "see 'greenlane help check'"
exits 2 'a limit that is no number' greenlane list --limit many
exits 2 'greenlaned with a wrong option' greenlaned --bogus
is 'one line with a hint' "$(grep -c 'see --help' <<<"$err") $(wc -l <<<"$err")" '1 1'
done_testing

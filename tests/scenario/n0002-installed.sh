#!/usr/bin/env bash
# slow
# timeout: 400
# What "make install" puts down works by itself: the command, the eight cases of the demo, completion, the manual, the unit of
# systemd, and a program of somebody else's that is built with pkg-config against the installed library.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

source=$GREENLANE_SRCDIR
unset MAKEFLAGS MAKELEVEL MFLAGS GREENLANE_CONFIG
[ -f "$GREENLANE_BUILDDIR/Makefile" ] || skip_all 'nothing is configured here'
root=$PWD/root
build_folder=$GREENLANE_BUILDDIR
make -s -C "$GREENLANE_BUILDDIR" install DESTDIR="$root" >install.log 2>&1
tap $? 'make install' "$(tail -n 5 install.log)"
prefix=$(sed -nE 's/^prefix = (.*)/\1/p' "$GREENLANE_BUILDDIR/Makefile")
at=$root$prefix
is 'nothing lies outside the prefix' "$(find "$root" -type f ! -path "$at/*" | wc -l)" 0
is 'and no installed text names the sources' "$(grep -rlIF -e "$source/" "$at" | wc -l)" 0

# Below DESTDIR the places that were compiled in do not hold; nothing of the source or the build is in PATH any more.
PATH=$at/bin:$at/sbin:${PATH#"$GREENLANE_BUILDDIR":}
export GREENLANE_DATADIR=$at/share/greenlane GREENLANE_LIBEXECDIR=$at/libexec LD_LIBRARY_PATH=$at/lib
readme=$GREENLANE_SRCDIR/README.md
unset GREENLANE_SRCDIR GREENLANE_BUILDDIR

exits 0 'greenlane check' greenlane check "$GREENLANE_DATADIR/examples/declarations/us-truck-entry.xml"
exits 0 'greenlane transform' greenlane transform --to mx-vucem/cove "$GREENLANE_DATADIR/examples/declarations/mx-import-cove.xml"
exits 0 'greenlaned --check' greenlaned --check --set ledger="$PWD/any.ledger"
exits 0 'greenlane demo: all eight cases' greenlane demo played
is 'its last line says so' "$(tail -n 1 <<<"$out")" 'all eight cases went as they should'
exits 0 'its ledger can be looked at' greenlane list --config played/greenlane.xml
exits 2 'a folder that is not a demo'"'"'s stays' greenlane demo "$root"
is 'and it is told in one line' "$(wc -l <<<"$err")" 1

# ---- completion, as a shell asks for it ----
# complete_line WORD...: what is offered for the last word
complete_line() {
    bash -c '. "$1"; shift; COMP_WORDS=(greenlane "$@"); COMP_CWORD=$#; compopt() { :; }; _greenlane greenlane; echo "${COMPREPLY[*]}"' \
        - "$at/share/bash-completion/completions/greenlane.bash" "$@"
}
is 'all commands of the help are offered' "$(complete_line '' | tr ' ' '\n' | sort)" \
    "$(greenlane help | sed -nE '/^[a-z]+:$/,/^$/s/^  ([a-z]+) .*/\1/p' | sort -u)"
is 'the second word of a command' "$(complete_line ledger '')" 'verify archive export'
is 'the options of a command' "$(complete_line submit --w)" '--wait='
is 'are those of its help' "$(complete_line check -- | tr ' ' '\n' | sort | tr -d =)" \
    "$(greenlane help check | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort)"
is 'the choices of an option' "$(complete_line check --lang = e)" 'en es'
is 'the choices of an argument' "$(complete_line resolve 5 c)" close
is 'files are left to the shell' "$(complete_line check us)" ''

# ---- the library ----
flags() {
    pkg-config --define-variable=prefix="$at" "$@" greenlane
}
export PKG_CONFIG_PATH=$at/lib/pkgconfig
cp "$GREENLANE_DATADIR"/examples/embed-*.c .
build() { # NAME LIBRARIES...: CC and the flags are words
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L "$1.c" -o "$1" $(flags --cflags) "${@:2}"
}
# shellcheck disable=SC2046
ok 'a program outside is built by pkg-config' build embed-check $(flags --libs)
# shellcheck disable=SC2046
ok 'and another' build embed-submit $(flags --libs)
exits 0 'it runs' ./embed-check "$GREENLANE_DATADIR/examples/declarations/us-truck-entry.xml" us-ace
exits 1 'and finds what is wrong' ./embed-check "$GREENLANE_DATADIR/examples/declarations/error-counts.xml"
exits 2 'so does the other' ./embed-submit
{
    # shellcheck disable=SC2016 # what C says
    printf '%s\n' '#include <greenlane.h>' '#include <stdio.h>' 'int main(void) {' \
        'static char data[65536]; size_t length = fread(data, 1, sizeof data, stdin);'
    sed -n '/^```c$/,/^```$/{/^```/d;p}' "$readme"
    echo 'return 0; }'
} >readme.c
# shellcheck disable=SC2046
ok 'the lines of C in the README are a program' build readme $(flags --libs)
is 'that finds what the command finds' "$(./readme <"$GREENLANE_DATADIR/examples/declarations/error-counts.xml" | wc -l)" \
    "$(greenlane check --for us-ace --json "$GREENLANE_DATADIR/examples/declarations/error-counts.xml" | jq '[.. | objects | select(.rule?)] | length')"
if [ -f "$at/lib/libgreenlane.so" ]; then
    exports=$(nm -D --defined-only "$at/lib/libgreenlane.so" | awk '$2 == "T" { print $3 }' | grep -vc '^gln_')
    is 'the library exports gln_ names only' "$exports" 0
else
    skip 'the library exports gln_ names only' 'built without a shared library'
fi
# The static library, or where none was configured what it is made of; the others stay shared, since a fully static program would need the
# development packages of all that libcurl is built with.
archive=$at/lib/libgreenlane.a
[ -f "$archive" ] || archive=$build_folder/.libs/libgreenlane_core.a
# shellcheck disable=SC2046
ok 'statically: what it needs stands in the .pc file' build embed-check "$archive" \
    $(pkg-config --libs $(flags --print-requires-private | cut -d' ' -f1)) $(sed -n 's/^Libs.private://p' "$at/lib/pkgconfig/greenlane.pc")
exits 0 'it runs' env LD_LIBRARY_PATH= ./embed-check "$GREENLANE_DATADIR/examples/declarations/us-truck-entry.xml"
is 'without our shared library' "$(ldd embed-check | grep -c libgreenlane)" 0

# ---- the manual and systemd ----
if command -v man >/dev/null; then
    for page in 1/greenlane 1/greenlane-sandbox 5/greenlane.xml 8/greenlaned; do
        is "man ${page#*/}" "$(man -M "$at/share/man" -w "${page%/*}" "${page#*/}")" "$at/share/man/man${page%/*}/${page#*/}.${page%/*}"
    done
else
    skip 'the manual' 'no man here'
fi
sed "s,^ExecStart=$prefix,ExecStart=$at," "$at/lib/systemd/system/greenlaned.service" >greenlaned.service
is 'the unit starts the installed daemon' "$(sed -n 's/^ExecStart=//p' greenlaned.service)" "$at/sbin/greenlaned"
is 'no place is left open in it' "$(grep -c '@[a-z]*@' greenlaned.service)" 0
if command -v systemd-analyze >/dev/null && systemd-analyze --version >/dev/null 2>&1; then
    exits 0 'systemd-analyze verifies the unit' systemd-analyze verify ./greenlaned.service
    is 'without a word' "$err" ''
else
    skip 'systemd-analyze verifies the unit' 'no systemd here'
fi
is 'a user and the folder of the settings' "$(cat "$at"/lib/{sysusers,tmpfiles}.d/greenlane.conf | grep -v '^#' | cut -d' ' -f1,2)" \
    "u greenlane
d $prefix/etc/greenlane"

make -s -C "$build_folder" uninstall DESTDIR="$root" >uninstall.log 2>&1
is 'make uninstall leaves no file' "$(find "$root" -type f | wc -l)" 0
done_testing

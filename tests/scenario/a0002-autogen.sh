#!/usr/bin/env bash
# autogen.sh on a machine that lacks packages, with apt-get and the autotools played by scripts that write down their calls.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"

if [ ! -f "$GREENLANE_SRCDIR/autogen.sh" ]; then
    skip_all 'autogen.sh is not here'
fi
cp "$GREENLANE_SRCDIR/autogen.sh" "$GREENLANE_SRCDIR/packages.txt" .
chmod u+w autogen.sh packages.txt
mkdir bin
unset GREENLANE_NO_APT NOCONFIGURE
export CALLS=$TMPDIR/calls MISSING=
PATH=$TMPDIR/bin:$PATH

pretend() {
    cat >"bin/$1" && chmod +x "bin/$1"
}
# shellcheck disable=SC2016  # the scripts expand it, not we
{
    pretend apt-get <<<$'#!/bin/sh\necho "apt-get $*" >>"$CALLS"\nexit "${APT_STATUS:-0}"'
    pretend sudo <<<$'#!/bin/sh\necho "sudo" >>"$CALLS"\nexec "$@"'
    pretend autoreconf <<<$'#!/bin/sh\necho "autoreconf $*" >>"$CALLS"'
    pretend dpkg-query <<<$'#!/bin/sh\nfor last; do :; done\ncase " $MISSING " in *" $last "*) exit 1;; esac\nprintf installed'
    printf '#!/bin/sh\necho "configure $*" >>"$CALLS"\n' >configure
}
chmod +x configure

called() {
    rm -f "$CALLS"
    exits "$@"
    calls=$(cat "$CALLS" 2>/dev/null)
}

called 0 'nothing is missing' ./autogen.sh --prefix=/opt/x
is 'apt-get is not called; configure gets the options' "$calls" $'autoreconf -fi -Wall\nconfigure --prefix=/opt/x'
has 'it says so' "$out" 'all packages of packages.txt are installed'

MISSING='pmccabe check' called 0 'two packages are missing' ./autogen.sh
has 'the lists are fetched first' "$calls" 'apt-get update'
has 'both are installed, in the order of packages.txt' "$calls" 'no-install-recommends check pmccabe'
lacks 'and nothing else is' "$calls" 'automake'
has 'it says what it installs' "$out" 'installing: check pmccabe'

MISSING=check called 0 '--no-install leaves the packages alone' ./autogen.sh --no-install --enable-werror
is 'and goes on' "$calls" $'autoreconf -fi -Wall\nconfigure --enable-werror'
MISSING=check GREENLANE_NO_APT=1 called 0 'so does GREENLANE_NO_APT=1' ./autogen.sh
lacks 'no apt-get then' "$calls" apt-get

MISSING=check APT_STATUS=100 called 100 'it stops when apt-get fails' ./autogen.sh
lacks 'before autoreconf' "$calls" autoreconf

NOCONFIGURE=1 called 0 'NOCONFIGURE=1 stops before configure' ./autogen.sh
is 'after autoreconf' "$calls" 'autoreconf -fi -Wall'
done_testing

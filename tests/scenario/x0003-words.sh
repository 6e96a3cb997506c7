#!/usr/bin/env bash
# Words on the command line: names that would not survive an address unescaped, files named in what went wrong, names a submitter may
# have, and the programs beside the command in a build folder.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

ace=https://localhost:1
settings
us_identity alfa
declaration one.xml us-truck-entry.xml
exits 0 'transform under an identity' greenlane transform one.xml --to us-ace --identity alfa
plain=$out
exits 0 'its columns' greenlane transform one.xml --to us-ace --identity alfa --columns
is 'are another page' "$([ "$out" != "$plain" ] && [ -n "$out" ] && echo yes)" yes
for name in 'a&signed=1' 'a#b' 'a b' '100%41' 'a+b' 'ñ?='; do
    exits 1 "no identity '$name'" greenlane transform one.xml --to us-ace --identity "$name"
    has 'the whole name is looked for' "$err" "'$name'"
done
exits 2 'a destination with such characters' greenlane transform one.xml --to 'us-ace&identity=alfa' --identity alfa
has 'is looked for whole' "$err" "'us-ace&identity=alfa'"
long=$(printf 'x%.0s' {1..600})
exits 1 'a name of 600 characters' greenlane transform one.xml --to us-ace --identity "$long"
has 'is not cut' "$err" "$long"
sed 's/<DeclarationOffice/<Declarationoffice/' one.xml >bad.xml
exits 1 'a declaration that is not good' greenlane transform bad.xml --to us-ace --identity alfa
has 'has its file named' "$err" 'bad.xml:'

us_identity_file beta 9ZZ
sed -i 's/<series /<serie /' identity-beta.xml
exits 2 'an identity that cannot be' greenlane identities add identity-beta.xml
matches 'is told with file, line and column' "$err" '^identity-beta\.xml:[0-9]+:[0-9]+: '
is 'in one line' "$(wc -l <<<"$err")" 1
exits 2 'the same as JSON' greenlane identities add identity-beta.xml --json
has 'is a problem document' "$err" '"detail"'

for name in 'two words' $'tab\there' $'line\nend' '' '.hidden' 'niño' "$long"; do
    exits 2 'a submitter of a name that misleads' greenlane submitters add "$name"
    is 'is refused in one line' "$(wc -l <<<"$err")" 1
done
exits 0 'one of a plain name' greenlane submitters add Broker_1.west-2

# Wrong calls, each told in one line with what is wanted, in both languages.
wrong_call() { # NAME EXPECTED SPANISH COMMAND...: exit 2
    local name=$1 expected=$2 spanish=$3
    shift 3
    exits 2 "$name" greenlane "$@"
    is 'is told' "$err" "$expected"
    exits 2 'in Spanish too' env -u LC_ALL -u LC_MESSAGES LANG=es_MX.UTF-8 greenlane "$@"
    is 'is told' "$err" "$spanish"
}
wrong_call 'a value that is none' "greenlane check: option '--lang en|es': 'fr' is not such a value" \
    "greenlane check: opción '--lang en|es': 'fr' no es un valor así" check one.xml --lang fr
wrong_call 'a number that is none' "greenlane list: option '--limit NUMBER': 'many' is not such a value" \
    "greenlane list: opción '--limit NUMBER': 'many' no es un valor así" list --limit many
wrong_call 'a group without its second word' "greenlane: there is no command 'bindings'; there are: bindings list, bindings add, bindings remove" \
    "greenlane: no existe el comando 'bindings'; existen: bindings list, bindings add, bindings remove" bindings
wrong_call 'a group with another one' "greenlane: there is no command 'ledger burn'; there are: ledger verify, ledger archive, ledger export" \
    "greenlane: no existe el comando 'ledger burn'; existen: ledger verify, ledger archive, ledger export" ledger burn
wrong_call 'one word of two' "greenlane resolve: arrived|not-arrived|close is missing; usage: greenlane resolve FILING arrived|not-arrived|close" \
    "greenlane resolve: falta arrived|not-arrived|close; uso: greenlane resolve FILING arrived|not-arrived|close" resolve 7
wrong_call 'no file' "greenlane submit: FILE is missing; usage: greenlane submit FILE --to DESTINATION[/MESSAGE]" \
    "greenlane submit: falta FILE; uso: greenlane submit FILE --to DESTINATION[/MESSAGE]" submit
wrong_call 'no destination' "greenlane transform: --to is missing; usage: greenlane transform FILE --to DESTINATION[/MESSAGE]" \
    "greenlane transform: falta --to; uso: greenlane transform FILE --to DESTINATION[/MESSAGE]" transform one.xml
exits 2 'a number after --wait is its value' greenlane submit nowhere.xml --to us-ace --wait 5
has 'and no second file' "$err" 'nowhere.xml: No such file'

# From a build folder, with nothing installed and nothing said.
from_build() { env -u GREENLANE_LIBEXECDIR -u GREENLANE_DATADIR "$GREENLANE_BUILDDIR/greenlane" "$@"; }
if [ -e "$(sed -nE 's/^libexecdir = //p' "$GREENLANE_BUILDDIR/Makefile" 2>/dev/null)/greenlane-demo" ]; then
    skip 'programs of a build folder' 'installed ones are there and go first'
else
    mkdir mine && : >mine/file
    exits 2 'greenlane demo is found in a build folder' from_build demo mine
    has 'and looks where it was told to' "$err" 'mine is there'
    exits 2 'greenlane sandbox too' from_build sandbox --no-such-option
    has 'and reads its options' "$err" 'no-such-option'
    program=$GREENLANE_BUILDDIR/.libs/greenlane
    [ -f "$program" ] || program=$GREENLANE_BUILDDIR/greenlane
    cp "$program" alone
    exits 3 'elsewhere it is not there' env -u GREENLANE_LIBEXECDIR LD_LIBRARY_PATH="$GREENLANE_BUILDDIR/.libs" ./alone demo
    has 'and what to do is said' "$err" 'make demo'
    is 'in one line' "$(wc -l <<<"$err")" 1
fi
done_testing

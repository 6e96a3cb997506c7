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

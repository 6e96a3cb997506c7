#!/usr/bin/env bash
# What an identity is tried with before it files: its key, its addresses, the certificate it shows; new keys; and what
# check and transform say under their options.
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki --efirma 'tres:AAFI800101QZ6:AAFI800101MDFLCN05:Ana Alba Ficticia Inventada'
sandbox --client-ca "$here/pki/ca.pem"
settings
us_identity bare 9ZZ
us_identity_file alfa ZZZ
sed -i -e '/<setting name="site"/i<setting name="endpoint.client-certificate" file="pki/client-alfa.pem"/>' \
    -e '/<secret name="abi/i<secret name="client-key" file="pki/client-alfa.key"/>' identity-alfa.xml
add_identity alfa
mx_identity uno

exits 0 'an identity that can sign and reach its customs' greenlane identities test uno
has 'its key' "$out" "identity 'uno' can sign"
has 'its addresses, each' "$out" "endpoint consultar: reached, $vucem/ventanilla/ConsultarRespuestaCoveService"
exits 0 'one that needs no key' greenlane identities test alfa --lang es
has 'said in Spanish' "$out" "la identidad 'alfa' no tiene clave y su destino no la pide"
has 'reached, with its certificate' "$out" 'punto de conexión submit: se alcanza'
exits 0 'as JSON' greenlane identities test uno --json
is 'the same' "$(jq -c '[.signs, (.endpoints | length), all(.endpoints[]; .reached)]' <<<"$out")" '[true,2,true]'

mx_identity_file lost AAFI800101QZ6 TEST "https://localhost:1"
sed -i 's/efirma-lost/efirma-uno/g' identity-lost.xml
add_identity lost
exits 1 'an address where nobody is' greenlane identities test lost
matches 'is told, with why' "$out" 'endpoint recibir: https://localhost:1/[^ ]*: [^ ]'
exits 1 'an identity that is not there' greenlane identities test nobody
has 'is told' "$err" "nobody"

# The certificate it shows is what makes ACE listen.
declaration us.xml us-truck-entry.xml
exits 0 'with the certificate customs asks for, it is filed' greenlane submit us.xml --to us-ace --identity alfa --wait=30
is 'and accepted' "$(status_of "$(id_in "$out")" '.filings[0].outcome')" accepted
declaration bare.xml us-truck-entry.xml 's#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>GL0000002#'
greenlane submit bare.xml --to us-ace --identity bare --wait=5 >bare.out 2>&1
bare=$(id_in "$(cat bare.out)")
is 'without it nothing was sent, and it will be tried again' "$(status_of "$bare" '.filings[0].state')" deferred
matches 'for that reason' "$(status_of "$bare" '.filings[0].reason')" '[Cc]ertificate|alert'

# New keys
exits 0 'before: signed by the first certificate' greenlane transform "$GREENLANE_SRCDIR/examples/declarations/mx-import-cove.xml" --to mx-vucem/cove --identity uno --signed
first=$(grep -oE '<([a-z0-9]+:)?certificado>[^<]+' <<<"$out" | sha256sum)
has 'the password is not in it' "$out" '****'
lacks 'only its stars' "$out" "$ws_password"
sed -i 's/efirma-uno/efirma-tres/g' identity-uno.xml
exits 0 'rotated' greenlane identities rotate uno identity-uno.xml
exits 0 'it can sign still' greenlane identities test uno
exits 0 'after' greenlane transform "$GREENLANE_SRCDIR/examples/declarations/mx-import-cove.xml" --to mx-vucem/cove --identity uno --signed
is 'signed by the other' "$([ "$(grep -oE '<([a-z0-9]+:)?certificado>[^<]+' <<<"$out" | sha256sum)" != "$first" ] && echo yes)" yes
sed -i 's/efirma-tres.key/efirma-dos.key/; s/efirma-tres.password/efirma-dos.password/' identity-uno.xml
exits 3 'a key that is not of the certificate' greenlane identities rotate uno identity-uno.xml
exits 0 'changes nothing' greenlane identities test uno

# Somebody who may write the ledger's file sends the passwords to himself. Nobody is asked at that address.
greenlane identities remove bare >/dev/null 2>&1
us_identity acht 8ZZ TEST https://localhost:1
declaration eight.xml us-truck-entry.xml 's#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>GL0000008#'
exits 0 'kept under an identity as it was entered' greenlane submit eight.xml --to us-ace --identity acht
eight=$(id_in "$out")
exits 0 'held' greenlane hold "$eight"
sqlite3 ledger.db "UPDATE identity_setting SET value = '$ace/elsewhere' WHERE identity = 'acht' AND name = 'endpoint.submit.url'"
exits 3 'an identity that was changed in the file is not filed with' greenlane submit eight.xml --to us-ace --identity acht --key later
is 'which is one line' "$(wc -l <<<"$err")" 1
has 'that says so' "$err" "identity 'acht' is not as it was entered"
exits 3 'in Spanish' greenlane submit eight.xml --to us-ace --identity acht --key later --lang es
has 'too' "$err" "la identidad 'acht' no está como se registró"
exits 0 'what was kept before is let go' greenlane release "$eight"
declaration nine.xml us-truck-entry.xml 's#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>GL0000009#'
greenlane submit nine.xml --to us-ace --identity alfa --wait=30 >/dev/null 2>&1
matches 'and is not sent' "$(status_of "$eight" '.filings[0].state')" '^(held|queued|deferred)$'
has 'for that reason' "$(greenlane status "$eight" --json)" 'is not as it was entered'
exits 3 'nor is it rotated as it stands' greenlane identities rotate acht identity-acht.xml
exits 0 'it can be removed' greenlane identities remove acht

# A document that cannot be filed with: all that is wrong with it at once, and nothing of it stays.
us_identity_file half 7ZZ
sed -i -e 's/endpoint.submit.url/endpoint.submitt.url/' -e '/abi-password/d' -e 's/kind="entry-number" first="1" last="999"/kind="entry-number" first="1" last="99999999"/' identity-half.xml
exits 2 'an identity that lacks what its customs wants' greenlane identities add identity-half.xml
has 'a setting it does not have, and the near one' "$err" "has no setting 'endpoint.submitt.url'; is 'endpoint.submit.url' meant?"
has 'an address it lacks' "$err" "needs the setting 'endpoint.submit.url'"
has 'a secret it lacks' "$err" "needs the secret 'abi-password'"
has 'a series that cannot be' "$err" "numbers of at most 7 digits"
is 'each with file and place' "$(grep -cE '^identity-half\.xml:[0-9]+:[0-9]+: error: ' <<<"$err") $(wc -l <<<"$err")" '4 4'
exits 2 'in Spanish' greenlane identities add identity-half.xml --lang es
has 'too' "$err" "¿se quiso decir 'endpoint.submit.url'?"
us_identity_file half 7ZZ
sed -i 's/destination="us-ace"/destination="us-acee"/' identity-half.xml
exits 2 'a destination there is not' greenlane identities add identity-half.xml
has 'is told with those there are' "$err" "there is no destination 'us-acee'; there are: mx-vucem, us-ace"
us_identity_file half 7ZZ
sed -i 's/kind="entry-number"/kind="entry"/' identity-half.xml
exits 2 'a kind of number there is not' greenlane identities add identity-half.xml
has 'is told' "$err" "'entry'"
us_identity half 7ZZ
exits 0 'its name was not used up' greenlane identities test half

# check and transform
cp "$GREENLANE_SRCDIR/examples/declarations/error-counts.xml" counts.xml
exits 0 'the schema alone has nothing against it' greenlane check --schema-only counts.xml
exits 1 'the rules have' greenlane check counts.xml
exits 1 'as JSON' greenlane check --json counts.xml
is 'each finding has its rule, place, path and pointer' \
    "$(jq -r 'all(.. | objects | select(.rule?); .line > 0 and .column > 0 and (.xpath | startswith("/")) and (.pointer | startswith("42A")))' <<<"$out")" true
echo '<a/>' >alien.xml
exits 1 'several files as JSON' greenlane check --json counts.xml alien.xml us.xml
is 'a line each' "$(jq -r .file <<<"$out" | tr '\n' ' ')$(wc -l <<<"$out")" 'counts.xml alien.xml us.xml 3'
printf '%s\n' "$out" >lines.json
exits 1 'and into a file' greenlane check --json counts.xml alien.xml us.xml --output all.json
ok 'which holds them all' cmp lines.json all.json
exits 1 'the same file again' greenlane check --json counts.xml --output all.json
is 'begins anew' "$(wc -l <all.json)" 1
exits 1 'what it still lacks for a destination' greenlane check --for mx-vucem us.xml
has 'is said' "$out$err" 'MX'
exits 2 'a destination that does not exist' greenlane check --for atlantis us.xml
has 'is told with those there are' "$err" 'us-ace'
done_testing

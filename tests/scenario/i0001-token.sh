#!/usr/bin/env bash
# A key that never leaves its token (PKCS#11, here SoftHSM): added, tried, rotated, signing a COVE; its PIN nowhere to be found; and each
# way it can be missing or wrong, told in one line, with a wrong PIN tried once.
# timeout: 600
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/token.sh"

pki --efirma 'tres:AAFI800101QZ6:AAFI800101MDFLCN05:Ana Alba Ficticia Inventada'
sandbox
settings pkcs11-module "$softhsm"
pin=PIN7419302
secret pin "$pin"
secret wrong-pin 00009999
token alba "$pin" uno
token_identity_file uno alba

exits 0 'an identity whose key is on a token' greenlane identities add identity-uno.xml
exits 0 'it can sign' greenlane identities test uno
has 'which is said' "$out" "identity 'uno' can sign"
exits 0 'shown as it is' greenlane identities list --json
is 'by where its key is' "$(jq -r '.identities[0] | .custody + " " + .key' <<<"$out")" 'token pkcs11:token=alba;object=efirma'
lacks 'and not by its PIN' "$out" "$pin"

declaration mx.xml mx-import-cove.xml
exits 0 'it signs what transform shows' greenlane transform mx.xml --to mx-vucem/cove --identity uno --signed
printf '%s' "$out" >shown.xml
exits 0 'a COVE is filed and answered' greenlane submit mx.xml --to mx-vucem --wait=30
has 'VUCEM gave it an eDocument' "$out" '[COVE26'
id=$(id_in "$out")
greenlane show "$id" signed --output sent.xml
openssl x509 -in pki/efirma-uno.pem -pubkey -noout >public.pem
for file in shown sent; do
    for part in cadenaOriginal firma; do
        xmllint --xpath "string((//*[local-name()='$part'])[1])" $file.xml | tr -d '\n' >$file.$part
    done
    openssl base64 -d -A -in $file.firma -out firma.bin
    ok "openssl accepts the signature: $file" openssl dgst -sha256 -verify public.pem -signature firma.bin $file.cadenaOriginal
done

# refused STATUS TEXT WANTED COMMAND...: one line that says it
refused() {
    local status=$1 text=$2 wanted=$3
    shift 3
    exits "$status" "$text" "$@"
    has 'is told' "$err" "$wanted"
    is 'in one line' "$(wc -l <<<"$err")" 1
    lacks 'without the PIN' "$out$err" "$pin"
}

# What an identity is not added with
variant() {
    sed -e 's/name="uno"/name="other"/' -e "$1" identity-uno.xml >other.xml
}
cp greenlane.xml settings.kept
variant ''
sed -i "s#<pkcs11-module>.*<#<pkcs11-module>$here/no-module.so<#" greenlane.xml
refused 3 'a module that is not there' "the PKCS#11 module $here/no-module.so does not load" greenlane identities add other.xml
cp settings.kept greenlane.xml
refused 3 'an OpenSSL without the engine' 'install libengine-pkcs11-openssl' env OPENSSL_ENGINES="$here" greenlane identities add other.xml
variant 's/token=alba/token=nowhere/'
refused 3 'a token that is not there' 'no single token is there for pkcs11:token=nowhere' greenlane identities add other.xml
variant 's/object=efirma/object=other/'
refused 3 'a key that is not on it' 'not the private key pkcs11:token=alba;object=other' greenlane identities add other.xml
variant 's/efirma-uno.cer/efirma-dos.cer/'
refused 3 'a key that is not of the certificate' "does not belong to its certificate" greenlane identities add other.xml
variant 's#secrets/pin#secrets/wrong-pin#'
refused 3 'a wrong PIN' 'pkcs11:token=alba refused the PIN' greenlane identities add other.xml
variant "s/object=efirma/object=efirma?pin-value=$pin/"
refused 2 'a PIN in the uri' 'put it in a file, and name that by pin-file' greenlane identities add other.xml
variant 's/object=efirma/object=efirma;slot-id=3/'
refused 2 'an attribute we do not know' "'slot-id' is not among" greenlane identities add other.xml
variant 's/pkcs11:token=alba;/pkcs11:/'
refused 2 'a uri that names no token' 'what names its token' greenlane identities add other.xml
variant 's/custody="token"/custody="held"/'
refused 2 'custody held and a key on a token' 'its key comes from a file' greenlane identities add other.xml
variant 's/custody="token"/custody="remote"/'
refused 2 'custody remote and a key on a token' "has custody 'remote'" greenlane identities add other.xml
variant '/<key /d'
refused 2 'custody token and no key' 'its key is named by uri and pin-file' greenlane identities add other.xml
sed -e 's/name="uno"/name="other"/' -e 's#<key .*#<key file="pki/efirma-uno.key" password-file="pki/efirma-uno.password"/>#' identity-uno.xml >other.xml
refused 2 'custody token and a key in a file' 'stays on the token' greenlane identities add other.xml
is 'nothing was added by any of them' "$(greenlane identities list --json | jq '.identities | length')" 1

# Rotation: another key on another token, and back
token berro "$pin" tres
sed -e 's/token=alba/token=berro/' -e 's/efirma-uno.cer/efirma-tres.cer/' identity-uno.xml >rotated.xml
exits 0 'rotated to a key on another token' greenlane identities rotate uno rotated.xml
exits 0 'it can sign still' greenlane identities test uno
sed -i 's/efirma-tres.cer/efirma-uno.cer/' rotated.xml
refused 3 'a rotation to a key of another certificate' 'does not belong to its certificate' greenlane identities rotate uno rotated.xml
sed -e 's#<key .*#<key file="pki/efirma-uno.key" password-file="pki/efirma-uno.password"/>#' -e 's/ custody="token"//' identity-uno.xml >rotated.xml
refused 2 'nor to a key in a file' 'stays on the token' greenlane identities rotate uno rotated.xml
exits 0 'and back' greenlane identities rotate uno identity-uno.xml

# Its PIN is changed at the token: what is kept is tried once, then never again until a person says which it is.
token alba 00001111 uno
declaration next.xml mx-import-cove.xml 's#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>MX0000777#' 's#FAC-2026-0715-A#FAC-2026-0716-A#g'
greenlane submit next.xml --to mx-vucem --wait=10 >next.out 2>&1
next=$(id_in "$(cat next.out)")
is 'a filing it cannot sign is held' "$(status_of "$next" '.filings[0].state')" held
has 'and why' "$(status_of "$next" '.filings[0].reason')" 'refused the PIN'
token alba "$pin" uno
refused 3 'though the kept PIN would do now, it is not tried' 'refused its PIN on 20' greenlane identities test uno
exits 0 'a person gives it anew' greenlane identities rotate uno identity-uno.xml
exits 0 'and it can sign' greenlane identities test uno

# One daemon, many threads, one token
settings pkcs11-module "$softhsm" listen '' dispatchers 4
"$GREENLANE_BUILDDIR/greenlaned" >daemon.out 2>daemon.log &
daemon_pid=$!
started "$daemon_pid" daemon.log 'is ready' 'the daemon'
exits 0 'the filing that was held is let go' greenlane release "$next"
ids=("$next")
for n in 1 2 3 4 5 6 7 8; do
    declaration "many-$n.xml" mx-import-cove.xml "s#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>MX000080$n#" "s#FAC-2026-0715-A#FAC-$n#g"
    greenlane submit "many-$n.xml" --to mx-vucem >"many-$n.out" 2>&1
    ids+=("$(id_in "$(cat "many-$n.out")")")
done
# shellcheck disable=SC2317  # called by wait_for
all_closed() {
    local id
    for id in "${ids[@]}"; do
        is_state "$id" closed || return 1
    done
}
ok 'it and eight more are signed on its threads and accepted' wait_for 60 all_closed
mv tokens away
declaration gone.xml mx-import-cove.xml 's#<FunctionalReferenceID>[^<]*#<FunctionalReferenceID>MX0000901#' 's#FAC-2026-0715-A#FAC-901#g'
exits 0 'the token is taken out' greenlane submit gone.xml --to mx-vucem
gone=$(id_in "$out")
ok 'what it cannot sign is held' wait_for 30 is_state "$gone" held
mv away tokens
exits 0 'it is put back' greenlane release "$gone"
ok 'and signs again' wait_for 30 is_state "$gone" closed
kill "$daemon_pid"
wait "$daemon_pid"
is 'the daemon stops clean' $? 0
daemon_pid=

is 'the PIN is in no file of the run' "$(grep -rlF --exclude-dir=secrets --exclude-dir=tokens -- "$pin" . | wc -l)" 0
done_testing

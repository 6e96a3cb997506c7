# A token of SoftHSM to sign with, in ./tokens. Sourced after gateway.sh, and after pki made its e.firmas.
#
#   token LABEL PIN EFIRMA             made anew with that e.firma's key as object 'efirma'; one of the same label goes first
#   token_identity_file NAME LABEL     identity-NAME.xml, its key on that token, its PIN in secrets/pin
#
# $softhsm is its PKCS#11 module.
# shellcheck shell=bash
softhsm=$(find /usr/lib /usr/lib64 /usr/local/lib -name libsofthsm2.so 2>/dev/null | head -n 1)
export SOFTHSM2_CONF=$PWD/softhsm2.conf
mkdir -p tokens
printf 'directories.tokendir = %s/tokens\nlog.level = ERROR\n' "$PWD" >"$SOFTHSM2_CONF"
[ -n "$softhsm" ] || {
    echo 'Bail out! no softhsm2: see packages.txt'
    exit 1
}

token() {
    local key=$PWD/token-key.pem
    softhsm2-util --delete-token --token "$1" >token.log 2>&1
    (umask 077 && openssl pkey -inform DER -in "pki/efirma-$3.key" -passin "file:pki/efirma-$3.password" -out "$key") 2>>token.log
    softhsm2-util --init-token --free --label "$1" --so-pin 12345678 --pin "$2" >>token.log 2>&1 &&
        softhsm2-util --import "$key" --token "$1" --label efirma --id 01 --pin "$2" >>token.log 2>&1 || {
        echo "Bail out! no token: $(tail -n 2 token.log)"
        exit 1
    }
    rm -f "$key"
}

token_identity_file() {
    mx_identity_file "$1" AAFI800101QZ6
    sed -i -e 's/custody="held"/custody="token"/' \
        -e "s#<key .*#<key uri=\"pkcs11:token=$2;object=efirma\" pin-file=\"secrets/pin\"/>#" "identity-$1.xml"
}

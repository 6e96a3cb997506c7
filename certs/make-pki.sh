#!/bin/sh
# Makes a throw-away PKI for tests and practice. Nothing of it is worth protecting, and none of it is ever trusted by default.
#
#   make-pki.sh FOLDER [--client NAME]... [--revoked NAME]... [--efirma NAME:RFC:CURP:HOLDER]...
#
# In FOLDER (made if need be; existing files stay, so that more can be added later):
#
#   ca.pem                          authority of the TLS certificates (EC)
#   server.pem  server.key          for localhost, 127.0.0.1 and ::1
#   client-NAME.pem  client-NAME.key
#   crl.pem                         revocation list of that authority; names the --revoked clients
#   sat-ca.pem                      an authority shaped like SAT's
#   efirma-NAME.cer  .key  .password  .pem
#                                   e.firma: certificate DER, encrypted PKCS#8 DER (PBES2, 3DES), its password, certificate PEM
#   efirma-vencida.*                an expired one (2017 to 2021)
#   efirma-revocada.*  sat-crl.pem  a revoked one and the list that names it
#
# Certificates run from 2020 to 2049 (authorities from 2010), so that a test with a frozen clock and one without both find them valid. Needs openssl.
set -eu

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 2
}

FROM=20200101000000Z
TO=20491231235959Z

[ $# -ge 1 ] || usage
case $1 in -*) usage ;; esac
mkdir -p "$1"
cd "$1"
shift
umask 077

# What `openssl ca` needs; extensions are one section each.
conf() {
    mkdir -p ".$1"
    [ -f ".$1/index" ] || : >".$1/index"
    echo 'unique_subject = no' >".$1/index.attr"
    [ -f ".$1/crlnumber" ] || echo 01 >".$1/crlnumber"
    cat >".$1/ca.cnf" <<END
[ca]
default_ca = this
[this]
database = .$1/index
new_certs_dir = .$1
rand_serial = yes
certificate = $1.pem
private_key = .$1/ca.key
default_md = sha256
policy = anything
preserve = yes
email_in_dn = no
crlnumber = .$1/crlnumber
[anything]
commonName = optional
name = optional
organizationName = optional
countryName = optional
x500UniqueIdentifier = optional
serialNumber = optional
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
[client]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[efirma]
basicConstraints = CA:FALSE
keyUsage = digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
extendedKeyUsage = emailProtection,clientAuth
END
}

# openssl talks a lot on stderr; it is shown only when something went wrong.
quiet() {
    "$@" 2>.log || {
        cat .log >&2
        exit 1
    }
}

# new_key FILE ec|rsa
new_key() {
    case $2 in
    ec) quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" ;;
    rsa) quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" ;;
    esac
}

# new_request OUT KEY SUBJECT
new_request() {
    quiet openssl req -new -utf8 -key "$2" -subj "$3" -out "$1" -config /dev/stdin <<'END'
[req]
distinguished_name = none
string_mask = utf8only
[none]
END
}

# issue CA EXTENSIONS REQUEST OUT [more options of openssl ca]
issue() {
    ca=$1 extensions=$2 request=$3 out=$4
    shift 4
    [ $# -gt 0 ] || set -- -startdate $FROM -enddate $TO
    quiet openssl ca -batch -notext -utf8 -config ".$ca/ca.cnf" -extensions "$extensions" -in "$request" \
        -out "$out" "$@"
    rm -f "$request"
}

# root CA ec|rsa SUBJECT
root() {
    conf "$1"
    [ ! -f "$1.pem" ] || return 0
    new_key ".$1/ca.key" "$2"
    new_request .request ".$1/ca.key" "$3"
    issue "$1" root .request "$1.pem" -selfsign -startdate 20100101000000Z -enddate $TO
}

list() {
    quiet openssl ca -config ".$1/ca.cnf" -gencrl -crl_lastupdate $FROM -crl_nextupdate $TO -out "$2"
}

# client NAME
client() {
    [ ! -f "client-$1.pem" ] || return 0
    new_key "client-$1.key" ec
    new_request .request "client-$1.key" "/O=Greenlane practice/CN=$1"
    issue ca client .request "client-$1.pem"
}

# SAT's serials are 20 digits, kept as ASCII bytes: made here from a counter.
next_serial() {
    count=$(($(cat .sat-ca/count 2>/dev/null || echo 0) + 1))
    echo "$count" >.sat-ca/count
    printf '3000100000%010d' $((90000000 + count)) | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F
}

# efirma NAME RFC CURP HOLDER [dates]
efirma() {
    name=$1 rfc=$2 curp=$3 holder=$4
    shift 4
    [ ! -f "efirma-$name.cer" ] || return 0
    new_key .plain.key rsa
    new_request .request .plain.key "/CN=$holder/name=$holder/O=$holder/C=MX/x500UniqueIdentifier=$rfc/serialNumber= \\/ $curp"
    next_serial >.sat-ca/serial
    sed 's|^rand_serial.*|serial = .sat-ca/serial|' .sat-ca/ca.cnf >.sat-ca/one.cnf
    [ $# -gt 0 ] || set -- -startdate $FROM -enddate $TO
    quiet openssl ca -batch -notext -utf8 -config .sat-ca/one.cnf -extensions efirma -in .request \
        -out "efirma-$name.pem" "$@"
    quiet openssl x509 -in "efirma-$name.pem" -outform DER -out "efirma-$name.cer"
    printf 'clave-%s' "$name" >"efirma-$name.password"
    quiet openssl pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1 -iter 2048 -in .plain.key -outform DER \
        -passout "file:efirma-$name.password" -out "efirma-$name.key"
    rm -f .plain.key .request
}

root ca ec '/O=Greenlane practice/CN=Practice authority'
root sat-ca rsa '/O=Servicio de practica/CN=A.C. de practica/C=MX'

if [ ! -f server.pem ]; then
    new_key server.key ec
    new_request .request server.key '/O=Greenlane practice/CN=localhost'
    issue ca server .request server.pem
fi

efirma vencida AAA010101AAA AAAA010101HDFAAA05 'Vencida Inventada SA de CV' -startdate 20170516000000Z -enddate 20210516000000Z
if [ ! -f efirma-revocada.cer ]; then
    efirma revocada RRR010101RR1 RRRR010101HDFRRR05 'Revocada Inventada SA de CV'
    quiet openssl ca -config .sat-ca/ca.cnf -revoke efirma-revocada.pem
fi

while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --client) client "$2" ;;
    --revoked)
        if [ ! -f "client-$2.pem" ]; then
            client "$2"
            quiet openssl ca -config .ca/ca.cnf -revoke "client-$2.pem"
        fi
        ;;
    --efirma)
        rest=$2
        name=${rest%%:*} rest=${rest#*:}
        rfc=${rest%%:*} rest=${rest#*:}
        efirma "$name" "$rfc" "${rest%%:*}" "${rest#*:}"
        ;;
    *) usage ;;
    esac
    shift 2
done

list ca crl.pem
list sat-ca sat-crl.pem
rm -f .log

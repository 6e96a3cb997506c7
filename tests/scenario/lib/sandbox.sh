# The sandbox for scenario scripts (bash), sourced after tap.sh:
#
#   sandbox_pki                        # a throw-away PKI in ./pki and ./accounts.xml
#   sandbox_start [OPTION...]          # starts it; $ACE, $VUCEM, $CONTROL are its addresses
#   control /faults '{"review":true}'  # what it says is printed
#   sandbox_stop
#
# Transmitter 2304ZZZ with password PASSWD files for ZZZ; RFC AAA010101AAA has the web-service key in $WS_KEY.
# shellcheck shell=bash
# shellcheck disable=SC2034
WS_KEY=clave-de-servicio-web-0123456789abcdef
sandbox_pid=

sandbox_pki() {
    "$GREENLANE_SRCDIR/certs/make-pki.sh" pki --client filer \
        --efirma uno:AAA010101AAA:AAAA010101HDFAAA05:'Importadora Uno SA de CV' \
        --efirma dos:BBB010101BB2:BBBB010101HDFBBB05:'Importadora Dos SA de CV' >/dev/null || exit 3
    cat >accounts.xml <<END
<accounts xmlns="urn:greenlane:sandbox:1">
  <transmitter site="2304" id="ZZZ" password="PASSWD"><filer code="ZZZ"/><filer code="9ZZ"/></transmitter>
  <transmitter site="2304" id="YYY" password="OTHER1"><filer code="YYY"/></transmitter>
  <user rfc="AAA010101AAA" password="$WS_KEY"/>
  <user rfc="BBB010101BB2" password="$WS_KEY-dos"/>
  <authority file="pki/sat-ca.pem"/>
  <authority file="pki/sat-crl.pem"/>
</accounts>
END
}

sandbox_start() {
    greenlane-sandbox --accounts accounts.xml --cert pki/server.pem --key pki/server.key "$@" >sandbox.out 2>sandbox.err &
    sandbox_pid=$!
    if ! wait_for 20 grep -q control sandbox.out; then
        echo "Bail out! the sandbox did not start: $(cat sandbox.err)"
        exit 3
    fi
    ACE=https://localhost:$(jq .ace sandbox.out)/ace
    VUCEM=https://localhost:$(jq .vucem sandbox.out)/ventanilla
    CONTROL=http://127.0.0.1:$(jq .control sandbox.out)
}

sandbox_stop() {
    kill "$sandbox_pid"
    wait "$sandbox_pid"
}

# control PATH [JSON]
control() {
    if [ $# -eq 1 ]; then
        curl -s -X POST "$CONTROL$1"
    else
        curl -s -d "$2" "$CONTROL$1"
    fi
}
state() {
    curl -s "$CONTROL/state" | jq -r "$1"
}

# A gateway to play with: PKI, sandbox, identities, ledger. Sourced after tap.sh by scenarios that need them.
#
#   pki                      throw-away PKI in ./pki, two e.firmas: uno (AAFI800101QZ6), dos (BEFB810202QZ8)
#   sandbox [OPTION...]      an ACE and a VUCEM over TLS; $ace $vucem $control are their addresses
#   settings [NAME VALUE]... ./greenlane.xml, which the command finds by $GREENLANE_CONFIG
#   us_identity NAME [FILER] [ATTRIBUTES]   mx_identity NAME [RFC] [ATTRIBUTES]: added to the ledger
#   daemon [OPTION...]       greenlaned; $relay is its address; impatient: with a copy of the bundles whose minutes of doubt are a second
#   declaration FILE EXAMPLE [SED-EXPRESSION...]   an example with some values changed
#   control PATH [BODY]      tells the sandbox something; state JQ asks it
#
# shellcheck shell=bash
here=$PWD
export GREENLANE_CONFIG=$here/greenlane.xml
abi_password=ABISEC
ws_password=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
sandbox_pid=
daemon_pid=

pki() {
    "$GREENLANE_SRCDIR/certs/make-pki.sh" "$here/pki" --client alfa --client beta \
        --efirma 'uno:AAFI800101QZ6:AAFI800101MDFLCN05:Ana Alba Ficticia Inventada' \
        --efirma 'dos:BEFB810202QZ8:BEFB810202HDFRRR01:Bruno Berro Ficticio Inventado' "$@" >"$here/pki.log" 2>&1 ||
        {
            echo "Bail out! no PKI: $(tail -n 3 "$here/pki.log")"
            exit 1
        }
}

# started PID OUTPUT PATTERN NAME: waits until a background program says it is ready
started() {
    local end=$((SECONDS + 60))
    until grep -qE -- "$3" "$2"* 2>/dev/null; do
        if ! kill -0 "$1" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
            echo "Bail out! $4 did not start: $(cat "$2"* | tail -n 3 | tr '\n' ' ')"
            exit 1
        fi
        sleep 0.05
    done
}

sandbox() {
    mkdir -p "$here/secrets"
    cat >"$here/secrets/accounts.xml" <<END
<accounts xmlns="urn:greenlane:sandbox:1">
  <transmitter site="2304" id="ZZZ" password="$abi_password"><filer code="ZZZ"/><filer code="9ZZ"/></transmitter>
  <importer number="00-1234567"/>
  <user rfc="AAFI800101QZ6" password="$ws_password"/>
  <user rfc="BEFB810202QZ8" password="$ws_password"/>
  <authority file="$here/pki/sat-ca.pem"/>
</accounts>
END
    "$GREENLANE_LIBEXECDIR/greenlane-sandbox" --accounts "$here/secrets/accounts.xml" --cert "$here/pki/server.pem" \
        --key "$here/pki/server.key" "$@" >"$here/sandbox.out" 2>"$here/sandbox.out.log" &
    sandbox_pid=$!
    started "$sandbox_pid" "$here/sandbox.out" '"control"' 'the sandbox'
    ace=https://localhost:$(port_of ace)
    vucem=https://localhost:$(port_of vucem)
    control=http://127.0.0.1:$(port_of control)
}
# daemon [OPTION...]: needs settings listen, tls-cert, tls-key, client-ca, and log-format text
daemon() {
    rm -f "$here"/daemon.out*
    "$GREENLANE_BUILDDIR/greenlaned" "$@" >"$here/daemon.out" 2>"$here/daemon.out.log" &
    daemon_pid=$!
    started "$daemon_pid" "$here/daemon.out" 'is ready on ' greenlaned
    # shellcheck disable=SC2034  # for the scenarios
    relay=https://localhost:$(sed -nE 's/.*is ready on [^ ]*:([0-9]+).*/\1/p' "$here/daemon.out.log")
}
daemon_stop() {
    kill "$daemon_pid"
    wait "$daemon_pid"
    daemon_pid=
}
# impatient: ./data, the data directory with bundles in which doubt lasts a second
impatient() {
    mkdir -p "$here/data"
    cp -r "$GREENLANE_DATADIR/transforms" "$here/data/"
    ln -s "$GREENLANE_DATADIR/schemas" "$here/data/schemas"
    sed -i -E 's/(<doubt[^>]*) after="[^"]*"/\1/; s/<doubt/<doubt after="1s"/' "$here"/data/transforms/*/destination.xml
}
port_of() {
    sed -nE "s/.*\"$1\":([0-9]+).*/\1/p" "$here/sandbox.out"
}
control() {
    curl -sS --fail -X POST "$control/$1" -d "${2:-}" -o /dev/null
}
state() {
    curl -sS --fail "$control/state" | jq -r "$1"
}

settings() {
    {
        echo '<settings xmlns="urn:greenlane:config:1">'
        echo "  <ledger>$here/ledger.db</ledger>"
        while [ $# -ge 2 ]; do
            echo "  <$1>$2</$1>"
            shift 2
        done
        echo '</settings>'
    } >"$here/greenlane.xml"
}

# secret NAME VALUE: a file of mode 0600
secret() {
    mkdir -p "$here/secrets"
    (umask 077 && printf '%s\n' "$2" >"$here/secrets/$1")
}

# us_identity_file NAME FILER ENVIRONMENT ADDRESS-OF-ACE
us_identity_file() {
    secret abi "$abi_password"
    cat >"$here/identity-$1.xml" <<END
<identity xmlns="urn:greenlane:identity:1" name="$1" environment="${3:-TEST}" destination="us-ace" principal="$2" role="filer" custody="held">
  <setting name="site" value="2304"/>
  <setting name="id" value="ZZZ"/>
  <setting name="port" value="2304"/>
  <setting name="endpoint.ca" file="pki/ca.pem"/>
  <setting name="endpoint.submit.url" value="${4:-$ace}/ace/inbound"/>
  <setting name="endpoint.answers.url" value="${4:-$ace}/ace/outbound/2304ZZZ"/>
  <setting name="endpoint.answers.every" value="100ms"/>
  <setting name="endpoint.timeout" value="10s"/>
  <secret name="abi-password" file="secrets/abi"/>
  <series kind="entry-number" first="1" last="999"/>
</identity>
END
}
mx_identity_file() {
    secret ws "$ws_password"
    cat >"$here/identity-$1.xml" <<END
<identity xmlns="urn:greenlane:identity:1" name="$1" environment="${3:-TEST}" destination="mx-vucem" principal="$2" role="agente" custody="held">
  <setting name="patente" value="3999"/>
  <setting name="email" value="$1@agencia.example"/>
  <setting name="endpoint.ca" file="pki/ca.pem"/>
  <setting name="endpoint.recibir.url" value="${4:-$vucem}/ventanilla/RecibirCoveService"/>
  <setting name="endpoint.consultar.url" value="${4:-$vucem}/ventanilla/ConsultarRespuestaCoveService"/>
  <setting name="endpoint.consultar.every" value="100ms"/>
  <setting name="endpoint.timeout" value="10s"/>
  <certificate file="pki/efirma-$1.cer"/>
  <key file="pki/efirma-$1.key" password-file="pki/efirma-$1.password"/>
  <secret name="ws-password" file="secrets/ws"/>
</identity>
END
}
add_identity() {
    greenlane identities add "$here/identity-$1.xml" >"$here/add.log" 2>&1 || {
        echo "Bail out! identity $1: $(tail -n 2 "$here/add.log")"
        exit 1
    }
}
us_identity() {
    us_identity_file "$1" "${2:-ZZZ}" "${@:3}"
    add_identity "$1"
}
mx_identity() {
    mx_identity_file "$1" "${2:-AAFI800101QZ6}" "${@:3}"
    add_identity "$1"
}

declaration() {
    local file=$1 example=$2
    shift 2
    sed -e '' "${@/#/-e}" "$GREENLANE_SRCDIR/examples/declarations/$example" >"$file"
}

# id_in TEXT: the id of a declaration in an answer of submit
id_in() {
    grep -oE '\b[0-9A-Za-z]{32}\b' <<<"$1" | head -n 1
}
# status_of ID JQ: one value of a declaration's state
status_of() {
    greenlane status "$1" --json 2>/dev/null | jq -r "$2"
}
filing_of() {
    status_of "$1" '.filings[0].id'
}
is_state() {
    [ "$(status_of "$1" '.filings[0].state')" = "$2" ]
}

# shellcheck disable=SC2317  # called by trap
stop_all() {
    [ -z "$daemon_pid" ] || kill "$daemon_pid" 2>/dev/null
    [ -z "$sandbox_pid" ] || kill "$sandbox_pid" 2>/dev/null
    wait 2>/dev/null
}
trap stop_all EXIT

#!/usr/bin/env bash
# The sandbox's VUCEM: a COVE signed with openssl is taken, asked about and numbered; whatever is wrong with it is said as VUCEM says it.
# shellcheck source=tests/scenario/lib/tap.sh
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/sandbox.sh"
NS=http://www.ventanillaunica.gob.mx/cove/ws/oxml/
WSSE=http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd

# sign WHO FILE [DIGEST]: base64 of the signature of its bytes
sign() {
    openssl pkcs8 -inform DER -in "pki/efirma-$1.key" -passin "file:pki/efirma-$1.password" -out key.pem
    openssl dgst "-${3:-sha256}" -sign key.pem "$2" | base64 -w0
}
# security RFC KEY
security() {
    printf '<wsse:Security xmlns:wsse="%s"><wsse:UsernameToken><wsse:Username>%s</wsse:Username>' "$WSSE" "$1"
    printf '<wsse:Password>%s</wsse:Password></wsse:UsernameToken></wsse:Security>' "$2"
}
# envelope HEADERS BODY
envelope() {
    printf '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header>%s</S:Header><S:Body>%s</S:Body></S:Envelope>' "$1" "$2"
}
# party KIND ID COUNTRY
party() {
    printf '<tipoIdentificador>%s</tipoIdentificador><identificacion>%s</identificacion><nombre>ACME</nombre>' "$1" "$2"
    printf '<domicilio><calle>CALLE 1</calle><numeroExterior>10</numeroExterior><pais>%s</pais><codigoPostal>22000</codigoPostal></domicilio>' "$3"
}
# cove WHO INVOICE [COUNTRY [DIGEST]]: the signed request
cove() {
    local head="<comprobantes><tipoOperacion>TOCE.IMP</tipoOperacion><patenteAduanal>3999</patenteAduanal><fechaExpedicion>2026-07-23</fechaExpedicion><tipoFigura>1</tipoFigura><correoElectronico>a@example.mx</correoElectronico>"
    local tail
    tail="<numeroFacturaOriginal>$2</numeroFacturaOriginal><factura><certificadoOrigen>0</certificadoOrigen><subdivision>0</subdivision></factura><emisor>$(party 0 00-0000000 "${3:-USA}")</emisor><destinatario>$(party 1 AAA010101AAA MEX)</destinatario><mercancias><descripcionGenerica>TORNILLO</descripcionGenerica><claveUnidadMedida>C62_1</claveUnidadMedida><tipoMoneda>USD</tipoMoneda><cantidad>100.000</cantidad><valorUnitario>1.250000</valorUnitario><valorTotal>125.000000</valorTotal><valorDolares>125.0000</valorDolares></mercancias></comprobantes>"
    # Not by our stylesheet: by the order of the fields as it is published.
    printf '|TOCE.IMP|%s|0|2026-07-23|1|3999|0|0|0|00-0000000|ACME|CALLE 1|10|%s|22000|1|AAA010101AAA|ACME|CALLE 1|10|MEX|22000|TORNILLO|C62_1|100.000|USD|1.250000|125.000000|125.0000|' \
        "$2" "${3:-USA}" >cadena
    printf '<solicitarRecibirCoveServicio xmlns="%s">%s<firmaElectronica><certificado>%s</certificado><cadenaOriginal>%s</cadenaOriginal><firma>%s</firma></firmaElectronica>%s</solicitarRecibirCoveServicio>' \
        "$NS" "$head" "$(base64 -w0 "pki/efirma-$1.cer")" "$(cat cadena)" "$(sign "$1" cadena "${4:-sha256}")" "$tail"
}
# ask_body WHO OPERATION RFC
ask_body() {
    printf '|%s|%s|' "$2" "$3" >cadena
    printf '<solicitarConsultarRespuestaCoveServicio xmlns="%s"><numeroOperacion>%s</numeroOperacion><firmaElectronica><certificado>%s</certificado><cadenaOriginal>%s</cadenaOriginal><firma>%s</firma></firmaElectronica></solicitarConsultarRespuestaCoveServicio>' \
        "$NS" "$2" "$(base64 -w0 "pki/efirma-$1.cer")" "$(cat cadena)" "$(sign "$1" cadena)"
}
# post SERVICE FILE [SOAPACTION [TYPE]]: body in ./reply, prints the HTTP status
post() {
    local action="\"http://www.ventanillaunica.gob.mx/${1%Service}\""
    curl -s -o reply -w '%{http_code}' --cacert pki/ca.pem -H "Content-Type: ${4:-text/xml}" -H "SOAPAction: ${3-$action}" --data-binary "@$2" \
        "$VUCEM/$1"
}
# send BODY [HEADERS]; ask OPERATION [WHO]
send() {
    envelope "${2-$(security AAA010101AAA "$WS_KEY")}" "$1" >request
    post RecibirCoveService request
}
ask() {
    envelope "$(security AAA010101AAA "$WS_KEY")" "$(ask_body "${2:-uno}" "$1" AAA010101AAA)" >request
    post ConsultarRespuestaCoveService request >/dev/null
    cat reply
}
operation() {
    sed -n 's/.*<numeroDeOperacion>\([0-9]*\)<.*/\1/p' reply
}

sandbox_pki
sandbox_start --clock 2026-07-23T18:00:00Z

is 'a COVE is taken' "$(send "$(cove uno F-1)")" 200
has 'with an operation number' "$(cat reply)" '<numeroDeOperacion>10000001</numeroDeOperacion>'
has "in Mexico City's time" "$(cat reply)" '<horaRecepcion>2026-07-23T12:00:00.000-06:00</horaRecepcion>'
ok 'the answer is well-formed' xmllint --noout reply
answer=$(ask 10000001)
lacks 'asked once: not yet' "$answer" '<respuestasOperaciones>'
answer=$(ask 10000001)
has 'asked again: no errors' "$answer" '<contieneError>false</contieneError>'
matches 'and an eDocument' "$answer" '<eDocument>COVE26[0-9A-Z]{7}</eDocument>'
has 'for this invoice' "$answer" '<numeroFacturaORelacionFacturas>F-1</numeroFacturaORelacionFacturas>'
control /faults '{"pending":0}' >/dev/null
send "$(cove uno F-2 USA sha1)" >/dev/null
has 'SHA-1 is taken as well' "$(ask "$(operation)")" '<contieneError>false</contieneError>'

# What is wrong with a COVE is said when it is asked about.
wrong() {
    has "$1" "$(ask "$(operation)")" "<mensaje>$2</mensaje>"
}
send "$(cove uno F-3 | sed 's/>TORNILLO</>TORNILLOS</')" >/dev/null
wrong 'a message that is not what was signed' 'Cadena original : La cadena original es inválida'
send "$(cove uno F-4 | sed 's/\(<firma>\)..../\1AAAA/')" >/dev/null
wrong 'a broken signature' 'Firma Electrónica : Firma inválida'
send "$(cove dos F-5)" >/dev/null
wrong "another's e.firma" 'Firma Electrónica : Firma inválida'
send "$(cove vencida F-6)" >/dev/null
wrong 'an expired e.firma' 'Firma Electrónica : Firma inválida'
send "$(cove uno F-7 US)" >/dev/null
wrong 'a country in two letters' 'País : no existe el pais en el catálogo'
control /faults '{"reject":["cove:Tipo de operación : El tipo de operacion es inválido."]}' >/dev/null
send "$(cove uno F-8)" >/dev/null
wrong 'an error on request' 'Tipo de operación : El tipo de operacion es inválido.'
has 'and the leyenda' "$(cat reply)" '<leyenda>La operación fue procesada con errores.</leyenda>'
control /faults '{"reject":[]}' >/dev/null

# Who asks.
has "another's operation" "$(envelope "$(security BBB010101BB2 "$WS_KEY-dos")" "$(ask_body dos 10000001 BBB010101BB2)" >request
    post ConsultarRespuestaCoveService request >/dev/null; cat reply)" 'No existe el número de operación para este usuario.'
has 'an operation that never was' "$(ask 5)" 'No existe el número de operación para este usuario.'
answer=$(ask 10000001 dos)
has 'a question with a wrong signature' "$answer" '<leyenda>Firma Electrónica : Firma inválida</leyenda>'
lacks 'says nothing about the COVE' "$answer" '<respuestasOperaciones>'

# Faults.
fault() {
    is "$1" "$2" 500
    has 'is a SOAP fault' "$(cat reply)" "<faultcode>$3</faultcode><faultstring>$4"
    ok 'well-formed' xmllint --noout reply
}
fault 'a wrong key' "$(send "$(cove uno F-9)" "$(security AAA010101AAA wrong)")" wsse:FailedAuthentication 'Failed to assert identity with UsernameToken.'
fault 'no Security header' "$(send "$(cove uno F-9)" '')" wsse:FailedAuthentication ''
fault 'two Security headers' "$(send "$(cove uno F-9)" "$(security AAA010101AAA "$WS_KEY")$(security AAA010101AAA "$WS_KEY")")" wsse:InvalidSecurity 'Found more than one Security header for role null'
fault 'an operation nobody knows' "$(send '<a xmlns="urn:b"/>')" S:Client 'Cannot find dispatch method for {urn:b}a'
fault 'a message against the schema' "$(send "$(cove uno F-9 | sed 's/TOCE.IMP/TOCE.X/')")" S:Client ''
send "$(cove uno F-9)" >/dev/null
fault 'no SOAPAction' "$(post RecibirCoveService request '')" S:Client 'SOAPAction'
fault 'one that is not in quotes' "$(post RecibirCoveService request http://www.ventanillaunica.gob.mx/RecibirCove)" S:Client 'SOAPAction'
fault "another operation's" "$(post ConsultarRespuestaCoveService request '"http://www.ventanillaunica.gob.mx/RecibirCove"')" S:Client 'SOAPAction'
is 'what is not text/xml' "$(post RecibirCoveService request '"http://www.ventanillaunica.gob.mx/RecibirCove"' application/xml)" 415
is 'with a charset it is' "$(post RecibirCoveService request '"http://www.ventanillaunica.gob.mx/RecibirCove"' 'text/xml; charset=utf-8')" 200
printf 'not xml' >request
fault 'what is not XML' "$(post RecibirCoveService request)" S:Client ''
is 'no comprobantes' "$(send "<solicitarRecibirCoveServicio xmlns=\"$NS\"/>")" 200
has 'no operation' "$(cat reply)" '<mensajeInformativo>No se recibieron comprobantes</mensajeInformativo>'
coves=$(state .vucem.coves)
control /faults '{"drop_after_read":1}' >/dev/null
is 'the line is dropped' "$(send "$(cove uno F-10)")" 000
is 'after the COVE was taken' "$(state .vucem.coves)" $((coves + 1))
sandbox_stop
done_testing

<?xml version="1.0" encoding="UTF-8"?>
<!-- SOAP 1.1 with exactly one WS-Security header: UsernameToken, and a Timestamp when the identity's setting ws-timestamp gives its
     life in seconds. The password is put in by the carrier. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    xmlns:gln="urn:greenlane:xslt:1">
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:param name="principal"/>
  <xsl:param name="now"/>
  <xsl:param name="identity-ws-timestamp"/>

  <xsl:template match="/">
    <soapenv:Envelope>
      <soapenv:Header>
        <wsse:Security soapenv:mustUnderstand="1">
          <xsl:if test="$identity-ws-timestamp != '' and $identity-ws-timestamp != '0'">
            <wsu:Timestamp wsu:Id="TS-1">
              <wsu:Created><xsl:value-of select="gln:later($now, '0')"/></wsu:Created>
              <wsu:Expires><xsl:value-of select="gln:later($now, $identity-ws-timestamp)"/></wsu:Expires>
            </wsu:Timestamp>
          </xsl:if>
          <wsse:UsernameToken wsu:Id="UsernameToken-1">
            <wsse:Username><xsl:value-of select="$principal"/></wsse:Username>
            <wsse:Password gln:secret="ws-password"
                Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"/>
          </wsse:UsernameToken>
        </wsse:Security>
      </soapenv:Header>
      <soapenv:Body><xsl:copy-of select="/*"/></soapenv:Body>
    </soapenv:Envelope>
  </xsl:template>
</xsl:stylesheet>

<?xml version="1.0" encoding="UTF-8"?>
<!-- What VUCEM says at once to RecibirCove: an operation number, a refusal, or a SOAP fault. Read leniently, by local names: real answers
     break their own schema. Only what is known to mean "not taken" is called that; a text nobody has seen before leaves
     the filing open. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="urn:greenlane:answer:1"
    xmlns:gln="urn:greenlane:xslt:1" exclude-result-prefixes="gln">
  <xsl:import href="answer.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:template match="/">
    <answers>
      <xsl:variable name="fault" select="//*[local-name() = 'Fault'][1]"/>
      <xsl:variable name="receipt" select="//*[local-name() = 'solicitarRecibirCoveServicioResponse'][1]"/>
      <xsl:variable name="number" select="normalize-space($receipt/*[local-name() = 'numeroDeOperacion'])"/>
      <xsl:variable name="said" select="normalize-space($receipt/*[local-name() = 'mensajeInformativo'])"/>
      <xsl:choose>
        <xsl:when test="$fault">
          <xsl:call-template name="fault">
            <xsl:with-param name="fault" select="$fault"/>
            <!-- A client's fault was not taken; after a server's one we do not know. -->
            <xsl:with-param name="final" select="true()"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="$number != ''">
          <xsl:call-template name="answer">
            <xsl:with-param name="operation" select="$number"/>
            <xsl:with-param name="outcome">received</xsl:with-param>
            <xsl:with-param name="function">02</xsl:with-param>
            <xsl:with-param name="at" select="$receipt/*[local-name() = 'horaRecepcion']"/>
            <xsl:with-param name="texts" select="$receipt/*[local-name() = 'mensajeInformativo']"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="starts-with($said, 'No se recibieron comprobantes')">
          <xsl:call-template name="answer">
            <xsl:with-param name="outcome">not-processed</xsl:with-param>
            <xsl:with-param name="closes">yes</xsl:with-param>
            <xsl:with-param name="function">03</xsl:with-param>
            <xsl:with-param name="texts" select="$receipt/*[local-name() = 'mensajeInformativo']"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="answer">
            <xsl:with-param name="outcome">info</xsl:with-param>
            <xsl:with-param name="function">02</xsl:with-param>
            <xsl:with-param name="texts" select="$receipt/*[local-name() = 'mensajeInformativo'] | /*[not($receipt)]"/>
          </xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </answers>
  </xsl:template>
</xsl:stylesheet>

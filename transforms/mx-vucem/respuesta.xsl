<?xml version="1.0" encoding="UTF-8"?>
<!-- What ConsultarRespuestaCove says: for each invoice an eDocument or errors, or nothing yet. A fault here is about our question, not about
     the COVE: it never closes the filing. Texts are kept word for word, double escapes included. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="urn:greenlane:answer:1"
    xmlns:gln="urn:greenlane:xslt:1" exclude-result-prefixes="gln">
  <xsl:import href="answer.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:template match="/">
    <answers>
      <xsl:variable name="fault" select="//*[local-name() = 'Fault'][1]"/>
      <xsl:variable name="reply" select="//*[local-name() = 'solicitarConsultarRespuestaCoveServicioResponse'][1]"/>
      <xsl:variable name="results" select="$reply/*[local-name() = 'respuestasOperaciones']"/>
      <xsl:variable name="legend" select="$reply/*[local-name() = 'leyenda' or local-name() = 'mensaje' or local-name() = 'mensajeInformativo']"/>
      <xsl:choose>
        <xsl:when test="$fault">
          <xsl:call-template name="fault">
            <xsl:with-param name="fault" select="$fault"/>
            <xsl:with-param name="final" select="false()"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="$results">
          <xsl:apply-templates select="$results">
            <xsl:with-param name="legend" select="$legend"/>
            <xsl:with-param name="alone" select="count($results) = 1"/>
          </xsl:apply-templates>
        </xsl:when>
        <xsl:when test="$reply and not(normalize-space($legend) != '')">
          <xsl:call-template name="answer">
            <xsl:with-param name="operation" select="normalize-space($reply/*[local-name() = 'numeroOperacion'])"/>
            <xsl:with-param name="outcome">pending</xsl:with-param>
            <xsl:with-param name="function">02</xsl:with-param>
            <xsl:with-param name="at" select="$reply/*[local-name() = 'horaRecepcion']"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="answer">
            <xsl:with-param name="operation" select="normalize-space($reply/*[local-name() = 'numeroOperacion'])"/>
            <xsl:with-param name="outcome">info</xsl:with-param>
            <xsl:with-param name="function">02</xsl:with-param>
            <xsl:with-param name="at" select="$reply/*[local-name() = 'horaRecepcion']"/>
            <xsl:with-param name="texts" select="$legend | /*[not($reply)]"/>
          </xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </answers>
  </xsl:template>

  <xsl:template match="*[local-name() = 'respuestasOperaciones']">
    <xsl:param name="legend"/>
    <xsl:param name="alone"/>
    <xsl:variable name="error" select="normalize-space(*[local-name() = 'contieneError'])"/>
    <xsl:variable name="number" select="normalize-space(*[local-name() = 'eDocument'])"/>
    <xsl:variable name="messages" select="*[local-name() = 'errores']/*[local-name() = 'mensaje']"/>
    <xsl:variable name="operation" select="normalize-space(../*[local-name() = 'numeroOperacion'])"/>
    <xsl:variable name="hour" select="../*[local-name() = 'horaRecepcion']"/>
    <!-- The filing is done with the last invoice's result. -->
    <xsl:variable name="done">
      <xsl:choose>
        <xsl:when test="following-sibling::*[local-name() = 'respuestasOperaciones']">no</xsl:when>
        <xsl:otherwise>yes</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="bill" select="*[local-name() = 'numeroFacturaORelacionFacturas']"/>
    <xsl:choose>
      <xsl:when test="$error = 'true' or $error = '1'">
        <xsl:call-template name="answer">
          <xsl:with-param name="operation" select="$operation"/>
          <xsl:with-param name="outcome">rejected</xsl:with-param>
          <xsl:with-param name="closes" select="string($done)"/>
          <xsl:with-param name="function">03</xsl:with-param>
          <xsl:with-param name="at" select="$hour"/>
          <xsl:with-param name="texts" select="$messages | $legend[not($messages)]"/>
          <xsl:with-param name="errors" select="$messages"/>
          <xsl:with-param name="bill" select="$bill"/>
          <xsl:with-param name="placed" select="$alone"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="$number != ''">
        <xsl:call-template name="answer">
          <xsl:with-param name="operation" select="$operation"/>
          <xsl:with-param name="document" select="$number"/>
          <xsl:with-param name="outcome">accepted</xsl:with-param>
          <xsl:with-param name="closes" select="string($done)"/>
          <xsl:with-param name="function">01</xsl:with-param>
          <xsl:with-param name="at" select="$hour"/>
          <xsl:with-param name="texts" select="$legend"/>
          <xsl:with-param name="bill" select="$bill"/>
          <xsl:with-param name="adenda" select="*[local-name() = 'numeroAdenda']"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="answer">
          <xsl:with-param name="operation" select="$operation"/>
          <xsl:with-param name="outcome">info</xsl:with-param>
          <xsl:with-param name="function">02</xsl:with-param>
          <xsl:with-param name="at" select="$hour"/>
          <xsl:with-param name="texts" select="$messages | $legend"/>
          <xsl:with-param name="bill" select="$bill"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>

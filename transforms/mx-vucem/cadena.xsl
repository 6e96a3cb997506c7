<?xml version="1.0" encoding="UTF-8"?>
<!-- The cadena original of a comprobante (RecibirCove). The order is that of SAT's own transform, not that of the message: subdivision
     before certificadoOrigen, rfcConsulta before patenteAduanal, cantidad before tipoMoneda. A field that is empty or absent is
     left out with its pipe. Texts go in as they stand in the message; what must not be signed (e-document,
     correoElectronico, the signature itself) is not named. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:o="http://www.ventanillaunica.gob.mx/cove/ws/oxml/" exclude-result-prefixes="o">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="(o:comprobantes | o:solicitarRecibirCoveServicio/o:comprobantes)[1]"/>
    <xsl:text>|</xsl:text>
  </xsl:template>

  <xsl:template match="o:comprobantes">
    <xsl:apply-templates select="o:tipoOperacion" mode="field"/>
    <xsl:apply-templates select="o:numeroFacturaOriginal" mode="field"/>
    <!-- 0: one invoice, not a list of invoices -->
    <xsl:text>|0</xsl:text>
    <xsl:text>|</xsl:text>
    <xsl:value-of select="substring(o:fechaExpedicion, 1, 10)"/>
    <xsl:apply-templates select="o:tipoFigura" mode="field"/>
    <xsl:apply-templates select="o:observaciones" mode="field"/>
    <xsl:apply-templates select="o:rfcConsulta" mode="field"/>
    <xsl:apply-templates select="o:patenteAduanal" mode="field"/>
    <xsl:apply-templates select="o:factura/o:subdivision" mode="field"/>
    <xsl:apply-templates select="o:factura/o:certificadoOrigen" mode="field"/>
    <xsl:apply-templates select="o:factura/o:numeroExportadorAutorizado" mode="field"/>
    <xsl:apply-templates select="o:emisor"/>
    <xsl:apply-templates select="o:destinatario"/>
    <xsl:apply-templates select="o:mercancias"/>
  </xsl:template>

  <!-- Here the message's own order is the cadena's. -->
  <xsl:template match="o:emisor | o:destinatario">
    <xsl:apply-templates select="o:tipoIdentificador | o:identificacion | o:apellidoPaterno | o:apellidoMaterno | o:nombre | o:domicilio/*" mode="field"/>
  </xsl:template>

  <xsl:template match="o:mercancias">
    <xsl:apply-templates select="o:descripcionGenerica | o:claveUnidadMedida" mode="field"/>
    <xsl:apply-templates select="o:cantidad" mode="field"/>
    <xsl:apply-templates select="o:tipoMoneda | o:valorUnitario | o:valorTotal | o:valorDolares | o:descripcionesEspecificas/*" mode="field"/>
  </xsl:template>

  <xsl:template match="*" mode="field">
    <xsl:if test="string(.) != ''">
      <xsl:text>|</xsl:text>
      <xsl:value-of select="."/>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>

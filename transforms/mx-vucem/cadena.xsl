<?xml version="1.0" encoding="UTF-8"?>
<!-- The cadena original of a comprobante (RecibirCove). The order is that of SAT's own transform, not that of the message: subdivision
     before certificadoOrigen, rfcConsulta before patenteAduanal, cantidad before tipoMoneda. A field that is empty or absent is
     left out with its pipe (gln:fields does that). Texts go in as they stand in the message; what must not be signed (e-document,
     correoElectronico, the signature itself) is not named. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:o="http://www.ventanillaunica.gob.mx/cove/ws/oxml/" xmlns:gln="urn:greenlane:xslt:1" exclude-result-prefixes="o gln">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="(o:comprobantes | o:solicitarRecibirCoveServicio/o:comprobantes)[1]"/>
    <xsl:text>|</xsl:text>
  </xsl:template>

  <xsl:template match="o:comprobantes">
    <xsl:value-of select="gln:fields(o:tipoOperacion, '|')"/>
    <xsl:value-of select="gln:fields(o:numeroFacturaOriginal, '|')"/>
    <!-- 0: one invoice, not a list of invoices -->
    <xsl:value-of select="concat('|0|', substring(o:fechaExpedicion, 1, 10))"/>
    <xsl:value-of select="gln:fields(o:tipoFigura, '|')"/>
    <xsl:value-of select="gln:fields(o:observaciones, '|')"/>
    <xsl:value-of select="gln:fields(o:rfcConsulta, '|')"/>
    <xsl:value-of select="gln:fields(o:patenteAduanal, '|')"/>
    <xsl:value-of select="gln:fields(o:factura/o:subdivision, '|')"/>
    <xsl:value-of select="gln:fields(o:factura/o:certificadoOrigen | o:factura/o:numeroExportadorAutorizado, '|')"/>
    <!-- persons: the message's own order is the cadena's -->
    <xsl:value-of select="gln:fields(o:emisor/*[not(self::o:domicilio)] | o:emisor/o:domicilio/*, '|')"/>
    <xsl:value-of select="gln:fields(o:destinatario/*[not(self::o:domicilio)] | o:destinatario/o:domicilio/*, '|')"/>
    <xsl:apply-templates select="o:mercancias"/>
  </xsl:template>

  <xsl:template match="o:mercancias">
    <xsl:value-of select="gln:fields(o:descripcionGenerica | o:claveUnidadMedida, '|')"/>
    <xsl:value-of select="gln:fields(o:cantidad, '|')"/>
    <xsl:value-of select="gln:fields(o:tipoMoneda | o:valorUnitario | o:valorTotal | o:valorDolares | o:descripcionesEspecificas/*, '|')"/>
  </xsl:template>
</xsl:stylesheet>

<?xml version="1.0" encoding="UTF-8"?>
<!-- The cadena original of ConsultarRespuestaCove: |numeroOperacion|RFC| -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:o="http://www.ventanillaunica.gob.mx/cove/ws/oxml/" xmlns:gln="urn:greenlane:xslt:1" exclude-result-prefixes="o gln">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:value-of select="concat('|', o:solicitarConsultarRespuestaCoveServicio/o:numeroOperacion, '|', o:solicitarConsultarRespuestaCoveServicio/@gln:rfc, '|')"/>
  </xsl:template>
</xsl:stylesheet>

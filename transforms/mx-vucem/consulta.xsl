<?xml version="1.0" encoding="UTF-8"?>
<!-- The question after the answer: ConsultarRespuestaCove, by the operation number. The RFC that asks is part of the cadena but not of
     the message: it rides along as gln:rfc, which is never written. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:oxml="http://www.ventanillaunica.gob.mx/cove/ws/oxml/" xmlns:gln="urn:greenlane:xslt:1" exclude-result-prefixes="gln">
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:param name="operation"/>
  <xsl:param name="principal"/>

  <xsl:template match="/">
    <oxml:solicitarConsultarRespuestaCoveServicio gln:rfc="{$principal}">
      <oxml:numeroOperacion><xsl:value-of select="$operation"/></oxml:numeroOperacion>
      <oxml:firmaElectronica><oxml:certificado/><oxml:cadenaOriginal/><oxml:firma/></oxml:firmaElectronica>
    </oxml:solicitarConsultarRespuestaCoveServicio>
  </xsl:template>
</xsl:stylesheet>

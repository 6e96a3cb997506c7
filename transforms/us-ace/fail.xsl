<?xml version="1.0" encoding="UTF-8"?>
<!-- Ends the work with a text for people, at a node of the declaration. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:gln="urn:greenlane:xslt:1"
    exclude-result-prefixes="gln">
  <xsl:template name="fail">
    <xsl:param name="at" select="/.."/>
    <xsl:param name="en"/>
    <xsl:param name="es"/>
    <xsl:message terminate="yes">gln:fail <xsl:value-of select="gln:src($at)"/>|<xsl:value-of select="$en"/>|<xsl:value-of select="$es"/></xsl:message>
  </xsl:template>
</xsl:stylesheet>

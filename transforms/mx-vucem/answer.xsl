<?xml version="1.0" encoding="UTF-8"?>
<!-- One answer with its WCO Response; both answer stylesheets import this. VUCEM gives texts without codes: the text goes into
     Error/Description, and no ValidationCode is made up. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="urn:greenlane:answer:1"
    xmlns:res="urn:wco:datamodel:WCO:RES-DMS:2" xmlns:rds="urn:wco:datamodel:WCO:Response_DS:DMS:2">
  <xsl:param name="lrn"/>

  <xsl:template name="answer">
    <xsl:param name="operation"/>
    <xsl:param name="document"/>
    <xsl:param name="outcome"/>
    <xsl:param name="closes">no</xsl:param>
    <xsl:param name="function"/>
    <xsl:param name="at"/>
    <xsl:param name="texts" select="/.."/>
    <xsl:param name="errors" select="/.."/>
    <xsl:param name="bill"/>
    <xsl:param name="adenda"/>
    <xsl:param name="placed" select="false()"/>
    <answer key="" operation="{$operation}" document="{$document}" outcome="{$outcome}" closes="{$closes}" at="{normalize-space($at)}">
      <xsl:if test="$placed"><xsl:apply-templates select="$errors" mode="location"/></xsl:if>
      <xsl:for-each select="$texts"><text><xsl:value-of select="."/></text></xsl:for-each>
      <xsl:if test="not($texts)"><text/></xsl:if>
      <xsl:call-template name="meaning"><xsl:with-param name="said" select="normalize-space($texts[1])"/></xsl:call-template>
      <res:Response>
        <res:FunctionCode><xsl:value-of select="$function"/></res:FunctionCode>
        <xsl:if test="$operation != ''"><res:FunctionalReferenceID><xsl:value-of select="$operation"/></res:FunctionalReferenceID></xsl:if>
        <xsl:call-template name="moment"><xsl:with-param name="name">res:IssueDateTime</xsl:with-param><xsl:with-param name="at" select="$at"/></xsl:call-template>
        <xsl:for-each select="$texts[not($errors)]">
          <xsl:call-template name="statement"><xsl:with-param name="text" select="."/></xsl:call-template>
        </xsl:for-each>
        <xsl:if test="normalize-space($bill) != ''">
          <xsl:call-template name="statement"><xsl:with-param name="text" select="concat('Factura ', normalize-space($bill))"/></xsl:call-template>
        </xsl:if>
        <xsl:if test="normalize-space($adenda) != ''">
          <xsl:call-template name="statement"><xsl:with-param name="text" select="concat('Adenda ', normalize-space($adenda))"/></xsl:call-template>
        </xsl:if>
        <xsl:for-each select="$errors">
          <res:Error><res:Description><xsl:value-of select="substring(normalize-space(.), 1, 512)"/></res:Description></res:Error>
        </xsl:for-each>
        <res:Declaration>
          <xsl:if test="$outcome = 'accepted'">
            <xsl:call-template name="moment"><xsl:with-param name="name">res:AcceptanceDateTime</xsl:with-param><xsl:with-param name="at" select="$at"/></xsl:call-template>
          </xsl:if>
          <xsl:if test="$lrn != ''"><res:FunctionalReferenceID><xsl:value-of select="$lrn"/></res:FunctionalReferenceID></xsl:if>
          <xsl:if test="$document != ''"><res:ID><xsl:value-of select="$document"/></res:ID></xsl:if>
          <xsl:if test="$outcome = 'rejected'">
            <xsl:call-template name="moment"><xsl:with-param name="name">res:RejectionDateTime</xsl:with-param><xsl:with-param name="at" select="$at"/></xsl:call-template>
          </xsl:if>
        </res:Declaration>
      </res:Response>
    </answer>
  </xsl:template>

  <!-- What the first text means and what to do, where it is one of those seen; VUCEM's own words are Spanish. -->
  <xsl:template name="meaning">
    <xsl:param name="said"/>
    <xsl:choose>
      <xsl:when test="starts-with($said, 'Cadena original :')">
        <meaning xml:lang="en">the signed text is not the one VUCEM makes of the message: try another seal.charset, and tell us</meaning>
        <meaning xml:lang="es">el texto firmado no es el que VUCEM forma del mensaje: pruebe otro seal.charset y avísenos</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'Firma Electrónica :')">
        <meaning xml:lang="en">the signature is missing or not good: check certificate, key and seal.digest of the identity</meaning>
        <meaning xml:lang="es">falta la firma o no es válida: revise certificado, clave y seal.digest de la identidad</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'País :')">
        <meaning xml:lang="en">a country is not in VUCEM's catalogue</meaning>
        <meaning xml:lang="es">un país no está en el catálogo de VUCEM</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'Tipo de operación :')">
        <meaning xml:lang="en">the kind of operation is not one VUCEM knows</meaning>
        <meaning xml:lang="es">VUCEM no reconoce el tipo de operación</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'Failed to assert identity')">
        <meaning xml:lang="en">VUCEM does not know this RFC with this web-service key: rotate the secret ws-password of the identity</meaning>
        <meaning xml:lang="es">VUCEM no reconoce este RFC con esta clave de servicio web: actualice el secreto ws-password de la identidad</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'No existe el número de operación')">
        <meaning xml:lang="en">this RFC did not send that operation, or VUCEM does not know it yet</meaning>
        <meaning xml:lang="es">este RFC no envió esa operación, o VUCEM aún no la conoce</meaning>
      </xsl:when>
      <xsl:when test="starts-with($said, 'No se recibieron comprobantes')">
        <meaning xml:lang="en">VUCEM found no comprobante in the message: nothing was taken</meaning>
        <meaning xml:lang="es">VUCEM no encontró ningún comprobante en el mensaje: no se recibió nada</meaning>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="statement">
    <xsl:param name="text"/>
    <xsl:if test="normalize-space($text) != ''">
      <res:AdditionalInformation>
        <res:StatementDescription><xsl:value-of select="substring(normalize-space($text), 1, 512)"/></res:StatementDescription>
      </res:AdditionalInformation>
    </xsl:if>
  </xsl:template>

  <!-- 2015-11-10T16:39:47.000-06:00 becomes 20151110163947-06; a moment of another form is left out. -->
  <xsl:template name="moment">
    <xsl:param name="name"/>
    <xsl:param name="at"/>
    <xsl:variable name="text" select="normalize-space($at)"/>
    <xsl:variable name="digits" select="translate(substring($text, 1, 19), '-:T', '')"/>
    <xsl:variable name="zone" select="translate(substring($text, 20), '.0123456789', '')"/>
    <xsl:variable name="tail" select="substring($text, string-length($text) - 5)"/>
    <xsl:variable name="written">
      <xsl:choose>
        <xsl:when test="$zone = 'Z'">Z</xsl:when>
        <xsl:when test="($zone = '-:' or $zone = '+:') and substring($tail, 4) = ':00'"><xsl:value-of select="substring($tail, 1, 3)"/></xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:if test="string-length($digits) = 14 and translate($digits, '0123456789', '') = '' and $written != ''">
      <xsl:element name="{$name}">
        <rds:DateTimeString formatCode="304"><xsl:value-of select="concat($digits, $written)"/></rds:DateTimeString>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <!-- `final`: the fault is about the COVE itself. -->
  <xsl:template name="fault">
    <xsl:param name="fault"/>
    <xsl:param name="final"/>
    <xsl:variable name="code" select="normalize-space($fault/*[local-name() = 'faultcode'] | $fault/*[local-name() = 'Code']/*[local-name() = 'Value'])"/>
    <xsl:variable name="said" select="$fault/*[local-name() = 'faultstring'] | $fault/*[local-name() = 'Reason']/*[local-name() = 'Text']"/>
    <!-- Faults that say the message was refused before anybody looked into it. -->
    <xsl:variable name="refused" select="contains($code, 'Client') or contains($code, 'Sender') or contains($code, 'FailedAuthentication') or contains($code, 'InvalidSecurity') or contains($code, 'VersionMismatch') or contains($code, 'MustUnderstand')"/>
    <xsl:choose>
      <xsl:when test="$final and $refused">
        <xsl:call-template name="answer">
          <xsl:with-param name="outcome">not-processed</xsl:with-param>
          <xsl:with-param name="closes">yes</xsl:with-param>
          <xsl:with-param name="function">03</xsl:with-param>
          <xsl:with-param name="texts" select="$said"/>
          <xsl:with-param name="errors" select="$said"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="answer">
          <xsl:with-param name="outcome">info</xsl:with-param>
          <xsl:with-param name="function">02</xsl:with-param>
          <xsl:with-param name="texts" select="$said"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Which field a text is about, where the text says so. -->
  <xsl:template match="*" mode="location">
    <xsl:variable name="field" select="normalize-space(substring-before(., ':'))"/>
    <xsl:choose>
      <xsl:when test="$field = 'Tipo de operación'"><location path="comprobantes/tipoOperacion"/></xsl:when>
      <xsl:when test="$field = 'Cadena original'"><location path="comprobantes/firmaElectronica/cadenaOriginal"/></xsl:when>
      <xsl:when test="$field = 'Firma Electrónica'"><location path="comprobantes/firmaElectronica/firma"/></xsl:when>
      <xsl:when test="$field = 'Datos del Destinatario/Proveedor'"><location path="comprobantes/destinatario"/></xsl:when>
      <!-- The text does not say whose country it is. -->
      <xsl:when test="$field = 'País'">
        <location path="comprobantes/emisor/domicilio/pais"/>
        <location path="comprobantes/destinatario/domicilio/pais"/>
      </xsl:when>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>

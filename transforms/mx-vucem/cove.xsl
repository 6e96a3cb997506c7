<?xml version="1.0" encoding="UTF-8"?>
<!-- The pivot to solicitarRecibirCoveServicio: one comprobante for each invoice. docs/profile-mx.md tells it field by field.

     Numbers are formatted here, once: the cadena original takes the strings as they stand. Each element carries gln:src, the
     place it came from; what the identity gives carries the place of the Declaration. What VUCEM cannot hold, or what cannot
     be computed, ends the transform with `gln:fail src|English|Spanish`. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:dec="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
    xmlns:oxml="http://www.ventanillaunica.gob.mx/cove/ws/oxml/" xmlns:gln="urn:greenlane:xslt:1"
    xmlns:set="http://exslt.org/sets" exclude-result-prefixes="dec md set gln">
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:param name="action"/>
  <xsl:param name="role"/>
  <xsl:param name="document"/>
  <xsl:param name="identity-patente"/>
  <xsl:param name="identity-email"/>
  <!-- charset of the cadena; empty: ascii -->
  <xsl:param name="identity-seal.charset" select="''"/>

  <xsl:variable name="declaration" select="/dec:Declaration | /md:MetaData/dec:Declaration"/>
  <xsl:variable name="shipment" select="$declaration/dec:GoodsShipment"/>
  <xsl:variable name="items" select="$shipment/dec:GovernmentAgencyGoodsItem"/>
  <xsl:variable name="exporter" select="$declaration/dec:Exporter"/>
  <xsl:variable name="importer" select="$shipment/dec:Importer"/>
  <xsl:variable name="here" select="gln:src($declaration)"/>
  <!-- Pesos for a US dollar. -->
  <xsl:variable name="dollar" select="string($declaration/dec:CurrencyExchange[dec:CurrencyTypeCode = 'USD']/dec:RateNumeric)"/>
  <xsl:variable name="import" select="starts-with(normalize-space($declaration/dec:TypeCode), 'IM')"/>
  <xsl:variable name="export" select="starts-with(normalize-space($declaration/dec:TypeCode), 'EX')"/>
  <!-- The invoices: the items' documents, or the one of the shipment. -->
  <xsl:variable name="named" select="$items/dec:AdditionalDocument[dec:TypeCode = '380'][dec:CategoryCode = 'N'][1]/dec:ID"/>
  <xsl:variable name="bills" select="set:distinct($named)"/>
  <xsl:variable name="common" select="$shipment/dec:Invoice/dec:ID"/>

  <xsl:template match="/">
    <oxml:solicitarRecibirCoveServicio>
      <xsl:choose>
        <xsl:when test="count($bills) = 0 and $common">
          <xsl:call-template name="comprobante">
            <xsl:with-param name="bill" select="$common[1]"/>
            <xsl:with-param name="lines" select="$items"/>
            <xsl:with-param name="alone" select="true()"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="count($bills) = 1 and count($named) = count($items)">
          <xsl:call-template name="comprobante">
            <xsl:with-param name="bill" select="$bills"/>
            <xsl:with-param name="lines" select="$items"/>
            <xsl:with-param name="alone" select="true()"/>
          </xsl:call-template>
        </xsl:when>
        <xsl:when test="count($bills) = 0">
          <xsl:call-template name="fail">
            <xsl:with-param name="en">no invoice is named: AdditionalDocument N 380 of the items, or GoodsShipment/Invoice</xsl:with-param>
            <xsl:with-param name="es">no se indica la factura: AdditionalDocument N 380 de las partidas, o GoodsShipment/Invoice</xsl:with-param>
          </xsl:call-template>
        </xsl:when>
        <xsl:otherwise>
          <xsl:for-each select="$items[not(dec:AdditionalDocument[dec:TypeCode = '380'][dec:CategoryCode = 'N']/dec:ID)][1]">
            <xsl:call-template name="fail">
              <xsl:with-param name="at" select="."/>
              <xsl:with-param name="en">other items name their invoices, this one does not: AdditionalDocument N 380</xsl:with-param>
              <xsl:with-param name="es">otras partidas indican su factura y esta no: AdditionalDocument N 380</xsl:with-param>
            </xsl:call-template>
          </xsl:for-each>
          <xsl:for-each select="$bills">
            <xsl:variable name="id" select="string(.)"/>
            <xsl:call-template name="comprobante">
              <xsl:with-param name="bill" select="."/>
              <xsl:with-param name="lines" select="$items[dec:AdditionalDocument[dec:TypeCode = '380'][dec:CategoryCode = 'N'][1]/dec:ID = $id]"/>
              <xsl:with-param name="alone" select="false()"/>
            </xsl:call-template>
          </xsl:for-each>
        </xsl:otherwise>
      </xsl:choose>
    </oxml:solicitarRecibirCoveServicio>
  </xsl:template>

  <!-- bill: the ID of the invoice; lines: its items; alone: it is the declaration's only one. -->
  <xsl:template name="comprobante">
    <xsl:param name="bill"/>
    <xsl:param name="lines"/>
    <xsl:param name="alone"/>
    <oxml:comprobantes gln:src="{gln:src($bill/..)}">
      <xsl:if test="$action = 'replace'">
        <xsl:call-template name="amended">
          <xsl:with-param name="bill" select="normalize-space($bill)"/>
          <xsl:with-param name="alone" select="$alone"/>
        </xsl:call-template>
      </xsl:if>
      <oxml:tipoOperacion gln:src="{gln:src($declaration/dec:TypeCode)}">
        <xsl:choose>
          <xsl:when test="$import">TOCE.IMP</xsl:when>
          <xsl:when test="$export">TOCE.EXP</xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="fail">
              <xsl:with-param name="at" select="$declaration/dec:TypeCode"/>
              <xsl:with-param name="en">a COVE is for an import (TypeCode IM.) or an export (EX.)</xsl:with-param>
              <xsl:with-param name="es">un COVE es de importación (TypeCode IM.) o de exportación (EX.)</xsl:with-param>
            </xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
      </oxml:tipoOperacion>
      <xsl:call-template name="patentes"/>
      <xsl:apply-templates select="($bill/../dec:EffectiveDateTime | $bill/../dec:IssueDateTime)[1]" mode="date"/>
      <xsl:call-template name="observaciones"/>
      <xsl:call-template name="consulta"/>
      <xsl:call-template name="figura"/>
      <xsl:call-template name="correo"/>
      <oxml:firmaElectronica gln:src="{$here}"><oxml:certificado gln:src="{$here}"/><oxml:cadenaOriginal gln:src="{$here}"/><oxml:firma gln:src="{$here}"/></oxml:firmaElectronica>
      <oxml:numeroFacturaOriginal gln:src="{gln:src($bill)}"><xsl:value-of select="gln:text($bill, $identity-seal.charset, 25)"/></oxml:numeroFacturaOriginal>
      <xsl:call-template name="factura">
        <xsl:with-param name="lines" select="$lines"/>
      </xsl:call-template>
      <oxml:emisor gln:src="{gln:src($exporter)}"><xsl:apply-templates select="$exporter" mode="persona"/></oxml:emisor>
      <oxml:destinatario gln:src="{gln:src($importer)}"><xsl:apply-templates select="$importer" mode="persona"/></oxml:destinatario>
      <xsl:apply-templates select="$lines" mode="mercancia"/>
    </oxml:comprobantes>
  </xsl:template>

  <!-- The COVE that is amended: named in ID, else the one customs gave the filing. With several invoices each has its own:
       $document then holds invoice=COVE, separated by semicolons. -->
  <xsl:template name="amended">
    <xsl:param name="bill"/>
    <xsl:param name="alone"/>
    <xsl:variable name="own" select="substring-before(substring-after(concat(';', $document, ';'), concat(';', $bill, '=')), ';')"/>
    <xsl:choose>
      <xsl:when test="$own != ''"><oxml:e-document gln:src="{$here}"><xsl:value-of select="$own"/></oxml:e-document></xsl:when>
      <xsl:when test="$alone and starts-with(normalize-space($declaration/dec:ID), 'COVE')">
        <oxml:e-document gln:src="{gln:src($declaration/dec:ID)}"><xsl:value-of select="normalize-space($declaration/dec:ID)"/></oxml:e-document>
      </xsl:when>
      <xsl:when test="$alone and $document != '' and not(contains($document, '='))">
        <oxml:e-document gln:src="{$here}"><xsl:value-of select="$document"/></oxml:e-document>
      </xsl:when>
      <xsl:when test="$alone">
        <xsl:call-template name="fail">
          <xsl:with-param name="at" select="$declaration/dec:ID"/>
          <xsl:with-param name="en">which COVE is amended is not known: name it in ID, or wait for its number</xsl:with-param>
          <xsl:with-param name="es">no se sabe qué COVE se modifica: indíquelo en ID o espere su número</xsl:with-param>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="fail">
          <xsl:with-param name="at" select="$declaration/dec:ID"/>
          <xsl:with-param name="en">the COVE of invoice <xsl:value-of select="$bill"/> is not known: amend one invoice in one declaration</xsl:with-param>
          <xsl:with-param name="es">no se conoce el COVE de la factura <xsl:value-of select="$bill"/>: modifique una factura por declaración</xsl:with-param>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="patentes">
    <xsl:variable name="named" select="$declaration/dec:AuthorisationHolder[dec:CategoryCode = 'PATE']/dec:ID"/>
    <xsl:for-each select="$named">
      <oxml:patenteAduanal gln:src="{gln:src(.)}"><xsl:value-of select="normalize-space(.)"/></oxml:patenteAduanal>
    </xsl:for-each>
    <xsl:if test="not($named)">
      <xsl:call-template name="words"><xsl:with-param name="rest" select="normalize-space($identity-patente)"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="words">
    <xsl:param name="rest"/>
    <xsl:if test="$rest != ''">
      <oxml:patenteAduanal gln:src="{$here}"><xsl:value-of select="substring-before(concat($rest, ' '), ' ')"/></oxml:patenteAduanal>
      <xsl:call-template name="words"><xsl:with-param name="rest" select="substring-after($rest, ' ')"/></xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template match="dec:EffectiveDateTime | dec:IssueDateTime" mode="date">
    <xsl:variable name="day" select="substring(normalize-space(.), 1, 8)"/>
    <oxml:fechaExpedicion gln:src="{gln:src(.)}">
      <xsl:value-of select="concat(substring($day, 1, 4), '-', substring($day, 5, 2), '-', substring($day, 7, 2))"/>
    </oxml:fechaExpedicion>
  </xsl:template>

  <!-- All remarks of the header, in order. -->
  <xsl:template name="observaciones">
    <xsl:variable name="remarks" select="$declaration/dec:AdditionalInformation[dec:StatementTypeCode = 'AAI']/dec:StatementDescription"/>
    <xsl:if test="$remarks">
      <oxml:observaciones gln:src="{gln:src($remarks[1])}">
        <xsl:for-each select="$remarks">
          <xsl:if test="position() > 1"><xsl:text> </xsl:text></xsl:if>
          <xsl:value-of select="gln:text(., $identity-seal.charset)"/>
        </xsl:for-each>
      </oxml:observaciones>
    </xsl:if>
  </xsl:template>

  <!-- Who else may look the COVE up; when an agent signs and nobody is named, the Mexican party it signs for. -->
  <xsl:template name="consulta">
    <xsl:variable name="named" select="gln:facts($declaration, 'MX.RFCCONSULTA')"/>
    <xsl:variable name="party" select="$importer[$import] | $exporter[$export]"/>
    <xsl:for-each select="$named | $party/dec:ID[@schemeID = 'RFC'][not($named) and ($role = 'agente' or $role = 'apoderado')]">
      <oxml:rfcConsulta gln:src="{gln:src(.)}"><xsl:value-of select="normalize-space(.)"/></oxml:rfcConsulta>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="figura">
    <oxml:tipoFigura gln:src="{$here}">
      <xsl:choose>
        <xsl:when test="$role = 'agente'">1</xsl:when>
        <xsl:when test="$role = 'apoderado'">2</xsl:when>
        <xsl:when test="$role = 'exportador'">4</xsl:when>
        <xsl:when test="$role = 'importador'">5</xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="fail">
            <xsl:with-param name="en">an identity with the role '<xsl:value-of select="$role"/>' cannot sign a COVE: agente, apoderado, exportador or importador can</xsl:with-param>
            <xsl:with-param name="es">una identidad con el papel '<xsl:value-of select="$role"/>' no puede firmar un COVE: sí agente, apoderado, exportador o importador</xsl:with-param>
          </xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </oxml:tipoFigura>
  </xsl:template>

  <xsl:template name="correo">
    <xsl:variable name="named" select="$declaration/dec:Declarant/dec:Communication[dec:TypeCode = 'EM']/dec:ID"/>
    <xsl:choose>
      <xsl:when test="$named">
        <oxml:correoElectronico gln:src="{gln:src($named[1])}"><xsl:value-of select="normalize-space($named[1])"/></oxml:correoElectronico>
      </xsl:when>
      <xsl:when test="$identity-email != ''">
        <oxml:correoElectronico gln:src="{$here}"><xsl:value-of select="$identity-email"/></oxml:correoElectronico>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="fail">
          <xsl:with-param name="en">VUCEM wants an e-mail address: Declarant/Communication with TypeCode EM, or the identity's setting email</xsl:with-param>
          <xsl:with-param name="es">VUCEM exige un correo electrónico: Declarant/Communication con TypeCode EM, o el ajuste email de la identidad</xsl:with-param>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Keys of the invoice's items count before those of the header. Nothing said of a flag is 0. -->
  <xsl:template name="factura">
    <xsl:param name="lines"/>
    <xsl:variable name="origin" select="gln:facts($lines, 'MX.CERTORIGEN')"/>
    <xsl:variable name="authorised" select="gln:facts($lines, 'MX.EXPAUT')"/>
    <xsl:variable name="parted" select="gln:facts($lines, 'MX.SUBDIV')"/>
    <oxml:factura gln:src="{$here}">
      <oxml:certificadoOrigen>
        <xsl:call-template name="flag">
          <xsl:with-param name="fact" select="$origin | gln:facts($declaration[not($origin)], 'MX.CERTORIGEN')"/>
        </xsl:call-template>
      </oxml:certificadoOrigen>
      <xsl:for-each select="($authorised | gln:facts($declaration[not($authorised)], 'MX.EXPAUT'))[1]">
        <oxml:numeroExportadorAutorizado gln:src="{gln:src()}"><xsl:value-of select="gln:text(., $identity-seal.charset, 50)"/></oxml:numeroExportadorAutorizado>
      </xsl:for-each>
      <oxml:subdivision>
        <xsl:call-template name="flag">
          <xsl:with-param name="fact" select="$parted | gln:facts($declaration[not($parted)], 'MX.SUBDIV')"/>
        </xsl:call-template>
      </oxml:subdivision>
    </oxml:factura>
  </xsl:template>

  <xsl:template name="flag">
    <xsl:param name="fact"/>
    <xsl:choose>
      <xsl:when test="$fact">
        <xsl:attribute name="gln:src"><xsl:value-of select="gln:src($fact)"/></xsl:attribute>
        <xsl:value-of select="normalize-space($fact)"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:attribute name="gln:src"><xsl:value-of select="$here"/></xsl:attribute>
        <xsl:text>0</xsl:text>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="dec:Exporter | dec:Importer" mode="persona">
    <xsl:variable name="kind" select="dec:ID/@schemeID"/>
    <oxml:tipoIdentificador gln:src="{gln:src(dec:ID)}">
      <xsl:choose>
        <xsl:when test="$kind = 'TAXID'">0</xsl:when>
        <xsl:when test="$kind = 'RFC'">1</xsl:when>
        <xsl:when test="$kind = 'CURP'">2</xsl:when>
        <xsl:when test="$kind = 'NONE'">3</xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="fail">
            <xsl:with-param name="at" select="dec:ID"/>
            <xsl:with-param name="en">the kind of number is not told: schemeID TAXID, RFC, CURP or NONE</xsl:with-param>
            <xsl:with-param name="es">no se indica la clase de identificación: schemeID TAXID, RFC, CURP o NONE</xsl:with-param>
          </xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </oxml:tipoIdentificador>
    <oxml:identificacion gln:src="{gln:src(dec:ID)}">
      <xsl:choose>
        <xsl:when test="$kind = 'RFC' or $kind = 'CURP'"><xsl:value-of select="normalize-space(dec:ID)"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="gln:text(dec:ID, $identity-seal.charset)"/></xsl:otherwise>
      </xsl:choose>
    </oxml:identificacion>
    <oxml:nombre gln:src="{gln:src(dec:Name)}"><xsl:value-of select="gln:text(dec:Name, $identity-seal.charset)"/></oxml:nombre>
    <oxml:domicilio gln:src="{gln:src(dec:Address)}"><xsl:apply-templates select="dec:Address"/></oxml:domicilio>
  </xsl:template>

  <!-- A Mexican Line is `street #outside Int. inside, colonia`; elsewhere a number in front is the house's. -->
  <xsl:template match="dec:Address">
    <xsl:variable name="line" select="gln:text(dec:Line, $identity-seal.charset)"/>
    <xsl:variable name="at" select="gln:src(dec:Line)"/>
    <xsl:choose>
      <xsl:when test="dec:CountryCode = 'MX'">
        <xsl:variable name="street" select="normalize-space(substring-before(concat($line, ','), ','))"/>
        <xsl:variable name="numbers" select="normalize-space(substring-after($street, '#'))"/>
        <xsl:variable name="colonia" select="normalize-space(substring-after($line, ','))"/>
        <oxml:calle gln:src="{$at}"><xsl:value-of select="normalize-space(substring-before(concat($street, '#'), '#'))"/></oxml:calle>
        <xsl:if test="$numbers != ''">
          <oxml:numeroExterior gln:src="{$at}"><xsl:value-of select="normalize-space(substring-before(concat($numbers, ' Int. '), ' Int. '))"/></oxml:numeroExterior>
          <xsl:if test="contains($numbers, ' Int. ')">
            <oxml:numeroInterior gln:src="{$at}"><xsl:value-of select="substring-after($numbers, ' Int. ')"/></oxml:numeroInterior>
          </xsl:if>
        </xsl:if>
        <xsl:if test="$colonia != ''"><oxml:colonia gln:src="{$at}"><xsl:value-of select="$colonia"/></oxml:colonia></xsl:if>
      </xsl:when>
      <xsl:when test="contains($line, ' ') and translate(substring-before($line, ' '), '0123456789', '') = ''">
        <oxml:calle gln:src="{$at}"><xsl:value-of select="substring-after($line, ' ')"/></oxml:calle>
        <oxml:numeroExterior gln:src="{$at}"><xsl:value-of select="substring-before($line, ' ')"/></oxml:numeroExterior>
      </xsl:when>
      <xsl:otherwise><oxml:calle gln:src="{$at}"><xsl:value-of select="$line"/></oxml:calle></xsl:otherwise>
    </xsl:choose>
    <xsl:if test="dec:CityName">
      <oxml:municipio gln:src="{gln:src(dec:CityName)}"><xsl:value-of select="gln:text(dec:CityName, $identity-seal.charset)"/></oxml:municipio>
    </xsl:if>
    <xsl:variable name="state" select="(dec:CountrySubDivisionName | dec:CountrySubDivisionCode[not(../dec:CountrySubDivisionName)])[1]"/>
    <xsl:if test="$state">
      <oxml:entidadFederativa gln:src="{gln:src($state)}">
        <xsl:value-of select="gln:text($state, $identity-seal.charset, 30)"/>
      </oxml:entidadFederativa>
    </xsl:if>
    <oxml:pais gln:src="{gln:src(dec:CountryCode)}"><xsl:apply-templates select="dec:CountryCode"/></oxml:pais>
    <xsl:if test="dec:PostcodeID">
      <oxml:codigoPostal gln:src="{gln:src(dec:PostcodeID)}"><xsl:value-of select="gln:text(dec:PostcodeID, $identity-seal.charset)"/></oxml:codigoPostal>
    </xsl:if>
  </xsl:template>

  <!-- Three letters: Annex 22's key where its list has one, else ISO's. -->
  <xsl:template match="dec:CountryCode">
    <xsl:variable name="saai" select="gln:code-attr('iso-3166-1', ., 'saai')"/>
    <xsl:value-of select="$saai"/>
    <xsl:if test="$saai = ''">
      <xsl:variable name="alpha3" select="gln:code-attr('iso-3166-1', ., 'alpha3')"/>
      <xsl:value-of select="$alpha3"/>
      <xsl:if test="$alpha3 = ''">
        <xsl:call-template name="fail">
          <xsl:with-param name="at" select="."/>
          <xsl:with-param name="en">"<xsl:value-of select="."/>" is no country code of ISO 3166-1</xsl:with-param>
          <xsl:with-param name="es">"<xsl:value-of select="."/>" no es una clave de país de ISO 3166-1</xsl:with-param>
        </xsl:call-template>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <xsl:template match="dec:GovernmentAgencyGoodsItem" mode="mercancia">
    <xsl:variable name="commercial" select="gln:facts(., 'MX.UMC')"/>
    <xsl:variable name="umc" select="normalize-space($commercial)"/>
    <xsl:variable name="quantity" select="substring-before($umc, ' ')"/>
    <xsl:variable name="commodity" select="dec:Commodity"/>
    <xsl:variable name="description" select="$commodity/dec:Description"/>
    <xsl:variable name="charge" select="$commodity/dec:InvoiceLine/dec:ItemChargeAmount"/>
    <xsl:variable name="of-quantity" select="gln:src($commercial)"/>
    <xsl:variable name="of-price" select="gln:src($charge)"/>
    <xsl:if test="not(gln:cmp($quantity, '0') = 1 and gln:cmp($charge, '0') = 1)">
      <xsl:call-template name="lacking">
        <xsl:with-param name="commercial" select="$commercial"/>
        <xsl:with-param name="quantity" select="$quantity"/>
        <xsl:with-param name="charge" select="$charge"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:variable name="unit-price" select="gln:div($charge, $quantity, 6)"/>
    <xsl:if test="gln:cmp(gln:round(gln:mul($unit-price, $quantity), 2), gln:round($charge, 2)) != 0">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$charge"/>
        <xsl:with-param name="en">the price "<xsl:value-of select="$charge"/>" for "<xsl:value-of select="$umc"/>" gives no unit price of six decimals that multiplies back</xsl:with-param>
        <xsl:with-param name="es">el precio "<xsl:value-of select="$charge"/>" de "<xsl:value-of select="$umc"/>" no da un valor unitario de seis decimales que multiplicado lo reproduzca</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <oxml:mercancias gln:src="{gln:src()}">
      <oxml:descripcionGenerica gln:src="{gln:src($description)}"><xsl:value-of select="gln:text($description, $identity-seal.charset, 256)"/></oxml:descripcionGenerica>
      <oxml:claveUnidadMedida gln:src="{$of-quantity}"><xsl:value-of select="substring-after($umc, ' ')"/></oxml:claveUnidadMedida>
      <oxml:tipoMoneda gln:src="{$of-price}"><xsl:value-of select="$charge/@currencyID"/></oxml:tipoMoneda>
      <oxml:cantidad gln:src="{$of-quantity}"><xsl:value-of select="gln:round($quantity, 3)"/></oxml:cantidad>
      <oxml:valorUnitario gln:src="{$of-price}"><xsl:value-of select="$unit-price"/></oxml:valorUnitario>
      <oxml:valorTotal gln:src="{$of-price}"><xsl:value-of select="gln:round($charge, 6)"/></oxml:valorTotal>
      <oxml:valorDolares gln:src="{$of-price}"><xsl:apply-templates select="$charge" mode="dollars"/></oxml:valorDolares>
      <xsl:apply-templates select="gln:facts(., 'MX.ESPECIFICA')" mode="especifica"/>
    </oxml:mercancias>
  </xsl:template>

  <!-- An item without what is computed with. -->
  <xsl:template name="lacking">
    <xsl:param name="commercial"/>
    <xsl:param name="quantity"/>
    <xsl:param name="charge"/>
    <xsl:if test="not(gln:cmp($quantity, '0') > 0)">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$commercial | current()[not($commercial)]"/>
        <xsl:with-param name="en">no commercial quantity and unit: key MX.UMC, such as "100 C62_1"</xsl:with-param>
        <xsl:with-param name="es">falta la cantidad y unidad comerciales: clave MX.UMC, como "100 C62_1"</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <xsl:call-template name="fail">
      <xsl:with-param name="at" select="$charge | current()[not($charge)]"/>
      <xsl:with-param name="en">no price: InvoiceLine/ItemChargeAmount</xsl:with-param>
      <xsl:with-param name="es">falta el precio: InvoiceLine/ItemChargeAmount</xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <!-- Rates are pesos for one unit; a rate that is missing is never taken as 1. -->
  <xsl:template match="dec:ItemChargeAmount" mode="dollars">
    <xsl:variable name="currency" select="string(@currencyID)"/>
    <xsl:variable name="rate" select="normalize-space($declaration/dec:CurrencyExchange[dec:CurrencyTypeCode = $currency]/dec:RateNumeric)"/>
    <xsl:choose>
      <xsl:when test="$currency = 'USD'"><xsl:value-of select="gln:round(., 4)"/></xsl:when>
      <xsl:when test="$dollar = '' or not(gln:cmp($dollar, '0') > 0) or ($currency != 'MXN' and $rate = '')">
        <xsl:call-template name="fail">
          <xsl:with-param name="at" select="."/>
          <xsl:with-param name="en">the value in dollars cannot be told: CurrencyExchange must give the pesos for USD and for <xsl:value-of select="$currency"/></xsl:with-param>
          <xsl:with-param name="es">no se puede calcular el valor en dólares: CurrencyExchange debe dar los pesos por USD y por <xsl:value-of select="$currency"/></xsl:with-param>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="$currency = 'MXN'"><xsl:value-of select="gln:div(., $dollar, 4)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="gln:div(gln:mul(., $rate), $dollar, 4)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- brand|model|sub-model|serial number -->
  <xsl:template match="dec:StatementDescription" mode="especifica">
    <xsl:variable name="value" select="gln:text(., $identity-seal.charset)"/>
    <xsl:variable name="at" select="gln:src(.)"/>
    <xsl:variable name="brand" select="normalize-space(substring-before(concat($value, '|'), '|'))"/>
    <xsl:variable name="rest" select="concat(substring-after($value, '|'), '|||')"/>
    <xsl:variable name="model" select="normalize-space(substring-before($rest, '|'))"/>
    <xsl:variable name="rest2" select="substring-after($rest, '|')"/>
    <xsl:variable name="submodel" select="normalize-space(substring-before($rest2, '|'))"/>
    <xsl:variable name="serial" select="normalize-space(substring-before(substring-after($rest2, '|'), '|'))"/>
    <oxml:descripcionesEspecificas gln:src="{$at}">
      <xsl:if test="$brand != ''"><oxml:marca gln:src="{$at}"><xsl:value-of select="$brand"/></oxml:marca></xsl:if>
      <xsl:if test="$model != ''"><oxml:modelo gln:src="{$at}"><xsl:value-of select="$model"/></oxml:modelo></xsl:if>
      <xsl:if test="$submodel != ''"><oxml:subModelo gln:src="{$at}"><xsl:value-of select="$submodel"/></oxml:subModelo></xsl:if>
      <xsl:if test="$serial != ''"><oxml:numeroSerie gln:src="{$at}"><xsl:value-of select="$serial"/></oxml:numeroSerie></xsl:if>
    </oxml:descripcionesEspecificas>
  </xsl:template>

  <xsl:template name="fail">
    <xsl:param name="at"/>
    <xsl:param name="en"/>
    <xsl:param name="es"/>
    <xsl:variable name="src">
      <xsl:choose>
        <xsl:when test="$at"><xsl:value-of select="gln:src($at)"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$here"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:message terminate="yes">gln:fail <xsl:value-of select="$src"/>|<xsl:value-of select="$en"/>|<xsl:value-of select="$es"/></xsl:message>
  </xsl:template>
</xsl:stylesheet>

<?xml version="1.0" encoding="UTF-8"?>
<!-- A declaration -> a cargo release (SE) in a batch of its own: records of schemas/us-ace/ace.xml, which the codec writes. What
     goes where and why stands in docs/profile-us.md.

     What the records of an action are (chapter's structure map): add and replace everything; update SE10 to SE20; cancel SE10,
     SE13 and SE20. Each field says by gln:src where the sender wrote it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:dec="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
    xmlns:gln="urn:greenlane:xslt:1" xmlns:exsl="http://exslt.org/common" xmlns="urn:greenlane:records:1"
    exclude-result-prefixes="dec md exsl">

  <xsl:import href="abi-fold.xsl"/>
  <xsl:import href="fail.xsl"/>
  <xsl:output method="xml" encoding="UTF-8"/>

  <xsl:param name="action"/>
  <xsl:param name="number"/>
  <xsl:param name="principal"/>
  <xsl:param name="lrn"/>
  <xsl:param name="date"/>
  <xsl:param name="identity-site"/>
  <xsl:param name="identity-id"/>
  <xsl:param name="identity-office"/>
  <xsl:param name="identity-filer-office"/>
  <xsl:param name="identity-port"/>
  <xsl:param name="identity-user-text"/>
  <xsl:param name="identity-test-scenario"/>

  <xsl:variable name="declaration" select="/dec:Declaration | /md:MetaData/dec:Declaration"/>
  <xsl:variable name="shipment" select="$declaration/dec:GoodsShipment"/>
  <xsl:variable name="items" select="$shipment/dec:GovernmentAgencyGoodsItem"/>
  <xsl:variable name="keys" select="$declaration/dec:AdditionalInformation[dec:StatementCode/@listID = 'urn:greenlane:us:1']"/>
  <xsl:variable name="entry-type" select="$keys[dec:StatementCode = 'US.ENTRYTYPE'][1]/dec:StatementDescription"/>
  <xsl:variable name="is-full" select="$action = 'add' or $action = 'replace'"/>
  <!-- Which consignment goes in a container, as the sender says. -->
  <xsl:variable name="is-container" select="$shipment/dec:Consignment/dec:ContainerCode = '1'"/>
  <xsl:variable name="mode" select="normalize-space($declaration/dec:BorderTransportMeans/dec:ModeCode)"/>
  <xsl:variable name="mot">
    <xsl:choose>
      <xsl:when test="$mode = '1' and $is-container">11</xsl:when>
      <xsl:when test="$mode = '1'">10</xsl:when>
      <xsl:when test="$mode = '2' and $is-container">21</xsl:when>
      <xsl:when test="$mode = '2'">20</xsl:when>
      <xsl:when test="$mode = '3' and $is-container">31</xsl:when>
      <xsl:when test="$mode = '3'">30</xsl:when>
      <xsl:when test="$mode = '4' and $is-container">41</xsl:when>
      <xsl:when test="$mode = '4'">40</xsl:when>
      <xsl:when test="$mode = '8'">12</xsl:when>
    </xsl:choose>
  </xsl:variable>

  <xsl:template match="/">
    <xsl:call-template name="check"/>
    <records>
      <batch application="SE">
        <A>
          <SiteCode><xsl:value-of select="$identity-site"/></SiteCode>
          <IdCode><xsl:value-of select="$identity-id"/></IdCode>
          <Password gln:secret="abi-password"/>
          <TransmissionDate><xsl:call-template name="mmddyy"><xsl:with-param name="date" select="$date"/></xsl:call-template></TransmissionDate>
          <Application>SE</Application>
          <OfficeCode><xsl:value-of select="$identity-office"/></OfficeCode>
          <!-- The only text a rejected batch brings back: ten columns are the filer's, eleven the entry number. -->
          <UserText><xsl:value-of select="concat(substring(concat($identity-user-text, '          '), 1, 10), $number)"/></UserText>
        </A>
        <Block>
          <B>
            <xsl:call-template name="processing"/>
            <UserText><xsl:value-of select="$identity-test-scenario"/></UserText>
          </B>
          <xsl:apply-templates select="$declaration" mode="entry"/>
          <Y><xsl:call-template name="processing"/></Y>
        </Block>
        <Z>
          <SiteCode><xsl:value-of select="$identity-site"/></SiteCode>
          <IdCode><xsl:value-of select="$identity-id"/></IdCode>
          <TransmissionDate><xsl:call-template name="mmddyy"><xsl:with-param name="date" select="$date"/></xsl:call-template></TransmissionDate>
          <OfficeCode><xsl:value-of select="$identity-office"/></OfficeCode>
        </Z>
      </batch>
    </records>
  </xsl:template>

  <!-- What the layout cannot see. -->
  <xsl:template name="check">
    <xsl:if test="string-length($identity-user-text) &gt; 10">
      <xsl:call-template name="fail">
        <xsl:with-param name="en">the identity's setting user-text has more than 10 characters; the other 11 of the batch's user text are the entry number</xsl:with-param>
        <xsl:with-param name="es">la opción user-text de la identidad tiene más de 10 caracteres; los otros 11 del texto de usuario del lote son el número de entrada</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="not(gln:check-digit('us-entry', $number))">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$declaration/dec:ID"/>
        <xsl:with-param name="en">entry number <xsl:value-of select="$number"/>: filer code, seven digits and the right check digit are expected</xsl:with-param>
        <xsl:with-param name="es">número de entrada <xsl:value-of select="$number"/>: se esperan el código de declarante, siete dígitos y el dígito verificador correcto</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="substring($number, 1, 3) != $principal">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$declaration/dec:ID"/>
        <xsl:with-param name="en">entry number <xsl:value-of select="$number"/> is not of filer <xsl:value-of select="$principal"/></xsl:with-param>
        <xsl:with-param name="es">el número de entrada <xsl:value-of select="$number"/> no es del declarante <xsl:value-of select="$principal"/></xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="string($mot) = '' and $action != 'cancel'">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$declaration/dec:BorderTransportMeans/dec:ModeCode"/>
        <xsl:with-param name="en">mode of transport <xsl:value-of select="$mode"/> cannot be filed: mail and fixed installations need a Port of Unlading, which a declaration cannot carry, and other modes have no CBP code</xsl:with-param>
        <xsl:with-param name="es">el modo de transporte <xsl:value-of select="$mode"/> no puede presentarse: correo e instalaciones fijas requieren un Port of Unlading, que la declaración no puede llevar, y otros modos no tienen código de CBP</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
    <xsl:variable name="reason" select="normalize-space($declaration/dec:Amendment[1]/dec:ChangeReasonCode)"/>
    <xsl:if test="$action = 'cancel' and ($reason = '02' or $reason = '03' or $reason = '04')">
      <xsl:call-template name="fail">
        <xsl:with-param name="at" select="$declaration/dec:Amendment[1]/dec:ChangeReasonCode"/>
        <xsl:with-param name="en">cancellation reason <xsl:value-of select="$reason"/> needs the number that replaces the entry (SE20 IB, EN or FTZ), which a declaration cannot carry</xsl:with-param>
        <xsl:with-param name="es">el motivo de cancelación <xsl:value-of select="$reason"/> requiere el número que reemplaza la entrada (SE20 IB, EN o FTZ), que la declaración no puede llevar</xsl:with-param>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="processing">
    <xsl:variable name="port" select="$keys[dec:StatementCode = 'US.PROCPORT'][1]/dec:StatementDescription"/>
    <ProcessingPort gln:src="{gln:src($port)}">
      <xsl:choose>
        <xsl:when test="$port"><xsl:value-of select="normalize-space($port)"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$identity-port"/></xsl:otherwise>
      </xsl:choose>
    </ProcessingPort>
    <ProcessingFiler><xsl:value-of select="$principal"/></ProcessingFiler>
    <Application>SE</Application>
    <ProcessingOffice><xsl:value-of select="$identity-filer-office"/></ProcessingOffice>
  </xsl:template>

  <!-- CCYYMMDD -> MMDDYY -->
  <xsl:template name="mmddyy">
    <xsl:param name="date"/>
    <xsl:if test="normalize-space($date) != ''">
      <xsl:value-of select="concat(substring(normalize-space($date), 5, 4), substring(normalize-space($date), 3, 2))"/>
    </xsl:if>
  </xsl:template>

  <xsl:template match="dec:Declaration" mode="entry">
    <Entry>
      <SE10 gln:src="{gln:src()}">
        <Action gln:src="{gln:src(dec:FunctionCode)}">
          <xsl:choose>
            <xsl:when test="$action = 'add'">A</xsl:when>
            <xsl:when test="$action = 'replace'">R</xsl:when>
            <xsl:when test="$action = 'update'">U</xsl:when>
            <xsl:when test="$action = 'cancel'">D</xsl:when>
          </xsl:choose>
        </Action>
        <Filer gln:src="{gln:src(dec:ID)}"><xsl:value-of select="substring($number, 1, 3)"/></Filer>
        <EntryNumber gln:src="{gln:src(dec:ID)}"><xsl:value-of select="substring($number, 4)"/></EntryNumber>
        <EntryType gln:src="{gln:src($entry-type)}"><xsl:value-of select="normalize-space($entry-type)"/></EntryType>
        <xsl:apply-templates select="dec:GoodsShipment/dec:Importer/dec:ID" mode="importer"/>
        <ModeOfTransport gln:src="{gln:src(dec:BorderTransportMeans/dec:ModeCode)}"><xsl:value-of select="$mot"/></ModeOfTransport>
        <xsl:variable name="bond" select="dec:ObligationGuarantee/dec:SecurityDetailsCode[. = '0' or . = '8' or . = '9'][1]"/>
        <BondType gln:src="{gln:src($bond)}"><xsl:value-of select="normalize-space($bond)"/></BondType>
        <EstimatedValue gln:src="{gln:src($items[1]/dec:CustomsValueAmount | dec:InvoiceAmount[not($items)])}">
          <xsl:call-template name="total"/>
        </EstimatedValue>
        <PortOfEntry gln:src="{gln:src(dec:DeclarationOfficeID)}"><xsl:value-of select="normalize-space(dec:DeclarationOfficeID)"/></PortOfEntry>
      </SE10>
      <xsl:if test="$action != 'cancel'"><xsl:call-template name="details"/></xsl:if>
      <xsl:apply-templates select="." mode="contact"/>
      <xsl:if test="$action != 'cancel'"><xsl:call-template name="bills"/></xsl:if>
      <xsl:call-template name="references"/>
      <xsl:if test="$is-full">
        <xsl:call-template name="parties"/>
        <xsl:apply-templates select="$items" mode="line"/>
      </xsl:if>
    </Entry>
  </xsl:template>

  <xsl:template match="dec:ID" mode="importer">
    <ImporterType gln:src="{gln:src()}"><xsl:value-of select="@schemeID"/></ImporterType>
    <Importer gln:src="{gln:src()}"><xsl:value-of select="normalize-space(.)"/></Importer>
  </xsl:template>

  <!-- SE11, where one of its fields is known -->
  <xsl:template name="details">
    <xsl:variable name="place" select="$shipment/dec:Consignment/dec:GoodsLocation/dec:ID[@schemeID = 'FIRMS']"/>
    <xsl:variable name="conveyance" select="$declaration/dec:BorderTransportMeans/dec:Name"/>
    <xsl:variable name="voyage" select="$keys[dec:StatementCode = 'US.VOYAGE'][1]/dec:StatementDescription"/>
    <xsl:if test="$place or $conveyance or $voyage">
      <SE11 gln:src="{gln:src($place[1] | $conveyance[not($place)] | $voyage[not($place or $conveyance)])}">
        <LocationOfGoods gln:src="{gln:src($place)}"><xsl:value-of select="normalize-space($place)"/></LocationOfGoods>
        <ConveyanceName gln:src="{gln:src($conveyance)}">
          <xsl:call-template name="abi-text"><xsl:with-param name="text" select="$conveyance"/></xsl:call-template>
        </ConveyanceName>
        <Voyage gln:src="{gln:src($voyage)}"><xsl:value-of select="normalize-space($voyage)"/></Voyage>
      </SE11>
    </xsl:if>
  </xsl:template>

  <xsl:template match="dec:Declaration" mode="contact">
    <xsl:variable name="phone" select="dec:Declarant/dec:Communication[dec:TypeCode = 'TE']/dec:ID"/>
    <xsl:variable name="reason" select="dec:Amendment[1]/dec:ChangeReasonCode"/>
    <SE13 gln:src="{gln:src(dec:Declarant)}">
      <ContactName gln:src="{gln:src(dec:Declarant/dec:Contact/dec:Name)}">
        <xsl:call-template name="abi-name"><xsl:with-param name="text" select="dec:Declarant/dec:Contact/dec:Name"/></xsl:call-template>
      </ContactName>
      <ContactPhone gln:src="{gln:src($phone)}"><xsl:value-of select="translate(normalize-space($phone), ' ()+-./', '')"/></ContactPhone>
      <xsl:if test="$action = 'cancel'">
        <ReasonCode gln:src="{gln:src($reason)}"><xsl:value-of select="normalize-space($reason)"/></ReasonCode>
      </xsl:if>
    </SE13>
  </xsl:template>

  <!-- Bills with one LineNumeric belong together: a master and its house, or a simple one. CBP's sequences are R; M, H; I, R;
       I, M, H: so a master of several houses comes again before each. US.INBOND number n belongs to LineNumeric n. -->
  <xsl:variable name="bills" select="$shipment/dec:PreviousDocument[dec:TypeCode = '705' or dec:TypeCode = '704' or dec:TypeCode = '714' or dec:TypeCode = '740' or dec:TypeCode = '741']"/>
  <xsl:key name="bill" match="dec:PreviousDocument[parent::dec:GoodsShipment and (dec:TypeCode = '705' or dec:TypeCode = '704' or dec:TypeCode = '714' or dec:TypeCode = '740' or dec:TypeCode = '741')]"
      use="concat('n', normalize-space(dec:LineNumeric))"/>

  <xsl:template name="bills">
    <xsl:choose>
      <!-- one bill, nearly always -->
      <xsl:when test="count($bills) = 1">
        <xsl:call-template name="bill-group">
          <xsl:with-param name="n" select="1"/>
          <xsl:with-param name="group" select="$bills"/>
          <xsl:with-param name="is-alone" select="true()"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="groups" select="$bills[generate-id() = generate-id(key('bill', concat('n', normalize-space(dec:LineNumeric)))[1])]"/>
        <xsl:variable name="is-alone" select="count($groups) = 1 and count($bills[dec:TypeCode != '704' and dec:TypeCode != '741']) &lt; 2"/>
        <xsl:for-each select="$groups">
          <xsl:call-template name="bill-group">
            <xsl:with-param name="n" select="position()"/>
            <xsl:with-param name="group" select="key('bill', concat('n', normalize-space(dec:LineNumeric)))"/>
            <xsl:with-param name="is-alone" select="$is-alone"/>
          </xsl:call-template>
        </xsl:for-each>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="bill-group">
    <xsl:param name="n"/>
    <xsl:param name="group"/>
    <xsl:param name="is-alone"/>
    <xsl:variable name="master" select="$group[dec:TypeCode = '704' or dec:TypeCode = '741'][1]"/>
    <xsl:variable name="lowest" select="$group[dec:TypeCode != '704' and dec:TypeCode != '741']"/>
    <xsl:for-each select="$lowest | $master[not($lowest)]">
      <Bill>
        <xsl:apply-templates select="$keys[dec:StatementCode = 'US.INBOND'][$n]/dec:StatementDescription" mode="inbond"/>
        <xsl:if test="$lowest and dec:TypeCode != '705'"><xsl:apply-templates select="$master" mode="bill"/></xsl:if>
        <xsl:apply-templates select="." mode="bill">
          <xsl:with-param name="is-counted" select="$is-alone"/>
          <xsl:with-param name="has-master" select="boolean($lowest and $master)"/>
        </xsl:apply-templates>
        <!-- Which equipment carries which bill is not told, so it is only named where there is one. -->
        <xsl:if test="$is-alone">
          <xsl:for-each select="$shipment/dec:Consignment/dec:TransportEquipment/dec:ID">
            <SE17 gln:src="{gln:src()}">
              <EquipmentNumber gln:src="{gln:src()}"><xsl:value-of select="translate(normalize-space(.), ' -', '')"/></EquipmentNumber>
            </SE17>
          </xsl:for-each>
        </xsl:if>
      </Bill>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="dec:StatementDescription" mode="inbond">
    <SE15 gln:src="{gln:src()}">
      <BillType>I</BillType>
      <BillNumber gln:src="{gln:src()}"><xsl:value-of select="normalize-space(.)"/></BillNumber>
      <NonAms>N</NonAms>
    </SE15>
  </xsl:template>

  <xsl:template match="dec:PreviousDocument" mode="bill">
    <xsl:param name="is-counted" select="false()"/>
    <xsl:param name="has-master" select="false()"/>
    <xsl:variable name="is-air" select="dec:TypeCode = '740' or dec:TypeCode = '741'"/>
    <SE15 gln:src="{gln:src()}">
      <BillType gln:src="{gln:src(dec:TypeCode)}">
        <xsl:choose>
          <xsl:when test="dec:TypeCode = '704' or dec:TypeCode = '741'">M</xsl:when>
          <xsl:when test="dec:TypeCode = '714' or (dec:TypeCode = '740' and $has-master)">H</xsl:when>
          <xsl:otherwise>R</xsl:otherwise>
        </xsl:choose>
      </BillType>
      <xsl:choose>
        <xsl:when test="$is-air">
          <BillNumber gln:src="{gln:src(dec:ID)}"><xsl:value-of select="normalize-space(dec:ID)"/></BillNumber>
        </xsl:when>
        <xsl:otherwise>
          <BillIssuer gln:src="{gln:src(dec:ID)}"><xsl:value-of select="substring(normalize-space(dec:ID), 1, 4)"/></BillIssuer>
          <BillNumber gln:src="{gln:src(dec:ID)}"><xsl:value-of select="substring(normalize-space(dec:ID), 5)"/></BillNumber>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:if test="$is-counted">
        <Quantity gln:src="{gln:src($declaration/dec:TotalPackageQuantity)}"><xsl:value-of select="normalize-space($declaration/dec:TotalPackageQuantity)"/></Quantity>
      </xsl:if>
      <NonAms>N</NonAms>
    </SE15>
  </xsl:template>

  <xsl:template name="references">
    <!-- CBP returns own references of up to nine characters; a longer one is left out, never cut. -->
    <xsl:variable name="reference">
      <xsl:call-template name="abi-text"><xsl:with-param name="text" select="$lrn"/></xsl:call-template>
    </xsl:variable>
    <xsl:if test="$lrn != '' and string-length($reference) &lt;= 9">
      <xsl:call-template name="reference">
        <xsl:with-param name="qualifier">CR</xsl:with-param>
        <xsl:with-param name="value" select="$reference"/>
        <xsl:with-param name="at" select="$declaration/dec:FunctionalReferenceID"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:variable name="bond" select="$declaration/dec:ObligationGuarantee[dec:SecurityDetailsCode = '9'][1]"/>
    <xsl:if test="$is-full and $bond">
      <xsl:call-template name="reference">
        <xsl:with-param name="qualifier">V1</xsl:with-param>
        <xsl:with-param name="value" select="normalize-space($shipment/dec:Surety/dec:ID)"/>
        <xsl:with-param name="at" select="$shipment/dec:Surety/dec:ID"/>
      </xsl:call-template>
      <xsl:call-template name="reference">
        <xsl:with-param name="qualifier">AMT</xsl:with-param>
        <xsl:with-param name="value">
          <xsl:call-template name="dollars"><xsl:with-param name="amount" select="$bond/dec:AmountAmount"/></xsl:call-template>
        </xsl:with-param>
        <xsl:with-param name="at" select="$bond/dec:AmountAmount"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:variable name="eta" select="$keys[dec:StatementCode = 'US.ETA'][1]/dec:StatementDescription"/>
    <xsl:if test="$action != 'cancel' and $entry-type = '86' and $eta">
      <xsl:call-template name="reference">
        <xsl:with-param name="qualifier">EDA</xsl:with-param>
        <xsl:with-param name="value"><xsl:call-template name="mmddyy"><xsl:with-param name="date" select="$eta"/></xsl:call-template></xsl:with-param>
        <xsl:with-param name="at" select="$eta"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="reference">
    <xsl:param name="qualifier"/>
    <xsl:param name="value"/>
    <xsl:param name="at"/>
    <SE20 gln:src="{gln:src($at)}">
      <Qualifier><xsl:value-of select="$qualifier"/></Qualifier>
      <Reference gln:src="{gln:src($at)}"><xsl:value-of select="$value"/></Reference>
    </SE20>
  </xsl:template>

  <!-- Parties of the whole entry. The manufacturer stands here when all lines name the same one. -->
  <xsl:template name="parties">
    <xsl:apply-templates select="$shipment/dec:Consignee" mode="header"><xsl:with-param name="code">CN</xsl:with-param></xsl:apply-templates>
    <xsl:apply-templates select="$shipment/dec:Buyer" mode="header"><xsl:with-param name="code">BY</xsl:with-param></xsl:apply-templates>
    <xsl:apply-templates select="$shipment/dec:Seller" mode="header"><xsl:with-param name="code">SE</xsl:with-param></xsl:apply-templates>
    <xsl:if test="$one-maker">
      <xsl:apply-templates select="$items[1]/dec:Manufacturer[1]" mode="header"><xsl:with-param name="code">MF</xsl:with-param></xsl:apply-templates>
    </xsl:if>
  </xsl:template>

  <!-- The same maker is the same text throughout; one that is written otherwise goes to its line, which says the same. -->
  <xsl:variable name="maker" select="$items[1]/dec:Manufacturer[1]"/>
  <xsl:variable name="maker-text" select="string($maker)"/>
  <xsl:variable name="one-maker" select="$maker and not($items[string(dec:Manufacturer) != $maker-text])"/>

  <!-- A number goes alone; name and address otherwise, never both. Only buyer and consignee may go by number. -->
  <xsl:template match="*" mode="header">
    <xsl:param name="code"/>
    <Entity>
      <SE30 gln:src="{gln:src()}">
        <xsl:call-template name="entity"><xsl:with-param name="code" select="$code"/></xsl:call-template>
      </SE30>
      <xsl:if test="not(dec:ID[@schemeID = 'EI' or @schemeID = '34' or @schemeID = 'ANI']) or $code = 'SE' or $code = 'MF'">
        <xsl:if test="dec:Address">
          <SE35 gln:src="{gln:src(dec:Address)}"><xsl:call-template name="street"/></SE35>
          <SE36 gln:src="{gln:src(dec:Address)}"><xsl:call-template name="city"/></SE36>
        </xsl:if>
      </xsl:if>
    </Entity>
  </xsl:template>

  <xsl:template match="*" mode="line-party">
    <xsl:param name="code"/>
    <LineEntity>
      <SE50 gln:src="{gln:src()}">
        <xsl:call-template name="entity"><xsl:with-param name="code" select="$code"/></xsl:call-template>
      </SE50>
      <xsl:if test="not(dec:ID[@schemeID = 'EI' or @schemeID = '34' or @schemeID = 'ANI']) or $code = 'SE' or $code = 'MF'">
        <xsl:if test="dec:Address">
          <SE55 gln:src="{gln:src(dec:Address)}"><xsl:call-template name="street"/></SE55>
          <SE56 gln:src="{gln:src(dec:Address)}"><xsl:call-template name="city"/></SE56>
        </xsl:if>
      </xsl:if>
    </LineEntity>
  </xsl:template>

  <xsl:template name="entity">
    <xsl:param name="code"/>
    <xsl:variable name="number-of" select="dec:ID[@schemeID = 'EI' or @schemeID = '34' or @schemeID = 'ANI'][$code = 'CN' or $code = 'BY']"/>
    <EntityCode><xsl:value-of select="$code"/></EntityCode>
    <xsl:choose>
      <xsl:when test="$number-of">
        <IdentifierQualifier gln:src="{gln:src($number-of)}"><xsl:value-of select="$number-of/@schemeID"/></IdentifierQualifier>
        <Identifier gln:src="{gln:src($number-of)}"><xsl:value-of select="normalize-space($number-of)"/></Identifier>
      </xsl:when>
      <xsl:otherwise>
        <Name gln:src="{gln:src(dec:Name)}">
          <xsl:call-template name="abi-text"><xsl:with-param name="text" select="dec:Name"/></xsl:call-template>
        </Name>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- An unstructured street (15) of up to 70 characters: two components of 35, parted at a blank where there is one. -->
  <xsl:template name="street">
    <xsl:variable name="line">
      <xsl:call-template name="abi-text"><xsl:with-param name="text" select="dec:Address/dec:Line"/></xsl:call-template>
    </xsl:variable>
    <xsl:variable name="src" select="gln:src(dec:Address/dec:Line)"/>
    <xsl:variable name="length">
      <xsl:choose>
        <xsl:when test="string-length($line) &lt;= 35"><xsl:value-of select="string-length($line)"/></xsl:when>
        <xsl:otherwise>
          <xsl:call-template name="part-at"><xsl:with-param name="text" select="$line"/><xsl:with-param name="at" select="36"/></xsl:call-template>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <Qualifier1>15</Qualifier1>
    <Address1 gln:src="{$src}"><xsl:value-of select="normalize-space(substring($line, 1, $length))"/></Address1>
    <xsl:if test="string-length($line) &gt; 35">
      <Qualifier2>15</Qualifier2>
      <Address2 gln:src="{$src}"><xsl:value-of select="normalize-space(substring($line, $length + 1))"/></Address2>
    </xsl:if>
  </xsl:template>

  <!-- The last blank at or before column $at, as long as the rest fits in 35; else 35. -->
  <xsl:template name="part-at">
    <xsl:param name="text"/>
    <xsl:param name="at"/>
    <xsl:choose>
      <xsl:when test="$at &lt; 2 or string-length($text) - $at &gt; 35">35</xsl:when>
      <xsl:when test="substring($text, $at, 1) = ' '"><xsl:value-of select="$at"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="part-at">
          <xsl:with-param name="text" select="$text"/>
          <xsl:with-param name="at" select="$at - 1"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="city">
    <xsl:variable name="address" select="dec:Address"/>
    <xsl:variable name="division" select="normalize-space($address/dec:CountrySubDivisionCode)"/>
    <City gln:src="{gln:src($address/dec:CityName)}">
      <xsl:call-template name="abi-text"><xsl:with-param name="text" select="$address/dec:CityName"/></xsl:call-template>
    </City>
    <SubEntity gln:src="{gln:src($address/dec:CountrySubDivisionCode)}">
      <xsl:choose>
        <!-- ISO 3166-2 in full: MX-NLE -->
        <xsl:when test="starts-with($division, concat(normalize-space($address/dec:CountryCode), '-'))"><xsl:value-of select="substring-after($division, '-')"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$division"/></xsl:otherwise>
      </xsl:choose>
    </SubEntity>
    <PostalCode gln:src="{gln:src($address/dec:PostcodeID)}">
      <xsl:call-template name="abi-text"><xsl:with-param name="text" select="$address/dec:PostcodeID"/></xsl:call-template>
    </PostalCode>
    <Country gln:src="{gln:src($address/dec:CountryCode)}"><xsl:value-of select="normalize-space($address/dec:CountryCode)"/></Country>
  </xsl:template>

  <xsl:template match="dec:GovernmentAgencyGoodsItem" mode="line">
    <xsl:variable name="origin" select="dec:Origin[1]/dec:CountryCode"/>
    <xsl:variable name="tariff" select="dec:Commodity/dec:Classification[dec:IdentificationTypeCode = 'HS']"/>
    <Line>
      <SE40 gln:src="{gln:src()}">
        <Line gln:src="{gln:src(dec:SequenceNumeric)}"><xsl:value-of select="position()"/></Line>
        <CountryOfOrigin gln:src="{gln:src($origin)}"><xsl:value-of select="normalize-space($origin)"/></CountryOfOrigin>
        <Description gln:src="{gln:src(dec:Commodity/dec:Description)}">
          <xsl:call-template name="abi-text"><xsl:with-param name="text" select="dec:Commodity/dec:Description"/></xsl:call-template>
        </Description>
      </SE40>
      <xsl:apply-templates select="dec:Consignee" mode="line-party"><xsl:with-param name="code">CN</xsl:with-param></xsl:apply-templates>
      <xsl:apply-templates select="dec:Buyer" mode="line-party"><xsl:with-param name="code">BY</xsl:with-param></xsl:apply-templates>
      <xsl:apply-templates select="dec:Seller" mode="line-party"><xsl:with-param name="code">SE</xsl:with-param></xsl:apply-templates>
      <xsl:if test="not($one-maker)">
        <xsl:apply-templates select="dec:Manufacturer[1]" mode="line-party"><xsl:with-param name="code">MF</xsl:with-param></xsl:apply-templates>
      </xsl:if>
      <!-- The value goes with the first number of chapters 1 to 97. -->
      <xsl:variable name="valued" select="$tariff[not(starts-with(dec:ID, '98') or starts-with(dec:ID, '99'))][1]"/>
      <xsl:for-each select="$tariff">
        <Tariff>
          <SE60 gln:src="{gln:src()}">
            <HtsNumber gln:src="{gln:src(dec:ID)}"><xsl:value-of select="normalize-space(dec:ID)"/></HtsNumber>
            <xsl:if test="$valued and count(. | $valued) = 1">
              <xsl:apply-templates select="../.." mode="value"/>
            </xsl:if>
          </SE60>
          <xsl:if test="position() = last()">
            <xsl:for-each select="../../dec:AdditionalInformation[dec:StatementCode/@listID = 'urn:greenlane:us:1' and dec:StatementCode = 'US.PGA']/dec:StatementDescription">
              <PGA><Record gln:src="{gln:src()}"><xsl:value-of select="."/></Record></PGA>
            </xsl:for-each>
          </xsl:if>
        </Tariff>
      </xsl:for-each>
    </Line>
  </xsl:template>

  <!-- Values: the customs value, else the price of the invoice line. -->
  <xsl:template match="dec:GovernmentAgencyGoodsItem" mode="value">
    <xsl:choose>
      <xsl:when test="dec:CustomsValueAmount"><xsl:apply-templates select="dec:CustomsValueAmount" mode="value"/></xsl:when>
      <xsl:otherwise><xsl:apply-templates select="dec:Commodity/dec:InvoiceLine/dec:ItemChargeAmount" mode="value"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="dec:CustomsValueAmount | dec:ItemChargeAmount" mode="value">
    <Value gln:src="{gln:src()}">
      <xsl:call-template name="dollars"><xsl:with-param name="amount" select="."/></xsl:call-template>
    </Value>
  </xsl:template>

  <!-- The entry's value is the sum of what the lines say, so that the two never differ. -->
  <xsl:template name="total">
    <xsl:variable name="values"><xsl:apply-templates select="$items" mode="value"/></xsl:variable>
    <xsl:value-of select="gln:sum(exsl:node-set($values)/*)"/>
  </xsl:template>

  <!-- An amount in whole US dollars, half up. -->
  <xsl:template name="dollars">
    <xsl:param name="amount"/>
    <xsl:choose>
      <xsl:when test="not($amount)"/>
      <xsl:when test="$amount/@currencyID = 'USD'"><xsl:value-of select="gln:round($amount, 0)"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="converted">
          <xsl:with-param name="amount" select="$amount"/>
          <!-- without a currency of its own, that of the invoice -->
          <xsl:with-param name="currency" select="string(($amount/@currencyID | $declaration/dec:InvoiceAmount[not($amount/@currencyID)]/@currencyID)[1])"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Another currency needs its rate: dollars for one unit. -->
  <xsl:template name="converted">
    <xsl:param name="amount"/>
    <xsl:param name="currency"/>
    <xsl:variable name="rate" select="$declaration/dec:CurrencyExchange[normalize-space(dec:CurrencyTypeCode) = $currency][1]/dec:RateNumeric"/>
    <xsl:choose>
      <xsl:when test="$currency = 'USD'"><xsl:value-of select="gln:round($amount, 0)"/></xsl:when>
      <xsl:when test="$rate"><xsl:value-of select="gln:round(gln:mul($amount, $rate), 0)"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="fail">
          <xsl:with-param name="at" select="$amount"/>
          <xsl:with-param name="en">the amount is not in USD (currency "<xsl:value-of select="$currency"/>") and no CurrencyExchange gives its rate</xsl:with-param>
          <xsl:with-param name="es">el importe no está en USD (moneda "<xsl:value-of select="$currency"/>") y ningún CurrencyExchange da su tipo de cambio</xsl:with-param>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>

<?xml version="1.0" encoding="UTF-8"?>
<!-- What the codec read from CBP -> answers (gateway/route/route.h): SX, the response to a cargo release; SO, its status, sent
     unasked; a batch rejected as a whole (X0, X1). The meaning of codes is answer-table.xsl. An answer is tied to its filing
     by the entry number: in SE10 and SO10; in a rejected batch it is the end of the user text that we put into record A. SX says in SE10
     which action it answers; SO is a notice about the entry, but where its code is about a correction or a cancellation. What is not
     understood becomes an answer of outcome info that holds CBP's words. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:r="urn:greenlane:records:1"
    xmlns:gln="urn:greenlane:xslt:1" xmlns:exsl="http://exslt.org/common" xmlns:res="urn:wco:datamodel:WCO:RES-DMS:2"
    xmlns:rds="urn:wco:datamodel:WCO:Response_DS:DMS:2"
    xmlns="urn:greenlane:answer:1" exclude-result-prefixes="r gln exsl">

  <xsl:import href="answer-table.xsl"/>
  <xsl:output method="xml" encoding="UTF-8"/>
  <xsl:variable name="table" select="exsl:node-set($answer.table)"/>

  <xsl:template match="/">
    <answers><xsl:apply-templates select="r:records/r:batch"/></answers>
  </xsl:template>

  <!-- Applications we have no layout for, and what else comes. -->
  <xsl:template match="r:batch">
    <answer key="" operation="" document="" outcome="info" closes="no" at="">
      <xsl:for-each select=".//*[@text][not(self::r:A or self::r:Z or self::r:B or self::r:Y)]">
        <text><xsl:value-of select="normalize-space(@text)"/></text>
      </xsl:for-each>
      <xsl:if test="not(.//*[@text][not(self::r:A or self::r:Z or self::r:B or self::r:Y)])"><text>-</text></xsl:if>
      <xsl:call-template name="response"><xsl:with-param name="function">02</xsl:with-param></xsl:call-template>
    </answer>
  </xsl:template>

  <!-- MMDDYY -> CCYYMMDD -->
  <xsl:template name="ccyymmdd">
    <xsl:param name="date"/>
    <xsl:if test="string-length($date) = 6"><xsl:value-of select="concat('20', substring($date, 5, 2), substring($date, 1, 4))"/></xsl:if>
  </xsl:template>

  <xsl:template name="meaning">
    <xsl:param name="row"/>
    <xsl:if test="$row">
      <meaning xml:lang="en"><xsl:value-of select="$row/@en"/></meaning>
      <meaning xml:lang="es"><xsl:value-of select="$row/@es"/></meaning>
    </xsl:if>
  </xsl:template>

  <!-- The row's value or what holds for a code that is not in the table. -->
  <xsl:template name="outcome">
    <xsl:param name="row"/>
    <xsl:choose>
      <xsl:when test="$row"><xsl:value-of select="$row/@outcome"/></xsl:when>
      <xsl:otherwise>info</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="closes">
    <xsl:param name="row"/>
    <xsl:choose>
      <xsl:when test="$row/@closes = 'yes'">yes</xsl:when>
      <xsl:otherwise>no</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- SX -->
  <xsl:template match="r:batch[@application = 'SX']">
    <xsl:apply-templates select=".//r:Entry"/>
  </xsl:template>

  <xsl:template match="r:Entry">
    <xsl:variable name="final" select="r:SE90[r:MessageType = '01' or r:MessageType = '02' or r:MessageType = '03' or r:MessageType = '04'][last()]"/>
    <xsl:variable name="marks" select="r:SE90[r:MessageType = '11' or r:MessageType = '13']"/>
    <xsl:variable name="action" select="r:SE10/r:Action"/>
    <xsl:variable name="row" select="$table/row[@from = 'SX' and @code = $final/r:MessageType and (not(@actions) or contains(@actions, $action))][1]"/>
    <xsl:variable name="date">
      <xsl:call-template name="ccyymmdd"><xsl:with-param name="date" select="ancestor::r:batch/r:A/r:TransmissionDate"/></xsl:call-template>
    </xsl:variable>
    <answer key="{r:SE10/r:Filer}{r:SE10/r:EntryNumber}" action="{$table/action[@code = $action]/@name}" operation="" document="" at="{$date}">
      <xsl:attribute name="outcome"><xsl:call-template name="outcome"><xsl:with-param name="row" select="$row"/></xsl:call-template></xsl:attribute>
      <xsl:attribute name="closes"><xsl:call-template name="closes"><xsl:with-param name="row" select="$row"/></xsl:call-template></xsl:attribute>
      <xsl:apply-templates select="$marks" mode="location"/>
      <xsl:for-each select="r:SE90"><text><xsl:value-of select="normalize-space(concat(r:MessageCode, ' ', r:Narrative))"/></text></xsl:for-each>
      <xsl:if test="not(r:SE90)"><text>-</text></xsl:if>
      <xsl:call-template name="meaning"><xsl:with-param name="row" select="$row"/></xsl:call-template>
      <xsl:call-template name="response">
        <xsl:with-param name="row" select="$row"/>
        <xsl:with-param name="function"><xsl:value-of select="$row/@function"/><xsl:if test="not($row)">02</xsl:if></xsl:with-param>
        <xsl:with-param name="date" select="$date"/>
        <xsl:with-param name="id" select="concat(r:SE10/r:Filer, r:SE10/r:EntryNumber)"/>
        <xsl:with-param name="notes" select="r:SE90[not(r:MessageType = '11' or r:MessageType = '13')]"/>
        <xsl:with-param name="errors" select="$marks"/>
      </xsl:call-template>
    </answer>
  </xsl:template>

  <!-- The record an SE90 follows. CBP returns every SE10 and SE15, so these can be counted; of others only those at fault come, and
       are told by their text. -->
  <xsl:template match="r:SE90" mode="location">
    <xsl:variable name="record" select="preceding-sibling::*[not(self::r:SE90)][1]"/>
    <xsl:variable name="field" select="$table/field[@from = 'SX' and @code = current()/r:MessageCode and @record = local-name($record)]"/>
    <xsl:if test="$record">
      <location record="{local-name($record)}" text="{$record/@text}">
        <xsl:choose>
          <xsl:when test="$record/self::r:SE10"><xsl:attribute name="occurrence">1</xsl:attribute></xsl:when>
          <xsl:when test="$record/self::r:SE15">
            <xsl:attribute name="occurrence"><xsl:value-of select="count($record | $record/preceding-sibling::r:SE15)"/></xsl:attribute>
          </xsl:when>
        </xsl:choose>
        <xsl:if test="$field">
          <xsl:attribute name="from"><xsl:value-of select="$field/@first"/></xsl:attribute>
          <xsl:attribute name="to"><xsl:value-of select="$field/@last"/></xsl:attribute>
        </xsl:if>
      </location>
    </xsl:if>
  </xsl:template>

  <!-- SO: of all dispositions, the bills' and the entry's, the one of the highest weight decides; of several of it the latest; of the
       same minute what stops the goods before what lets them go, then the later in the message. -->
  <xsl:template match="r:batch[@application = 'SO']">
    <xsl:apply-templates select=".//r:Notification"/>
  </xsl:template>

  <xsl:template match="r:Notification">
    <xsl:variable name="dispositions" select=".//r:SO50 | r:SO60"/>
    <xsl:variable name="first">
      <xsl:for-each select="$dispositions">
        <xsl:sort select="concat('0', $table/row[@from = local-name(current()) and @code = current()/r:Code]/@weight)" data-type="number" order="descending"/>
        <xsl:sort select="concat(substring(r:Date, 5, 2), substring(r:Date, 1, 4), r:Time)" order="descending"/>
        <xsl:sort select="$table/row[@from = local-name(current()) and @code = current()/r:Code]/@outcome = 'accepted'"/>
        <xsl:sort select="position()" data-type="number" order="descending"/>
        <xsl:if test="position() = 1"><xsl:value-of select="generate-id()"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="decides" select="$dispositions[generate-id() = $first]"/>
    <xsl:variable name="row" select="$table/row[@from = local-name($decides) and @code = $decides/r:Code][1]"/>
    <xsl:variable name="date">
      <xsl:call-template name="ccyymmdd"><xsl:with-param name="date" select="$decides/r:Date"/></xsl:call-template>
    </xsl:variable>
    <answer key="{r:SO10/r:Filer}{r:SO10/r:EntryNumber}" action="{$row/@of}" notice="yes" operation="" document="" at="{$date}{$decides/r:Time}">
      <xsl:attribute name="outcome"><xsl:call-template name="outcome"><xsl:with-param name="row" select="$row"/></xsl:call-template></xsl:attribute>
      <xsl:attribute name="closes"><xsl:call-template name="closes"><xsl:with-param name="row" select="$row"/></xsl:call-template></xsl:attribute>
      <xsl:for-each select=".//r:SO50 | r:SO60 | .//r:SO70[r:EntryStatusText] | .//r:SO72">
        <text><xsl:value-of select="normalize-space(concat(r:Code, ' ', r:Narrative, r:EntryStatus, ' ', r:EntryStatusText, r:Comment))"/></text>
      </xsl:for-each>
      <xsl:if test="not(.//r:SO50 | r:SO60 | .//r:SO70[r:EntryStatusText] | .//r:SO72)"><text>-</text></xsl:if>
      <xsl:call-template name="meaning"><xsl:with-param name="row" select="$row"/></xsl:call-template>
      <xsl:call-template name="response">
        <xsl:with-param name="row" select="$row"/>
        <xsl:with-param name="function"><xsl:value-of select="$row/@function"/><xsl:if test="not($row)">02</xsl:if></xsl:with-param>
        <xsl:with-param name="date" select="$date"/>
        <xsl:with-param name="id" select="concat(r:SO10/r:Filer, r:SO10/r:EntryNumber)"/>
        <xsl:with-param name="lrn" select="r:SO20[r:Qualifier = 'CR'][1]/r:Reference"/>
        <xsl:with-param name="notes" select=".//r:SO50 | r:SO60 | .//r:SO70 | .//r:SO72"/>
        <xsl:with-param name="released" select="$decides/r:ReleaseDate"/>
      </xsl:call-template>
    </answer>
  </xsl:template>

  <!-- A rejected batch -->
  <xsl:template match="r:batch[@application = '-']">
    <xsl:variable name="row" select="$table/row[@from = 'X1' and @code = '999']"/>
    <xsl:variable name="tail" select="substring(r:A/r:UserText, 11)"/>
    <xsl:variable name="number">
      <xsl:if test="gln:check-digit('us-entry', $tail)"><xsl:value-of select="$tail"/></xsl:if>
    </xsl:variable>
    <xsl:variable name="date">
      <xsl:call-template name="ccyymmdd"><xsl:with-param name="date" select="r:A/r:TransmissionDate"/></xsl:call-template>
    </xsl:variable>
    <answer key="{$number}" operation="" document="" outcome="{$row/@outcome}" closes="{$row/@closes}" at="{$date}">
      <xsl:apply-templates select=".//r:X0" mode="location"/>
      <xsl:for-each select=".//r:X1"><text><xsl:value-of select="normalize-space(concat(r:ConditionCode, ' ', r:Narrative))"/></text></xsl:for-each>
      <xsl:if test="not(.//r:X1)"><text>-</text></xsl:if>
      <xsl:call-template name="meaning"><xsl:with-param name="row" select="$row"/></xsl:call-template>
      <xsl:call-template name="response">
        <xsl:with-param name="row" select="$row"/>
        <xsl:with-param name="function" select="$row/@function"/>
        <xsl:with-param name="date" select="$date"/>
        <xsl:with-param name="id" select="$number"/>
        <xsl:with-param name="errors" select=".//r:X1[not(r:DispositionTypeCode = 'R')]"/>
      </xsl:call-template>
    </answer>
  </xsl:template>

  <!-- BLOCK: the n-th B; TRNACT: record number within the batch and column, 00 for the whole record. -->
  <xsl:template match="r:X0" mode="location">
    <xsl:variable name="column" select="normalize-space(substring(r:ReferenceText, 9, 3))"/>
    <xsl:choose>
      <xsl:when test="r:ReferenceType = 'BLOCK'"><location record="B" occurrence="{r:Occurrence}"/></xsl:when>
      <xsl:when test="r:ReferenceType = 'TRNACT'">
        <location number="{substring(r:ReferenceText, 1, 7)}">
          <xsl:if test="translate($column, '0', '') != ''"><xsl:attribute name="from"><xsl:value-of select="$column"/></xsl:attribute></xsl:if>
        </location>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- The answer for the sender, as a WCO Response. -->
  <xsl:template name="response">
    <xsl:param name="row" select="/.."/>
    <xsl:param name="function"/>
    <xsl:param name="date"/>
    <xsl:param name="id"/>
    <xsl:param name="lrn"/>
    <xsl:param name="notes" select="/.."/>
    <xsl:param name="errors" select="/.."/>
    <xsl:param name="released"/>
    <res:Response>
      <res:FunctionCode><xsl:value-of select="$function"/></res:FunctionCode>
      <xsl:call-template name="day"><xsl:with-param name="name">IssueDateTime</xsl:with-param><xsl:with-param name="date" select="$date"/></xsl:call-template>
      <xsl:apply-templates select="$notes" mode="note"/>
      <xsl:apply-templates select="$errors" mode="error"/>
      <xsl:if test="$row/@status or $released != ''">
        <res:Status>
          <xsl:if test="$row/@status"><res:NameCode><xsl:value-of select="$row/@status"/></res:NameCode></xsl:if>
          <xsl:call-template name="day">
            <xsl:with-param name="name">ReleaseDateTime</xsl:with-param>
            <xsl:with-param name="date"><xsl:call-template name="ccyymmdd"><xsl:with-param name="date" select="$released"/></xsl:call-template></xsl:with-param>
          </xsl:call-template>
        </res:Status>
      </xsl:if>
      <res:Declaration>
        <xsl:if test="$row/@date = 'acceptance'"><xsl:call-template name="day"><xsl:with-param name="name">AcceptanceDateTime</xsl:with-param><xsl:with-param name="date" select="$date"/></xsl:call-template></xsl:if>
        <xsl:if test="$row/@date = 'cancellation'"><xsl:call-template name="day"><xsl:with-param name="name">CancellationDateTime</xsl:with-param><xsl:with-param name="date" select="$date"/></xsl:call-template></xsl:if>
        <xsl:if test="$lrn != ''"><res:FunctionalReferenceID><xsl:value-of select="$lrn"/></res:FunctionalReferenceID></xsl:if>
        <xsl:if test="$id != ''"><res:ID><xsl:value-of select="$id"/></res:ID></xsl:if>
        <xsl:if test="$row/@date = 'rejection'"><xsl:call-template name="day"><xsl:with-param name="name">RejectionDateTime</xsl:with-param><xsl:with-param name="date" select="$date"/></xsl:call-template></xsl:if>
      </res:Declaration>
    </res:Response>
  </xsl:template>

  <!-- CBP gives no zone with its times, so only the day is passed on as a date; the time stands in the note. -->
  <xsl:template name="day">
    <xsl:param name="name"/>
    <xsl:param name="date"/>
    <xsl:if test="string-length($date) = 8">
      <xsl:element name="res:{$name}">
        <rds:DateTimeString formatCode="102"><xsl:value-of select="$date"/></rds:DateTimeString>
      </xsl:element>
    </xsl:if>
  </xsl:template>

  <xsl:template match="*" mode="note">
    <xsl:variable name="code" select="concat(r:MessageType, r:Code, r:EntryStatus)"/>
    <xsl:variable name="text" select="normalize-space(concat(r:Date, ' ', r:Time, ' ', r:Narrative, r:EntryStatusText, r:Comment))"/>
    <xsl:if test="$code != '' or $text != ''">
      <res:AdditionalInformation>
        <res:StatementCode><xsl:value-of select="local-name()"/><xsl:if test="$code != ''">-<xsl:value-of select="$code"/></xsl:if></res:StatementCode>
        <xsl:if test="$text != ''"><res:StatementDescription><xsl:value-of select="$text"/></res:StatementDescription></xsl:if>
      </res:AdditionalInformation>
    </xsl:if>
  </xsl:template>

  <!-- Cargo release and entry summary number their conditions apart, so the code says whose it is: SX-007. -->
  <xsl:template match="r:SE90" mode="error">
    <res:Error>
      <xsl:if test="r:Narrative"><res:Description><xsl:value-of select="normalize-space(r:Narrative)"/></res:Description></xsl:if>
      <xsl:if test="r:MessageCode"><res:ValidationCode>SX-<xsl:value-of select="r:MessageCode"/></res:ValidationCode></xsl:if>
    </res:Error>
  </xsl:template>

  <xsl:template match="r:X1" mode="error">
    <res:Error>
      <xsl:if test="r:Narrative"><res:Description><xsl:value-of select="normalize-space(r:Narrative)"/></res:Description></xsl:if>
      <xsl:if test="r:ConditionCode"><res:ValidationCode><xsl:value-of select="r:ConditionCode"/></res:ValidationCode></xsl:if>
    </res:Error>
  </xsl:template>
</xsl:stylesheet>

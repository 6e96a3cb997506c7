<?xml version="1.0" encoding="UTF-8"?>
<!-- Compiles rule sets (ISO Schematron, our dialect of it) and the keys of the conventions into one XSLT 1.0 stylesheet: one
     template for each element name that any rule is about, and the plan that says at which elements they are needed. Input, output and the dialect are told in schemas/README.md. What is outside the dialect stops the compiler:
     a rule that is silently left out would look like a declaration that is in order. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:axsl="urn:greenlane:alias"
    xmlns:sch="http://purl.oclc.org/dsdl/schematron" xmlns:g="urn:greenlane:rules:1" xmlns:k="urn:greenlane:keys:1"
    xmlns:f="urn:greenlane:findings:1" xmlns:gln="urn:greenlane:xslt:1"
    xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns:dec="urn:wco:datamodel:WCO:DEC-DMS:2"
    xmlns:ds="urn:wco:datamodel:WCO:Declaration_DS:DMS:2" xmlns:res="urn:wco:datamodel:WCO:RES-DMS:2"
    xmlns:rds="urn:wco:datamodel:WCO:Response_DS:DMS:2" exclude-result-prefixes="sch g k">
  <xsl:namespace-alias stylesheet-prefix="axsl" result-prefix="xsl"/>
  <xsl:output method="xml" encoding="UTF-8"/>

  <!-- A context is an element name and at most one predicate: the name is what stands before the bracket. -->
  <xsl:key name="rule-on" match="sch:rule[@context]"
      use="normalize-space(substring-before(concat(@context, '['), '['))"/>
  <xsl:key name="abstract" match="sch:rule[@abstract = 'true']"
      use="concat(generate-id(ancestor::sch:schema), ' ', @id)"/>
  <xsl:key name="said" match="sch:assert | sch:report" use="@id"/>

  <xsl:template match="/">
    <xsl:apply-templates select="g:rule-sets" mode="refuse"/>
    <axsl:stylesheet version="1.0" exclude-result-prefixes="md dec ds res rds gln">
      <axsl:output method="xml" encoding="UTF-8"/>
      <xsl:for-each select="g:rule-sets/sch:schema/sch:let">
        <axsl:variable name="{@name}" select="{@value}"/>
      </xsl:for-each>
      <!-- Which elements are looked at is told from outside: those where the plan does not hold. -->
      <axsl:template match="/">
        <f:findings><axsl:apply-templates select="gln:unsound()" mode="walk"/></f:findings>
      </axsl:template>
      <axsl:template match="*" mode="walk"/>
      <xsl:apply-templates select="g:rule-sets" mode="plan"/>
      <xsl:for-each select="g:rule-sets/sch:schema/sch:pattern/sch:rule[@context]">
        <xsl:variable name="name" select="normalize-space(substring-before(concat(@context, '['), '['))"/>
        <xsl:if test="generate-id() = generate-id(key('rule-on', $name)[1])">
          <xsl:call-template name="element"><xsl:with-param name="name" select="$name"/></xsl:call-template>
        </xsl:if>
      </xsl:for-each>
      <xsl:if test="g:rule-sets/k:keys and not(key('rule-on', 'dec:StatementCode'))">
        <xsl:call-template name="element">
          <xsl:with-param name="name" select="'dec:StatementCode'"/>
        </xsl:call-template>
      </xsl:if>
    </axsl:stylesheet>
  </xsl:template>

  <!-- The template of one element name: each pattern's first fitting rule, then on to the children. An evaluation costs
       more than what it evaluates, so all that must hold is asked in one expression; only if that fails is each rule
       asked by itself. Rules with variables of their own are asked apart, behind their variables. -->
  <xsl:template name="element">
    <xsl:param name="name"/>
    <axsl:template match="{$name}" mode="walk">
      <xsl:variable name="sound">
        <xsl:for-each select="/g:rule-sets/sch:schema/sch:pattern">
          <xsl:variable name="mine"
              select="sch:rule[normalize-space(substring-before(concat(@context, '['), '[')) = $name]"/>
          <xsl:variable name="lets">
            <xsl:apply-templates select="$mine" mode="lets"/>
          </xsl:variable>
          <xsl:if test="$mine and $lets = ''">
            <xsl:text> and (</xsl:text>
            <xsl:call-template name="sound-pattern"><xsl:with-param name="rules" select="$mine"/></xsl:call-template>
            <xsl:text>)</xsl:text>
          </xsl:if>
        </xsl:for-each>
      </xsl:variable>
      <xsl:if test="$sound != ''">
        <axsl:if test="not({substring($sound, 6)})">
          <xsl:for-each select="/g:rule-sets/sch:schema/sch:pattern">
            <xsl:variable name="mine"
                select="sch:rule[normalize-space(substring-before(concat(@context, '['), '[')) = $name]"/>
            <xsl:variable name="lets"><xsl:apply-templates select="$mine" mode="lets"/></xsl:variable>
            <xsl:if test="$mine and $lets = ''">
              <xsl:call-template name="pattern"><xsl:with-param name="rules" select="$mine"/></xsl:call-template>
            </xsl:if>
          </xsl:for-each>
        </axsl:if>
      </xsl:if>
      <xsl:for-each select="/g:rule-sets/sch:schema/sch:pattern">
        <xsl:variable name="mine"
            select="sch:rule[normalize-space(substring-before(concat(@context, '['), '[')) = $name]"/>
        <xsl:variable name="lets"><xsl:apply-templates select="$mine" mode="lets"/></xsl:variable>
        <xsl:if test="$mine and $lets != ''">
          <xsl:call-template name="pattern"><xsl:with-param name="rules" select="$mine"/></xsl:call-template>
        </xsl:if>
      </xsl:for-each>
      <xsl:if test="$name = 'dec:StatementCode'">
        <xsl:apply-templates select="/g:rule-sets/k:keys"/>
      </xsl:if>
    </axsl:template>
  </xsl:template>

  <!-- The plan: for each element name what must hold there, for the gateway's own evaluator (gateway/xml/rules_plan.c tells its
       form). It comes from the same rules as the templates, and only says which elements these are to judge. -->
  <xsl:template match="g:rule-sets" mode="plan">
    <g:plan>
      <xsl:apply-templates select="sch:schema/sch:let" mode="plan"/>
      <xsl:for-each select="sch:schema/sch:pattern/sch:rule[@context]">
        <xsl:variable name="name" select="normalize-space(substring-before(concat(@context, '['), '['))"/>
        <xsl:if test="generate-id() = generate-id(key('rule-on', $name)[1])">
          <xsl:call-template name="plan-on"><xsl:with-param name="name" select="$name"/></xsl:call-template>
        </xsl:if>
      </xsl:for-each>
      <xsl:if test="k:keys and not(key('rule-on', 'dec:StatementCode'))">
        <xsl:call-template name="plan-on"><xsl:with-param name="name" select="'dec:StatementCode'"/></xsl:call-template>
      </xsl:if>
    </g:plan>
  </xsl:template>
  <xsl:template name="plan-on">
    <xsl:param name="name"/>
    <g:on name="{$name}">
      <xsl:for-each select="/g:rule-sets/sch:schema/sch:pattern">
        <xsl:variable name="mine"
            select="sch:rule[normalize-space(substring-before(concat(@context, '['), '[')) = $name]"/>
        <xsl:if test="$mine"><g:choose><xsl:apply-templates select="$mine" mode="plan"/></g:choose></xsl:if>
      </xsl:for-each>
      <xsl:if test="$name = 'dec:StatementCode'">
        <xsl:for-each select="/g:rule-sets/k:keys">
          <xsl:variable name="trouble"><xsl:call-template name="key-trouble"/></xsl:variable>
          <g:choose><g:rule if="true()" sound="not({$trouble})"/></g:choose>
        </xsl:for-each>
      </xsl:if>
    </g:on>
  </xsl:template>
  <xsl:template match="sch:let" mode="plan"><g:let name="{@name}" value="{@value}"/></xsl:template>
  <xsl:template match="sch:rule" mode="plan">
    <xsl:variable name="when"><xsl:call-template name="predicate"/></xsl:variable>
    <xsl:variable name="sound"><xsl:apply-templates select="*" mode="sound"/></xsl:variable>
    <g:rule if="{$when}" sound="true(){$sound}"><xsl:apply-templates select="sch:let" mode="plan"/></g:rule>
  </xsl:template>

  <!-- The rules of one pattern on one element name: the first that fits is asked. -->
  <xsl:template name="pattern">
    <xsl:param name="rules"/>
    <axsl:choose>
      <xsl:for-each select="$rules">
        <axsl:when>
          <xsl:attribute name="test">
            <xsl:call-template name="predicate"/>
          </xsl:attribute>
          <xsl:variable name="lets"><xsl:apply-templates select="." mode="lets"/></xsl:variable>
          <xsl:choose>
            <xsl:when test="$lets = ''"><xsl:apply-templates select="*" mode="rule"/></xsl:when>
            <xsl:otherwise>
              <xsl:variable name="sound"><xsl:apply-templates select="*" mode="sound"/></xsl:variable>
              <xsl:apply-templates select="sch:let" mode="rule"/>
              <axsl:if test="not({substring($sound, 6)})">
                <xsl:apply-templates select="*[not(self::sch:let)]" mode="rule"/>
              </axsl:if>
            </xsl:otherwise>
          </xsl:choose>
        </axsl:when>
      </xsl:for-each>
    </axsl:choose>
  </xsl:template>

  <!-- What must hold for a pattern, as one expression: for the first rule that fits, all it asserts. -->
  <xsl:template name="sound-pattern">
    <xsl:param name="rules"/>
    <xsl:variable name="predicate">
      <xsl:for-each select="$rules[1]"><xsl:call-template name="predicate"/></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="sound"><xsl:apply-templates select="$rules[1]/*" mode="sound"/></xsl:variable>
    <xsl:variable name="own">
      <xsl:choose>
        <xsl:when test="$sound = ''">true()</xsl:when>
        <xsl:otherwise><xsl:value-of select="substring($sound, 6)"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="$predicate = 'true()'"><xsl:value-of select="$own"/></xsl:when>
      <!-- What is asserted mostly holds, so it is asked first and the predicate hardly ever. -->
      <xsl:when test="not($rules[2])"><xsl:value-of select="concat('(', $own, ') or not(', $predicate, ')')"/></xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="concat('((', $predicate, ') and ', $own, ') or (not(', $predicate, ') and (')"/>
        <xsl:call-template name="sound-pattern">
          <xsl:with-param name="rules" select="$rules[position() &gt; 1]"/>
        </xsl:call-template>
        <xsl:text>))</xsl:text>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="sch:assert" mode="sound"><xsl:value-of select="concat(' and (', @test, ')')"/></xsl:template>
  <xsl:template match="sch:report" mode="sound"><xsl:value-of select="concat(' and not(', @test, ')')"/></xsl:template>
  <xsl:template match="sch:extends" mode="sound">
    <xsl:apply-templates select="key('abstract', concat(generate-id(ancestor::sch:schema), ' ', current()/@rule))/*"
        mode="sound"/>
  </xsl:template>
  <xsl:template match="sch:let" mode="sound"/>

  <!-- The variables of a rule's own, "" if it has none. -->
  <xsl:template match="sch:rule" mode="lets"><xsl:apply-templates select="sch:let | sch:extends" mode="lets"/></xsl:template>
  <xsl:template match="sch:let" mode="lets"><xsl:value-of select="concat(@name, ' ')"/></xsl:template>
  <xsl:template match="sch:extends" mode="lets">
    <xsl:apply-templates select="key('abstract', concat(generate-id(ancestor::sch:schema), ' ', current()/@rule))" mode="lets"/>
  </xsl:template>

  <!-- The predicate of a context without its brackets; true() where there is none. -->
  <xsl:template name="predicate">
    <xsl:variable name="context" select="normalize-space(@context)"/>
    <xsl:variable name="inside" select="substring-after($context, '[')"/>
    <xsl:choose>
      <xsl:when test="$inside = ''">true()</xsl:when>
      <xsl:otherwise><xsl:value-of select="substring($inside, 1, string-length($inside) - 1)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Inside a rule. -->
  <xsl:template match="sch:let" mode="rule"><axsl:variable name="{@name}" select="{@value}"/></xsl:template>
  <xsl:template match="sch:extends" mode="rule">
    <xsl:apply-templates select="key('abstract', concat(generate-id(ancestor::sch:schema), ' ', current()/@rule))/*"
        mode="rule"/>
  </xsl:template>
  <xsl:template match="sch:assert" mode="rule">
    <axsl:if test="not({@test})"><xsl:call-template name="finding"/></axsl:if>
  </xsl:template>
  <xsl:template match="sch:report" mode="rule">
    <axsl:if test="{@test}"><xsl:call-template name="finding"/></axsl:if>
  </xsl:template>

  <xsl:template name="finding">
    <axsl:variable name="at">
      <xsl:attribute name="select">
        <xsl:choose>
          <xsl:when test="@g:at">
            <xsl:value-of select="concat('(', @g:at, ')[1] | self::*[not(', @g:at, ')]')"/>
          </xsl:when>
          <xsl:otherwise>.</xsl:otherwise>
        </xsl:choose>
      </xsl:attribute>
    </axsl:variable>
    <axsl:variable name="en"><xsl:apply-templates select="node()[not(self::g:es)]" mode="text"/></axsl:variable>
    <axsl:variable name="es"><xsl:apply-templates select="g:es/node()" mode="text"/></axsl:variable>
    <f:finding rule="{@id}" severity="{@role}" src="{{gln:src($at)}}" xpath="{{gln:path($at)}}">
      <xsl:if test="@g:field"><xsl:attribute name="field"><xsl:value-of select="@g:field"/></xsl:attribute></xsl:if>
      <xsl:copy-of select="@see"/>
      <f:text xml:lang="en"><axsl:value-of select="normalize-space($en)"/></f:text>
      <f:text xml:lang="es"><axsl:value-of select="normalize-space($es)"/></f:text>
    </f:finding>
  </xsl:template>

  <xsl:template match="text()" mode="text">
    <axsl:text><xsl:value-of select="."/></axsl:text>
  </xsl:template>
  <xsl:template match="sch:value-of" mode="text"><axsl:value-of select="{@select}"/></xsl:template>

  <!-- The keys of the conventions, asked where the key stands: dec:StatementCode. Here too one expression first; behind it
       the statement as a whole is the context. Values of masked keys are never repeated in a text. -->
  <xsl:template match="k:keys">
    <axsl:if>
      <xsl:attribute name="test"><xsl:call-template name="key-trouble"/></xsl:attribute>
      <axsl:for-each select="..">
        <axsl:variable name="list" select="normalize-space(dec:StatementCode/@listID)"/>
        <axsl:variable name="key" select="normalize-space(dec:StatementCode)"/>
        <axsl:variable name="value" select="normalize-space(dec:StatementDescription)"/>
        <axsl:choose>
          <xsl:apply-templates select="k:list"/>
          <axsl:otherwise>
            <xsl:call-template name="key-finding">
              <xsl:with-param name="rule" select="'GLN-KEY-006'"/>
              <xsl:with-param name="at" select="'dec:StatementCode'"/>
              <xsl:with-param name="en">there is no list of keys "<axsl:value-of select="$list"/>"</xsl:with-param>
              <xsl:with-param name="es">no existe la lista de claves "<axsl:value-of select="$list"/>"</xsl:with-param>
            </xsl:call-template>
          </axsl:otherwise>
        </axsl:choose>
        <axsl:if test="not(normalize-space(dec:StatementTypeCode) = 'ZZZ')">
          <xsl:call-template name="key-finding">
            <xsl:with-param name="rule" select="'GLN-KEY-005'"/>
            <xsl:with-param name="severity" select="'warning'"/>
            <xsl:with-param name="at" select="'dec:StatementTypeCode'"/>
            <xsl:with-param name="en"><axsl:value-of select="$key"/>: StatementTypeCode of a key of ours is ZZZ</xsl:with-param>
            <xsl:with-param name="es"><axsl:value-of select="$key"/>: el StatementTypeCode de una clave nuestra es ZZZ</xsl:with-param>
          </xsl:call-template>
        </axsl:if>
      </axsl:for-each>
    </axsl:if>
  </xsl:template>

  <!-- True where a StatementCode is of our lists and something about it is not in order. -->
  <xsl:template name="key-trouble">
    <xsl:text>starts-with(@listID, 'urn:greenlane:') and not(../dec:StatementTypeCode = 'ZZZ' and (</xsl:text>
    <xsl:for-each select="k:list">
      <xsl:if test="position() &gt; 1"> or </xsl:if>
      <xsl:value-of select="concat('@listID = &quot;', @id, '&quot; and (')"/>
      <xsl:apply-templates select="k:key" mode="sound"/>
      <xsl:text>)</xsl:text>
    </xsl:for-each>
    <xsl:text>))</xsl:text>
  </xsl:template>

  <!-- What holds where the context, a StatementCode, is this key: level, number, form. -->
  <xsl:template match="k:key" mode="sound">
    <xsl:if test="position() &gt; 1"> or </xsl:if>
    <xsl:value-of select="concat('(. = &quot;', @name, '&quot;')"/>
    <xsl:if test="@level = 'header'"> and ../parent::dec:Declaration</xsl:if>
    <xsl:if test="@level = 'item'"> and ../parent::dec:GovernmentAgencyGoodsItem</xsl:if>
    <xsl:value-of select="concat(' and gln:match(../dec:StatementDescription, &quot;', @form, '&quot;)')"/>
    <xsl:if test="@date = 'yes'"> and gln:date-valid(../dec:StatementDescription, '102')</xsl:if>
    <xsl:if test="@codes"> and gln:code('<xsl:value-of select="@codes"/>', ../dec:StatementDescription)</xsl:if>
    <xsl:if test="@most = '1'">
      <xsl:value-of select="concat(' and not(../preceding-sibling::dec:AdditionalInformation/dec:StatementCode = &quot;', @name, '&quot;)')"/>
    </xsl:if>
    <xsl:text>)</xsl:text>
  </xsl:template>

  <xsl:template match="k:list">
    <axsl:when test="$list = '{@id}'">
      <axsl:choose>
        <xsl:apply-templates select="k:key"/>
        <axsl:otherwise>
          <xsl:call-template name="key-finding">
            <xsl:with-param name="rule" select="'GLN-KEY-001'"/>
            <xsl:with-param name="at" select="'dec:StatementCode'"/>
            <xsl:with-param name="en">"<axsl:value-of select="$key"/>" is no key of the list <axsl:value-of select="$list"/></xsl:with-param>
            <xsl:with-param name="es">"<axsl:value-of select="$key"/>" no es una clave de la lista <axsl:value-of select="$list"/></xsl:with-param>
          </xsl:call-template>
        </axsl:otherwise>
      </axsl:choose>
    </axsl:when>
  </xsl:template>

  <xsl:template match="k:key">
    <axsl:when test="$key = '{@name}'">
      <xsl:variable name="levels" select="concat(' ', @level, ' ')"/>
      <xsl:variable name="header" select="contains($levels, ' header ')"/>
      <xsl:variable name="item" select="contains($levels, ' item ')"/>
      <xsl:if test="not($header and $item)">
        <axsl:if>
          <xsl:attribute name="test">
            <xsl:choose>
              <xsl:when test="$header">not(parent::dec:Declaration)</xsl:when>
              <xsl:otherwise>not(parent::dec:GovernmentAgencyGoodsItem)</xsl:otherwise>
            </xsl:choose>
          </xsl:attribute>
          <xsl:call-template name="key-finding">
            <xsl:with-param name="rule" select="'GLN-KEY-002'"/>
            <xsl:with-param name="at" select="'dec:StatementCode'"/>
            <xsl:with-param name="en"><axsl:value-of select="$key"/> belongs to the <xsl:value-of select="@level"/></xsl:with-param>
            <xsl:with-param name="es"><axsl:value-of select="$key"/> corresponde <xsl:choose>
              <xsl:when test="$header">al encabezado</xsl:when><xsl:otherwise>a la partida</xsl:otherwise>
            </xsl:choose></xsl:with-param>
          </xsl:call-template>
        </axsl:if>
      </xsl:if>
      <xsl:if test="@most = '1'">
        <axsl:if test="preceding-sibling::dec:AdditionalInformation[normalize-space(dec:StatementCode) = $key and normalize-space(dec:StatementCode/@listID) = $list]">
          <xsl:call-template name="key-finding">
            <xsl:with-param name="rule" select="'GLN-KEY-003'"/>
            <xsl:with-param name="at" select="'dec:StatementCode'"/>
            <xsl:with-param name="en"><axsl:value-of select="$key"/> is given more than once</xsl:with-param>
            <xsl:with-param name="es"><axsl:value-of select="$key"/> aparece más de una vez</xsl:with-param>
          </xsl:call-template>
        </axsl:if>
      </xsl:if>
      <axsl:if>
        <xsl:attribute name="test">
          <xsl:text>not(gln:match($value, '</xsl:text><xsl:value-of select="@form"/><xsl:text>')</xsl:text>
          <xsl:if test="@date = 'yes'"> and gln:date-valid($value, '102')</xsl:if>
          <xsl:if test="@codes"> and gln:code('<xsl:value-of select="@codes"/>', $value)</xsl:if>
          <xsl:text>)</xsl:text>
        </xsl:attribute>
        <xsl:call-template name="key-finding">
          <xsl:with-param name="rule" select="'GLN-KEY-004'"/>
          <xsl:with-param name="at" select="'dec:StatementDescription'"/>
          <xsl:with-param name="en">
            <xsl:if test="not(@masked)">"<axsl:value-of select="$value"/>" does not fit </xsl:if>
            <xsl:if test="@masked">the value does not fit </xsl:if><axsl:value-of select="$key"/>: <xsl:value-of select="k:text[@xml:lang = 'en']"/>
          </xsl:with-param>
          <xsl:with-param name="es">
            <xsl:if test="not(@masked)">"<axsl:value-of select="$value"/>" no corresponde a </xsl:if>
            <xsl:if test="@masked">el valor no corresponde a </xsl:if><axsl:value-of select="$key"/>: <xsl:value-of select="k:text[@xml:lang = 'es']"/>
          </xsl:with-param>
        </xsl:call-template>
      </axsl:if>
    </axsl:when>
  </xsl:template>

  <xsl:template name="key-finding">
    <xsl:param name="rule"/>
    <xsl:param name="severity" select="'error'"/>
    <xsl:param name="at"/>
    <xsl:param name="en"/>
    <xsl:param name="es"/>
    <axsl:variable name="at" select="{concat($at, '[1] | self::*[not(', $at, ')]')}"/>
    <axsl:variable name="en"><xsl:copy-of select="$en"/></axsl:variable>
    <axsl:variable name="es"><xsl:copy-of select="$es"/></axsl:variable>
    <f:finding rule="{$rule}" severity="{$severity}" src="{{gln:src($at)}}" xpath="{{gln:path($at)}}">
      <xsl:copy-of select="self::k:key/@field"/>
      <f:text xml:lang="en"><axsl:value-of select="normalize-space($en)"/></f:text>
      <f:text xml:lang="es"><axsl:value-of select="normalize-space($es)"/></f:text>
    </f:finding>
  </xsl:template>

  <!-- Outside the dialect: say which rule, and stop. -->
  <xsl:template match="g:rule-sets" mode="refuse">
    <xsl:for-each select="*[not(self::sch:schema or self::k:keys)]">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('neither a rule set nor a list of keys: ', name())"/>
      </xsl:call-template>
    </xsl:for-each>
    <xsl:apply-templates select="sch:schema//sch:*" mode="refuse"/>
  </xsl:template>
  <xsl:template match="sch:title | sch:p | sch:let | sch:value-of | sch:pattern" mode="refuse"/>
  <!-- The prefixes are fixed: the compiled stylesheet declares them, whatever the rule file bound them to. -->
  <xsl:template match="sch:ns" mode="refuse">
    <xsl:variable name="bound" select="concat(' ', @prefix, '=', @uri, ' ')"/>
    <xsl:variable name="fixed">
      <xsl:text> md=urn:wco:datamodel:WCO:DocumentMetaData-DMS:2 dec=urn:wco:datamodel:WCO:DEC-DMS:2</xsl:text>
      <xsl:text> ds=urn:wco:datamodel:WCO:Declaration_DS:DMS:2 res=urn:wco:datamodel:WCO:RES-DMS:2</xsl:text>
      <xsl:text> rds=urn:wco:datamodel:WCO:Response_DS:DMS:2 gln=urn:greenlane:xslt:1 </xsl:text>
    </xsl:variable>
    <xsl:if test="not(contains($fixed, $bound))">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('the prefix ', @prefix, ' does not stand for ', @uri)"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>
  <xsl:template match="sch:rule" mode="refuse">
    <xsl:variable name="context" select="normalize-space(@context)"/>
    <xsl:variable name="name" select="substring-before(concat($context, '['), '[')"/>
    <xsl:variable name="tail" select="substring-after($context, '[')"/>
    <xsl:if test="not(@abstract = 'true') and ($name = '' or translate($name, '/|*()@. ', '') != $name)">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('a context is an element name and one predicate, not ', @context)"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="$tail and substring($context, string-length($context)) != ']'">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('a context ends with its predicate, not ', @context)"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="contains($tail, '][')">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('a context has at most one predicate, not ', @context)"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>
  <xsl:template match="sch:extends" mode="refuse">
    <xsl:if test="not(key('abstract', concat(generate-id(ancestor::sch:schema), ' ', current()/@rule)))">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="concat('there is no abstract rule ', @rule)"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>
  <xsl:template match="sch:assert | sch:report" mode="refuse">
    <xsl:if test="not(@id) or count(key('said', @id)) != 1">
      <xsl:call-template name="stop"><xsl:with-param name="why" select="'needs an id of its own'"/></xsl:call-template>
    </xsl:if>
    <xsl:if test="not(@role = 'error' or @role = 'warning')">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="'needs a role, error or warning'"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:if test="not(normalize-space(g:es)) or not(text()[normalize-space()])">
      <xsl:call-template name="stop">
        <xsl:with-param name="why" select="'needs its text in English and in Spanish'"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>
  <xsl:template match="sch:*" mode="refuse">
    <xsl:call-template name="stop">
      <xsl:with-param name="why" select="concat(name(), ' is not part of our dialect')"/>
    </xsl:call-template>
  </xsl:template>
  <xsl:template name="stop">
    <xsl:param name="why"/>
    <xsl:message terminate="yes">
      <xsl:value-of select="concat('rule ', ancestor-or-self::*[@id][1]/@id, ': ', $why)"/>
    </xsl:message>
  </xsl:template>
</xsl:stylesheet>

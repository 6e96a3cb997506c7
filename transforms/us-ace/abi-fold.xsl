<?xml version="1.0" encoding="UTF-8"?>
<!-- What text becomes in ABI's character set, capital letters and printable ASCII: a table of characters, and the template
     that applies it. A character that is not in the table stays as it is; the codec refuses it with its place, for its
     letters have no agreed ABI form and nothing is dropped on the quiet. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:gln="urn:greenlane:xslt:1"
    exclude-result-prefixes="gln">

  <!-- One for one; the common characters first, some only to be found early. What stands in "from" beyond the length of "to", marks that follow their letter, goes. -->
  <xsl:variable name="abi.from">abcdefghijklmnopqrstuvwxyz 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-,/&amp;ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžȘșȚțØøĐđŁłĦħıÐðªº&#160;&#8216;&#8217;´&#8220;&#8221;&#8211;&#8212;&#8208;&#8209;×&#768;&#769;&#770;&#771;&#776;&#778;&#780;&#807;&#808;&#173;</xsl:variable>
  <xsl:variable name="abi.to">ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-,/&amp;AAAAAACEEEEIIIINOOOOOUUUUYAAAAAACEEEEIIIINOOOOOUUUUYYAAAAAACCCCCCCCDDEEEEEEEEEEGGGGGGGGHHIIIIIIIIIJJKKLLLLLLNNNNNNOOOOOORRRRRRSSSSSSSSTTTTUUUUUUUUUUUUWWYYYZZZZZZSSTTOODDLLHHIDDAO '''&quot;&quot;----X</xsl:variable>

  <!-- One for two. -->
  <xsl:variable name="abi.long">ßÆæŒœÞþ</xsl:variable>
  <xsl:variable name="abi.long-to">SSAEAEOEOETHTH</xsl:variable>

  <!-- Class X: letters, digits, blanks and signs. -->
  <xsl:template name="abi-text">
    <xsl:param name="text"/>
    <xsl:variable name="line" select="normalize-space($text)"/>
    <xsl:choose>
      <!-- plain ASCII, nearly always: only its case -->
      <xsl:when test="gln:fold($line, 'ascii') = $line"><xsl:value-of select="gln:upper($line)"/></xsl:when>
      <xsl:when test="translate($line, $abi.long, '') = $line">
        <xsl:value-of select="translate($line, $abi.from, $abi.to)"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="first" select="substring(translate($line, translate($line, $abi.long, ''), ''), 1, 1)"/>
        <xsl:variable name="at" select="string-length(substring-before($abi.long, $first)) * 2"/>
        <xsl:value-of select="translate(substring-before($line, $first), $abi.from, $abi.to)"/>
        <xsl:value-of select="substring($abi.long-to, $at + 1, 2)"/>
        <xsl:if test="starts-with(substring-after($line, $first), ' ')"><xsl:text> </xsl:text></xsl:if>
        <xsl:call-template name="abi-text">
          <xsl:with-param name="text" select="substring-after($line, $first)"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Class AN, a person's name: no signs either. Points and apostrophes go, hyphens and commas become blanks. -->
  <xsl:template name="abi-name">
    <xsl:param name="text"/>
    <xsl:variable name="folded">
      <xsl:call-template name="abi-text"><xsl:with-param name="text" select="$text"/></xsl:call-template>
    </xsl:variable>
    <xsl:variable name="apostrophe">'</xsl:variable>
    <xsl:value-of select="normalize-space(translate($folded, concat('-,.', $apostrophe), '  '))"/>
  </xsl:template>
</xsl:stylesheet>

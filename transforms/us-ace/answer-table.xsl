<?xml version="1.0" encoding="UTF-8"?>
<!-- What CBP's answers mean: the one table answers.xsl reads.

     row     from and code: where the code stands (SX: SE90 columns 5-6; SO50, SO60: columns 15-16; X1: a batch rejected as a
             whole) and which; actions: only for filings of these actions (SE10 column 5), default all
             weight: which disposition of an SO speaks for it when there are several: 2 release, hold, exam, rejection, cancellation;
             1 somebody is waited for; default 0, information. Of equal weight the latest, see answers.xsl
             outcome: accepted, accepted-with-warning, rejected, pending, info; a code that is not here is info
             function: FunctionCode of the WCO Response; status: its Status/NameCode (39 granted, 41 denied)
             date: which date of the Response's Declaration is set: acceptance, rejection, cancellation
             closes: "yes" if nothing more is to come about the filing; an entry stays open for late notices otherwise
             of: the action of ours a notice is about, where its code says so; else it is about the entry
             en, es: the meaning
     action  SE10 column 5 and what destination.xml calls it
     field   from SX and code: a condition code (SE90 columns 7-9) whose field is known; record, first and last column. Only few are
             published; other conditions point at the whole record they follow.

     SO codes are second-hand, as their layout says: a third party's transcription. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="answer.table">
    <action code="A" name="add"/>
    <action code="R" name="replace"/>
    <action code="U" name="update"/>
    <action code="D" name="cancel"/>

    <row from="SX" code="01" actions="A" outcome="rejected" function="03" date="rejection" closes="yes" en="rejected" es="rechazada"/>
    <row from="SX" code="01" actions="RUD" outcome="rejected" function="11" status="41" closes="yes" en="rejected; what is on file stays as it was" es="rechazada; lo registrado queda como estaba"/>
    <row from="SX" code="02" actions="A" outcome="accepted" function="01" date="acceptance" en="accepted" es="aceptada"/>
    <row from="SX" code="02" actions="RUD" outcome="accepted" function="11" status="39" en="accepted" es="aceptada"/>
    <row from="SX" code="03" actions="A" outcome="accepted-with-warning" function="01" date="acceptance" en="accepted with a warning" es="aceptada con advertencia"/>
    <row from="SX" code="03" actions="RUD" outcome="accepted-with-warning" function="11" status="39" en="accepted with a warning" es="aceptada con advertencia"/>
    <row from="SX" code="04" outcome="pending" function="02" en="referred to an officer; not a rejection" es="turnada a un oficial; no es un rechazo"/>

    <row from="X1" code="999" outcome="rejected" function="03" date="rejection" closes="yes" en="the batch was rejected as a whole; nothing in it was looked at" es="el lote fue rechazado completo; nada de él se revisó"/>

    <row from="SO50" code="51" weight="2" outcome="pending" function="05" en="manifest hold, CBP" es="retención del manifiesto, CBP"/>
    <row from="SO50" code="52" weight="2" outcome="pending" function="05" en="manifest hold, agriculture" es="retención del manifiesto, agricultura"/>
    <row from="SO50" code="53" weight="2" outcome="pending" function="05" en="CBP hold" es="retención de CBP"/>
    <row from="SO50" code="54" outcome="info" function="02" en="hold removed" es="retención levantada"/>
    <row from="SO50" code="55" outcome="info" function="02" en="hold removed" es="retención levantada"/>
    <row from="SO50" code="56" outcome="info" function="02" en="hold removed" es="retención levantada"/>
    <row from="SO50" code="57" outcome="info" function="02" en="the split bill does not qualify" es="el conocimiento dividido no califica"/>
    <row from="SO50" code="58" outcome="info" function="02" en="quantity above the manifested one" es="cantidad mayor que la manifestada"/>
    <row from="SO50" code="59" outcome="info" function="02" en="in-bond does not match or is not on file" es="el in-bond no coincide o no está registrado"/>
    <row from="SO50" code="61" outcome="info" function="02" en="bill deleted" es="conocimiento eliminado"/>
    <row from="SO50" code="62" outcome="info" function="02" en="bill deleted after arrival" es="conocimiento eliminado tras la llegada"/>
    <row from="SO50" code="63" outcome="info" function="02" en="in-bond deleted after arrival and release" es="in-bond eliminado tras la llegada y la liberación"/>
    <row from="SO50" code="74" outcome="info" function="02" en="bill type not eligible" es="tipo de conocimiento no elegible"/>
    <row from="SO50" code="91" outcome="info" function="02" en="no bill match" es="el conocimiento no coincide"/>
    <row from="SO50" code="92" outcome="info" function="02" en="ACAS bill on file" es="conocimiento ACAS registrado"/>
    <row from="SO50" code="93" outcome="info" function="02" en="bill on file" es="conocimiento registrado"/>
    <row from="SO50" code="94" outcome="info" function="02" en="departed" es="partió"/>
    <row from="SO50" code="95" outcome="info" function="02" en="arrived" es="llegó"/>

    <row from="SO60" code="01" outcome="info" function="02" en="one US government status" es="estado único del gobierno (ONEUSG)"/>
    <row from="SO60" code="03" weight="2" outcome="pending" function="05" en="pending intensive exam" es="pendiente de examen intensivo"/>
    <row from="SO60" code="04" weight="2" outcome="pending" function="52" en="detained" es="detenida"/>
    <row from="SO60" code="22" weight="2" outcome="accepted" function="08" en="release date updated" es="fecha de liberación actualizada"/>
    <row from="SO60" code="23" weight="2" outcome="accepted" function="10" date="cancellation" closes="yes" en="entry cancelled" es="entrada cancelada"/>
    <row from="SO60" code="25" outcome="info" function="02" en="will be cancelled in 7 days" es="se cancelará en 7 días"/>
    <row from="SO60" code="26" outcome="info" function="02" en="no bill match after 30 days" es="sin coincidencia del conocimiento tras 30 días"/>
    <row from="SO60" code="28" outcome="info" function="02" en="no bill match after 60 days" es="sin coincidencia del conocimiento tras 60 días"/>
    <row from="SO60" code="29" weight="2" outcome="pending" function="05" en="not released" es="no liberada"/>
    <row from="SO60" code="30" outcome="info" function="02" en="use another entry type" es="use otro tipo de entrada"/>
    <row from="SO60" code="33" weight="2" outcome="rejected" function="03" date="rejection" en="refused as type 86" es="rechazada como tipo 86"/>
    <row from="SO60" code="34" weight="2" outcome="rejected" function="03" date="rejection" en="refused as type 86" es="rechazada como tipo 86"/>
    <row from="SO60" code="70" weight="1" outcome="pending" function="02" en="quota pending" es="cuota pendiente"/>
    <row from="SO60" code="71" outcome="info" function="02" en="quota rejected" es="cuota rechazada"/>
    <row from="SO60" code="72" outcome="info" function="02" en="quota reserved" es="cuota reservada"/>
    <row from="SO60" code="73" outcome="info" function="02" en="quota accepted" es="cuota aceptada"/>
    <row from="SO60" code="74" outcome="info" function="02" en="bill type not eligible" es="tipo de conocimiento no elegible"/>
    <row from="SO60" code="75" outcome="info" function="02" en="port of entry required" es="falta el puerto de entrada"/>
    <row from="SO60" code="76" outcome="info" function="02" en="no active entry summary" es="sin resumen de entrada activo"/>
    <row from="SO60" code="79" outcome="info" function="02" en="port not permitted" es="puerto no permitido"/>
    <row from="SO60" code="80" outcome="info" function="02" en="in-bond not on file" es="in-bond no registrado"/>
    <row from="SO60" code="81" outcome="info" function="02" en="in-bond port differs" es="el puerto del in-bond difiere"/>
    <row from="SO60" code="82" outcome="info" function="02" en="split shipment code required" es="falta el código de embarque dividido"/>
    <row from="SO60" code="83" weight="1" outcome="pending" function="02" en="split shipment pending" es="embarque dividido pendiente"/>
    <row from="SO60" code="84" of="replace" weight="1" outcome="pending" function="06" en="document required for the correction" es="se requiere documento para la corrección"/>
    <row from="SO60" code="85" of="cancel" weight="1" outcome="pending" function="06" en="document required for the cancellation" es="se requiere documento para la cancelación"/>
    <row from="SO60" code="86" of="replace" weight="2" outcome="rejected" function="11" status="41" en="correction rejected" es="corrección rechazada"/>
    <row from="SO60" code="87" of="cancel" weight="2" outcome="rejected" function="11" status="41" en="cancellation rejected" es="cancelación rechazada"/>
    <row from="SO60" code="88" outcome="info" function="02" en="entry replaced" es="entrada reemplazada"/>
    <row from="SO60" code="89" outcome="info" function="02" en="port of the entry summary differs" es="el puerto del resumen de entrada difiere"/>
    <row from="SO60" code="90" weight="1" outcome="pending" function="02" en="under CBP review" es="en revisión de CBP"/>
    <row from="SO60" code="96" weight="1" outcome="pending" function="06" en="document required" es="se requiere documento"/>
    <row from="SO60" code="97" outcome="info" function="02" en="admissible" es="admisible"/>
    <row from="SO60" code="98" weight="2" outcome="accepted" function="08" en="released" es="liberada"/>
    <row from="SO60" code="99" weight="2" outcome="pending" function="05" en="release suspended" es="liberación suspendida"/>

    <field from="SX" code="001" record="SE10" first="5" last="5"/>
    <field from="SX" code="002" record="SE10" first="5" last="5"/>
    <field from="SX" code="003" record="SE10" first="6" last="8"/>
    <field from="SX" code="004" record="SE10" first="6" last="8"/>
    <field from="SX" code="005" record="SE10" first="11" last="18"/>
    <field from="SX" code="006" record="SE10" first="11" last="18"/>
    <field from="SX" code="007" record="SE10" first="11" last="18"/>
    <field from="SX" code="008" record="SE10" first="11" last="18"/>
    <field from="SX" code="009" record="SE10" first="20" last="21"/>
    <field from="SX" code="010" record="SE10" first="20" last="21"/>
    <field from="SX" code="011" record="SE10" first="22" last="24"/>
    <field from="SX" code="012" record="SE10" first="22" last="24"/>
    <field from="SX" code="013" record="SE10" first="25" last="36"/>
    <field from="SX" code="014" record="SE10" first="25" last="36"/>
  </xsl:variable>
</xsl:stylesheet>

#!/usr/bin/env bash
# Who goes next: a destination that does not answer leaves threads to the other, and a standard filing is not passed for longer than the floor.
# slow
# timeout: 300
. "${GREENLANE_SRCDIR:?}/tests/scenario/lib/tap.sh"
. "$GREENLANE_SRCDIR/tests/scenario/lib/gateway.sh"

pki
sandbox
settings listen 127.0.0.1:0 tls-cert pki/server.pem tls-key pki/server.key client-ca pki/ca.pem log-format text stop-grace 0s \
    operators operators.xml
cat >operators.xml <<END
<operators xmlns="urn:greenlane:operators:1">
  <programme code="US-CTPAT" country="US" zone="America/New_York" own-of="US"><class code="T2" security="yes"/></programme>
  <operator id="placeholder" name="Placeholder Motors Inc">
    <identifier kind="EI" value="00-1234567"/>
    <certificate programme="US-CTPAT" class="T2" environment="TEST" from="2024-01-01" list-date="$(date -u +%F)">
      <status value="CERTIFIED" from="2024-01-01"/>
    </certificate>
  </operator>
  <binding submitter="alfa" operator="placeholder" document="power of attorney, invented"/>
</operators>
END
us_identity alfa
mx_identity uno
for identity in alfa uno; do
    greenlane submitters add alfa pki/client-alfa.pem >>"$here/add.log" 2>&1
    greenlane bindings add alfa "$identity" >>"$here/add.log"
done
declaration us.xml us-truck-entry.xml
declaration mx.xml mx-import-cove.xml
CONTROL=$control python3 -B "$GREENLANE_SRCDIR/tests/scenario/lib/lanes.py"
exit

# Makes the pivot's schema files from nodes.tsv.
#
#   awk -v out=dec-2.15|dec-pivot|dec-types|res|res-types|pointers -f generate.awk nodes.tsv > FILE
#
# dec-2.15 is the declaration of the 2.15 generation exactly; dec-pivot adds the rows of the set "old" and the
# wider types (function codes 1, 4 and 5; numbers of 18 characters). The *-types files hold the leaf types, one for
# each type name met in nodes.tsv.
# pointers maps element paths to WCO class and attribute ids. Plain POSIX awk, for it runs in the build.

BEGIN {
    FS = "\t"
    WCO = "urn:wco:datamodel:WCO:"
    answer = (out ~ /^res/)
    types_only = (out ~ /types$/)
    depth = 0
}

/^#/ || NF < 6 { next }

out == "pointers" { pointer(); next }

{
    if (answer != ($6 == "res")) next
    if (types_only) { split($5, both, "/"); for (i in both) seen[both[i]] = 1; next }
    if (out == "dec-2.15" && $6 == "old") next
    if (!started++) open_schema()
    level = split($1, step, "/")
    while (depth >= level) close_class()
    element(step[level], level)
}

END {
    if (out == "pointers") { print "</pointers>"; exit }
    if (types_only) { types_file(); exit }
    while (depth > 0) close_class()
    print "</xs:schema>"
}

# --- the pointer table ------------------------------------------------------------------------------------

function pointer(    n, parent, leaf, ns) {
    if (!started++) {
        note("Element paths and their WCO class (class=) or attribute (tag=) ids, for pointers such as 42A/67A/68A[2]/23A/145.")
        print "<pointers xmlns=\"urn:greenlane:pointers:1\">"
    }
    if (index($1, "od:")) return
    printf "  <node path=\"%s\" %s=\"%s\"%s/>\n", $1, ($5 == "-" ? "class" : "tag"), $2, ($5 == "-" && $4 != 1 ? " many=\"yes\"" : "")
}

# --- the element schemas ----------------------------------------------------------------------------------

function note(text) {
    print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    print "<!-- Generated from nodes.tsv by generate.awk: do not edit. " text " -->"
}

function open_schema(    body, ds) {
    body = WCO (answer ? "RES-DMS:2" : "DEC-DMS:2")
    ds = WCO (answer ? "Response_DS:DMS:2" : "Declaration_DS:DMS:2")
    note(answer ? "The answer (Response, 07B)." : "The declaration (42A), " (out == "dec-2.15" ? "2.15 exactly." : "with the pivot's older nodes."))
    printf "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:ds=\"%s\"", ds
    if (answer) printf " xmlns:od=\"%sDEC-DMS:2\"", WCO
    printf "\n    targetNamespace=\"%s\" elementFormDefault=\"qualified\">\n", body
    printf "  <xs:import namespace=\"%s\" schemaLocation=\"%s-types.xsd\"/>\n", ds, (answer ? "res" : "dec")
    if (answer) printf "  <xs:import namespace=\"%sDEC-DMS:2\" schemaLocation=\"dec-pivot.xsd\"/>\n", WCO
}

function pad(n,    s) { s = ""; while (n-- > 0) s = s "  "; return s }

function occurs(    s) {
    s = ""
    if ($3 != "1") s = s " minOccurs=\"" $3 "\""
    if ($4 != "1") s = s " maxOccurs=\"" ($4 == "n" ? "unbounded" : $4) "\""
    return s
}

function element(name, level,    type) {
    if (name ~ /:/) {
        printf "%s<xs:element ref=\"%s\"%s/>\n", pad(level), name, occurs()
    } else if ($5 == "-") {
        printf "%s<xs:element name=\"%s\"%s><xs:complexType><xs:sequence>\n", pad(level), name, (level == 1 ? "" : occurs())
        depth = level
    } else {
        type = $5
        sub((out == "dec-pivot" ? "^.*/" : "/.*$"), "", type)
        printf "%s<xs:element name=\"%s\" type=\"ds:%s\"%s/>\n", pad(level), name, type_name(type), occurs()
    }
}

function close_class() {
    printf "%s</xs:sequence></xs:complexType></xs:element>\n", pad(depth)
    depth--
}

# --- the leaf types ---------------------------------------------------------------------------------------

function type_name(t) { gsub(/=/, ".exact", t); return t }

function types_file(    n, i, t, list) {
    ns = WCO (answer ? "Response_DS:DMS:2" : "Declaration_DS:DMS:2")
    note("Leaf types of the " (answer ? "answer." : "declaration."))
    print "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"" ns "\""
    print "    targetNamespace=\"" ns "\" elementFormDefault=\"qualified\">"
    attribute_groups()
    n = 0
    for (t in seen) if (t != "-") list[++n] = t
    sort(list, n)
    for (i = 1; i <= n; i++) leaf(list[i])
    print "</xs:schema>"
}

function sort(a, n,    i, j, t) {
    for (i = 2; i <= n; i++) {
        t = a[i]
        for (j = i - 1; j > 0 && a[j] > t; j--) a[j + 1] = a[j]
        a[j + 1] = t
    }
}

function attribute(name, type) { printf "    <xs:attribute name=\"%s\" type=\"%s\"/>\n", name, type }

function attribute_groups() {
    print "  <xs:simpleType name=\"agency\">"
    print "    <xs:restriction base=\"xs:string\"><xs:maxLength value=\"3\"/><xs:pattern value=\".{1,3}\"/></xs:restriction>"
    print "  </xs:simpleType>"
    print "  <xs:simpleType name=\"unit\">"
    print "    <xs:restriction base=\"xs:string\"><xs:minLength value=\"1\"/><xs:maxLength value=\"5\"/></xs:restriction>"
    print "  </xs:simpleType>"
    print "  <xs:simpleType name=\"currency\">"
    print "    <xs:restriction base=\"xs:string\"><xs:pattern value=\"[A-Z]{3}\"/></xs:restriction>"
    print "  </xs:simpleType>"
    print "  <xs:attributeGroup name=\"list\">"
    attribute("listID", "xs:token"); attribute("listAgencyID", "agency"); attribute("listAgencyName", "xs:string")
    attribute("listName", "xs:string"); attribute("listVersionID", "xs:token"); attribute("name", "xs:string")
    attribute("languageID", "xs:language"); attribute("listURI", "xs:anyURI"); attribute("listSchemeURI", "xs:anyURI")
    print "  </xs:attributeGroup>"
    print "  <xs:attributeGroup name=\"scheme\">"
    attribute("schemeID", "xs:token"); attribute("schemeName", "xs:string"); attribute("schemeAgencyID", "agency")
    attribute("schemeAgencyName", "xs:string"); attribute("schemeVersionID", "xs:token")
    attribute("schemeDataURI", "xs:anyURI"); attribute("schemeURI", "xs:anyURI")
    print "  </xs:attributeGroup>"
}

# Writes one leaf: its simple type with facets, and around it the complex type that carries the attributes.
function leaf(t,    kind, size, base, facets, carries) {
    kind = t; sub(/[=]?[0-9.]*$/, "", kind)
    size = t; sub(/^[a-z.]*[a-z]=?/, "", size)
    if (t == "datetime") { date_time(); return }
    facets = facets_of(t, kind, size)
    base = base_of(kind)
    carries = attributes_of(kind)
    printf "  <xs:simpleType name=\"%s%s\">\n", type_name(t), (carries == "" ? "" : ".value")
    printf "    <xs:restriction base=\"%s\">%s</xs:restriction>\n", base, facets
    print "  </xs:simpleType>"
    if (carries == "") return
    printf "  <xs:complexType name=\"%s\"><xs:simpleContent>\n", type_name(t)
    printf "    <xs:extension base=\"%s.value\">%s</xs:extension>\n", type_name(t), carries
    print "  </xs:simpleContent></xs:complexType>"
}

function base_of(kind) {
    if (kind ~ /^(amount|quantity|measure|numeric)$/) return "xs:decimal"
    if (kind ~ /^(id|iddigits)$/) return answer ? "xs:token" : "xs:string"
    if (kind == "text") return "xs:string"
    return "xs:token"
}

function attributes_of(kind) {
    if (kind == "amount") return "<xs:attribute name=\"currencyID\" type=\"currency\"/>"
    if (kind ~ /^(quantity|measure)$/) return "<xs:attribute name=\"unitCode\" type=\"unit\"/>"
    if (kind == "numeric") return ""
    if (kind ~ /^(id|iddigits)$/) return "<xs:attributeGroup ref=\"scheme\"/>"
    if (kind == "text") return "<xs:attribute name=\"languageID\" type=\"xs:language\"/>"
    return "<xs:attributeGroup ref=\"list\"/>"
}

function facet(name, value) { return "<xs:" name " value=\"" value "\"/>" }

# One non-blank, no line break: written so that it needs no backtracking.
function nonblank() { return answer ? "" : facet("pattern", "[ \\t]*[^\\s].*") }

function facets_of(t, kind, size,    part) {
    if (kind ~ /^(amount|quantity|measure|numeric)$/) {
        if (size == "") return ""
        split(size, part, ".")
        return facet("totalDigits", part[1]) facet("fractionDigits", part[2])
    }
    if (t == "function") return facet("enumeration", 9) facet("enumeration", 13) facet("enumeration", 14)
    if (t == "function.open")
        return facet("enumeration", 1) facet("enumeration", 4) facet("enumeration", 5) facet("enumeration", 9) \
            facet("enumeration", 13) facet("enumeration", 14)
    if (t == "flag") return facet("enumeration", 0) facet("enumeration", 1)
    if (kind == "alpha") return facet("length", size) facet("pattern", "[a-zA-Z]*")
    if (kind ~ /digits$/) return facet((t ~ /=/ ? "length" : "maxLength"), size) facet("pattern", "[0-9]*")
    return facet("maxLength", size) nonblank()
}

function date_time() {
    print "  <xs:simpleType name=\"datetime.value\">"
    print "    <xs:restriction base=\"xs:string\">" facet("pattern", "20[0-9]{6}([0-9]{6}(Z|[\\-+][0-9]{2}))?") "</xs:restriction>"
    print "  </xs:simpleType>"
    print "  <xs:simpleType name=\"datetime.format\">"
    print "    <xs:restriction base=\"xs:string\">" facet("enumeration", 102) facet("enumeration", 304) "</xs:restriction>"
    print "  </xs:simpleType>"
    print "  <xs:complexType name=\"datetime\"><xs:sequence>"
    print "    <xs:element name=\"DateTimeString\">"
    print "      <xs:complexType><xs:simpleContent>"
    print "        <xs:extension base=\"datetime.value\"><xs:attribute name=\"formatCode\" type=\"datetime.format\" use=\"required\"/></xs:extension>"
    print "      </xs:simpleContent></xs:complexType>"
    print "    </xs:element>"
    print "  </xs:sequence></xs:complexType>"
}

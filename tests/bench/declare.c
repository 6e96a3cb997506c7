/*
 * Declarations of any size, made up and always the same: a truck crossing at Laredo for ACE, an import invoice for VUCEM. Names and
 * numbers are invented ones of the examples. One element a line without indentation, so that the blanks between elements are
 * there, as senders have them, and the size comes from what is said.
 *
 * Short items are what a commercial invoice has; full ones add measures, packages and the maker's numbers, so that the 999 items
 * a declaration may have come to about a megabyte.
 */
#include "bench.h"

const char *const road_names[ROAD_COUNT] = {"mx-vucem/cove", "us-ace/cargo-release"};
const char *const size_names[SIZE_COUNT] = {"5k", "66k", "600k", "1m"};

static const struct {
    unsigned items;
    bool full;
} sizes[SIZE_COUNT] = {{1, true}, {99, false}, {999, false}, {999, true}};

static void put_head(struct buf *b, const char *country, const char *agency)
{
    buf_printf(b,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" "
               "xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\"\n"
               "    xmlns:ds=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\">\n"
               "<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>\n"
               "<md:WCOTypeName>DEC</md:WCOTypeName>\n"
               "<md:ResponsibleCountryCode>%s</md:ResponsibleCountryCode>\n"
               "<md:ResponsibleAgencyName>%s</md:ResponsibleAgencyName>\n"
               "<Declaration>\n<FunctionCode>9</FunctionCode>\n",
               country, agency);
}

static void put_key(struct buf *b, const char *list, const char *key, const char *value)
{
    buf_printf(b,
               "<AdditionalInformation>\n<StatementCode listID=\"urn:greenlane:%s:1\">%s</StatementCode>\n"
               "<StatementDescription>%s</StatementDescription>\n<StatementTypeCode>ZZZ</StatementTypeCode>\n"
               "</AdditionalInformation>\n",
               list, key, value);
}

static void put_address(struct buf *b, const char *city, const char *country, const char *part,
                        const char *line, const char *post)
{
    buf_printf(b,
               "<Address>\n<CityName>%s</CityName>\n<CountryCode>%s</CountryCode>\n"
               "<CountrySubDivisionCode>%s</CountrySubDivisionCode>\n<Line>%s</Line>\n"
               "<PostcodeID>%s</PostcodeID>\n</Address>\n",
               city, country, part, line, post);
}

static void put_measures(struct buf *b, unsigned gross, const char *net)
{
    buf_printf(b,
               "<GoodsMeasure>\n<GrossMassMeasure unitCode=\"KGM\">%u</GrossMassMeasure>\n"
               "<NetNetWeightMeasure unitCode=\"KGM\">%s</NetNetWeightMeasure>\n</GoodsMeasure>\n",
               gross, net);
}

static void put_packaging(struct buf *b, unsigned n)
{
    buf_printf(b,
               "<Packaging>\n<SequenceNumeric>1</SequenceNumeric>\n<MarksNumbersID>PMI %u</MarksNumbersID>\n"
               "<QuantityQuantity>24</QuantityQuantity>\n<TypeCode>BX</TypeCode>\n</Packaging>\n",
               n);
}

static void put_totals(struct buf *b, unsigned items, bool full, const char *office, unsigned cents)
{
    buf_printf(b,
               "<TypeCode>IMA</TypeCode>\n<GoodsItemQuantity>%u</GoodsItemQuantity>\n"
               "<DeclarationOfficeID>%s</DeclarationOfficeID>\n",
               items, office);
    buf_printf(b, "<InvoiceAmount currencyID=\"USD\">%u.%02u</InvoiceAmount>\n", items * cents / 100,
               items * cents % 100);
    if (full)
        buf_printf(b,
                   "<TotalGrossMassMeasure unitCode=\"KGM\">%u</TotalGrossMassMeasure>\n"
                   "<TotalPackageQuantity>%u</TotalPackageQuantity>\n",
                   items * 12, items * 24);
}

/* --- ACE --- */

static void us_item(struct buf *b, unsigned n, bool full)
{
    buf_printf(
        b,
        "<GovernmentAgencyGoodsItem>\n<CustomsValueAmount currencyID=\"USD\">250.00</CustomsValueAmount>\n"
        "<SequenceNumeric>%u</SequenceNumeric>\n<Commodity>\n"
        "<Description>Wiring harnesses for motor vehicles, %u</Description>\n<Classification>\n"
        "<ID>8544300000</ID>\n<IdentificationTypeCode>HS</IdentificationTypeCode>\n</Classification>\n",
        n, n);
    if (full) {
        put_measures(b, 12, "11.5");
        buf_puts(b, "<InvoiceLine>\n<ItemChargeAmount currencyID=\"USD\">250.00</ItemChargeAmount>\n"
                    "</InvoiceLine>\n");
    }
    buf_puts(b, "</Commodity>\n<Manufacturer>\n<Name>Arneses Inventados SA de CV</Name>\n");
    if (full)
        buf_puts(b, "<ID schemeID=\"MID\">MXARNINV1200MON</ID>\n");
    put_address(b, "Monterrey", "MX", "NLE", "Av. Industrial 1200", "64000");
    buf_puts(b, "</Manufacturer>\n<Origin>\n<CountryCode>MX</CountryCode>\n</Origin>\n");
    if (full)
        put_packaging(b, n);
    buf_puts(b, "</GovernmentAgencyGoodsItem>\n");
}

static void us_party(struct buf *b, const char *tag)
{
    buf_printf(b, "<%s>\n<Name>Placeholder Motors Inc</Name>\n<ID schemeID=\"EI\">00-1234567</ID>\n</%s>\n",
               tag, tag);
}

static void us_seller(struct buf *b, const char *tag)
{
    buf_printf(b, "<%s>\n<Name>Arneses Inventados SA de CV</Name>\n", tag);
    put_address(b, "Monterrey", "MX", "NLE", "Av. Industrial 1200", "64000");
    buf_printf(b, "</%s>\n", tag);
}

static void us_declare(struct buf *b, unsigned items, bool full, unsigned serial)
{
    put_head(b, "US", "CBP");
    buf_printf(b, "<FunctionalReferenceID>G%08u</FunctionalReferenceID>\n", serial);
    put_totals(b, items, full, "2304", 25000);
    put_key(b, "us", "US.ENTRYTYPE", "01");
    put_key(b, "us", "US.PROCPORT", "2304");
    put_key(b, "us", "US.ETA", "20260724");
    buf_puts(
        b,
        "<BorderTransportMeans>\n<ID>ZZ-314-A</ID>\n<IdentificationTypeCode>30</IdentificationTypeCode>\n"
        "<RegistrationNationalityCode>MX</RegistrationNationalityCode>\n<ModeCode>3</ModeCode>\n"
        "</BorderTransportMeans>\n<Consignment>\n<Carrier>\n<Name>TRANSPORTES INVENTADOS DEL BRAVO</Name>\n"
        "<ID schemeID=\"SCAC\">ZQLT</ID>\n</Carrier>\n</Consignment>\n<Declarant>\n"
        "<Name>Invented Gateway Brokers LLC</Name>\n<Contact>\n<Name>Alex Sample</Name>\n</Contact>\n"
        "<Communication>\n<ID>9565550142</ID>\n<TypeCode>TE</TypeCode>\n</Communication>\n</Declarant>\n");
    us_seller(b, "Exporter");
    buf_puts(b, "<GoodsShipment>\n");
    us_party(b, "Buyer");
    us_party(b, "Consignee");
    buf_puts(
        b,
        "<Consignment>\n<ContainerCode>0</ContainerCode>\n<GoodsLocation>\n<ID schemeID=\"FIRMS\">ZZ01</ID>\n"
        "</GoodsLocation>\n<TransportEquipment>\n<SequenceNumeric>1</SequenceNumeric>\n<ID>ZQLT532117</ID>\n"
        "<Seal>\n<SequenceNumeric>1</SequenceNumeric>\n<ID>SEAL0077123</ID>\n</Seal>\n"
        "</TransportEquipment>\n</Consignment>\n<Destination>\n<CountryCode>US</CountryCode>\n</"
        "Destination>\n"
        "<ExportCountry>\n<ID>MX</ID>\n</ExportCountry>\n");
    for (unsigned n = 1; n <= items; n++)
        us_item(b, n, full);
    us_party(b, "Importer");
    buf_puts(
        b,
        "<Invoice>\n<ID>INV-2026-0147</ID>\n<IssueDateTime>\n"
        "<ds:DateTimeString formatCode=\"102\">20260722</ds:DateTimeString>\n</IssueDateTime>\n</Invoice>\n"
        "<PreviousDocument>\n<CategoryCode>Z</CategoryCode>\n<ID>ZQLTPAPS0004711</ID>\n"
        "<TypeCode>705</TypeCode>\n<LineNumeric>1</LineNumeric>\n</PreviousDocument>\n");
    us_seller(b, "Seller");
    buf_puts(b, "</GoodsShipment>\n<ObligationGuarantee>\n<SecurityDetailsCode>8</SecurityDetailsCode>\n"
                "</ObligationGuarantee>\n</Declaration>\n</md:MetaData>\n");
}

/* --- VUCEM --- */

static void mx_item(struct buf *b, unsigned n, bool full)
{
    buf_printf(
        b,
        "<GovernmentAgencyGoodsItem>\n<CustomsValueAmount currencyID=\"USD\">125.00</CustomsValueAmount>\n"
        "<SequenceNumeric>%u</SequenceNumeric>\n",
        n);
    if (full)
        buf_puts(b,
                 "<AdditionalDocument>\n<CategoryCode>N</CategoryCode>\n<EffectiveDateTime>\n"
                 "<ds:DateTimeString formatCode=\"102\">20260723</ds:DateTimeString>\n</EffectiveDateTime>\n"
                 "<ID>FA-2026-0311</ID>\n<TypeCode>380</TypeCode>\n</AdditionalDocument>\n");
    put_key(b, "mx", "MX.UMC", "100 C62_1");
    if (full)
        put_key(b, "mx", "MX.ESPECIFICA", "TORNEX|T-14||");
    buf_printf(
        b,
        "<Commodity>\n<Description>Tornillo de acero, pieza %u</Description>\n<Classification>\n"
        "<ID>7318159900</ID>\n<IdentificationTypeCode>HS</IdentificationTypeCode>\n</Classification>\n",
        n);
    if (full)
        put_measures(b, 12, "10.25");
    buf_puts(b,
             "<InvoiceLine>\n<ItemChargeAmount currencyID=\"USD\">125.00</ItemChargeAmount>\n</InvoiceLine>\n"
             "</Commodity>\n<Origin>\n<CountryCode>US</CountryCode>\n</Origin>\n");
    if (full)
        put_packaging(b, n);
    buf_puts(b, "</GovernmentAgencyGoodsItem>\n");
}

static void mx_declare(struct buf *b, unsigned items, bool full, unsigned serial)
{
    put_head(b, "MX", "VUCEM");
    buf_printf(b, "<FunctionalReferenceID>GLMX%08u</FunctionalReferenceID>\n", serial);
    put_totals(b, items, full, "240", 12500);
    buf_puts(b, "<AdditionalInformation>\n<StatementDescription>Mercancia de muestra</StatementDescription>\n"
                "<StatementTypeCode>AAI</StatementTypeCode>\n</AdditionalInformation>\n");
    put_key(b, "mx", "MX.CERTORIGEN", "0");
    put_key(b, "mx", "MX.SUBDIV", "0");
    put_key(b, "mx", "MX.RFCCONSULTA", "ZZI150312QB0");
    buf_puts(
        b,
        "<Agent>\n<Name>Ana Alba Ficticia Inventada</Name>\n<ID schemeID=\"RFC\">AAFI800101QZ6</ID>\n"
        "<FunctionCode>2</FunctionCode>\n</Agent>\n<AuthorisationHolder>\n<ID>3999</ID>\n"
        "<CategoryCode>PATE</CategoryCode>\n</AuthorisationHolder>\n<BorderTransportMeans>\n"
        "<ModeCode>3</ModeCode>\n</BorderTransportMeans>\n<CurrencyExchange>\n"
        "<CurrencyTypeCode>USD</CurrencyTypeCode>\n<RateNumeric>17.25430</RateNumeric>\n</CurrencyExchange>\n"
        "<Declarant>\n<Name>Ana Alba Ficticia Inventada</Name>\n<ID schemeID=\"RFC\">AAFI800101QZ6</ID>\n"
        "<Communication>\n<ID>trafico@agencia-ficticia.example</ID>\n<TypeCode>EM</TypeCode>\n"
        "</Communication>\n</Declarant>\n<Exporter>\n<Name>Placeholder Fasteners Inc</Name>\n"
        "<ID schemeID=\"TAXID\">00-7654321</ID>\n");
    put_address(b, "Laredo", "US", "TX", "1000 Sample Avenue", "78040");
    buf_puts(b, "</Exporter>\n<GoodsShipment>\n<Destination>\n<CountryCode>MX</CountryCode>\n</Destination>\n"
                "<ExportCountry>\n<ID>US</ID>\n</ExportCountry>\n");
    for (unsigned n = 1; n <= items; n++)
        mx_item(b, n, full);
    buf_puts(
        b,
        "<Importer>\n<Name>Importadora Inventada SA de CV</Name>\n<ID schemeID=\"RFC\">ZZI150312QB0</ID>\n");
    put_address(b, "Tijuana", "MX", "BC", "Calle Ficticia #100, Centro", "22000");
    buf_puts(b, "</Importer>\n");
    if (!full)
        buf_puts(b, "<Invoice>\n<ID>FA-2026-0311</ID>\n<IssueDateTime>\n"
                    "<ds:DateTimeString formatCode=\"102\">20260723</ds:DateTimeString>\n</IssueDateTime>\n"
                    "</Invoice>\n");
    buf_puts(
        b, "<TradeTerms>\n<ConditionCode>FCA</ConditionCode>\n<LocationID>USLRD</LocationID>\n</TradeTerms>\n"
           "</GoodsShipment>\n</Declaration>\n</md:MetaData>\n");
}

void declare(struct buf *out, enum road road, enum size size, unsigned serial)
{
    if (road == ROAD_US)
        us_declare(out, sizes[size].items, sizes[size].full, serial);
    else
        mx_declare(out, sizes[size].items, sizes[size].full, serial);
}

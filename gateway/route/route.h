/** @file
 * Destination bundles: transforms/<name>/destination.xml and what it names, compiled once and shared. A destination is a folder that
 * can be added or deleted whole; nothing in C names one.
 *
 * destination.xml (urn:greenlane:destination:1, schemas/greenlane/destination.xsd; docs/destinations.md says each part):
 *
 *   <destination name="us-ace" country="US" zone="America/New_York" principal="US filer code">
 *     <title xml:lang="en">US CBP ACE</title> <title xml:lang="es">...</title>
 *     <principal from="substring(dec:ID, 1, 3)"/>               the principal a declaration names; may come out empty
 *     <practice principal="9ZZ" role="filer">                   whom `greenlane transform` files for without an identity
 *       <setting name="site" value="2304"/> ...
 *     </practice>
 *     <identity>                                                what an identity may say beside its addresses; need="yes": must
 *       <setting name="site" need="yes"/> ... <secret name="abi-password" need="yes"/> ...
 *     </identity>
 *     <rules href="../../schemas/us-ace/rules/us.sch"/>         0..n, run with wco-core
 *     <layout name="ace" href="../../schemas/us-ace/ace.xml"/>  0..n
 *     <series kind="entry-number" width="7" make="concat($principal, $serial)" check="us-entry"/>   numbers drawn when
 *                                                             a declaration has none; check: kind of gln:check-digit() whose digit is appended
 *     <message name="cargo-release" default="yes">              1..n; `--to us-ace` files every default message that applies
 *       <when test="XPath"/>                                    applies to this declaration if true (default: always)
 *       <action function="9" name="add"/> ...                   first fit of FunctionCode (as a number) and, if given, TypeCode
 *       <number from="dec:ID" series="entry-number"/>           the number it carries; drawn from the series if empty
 *       <key from="XPath"/>                                     correlation key; default: the number, without one the FunctionalReferenceID
 *       <deadline from="XPath"/>                                when it must be there: CCYYMMDD[hhmmss] in the destination's zone; optional
 *       <transform href="cargo-release.xsl"/>
 *       <schema href=".."/>                                     XSD of the outbound XML, optional
 *       <codec name="fixed" layout="ace"/>
 *       <seal kind="cadena" cadena="cadena.xsl" unit="comprobantes" into="firmaElectronica"/>   optional
 *       <envelope href="soap.xsl"/>                             optional: wraps the sealed document before writing
 *       <carrier endpoint="submit" action="..SOAPAction.." content-type="..."/>
 *       <reply href="acuse.xsl"/>                               synchronous answer -> answers (below); codec="xml" layout=
 *       <poll href="consulta.xsl" first="2s" most="10min">      asked again until closed: <seal/>? <envelope/>? <carrier/> <reply/>
 *       <inbox endpoint="answers" every="30s"/>                 answers come by fetching, without asking per filing
 *       <retry first="5s" most="10min" times="8"/>
 *       <doubt inquire="yes|no" after="30min">                  may have arrived, and no answer: a person decides, but for
 *         <send action="add" as="replace"/>                     0..n: what was sent as this action goes again as that one
 *       </doubt>
 *       <overdue after="15min"/>
 *     </message>
 *     <answers codec="fixed" layout="ace" href="answers.xsl"/>  how fetched bytes become answers
 *   </destination>
 *
 * The XPaths (from=, test=, make=) are XPath 1.0 in one generated stylesheet; context node: the Declaration; prefixes md (envelope),
 * dec (DEC-DMS:2), ds (Declaration_DS:DMS:2), gln (extension functions). hrefs are relative to destination.xml.
 *
 * Parameters of every stylesheet of a bundle (strings, always set, "" where there is nothing):
 *
 *   action       action name of the message ("add", "replace" ...)
 *   number       the whole number (11 characters of an entry), found or drawn
 *   key          correlation key
 *   lrn          FunctionalReferenceID
 *   principal    of the identity (filer code, RFC);  role  of the identity (agente, importador ...)
 *   environment  TEST or PROD
 *   date, time   CCYYMMDD and hhmmss now in the destination's zone;  now  the instant, RFC 3339 UTC, milliseconds
 *   lane         "expedited" or "standard"
 *   reasons      reason codes of the decision, separated by blanks
 *   operation    number customs gave the transmission (polls);  document  number customs gave the document
 *   identity-NAME  each setting of the identity; a repeated one joined by blanks in order (identity-patente)
 *
 * An identity says where an endpoint is by settings endpoint.ENDPOINT.PROPERTY, or endpoint.PROPERTY for all of them: carrier (https, soap,
 * folder), url, ca (file), ciphers, timeout, connect-timeout (durations); for the seal: seal.charset (ascii, latin1, utf8), seal.digest (sha256, sha1).
 *
 * Input: `transform` the pivot; `envelope` the sealed document; `poll` <gln:poll/> (all is in the parameters);
 * `reply` and `answers` what their codec read.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "codec/codec.h"
#include "xml/ask.h"
#include "xml/rules.h"
#include "xml/schema.h"
#include "xml/transform.h"

struct route_seal {
    const char *kind;              /**< "cadena", "xmldsig"; NULL: none */
    struct xml_stylesheet *cadena; /**< NULL unless kind is cadena */
    const char *unit, *into;
};
/** Where it goes. */
struct route_carrier {
    const char *endpoint, *soap_action, *content_type; /**< the last two may be NULL */
};
/** How bytes that came back become <answers>. */
struct route_reply {
    const struct codec *codec;    /**< NULL: no answer is expected here */
    const struct layout *layout;  /**< may be NULL */
    struct xml_stylesheet *sheet; /**< NULL: a 2xx is all there is to know */
};
/** One request of our own making, sent about a filing: a poll for the answer. */
struct route_poll {
    struct xml_stylesheet *transform; /**< NULL: no polling */
    struct route_seal seal;
    struct xml_stylesheet *envelope; /**< may be NULL */
    struct route_carrier carrier;
    struct route_reply reply;
    int64_t first_ms, most_ms; /**< interval, doubling from first to most */
};
struct route_action {
    const char *function; /**< FunctionCode, compared as a number */
    const char *type;     /**< TypeCode; NULL: any */
    const char *name;
    const char *doubt_as; /**< action it is sent again as when in doubt; NULL: a person decides */
};
struct route_series {
    const char *kind;
    int width;
    bool yearly; /**< starts anew each year of the destination's zone */
};
struct route_message {
    const char *name;
    const char *title[LANG_COUNT]; /**< NULL: the name */
    bool is_default;
    struct xml_stylesheet *transform;
    struct xml_schema *schema; /**< may be NULL */
    const struct codec *codec;
    const struct layout *layout; /**< may be NULL */
    struct route_seal seal;
    struct xml_stylesheet *envelope; /**< may be NULL */
    struct route_carrier carrier;
    struct route_reply reply;
    struct route_poll poll;
    const char *inbox; /**< endpoint name, NULL: none */
    int64_t inbox_every_ms;
    int64_t retry_first_ms, retry_most_ms;
    int retry_times;
    bool doubt_inquire; /**< poll.transform can ask while in doubt (needs the operation number) */
    int64_t doubt_after_ms;
    int64_t overdue_ms;                /**< 0: never */
    const struct route_series *series; /**< NULL: no number is drawn */
    struct route_action *actions;
    size_t action_count;
};
/** A setting of the practice identity. */
struct route_setting {
    const char *name, *value;
};
struct route_layout {
    const char *name;
    struct layout *layout;
};
struct route_destination {
    const char *name, *country, *zone;
    const char *title[LANG_COUNT];
    const char *principal_title; /**< "US filer code"; may be NULL */
    const char *practice_principal, *practice_role;
    struct route_setting *practice; /**< owned, like all arrays here */
    size_t practice_count;
    const struct xml_node *identity; /**< what an identity may and must say; NULL: the bundle does not say */
    struct xml_rules *rules;         /**< its own, run beside wco-core; NULL: none */
    struct route_layout *layouts;
    size_t layout_count;
    struct route_series *series;
    size_t series_count;
    struct route_message *messages;
    size_t message_count;
    struct route_reply answers;               /**< fetched bytes -> answers */
    struct xml_stylesheet *probe;             /**< generated: the XPaths over a pivot */
    struct xml_stylesheet *maker;             /**< generated: make= of the series */
    struct xml_asks *probe_asks, *maker_asks; /**< the same, where they can be answered without; NULL */
    struct xml_doc *file;                     /**< destination.xml: all strings above live in it */
    char *dir;                                /**< its folder */
};
struct route_table; /**< all destinations found under transforms/ */

/** Reads every <transforms_dir>/<name>/destination.xml, in order of name. GLN_E_CONFIG with file and line when one is wrong. `core_rules`: files compiled into one walk with each destination's own; NULL-terminated. */
int route_load(struct route_table **out, struct gln_context *ctx, const char *transforms_dir,
               const char *schema_path, const char *rules_compiler, const char *const *core_rules);
void route_free(struct route_table *t);
size_t route_count(const struct route_table *t);
const struct route_destination *route_at(const struct route_table *t, size_t i);
const struct route_destination *route_find(const struct route_table *t,
                                           const char *name); /**< "us-ace"; NULL */
const struct route_message *route_message(const struct route_destination *d,
                                          const char *name); /**< NULL: no such message */
/** The first action of this name; NULL: none. */
const struct route_action *route_action(const struct route_message *m, const char *name);
const struct route_series *route_series(const struct route_destination *d, const char *kind);

/** What a bundle's XPaths say of one declaration. Strings live in the probe. */
struct route_probe {
    struct xml_doc *doc;   /**< owned */
    const char *principal; /**< named by the declaration; "" none */
};
int route_probe(struct route_probe *out, struct gln_context *ctx, const struct route_destination *d,
                const struct xml_doc *pivot, const struct xml_codes *codes);
void route_probe_free(struct route_probe *p);
bool route_probe_applies(const struct route_probe *p, const struct route_message *m);
const char *route_probe_number(const struct route_probe *p, const struct route_message *m); /**< "" none */
const char *route_probe_key(const struct route_probe *p,
                            const struct route_message *m); /**< "": the number, else the LRN */
const char *route_probe_deadline(const struct route_probe *p, const struct route_message *m); /**< "" none */
const struct route_action *route_probe_action(const struct route_probe *p,
                                              const struct route_message *m); /**< NULL: no action fits */
/** The whole number of a serial drawn from `s`; `params` as for stylesheets, with principal, year and identity-*. */
int route_make_number(struct buf *out, struct gln_context *ctx, const struct route_destination *d,
                      const struct route_series *s, const char *serial, const char *const *params);

/*
 * What answer stylesheets make (namespace urn:greenlane:answer:1):
 *
 *   <answers>
 *     <answer key="correlation key or empty" action="name or empty" notice="yes|no" operation="number of the transmission or empty"
 *             document="number of the document or empty"
 *             outcome="accepted|accepted-with-warning|rejected|pending|info|not-processed|received" closes="yes|no" at="">
 *       <location record="SE15" occurrence="1" from="10" to="59" text="..."/>   0..n: where in our outbound, if it says: any of
 *       <location number="5" from="10"/>                                the attributes of struct outbound_place (codec/codec.h),
 *       <location path="comprobantes/emisor/..."/>                      for outbound_locate()
 *       <text>customs' own words</text>                                 1..n
 *       <meaning xml:lang="en">what the code means</meaning>            0..2: from the bundle's table; en and es
 *       <Response xmlns="urn:wco:datamodel:WCO:RES-DMS:2">...</Response> the answer for the sender
 *     </answer>
 *   </answers>
 *
 * An answer with neither key nor operation belongs to the filing it was a reply to (reply and poll); fetched ones without are
 * orphans. key= is compared with the filing's key (docs/destinations.md), of the filings of action= where it is given; notice="yes" is
 * for what customs tells of its own accord: it is for a filing that customs took. Both may be left out. Where one message of ours makes several documents
 * (a COVE of two invoices), the answers have the same operation and one document each; the filing closes with the last.
 */

#endif

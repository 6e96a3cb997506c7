/** @file
 * Destination bundles: transforms/<name>/destination.xml and what it names, compiled once and shared. A destination is a folder that
 * can be added or deleted whole; nothing in C names one.
 *
 * destination.xml (urn:greenlane:destination:1, schemas/greenlane/destination.xsd):
 *
 *   <destination name="us-ace" country="US" zone="America/New_York" principal="US filer code">
 *     <title xml:lang="en">US CBP ACE</title> <title xml:lang="es">...</title>
 *     <principal from="substring(/md:MetaData/...)"/>           XPath: the principal a declaration names; may be empty
 *     <rules href="../../schemas/us-ace/rules/us.sch"/>         0..n, run with wco-core
 *     <layout name="ace" href="../../schemas/us-ace/ace.xml"/>  0..n
 *     <series kind="entry-number" width="7" check="us-entry"/>  numbers drawn when the declaration has none
 *     <message name="cargo-release" default="yes">              1..n
 *       <when test="XPath"/>                                    filed for this declaration if true (default: always)
 *       <action function="9" name="add"/> ...                   FunctionCode (+ type=) -> action name, given to the stylesheet as $action
 *       <number test="XPath of the number it carries" series="entry-number"/>
 *       <key param-or-xpath/>                                   correlation key
 *       <transform href="cargo-release.xsl"/>
 *       <schema href=".."/>                                     XSD of the outbound XML, optional
 *       <codec name="fixed" layout="ace"/>
 *       <seal kind="cadena" cadena="cadena.xsl" unit="comprobantes" into="firmaElectronica"/>   optional
 *       <envelope href="soap.xsl"/>                             optional: wraps the sealed document before writing
 *       <carrier endpoint="submit" action="..SOAPAction.." content-type="..."/>
 *       <reply href="acuse.xsl"/>                               synchronous answer -> gln:answers
 *       <poll href="consulta.xsl" .../>                         asked again until closed: see struct route_poll
 *       <inbox endpoint="answers"/>                             answers come by fetching, without asking per filing
 *       <retry first="5s" most="10min" times="8"/>
 *       <doubt inquire="yes|no" then="wait|replace"/>
 *       <overdue after="15min"/>
 *     </message>
 *     <answers codec="fixed" layout="ace" href="answers.xsl"/>  how fetched bytes become gln:answers
 *   </destination>
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "codec/codec.h"
#include "xml/rules.h"
#include "xml/schema.h"
#include "xml/transform.h"

struct route_seal {
    const char *kind; /**< "cadena", "xmldsig"; NULL: none */
    const struct xml_stylesheet *cadena;
    const char *unit, *into;
};
/** One request of our own making, sent about a filing: a poll for the answer. */
struct route_poll {
    const struct xml_stylesheet *
        transform; /**< NULL: no polling. Input <gln:poll operation= principal= .../>; params as for messages */
    struct route_seal seal;
    const struct xml_stylesheet *envelope;
    const char *endpoint, *soap_action, *content_type;
    const struct xml_stylesheet *reply; /**< reply -> gln:answers */
    int64_t first_ms, most_ms;          /**< interval, doubling from first to most */
};
struct route_action {
    const char *function, *type, *name;
};
struct route_message {
    const char *name;
    bool is_default;
    const struct xml_stylesheet *transform;
    const struct xml_schema *schema; /**< may be NULL */
    const struct codec *codec;
    const struct layout *layout; /**< may be NULL */
    struct route_seal seal;
    const struct xml_stylesheet *envelope; /**< may be NULL */
    const char *endpoint, *soap_action, *content_type;
    const struct xml_stylesheet *reply; /**< may be NULL: a 2xx without content is enough */
    const struct codec *reply_codec;
    struct route_poll poll;
    const char *inbox; /**< endpoint name, NULL: none */
    int64_t retry_first_ms, retry_most_ms;
    int retry_times;
    bool doubt_inquire;     /**< poll.transform can ask while in doubt (needs the operation number) */
    const char *doubt_then; /**< "wait" (a person) or an action name to send instead ("replace") */
    int64_t overdue_ms;
    const char *series; /**< kind of number drawn, NULL: none */
    const struct route_action *actions;
    size_t action_count;
};
struct route_series {
    const char *kind;
    int width;
    const char *check;
};
struct route_destination {
    const char *name, *country, *zone;
    const char *title[LANG_COUNT];
    const struct xml_rules *rules; /**< its own; wco-core runs apart */
    const struct route_message *messages;
    size_t message_count;
    const struct route_series *series;
    size_t series_count;
    const struct codec *answer_codec;
    const struct layout *answer_layout;
    const struct xml_stylesheet *answers; /**< fetched bytes -> gln:answers; may be NULL */
};
struct route_table; /**< all destinations found under transforms/ */

int route_load(struct route_table **out, struct gln_context *ctx, const char *transforms_dir,
               const char *rules_compiler);
void route_free(struct route_table *t);
size_t route_count(const struct route_table *t);
const struct route_destination *route_at(const struct route_table *t, size_t i);
const struct route_destination *route_find(const struct route_table *t,
                                           const char *name); /**< "us-ace"; NULL */
const struct route_message *route_message(const struct route_destination *d,
                                          const char *name); /**< NULL name: the default one */
/** XPaths of the bundle over a pivot: the principal it names, whether a message applies, the number and key it carries, its action. NULL/false if none. */
int route_principal(struct buf *out, struct gln_context *ctx, const struct route_destination *d,
                    const struct xml_doc *pivot);
int route_applies(bool *out, struct gln_context *ctx, const struct route_message *m,
                  const struct xml_doc *pivot);
int route_number(struct buf *out, struct gln_context *ctx, const struct route_message *m,
                 const struct xml_doc *pivot);
const struct route_action *route_action(struct gln_context *ctx, const struct route_message *m,
                                        const struct xml_doc *pivot);

/*
 * What answer stylesheets make (namespace urn:greenlane:answer:1):
 *
 *   <answers>
 *     <answer key="correlation key or empty" operation="number of the transmission or empty" document="number of the document or empty"
 *             outcome="accepted|accepted-with-warning|rejected|pending|info|not-processed|received" closes="yes|no" at="">
 *       <location record="SE15" occurrence="1" from="10" to="59"/>      0..n: where in our outbound, if it says
 *       <location path="comprobantes/emisor/..."/>
 *       <text>customs' own words</text>                                 1..n
 *       <Response xmlns="urn:wco:datamodel:WCO:RES-DMS:2">...</Response> the answer for the sender
 *     </answer>
 *   </answers>
 */

#endif

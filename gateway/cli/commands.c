/*
 * The table of commands: words, arguments, options, and what runs them. Most are one request to the gateway, whose method and path
 * stand here; they can do exactly what the HTTP interface can, because they are the same requests.
 *
 * Owns nothing; everything is constant. The order is the order of `greenlane help`.
 */
#include "cli/cli.h"

#define PERSON BIT(REASON)
#define ASK(name, args, least, most, options, method, path, body, en, es)                                    \
    {                                                                                                        \
        name, args, least, most, options, cli_ask, method, path, body,                                       \
        {                                                                                                    \
            en, es                                                                                           \
        }                                                                                                    \
    }
#define RUN(name, args, least, most, options, run, en, es)                                                   \
    {                                                                                                        \
        name, args, least, most, options, run, NULL, NULL, 0,                                                \
        {                                                                                                    \
            en, es                                                                                           \
        }                                                                                                    \
    }

const struct command cli_commands[] = {
    RUN("check", "FILE...", 1, CLI_MAX_ARGS, BIT(FOR) | BIT(SCHEMA_ONLY) | BIT(OUTPUT), cli_check,
        "check declarations: every finding, with its place",
        "revisa declaraciones: cada hallazgo, con su lugar"),
    RUN("transform", "FILE", 1, 1, BIT(TO) | BIT(IDENTITY) | BIT(SIGNED) | BIT(COLUMNS) | BIT(OUTPUT),
        cli_transform, "print what customs would get, before secrets and sending",
        "imprime lo que recibiría la aduana, antes de secretos y envío"),
    {"submit",
     "FILE",
     1,
     1,
     BIT(TO) | BIT(IDENTITY) | BIT(AS) | BIT(KEY) | BIT(WAIT),
     cli_submit,
     "POST",
     "/v1/declarations?once=yes",
     0,
     {"accept a declaration into the ledger and file it",
      "acepta una declaración en el libro y la presenta"}},
    ASK("status", "ID", 1, 1, 0, "GET", "/v1/declarations/{1}", 0, "where a declaration and its filings are",
        "dónde están una declaración y sus presentaciones"),
    ASK("list", "", 0, 0, BIT(STATE) | BIT(TO) | BIT(LRN) | BIT(AS) | BIT(LIMIT), "GET", "/v1/declarations",
        0, "the declarations in the ledger, newest first",
        "las declaraciones del libro, la más nueva primero"),
    ASK("explain", "ID", 1, 1, BIT(KNOWN), "GET", "/v1/declarations/{1}/explain", 0,
        "why this lane, and what customs' answer means", "por qué este carril, y qué significa la respuesta"),
    RUN("lane", "--cases FILE.json", 0, 0, BIT(CASES) | BIT(OUTPUT), cli_lane,
        "decide the lane of made-up cases, to see what the rules do",
        "decide el carril de casos inventados, para ver qué hacen las reglas"),
    ASK("show", "ID PART", 2, 2, BIT(OUTPUT), "GET", "/v1/declarations/{1}/{2}", 0,
        "one part: original, outbound, answer, decision, evidence, receipt, lane-receipt",
        "una parte: original, outbound, answer, decision, evidence, receipt, lane-receipt"),
    ASK("hold", "ID", 1, 1, PERSON, "POST", "/v1/declarations/{1}/hold", 0,
        "keep what is not yet sent from going out", "retiene lo que aún no se ha enviado"),
    ASK("release", "ID", 1, 1, PERSON, "POST", "/v1/declarations/{1}/release", 0, "let what is held go out",
        "libera lo retenido"),
    ASK("cancel", "ID", 1, 1, PERSON, "POST", "/v1/declarations/{1}/cancel", 0, "cancel what is not yet sent",
        "cancela lo que aún no se ha enviado"),
    ASK("resubmit", "ID", 1, 1, PERSON, "POST", "/v1/declarations/{1}/resubmit", 0,
        "file a rejected or cancelled declaration again, as a new one",
        "presenta de nuevo, como nueva, una declaración rechazada o cancelada"),
    ASK("resolve", "FILING arrived|not-arrived|close", 2, 2, PERSON | BIT(OPERATION), "POST",
        "/v1/filings/{1}/resolve?outcome={2}", 0, "say what became of a filing that is in doubt",
        "decide qué pasó con una presentación en duda"),
    ASK("identities list", "", 0, 0, 0, "GET", "/v1/identities", 0, "under whose names we file",
        "a nombre de quién se presenta"),
    ASK("identities add", "FILE", 1, 1, 0, "POST", "/v1/identities", 1,
        "add an identity; its secrets are read, checked and sealed",
        "agrega una identidad; sus secretos se leen, comprueban y sellan"),
    ASK("identities test", "NAME", 1, 1, 0, "POST", "/v1/identities/{1}/test", 0,
        "try its key, certificate and endpoint", "prueba su clave, certificado y punto de conexión"),
    ASK("identities rotate", "NAME FILE", 2, 2, 0, "POST", "/v1/identities/{1}/rotate", 2,
        "replace its key and certificate, or a secret", "reemplaza su clave y certificado, o un secreto"),
    ASK("identities remove", "NAME", 1, 1, 0, "POST", "/v1/identities/{1}/remove", 0, "file under it no more",
        "no se presenta más con ella"),
    ASK("submitters list", "", 0, 0, 0, "GET", "/v1/submitters", 0, "who may send to us",
        "quién puede enviarnos"),
    ASK("submitters add", "NAME [CERTIFICATE]", 1, 2, 0, "POST", "/v1/submitters?name={1}", 2,
        "let one more send, known by this client certificate",
        "admite a uno más, conocido por este certificado de cliente"),
    ASK("bindings list", "", 0, 0, 0, "GET", "/v1/bindings", 0, "who may use which identity",
        "quién puede usar qué identidad"),
    ASK("bindings add", "SUBMITTER IDENTITY", 2, 2, BIT(FROM) | BIT(UNTIL) | BIT(DOCUMENT), "POST",
        "/v1/bindings?submitter={1}&identity={2}", 0, "let a submitter use an identity",
        "permite a un remitente usar una identidad"),
    ASK("operators list", "", 0, 0, BIT(PROGRAMME) | BIT(LIMIT), "GET", "/v1/operators", 0,
        "the register of certified operators", "el registro de operadores certificados"),
    ASK("operators show", "OPERATOR", 1, 1, 0, "GET", "/v1/operators/{1}", 0,
        "what each source says of an operator now", "lo que cada fuente dice hoy de un operador"),
    ASK("operators history", "OPERATOR", 1, 1, 0, "GET", "/v1/operators/{1}/history", 0,
        "everything that was ever said of him, and when it was learned",
        "todo lo que se ha dicho de él, y cuándo se supo"),
    ASK("operators attest", "KIND:NUMBER", 1, 1,
        BIT(PROGRAMME) | BIT(CLASS) | BIT(SEEN) | BIT(EVIDENCE) | BIT(BY) | BIT(VALID_DAYS) | BIT(NAME) |
            BIT(NUMBER) | BIT(TAX) | BIT(FROM) | BIT(UNTIL) | BIT(CONSENT),
        "POST", "/v1/operators/attest?operator={1}", 0, "put on record that a person saw a certificate to be good",
        "deja constancia de que una persona vio vigente un certificado"),
    ASK("operators bind", "SUBMITTER OPERATOR", 2, 2,
        BIT(CAPACITY) | BIT(FROM) | BIT(UNTIL) | BIT(DOCUMENT) | BIT(BY), "POST",
        "/v1/operators/bind?submitter={1}&operator={2}", 0, "let a submitter act for an operator",
        "permite a un remitente actuar por un operador"),
    ASK("operators unbind", "SUBMITTER OPERATOR", 2, 2, BIT(BY), "POST",
        "/v1/operators/unbind?submitter={1}&operator={2}", 0, "end that", "termina esa facultad"),
    ASK("operators revoke", "OPERATOR", 1, 1, BIT(PROGRAMME) | BIT(EFFECTIVE) | BIT(BY) | BIT(NOTE), "POST",
        "/v1/operators/{1}/revoke", 0, "his certificate counts no more, whatever a list says",
        "su certificado ya no cuenta, diga lo que diga una lista"),
    ASK("operators reinstate", "OPERATOR", 1, 1, BIT(PROGRAMME) | BIT(EFFECTIVE) | BIT(BY) | BIT(NOTE), "POST",
        "/v1/operators/{1}/reinstate", 0, "end such a revocation: what the lists say counts again",
        "termina esa revocación: vuelve a contar lo que dicen las listas"),
    ASK("arrangements list", "", 0, 0, 0, "GET", "/v1/arrangements", 0,
        "mutual recognition, one row a direction", "reconocimiento mutuo, una fila por sentido"),
    ASK("arrangements confirm", "ID", 1, 1, BIT(EFFECTIVE) | BIT(ROLES) | BIT(SOURCE) | BIT(BY), "POST",
        "/v1/arrangements/{1}/confirm", 0, "vouch for an arrangement that ships unconfirmed",
        "responde por un arreglo que viene sin confirmar"),
    ASK("arrangements withdraw", "ID", 1, 1, BIT(BY), "POST", "/v1/arrangements/{1}/withdraw", 0,
        "vouch for it no more", "deja de responder por él"),
    ASK("destinations", "", 0, 0, 0, "GET", "/v1/destinations", 0, "the customs we can file with",
        "las aduanas ante las que se puede presentar"),
    ASK("certs", "", 0, 0, 0, "GET", "/v1/certs", 0, "which certificate expires when",
        "qué certificado vence y cuándo"),
    ASK("ledger verify", "[RECEIPT]", 0, 1, 0, "GET", "/v1/ledger/verify", 1,
        "walk the whole chain; with a receipt, check it against the ledger",
        "recorre toda la cadena; con un acuse, lo coteja con el libro"),
    ASK("ledger export", "", 0, 0, BIT(OUTPUT), "GET", "/v1/ledger/export", 0, "all rows as JSON lines",
        "todas las filas como líneas JSON"),
    RUN("verify receipt", "FILE --anchor CERT", 1, 1, BIT(ANCHOR) | BIT(OUTPUT), cli_verify,
        "check a receipt, of a declaration or of its lane, without the ledger",
        "comprueba un recibo, de una declaración o de su carril, sin el libro"),
    RUN("doctor", "", 0, 0, 0, cli_doctor, "look at settings, ledger, keys, certificates and clocks",
        "revisa configuración, libro, claves, certificados y relojes"),
    RUN("sandbox", "[OPTION...]", 0, CLI_MAX_ARGS, 0, cli_run_program,
        "an ACE and a VUCEM on loopback to practise on", "un ACE y una VUCEM locales para practicar"),
    RUN("demo", "[FOLDER]", 0, 1, 0, cli_run_program, "eight cases from beginning to end, on the sandbox",
        "ocho casos de principio a fin, en el simulador"),
    RUN("help", "[COMMAND|options]", 0, 2, 0, cli_help, "this list, a command, or the settings",
        "esta lista, un comando o la configuración"),
};
const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];

/*
 * What the local operator changes in the register: attestations, bindings, revocations, confirmed arrangements. Each is one write,
 * with its row in the ledger's chain, and the register in use is built anew after it.
 *
 * Files a request names (evidence) are read on this machine. Who did it is said by name: `by`, a person, not an account.
 */
#include "desk/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trust/register_acts.h"
#include "util/file.h"
#include "util/str.h"

enum { EVIDENCE_MOST = 64 << 20 };

int desk_must(struct desk *k, const char *name, const char **out)
{
    *out = desk_query(k, name);
    return *out != NULL && **out != '\0' ? GLN_OK : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_MUST, name);
}

int desk_day(struct desk *k, const char *name, bool must, int32_t *out)
{
    const char *text = desk_query(k, name);

    *out = 0;
    if (must && (text == NULL || *text == '\0'))
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_MUST, name);
    return day_parse(out, text) ? GLN_OK : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_DAY, name, text);
}

int desk_file(struct desk *k, const char *path, size_t most, struct buf *out)
{
    char why[160];
    int err = file_read(out, path, most);

    return err == 0
               ? GLN_OK
               : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_FLOW_FILE, path, strerror_r(err, why, sizeof why));
}

int desk_register_done(struct desk *k, enum message_id id, const char *const *args, size_t n)
{
    struct json_out j;

    gateway_register_changed(k->gw, k->ctx);
    if (k->in->text) {
        desk_say(k, id, args, n);
        return GLN_OK;
    }
    json_begin(&j, &k->out->body);
    json_open_object(&j, NULL);
    json_str(&j, "name", args[0]);
    json_bool(&j, "done", true);
    json_end_object(&j);
    buf_putc(&k->out->body, '\n');
    return GLN_OK;
}

bool desk_register_down(struct desk *k)
{
    struct buf why = BUF_INIT;
    bool down;

    pthread_mutex_lock(&k->gw->lock);
    down = k->gw->operators == NULL;
    if (down && k->gw->down[k->in->language] != NULL)
        buf_printf(&why, ": %s", k->gw->down[k->in->language]);
    pthread_mutex_unlock(&k->gw->lock);
    if (down)
        context_fail(k->ctx, GLN_E_STORE, MSG_REGISTER_DOWN, why.data != NULL ? why.data : "");
    buf_free(&why);
    return down;
}

static const char *environment(const struct desk *k)
{
    return option_text(k->ctx->options, OPT_ENVIRONMENT);
}

/* --- attest --- */

/** Who the number is of, if the register knows; else who the request says. */
static int name_of(struct desk *k, const struct register_attestation *a, struct buf *name)
{
    const char *said = desk_query(k, "name");
    const struct identifier *id = NULL;
    size_t count = 0;

    if (said != NULL && *said != '\0') {
        buf_puts(name, said);
    } else {
        pthread_mutex_lock(&k->gw->lock);
        if (k->gw->operators != NULL)
            id = register_find(k->gw->operators, a->kind, a->value, &count);
        if (id != NULL && count == 1 && !id->ambiguous)
            buf_puts(name, k->gw->operators->rows.items[id->operator_index].name);
        pthread_mutex_unlock(&k->gw->lock);
    }
    if (name->failed)
        return context_no_memory(k->ctx);
    return name->len > 0 ? GLN_OK : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_ATTEST_NAME, a->value);
}

/** Programme and class must be ones the register describes; an old name of a programme is the programme. `code` owned by the caller. */
static int programme_of(struct desk *k, struct register_attestation *a, struct buf *code)
{
    const struct programme *p;
    bool good;

    if (desk_register_down(k))
        return k->ctx->error.status;
    pthread_mutex_lock(&k->gw->lock);
    p = k->gw->operators != NULL ? register_programme(k->gw->operators, a->programme) : NULL;
    good = p != NULL && register_lists(p->classes, a->class_code);
    if (p != NULL)
        buf_puts(code, p->code);
    pthread_mutex_unlock(&k->gw->lock);
    if (code->failed)
        return context_no_memory(k->ctx);
    if (!good)
        return context_fail(k->ctx, GLN_E_ARGUMENT, MSG_REGISTER_CLASS, a->programme, a->class_code);
    a->programme = code->data;
    return GLN_OK;
}

static int attest_days(struct desk *k, int *out)
{
    const char *text = desk_query(k, "valid-days");
    size_t digits = text == NULL ? 0 : strlen(text);

    *out = (int)option_int(k->ctx->options, OPT_ATTESTATION_DAYS);
    if (digits == 0)
        return GLN_OK;
    *out = digits <= 4 && str_is_digits(text, digits) ? (int)strtol(text, NULL, 10) : 0;
    return *out >= 1 && *out <= 1100 ? GLN_OK
                                     : context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_VALID_DAYS, text);
}

static int attest_read(struct desk *k, struct register_attestation *a)
{
    int status = desk_must(k, "operator", &a->given);

    if (status == GLN_OK)
        status = desk_must(k, "programme", &a->programme);
    if (status == GLN_OK)
        status = desk_must(k, "class", &a->class_code);
    if (status == GLN_OK)
        status = desk_must(k, "by", &a->who);
    if (status == GLN_OK)
        status = desk_day(k, "seen", true, &a->seen);
    if (status == GLN_OK)
        status = desk_day(k, "from", false, &a->from);
    if (status == GLN_OK)
        status = desk_day(k, "until", false, &a->to);
    if (status == GLN_OK)
        status = attest_days(k, &a->days);
    a->environment = environment(k);
    a->number = desk_query(k, "number");
    a->tax = desk_query(k, "tax");
    a->consent = desk_yes(k, "consent");
    if (a->from == 0)
        a->from = a->seen;
    return status;
}

/** Whose number it is, of a kind a declaration can name. `value` holds 64 bytes. */
static int attest_number(struct desk *k, struct register_attestation *a, char *value)
{
    int status;

    pthread_mutex_lock(&k->gw->lock);
    status = register_identify(k->gw->operators, k->ctx, a->given, &a->kind, value);
    pthread_mutex_unlock(&k->gw->lock);
    a->value = value;
    if (status == GLN_OK &&
        strchr(a->given, ':') != NULL) /* the kind was said: it is no part of the number */
        a->given = strchr(a->given, ':') + 1;
    return status == GLN_OK && str_eq(a->kind, UNTYPED_KIND)
               ? context_fail(k->ctx, GLN_E_ARGUMENT, MSG_REGISTER_IOR, a->given)
               : status;
}

/** What he saw, kept as its digest. */
static int attest_evidence(struct desk *k, struct register_attestation *a, struct buf *evidence,
                           char sha256[65])
{
    unsigned char digest[32];
    const char *path = NULL;
    int status = desk_must(k, "evidence", &path);

    if (status == GLN_OK)
        status = desk_file(k, path, EVIDENCE_MOST, evidence);
    if (status == GLN_OK && evidence->len == 0)
        status = context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_EVIDENCE_EMPTY, path);
    if (status != GLN_OK)
        return status;
    digest_sha256(digest, evidence->data, evidence->len);
    digest_hex(sha256, digest);
    a->sha256 = sha256;
    a->document = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    return GLN_OK;
}

int desk_operator_attest(struct desk *k)
{
    struct register_attestation a = {0};
    struct buf evidence = BUF_INIT;
    struct buf name = BUF_INIT;
    struct buf code = BUF_INIT;
    char sha256[65];
    char value[64];
    int status = attest_read(k, &a);

    if (status == GLN_OK)
        status = attest_number(k, &a, value);
    if (status == GLN_OK)
        status = programme_of(k, &a, &code);
    if (status == GLN_OK)
        status = name_of(k, &a, &name);
    if (status == GLN_OK)
        status = attest_evidence(k, &a, &evidence, sha256);
    if (status == GLN_OK) {
        a.name = name.data;
        status = register_attest(k->ctx, ledger_store(k->gw->ledger), &a, ledger_register_put);
    }
    if (status == GLN_OK) {
        char days[24];

        desk_number(days, a.days);
        if (k->in->text && !identifier_digit_right(a.kind, a.value))
            DESK_SAY(k, MSG_DESK_DIGIT, a.kind, a.value);
        status = DESK_REGISTER_DONE(k, MSG_DESK_ATTESTED, name.data, a.programme, a.class_code, days, sha256);
    }
    buf_free(&evidence);
    buf_free(&name);
    buf_free(&code);
    return status;
}

/* --- bind --- */

/** The id of an operator as it is said: without a person's number. */
static const char *id_shown(struct buf *out, const char *id)
{
    operator_id_put(out, id);
    return out->failed ? "***" : out->data;
}

static int bond(struct desk *k, bool end)
{
    struct register_bond b = {.environment = environment(k), .who = desk_query(k, "by")};
    struct register_entries entries = {NULL, 0};
    struct buf shown = BUF_INIT;
    struct store *s = ledger_store(k->gw->ledger);
    struct buf id = BUF_INIT;
    const char *named = NULL;
    int status = desk_must(k, "submitter", &b.submitter);

    if (b.who == NULL)
        b.who = desk_who(k);
    b.capacity = desk_query(k, "capacity");
    b.document = desk_query(k, "document");
    if (status == GLN_OK)
        status = desk_must(k, "operator", &named);
    if (status == GLN_OK && !end)
        status = desk_must(k, "document", &b.document);
    if (status == GLN_OK)
        status = desk_day(k, "from", false, &b.from);
    if (status == GLN_OK)
        status = desk_day(k, "until", false, &b.to);
    if (status == GLN_OK)
        status = desk_operator(k, named, &entries, &id);
    if (status == GLN_OK) {
        b.operator_id = id.data;
        b.entry = entries.count > 0 ? entries.items[0] : 0;
        status = end ? register_unbond(k->ctx, s, &b, &entries, ledger_register_put)
                     : register_bond(k->ctx, s, &b, ledger_register_put);
    }
    if (status == GLN_OK)
        status = DESK_REGISTER_DONE(k, end ? MSG_DESK_OPERATOR_UNBOUND : MSG_DESK_OPERATOR_BOUND, b.submitter,
                                    id_shown(&shown, id.data));
    buf_free(&shown);
    free(entries.items);
    buf_free(&id);
    return status;
}

int desk_operator_bind(struct desk *k)
{
    return bond(k, false);
}

int desk_operator_unbind(struct desk *k)
{
    return bond(k, true);
}

/* --- revoke, reinstate --- */

int desk_operator_say(struct desk *k)
{
    static const struct {
        const char *name;
        enum status status;
    } words[] = {{"revoke", STATUS_REVOKED}, {"reinstate", STATUS_CERTIFIED}};
    struct register_word w = {.environment = environment(k)};
    struct register_entries entries = {NULL, 0};
    struct buf shown = BUF_INIT;
    struct buf id = BUF_INIT;
    size_t i = 0;
    int status;

    while (i < sizeof words / sizeof words[0] && !str_eq(words[i].name, desk_segment(k, 3)))
        i++;
    if (i == sizeof words / sizeof words[0])
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_OPERATOR_ACTION, desk_segment(k, 3));
    w.status = words[i].status;
    status = desk_must(k, "programme", &w.programme);
    if (status == GLN_OK)
        status = desk_must(k, "by", &w.who);
    if (status == GLN_OK)
        status = desk_must(k, "note", &w.why);
    if (status == GLN_OK)
        status = desk_day(k, "effective", true, &w.effective);
    if (status == GLN_OK)
        status = desk_operator(k, desk_segment(k, 2), &entries, &id);
    if (status == GLN_OK) {
        w.operator_id = id.data;
        status = register_say(k->ctx, ledger_store(k->gw->ledger), &w, &entries, ledger_register_put);
    }
    if (status == GLN_OK)
        status = DESK_REGISTER_DONE(k, MSG_DESK_OPERATOR_SAID, id_shown(&shown, id.data), w.programme,
                                    status_text(w.status), desk_query(k, "effective"));
    buf_free(&shown);
    free(entries.items);
    buf_free(&id);
    return status;
}

/* --- arrangements --- */

/** " EX MF " of "EX,MF": roles of partners only. */
static int roles_of(struct desk *k, struct buf *out)
{
    static const char partners[] = " EX MF FW CS WH ";
    const char *text;
    int status = desk_must(k, "roles", &text);

    while (status == GLN_OK && *text != '\0') {
        size_t n = strcspn(text, ", ");
        char *role = str_ndup(text, n);

        if (role == NULL)
            status = context_no_memory(k->ctx);
        else if (n > 0 && !register_lists(partners, role))
            status = context_fail(k->ctx, GLN_E_ARGUMENT, MSG_DESK_ROLE, role);
        else if (n > 0)
            buf_printf(out, " %s", role);
        free(role);
        text += n + strspn(text + n, ", ");
    }
    buf_putc(out, ' ');
    return status == GLN_OK && out->failed ? context_no_memory(k->ctx) : status;
}

static bool arrangement_there(struct desk *k, const char *id)
{
    bool there = false;

    pthread_mutex_lock(&k->gw->lock);
    for (size_t i = 0; k->gw->operators != NULL && i < k->gw->operators->arrangements.count; i++)
        there = there || str_eq(k->gw->operators->arrangements.items[i].id, id);
    pthread_mutex_unlock(&k->gw->lock);
    return there;
}

int desk_arrangement_act(struct desk *k)
{
    struct register_confirmation a = {.environment = environment(k), .id = desk_segment(k, 2)};
    struct buf roles = BUF_INIT;
    bool confirm = str_eq(desk_segment(k, 3), "confirm");
    int status;

    if (!confirm && !str_eq(desk_segment(k, 3), "withdraw"))
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_ARRANGEMENT_ACTION, desk_segment(k, 3));
    if (desk_register_down(k))
        return k->ctx->error.status;
    if (!arrangement_there(k, a.id))
        return context_fail(k->ctx, GLN_E_NOT_FOUND, MSG_DESK_NO_ARRANGEMENT, a.id);
    status = desk_must(k, "by", &a.who);
    if (status == GLN_OK && confirm)
        status = desk_must(k, "source", &a.source);
    if (status == GLN_OK && confirm)
        status = desk_day(k, "effective", true, &a.effective);
    if (status == GLN_OK && confirm)
        status = roles_of(k, &roles);
    if (status == GLN_OK) {
        a.roles = confirm ? roles.data : NULL;
        status = register_confirm(k->ctx, ledger_store(k->gw->ledger), &a, ledger_register_put);
    }
    if (status == GLN_OK)
        status = DESK_REGISTER_DONE(k, confirm ? MSG_DESK_CONFIRMED : MSG_DESK_WITHDRAWN, a.id, a.who);
    buf_free(&roles);
    return status;
}

/*
 * What a receipt about an expedited lane says: the certificates the lane stands on, each with its operator, the list or attestation behind it
 * (which, of which bytes, who attested), dates and the arrangement it counts by, when and by which rules they were judged, and the last day all of them can count without anything new.
 *
 * Owns nothing. It is made from the evidence of the decision, which holds the same; numbers of persons are left out.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

static void copy(struct json_out *j, const char *as, const struct json_in *from, const char *key)
{
    const char *text = json_in_str(json_in_get(from, key));
    if (text != NULL && text[0] != '\0')
        json_str(j, as, text);
}

static void put_basis(struct json_out *j, const struct json_in *party, const struct json_in *certificate)
{
    static const char *const members[] = {"programme",
                                          "class",
                                          "number",
                                          "status",
                                          "from",
                                          "to",
                                          "source",
                                          "list_date",
                                          "sha256",
                                          "attested_by",
                                          "arrangement",
                                          "effective",
                                          "arrangement_source",
                                          "confirmed_by",
                                          "reason",
                                          "counts_until"};
    int64_t batch;
    json_open_object(j, NULL);
    copy(j, "role", party, "role");
    copy(j, "operator", party, "operator");
    copy(j, "name", party, "name");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        copy(j, members[i], certificate, members[i]);
    if (json_in_int(json_in_get(certificate, "batch"), &batch))
        json_int(j, "batch", batch);
    json_end_object(j);
}

/* The certificates of a party that the lane stands on; *until becomes the earliest of their last days. */
static void put_party(struct json_out *j, const struct json_in *party, const char *primary,
                      const char **until)
{
    const struct json_in *certificates = json_in_get(party, "certificates");
    for (size_t i = 0; i < json_in_len(certificates); i++) {
        const struct json_in *c = json_in_at(certificates, i);
        const char *last = json_in_str(json_in_get(c, "counts_until"));
        if (!str_eq(json_in_str(json_in_get(c, "reason")), primary))
            continue;
        put_basis(j, party, c);
        if (last != NULL && (*until == NULL || strcmp(last, *until) < 0))
            *until = last;
    }
}

int lane_receipt(struct buf *out, struct gln_context *ctx, const struct lane_decision *d,
                 const struct lane_facts *facts)
{
    char err[128] = "", at[25];
    const char *until = NULL;
    struct json_in *evidence = json_in_parse(d->evidence, strlen(d->evidence), err, sizeof err);
    struct json_out j;
    if (evidence == NULL)
        return context_fail(ctx, GLN_E_INTERNAL, MSG_LANE_UNREADABLE, err);
    time_format(at, facts->at_ms);
    json_begin(&j, out);
    json_open_object(&j, NULL);
    json_str(&j, "verdict", lane_verdict(d));
    json_str(&j, "lane", d->fast ? "FAST" : NULL);
    json_str(&j, "primary", d->primary);
    json_str(&j, "checked", at);
    json_str(&j, "ruleset", LANE_RULESET);
    json_str(&j, "destination", facts->destination);
    json_str(&j, "environment", facts->environment);
    json_open_array(&j, "basis");
    for (size_t i = 0; i < json_in_len(evidence); i++)
        put_party(&j, json_in_at(evidence, i), d->primary, &until);
    json_end_array(&j);
    json_str(&j, "valid_until", until);
    json_end_object(&j);
    json_in_free(evidence);
    return out->failed ? context_no_memory(ctx) : GLN_OK;
}

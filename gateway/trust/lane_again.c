/*
 * A kept decision made again from the facts kept with it: by what was known then, which must give the same answer, or by what is known
 * now, which shows what was granted or refused wrongly.
 *
 * Owns nothing beyond a call. The kept decision stays what it is; nothing is written.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

static const char *member(const struct json_in *o, const char *key)
{
    const char *s = json_in_str(json_in_get(o, key));
    return s == NULL ? "" : s;
}

static bool same_reasons(const struct json_in *reasons, const struct lane_decision *d)
{
    bool same = json_in_len(reasons) == d->reason_count;
    for (size_t i = 0; same && i < d->reason_count; i++)
        same = str_eq(json_in_str(json_in_at(reasons, i)), d->reasons[i]);
    return same;
}

static enum message_id outcome(const struct json_in *kept, const struct lane_decision *d)
{
    bool was = str_eq(member(kept, "verdict"), "EXPEDITED"), is = d->lane == LANE_EXPEDITED;
    if (was != is)
        return was ? MSG_LANE_AGAIN_GRANTED : MSG_LANE_AGAIN_REFUSED;
    return same_reasons(json_in_get(kept, "reasons"), d) ? MSG_LANE_AGAIN_SAME : MSG_LANE_AGAIN_REASONS;
}

static void say(struct buf *out, int language, enum message_id id, const char *a, const char *b,
                const char *c)
{
    message_put(out, id, language, (const char *const[]){a, b, c}, 3);
    buf_putc(out, '\n');
}

int lane_decide_again(struct buf *decision, struct buf *text, struct gln_context *ctx, const char *kept,
                      size_t len, const struct lane_again *how, int language)
{
    struct lane_facts *f = NULL;
    struct lane_decision d = {0};
    char err[128], at[25];
    struct json_in *old = NULL;
    int status = lane_facts_read(&f, ctx, kept, len);
    if (status != GLN_OK)
        return status;
    f->codes = how->codes;
    f->known_ms = how->known_ms;
    status = lane_decide(&d, ctx, how->ops, f);
    if (status == GLN_OK) {
        old = json_in_parse(kept, len, err, sizeof err);
        time_format(at, how->known_ms);
        say(text, language, how->now ? MSG_LANE_AGAIN_NOW : MSG_LANE_AGAIN_THEN, at, NULL, NULL);
        say(text, language, outcome(old, &d), lane_verdict(&d), d.primary, member(old, "primary"));
        if (!str_eq(member(old, "ruleset"), LANE_RULESET))
            say(text, language, MSG_LANE_AGAIN_RULES, member(old, "ruleset"), LANE_RULESET, NULL);
        lane_json(decision, &d, f);
    }
    if (status == GLN_OK && (decision->failed || text->failed))
        status = context_no_memory(ctx);
    json_in_free(old);
    lane_decision_free(&d);
    lane_facts_free(f);
    return status;
}

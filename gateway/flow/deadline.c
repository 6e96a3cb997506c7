/*
 * When a message must be there: the value a bundle's <deadline> finds in the declaration (a day or an instant, in the destination's
 * zone) as an instant. A day stands for its first moment: what counts from a day must be there when it begins.
 *
 * It orders our own queue and nothing else. What is no date (the rules say so) is no deadline.
 */
#include "flow/internal.h"

#include <stdio.h>
#include <string.h>

#include "util/str.h"

static bool digits(const char *s, size_t n)
{
    return strlen(s) == n && str_is_digits(s, n);
}

int64_t draft_deadline(const struct gln_declaration *d, const struct draft *t)
{
    const char *text = route_probe_deadline(&d->probe, t->message);
    const char *clock = digits(text, 14) ? text + 8 : "000000";
    struct civil c;
    char utc[24];
    int64_t local, at;

    if (!digits(text, 8) && !digits(text, 14))
        return 0;
    snprintf(utc, sizeof utc, "%.4s-%.2s-%.2s%c%.2s:%.2s:%.2sZ", text, text + 4, text + 6, 'T', clock,
             clock + 2, clock + 4);
    if (!time_parse(&local, utc))
        return 0;
    /* the zone's offset at that moment; a second look for the hours around a change of the clocks */
    at = local;
    for (int i = 0; i < 2 && time_civil_kept(&c, at, t->destination->zone, &d->ctx->zones); i++)
        at = local - (int64_t)c.offset_s * 1000;
    return at > 0 ? at : 0;
}

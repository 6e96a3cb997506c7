/*
 * How many declarations were brought and not kept, by why: of those that were signed and of the others. For /metrics; the counts begin with
 * the process, as its other counters do, and belong to the gateway, under its lock.
 *
 * What is not the declaration's own fault (no memory, a full disk, a ledger that is busy) is no refusal and not counted.
 */
#include "flow/internal.h"

static const char *const names[REFUSAL_COUNT] = {
#define ROW(id, name) name,
    REFUSALS(ROW)
#undef ROW
};

const char *refusal_name(enum refusal r)
{
    return names[r];
}

static enum refusal by_status(int status)
{
    switch (status) {
    case GLN_E_FINDINGS:
        return REFUSAL_FINDINGS;
    case GLN_E_INPUT:
        return REFUSAL_INPUT;
    case GLN_E_FORBIDDEN:
        return REFUSAL_IDENTITY;
    case GLN_E_CONFLICT:
        return REFUSAL_CONFLICT;
    default:
        return REFUSAL_COUNT;
    }
}

void gateway_refused(struct gln_gateway *gw, const struct gln_declaration *d, int status)
{
    enum refusal why = by_status(status);

    if (why == REFUSAL_COUNT)
        return;
    if (d != NULL && d->refusal != REFUSAL_COUNT)
        why = d->refusal;
    pthread_mutex_lock(&gw->lock);
    gw->refused[d != NULL && d->is_signed][why]++;
    pthread_mutex_unlock(&gw->lock);
}

void gateway_refusals(struct gln_gateway *gw, uint64_t out[2][REFUSAL_COUNT])
{
    pthread_mutex_lock(&gw->lock);
    for (int i = 0; i < 2; i++)
        for (int r = 0; r < REFUSAL_COUNT; r++)
            out[i][r] = gw->refused[i][r];
    pthread_mutex_unlock(&gw->lock);
}

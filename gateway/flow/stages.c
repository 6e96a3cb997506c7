/*
 * The stage table and what runs it. A row runs once per declaration, in order; a row that leaves an error among the findings
 * stops the journey there, and the caller has all findings, not only the first.
 *
 * Nothing is owned here. The table says what a row needs from outside, so that a host may run rows in different processes; this
 * runner runs them all in the caller's.
 */
#include "flow/flow.h"

#include "util/str.h"

const struct stage stage_table[] = {
    {"parse", flow_parse, NEED_OUTSIDE_BYTES, DECL_PARSED},
    {"validate", flow_validate, 0, DECL_JUDGED},
    {"recognise", flow_recognise, 0, DECL_JUDGED},
    {"lane", flow_lane, 0, DECL_JUDGED},
    {"transform", flow_transform, NEED_LEDGER, DECL_TRANSFORMED},
    {"keep", flow_keep, NEED_LEDGER, DECL_KEPT},
};
const size_t stage_count = sizeof stage_table / sizeof stage_table[0];

int flow_run(struct gln_declaration *d, struct gln_gateway *gw, const char *last_row)
{
    while (d->next_stage < stage_count) {
        const struct stage *row = &stage_table[d->next_stage];
        int status = row->run(d, gw);

        if (status != GLN_OK)
            return status;
        d->next_stage++;
        d->phase = row->after;
        log_write(d->ctx->log, LOG_LEVEL_DEBUG, "flow", d->id, "%s done", row->name);
        if (d->findings.errors > 0)
            return GLN_E_FINDINGS;
        if (str_eq(row->name, last_row))
            break;
    }
    return GLN_OK;
}

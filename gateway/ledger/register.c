/*
 * Changes of the register of operators in the hash chain: who, when, what, as JSON. The register's own tables are trust/'s; this
 * row is written in the same transaction, so that the next signed head vouches for both or for neither.
 *
 * Owns nothing.
 */
#include "ledger/ledger.h"

#include "ledger/rows.h"

int ledger_register_put(struct store_conn *c, struct gln_context *ctx, int64_t at_ms, const char *kind,
                        const char *who, const char *data)
{
    return row_put(c, ctx, TABLE_REGISTER,
                   CELLS(cell_int(at_ms), cell_text(kind), cell_text(who), cell_text(data)), NULL);
}

/** @file
 * Statements of the register's files: text, arguments, run.
 */
#ifndef TRUST_REGISTER_SQL_H
#define TRUST_REGISTER_SQL_H

#include <string.h>

#include "store/store.h"
#include "trust/register.h"
#include "trust/register_store.h"

struct arg {
    char kind; /**< n, i, t, b */
    int64_t i;
    const void *p;
    size_t len;
};
static inline struct arg arg_int(int64_t v)
{
    return (struct arg){'i', v, NULL, 0};
}
static inline struct arg arg_day(day_number d) /**< 0: null */
{
    return (struct arg){d == 0 ? 'n' : 'i', d, NULL, 0};
}
static inline struct arg arg_text(const char *s) /**< NULL: null */
{
    return (struct arg){s == NULL ? 'n' : 't', 0, s, s == NULL ? 0 : strlen(s)};
}
static inline struct arg arg_blob(const void *p, size_t len)
{
    return (struct arg){'b', 0, p, len};
}
#define ARGS(...)                                                                                            \
    ((const struct arg[]){__VA_ARGS__}), sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)

/** Tables whose rows can be sealed as they are put there. */
enum register_table { TABLE_OPERATOR, TABLE_IDENTIFIER, TABLE_CERTIFICATE, TABLE_EVENT, TABLES_PUT };
/** Before a table's rows are put: the digests begin after the rows that are there. */
int register_sealing_begin(struct register_sealing **out, struct store_conn *c, struct gln_context *ctx);
/** The number a row put next has. */
int64_t register_sealing_next(const struct register_sealing *s, enum register_table t);
/** A row that was put: all its columns but the end, in the order the seal has them; the first is its number. */
void register_sealing_put(struct register_sealing *s, enum register_table t, const struct arg *args,
                          size_t n);
void register_sealing_free(struct register_sealing *s); /**< takes NULL */

/** Prepared and bound; NULL: the error is in ctx. */
struct store_stmt *register_bind(struct store_conn *c, struct gln_context *ctx, const char *sql,
                                 const struct arg *args, size_t n);
int register_run(struct store_conn *c, struct gln_context *ctx, const char *sql, const struct arg *args,
                 size_t n);
/** The one number a query gives; `none` where it gives no row or NULL. */
int register_number(struct store_conn *c, struct gln_context *ctx, int64_t *out, int64_t none,
                    const char *sql, const struct arg *args, size_t n);

#endif

/** @file
 * Statements of the register's files: text, arguments, run.
 */
#ifndef TRUST_REGISTER_SQL_H
#define TRUST_REGISTER_SQL_H

#include "store/store.h"
#include "trust/register.h"

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
    return (struct arg){s == NULL ? 'n' : 't', 0, s, 0};
}
static inline struct arg arg_blob(const void *p, size_t len)
{
    return (struct arg){'b', 0, p, len};
}
#define ARGS(...)                                                                                            \
    ((const struct arg[]){__VA_ARGS__}), sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)

/** Prepared and bound; NULL: the error is in ctx. */
struct store_stmt *register_bind(struct store_conn *c, struct gln_context *ctx, const char *sql,
                                 const struct arg *args, size_t n);
int register_run(struct store_conn *c, struct gln_context *ctx, const char *sql, const struct arg *args,
                 size_t n);
/** The one number a query gives; `none` where it gives no row or NULL. */
int register_number(struct store_conn *c, struct gln_context *ctx, int64_t *out, int64_t none,
                    const char *sql, const struct arg *args, size_t n);

#endif

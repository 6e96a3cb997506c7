/** @file
 * JSON text out, straight into a buffer (well-formed by construction: the writer keeps the nesting), and JSON in by jansson.
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"

struct json_out {
    struct buf *buf;
    int depth;
    bool comma; /**< the next member or element wants a comma before it */
};

void json_begin(struct json_out *j, struct buf *buf);
void json_open_object(struct json_out *j,
                      const char *key); /**< opens {; key NULL inside arrays and at the top */
void json_open_array(struct json_out *j, const char *key);
void json_end_object(struct json_out *j);
void json_end_array(struct json_out *j);
void json_str(struct json_out *j, const char *key, const char *value); /**< value NULL: null */
void json_strn(struct json_out *j, const char *key, const char *value, size_t len);
void json_int(struct json_out *j, const char *key, int64_t value);
void json_bool(struct json_out *j, const char *key, bool value);
void json_raw(struct json_out *j, const char *key, const char *value,
              size_t len); /**< text that is JSON already */

/** Reading: an opaque value of jansson's; see json_in_* */
struct json_in;
struct json_in *json_in_parse(const char *data, size_t len, char *err,
                              size_t err_size); /**< NULL and a text with line:column */
void json_in_free(struct json_in *v);           /**< the root only */
const struct json_in *json_in_get(const struct json_in *object, const char *key); /**< NULL if absent */
const struct json_in *json_in_at(const struct json_in *array, size_t i);
size_t json_in_len(const struct json_in *array);
const char *json_in_str(const struct json_in *v); /**< NULL if not a string */
bool json_in_int(const struct json_in *v, int64_t *out);
bool json_in_true(const struct json_in *v); /**< true only for JSON true (or a number not 0) */
bool json_in_null(const struct json_in *v); /**< absent or null */
bool json_in_is_object(const struct json_in *v);
bool json_in_is_array(const struct json_in *v);
/** Calls `visit` for each member of an object, in the order of the text, until one returns other than 0, which it returns. */
int json_in_each(const struct json_in *object,
                 int (*visit)(void *arg, const char *key, const struct json_in *value), void *arg);

#endif

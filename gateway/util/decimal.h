/** @file
 * Exact decimals: up to 38 significant digits, scale 0 to 18. No binary floating point anywhere. A result that does not
 * fit is an error, never a rounded value.
 */
#ifndef UTIL_DECIMAL_H
#define UTIL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

struct decimal {
    __int128 digits; /**< value = digits / 10^scale */
    int scale;       /**< 0..18 */
};

bool decimal_parse(
    struct decimal *out,
    const char *text); /**< xs:decimal lexical form, blanks at both ends allowed; no exponent */
bool decimal_add(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_div(struct decimal *out, struct decimal a, struct decimal b,
                 int scale); /**< half-up at `scale`; false for b = 0 */
int decimal_cmp(struct decimal a, struct decimal b);
bool decimal_round(struct decimal *out, struct decimal a,
                   int scale); /**< half-up (away from zero) at `scale` decimals; pads with zeros too */
/** Plain notation with exactly `scale` decimals as it stands ("-1.250"); false if it does not fit in `size`. */
bool decimal_text(char *out, size_t size, struct decimal a);

#endif

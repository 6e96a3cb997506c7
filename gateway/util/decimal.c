/*
 * Exact decimals (util/decimal.h) on 128-bit integers. Every operation either gives the exact value (or the value rounded
 * half-up where the caller asks for a scale) or fails; nothing wraps and nothing is approximated.
 * What fits into 64 bits, as nearly all amounts do, is divided there, where it costs a tenth.
 * Owns nothing. Values hold up to 38 digits and 18 decimals; a product or a sum beyond that is refused.
 */
#include "util/decimal.h"

#include <stdint.h>
#include <string.h>

enum { MAX_SCALE = 18, MAX_DIGITS = 38 };

static bool times_ten(__int128 *v, int times)
{
    for (int i = 0; i < times; i++)
        if (__builtin_mul_overflow(*v, (__int128)10, v))
            return false;
    return true;
}

static int last_digit(__int128 v)
{
    return v == (int64_t)v ? (int)((int64_t)v % 10) : (int)(v % 10);
}

static __int128 without_last(__int128 v)
{
    return v == (int64_t)v ? (int64_t)v / 10 : v / 10;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Reads digits into *v; counts them. */
static bool digits_in(const char **p, const char *end, __int128 *v, int *count)
{
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
        int digit = **p - '0';
        if (*v < INT64_MAX / 10)
            *v = (int64_t)*v * 10 + digit;
        else if (!times_ten(v, 1) || __builtin_add_overflow(*v, (__int128)digit, v))
            return false;
        (*count)++;
    }
    return true;
}

/* Blanks and the sign off both ends. */
static bool strip(const char **text, const char **end)
{
    while (*text < *end && blank(**text))
        (*text)++;
    while (*end > *text && blank((*end)[-1]))
        (*end)--;
    bool negative = *text < *end && **text == '-';
    if (*text < *end && (**text == '-' || **text == '+'))
        (*text)++;
    return negative;
}

bool decimal_parse(struct decimal *out, const char *text)
{
    if (text == NULL)
        return false;
    const char *end = text + strlen(text);
    bool negative = strip(&text, &end);
    __int128 v = 0;
    int whole = 0, fraction = 0;
    if (!digits_in(&text, end, &v, &whole))
        return false;
    if (text < end && *text == '.') {
        text++;
        if (!digits_in(&text, end, &v, &fraction))
            return false;
    }
    if (text != end || whole + fraction == 0)
        return false;
    for (; fraction > MAX_SCALE; fraction--) {
        if (last_digit(v) != 0)
            return false;
        v = without_last(v);
    }
    *out = (struct decimal){negative ? -v : v, fraction};
    return true;
}

static bool align(struct decimal *a, struct decimal *b)
{
    struct decimal *low = a->scale < b->scale ? a : b;
    int scale = a->scale < b->scale ? b->scale : a->scale;
    if (!times_ten(&low->digits, scale - low->scale))
        return false;
    low->scale = scale;
    return true;
}

bool decimal_add(struct decimal *out, struct decimal a, struct decimal b)
{
    if (!align(&a, &b) || __builtin_add_overflow(a.digits, b.digits, &a.digits))
        return false;
    *out = a;
    return true;
}

bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b)
{
    if (!align(&a, &b) || __builtin_sub_overflow(a.digits, b.digits, &a.digits))
        return false;
    *out = a;
    return true;
}

/* Drops trailing zeros of the fraction while there are more than `scale` decimals. */
static void trim(struct decimal *a, int scale)
{
    while (a->scale > scale && last_digit(a->digits) == 0) {
        a->digits = without_last(a->digits);
        a->scale--;
    }
}

bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b)
{
    trim(&a, 0);
    trim(&b, 0);
    if (__builtin_mul_overflow(a.digits, b.digits, &a.digits))
        return false;
    a.scale += b.scale;
    trim(&a, 0);
    if (a.scale > MAX_SCALE)
        return false;
    *out = a;
    return true;
}

/* n / d rounded half away from zero; d > 0. */
static __int128 half_up(__int128 n, __int128 d)
{
    __int128 q = n / d, r = n % d;
    if (r < 0)
        r = -r;
    if (r >= d - r)
        q += n < 0 ? -1 : 1;
    return q;
}

bool decimal_div(struct decimal *out, struct decimal a, struct decimal b, int scale)
{
    if (b.digits == 0 || scale < 0 || scale > MAX_SCALE)
        return false;
    trim(&a, 0);
    trim(&b, 0);
    int shift = scale + b.scale - a.scale;
    if (shift >= 0 ? !times_ten(&a.digits, shift) : !times_ten(&b.digits, -shift))
        return false;
    if (b.digits < 0) {
        a.digits = -a.digits;
        b.digits = -b.digits;
    }
    *out = (struct decimal){half_up(a.digits, b.digits), scale};
    return true;
}

int decimal_cmp(struct decimal a, struct decimal b)
{
    bool negative = a.digits < 0, a_larger = a.scale < b.scale;
    if (negative != (b.digits < 0))
        return negative ? -1 : 1;
    if (align(&a, &b))
        return a.digits < b.digits ? -1 : a.digits > b.digits;
    /* Aligning overflowed, so the one that could not be widened is the larger in size. */
    return a_larger != negative ? 1 : -1;
}

bool decimal_round(struct decimal *out, struct decimal a, int scale)
{
    if (scale < 0 || scale > MAX_SCALE)
        return false;
    if (a.scale < scale) {
        if (!times_ten(&a.digits, scale - a.scale))
            return false;
    } else if (a.scale > scale) {
        __int128 d = 1;
        if (!times_ten(&d, a.scale - scale))
            return false;
        a.digits = half_up(a.digits, d);
    }
    *out = (struct decimal){a.digits, scale};
    return true;
}

bool decimal_text(char *out, size_t size, struct decimal a)
{
    char reversed[MAX_DIGITS + 4];
    size_t n = 0;
    bool negative = a.digits < 0;
    int left = a.scale;
    do {
        int digit = last_digit(a.digits);
        reversed[n++] = (char)('0' + (digit < 0 ? -digit : digit));
        a.digits = without_last(a.digits);
        if (--left == 0)
            reversed[n++] = '.';
    } while (a.digits != 0 || left >= 0);
    if (negative)
        reversed[n++] = '-';
    if (n >= size)
        return false;
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    return true;
}

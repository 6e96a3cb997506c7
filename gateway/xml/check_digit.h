/** @file
 * Check digits of the numbers that customs uses.
 *
 * | kind     | number                                    | rule                                                                 |
 * | mrn      | 17 characters + digit                     | ISO 6346 letter values, weights 2^i, modulo 11, modulo 10            |
 * | iso6346  | 4 letters, 6 digits + digit               | the same                                                             |
 * | us-entry | filer code 3, 7 digits + digit            | CBP: every second place doubled, digit sum, tens complement          |
 * | rfc      | 11 or 12 characters + digit or A          | SAT: weights falling to 2, modulo 11; a person's number has 13 characters |
 */
#ifndef XML_CHECK_DIGIT_H
#define XML_CHECK_DIGIT_H

#include <stdbool.h>

/** The digit for `value`, which is the number without it. False: no such kind, or not of its form. */
bool check_digit_of(char *digit, const char *kind, const char *value);
/** True if `value`, the whole number, ends in the right digit. */
bool check_digit_right(const char *kind, const char *value);

#endif

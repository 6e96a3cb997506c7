/** @file
 * Dates in the forms of UN/EDIFACT code list 2379 that customs messages use, read and written by pattern.
 */
#ifndef XML_DATES_H
#define XML_DATES_H

#include <stdbool.h>

#include "util/buf.h"

/**
 * The parts of a date: "CCYY", "MM", "DD", "hh", "mm", "ss" as digits; what the form lacks is zeros.
 * Forms: 101 YYMMDD (20YY), 102 CCYYMMDD, 203 CCYYMMDDhhmm, 204 CCYYMMDDhhmmss, 205 CCYYMMDDhhmm+zone, 304 CCYYMMDDhhmmss+zone (Z, +hh, +hhmm).
 */
struct date_parts {
    char year[5], month[3], day[3], hour[3], minute[3], second[3];
};

/** True if `text` has the form and is of the real calendar. */
bool date_read(struct date_parts *out, const char *text, const char *form);
/** Appends `pattern` with CC YY MM DD hh mm ss replaced. */
void date_write(struct buf *out, const struct date_parts *d, const char *pattern);

#endif

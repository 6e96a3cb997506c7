/** @file
 * Days and seconds of the Gregorian calendar, for clock.c and zone.c.
 */
#ifndef UTIL_CIVIL_H
#define UTIL_CIVIL_H

#include <stdint.h>

#include "util/clock.h"

int64_t civil_to_days(int year, int month, int day); /**< since 1970-01-01 */
void civil_from_seconds(struct civil *out,
                        int64_t seconds); /**< since 1970-01-01T00:00:00; offset_s becomes 0 */

#endif

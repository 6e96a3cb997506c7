/** @file
 * Clocks. Wall time is for what people and authorities read; monotonic time is for waiting. A test may freeze the
 * wall clock (option `clock`, an RFC 3339 instant), so nothing else in the gateway asks the system for the date.
 */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/str.h"

struct clock_source {
    bool frozen;       /**< true: wall time stands still at `frozen_ms` */
    int64_t frozen_ms; /**< milliseconds since 1970-01-01T00:00:00Z */
};

int64_t clock_wall_ms(const struct clock_source *c); /**< c may be NULL: the system's */
int64_t clock_mono_ms(void);

/** RFC 3339 in UTC with milliseconds: 2026-07-23T18:00:00.000Z; `out` holds at least 25 bytes. */
void time_format(char out[25], int64_t wall_ms);
/** Parses RFC 3339 with Z or +hh:mm, with or without fraction. False if not of that form or not in the calendar. */
bool time_parse(int64_t *wall_ms, const char *text);
/** Civil date and time of an instant in an IANA zone ("America/New_York"), read from the system's zone files without touching TZ. */
struct civil {
    int year, month, day, hour, minute, second;
    int offset_s; /**< seconds east of UTC */
};
bool time_civil(struct civil *out, int64_t wall_ms, const char *zone);

/** The zone files read last; zeroed: none. Each is read anew after a quarter of an hour, so that a new one counts soon. */
struct zone_kept {
    char zone[48];
    int64_t read_mono_ms;
    struct buf text; /**< owned */
    int64_t seconds; /**< asked last, and the answer; */
    int offset_s;
    bool answered; /**< if there is one */
};
struct zones_kept {
    struct zone_kept items[4];
    unsigned next; /**< gives its place to the next */
};
void zones_kept_free(struct zones_kept *k);
/** The same, and reads no file that `kept` has; NULL: reads it. */
bool time_civil_kept(struct civil *out, int64_t wall_ms, const char *zone, struct zones_kept *kept);
bool date_valid(int year, int month, int day);

#endif

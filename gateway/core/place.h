/** @file
 * A place in the bytes as the sender sent them.
 */
#ifndef CORE_PLACE_H
#define CORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
    bool known;
    size_t offset;   /**< bytes from the start of what the sender sent */
    uint32_t line;   /**< from 1 */
    uint32_t column; /**< from 1, in characters */
};

#define PLACE_NONE ((struct place){false, 0, 0, 0})

#endif

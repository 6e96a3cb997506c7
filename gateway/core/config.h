/** @file
 * A host program's settings before an engine is made of them: option values and the last error about one.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "core/log.h"
#include "core/options.h"

struct gln_config {
    struct options options;
    char error[1024];    /**< the last refused setting, "" if none */
    struct log_sink log; /**< where log lines go; none by default: a library does not print */
};

#endif

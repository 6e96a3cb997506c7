/*
 * The version of this build.
 *
 * One place gives it to the library, the command, the daemon and the receipts, so that they cannot disagree.
 * It is what configure.ac says; nothing is allocated and nothing can fail.
 */
#include "util/version.h"

const char *version_text(void)
{
    return PACKAGE_VERSION;
}

/**
 * @file util/version.h
 * @brief Which Greenlane this is.
 */
#ifndef UTIL_VERSION_H
#define UTIL_VERSION_H

/** The version as "major.minor.patch"; constant, never NULL. */
const char *version_text(void);

#endif

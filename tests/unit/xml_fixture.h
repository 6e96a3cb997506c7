/** @file
 * A context with default options for the tests of xml/, and short ways to read and write.
 */
#ifndef UNIT_XML_FIXTURE_H
#define UNIT_XML_FIXTURE_H

#include <stddef.h>

#include "core/context.h"
#include "core/finding.h"
#include "xml/tree.h"

struct fixture {
    struct options options;
    struct gln_context ctx;
};

void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
void fixture_set(struct fixture *f, const char *option, const char *value);
/** Reads a document that must be good. */
struct xml_doc *fixture_read(struct fixture *f, const char *text);
struct xml_doc *fixture_read_n(struct fixture *f, const void *data, size_t len);
/** Serialises a node as a fragment; free() it. */
char *fixture_text(struct fixture *f, const struct xml_node *n);
/** Processor time of this process in milliseconds: what a bound on work is held against, for the machine may be busy. */
long fixture_cpu_ms(void);
/** A file of the source tree: free() it. */
char *fixture_path(const char *name);
/** A file in a folder that is gone when the test ends: free() the path. Its folder is made on the first call. */
char *fixture_file(const char *name, const char *text);

#endif

/** @file
 * One lock for compiling stylesheets and schemas: libxslt's error handler and libxml2's table of schema types are the process's.
 */
#ifndef XML_LOAD_H
#define XML_LOAD_H

void load_lock(void);
void load_unlock(void);

#endif

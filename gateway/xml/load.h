/** @file
 * One lock for compiling stylesheets and schemas: libxslt's error handler, libxml2's entity loader and its table of schema types are the
 * process's. While it is held, the files those name are ours to open, whatever loader the host has set.
 */
#ifndef XML_LOAD_H
#define XML_LOAD_H

void load_lock(void);
void load_unlock(void);

#endif

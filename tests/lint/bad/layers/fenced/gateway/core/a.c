/* #include <libxml/a.h> */
#include <libxml/tree.h>

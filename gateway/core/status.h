/** @file
 * Status codes inside the gateway are the public ones of <greenlane.h>. A status says whether the work ran; whether a
 * declaration is valid is said by its findings.
 */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <greenlane.h>

int status_http(int status); /**< the HTTP code a status is answered with */

#endif

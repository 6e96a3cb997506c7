/** @file
 * The declaration in memory, from received to outbound.
 *
 * | phase       | set by          | now present                                   | legal calls                      |
 * | RECEIVED    | flow/receive.c  | original, format, submitter                   | parse                            |
 * | PARSED      | flow/parse.c    | pivot (+ places)                              | validate                         |
 * | JUDGED      | flow/validate.c, recognise.c, lane.c | findings, parties, decision | transform                       |
 * | TRANSFORMED | flow/transform.c| filings with outbound and map                 | keep (with a ledger), seal+write without one |
 * | KEPT        | flow/keep.c     | id, receipt                                   | read only from here on           |
 *
 * The declaration owns everything it points to. Members of later phases are NULL / empty before.
 */
#ifndef CORE_DECLARATION_H
#define CORE_DECLARATION_H

#include "core/context.h"
#include "core/finding.h"

enum declaration_phase { DECL_RECEIVED, DECL_PARSED, DECL_JUDGED, DECL_TRANSFORMED, DECL_KEPT };

#endif

#!/bin/sh
# Each rule of the set wco-core has a sample that keeps it and one that breaks it.
exec sh "${GREENLANE_SRCDIR:?}/tests/schemas/lib/samples.sh" wco-core wco/rules/wco-core.sch

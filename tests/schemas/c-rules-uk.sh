#!/bin/sh
# Each rule of the set uk has a sample that keeps it and one that breaks it.
exec sh "${GREENLANE_SRCDIR:?}/tests/schemas/lib/samples.sh" uk wco/rules/uk.sch

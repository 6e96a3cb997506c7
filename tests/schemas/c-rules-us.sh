#!/bin/sh
# Each rule of the set us has a sample that keeps it and one that breaks it.
exec sh "${GREENLANE_SRCDIR:?}/tests/schemas/lib/samples.sh" us us-ace/rules/us.sch

#!/bin/sh
# Each rule of the set mx has a sample that keeps it and one that breaks it.
exec sh "${GREENLANE_SRCDIR:?}/tests/schemas/lib/samples.sh" mx mx-vucem/rules/mx.sch

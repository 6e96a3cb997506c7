#!/bin/sh
# Makes the generated files of this folder again from nodes.tsv: generate.sh [SOURCE-FOLDER [TARGET-FOLDER]]
set -eu
from=${1:-$(dirname "$0")}
to=${2:-$from}
make_one() { awk -v out="$1" -f "$from/generate.awk" "$from/nodes.tsv" >"$to/$2"; }
make_one dec-2.15 dec-2.15.xsd
make_one dec-pivot dec-pivot.xsd
make_one dec-types dec-types.xsd
make_one res res.xsd
make_one res-types res-types.xsd
make_one pointers pointers.xml

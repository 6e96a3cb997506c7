#!/bin/sh
# Makes a declaration of many items from one of the examples: many-items.sh FILE COUNT >OUT
# The file's first item is repeated COUNT times (1 to 999), numbered, and the header's totals follow.
set -eu
if [ $# -ne 2 ] || [ ! -r "$1" ]; then
    echo "usage: many-items.sh FILE COUNT" >&2
    exit 2
fi
awk -v count="$2" '
function value(line) { sub(/^[^>]*>/, "", line); sub(/<.*/, "", line); return line }
function totals(line) {
    if (line ~ /<GoodsItemQuantity>/) sub(/>[0-9]+</, ">" count "<", line)
    if (line ~ /<InvoiceAmount/) sub(/>[0-9.]+</, ">" sprintf("%.2f", count * price) "<", line)
    if (line ~ /<TotalGrossMassMeasure/) sub(/>[0-9.]+</, ">" sprintf("%.3f", count * gross) "<", line)
    if (line ~ /<TotalPackageQuantity/) sub(/>[0-9]+</, ">" count * packages "<", line)
    return line
}
/<GovernmentAgencyGoodsItem>/ { inside = 1; items++ }
items == 1 && inside { item[++lines] = $0 }
items == 1 && inside && /<ItemChargeAmount/ { price = value($0) }
items == 1 && inside && /<GrossMassMeasure/ { gross = value($0) }
items == 1 && inside && /<QuantityQuantity/ { packages += value($0) }
!inside { outer[++n] = $0; if (items) { if (!tail) tail = n } }
/<\/GovernmentAgencyGoodsItem>/ { inside = 0 }
END {
    for (i = 1; i < tail; i++) print totals(outer[i])
    for (k = 1; k <= count; k++)
        for (i = 1; i <= lines; i++) {
            line = item[i]
            if (line ~ /^        <SequenceNumeric>/) sub(/>[0-9]+</, ">" k "<", line)
            print line
        }
    for (i = tail; i <= n; i++) print outer[i]
}' "$1"

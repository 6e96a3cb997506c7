# A TEST register to play with, and declarations to see what it does to their lanes. Sourced after gateway.sh.
#
#   register                 PKI, clock, identity alfa whose addresses answer nobody, us.xml
#   file_one [OPTION...]     what submit says of a new declaration, with a reference of its own
#   reasons                  the verdict and all reasons of a new declaration
#   list FILE LINE...        a list of importers
#
# shellcheck shell=bash
register() {
    pki --client gamma
    # shellcheck disable=SC2034  # the addresses of gateway.sh's identities
    ace=https://127.0.0.1:9
    settings clock 2026-07-02T15:00:00Z
    us_identity alfa
    declaration us.xml us-truck-entry.xml
}
file_one() {
    local n
    n=$(find . -name 'us-*.xml' | wc -l)
    sed "s,<FunctionalReferenceID>[^<]*,&-$n," us.xml >"us-$n.xml"
    greenlane submit "us-$n.xml" --to us-ace "$@" 2>&1
}
reasons() {
    greenlane show "$(id_in "$(file_one)")" decision | jq -r '.verdict + ": " + (.reasons | join(" "))'
}
list() {
    local file=$1
    shift
    printf '%s\n' EI,name,programme,class,status,effective "$@" >"$file"
}

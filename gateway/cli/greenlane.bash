# Completion of greenlane for bash. The command itself says how a word may go on, so this file knows no command and no option.
# shellcheck shell=bash disable=SC2207
_greenlane() {
    local IFS=$'\n' words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=($("$1" complete "${words[@]}" 2>/dev/null))
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}
complete -o default -F _greenlane greenlane

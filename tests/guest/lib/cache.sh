# shellcheck shell=bash
# Knows where what was built is kept, and that it is whole: an artefact appears under its name only when complete,
# and its name contains a hash of everything that it is built by, so that a changed script builds anew.
# SPDX-License-Identifier: GPL-2.0-or-later

GUEST=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export GUEST

die() { echo "${0##*/}: $*" >&2; exit 2; }

# cache_default: prints the folder used when --cache does not name one.
cache_default() {
    local home=${HOME:-}
    [ -n "$home" ] || home=$(getent passwd "$(id -u)" | cut -d: -f6)
    [ -n "${XDG_CACHE_HOME:-}${home:-}" ] || die "no home directory to keep the cache in: name one with --cache DIR"
    echo "${XDG_CACHE_HOME:-$home/.cache}/pciwc-guest"
}

# cache_open DIR, or '' for the default: makes it, and sets CACHE (absolute, exported).
cache_open() {
    local dir=$1
    [ -n "$dir" ] || dir=$(cache_default)
    mkdir -p "$dir/lock" "$dir/log"
    CACHE=$(cd "$dir" && pwd)
    export CACHE
}

# artefact KIND ARG...: builds with make/KIND ARG... OUT, unless it is there; sets ARTEFACT to its folder. An ARG may be another
# artefact's folder, whose name has its hash: so a change travels. A script's "# inputs:" line names more files it depends on.
artefact() {
    local kind=$1 script=$GUEST/make/$1 name=$1 arg inputs hash tmp log start
    shift
    for arg; do [[ $arg = */* ]] || name+=-$arg; done
    inputs=$(sed -n 's/^# inputs: //p' "$script")
    # shellcheck disable=SC2086 # they are words, and may be patterns
    hash=$(cd "$GUEST" && { cat "make/$kind" $inputs; printf '%s\n' "${@##*/}"; } | sha256sum | cut -c1-12)
    ARTEFACT=$CACHE/$name-$hash
    if [ -d "$ARTEFACT" ]; then touch "$ARTEFACT"; return; fi
    exec {ARTEFACT_LOCK}> "$CACHE/lock/$name"
    flock "$ARTEFACT_LOCK"
    if [ ! -d "$ARTEFACT" ]; then
        tmp=$(mktemp -d "$CACHE/.making.XXXXXX")
        chmod 755 "$tmp"
        log=$CACHE/log/$name.log
        printf 'building %s ...' "$name" >&2
        start=$SECONDS
        if ! "$script" "$@" "$tmp" > "$log" 2>&1 < /dev/null {ARTEFACT_LOCK}>&-; then
            rm -rf "$tmp"
            printf '\n' >&2; tail -20 "$log" >&2
            die "make/$kind $* failed; its log is $log"
        fi
        mv "$tmp" "$ARTEFACT"
        printf ' %d s\n' $((SECONDS - start)) >&2
        # an older one may be in use by another checkout; nobody has asked for these in a fortnight
        find "$CACHE" -maxdepth 1 -name "$name-????????????" -mtime +14 -exec rm -rf {} +
        find "$CACHE" -maxdepth 1 -name '.making.*' -mtime +1 -exec rm -rf {} +
    fi
    exec {ARTEFACT_LOCK}>&-
}

# shellcheck shell=sh
# Knows how a check is said, on both sides: in the guest and on the host. The file that includes it gives `tap_line LINE`.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   ok DESCRIPTION / not_ok DESCRIPTION            it was / was not so
#   check DESCRIPTION COMMAND...                   the command must succeed
#   refuse DESCRIPTION COMMAND...                  the command must fail
#   exits CODE DESCRIPTION COMMAND...              the command must exit with CODE
#   is GOT WANT DESCRIPTION                        two strings must be equal
#   like TEXT PATTERN DESCRIPTION                  an extended regular expression must match
#   unlike TEXT PATTERN DESCRIPTION                and must not
#   skip REASON [DESCRIPTION]                      it cannot be told here
#   note TEXT                                      said in a comment
#
# check, refuse and exits leave what the command said (stdout and stderr) in $output and show it when they fail. Each gives 0,
# so that a failed check does not end a script under `set -e`.

output=

note() { printf '%s\n' "$*" | while IFS= read -r tap_text; do tap_line "# $tap_text"; done; }
ok() { tap_line "ok - $*"; }
not_ok() { tap_line "not ok - $*"; }
skip() { tap_line "ok - ${2:-$1} # SKIP $1"; }

exits() {
    tap_want=$1 tap_what=$2
    shift 2
    tap_got=0
    output=$("$@" 2>&1) || tap_got=$?
    if [ "$tap_got" = "$tap_want" ]; then ok "$tap_what"; return 0; fi
    not_ok "$tap_what"
    note "exit status $tap_got, not $tap_want: $*"
    [ -z "$output" ] || note "$output"
}

check() {
    tap_what=$1
    shift
    exits 0 "$tap_what" "$@"
}

refuse() {
    tap_what=$1
    shift
    if output=$("$@" 2>&1); then not_ok "$tap_what"; note "succeeded: $*"; [ -z "$output" ] || note "$output"
    else ok "$tap_what"; fi
}

is() {
    if [ "$1" = "$2" ]; then ok "$3"; return 0; fi
    not_ok "$3"
    note "got:  $1"
    note "want: $2"
}

like() {
    if printf '%s\n' "$1" | grep -qE -- "$2"; then ok "$3"; return 0; fi
    not_ok "$3"
    note "does not match $2:"
    note "$1"
}

unlike() {
    if ! printf '%s\n' "$1" | grep -qE -- "$2"; then ok "$3"; return 0; fi
    not_ok "$3"
    note "matches $2:"
    note "$1"
}

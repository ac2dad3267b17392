# shellcheck shell=bash disable=SC2034
# Knows how a build is made that counts which lines run: tests/coverage/counts.c says where to.
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coverage_flags DIRECTORY COUNTS CC...: compiles into DIRECTORY, with CC, what each program is linked with; COUNTS is where the programs keep their counts,
# on any machine. Sets COVERAGE_FLAGS, arguments of configure.

COVERAGE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

coverage_flags() {
    local object=$1/counts.o
    "${@:3}" -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -g -fPIC "-DCOVERAGE_DIR=\"$2\"" -c -o "$object.new" "$COVERAGE/counts.c"
    # as it was, it makes nobody link once more
    if cmp -s "$object.new" "$object"; then rm "$object.new"; else mv "$object.new" "$object"; fi
    # Not optimised: a line is a line. Atomic: threads, and processes that share the file, count at the same time.
    COVERAGE_FLAGS=(
        CFLAGS="-g -O0 -fprofile-arcs -ftest-coverage -fprofile-info-section=gcov_info -fprofile-update=atomic -fdata-sections"
        LDFLAGS="-Wl,-T,$COVERAGE/counts.ld" LIBS="$object"
    )
}

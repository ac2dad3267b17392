# shellcheck shell=sh disable=SC2154 # the helpers set them
# Knows that on this architecture, too, each system call that a child may make is needed, and that any other kills it.
# SPDX-License-Identifier: GPL-2.0-or-later
# full: x86_64
exits 0 "the jail's tests pass" /guest/test-jail
for name in each_rule_is_needed each_other_call_kills arguments deeds_in_jail no_path at_work keeps keeps_what_it_must; do
    like "$output" "\[ +OK \] $name\$" "$name"
done

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main: pciwc's own, under a name that a fuzzer can call. */
int pciwc_main(int argc, char **argv);

#define main pciwc_main
#include "src/cli/main.c"

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz: what the targets share: the entry point of libFuzzer, a directory to write to, and what must hold. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, so that the input is kept. */
#define MUST(condition)                                                              \
	do {                                                                         \
		if (!(condition)) {                                                  \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                     \
		}                                                                    \
	} while (0)

/* An empty directory of this process, which goes away with it: the same one at each call. */
const char *fuzz_dir(void);
/* Replaces fuzz_dir()/path, and makes the directories above it. */
void fuzz_write(const char *path, const void *content, size_t size);
void fuzz_link(const char *path, const char *target);
/* Empties a directory below fuzz_dir(). */
void fuzz_remove(const char *path);

/* The document that data is; NULL when it is refused, and then it is said why. The caller puts it with json_done. */
struct json_object *fuzz_json(const uint8_t *data, size_t size);

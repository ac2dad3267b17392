/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mutate: how the input of a target changes whose input is a JSON document. */
#pragma once

#include "tests/fuzz/fuzz.h"

/* libFuzzer's, and replay.c's where there is none. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *ret, size_t max_size,
                                 unsigned int seed);

/* libFuzzer's custom mutator and cross over: the new size. */
size_t mutate_json(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t cross_json(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *ret, size_t max_size, unsigned int seed);

/* In a target: its input is such a document. */
#define INPUT_IS_JSON                                                                                                              \
	size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)                             \
	{                                                                                                                          \
		return mutate_json(data, size, max_size, seed);                                                                    \
	}                                                                                                                          \
	size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *ret,   \
	                                 size_t max_size, unsigned int seed)                                                       \
	{                                                                                                                          \
		return cross_json(one, one_size, two, two_size, ret, max_size, seed);                                              \
	}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch-line: a line's 64 bytes as operands of inline assembly: a word in each of eight registers. */
#pragma once

/* Not inlined: a disassembly shows each sequence under its name. */
#define SEQUENCE static __attribute__((noinline))

#define WORDS [w0] "+r"(w0), [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3), \
	      [w4] "+r"(w4), [w5] "+r"(w5), [w6] "+r"(w6), [w7] "+r"(w7)
#define LOAD_WORDS                                                                                     \
	uint64_t w0 = words[0], w1 = words[1], w2 = words[2], w3 = words[3], w4 = words[4], w5 = words[5], \
		 w6 = words[6], w7 = words[7]

/* X(argument, group, byte) for each byte of a line, eight to a group: byte g * 8 + b is in w##g. */
#define EACH_BYTE(X, argument, g) X(argument, g, 0) X(argument, g, 1) X(argument, g, 2) X(argument, g, 3) \
				  X(argument, g, 4) X(argument, g, 5) X(argument, g, 6) X(argument, g, 7)
#define EACH_GROUP(X, argument)                                                                           \
	EACH_BYTE(X, argument, 0) EACH_BYTE(X, argument, 1) EACH_BYTE(X, argument, 2) EACH_BYTE(X, argument, 3) \
	EACH_BYTE(X, argument, 4) EACH_BYTE(X, argument, 5) EACH_BYTE(X, argument, 6) EACH_BYTE(X, argument, 7)

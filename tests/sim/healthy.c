/* SPDX-License-Identifier: GPL-2.0-or-later */
/* healthy: what machines without a defect differ in, a row each. */
#include <stddef.h>

#include "sim/model.h"

static const char *const no_yes[] = { "no", "yes" };
static const char *const orders[] = { "fifo", "lru", "random" };
static const char *const moments[] = { "full", "pressure", "random", "timer" };
static const char *const loads[] = { "forward", "flush-line", "flush-all" };
static const char *const fences[] = { "evicts", "holds" };
static const char *const proofs[] = { "list", "fault" };

#define NO_YES 0, 1

const struct param healthy_params[HEALTHIES + 1] = {
	[HEALTHY_PAGES] = { "pages", 1, 256, 1, true, NULL, "range in pages of 4096 bytes" },
	[HEALTHY_BUFFERS] = { "buffers", 1, MODEL_BUFFERS_MAX, 4, false, NULL, "write-combining buffers of a CPU" },
	[HEALTHY_LINE] = { "line", 32, MODEL_LINE_MAX, 64, true, NULL, "bytes of a buffer" },
	[HEALTHY_GATHER] = { "gather", NO_YES, 1, false, no_yes, "do stores merge in a buffer" },
	[HEALTHY_ORDER] = { "order", ORDER_FIFO, ORDER_RANDOM, ORDER_FIFO, false, orders, "which buffer leaves first" },
	[HEALTHY_MOMENT] = { "moment", MOMENT_FULL, MOMENT_TIMER, MOMENT_FULL, false, moments,
	                     "when one leaves: when full; when another is needed; also at random; also all at random" },
	[HEALTHY_CHANCE] = { "chance", 2, 1024, 64, true, NULL, "one store in so many, for the random moments" },
	[HEALTHY_PARTIAL] = { "partial", 4, MODEL_LINE_MAX, MODEL_LINE_MAX, true, NULL,
	                      "a buffer that is not full leaves in packets of so many bytes" },
	[HEALTHY_CRACK] = { "crack", 8, 64, 64, true, NULL, "the widest store that enters a buffer in one piece" },
	[HEALTHY_LOAD] = { "load", LOAD_FORWARD, LOAD_FLUSH_ALL, LOAD_FORWARD, false, loads, "loads of what is in a buffer" },
	[HEALTHY_FENCE] = { "fence", NO_YES, 0, false, fences,
	                    "evicts the buffers, or holds back what comes behind it" },
	[HEALTHY_REPEAT] = { "repeat", NO_YES, 0, false, no_yes, "a masked sequence stores a byte again at each gap" },
	[HEALTHY_LIBC] = { "libc", 8, 64, 32, true, NULL, "the C library's widest store" },
	[HEALTHY_BACKWARD] = { "backward", NO_YES, 0, false, no_yes, "the C library's body descends" },
	[HEALTHY_LINK] = { "link", 4, 64, 8, true, NULL, "MB/s of the link, headers included" },
	[HEALTHY_READ] = { "read", 256, 2048, 512, true, NULL, "ns of a read" },
	[HEALTHY_PROOF] = { "proof", PROOF_LIST, PROOF_FAULT, PROOF_LIST, false, proofs, "how the memory type is proven" },
	[HEALTHY_PEER] = { "peer", NO_YES, 1, false, no_yes, "is there a second CPU" },
	[HEALTHY_GUEST] = { "guest", NO_YES, 0, false, no_yes,
	                    "a virtual machine of an emulator: nothing merges, only scalar stores live" },
	[HEALTHIES] = { .name = NULL },
};

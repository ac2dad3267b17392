/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hazard: names and meanings, a row each. */
#include "model/hazard.h"

#include <string.h>

const struct hazard_info hazard_infos[HAZARDS] = {
	[HAZARD_NONE] = { "none", "no hazard", NULL },
	[HAZARD_SPARSE_BYTE_ENABLES] = { "sparse-byte-enables", "a store with gaps between its bytes is mangled", NULL },
	[HAZARD_MISADDRESSED_WRITE] = { "misaddressed-write", "data lands at another address",
	                                "what lands outside of the tested range is not looked for" },
	[HAZARD_SUBWORD_MISADDRESS] = { "subword-misaddress", "1- or 2-byte stores at dword offset 1..3 go wrong", NULL },
	[HAZARD_UNALIGNED_ACCESS] = { "unaligned-access", "an unaligned access faults or corrupts", NULL },
	[HAZARD_WIDE_ACCESS_64] = { "wide-access-64", "an 8-byte access is split, lost or corrupt", NULL },
	[HAZARD_WIDE_ACCESS_128] = { "wide-access-128", "a 16-byte or wider access is split, lost or corrupt", NULL },
	[HAZARD_LONG_BURST_HANG] = { "long-burst-hang", "a gathered run of more than N bytes hangs",
	                             "a run longer than the tests make, or one beside other traffic, is not tried" },
	[HAZARD_COMBINE_DISORDER] = { "combine-disorder", "out-of-order or repeated eviction corrupts", NULL },
	[HAZARD_NO_DRAIN] = { "no-drain", "a store never arrives, even after the completing barrier", NULL },
	[HAZARD_NO_COMBINING] = { "no-combining", "stores are never merged",
	                          "it costs speed, not data: the gain that was measured tells of it" },
	[HAZARD_UNRELIABLE_COMBINING] = { "unreliable-combining", "merging depends on the instruction sequence",
	                                  "it costs speed, not data: what other instructions gain, the benchmark tells" },
	[HAZARD_SLOW_READ] = { "slow-read", "reads are far below what the link allows", NULL },
	[HAZARD_SPECULATIVE_READ] = { "speculative-read", "the device sees reads that nobody programmed",
	                              "memory bears such a read, and does not tell of it" },
	[HAZARD_WC_READ_INCOHERENT] = { "wc-read-incoherent", "a read through WC returns stale data", NULL },
	[HAZARD_ORDERING] = { "ordering", "ordering is broken beyond the rules of the memory type",
	                      "order shows to a device that acts on each store, not in memory afterwards" },
	[HAZARD_ATTRIBUTE_OVERRIDE] = { "attribute-override", "the memory type is silently another one", NULL },
	[HAZARD_ATTRIBUTE_ALIAS] = { "attribute-alias", "two mappings of different type misbehave together",
	                             "two mappings of one BAR are never made at the same time" },
	[HAZARD_RAM_BACKED_BAR] = { "ram-backed-bar", "the BAR is the hypervisor's cacheable RAM",
	                            "what the hypervisor sees of it cannot be seen from the guest" },
	[HAZARD_FATAL_ABORT] = { "fatal-abort", "an access ends in SError, a machine check or a reset",
	                         "nothing is done to bring it about, for it ends the machine" },
	[HAZARD_GUEST_EMULATED_MMIO] = { "guest-emulated-mmio", "a wide access kills the virtual machine",
	                                 "it takes a guest's access to a BAR that its hypervisor emulates, and ends that guest" },
	[HAZARD_BAR_NOT_MEMORY] = { "bar-not-memory", "the BAR holds doorbells or registers",
	                            "which pages are registers, only the database and the administrator know" },
	[HAZARD_NO_WC_SUPPORT] = { "no-wc-support", "there is no way to map WC, or the vendor refuses it",
	                           "what a vendor refuses is no fact of the hardware: the database has it" },
	[HAZARD_WC_DEFECT_UNSPECIFIED] = { "wc-defect-unspecified", "broken, mechanism not published",
	                                   "nobody has published what to look for" },
};

enum hazard hazard_parse(const char *name)
{
	for (int h = HAZARD_NONE + 1; h < HAZARDS; h++)
		if (!strcmp(hazard_infos[h].name, name))
			return h;
	return HAZARD_NONE;
}

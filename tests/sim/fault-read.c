/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault-read: what goes wrong with reads and with the memory type itself. */
#include <signal.h>
#include <string.h>

#include "sim/fault.h"

/* ---- slow-read ---- */

static const struct param slow_params[] = {
	{ "factor", 16, 1024, 64, true, NULL, "so many times slower" },
	PARAM_END,
};

static void slow_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes)
{
	(void)cpu, (void)address, (void)n, (void)bytes;
	bus_wait(model, fault_is(model, 0) - 1);
}

const struct fault_info fault_slow_read = {
	.hazard = HAZARD_SLOW_READ,
	.does = "every read takes long",
	.caught = CAUGHT_NUMBERS,
	.spares_uncached = true,
	.params = slow_params,
	.load = slow_load,
};

/* ---- wc-read-incoherent ---- */

enum { STALE_HOW, STALE_LINES };
enum { STALE_OTHERS, STALE_OWN };

static const char *const stale_hows[] = { "others", "own" };
static const struct param stale_params[] = {
	{ "how", STALE_OTHERS, STALE_OWN, STALE_OTHERS, false, stale_hows,
	  "the test's CPU keeps the lines it read through WC: the other CPU's stores do not change them; nor do its own" },
	{ "lines", 1, 16, 1, false, NULL, "it keeps so many" },
	PARAM_END,
};

static void forget(struct model *model, uint64_t line)
{
	if (line < model->size_bytes)
		model->is_stale[line / 64] = 0;
}

/* total is the number of lines kept so far: the table of the last ones is in kept[].address. */
static void keep(struct model *model, uint64_t line)
{
	struct fault *fault = &model->fault;
	struct packet *slot = &fault->kept[fault->total++ % fault_is(model, STALE_LINES)];

	if (slot->size)
		forget(model, slot->address);
	slot->address = line;
	slot->size = 64;
	for (unsigned int i = 0; i < 64; i++)
		model->stale[line + i] = bus_get(model, line + i);
	model->is_stale[line / 64] = 1;
}

static void stale_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes)
{
	if (model->kind != WINDOW_WC || cpu != &model->cpus[0])
		return;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t line = (address + i) & ~(uint64_t)63;

		if (!model->is_stale[line / 64])
			keep(model, line);
		bytes[i] = model->stale[address + i];
	}
}

static bool stale_access(struct model *model, struct access *access)
{
	if (access->cpu != &model->cpus[0] || fault_is(model, STALE_HOW) != STALE_OTHERS)
		return true;
	/* A store of its own is not kept from it, nor is what the buffers still hold. */
	forget(model, access->address & ~(uint64_t)63);
	forget(model, (access->address + access->n - 1) & ~(uint64_t)63);
	return true;
}

const struct fault_info fault_incoherent = {
	.hazard = HAZARD_WC_READ_INCOHERENT,
	.does = "loads through WC return what was there before",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = stale_params,
	.load = stale_load,
	.access = stale_access,
};

/* ---- attribute-override ---- */

enum { OVERRIDE_PROOF, OVERRIDE_TYPE, OVERRIDE_PAGES };

static const char *const override_proofs[] = { "list", "fault" };
static const char *const override_types[] = { "uncached", "uncached-minus", "write-back", "write-through",
	                                      "write-protected" };
static const struct param override_params[] = {
	{ "proof", PROOF_LIST, PROOF_FAULT, PROOF_LIST, false, override_proofs,
	  "the kernel's list names the type; Device memory faults on unaligned stores" },
	{ "type", 0, 4, 0, false, override_types, "what the list says" },
	{ "pages", 0, 1, 0, false, NULL, "0: of all pages, 1: of the last one only" },
	PARAM_END,
};

static bool override_is_device(const struct model *model, uint64_t address, unsigned int n)
{
	return fault_is(model, OVERRIDE_PROOF) == PROOF_FAULT && model->kind == WINDOW_WC && address % n;
}

static bool override_access(struct model *model, struct access *access)
{
	if (override_is_device(model, access->address, access->n))
		model_die(model, "SIGBUS: an unaligned store to Device memory");
	return true;
}

static bool override_try(struct model *model, uint64_t offset, unsigned int width, struct port_fault *ret)
{
	if (!override_is_device(model, offset, width))
		return true;
	*ret = (struct port_fault){ .signal = SIGBUS, .code = BUS_ADRALN, .offset = offset };
	return false;
}

static bool override_gathers(struct model *model, const struct access *access)
{
	uint64_t last = model->size_bytes - 4096;

	return fault_is(model, OVERRIDE_PAGES) && access->address < last;
}

const struct fault_info fault_override = {
	.hazard = HAZARD_ATTRIBUTE_OVERRIDE,
	.does = "the memory type is another one, in which nothing merges",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = override_params,
	.access = override_access,
	.gathers = override_gathers,
	.try_store = override_try,
};

/* ---- bar-not-memory: as registers do ---- */

enum { DISTURB_HOW, DISTURB_EVERY, DISTURB_WC };
enum { DISTURB_CLEARS, DISTURB_FLIPS, DISTURB_NEXT };

static const char *const disturb_hows[] = { "clears", "flips", "next" };
static const char *const disturb_kinds[] = { "both", "wc" };
static const struct param disturb_params[] = {
	{ "how", DISTURB_CLEARS, DISTURB_NEXT, DISTURB_CLEARS, false, disturb_hows,
	  "it clears what it read; flips a bit of it; flips one of the next line" },
	{ "every", 1, 64, 1, false, NULL, "one read in so many" },
	{ "kind", 0, 1, 0, false, disturb_kinds, "reads through both mappings, or through WC only" },
	PARAM_END,
};

static void disturb_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes)
{
	(void)cpu, (void)bytes;
	if ((fault_is(model, DISTURB_WC) && model->kind != WINDOW_WC) ||
	    ++model->fault.count % fault_is(model, DISTURB_EVERY))
		return;
	if (fault_is(model, DISTURB_HOW) == DISTURB_NEXT)
		address = (address + 64) % model->size_bytes;
	for (unsigned int i = 0; i < n && fault_is(model, DISTURB_HOW) == DISTURB_CLEARS; i++)
		bus_put(model, address + i, 0);
	if (fault_is(model, DISTURB_HOW) != DISTURB_CLEARS)
		bus_put(model, address, bus_get(model, address) ^ 0x10);
}

const struct fault_info fault_disturb = {
	.hazard = HAZARD_BAR_NOT_MEMORY,
	.does = "reads change the contents",
	.caught = CAUGHT_FAILS,
	.params = disturb_params,
	.load = disturb_load,
};

/* ---- all of them ---- */

const struct fault_info *const fault_infos[] = {
	&fault_sparse, &fault_misaddress, &fault_subword, &fault_unaligned, &fault_wide64, &fault_wide128, &fault_burst,
	&fault_disorder, &fault_no_drain, &fault_no_combining, &fault_unreliable, &fault_slow_read, &fault_incoherent,
	&fault_override, &fault_disturb, NULL,
};

const struct fault_info *fault_find(const char *name)
{
	for (unsigned int i = 0; fault_infos[i]; i++)
		if (!strcmp(hazard_infos[fault_infos[i]->hazard].name, name))
			return fault_infos[i];
	return NULL;
}

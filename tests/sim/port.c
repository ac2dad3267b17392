/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port: the microtests' operations on a model, with its own instructions; what breaks their contract is counted. */
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "sim/fault.h"

/* Widths, and what tells instructions apart; their functions are the model's. */
static const struct insn insns[] = {
	{ .name = "scalar-32", .width = 4, .flags = INSN_SCALAR },
	{ .name = "scalar-64", .width = 8, .flags = INSN_SCALAR },
	{ .name = "vector-128", .width = 16 },
	{ .name = "vector-128-aligned", .width = 16, .flags = INSN_ALIGNED },
	{ .name = "vector-256", .width = 32 },
	{ .name = "vector-512-aligned", .width = 64, .flags = INSN_ALIGNED },
	{ .name = "masked-128", .width = 16, .flags = INSN_MASKED },
	{ .name = "masked-512", .width = 64, .flags = INSN_MASKED },
	{ .name = "direct-512", .width = 64, .flags = INSN_ALIGNED | INSN_DIRECT },
};

static bool is_inside(struct model *model, uint64_t offset, uint64_t n)
{
	if (model->kind != WINDOW_NONE && offset <= model->size_bytes && n <= model->size_bytes - offset)
		return true;
	model->outside++;
	return false;
}

static bool is_scalar(unsigned int width)
{
	return width == 1 || width == 2 || width == 4 || width == 8;
}

/* Is this an instruction that may be used so? What a hypervisor cannot emulate ends the virtual machine. */
static bool may_use(struct model *model, const struct insn *insn, uint64_t offset, bool is_masked)
{
	if (model_is(model, HEALTHY_GUEST) && !(insn->flags & INSN_SCALAR))
		model_die(model, "the virtual machine is killed: an access that it cannot emulate");
	if (!(insn->flags & INSN_MASKED) == !is_masked &&
	    (!(insn->flags & INSN_ALIGNED) || offset % insn->width == 0))
		return true;
	model->outside++;
	return false;
}

static void store_bytes(struct model *model, struct cpu *cpu, uint64_t offset, unsigned int n, const void *bytes,
                        unsigned int flags)
{
	struct access access = { .cpu = cpu,
		                 .address = offset,
		                 .n = n,
		                 .on = n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1,
		                 .is_wc = model->kind == WINDOW_WC,
		                 .is_direct = flags & INSN_DIRECT,
		                 .width = n };

	memcpy(access.bytes, bytes, n);
	access_store(model, &access);
}

static int remap(void *state, enum window_kind kind)
{
	struct model *model = state;

	/* What nobody drained stays where it is. */
	model->kind = kind;
	if (model->fault.info && model->fault.info->remap)
		model->fault.info->remap(model);
	memset(model->is_stale, 0, model->size_bytes / 64);
	return 0;
}

static void store(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	struct model *model = state;

	if (!is_scalar(width))
		model->outside++;
	else if (is_inside(model, offset, width))
		store_bytes(model, &model->cpus[0], offset, width, &value, 0);
}

static uint64_t load(void *state, uint64_t offset, unsigned int width)
{
	struct model *model = state;
	uint64_t value = 0;

	if (!is_scalar(width))
		model->outside++;
	else if (is_inside(model, offset, width))
		access_load(model, &model->cpus[0], offset, width, (uint8_t *)&value);
	return value;
}

static void store_one(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	struct model *model = state;

	if (may_use(model, insn, offset, false) && is_inside(model, offset, insn->width))
		store_bytes(model, &model->cpus[0], offset, insn->width, words, insn->flags);
}

static void store_line(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	struct model *model = state;
	const uint8_t *bytes = (const uint8_t *)words;

	if (!may_use(model, insn, offset, false) || !is_inside(model, offset, 64))
		return;
	if (offset % 64)
		model->outside++;
	for (unsigned int at = 0; at < 64; at += insn->width)
		store_bytes(model, &model->cpus[0], offset + at, insn->width, bytes + at, insn->flags);
}

static void stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	struct model *model = state;
	uint64_t words[8] = { value, value, value, value, value, value, value, value };

	if (!may_use(model, insn, offset, false) || !is_inside(model, offset, size_bytes))
		return;
	if (size_bytes % 64)
		model->outside++;
	for (uint64_t at = 0; at < size_bytes; at += insn->width)
		store_bytes(model, &model->cpus[0], offset + at, insn->width, words, insn->flags);
}

/* Masked instructions store their bytes as one; a sequence stores them one by one, ascending. */
static void store_mask(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
                       const uint64_t words[static 8])
{
	struct model *model = state;
	const uint8_t *bytes = (const uint8_t *)words;
	unsigned int width = insn ? insn->width : 64, last;

	if (!mask || offset % 64)
		model->outside++;
	if (!mask || !is_inside(model, offset, 64) || (insn && !may_use(model, insn, offset, true)))
		return;
	for (unsigned int at = 0; insn && at < 64; at += width) {
		struct access access = { .cpu = &model->cpus[0],
			                 .address = offset + at,
			                 .n = width,
			                 .on = mask >> at & (width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1),
			                 .is_wc = model->kind == WINDOW_WC,
			                 .width = width };

		memcpy(access.bytes, bytes + at, width);
		if (access.on)
			access_store(model, &access);
	}
	if (insn)
		return;
	last = (unsigned int)__builtin_ctzll(mask);
	for (unsigned int i = 0; i < 64; i++) {
		if (mask >> i & 1)
			last = i;
		else if (!model_is(model, HEALTHY_REPEAT))
			continue;
		store_bytes(model, &model->cpus[0], offset + last, 1, bytes + last, 0);
	}
}

/* ---- the C library's: overlapping stores at both ends, aligned ones between ---- */

static void libc_store(struct model *model, uint64_t offset, uint64_t size_bytes, const uint8_t *from)
{
	struct cpu *cpu = &model->cpus[0];
	unsigned int widest = (unsigned int)model_is(model, HEALTHY_LIBC), width = widest;

	if (!size_bytes)
		return;
	while (width > size_bytes)
		width /= 2;
	store_bytes(model, cpu, offset, width, from, 0);
	if (width == size_bytes)
		return;
	if (width == widest) {
		uint64_t skip = width - offset % width, body = (size_bytes - skip) / width;

		for (uint64_t i = 0; i < body; i++) {
			uint64_t at = skip + width * (model_is(model, HEALTHY_BACKWARD) ? body - 1 - i : i);

			store_bytes(model, cpu, offset + at, width, from + at, 0);
		}
	}
	store_bytes(model, cpu, offset + size_bytes - width, width, from + size_bytes - width, 0);
}

static void copy(void *state, uint64_t offset, uint64_t size_bytes, const void *from)
{
	if (is_inside(state, offset, size_bytes))
		libc_store(state, offset, size_bytes, from);
}

static void fill(void *state, uint64_t offset, uint64_t size_bytes, uint8_t value)
{
	static uint8_t bytes[MODEL_RANGE_MAX];

	if (!is_inside(state, offset, size_bytes))
		return;
	memset(bytes, value, size_bytes);
	libc_store(state, offset, size_bytes, bytes);
}

/* ---- the other CPU, and barriers ---- */

static void drain_cpu(struct model *model, struct cpu *cpu)
{
	const struct fault_info *info = model->fault.info;

	if (info && info->drain && !info->drain(model, cpu))
		return;
	wc_flush(model, cpu);
	bus_wait(model, 1);
}

static uint64_t peer_load(void *state, uint64_t offset)
{
	struct model *model = state;
	uint64_t value = 0;

	if (!model_is(model, HEALTHY_PEER))
		model->outside++;
	else if (is_inside(model, offset, 8))
		access_load(model, &model->cpus[1], offset, 8, (uint8_t *)&value);
	return value;
}

static void peer_store(void *state, uint64_t offset, uint64_t value)
{
	struct model *model = state;

	if (!model_is(model, HEALTHY_PEER))
		model->outside++;
	else if (is_inside(model, offset, 8)) {
		store_bytes(model, &model->cpus[1], offset, 8, &value, 0);
		drain_cpu(model, &model->cpus[1]);
	}
}

static void fence(void *state)
{
	struct model *model = state;

	if (model_is(model, HEALTHY_FENCE))
		model->cpus[0].is_fenced = true;
	else
		wc_flush(model, &model->cpus[0]);
}

static void drain(void *state)
{
	struct model *model = state;

	if (is_inside(model, 0, 8))
		drain_cpu(model, &model->cpus[0]);
}

static void try_store(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	struct model *model = state;
	const struct fault_info *info = model->fault.info;

	*ret = (struct port_fault){ 0 };
	if (info && info->try_store && !info->try_store(model, offset, width, ret))
		return;
	store(state, offset, width, value);
	drain(state);
}

static uint64_t now_ns(void *state)
{
	const struct model *model = state;

	return model->now_ps / 1000;
}

struct port model_port(struct model *model)
{
	static const struct port_ops ops = {
		.remap = remap,
		.store = store,
		.load = load,
		.try_store = try_store,
		.store_one = store_one,
		.store_line = store_line,
		.stream = stream,
		.store_mask = store_mask,
		.fill = fill,
		.copy = copy,
		.peer_load = peer_load,
		.peer_store = peer_store,
		.fence = fence,
		.drain = drain,
		.now_ns = now_ns,
	};

	return (struct port){ .ops = &ops,
		              .state = model,
		              .insns = insns,
		              .n_insns = ELEMENTSOF(insns),
		              .has_peer = model_is(model, HEALTHY_PEER) };
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-places: the microtests store at every place, in every order and by every function that they are there for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "act/arch.h"
#include "base/cleanup.h"
#include "trial.h"

/* Loads of this kind and width at one place in the lines of the last quarter are wrong. */
static struct {
	enum window_kind kind;
	unsigned int width, at;
	const char *text;
} bad_load;

static uint64_t load_badly(void *state, uint64_t offset, unsigned int width)
{
	bool is_bad = width == bad_load.width && bus.kind == bad_load.kind && offset >= BUS_BYTES / 4 * 3 &&
	              offset % 64 == bad_load.at;

	return bus_load(state, offset, width) ^ is_bad;
}

static void loads_everywhere(void **state)
{
	static const typeof(bad_load) rows[] = { { WINDOW_UC, 4, 0, "of the uncached range" },
		                                 { WINDOW_WC, 4, 0, "of the write-combined range" },
		                                 { WINDOW_WC, 8, 0, "of the write-combined range" } };
	struct port_ops ops = bus_ops;

	(void)state;
	ops.load = load_badly;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++)
		for (unsigned int at = 0; at < 64; at += rows[i].width) {
			struct trial trial = new_trial(BUS_HEALTHY);

			bad_load = rows[i];
			bad_load.at = at;
			trial.port.ops = &ops;
			run_step(&trial, STEP_WIDE64, -1);
			bad_load.width = 0;
			assert_int_equal(reply.outcome, OUTCOME_FAIL);
			assert_non_null(strstr(reply.text, rows[i].text));
		}
}

/* The first store of an instruction that the memory may not take changes nothing there. */
static unsigned int first_stores;

static void store_first(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	if (first_stores++ == 0) {
		assert_int_equal(bus.kind, WINDOW_WC);
		assert_memory_equal(words, bus.memory + offset, insn->width);
	}
	bus_ops.store_one(state, insn, offset, words);
}

static void changes_nothing_at_first(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	(void)state;
	ops.store_one = store_first;
	trial.port.ops = &ops;
	first_stores = 0;
	run_step(&trial, STEP_WIDE128, 6);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	/* That one, and the only place for it in each of 8 lines; another 8 are stored as lines. */
	assert_int_equal(first_stores, 9);
	assert_non_null(strstr(reply.text, "each goes alone"));
	run_step(&trial, STEP_WIDE128, 3);
	assert_null(strstr(reply.text, "each goes alone"));
}

/* The lines of a page, in each of order's batches: ascending, descending, and six ways that are neither, nor the same. */
#define PAGE_PLACES 31
#define ORDER_BATCHES 8

static uint64_t stored_at[ORDER_BATCHES * PAGE_PLACES];
static unsigned int n_stored;

static void store_line_noted(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	if (n_stored < ELEMENTSOF(stored_at))
		stored_at[n_stored++] = offset / 128;
	bus_ops.store_line(state, insn, offset, words);
}

static void check_orders(unsigned int thinning, unsigned int places)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	ops.store_line = store_line_noted;
	trial.port.ops = &ops;
	trial.thinning = thinning;
	bus.size_bytes = trial.size_bytes = 4096;
	n_stored = 0;
	run_step(&trial, STEP_ORDER, -1);
	assert_int_equal(n_stored, ORDER_BATCHES * places);
	assert_true(number("stores") == 3 * n_stored);
	for (unsigned int b = 0; b < ORDER_BATCHES; b++) {
		const uint64_t *at = stored_at + b * places;
		unsigned int ascents = 0;
		uint64_t all = 0;

		for (unsigned int i = 0; i < places; i++) {
			all |= (uint64_t)1 << (at[i] - (b % 2));
			ascents += i && at[i] > at[i - 1];
		}
		assert_int_equal(__builtin_popcountll(all), places);
		if (b < 2)
			assert_int_equal(ascents, b ? 0 : places - 1);
		else
			assert_true(ascents > 3 && ascents < places - 4);
		for (unsigned int other = 0; other < b; other++)
			assert_memory_not_equal(at, stored_at + other * places, places * sizeof(*at));
	}
}

static void orders(void **state)
{
	(void)state;
	check_orders(16, PAGE_PLACES);
	check_orders(256, 16);
}

/* What is rewritten was the opposite before, in every byte. */
static struct {
	uint64_t mask; /* 0: nothing is stored yet, or all of it is over */
	uint8_t bytes[64];
} early[4096 / 64];
static unsigned int n_rewritten;

static void store_mask_noted(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
                             const uint64_t words[static 8])
{
	typeof(early[0]) *was = &early[offset / 64];
	const uint8_t *bytes = (const uint8_t *)words;

	for (unsigned int i = 0; i < 64; i++)
		if (was->mask & mask & (uint64_t)1 << i) {
			assert_int_equal(was->bytes[i], (uint8_t)~bytes[i]);
			n_rewritten++;
		}
	memcpy(was->bytes, bytes, 64);
	was->mask = was->mask ? 0 : mask;
	bus_ops.store_mask(state, insn, offset, mask, words);
}

static void rewrites(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	(void)state;
	ops.store_mask = store_mask_noted;
	trial.port.ops = &ops;
	bus.size_bytes = trial.size_bytes = 4096;
	memset(early, 0, sizeof(early));
	n_rewritten = 0;
	run_step(&trial, STEP_ORDER, -1);
	assert_true(n_rewritten > 2 * ORDER_BATCHES * PAGE_PLACES * 16);
}

/* Both functions, at every size to 300 bytes and from every odd offset; each longer size at two offsets. */
#define SMALL_CALLS 300

static struct {
	bool sizes[SMALL_CALLS + 1];
	uint64_t offsets;                      /* bit i: from offset i of a line */
	unsigned int n_long, n_at_3, n_at_61;  /* beyond that */
	uint64_t total_3, total_61;            /* bytes */
} called[2];

/* Is nothing of the call before under way? */
static bool is_apart;

static void fence_noted(void *state)
{
	is_apart = true;
	bus_ops.fence(state);
}

static void note_call(bool is_fill, uint64_t offset, uint64_t size_bytes)
{
	typeof(called[0]) *to = &called[is_fill];

	assert_true(is_apart);
	is_apart = false;
	if (size_bytes <= SMALL_CALLS) {
		to->sizes[size_bytes] = true;
		to->offsets |= (uint64_t)1 << offset % 64;
		return;
	}
	to->n_long++;
	to->n_at_3 += offset % 64 == 3;
	to->n_at_61 += offset % 64 == 61;
	*(offset % 64 == 3 ? &to->total_3 : &to->total_61) += size_bytes;
}

static void fill_noted(void *state, uint64_t offset, uint64_t size_bytes, uint8_t value)
{
	note_call(true, offset, size_bytes);
	bus_ops.fill(state, offset, size_bytes, value);
}

static void copy_noted(void *state, uint64_t offset, uint64_t size_bytes, const void *from)
{
	note_call(false, offset, size_bytes);
	bus_ops.copy(state, offset, size_bytes, from);
}

static void libc_calls(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	(void)state;
	ops.fill = fill_noted;
	ops.copy = copy_noted;
	ops.fence = fence_noted;
	is_apart = true;
	trial.port.ops = &ops;
	memset(called, 0, sizeof(called));
	run_step(&trial, STEP_LIBC, -1);
	for (unsigned int f = 0; f < ELEMENTSOF(called); f++) {
		for (unsigned int size = 1; size <= SMALL_CALLS; size++)
			assert_true(called[f].sizes[size]);
		assert_int_equal(called[f].offsets, 0xaaaaaaaaaaaaaaaa);
		/* 512, 4096, 32768 and all that there is room for; from 61 one byte more. */
		assert_int_equal(called[f].n_long, 8);
		assert_int_equal(called[f].n_at_3, 4);
		assert_int_equal(called[f].n_at_61, 4);
		assert_int_equal(called[f].total_61, called[f].total_3 + 4);
	}
}

/* Every offset of a line, and every way across a page's end, at each width. */
static uint64_t tried[9], crossed[9]; /* by width: bit i: at offset i of a line; i bytes of it in front of a page's end */

static void try_store_noted(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	tried[width] |= (uint64_t)1 << offset % 64;
	if (4096 - offset % 4096 < width)
		crossed[width] |= (uint64_t)1 << (4096 - offset % 4096);
	bus_ops.try_store(state, offset, width, value, ret);
}

static void unaligned_everywhere(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	(void)state;
	ops.try_store = try_store_noted;
	trial.port.ops = &ops;
	memset(tried, 0, sizeof(tried));
	memset(crossed, 0, sizeof(crossed));
	run_step(&trial, STEP_UNALIGNED, -1);
	for (unsigned int width = 2; width <= 8; width *= 2) {
		assert_true(tried[width] == UINT64_MAX);
		assert_int_equal(crossed[width], ((1u << width) - 1) & ~1u);
	}
}

/* What faults is said in few words, and what is stored beside it is right. */
static const struct faulty {
	unsigned int width;
	uint64_t set; /* bit i: at offset i of a line */
	const char *text;
} faulty[] = {
	{ 2, UINT64_MAX, "2 bytes: everywhere (64)" },
	{ 2, 0x8000000000000000, "2 bytes: all across lines (1)" },
	{ 4, 0x1e, "4 bytes: at 1, 2, 3, 4 (4)" },
	{ 4, 0x3e, "4 bytes: at 1, 2, 3, 4 .. (5)" },
	{ 8, 0x4000000000000000, "8 bytes: at 62 (1)" },
	{ 8, 0xfe00000000000000, "8 bytes: all across lines (7)" },
	{ 8, 0xfefefefefefefefe, "8 bytes: all misaligned (56)" },
};
static const struct faulty *faulty_now;

static void try_store_faulty(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	if (width != faulty_now->width || !(faulty_now->set >> offset % 64 & 1))
		bus_ops.try_store(state, offset, width, value, ret);
	else
		*ret = (struct port_fault){ .signal = SIGBUS, .code = BUS_ADRALN, .offset = offset };
}

static void some_fault(void **state)
{
	struct port_ops ops = bus_ops;

	(void)state;
	ops.try_store = try_store_faulty;
	for (unsigned int i = 0; i < ELEMENTSOF(faulty); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		faulty_now = &faulty[i];
		trial.port.ops = &ops;
		run_step(&trial, STEP_UNALIGNED, -1);
		assert_int_equal(reply.outcome, OUTCOME_FAIL);
		if (!strstr(reply.text, faulty[i].text))
			fail_msg("\"%s\": \"%s\"", faulty[i].text, reply.text);
		assert_background(&trial);
	}
}

static uint64_t all_bytes(const struct image *image, uint64_t k, unsigned int line)
{
	(void)image, (void)k, (void)line;
	return UINT64_MAX;
}

/* What is stored differs from what was there in every byte, and from what another batch stores there. */
static void data_differs(void **state)
{
	const struct trial trial = new_trial(BUS_HEALTHY);
	const struct family family = { .n = 1000, .mask = all_bytes, .stride = 1 };
	const struct image first = { .trial = &trial, .family = &family, .n = 500 };
	const struct image second = { .trial = &trial, .family = &family, .n = 500, .first = 500, .batch = 2 };
	unsigned int same = 0, stored;

	(void)state;
	for (uint64_t offset = 64; offset < 400 * 64; offset += 8) {
		uint64_t word = image_word(&first, offset, &stored), background = image_background(&trial, offset);
		uint64_t other = image_word(&second, offset, &stored);

		assert_int_equal(stored, 0xff);
		for (unsigned int i = 0; i < 64; i += 8) {
			assert_true((uint8_t)(word >> i) != (uint8_t)(background >> i));
			same += (uint8_t)(word >> i) == (uint8_t)(other >> i);
		}
	}
	assert_true(same < 399 * 64 / 64);
}

static uint64_t some_bytes(const struct image *image, uint64_t k, unsigned int line)
{
	(void)image, (void)k, (void)line;
	return 0x3c5a;
}

/* Only what a store's mask has is its own; guards and other bytes are the background's. */
static void data_is_masked(void **state)
{
	static const unsigned int stored_of[] = { 0x5a, 0x3c, 0, 0, 0, 0, 0, 0 };
	const struct trial trial = new_trial(BUS_HEALTHY);
	const struct family family = { .n = 8, .mask = some_bytes };
	const struct image image = { .trial = &trial, .family = &family, .n = 8 };
	unsigned int stored;

	(void)state;
	for (uint64_t offset = 0; offset < 20 * 64; offset += 8) {
		uint64_t word = image_word(&image, offset, &stored), background = image_background(&trial, offset);
		unsigned int want = offset / 64 % 2 && offset / 64 < 16 ? stored_of[offset % 64 / 8] : 0;

		assert_int_equal(stored, want);
		for (unsigned int i = 0; i < 8; i++)
			assert_int_equal((uint8_t)(word >> 8 * i) != (uint8_t)(background >> 8 * i), want >> i & 1);
	}
}

/* What has no room in the range is not stored, and said. */
static void no_room(void **state)
{
	const struct family family = { .n = 1, .lines = 2000, .mask = all_bytes };
	struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	assert_false(family_run(&trial, &family));
	assert_int_equal(reply.outcome, OUTCOME_SKIPPED);
	assert_non_null(strstr(reply.text, "too short"));
	assert_background(&trial);
}

/* Every 16-bit mask on each quarter of a line, and the fixed ones turned to begin at every byte. */
static bool quarters_seen[4][65536];
static uint64_t masks_seen[200000];
static unsigned int n_masks;

static void store_mask_counted(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
                               const uint64_t words[static 8])
{
	for (unsigned int i = 0; i < 4; i++)
		quarters_seen[i][mask >> 16 * i & 0xffff] = true;
	if (n_masks < ELEMENTSOF(masks_seen))
		masks_seen[n_masks++] = mask;
	bus_ops.store_mask(state, insn, offset, mask, words);
}

static bool is_seen(uint64_t mask)
{
	for (unsigned int i = 0; i < n_masks; i++)
		if (masks_seen[i] == mask)
			return true;
	return false;
}

/* The random ones, the last that are made: half full, thin, thick, and short, in turn. */
#define RANDOM_MASKS 100000

static void check_random(void)
{
	static const unsigned int bits_of[] = { 32, 16, 48, 8 };
	uint64_t sums[ELEMENTSOF(bits_of)] = { 0 };
	unsigned int quarters = 0;

	assert_true(n_masks > RANDOM_MASKS && n_masks < ELEMENTSOF(masks_seen));
	for (unsigned int i = 0; i < RANDOM_MASKS; i++) {
		uint64_t mask = masks_seen[n_masks - RANDOM_MASKS + i];

		sums[i % 4] += (uint64_t)__builtin_popcountll(mask);
		if (i % 4 < 3)
			continue;
		assert_int_equal(__builtin_ctzll(mask) / 16, (63 - __builtin_clzll(mask)) / 16);
		quarters |= 1u << __builtin_ctzll(mask) / 16;
	}
	assert_int_equal(quarters, 15);
	for (unsigned int i = 0; i < ELEMENTSOF(bits_of); i++) {
		double mean = (double)sums[i] * 4 / RANDOM_MASKS;

		assert_true(mean > bits_of[i] - 0.2 && mean < bits_of[i] + 0.2);
	}
}

static void masks(void **state)
{
#define MASK(mask) mask,
	static const uint64_t fixed[] = { ARCH_FIXED_MASKS(MASK) };
	struct trial trial = new_trial(BUS_HEALTHY);
	struct port_ops ops = bus_ops;

	(void)state;
	ops.store_mask = store_mask_counted;
	trial.port.ops = &ops;
	trial.thinning = 1;
	n_masks = 0;
	run_step(&trial, STEP_SPARSE, -1);
	check_random();
	for (unsigned int i = 0; i < 4; i++)
		for (unsigned int mask = 1; mask < 65536; mask++)
			assert_true(quarters_seen[i][mask]);
	for (unsigned int i = 0; i < ELEMENTSOF(fixed); i++)
		for (unsigned int by = 0; by < 64; by++)
			assert_true(is_seen(by ? fixed[i] << by | fixed[i] >> (64 - by) : fixed[i]));
}

/* Every other one of the lines without a gap, of which 80 are made, is stored by wide stores; by a masked instruction none. */
static unsigned int n_lines;

static void store_line_counted(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	n_lines++;
	bus_ops.store_line(state, insn, offset, words);
}

static void controls(void **state)
{
	static const struct { int insn; unsigned int n; } rows[] = { { -1, 40 }, { 5, 0 } };
	struct port_ops ops = bus_ops;

	(void)state;
	ops.store_line = store_line_counted;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		trial.port.ops = &ops;
		n_lines = 0;
		run_step(&trial, STEP_SPARSE, rows[i].insn);
		assert_int_equal(n_lines, rows[i].n);
	}
}

/* Only what a hypervisor could emulate is scalar. */
static void scalars(void **state)
{
	const struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	assert_string_equal(trial_scalar(&trial, 4)->name, "dword");
	assert_string_equal(trial_scalar(&trial, 8)->name, "qword");
	assert_null(trial_scalar(&trial, 16));
	assert_null(trial_scalar(&trial, 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(controls),
		cmocka_unit_test(scalars),
		cmocka_unit_test(data_differs),
		cmocka_unit_test(no_room),
		cmocka_unit_test(data_is_masked),
		cmocka_unit_test(loads_everywhere),
		cmocka_unit_test(changes_nothing_at_first),
		cmocka_unit_test(orders),
		cmocka_unit_test(rewrites),
		cmocka_unit_test(libc_calls),
		cmocka_unit_test(unaligned_everywhere),
		cmocka_unit_test(some_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

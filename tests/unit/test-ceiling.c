/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-ceiling: link arithmetic against published figures, and which hops count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "decide/ceiling.h"

static bool is_near(double value, double want, double part)
{
	return value > want * (1 - part) && value < want * (1 + part);
}

/* GB/s of 8-, 32- and 64-byte payloads, MPS 256, 64-bit addresses: what pcie-bench's model computes. */
static void published(void **state)
{
	static const struct {
		uint8_t speed, width;
		double gbps[3];
	} rows[] = {
		{ 3, 4, { 0.91, 2.08, 2.64 } },    { 3, 8, { 1.81, 4.13, 5.26 } },    { 3, 16, { 3.55, 8.12, 10.34 } },
		{ 4, 4, { 1.82, 4.15, 5.29 } },    { 4, 8, { 3.62, 8.27, 10.52 } },   { 4, 16, { 7.11, 16.24, 20.67 } },
		{ 5, 8, { 7.24, 16.54, 21.05 } },  { 5, 16, { 14.21, 32.49, 41.35 } },
	};
	static const unsigned int payloads[] = { 8, 32, 64 };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		for (size_t k = 0; k < 3; k++) {
			struct ceiling_hop hop = { rows[i].speed, rows[i].width, 256, false };
			double mbps = ceiling_net_mbps(&hop, true, payloads[k]);

			if (!is_near(mbps, rows[i].gbps[k] * 1000, 0.01))
				fail_msg("speed %u x%u, %u bytes: %.1f MB/s", rows[i].speed, rows[i].width, payloads[k], mbps);
			assert_true(ceiling_bound_mbps(&hop, payloads[k]) > mbps);
		}
}

/* Worked by hand from the specification's constants. */
static void by_hand(void **state)
{
	static const struct {
		struct ceiling_hop hop;
		bool of_64;
		unsigned int payload;
		double net, bound;
	} rows[] = {
		/* 2.5 GT/s x1: 250 MB/s; Ack and UpdateFC each 8 of 237 symbols, skips 4 of 1538; 64 of 88, or of 84 */
		{ { 1, 1, 128, false }, true, 64, 250 * (1 - 16.0 / 237 - 4.0 / 1538) * 64 / 88, 250 * 64.0 / 84 },
		{ { 1, 1, 128, false }, false, 64, 250 * (1 - 16.0 / 237 - 4.0 / 1538) * 64 / 84, 250 * 64.0 / 84 },
		{ { 1, 16, 128, false }, true, 4, 4000 * (1 - 16.0 / 48 - 4.0 / 1538) * 4 / 28, 4000 * 4.0 / 24 },
		/* 5 GT/s x4, MPS 512: 2000 MB/s, 205 symbols */
		{ { 2, 4, 512, false }, true, 512, 2000 * (1 - 16.0 / 205 - 4.0 / 1538) * 512 / 536, 2000 * 512.0 / 532 },
		{ { 2, 12, 128, false }, true, 64, 6000 * (1 - 16.0 / 109 - 4.0 / 1538) * 64 / 88, 6000 * 64.0 / 84 },
		/* A byte travels in a double word. */
		{ { 2, 1, 128, false }, true, 1, 500 * (1 - 16.0 / 288 - 4.0 / 1538) / 28, 500.0 / 24 },
		{ { 2, 1, 128, false }, true, 2, 500 * (1 - 16.0 / 288 - 4.0 / 1538) * 2 / 28, 500 * 2.0 / 24 },
		/* 64 GT/s: 8000 MB/s a lane, 236 of 256, no frame; a byte needs a double word of byte enables */
		{ { 6, 16, 256, true }, true, 64, 128000 * 236.0 / 256 * 64 / 80, 128000 * 236.0 / 256 * 64 / 76 },
		{ { 6, 4, 256, true }, false, 4, 32000 * 236.0 / 256 * 4 / 16, 32000 * 236.0 / 256 * 4 / 16 },
		{ { 6, 1, 256, true }, true, 1, 8000 * 236.0 / 256 / 24, 8000 * 236.0 / 256 / 16 },
		{ { 7, 1, 256, true }, true, 64, 16000 * 236.0 / 256 * 64 / 80, 16000 * 236.0 / 256 * 64 / 76 },
		/* Flit Mode at 8 GT/s carries more small packets than frames do: the bound must allow for it. */
		{ { 3, 4, 256, true }, true, 4, 4000 * 128 / 130. * (1 - 16.0 / 214 - 4.0 / 1538) * 8 * 4 / 8 / 28,
		  4000 * 128 / 130. * 236 / 256 * 4 / 16 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		double net = ceiling_net_mbps(&rows[i].hop, rows[i].of_64, rows[i].payload);
		double bound = ceiling_bound_mbps(&rows[i].hop, rows[i].payload);

		if (!is_near(net, rows[i].net, 1e-9) || !is_near(bound, rows[i].bound, 1e-9))
			fail_msg("row %zu: net %f (%f), bound %f (%f)", i, net, rows[i].net, bound, rows[i].bound);
	}
}

static void nothing_known(void **state)
{
	static const struct ceiling_hop hops[] = {
		{ 0, 16, 256, false }, { 3, 0, 256, false }, { 8, 16, 256, false }, { 255, 16, 256, false },
	};
	static const struct ceiling_hop good = { 3, 16, 256, false }, no_mps = { 3, 16, 0, false };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(hops); i++) {
		assert_true(ceiling_net_mbps(&hops[i], true, 64) == 0);
		assert_true(ceiling_bound_mbps(&hops[i], 64) == 0);
	}
	assert_true(ceiling_net_mbps(&good, true, 0) == 0 && ceiling_bound_mbps(&good, 0) == 0);
	assert_true(ceiling_net_mbps(&good, true, 257) == 0);
	assert_true(ceiling_net_mbps(&no_mps, true, 64) == 0);
	/* How fast a link is at most does not depend on what else travels. */
	assert_true(ceiling_bound_mbps(&no_mps, 64) > 0);
}

/* The bound is never below the net figure, whatever the link. */
static void one_sided(void **state)
{
	(void)state;
	for (uint8_t speed = 1; speed <= 7; speed++)
		for (uint8_t width = 1; width <= 32; width *= 2)
			for (unsigned int mps = 128; mps <= 4096; mps *= 2)
				for (unsigned int payload = 1; payload <= mps; payload++) {
					struct ceiling_hop hop = { speed, width, (uint16_t)mps, payload % 2 };
					double net = ceiling_net_mbps(&hop, payload % 3, payload);

					assert_true(net > 0 && net <= ceiling_bound_mbps(&hop, payload) * (1 + 1e-12));
				}
}

/* ---- hops: an endpoint below a switch below a root port ---- */

enum { ROOT, UP, DOWN, END, MACHINE };

struct tree {
	struct device at[MACHINE];
	struct devices devices;
	struct pci_address ports[MACHINE];
	struct bar bar;
};

static void plant(struct tree *tree)
{
	static const uint8_t types[MACHINE] = { 4, 5, 6, 0 };

	memset(tree, 0, sizeof(*tree));
	tree->devices = (struct devices){ tree->at, MACHINE };
	tree->bar = (struct bar){ .width = 64, .prefetchable = true, .base = 0x380000000000 };
	for (unsigned int i = 0; i < MACHINE; i++) {
		struct caps *caps = &tree->at[i].caps;

		tree->at[i].address.bus = (uint8_t)i;
		caps->pcie = 0x40;
		caps->pcie_type = types[i];
		caps->mps_bytes = 256;
		caps->link = (struct link){ .speed = 4, .width = 16 };
	}
	for (unsigned int i = 0; i < END; i++)
		tree->ports[i] = tree->at[END - 1 - i].address;
	tree->at[END].ports = tree->ports;
	tree->at[END].n_ports = END;
	tree->at[END].has_ports = true;
}

static void set_link(struct tree *tree, unsigned int above, unsigned int below, uint8_t speed, uint8_t width)
{
	tree->at[above].caps.link.speed = tree->at[below].caps.link.speed = speed;
	tree->at[above].caps.link.width = tree->at[below].caps.link.width = width;
}

static struct ceiling measure(const struct tree *tree)
{
	struct ceiling ceiling;

	ceiling_of_bar(&tree->devices, &tree->at[END], &tree->bar, &ceiling);
	return ceiling;
}

static void narrowest(void **state)
{
	struct tree tree;
	struct ceiling ceiling;

	(void)state;
	plant(&tree);
	ceiling = measure(&tree);
	assert_true(is_near(ceiling.net_mbps[6], 20670, 0.01));
	assert_true(is_near(ceiling.bound_mbps[2], 31508 * 4.0 / 24, 0.01));
	assert_int_equal(ceiling.mps_bytes, 256);
	assert_true(is_near(ceiling.net_of_mps_mbps, 28420 * 256.0 / 280, 0.01));

	/* The slower one counts, wherever it is. */
	set_link(&tree, ROOT, UP, 3, 4);
	ceiling = measure(&tree);
	assert_true(is_near(ceiling.net_mbps[6], 2640, 0.01) && ceiling.narrowest.speed == 3 && ceiling.narrowest.width == 4);
	plant(&tree);
	set_link(&tree, DOWN, END, 3, 8);
	ceiling = measure(&tree);
	assert_true(is_near(ceiling.net_mbps[6], 5260, 0.01) && ceiling.narrowest.width == 8);

	/* A packet is as large as the smallest MPS. */
	plant(&tree);
	tree.at[UP].caps.mps_bytes = 128;
	ceiling = measure(&tree);
	assert_int_equal(ceiling.mps_bytes, 128);
	assert_true(is_near(ceiling.net_of_mps_mbps, 31508 * (1 - 16.0 / 144 - 4.0 / 1538) * 128 / 152, 0.001));

	/* A short address makes the net figure higher; the bound has it always. */
	plant(&tree);
	ceiling = measure(&tree);
	tree.bar.base = 0xc0000000;
	assert_true(is_near(measure(&tree).net_mbps[2], ceiling.net_mbps[2] * 28 / 24, 1e-9));
	assert_true(measure(&tree).bound_mbps[2] == ceiling.bound_mbps[2]);
	tree.bar = (struct bar){ .width = 32, .base = 0x380000000000 };
	assert_true(is_near(measure(&tree).net_mbps[2], ceiling.net_mbps[2] * 28 / 24, 1e-9));
}

/* A virtual function has no Link Status of its own. */
static void virtual_function(void **state)
{
	struct tree tree;

	(void)state;
	plant(&tree);
	tree.at[END].is_vf = true;
	tree.at[END].caps.link = (struct link){ 0 };
	tree.at[END].caps.mps_bytes = 128;
	assert_true(is_near(measure(&tree).net_mbps[6], 20670, 0.01));
}

static void no_speed(struct tree *t) { t->at[DOWN].caps.link.speed = t->at[END].caps.link.speed = 0; }
static void no_width(struct tree *t) { t->at[ROOT].caps.link.width = t->at[UP].caps.link.width = 0; }
static void reserved_speed(struct tree *t) { set_link(t, ROOT, UP, 9, 16); }
static void ends_differ(struct tree *t) { t->at[END].caps.link.speed = 3; }
static void widths_differ(struct tree *t) { t->at[UP].caps.link.width = 8; }
static void no_mps(struct tree *t) { t->at[END].caps.mps_bytes = 0; }
static void integrated(struct tree *t) { t->at[END].n_ports = 0; }
static void integrated_type(struct tree *t) { t->at[END].caps.pcie_type = 9; }
static void no_place(struct tree *t) { t->at[END].has_ports = false; }
static void no_capability(struct tree *t) { t->at[END].caps.pcie = 0; }
static void port_without(struct tree *t) { t->at[UP].caps.pcie = 0; }
static void port_missing(struct tree *t) { t->ports[1].bus = 99; }
static void to_conventional(struct tree *t) { t->at[DOWN].caps.pcie_type = 7; }
static void no_root(struct tree *t) { t->at[END].n_ports = 2; }
static void is_io(struct tree *t) { t->bar.io = true; }

static void unknowns(void **state)
{
	static void (*const changes[])(struct tree *tree) = {
		no_speed, no_width,      reserved_speed, ends_differ,  widths_differ,   no_mps,  integrated, integrated_type,
		no_place, no_capability, port_without,   port_missing, to_conventional, no_root, is_io,
	};
	static const struct ceiling nothing;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
		struct tree tree;

		plant(&tree);
		changes[i](&tree);

		struct ceiling ceiling = measure(&tree);

		for (unsigned int k = 0; k < CEILING_PAYLOADS; k++)
			if (ceiling.net_mbps[k] != nothing.net_mbps[k] || ceiling.bound_mbps[k] != 0)
				fail_msg("change %zu: %f MB/s", i, ceiling.net_mbps[k]);
		assert_true(ceiling.net_of_mps_mbps == 0 && ceiling.mps_bytes == 0 && ceiling.narrowest.width == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published), cmocka_unit_test(by_hand),          cmocka_unit_test(nothing_known),
		cmocka_unit_test(one_sided), cmocka_unit_test(narrowest),        cmocka_unit_test(virtual_function),
		cmocka_unit_test(unknowns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

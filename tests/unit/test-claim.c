/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a claim refuses, what it changes, and that all of it is put back. */
#include "pcitree.h"

#include "act/claim.h"
#include "base/cleanup.h"

#define CONFIG DEVICE_DIR "config"

static void assert_untouched(const struct fake *fake)
{
	assert_true(fake_is_untouched(fake->tree));
}

static void assert_refused(struct fake *fake, const char *id)
{
	struct claim claim = CLAIM_NONE;
	struct err err = { 0 };
	int r = claim_take(&fake->tree->root, &fake->device, &fake->device.bars[0], NULL, &err, &claim);

	assert_true(r < 0);
	assert_string_equal(err.id, id);
	assert_non_null(strstr(err.text, "0000:01:00.0"));
	assert_int_equal(claim.dir, -1);
}

static void assert_taken(struct fake *fake, struct claim *claim)
{
	struct err err = { 0 };

	if (claim_take(&fake->tree->root, &fake->device, &fake->device.bars[0], NULL, &err, claim) < 0)
		fail_msg("%s: %s", err.id, err.text);
	if (claim_check(claim, &err) < 0 || claim_check_shared(claim, &err) < 0)
		fail_msg("%s: %s", err.id, err.text);
}

static void assert_noticed(const struct claim *claim, const char *id)
{
	struct err err = { 0 };

	assert_true(claim_check(claim, &err) < 0);
	assert_string_equal(err.id, id);
}

static void unbound(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct fake fake;

	fake_make(*state, &fake);
	assert_taken(&fake, &claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "pciwc-claimed");
	assert_string_equal(tree_text(*state, DEVICE_DIR "enable"), "1");
	assert_string_equal(tree_text(*state, DEVICE_DIR "power/control"), "on");
	/* Memory on, mastering off, INTx still off. */
	assert_int_equal(peek(*state, CONFIG, 0x04, 2), 0x0402);
	/* A bridge is never written to. */
	assert_int_equal(peek(*state, PORT_DIR "config", 0x04, 2), 0x0007);
	claim_release(&claim);
	assert_untouched(&fake);
	claim_release(&claim);
}

static void override_of_another(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct fake fake;

	fake_make(*state, &fake);
	tree_file(*state, DEVICE_DIR "driver_override", "vfio-pci\n");
	assert_taken(&fake, &claim);
	claim_release(&claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "vfio-pci");

	/* Somebody sets one while it is claimed: noticed, and left. */
	assert_taken(&fake, &claim);
	tree_file(*state, DEVICE_DIR "driver_override", "mine\n");
	assert_noticed(&claim, "changed");
	claim_release(&claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "mine\n");

	/* A pciwc was killed, and its journal says nothing of what was there. */
	tree_file(*state, DEVICE_DIR "driver_override", "pciwc-claimed\n");
	assert_taken(&fake, &claim);
	claim_release(&claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "\n");
}

/* What one that was killed has left is put back by the next, as far as it is still so. */
static void left(void **state)
{
	struct claim killed = CLAIM_NONE, claim = CLAIM_NONE;
	struct claim_before before = { 0 }, again = { 0 };
	struct err err = { 0 };
	struct fake fake;

	fake_make(*state, &fake);
	tree_file(*state, DEVICE_DIR "driver_override", "mine\n");
	assert_int_equal(claim_look(&fake.tree->root, &fake.device.address, &err, &before), 0);
	assert_true(before.is_known);
	assert_string_equal(before.driver_override, "mine");
	assert_taken(&fake, &killed);
	/* What is claimed is not how it was. */
	assert_int_equal(claim_look(&fake.tree->root, &fake.device.address, &err, &again), 0);
	assert_false(again.is_known);
	if (claim_take(&fake.tree->root, &fake.device, &fake.device.bars[0], &before, &err, &claim) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_string_equal(tree_text(*state, DEVICE_DIR "enable"), "1");
	claim_release(&claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "mine");
	tree_file(*state, DEVICE_DIR "driver_override", "(null)\n");
	assert_untouched(&fake);

	/* It is somebody else's since: that stays. */
	tree_file(*state, DEVICE_DIR "power/control", "on\n");
	poke(*state, CONFIG, 0x04, 0x0406, 2);
	if (claim_take(&fake.tree->root, &fake.device, &fake.device.bars[0], &before, &err, &claim) < 0)
		fail_msg("%s: %s", err.id, err.text);
	claim_release(&claim);
	assert_string_equal(tree_text(*state, DEVICE_DIR "power/control"), "on\n");
	assert_int_equal(peek(*state, CONFIG, 0x04, 2), 0x0406);

	/* Where there is no power management nothing of it changes; of what is not there the claim says so. */
	claim_before_done(&before);
	unlink(tree_path(*state, DEVICE_DIR "power/control"));
	assert_int_equal(claim_look(&fake.tree->root, &fake.device.address, &err, &before), 0);
	assert_true(before.is_known);
	assert_null(before.power_control);
	claim_before_done(&before);
	unlink(tree_path(*state, CONFIG));
	assert_int_equal(claim_look(&fake.tree->root, &fake.device.address, &err, &before), 0);
	assert_false(before.is_known);
	awake_done(&killed.awake);
	free(killed.driver_override);
	close_fd(&killed.dir);
}

static void vfio(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct err err = { 0 };
	struct fake fake;

	fake_make(*state, &fake);
	fake_bind(*state, "nvgrace-gpu-vfio-pci");
	fake.device.vfio = true;
	fake.device.driver = (char *)"nvgrace-gpu-vfio-pci";
	tree_link(*state, DEVICE_DIR "iommu_group", "../../../../kernel/iommu_groups/5");
	assert_refused(&fake, "cannot-claim");
	assert_untouched(&fake);

	tree_file(*state, "dev/vfio/5", "");
	assert_taken(&fake, &claim);
	assert_true(claim.group >= 0);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "(null)\n");
	assert_string_equal(tree_text(*state, DEVICE_DIR "enable"), "0\n");
	assert_int_equal(peek(*state, CONFIG, 0x04, 2), 0x0402);
	/* The driver that it had must stay. */
	assert_int_equal(unlink(tree_path(*state, DEVICE_DIR "driver")), 0);
	assert_int_equal(claim_check(&claim, &err), -EBUSY);
	assert_non_null(strstr(err.text, "none"));
	err = (struct err){ 0 };
	fake_bind(*state, "nvme");
	assert_int_equal(claim_check(&claim, &err), -EBUSY);
	assert_non_null(strstr(err.text, "nvme"));
	/* And COMMAND is the other one's. */
	poke(*state, CONFIG, 0x04, 0x0406, 2);
	claim_release(&claim);
	assert_int_equal(peek(*state, CONFIG, 0x04, 2), 0x0406);
	poke(*state, CONFIG, 0x04, 0x0404, 2);
	assert_int_equal(unlink(tree_path(*state, DEVICE_DIR "driver")), 0);
	fake_bind(*state, "nvgrace-gpu-vfio-pci");
	assert_untouched(&fake);

	/* A group that VFIO made up has another name. */
	tree_file(*state, "sys/kernel/iommu_groups/5/name", "vfio-noiommu\n");
	assert_refused(&fake, "cannot-claim");
	tree_file(*state, "dev/vfio/noiommu-5", "");
	assert_taken(&fake, &claim);
	claim_release(&claim);
}

static void refused(void **state)
{
	static const struct {
		const char *file, *other, *ours;
	} ids[] = {
		{ DEVICE_DIR "vendor", "0x8086\n", "0x1af4\n" },
		{ DEVICE_DIR "device", "0x1111\n", "0x1110\n" },
		{ DEVICE_DIR "revision", "0x02\n", "0x01\n" },
		{ DEVICE_DIR "subsystem_vendor", "0x1028\n", "0x1af4\n" },
		{ DEVICE_DIR "subsystem_device", "0x1101\n", "0x1100\n" },
		{ DEVICE_DIR "class", "0x058000\n", "0x050000\n" },
	};
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	fake_bind(tree, "nvme");
	assert_refused(&fake, "bound");
	/* Scanned as VFIO's, but another driver has it now. */
	fake.device.vfio = true;
	fake.device.driver = (char *)"vfio-pci";
	assert_refused(&fake, "bound");
	fake_make(tree, &fake);
	unlink(tree_path(tree, DEVICE_DIR "driver"));

	tree_file(tree, DEVICE_DIR "boot_vga", "1\n");
	assert_refused(&fake, "boot-vga");
	tree_file(tree, DEVICE_DIR "boot_vga", "0\n");
	tree_file(tree, DEVICE_DIR "sriov_numvfs", "3\n");
	assert_refused(&fake, "has-vfs");
	tree_file(tree, DEVICE_DIR "sriov_numvfs", "0\n");

	for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
		tree_file(tree, ids[i].file, ids[i].other);
		assert_refused(&fake, "vanished");
		tree_file(tree, ids[i].file, ids[i].ours);
	}
	fake.device.bars[0].base += 0x10000;
	assert_refused(&fake, "vanished");
	assert_untouched(&fake);
}

static void refused_registers(void **state)
{
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	poke(tree, CONFIG, 0x00, 0xffffffff, 4);
	assert_refused(&fake, "vanished");
	poke(tree, CONFIG, 0x00, 0x11111af4, 4);
	assert_refused(&fake, "vanished");
	poke(tree, CONFIG, 0x00, 0x11101af4, 4);
	poke(tree, CONFIG, FAKE_PM + 4, 3, 2);
	assert_refused(&fake, "not-decoding");
	poke(tree, CONFIG, FAKE_PM + 4, 0, 2);

	poke(tree, PORT_DIR "config", 0x04, 0x0005, 2);
	assert_refused(&fake, "not-decoding");
	poke(tree, PORT_DIR "config", 0x04, 0x0007, 2);
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x12, 0x0041, 2);
	assert_refused(&fake, "link-down");
	/* The port's slot has something in it, which answers: so its link status is right. */
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x02, 0x0142, 2);
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x1a, 0x0040, 2);
	assert_refused(&fake, "link-down");

	struct claim claim = CLAIM_NONE;

	/* A port that finds its slot empty meanwhile cannot be asked. */
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x1a, 0x0000, 2);
	assert_taken(&fake, &claim);
	claim_release(&claim);
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x02, 0x0042, 2);
	assert_refused(&fake, "link-down");
	/* A conventional device has no link to be down. */
	fake.device.caps.pcie = 0;
	assert_taken(&fake, &claim);
	claim_release(&claim);
	fake.device.caps.pcie = FAKE_PCIE;
	/* A port that does not report it is believed. */
	poke(tree, PORT_DIR "config", FAKE_PCIE + 0x0c, 0x00000041, 4);
	assert_untouched(&fake);
	assert_taken(&fake, &claim);
	claim_release(&claim);
	assert_untouched(&fake);
}

static void refused_shared(void **state)
{
	struct tree *tree = *state;
	struct fake fake;
	char line[512];

	fake_make(tree, &fake);
	snprintf(line, sizeof(line), "      %llx-%llx : vfio-pci\n", BAR_BASE, BAR_BASE + 0xfff);
	fake_iomem(tree, line);
	assert_refused(&fake, "busy");
	snprintf(line, sizeof(line), "      %llx-%llx : BOOTFB\n", BAR_BASE, BAR_BASE + 0xfff);
	fake_iomem(tree, line);
	assert_refused(&fake, "boot-vga");
	/* Without root's eyes all addresses are zero. */
	tree_file(tree, "proc/iomem", "00000000-00000000 : 0000:01:00.0\n");
	assert_refused(&fake, "cannot-claim");
	fake_iomem(tree, "");

	tree_file(tree, "proc/77/comm", "evil\033\n");
	tree_file(tree, "proc/77/maps",
	          "7f0000000000-7f0000010000 rw-s 382000000000 00:15 4711       /sys/devices/pci0000:00/0000:00:08.0/"
	          "0000:01:00.0/resource2_wc\n");
	assert_refused(&fake, "busy");
	assert_untouched(&fake);
}

static void noticed(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct tree *tree = *state;
	struct err err = { 0 };
	struct fake fake;

	fake_make(tree, &fake);
	assert_taken(&fake, &claim);
	poke(tree, CONFIG, 0x04, 0x0406, 2);
	assert_noticed(&claim, "changed");
	poke(tree, CONFIG, 0x04, 0x0402, 2);
	assert_int_equal(claim_check(&claim, &err), 0);
	poke(tree, CONFIG, 0x1c, 0x00003821, 4);
	assert_noticed(&claim, "changed");
	poke(tree, CONFIG, 0x1c, 0x00003820, 4);
	poke(tree, CONFIG, 0x00, 0xffffffff, 4);
	assert_noticed(&claim, "vanished");
	poke(tree, CONFIG, 0x00, 0x11101af4, 4);
	tree_file(tree, DEVICE_DIR "resource", "0x0 0x0 0x0\n0x0 0x0 0x0\n0x382000000000 0x3820000fffff 0x14220c\n");
	assert_noticed(&claim, "changed");
	claim_release(&claim);
	assert_untouched(&fake);
}

/* A driver that came meanwhile owns COMMAND. */
static void bound_meanwhile(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct fake fake;

	fake_make(*state, &fake);
	assert_taken(&fake, &claim);
	fake_bind(*state, "ivshmem");
	poke(*state, CONFIG, 0x04, 0x0406, 2);
	assert_noticed(&claim, "bound");
	claim_release(&claim);
	assert_int_equal(peek(*state, CONFIG, 0x04, 2), 0x0406);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "\n");
}

/* Unplugged, and one like it plugged in: the new one is never touched. */
static void replaced(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	assert_taken(&fake, &claim);
	if (rename(tree_path(tree, DEVICE_DIR), tree_path(tree, PORT_DIR "old")) < 0)
		fail_msg("rename");
	assert_noticed(&claim, "vanished");
	fake_device(tree);
	assert_noticed(&claim, "vanished");
	claim_release(&claim);
	assert_string_equal(tree_text(tree, DEVICE_DIR "driver_override"), "(null)\n");
	assert_string_equal(tree_text(tree, DEVICE_DIR "enable"), "0\n");
	assert_int_equal(peek(tree, CONFIG, 0x04, 2), 0x0404);
}

static void virtual_function(void **state)
{
	struct claim claim = CLAIM_NONE;
	struct tree *tree = *state;
	unsigned char pf[4096] = { 0 };
	struct fake fake;

	fake_make(tree, &fake);
	fake.device.is_vf = true;
	poke(tree, CONFIG, 0x00, 0xffffffff, 4);
	poke(tree, CONFIG, 0x04, 0x0004, 2);
	put16(pf, 0x00, 0x8086);
	put32(pf, 0x100, 0x10010);
	tree_bytes(tree, PORT_DIR "0000:01:00.1/config", pf, sizeof(pf));
	assert_refused(&fake, "cannot-claim");
	tree_link(tree, DEVICE_DIR "physfn", "../0000:01:00.1");
	assert_refused(&fake, "not-decoding");
	poke(tree, PORT_DIR "0000:01:00.1/config", 0x108, 0x0009, 2);
	assert_taken(&fake, &claim);
	assert_string_equal(tree_text(tree, DEVICE_DIR "enable"), "0\n");
	/* It has no memory bit of its own. */
	assert_int_equal(peek(tree, CONFIG, 0x04, 2), 0);
	poke(tree, PORT_DIR "0000:01:00.1/config", 0x108, 0x0001, 2);
	assert_noticed(&claim, "not-decoding");
	claim_release(&claim);
	assert_int_equal(peek(tree, CONFIG, 0x04, 2), 0x0004);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unbound, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(override_of_another, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(left, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(vfio, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused_registers, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused_shared, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(noticed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bound_meanwhile, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(replaced, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(virtual_function, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which registers and counters count as a new error, where it is put, and when errors count as observed. */
#include "pcitree.h"

#include "act/errors.h"

#define DEVICE_CONFIG DEVICE_DIR "config"
#define PORT_CONFIG PORT_DIR "config"

struct watch {
	struct error_sources sources;
	struct error_snapshot before, after;
	char text[256];
};

static void begin(struct fake *fake, struct watch *watch)
{
	struct err err = { 0 };

	*watch = (struct watch){ 0 };
	assert_int_equal(errors_open(&fake->tree->root, &fake->device, &err, &watch->sources), 0);
	assert_int_equal(errors_read(&watch->sources, &watch->before), 0);
}

static enum error_news news(struct watch *watch)
{
	error_snapshot_done(&watch->after);
	assert_int_equal(errors_read(&watch->sources, &watch->after), 0);
	watch->text[0] = '\0';
	return errors_compare(&watch->sources, &watch->before, &watch->after, watch->text);
}

static void end(struct watch *watch)
{
	error_snapshot_done(&watch->before);
	error_snapshot_done(&watch->after);
	errors_close(&watch->sources);
}

static void registers(void **state)
{
	static const struct {
		const char *file;
		unsigned int at, size;
		uint32_t value;
		enum error_news news;
		const char *text;
	} rows[] = {
		{ DEVICE_CONFIG, 0x06, 2, 0x0810, ERROR_NEWS_HERE, "0000:01:00.0: Status: new 0x800 (signaled target abort)" },
		{ DEVICE_CONFIG, 0x06, 2, 0x0018, ERROR_NEWS_NONE, "" },
		{ DEVICE_CONFIG, FAKE_PCIE + 0x0a, 2, 0x0009, ERROR_NEWS_HERE,
		  "0000:01:00.0: Device Status: new 0x9 (correctable, unsupported request)" },
		{ DEVICE_CONFIG, FAKE_PCIE + 0x0a, 2, 0x0020, ERROR_NEWS_NONE, "" },
		{ DEVICE_CONFIG, FAKE_AER + 0x04, 4, 0x00048000, ERROR_NEWS_HERE,
		  "0000:01:00.0: AER uncorrectable status: new 0x48000 (completer abort, malformed TLP)" },
		{ DEVICE_CONFIG, FAKE_AER + 0x10, 4, 0x00000001, ERROR_NEWS_HERE,
		  "0000:01:00.0: AER correctable status: new 0x1 (receiver)" },
		/* An endpoint has neither of these, whatever lies there. */
		{ DEVICE_CONFIG, 0x1e, 2, 0x0800, ERROR_NEWS_NONE, "" },
		{ DEVICE_CONFIG, FAKE_AER + 0x30, 4, 0x00000040, ERROR_NEWS_NONE, "" },
		{ PORT_CONFIG, 0x1e, 2, 0x2000, ERROR_NEWS_HERE, "0000:00:08.0: Secondary Status: new 0x2000 (received master abort)" },
		{ PORT_CONFIG, FAKE_AER + 0x30, 4, 0x00000001, ERROR_NEWS_ELSEWHERE,
		  "0000:00:08.0: AER root error status: new 0x1 (correctable received)" },
		{ PORT_CONFIG, FAKE_AER + 0x30, 4, 0x00000054, ERROR_NEWS_HERE,
		  "0000:00:08.0: AER root error status: new 0x54 (uncorrectable received, fatal received)" },
		{ PORT_CONFIG, FAKE_AER + 0x30, 4, 0x08000000, ERROR_NEWS_NONE, "" },
		{ PORT_CONFIG, FAKE_DPC + 0x08, 2, 0x1f01, ERROR_NEWS_HERE, "0000:00:08.0: DPC status: new 0x1 (triggered)" },
		{ PORT_CONFIG, FAKE_PCIE + 0x12, 2, 0x2021, ERROR_NEWS_HERE,
		  "0000:00:08.0: the link's speed or width changed: Link Status 0x021, was 0x041" },
		{ DEVICE_CONFIG, 0x06, 2, 0xffff, ERROR_NEWS_HERE, "0000:01:00.0 no longer answers" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch watch;
		struct fake fake;

		fake_make(*state, &fake);
		begin(&fake, &watch);
		assert_int_equal(news(&watch), ERROR_NEWS_NONE);
		poke(*state, rows[i].file, rows[i].at, rows[i].value, rows[i].size);
		assert_int_equal(news(&watch), rows[i].news);
		assert_string_equal(watch.text, rows[i].text);
		end(&watch);
	}
}

/* A bit that stood before is not new, and its going away is no error: the kernel cleared it. */
static void standing(void **state)
{
	struct watch watch;
	struct fake fake;

	fake_make(*state, &fake);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x10, 0x2000, 4);
	begin(&fake, &watch);
	assert_int_equal(news(&watch), ERROR_NEWS_NONE);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x10, 0, 4);
	assert_int_equal(news(&watch), ERROR_NEWS_NONE);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x10, 0x2001, 4);
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	end(&watch);
}

static void counters(void **state)
{
	struct watch watch;
	struct fake fake;

	fake_make(*state, &fake);
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TLP 0\nUnsupReq 4\nTOTAL_ERR_NONFATAL 4\n");
	tree_file(*state, PORT_DIR "aer_rootport_total_err_cor", "7\n");
	tree_file(*state, PORT_DIR "aer_rootport_total_err_fatal", "0\n");
	begin(&fake, &watch);
	assert_int_equal(news(&watch), ERROR_NEWS_NONE);
	tree_file(*state, PORT_DIR "aer_rootport_total_err_cor", "8\n");
	assert_int_equal(news(&watch), ERROR_NEWS_ELSEWHERE);
	assert_string_equal(watch.text, "0000:00:08.0: aer_rootport_total_err_cor went from 7 to 8");
	tree_file(*state, PORT_DIR "aer_rootport_total_err_fatal", "1\n");
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	assert_string_equal(watch.text, "0000:00:08.0: aer_rootport_total_err_fatal went from 0 to 1");
	tree_file(*state, PORT_DIR "aer_rootport_total_err_fatal", "0\n");
	/* What is ours explains what the root saw. */
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TLP 0\nUnsupReq 5\nTOTAL_ERR_NONFATAL 5\n");
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	assert_string_equal(watch.text, "0000:01:00.0: aer_dev_nonfatal went from 4 to 5");
	/* All that is here is told, as far as there is room. */
	poke(*state, PORT_CONFIG, 0x06, 0x4010, 2);
	poke(*state, DEVICE_CONFIG, FAKE_PCIE + 0x0a, 0x0002, 2);
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	assert_string_equal(watch.text, "0000:01:00.0: aer_dev_nonfatal went from 4 to 5; "
	                                "0000:01:00.0: Device Status: new 0x2 (non-fatal); "
	                                "0000:00:08.0: Status: new 0x4000 (signaled system error)");
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x04, 0xffffffff, 4);
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x04, 0x7fffffff, 4);
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	assert_int_equal(strlen(watch.text), 255);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x04, 0, 4);
	poke(*state, PORT_CONFIG, 0x06, 0x0010, 2);
	poke(*state, DEVICE_CONFIG, FAKE_PCIE + 0x0a, 0x0000, 2);
	assert_true(errors_observed(&watch.sources, &watch.before, &watch.after));
	/* Garbage is no number: an error would not be seen, and a number that follows it is no news. */
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL x\n");
	assert_int_equal(news(&watch), ERROR_NEWS_ELSEWHERE);
	assert_false(errors_observed(&watch.sources, &watch.before, &watch.after));
	/* What else there is counts. */
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x04, 0x00100000, 4);
	assert_int_equal(news(&watch), ERROR_NEWS_HERE);
	poke(*state, DEVICE_CONFIG, FAKE_AER + 0x04, 0, 4);
	error_snapshot_done(&watch.before);
	assert_int_equal(errors_read(&watch.sources, &watch.before), 0);
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 6\n");
	assert_int_equal(news(&watch), ERROR_NEWS_NONE);
	assert_false(errors_observed(&watch.sources, &watch.before, &watch.after));
	end(&watch);
}

static void assert_worth(struct fake *fake, bool observed, enum containment containment)
{
	struct watch watch;

	begin(fake, &watch);
	assert_int_equal(errors_observed(&watch.sources, &watch.before, &watch.before), observed);
	assert_int_equal(errors_containment(&watch.sources), containment);
	end(&watch);
}

static void worth(void **state)
{
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	assert_worth(&fake, true, CONTAINMENT_AER);

	/* An uncorrectable error stands, masked or not: a new one would not be seen. */
	poke(tree, DEVICE_CONFIG, FAKE_AER + 0x04, 0x00100000, 4);
	assert_worth(&fake, false, CONTAINMENT_AER);
	poke(tree, DEVICE_CONFIG, FAKE_AER + 0x04, 0, 4);
	/* With AER, Device Status is but its summary; a correctable error blinds nobody. */
	poke(tree, DEVICE_CONFIG, FAKE_PCIE + 0x0a, 0x0008, 2);
	poke(tree, DEVICE_CONFIG, FAKE_AER + 0x10, 0x2000, 4);
	assert_worth(&fake, true, CONTAINMENT_AER);
	/* Without AER it is all there is. */
	poke(tree, DEVICE_CONFIG, FAKE_AER, 0, 4);
	assert_worth(&fake, false, CONTAINMENT_AER);
	poke(tree, DEVICE_CONFIG, FAKE_PCIE + 0x0a, 0x0001, 2);
	assert_worth(&fake, true, CONTAINMENT_AER);
	/* A conventional device tells by PCI Status. */
	poke(tree, DEVICE_CONFIG, 0x34, 0, 1);
	assert_worth(&fake, true, CONTAINMENT_AER);
	poke(tree, DEVICE_CONFIG, 0x06, 0x0810, 2);
	assert_worth(&fake, false, CONTAINMENT_AER);
}

static void owner(void **state)
{
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	/* DPC counts when it is armed and Linux's. */
	poke(tree, PORT_CONFIG, FAKE_DPC + 0x06, 0x0001, 2);
	assert_worth(&fake, true, CONTAINMENT_AER);
	tree_dir(tree, "sys/bus/pci_express/drivers/dpc/0000:00:08.0:pcie008");
	assert_worth(&fake, true, CONTAINMENT_DPC);
	poke(tree, PORT_CONFIG, FAKE_DPC + 0x06, 0x0000, 2);
	assert_worth(&fake, true, CONTAINMENT_AER);

	/* The capability and its counters are there, but firmware has them. */
	if (rmdir(tree_path(tree, "sys/bus/pci_express/drivers/aer/0000:00:08.0:pcie002")) < 0)
		fail();
	tree_file(tree, PORT_DIR "aer_rootport_total_err_cor", "0\n");
	assert_worth(&fake, false, CONTAINMENT_NONE);
	/* Another port's service is not this one's. */
	tree_dir(tree, "sys/bus/pci_express/drivers/aer/0000:00:08.1:pcie002");
	assert_worth(&fake, false, CONTAINMENT_NONE);
	/* Integrated in the root complex: nothing above it. */
	fake.device.n_ports = 0;
	assert_worth(&fake, false, CONTAINMENT_NONE);
}

/* A list of capabilities that goes in a circle, or ends in the middle of nowhere. */
static void broken_lists(void **state)
{
	struct tree *tree = *state;
	struct fake fake;

	fake_make(tree, &fake);
	poke(tree, DEVICE_CONFIG, FAKE_PCIE, FAKE_PM << 8 | 0x11, 2);
	poke(tree, DEVICE_CONFIG, FAKE_AER, 0x10010002, 4);
	assert_worth(&fake, true, CONTAINMENT_AER);
	if (truncate(tree_path(tree, DEVICE_CONFIG), 64) < 0)
		fail();
	assert_worth(&fake, true, CONTAINMENT_AER);
	if (truncate(tree_path(tree, DEVICE_CONFIG), 0) < 0)
		fail();
	assert_worth(&fake, false, CONTAINMENT_AER);
	unlink(tree_path(tree, PORT_CONFIG));
	assert_worth(&fake, false, CONTAINMENT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registers, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(standing, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(counters, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(worth, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(owner, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(broken_lists, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-config: a configuration space of any length, whose lists may go in circles; by both readers of it. */
#include <fcntl.h>

#include "tests/fuzz/fuzz.h"

#include "act/config.h"
#include "base/cleanup.h"
#include "observe/pci-caps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_buffer buffer = { data, size };
	const struct config_source source = { .read = config_buffer_read, .data = &buffer,
		                              .size_bytes = size > CONFIG_STANDARD ? CONFIG_EXTENDED : CONFIG_STANDARD };
	const struct pci_address address = { .bus = 1 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct gaps gaps = { 0 };
	struct caps caps = { 0 };
	int fd;

	MUST(pci_caps_read(&source, &gaps, &caps) == 0);
	MUST(caps.config_bytes <= CONFIG_EXTENDED);
	gaps_done(&gaps);
	fuzz_write("sys/bus/pci/devices/0000:01:00.0/config", data, size);
	MUST(sysroot_open(fuzz_dir(), NULL, &root) == 0 && config_open(&root, &address, O_RDONLY, &fd) == 0);
	for (unsigned int id = 0; id < 0x40; id++) {
		MUST(config_cap(fd, (uint8_t)id) < CONFIG_STANDARD);
		MUST(config_ext_cap(fd, (uint16_t)id) < CONFIG_EXTENDED);
	}
	close(fd);
	return 0;
}

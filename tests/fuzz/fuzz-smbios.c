/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-smbios: the firmware's table, whose structures say themselves how long they are. */
#include <errno.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "observe/smbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smbios smbios = { 0 };
	int r = smbios_parse(data, size, &smbios);

	MUST(r == 0 || r == -EBADMSG);
	for (size_t i = 0; i < smbios.processors.n; i++)
		MUST(!smbios.processors.at[i].version || strlen(smbios.processors.at[i].version) <= size);
	smbios_done(&smbios);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence: all that a decision may look at; every pointer is borrowed and set. */
#pragma once

#include <stdbool.h>

#include "model/approval.h"
#include "model/device.h"
#include "model/expectation.h"
#include "model/finding.h"
#include "model/import.h"
#include "model/journal.h"
#include "model/kernel.h"
#include "model/platform.h"
#include "model/quirk.h"
#include "model/site.h"

struct evidence {
	const struct platform *platform;
	const struct kernel *kernel;
	const struct devices *devices;
	const struct quirks *quirks;
	const struct site *site;
	const struct records *records;
	const struct strs *broken_records; /* files of findings that cannot be read, and why; NULL: none */
	const struct imports *imports; /* NULL: the site names none */
	const struct strs *broken_imports; /* those of them that cannot be read, and why; NULL: none */
	const struct journal *journal;
	const struct approvals *approvals; /* NULL: none is on disk */
	const char *machine; /* fingerprint_machine() of this machine */
	const char *database, *site_digest, *imports_digest; /* digests of what was judged by, as text; NULL: unknown */
	bool is_replay;      /* a captured root, not this machine */
};

/* The scope in which this machine's findings are made. */
static inline enum scope evidence_scope(const struct evidence *evidence)
{
	if (evidence->is_replay)
		return SCOPE_REPLAY;
	/* What cannot be told from a virtual machine is treated as one: its findings never count for hardware. */
	return evidence->platform->is_virtual == TRI_NO ? SCOPE_HARDWARE : SCOPE_VIRTUAL;
}

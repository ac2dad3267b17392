/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge-path: what is concluded of the way between the CPU and a device. Pure. */
#pragma once

#include "decide/evidence.h"
#include "decide/proof.h"
#include "model/verdict.h"

/* What a verdict of a path rests on, for its BARs to ask. */
struct path_grounds {
	struct path_proof proof; /* the best of its BARs', and a failure on any of them */
	bool is_accepted;        /* the site takes an allow-after-probe entry for the proof */
};

/* 0 or -ENOMEM. */
int judge_path(const struct evidence *evidence, const struct device *device, const struct expectation *expectation,
               struct path_verdict *path, struct path_grounds *ret_grounds);

/* What whoever has a machine that no entry knows can do for the next one; address NULL: any of its devices. 0 or -ENOMEM. */
int judge_stranger(const struct pci_address *address, struct nexts *nexts);

/* Whose path it is: a captured machine's, or a hypervisor's, is not proven by what is seen here. 0 or -ENOMEM. */
int judge_platform(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons,
                   struct nexts *nexts);

/* Findings that cannot be read: whatever they say may be bad, and of this path. 0 or -ENOMEM. */
int judge_past(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons, struct nexts *nexts);

/* What the path is, where that cannot be read: then what was found on it is not found again. 0 or -ENOMEM. */
int judge_unread(const struct evidence *evidence, const struct device *device, enum verdict_kind *kind, struct reasons *reasons,
                 struct nexts *nexts);

/* A test that failed on the same path, proof->failed being there. 0 or -ENOMEM. */
int judge_failure(const struct evidence *evidence, const struct path_proof *proof, enum verdict_kind *kind,
                  struct reasons *reasons, struct nexts *nexts);

/* The host died in a probe of a BAR on the same path. 0 or -ENOMEM. */
int judge_death(const struct journal_entry *death, enum verdict_kind *kind, struct reasons *reasons, struct nexts *nexts);

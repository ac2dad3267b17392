/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publication: what programs are told of this boot: /run/pciwc/policy.json. Written by `policy apply`, read by
 * `pciwc query`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "model/device.h"
#include "model/words.h"

#define PUBLICATION_FILE "/run/pciwc/policy.json"

struct published_range {
	uint64_t offset, size_bytes; /* of the BAR */
	enum verdict_kind kind;
	bool is_granted;
};

struct published_bar {
	uint8_t bar;
	enum verdict_kind kind;
	enum scope scope;
	bool is_granted;
	enum backend backend; /* BACKEND_NONE: it is not granted */
	char *group;          /* whom it is granted; NULL */
	char *reason;         /* the id of what speaks against it; NULL: nothing */
	struct published_range *at;
	size_t n;
};

struct published_device {
	struct pci_address address;
	enum verdict_kind path;
	struct published_bar *at;
	size_t n;
};

struct publication {
	struct published_device *at;
	size_t n;
};

void publication_done(struct publication *publication);
struct json_object *publication_to_json(const struct publication *publication);
/* Members that a newer version added do not matter. 0 or a negative errno with err. */
int publication_from_json(const struct json_at *at, struct err *err, struct publication *ret);
/* What is published of this BAR; NULL: nothing. */
const struct published_bar *publication_find(const struct publication *publication, const struct pci_address *address,
                                             unsigned int bar);
/* The ranges of one BAR, in the shape of `pciwc query`. */
struct json_object *published_ranges_to_json(const struct published_bar *bar);

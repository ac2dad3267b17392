/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publication: what programs are told of this boot: /run/pciwc/policy.json. Written by `policy apply`, read by
 * `pciwc query` and libpciwc.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "model/card.h"
#include "model/device.h"
#include "model/kernel.h"
#include "model/words.h"

#define PUBLICATION_NAME "policy.json"
#define PUBLICATION_DIR "/run/pciwc"
#define PUBLICATION_FILE PUBLICATION_DIR "/" PUBLICATION_NAME

struct published_range {
	uint64_t offset, size_bytes; /* of the BAR */
	enum verdict_kind kind;
	bool is_granted;
	enum backend backend; /* BACKEND_NONE: it is not granted */
	bool on_request;      /* only for a program that asks the driver */
};

struct published_bar {
	uint8_t bar;
	bool has_place; /* false: an earlier version published it, which did not say where it was */
	uint64_t base, size_bytes;
	enum verdict_kind kind;
	enum scope scope;
	/* Of the BAR as a whole: a backend may grant a range of one that is not granted. */
	bool is_granted;
	enum backend backend; /* BACKEND_NONE: it is not granted */
	bool on_request;
	char *group;          /* whom it is granted; NULL */
	char *reason;         /* the id of what speaks against it; NULL: nothing */
	struct published_range *at;
	size_t n;
};

/* What of a port anybody may read: a proof was of the way through it. */
struct published_port {
	struct pci_address address;
	uint16_t vendor, device;
	uint8_t revision;
};

struct published_ports {
	struct published_port *at; /* nearest first */
	size_t n;
	bool is_known; /* false: an earlier version published it, or they could not be read, so that none is no fact */
};

struct published_device {
	struct pci_address address;
	/* Which device was judged, and where: another one at this address, or one behind other ports, has nothing of it. */
	uint16_t vendor, device;
	uint8_t revision;
	struct card card;
	struct published_ports ports;
	enum verdict_kind path;
	enum guest_rule guest; /* what a guest that gets the device may make of its BARs */
	struct published_bar *at;
	size_t n;
};

struct publication {
	struct published_device *at;
	size_t n;
};

void publication_done(struct publication *publication);
/* What is left when no grant counts: the verdicts. */
void publication_ungrant(struct publication *publication);
struct json_object *publication_to_json(const struct publication *publication);
/* Members that a newer version added do not matter. 0 or a negative errno with err. */
int publication_from_json(const struct json_at *at, struct err *err, struct publication *ret);
/* What is published of this device, of this BAR; NULL: nothing. */
struct published_device *publication_find(const struct publication *publication, const struct pci_address *address);
struct published_bar *published_device_bar(const struct published_device *device, unsigned int bar);
/* RANGE as it is published: the caller may add members. */
struct json_object *published_range_to_json(const struct published_range *range);

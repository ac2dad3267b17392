/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card: what tells apart two functions of one silicon, by vendor, device and revision the same: whose card it is, and what it
 * says it does. Entries of the database may mean one of them only.
 */
#pragma once

#include "base/json.h"
#include "model/device.h"

struct card {
	uint16_t subsystem_vendor, subsystem_device;
	uint32_t class;
	bool is_known; /* false: an earlier version wrote it, or it does not travel (model/import.h) */
};

struct card card_of(const struct device *device);
bool card_is_of(const struct card *card, const struct device *device); /* false when it is not known */
/* Adds its members to o: none when it is not known. */
void card_put(struct json_object *o, const struct card *card);
/* The members of at, all of them or none: 0 or a negative errno with err. */
int card_from_json(const struct json_at *at, struct err *err, struct card *ret);

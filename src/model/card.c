/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card: from a device, to JSON and back. */
#include "model/card.h"

#include "base/cleanup.h"

struct card card_of(const struct device *device)
{
	return (struct card){ device->subsystem_vendor, device->subsystem_device, device->class, true };
}

bool card_is_of(const struct card *card, const struct device *device)
{
	return card->is_known && card->subsystem_vendor == device->subsystem_vendor &&
	       card->subsystem_device == device->subsystem_device && card->class == device->class;
}

void card_put(struct json_object *o, const struct card *card)
{
	if (!card->is_known)
		return;
	json_put_hex(o, "subsystem_vendor", card->subsystem_vendor, 4);
	json_put_hex(o, "subsystem_device", card->subsystem_device, 4);
	json_put_hex(o, "class", card->class, 6);
}

int card_from_json(const struct json_at *at, struct err *err, struct card *ret)
{
	static const char *const keys[] = { "subsystem_vendor", "subsystem_device", "class" };
	uint64_t vendor, device, class;
	struct json_at member;
	bool has_any = false;
	int r;

	for (size_t i = 0; i < ELEMENTSOF(keys); i++)
		has_any |= json_member(at, keys[i], &member);
	if (!has_any)
		return 0;
	r = json_need_u64(at, keys[0], UINT16_MAX, err, &vendor);
	if (r == 0)
		r = json_need_u64(at, keys[1], UINT16_MAX, err, &device);
	if (r == 0)
		r = json_need_u64(at, keys[2], 0xffffff, err, &class);
	if (r == 0)
		*ret = (struct card){ (uint16_t)vendor, (uint16_t)device, (uint32_t)class, true };
	return r;
}

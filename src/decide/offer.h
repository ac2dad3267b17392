/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer: safe is one thing; worth it, asked for, and possible through a backend here are three more. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/verdict.h"

/*
 * What the site asks for of device->bars[i], and what of it can be given: fills backend, n_asked, given and group of a
 * verdict whose kind, ranges and gain are final, and says why not. The BARs before it have been offered. 0 or -ENOMEM.
 */
int offer_bar(const struct evidence *evidence, const struct device *device, size_t i, struct device_verdict *verdict);

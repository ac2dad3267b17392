/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words: the names. */
#include "model/words.h"

const char *const verdict_names[VERDICTS] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_UNSAFE] = "unsafe",
	[VERDICT_SAFE] = "safe",
};

const char *const scope_names[SCOPES] = {
	[SCOPE_UNKNOWN] = "unknown",
	[SCOPE_HARDWARE] = "hardware",
	[SCOPE_VIRTUAL] = "virtual",
	[SCOPE_REPLAY] = "replay",
};

const char *const scope_meanings[SCOPES] = {
	[SCOPE_UNKNOWN] = "for nothing that is known",
	[SCOPE_HARDWARE] = "for this machine with the firmware, the kernel and the devices that it has now",
	[SCOPE_VIRTUAL] = "for this virtual machine only: the path is its hypervisor's, and nothing is said of the hardware below",
	[SCOPE_REPLAY] = "for nothing yet: a captured machine is only looked at",
};

const char *const backend_names[BACKENDS] = {
	[BACKEND_NONE] = "none",
	[BACKEND_GRANT] = "grant",
	[BACKEND_VARIANT] = "variant",
	[BACKEND_PIN] = "pin",
};

const char *const how_names[HOWS] = {
	[HOW_UNCACHED] = "uncached",
	[HOW_SYSFS] = "sysfs-wc",
	[HOW_VFIO] = "vfio",
	[HOW_VFIO_REQUEST] = "vfio-on-request",
};

const char *const how_meanings[HOWS] = {
	[HOW_UNCACHED] = "map it uncached",
	[HOW_SYSFS] = "map its resourceN_wc in /sys/bus/pci/devices",
	[HOW_VFIO] = "map it through VFIO, within one range: the mapping is write-combining",
	[HOW_VFIO_REQUEST] = "ask the driver (pciwc_vfio_request(), libpciwc(3)), then map it through VFIO, within one range",
};

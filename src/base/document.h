/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document: a JSON file that only its owner could have written. */
#pragma once

#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"
#include "base/sysroot.h"

/*
 * Reads what fd holds, strictly: the caller puts *ret with json_done. name is for messages; a negative fd is the errno of
 * opening it. -EPERM when others than root could have written it (sysroot_trust), -EFBIG over max_bytes (id
 * "unreadable"), -EINVAL when it is no JSON.
 */
int document_read(const struct sysroot *root, int fd, const char *name, size_t max_bytes, struct err *err,
                  struct json_object **ret);
/*
 * Changes with any byte that such a file holds, and with why document_read would refuse it unread: for who asks whether it is another
 * one by now. 0, -ENOMEM, or -ENOSYS when there is no digest.
 */
int document_digest(const struct sysroot *root, int fd, size_t max_bytes, struct err *err, unsigned char ret[static DIGEST_BYTES]);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signature: did the holder of a key that the administrator trusts sign these bytes. Ed25519 (RFC 8032) by libsodium: one
 * function over exact bytes, with no parser, program, configuration or environment between it and its answer.
 */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/sysroot.h"

/* Public keys, *.pem, as `openssl pkey -pubout` writes them (RFC 8410). A key whose file is taken away signs nothing more; what it
 * has signed before stays installed until a newer bundle replaces it. */
#define KEYS_DIR PKGDATADIR "/keys"
#define SIGNATURE_BYTES 64

/*
 * 0 when one of the keys of KEYS_DIR made this signature; ret_key (the caller frees it) is the name of its file. -EPERM with
 * err: none did (id "bad-signature"), or there is no key (id "no-key"). What is no key, or can be written by others, is passed over,
 * and named where there is no other. Another negative errno with err: a key that may be the one could not be read just now.
 */
int signature_check(const struct sysroot *root, const char *bytes, size_t size, const char *signature, size_t signature_size,
                    struct err *err, char **ret_key);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signature: the only user of libsodium. */
#include "act/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>

#include "base/cleanup.h"

#define KEY_MAX_BYTES 4096

/* SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, 4 and 10.1). */
static const unsigned char spki_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

/* PEM (RFC 7468) around base64 of head and key. 0 or -EINVAL. */
static int key_parse(const char *text, unsigned char ret[static crypto_sign_PUBLICKEYBYTES])
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----", end[] = "-----END PUBLIC KEY-----";
	unsigned char der[sizeof(spki_head) + crypto_sign_PUBLICKEYBYTES];
	const char *from = strstr(text, begin), *to = from ? strstr(from, end) : NULL;
	size_t size;

	if (!to)
		return -EINVAL;
	from += strlen(begin);
	if (sodium_base642bin(der, sizeof(der), from, (size_t)(to - from), "\r\n", &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    size != sizeof(der) || memcmp(der, spki_head, sizeof(spki_head)) != 0)
		return -EINVAL;
	memcpy(ret, der + sizeof(spki_head), crypto_sign_PUBLICKEYBYTES);
	return 0;
}

static int key_read(const struct sysroot *root, int dir, const char *name, struct err *err,
                    unsigned char ret[static crypto_sign_PUBLICKEYBYTES])
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r = fd < 0 ? err_last() : 0;
	_cleanup_free_ char *path = str_printf(KEYS_DIR "/%s", name), *text = NULL;
	size_t size;

	if (!path)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	if (r == 0)
		r = sysroot_trust(root, fd, path, err);
	if (r == 0)
		r = fd_bytes(fd, KEY_MAX_BYTES, &text, &size);
	if (r)
		return err_errno(err, r, "unreadable", "%s%s", root->name, path);
	if (key_parse(text, ret) < 0)
		return err_set(err, -EINVAL, "bad-file", "%s%s: expected an Ed25519 public key, PEM", root->name, path);
	return 0;
}

/* Of key_read: there is none in this file. Otherwise this may be the one that signed, which could not be read just now. */
static bool is_no_key(int r)
{
	return r == -ENOENT || r == -EACCES || errno_is_of_file(r);
}

static bool is_key(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && name[0] != '.' && !strcmp(name + n - 4, ".pem");
}

/* Keys that count, in a directory that only root writes; ret_dir -1: there is none. */
static int keys_list(const struct sysroot *root, struct err *err, int *ret_dir, struct strs *ret)
{
	_cleanup_close_ int dir = -1;
	struct err why = { 0 };
	int r = sysroot_guarded(root, KEYS_DIR, &why, &dir);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = dir_list(dir, ret);
	if (r < 0)
		return why.text[0] ? err_set(err, r, why.id, "%s", why.text) : err_errno(err, r, "unreadable", "%s" KEYS_DIR, root->name);
	*ret_dir = steal_fd(&dir);
	return 0;
}

int signature_check(const struct sysroot *root, const char *bytes, size_t size, const char *signature, size_t signature_size,
                    struct err *err, char **ret_key)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_close_ int dir = -1;
	struct err none = { 0 }, unread = { 0 };
	size_t tried = 0;
	int failed = 0, r = keys_list(root, err, &dir, &names);

	if (r < 0)
		return r;
	if (sodium_init() < 0)
		return err_set(err, -EIO, "failed", "libsodium does not start");
	if (signature_size != SIGNATURE_BYTES)
		return err_set(err, -EPERM, "bad-signature", "the signature has %zu bytes, expected the %d of Ed25519", signature_size,
		               SIGNATURE_BYTES);
	for (size_t i = 0; i < names.n; i++) {
		unsigned char key[crypto_sign_PUBLICKEYBYTES];
		struct err why = { 0 };

		if (!is_key(names.at[i]))
			continue;
		r = key_read(root, dir, names.at[i], &why, key);
		if (r == 0) {
			tried++;
			if (crypto_sign_verify_detached((const unsigned char *)signature, (const unsigned char *)bytes, size, key) == 0)
				return str_set(ret_key, names.at[i]) < 0 ? err_set(err, -ENOMEM, "out-of-memory", "out of memory") : 0;
		} else if (is_no_key(r)) {
			err_set(&none, r, why.id, "%s", why.text);
		} else {
			failed = err_set(&unread, r, why.id, "%s", why.text);
		}
	}
	if (failed)
		return err_set(err, failed, unread.id, "%s", unread.text);
	if (!tried)
		return err_set(err, -EPERM, "no-key", "%s" KEYS_DIR ": no key there that can be used%s%s", root->name,
		               none.text[0] ? ": " : "", none.text);
	return err_set(err, -EPERM, "bad-signature", "none of the %zu keys of %s" KEYS_DIR " made this signature", tried, root->name);
}

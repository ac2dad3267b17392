/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-bundle: a signature, a key and an update of the database. No input is signed by the key that we hold, but what we sign
 * ourselves; what an update's checks let through counts as a whole once it is installed.
 *
 * input: the signature (SIGNATURE_BYTES), the length of the key's file (1 byte), that file, the bundle.
 */
#include <sodium.h>
#include <string.h>

#include "tests/fuzz/mutate.h"

#include "act/signature.h"
#include "base/cleanup.h"
#include "base/sysroot.h"
#include "observe/quirks-check.h"
#include "observe/quirks.h"

#define HEAD_BYTES (SIGNATURE_BYTES + 1)
/* From the root down, without its first slash. */
#define BELOW(path) ((path) + 1)

struct parts {
	const char *signature, *key, *bundle;
	size_t key_size, size;
};

static bool split(const uint8_t *data, size_t size, struct parts *ret)
{
	if (size < HEAD_BYTES || size - HEAD_BYTES < data[SIGNATURE_BYTES])
		return false;
	ret->signature = (const char *)data;
	ret->key = (const char *)data + HEAD_BYTES;
	ret->key_size = data[SIGNATURE_BYTES];
	ret->bundle = ret->key + ret->key_size;
	ret->size = size - HEAD_BYTES - ret->key_size;
	return true;
}

/* A key pair of a fixed seed, its public half where the keys are. */
static const unsigned char *our_key(void)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = "pciwc's fuzzers", spki[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
		                                                                                0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	static unsigned char secret[crypto_sign_SECRETKEYBYTES];
	unsigned char all[sizeof(spki) + crypto_sign_PUBLICKEYBYTES];
	char text[128], pem[256];

	if (secret[0])
		return secret;
	MUST(sodium_init() >= 0 && crypto_sign_seed_keypair(all + sizeof(spki), secret, seed) == 0);
	memcpy(all, spki, sizeof(spki));
	sodium_bin2base64(text, sizeof(text), all, sizeof(all), sodium_base64_VARIANT_ORIGINAL);
	snprintf(pem, sizeof(pem), "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", text);
	fuzz_write(BELOW(KEYS_DIR "/ours.pem"), pem, strlen(pem));
	return secret;
}

static void check_signature(const struct sysroot *root, const struct parts *parts)
{
	unsigned char ours[SIGNATURE_BYTES];
	_cleanup_free_ char *name = NULL, *again = NULL;
	struct err err = { 0 };

	MUST(crypto_sign_detached(ours, NULL, (const unsigned char *)parts->bundle, parts->size, our_key()) == 0);
	fuzz_write(BELOW(KEYS_DIR "/a.pem"), parts->key, parts->key_size);
	/* By the other key, if that is one; never by ours. */
	MUST(signature_check(root, parts->bundle, parts->size, parts->signature, SIGNATURE_BYTES, &err, &name) == 0 ? strcmp(name, "ours.pem") != 0
	                                                                                                     : err.text[0]);
	MUST(signature_check(root, parts->bundle, parts->size, (const char *)ours, SIGNATURE_BYTES, &err, &again) == 0);
	ours[parts->size % SIGNATURE_BYTES] ^= 1;
	free(again);
	again = NULL;
	MUST(signature_check(root, parts->bundle, parts->size, (const char *)ours, SIGNATURE_BYTES, &err, &again) == -EPERM);
}

/* Each check by itself: a child whose only work is the first is not to be believed. */
static void check_bundle(const struct sysroot *root, const struct parts *parts)
{
	static const char distribution[] = "{\"schema\":1,\"serial\":20200101,\"entries\":[]}";
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	_cleanup_free_ char *text = malloc(parts->size + 1);
	struct err load = { 0 }, place = { 0 }, err = { 0 };
	uint64_t serial = 0;

	MUST(text);
	memcpy(text, parts->bundle, parts->size);
	text[parts->size] = '\0';

	int loads = quirks_check_load("update", text, parts->size, &load, &serial);
	int fits = quirks_check_place(root, "update", text, parts->size, serial, &place);

	MUST(loads == 0 || load.text[0]);
	MUST(fits == 0 || place.text[0]);
	if (loads < 0 || fits < 0)
		return;
	fuzz_write(BELOW(QUIRKS_DISTRIBUTION_DIR "/10-a.json"), distribution, strlen(distribution));
	fuzz_write(BELOW(QUIRKS_UPDATE_DIR "/" QUIRKS_UPDATE_FILE), text, parts->size);
	MUST(quirks_load(root, NULL, &err, &quirks) == 0 && !quirks.broken.n && !quirks.damaged.n);
	fuzz_remove(BELOW(QUIRKS_UPDATE_DIR "/" QUIRKS_UPDATE_FILE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct parts parts;

	if (!split(data, size, &parts))
		return 0;
	MUST(sysroot_open(fuzz_dir(), NULL, &root) == 0);
	check_signature(&root, &parts);
	check_bundle(&root, &parts);
	return 0;
}

/* What is before the bundle is bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct parts parts;

	if (!split(data, size, &parts) || seed % 4 == 0)
		return LLVMFuzzerMutate(data, size, max_size);

	size_t head = size - parts.size;

	return head + mutate_json(data + head, parts.size, max_size - head, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *ret, size_t max_size,
                                 unsigned int seed)
{
	struct parts parts, others;

	if (!split(one, one_size, &parts) || !split(two, two_size, &others) || max_size < one_size)
		return 0;

	size_t head = one_size - parts.size;

	memcpy(ret, one, head);
	return head + cross_json((const uint8_t *)parts.bundle, parts.size, (const uint8_t *)others.bundle, others.size, ret + head, max_size - head, seed);
}

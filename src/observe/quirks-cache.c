/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-cache: a head, a slot for each file by the digest of its text, and the entries; each byte is below a digest. */
#include "observe/quirks-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "model/quirk-pack.h"

#define CACHE_MAX_BYTES (256 << 20)

struct cache_slot {
	unsigned char key[DIGEST_BYTES], check[DIGEST_BYTES]; /* of the file's text, of its entries here */
	uint64_t offset, size;                                /* among the entries */
};

/* Numbers and layout are those of the program that wrote it: its build is below the digest. */
struct head {
	char magic[8];
	unsigned char check[DIGEST_BYTES]; /* of the build, and of n and the slots */
	uint64_t n;
};

static const char magic[8] = { 'P', 'C', 'I', 'W', 'C', 'Q', 'C', '1' };

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct cache_slot *)a)->key, ((const struct cache_slot *)b)->key, DIGEST_BYTES);
}

/* ---- reading ---- */

/* From n on: whoever has another build gets another digest. */
static int head_check(const char *from, size_t size, unsigned char ret[static DIGEST_BYTES])
{
	const void *program;
	size_t program_size;
	int r = digest_program(&program, &program_size);

	return r < 0 ? r : digest_of(program, program_size, from, size, ret);
}

/* Who can put a file there could make it say less than the database does. */
static int file_read(const struct sysroot *root, char **ret, size_t *ret_size)
{
	_cleanup_close_ int dir = -1, fd = -1;
	int r = sysroot_trusted(root, QUIRKS_CACHE_DIR, NULL, &dir);

	if (r < 0)
		return r;
	fd = openat(dir, QUIRKS_CACHE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	r = fd < 0 ? -errno : sysroot_trust(root, fd, QUIRKS_CACHE_FILE, NULL);
	return r < 0 ? r : fd_bytes(fd, CACHE_MAX_BYTES, ret, ret_size);
}

static bool is_intact(const char *bytes, size_t size, struct head *ret)
{
	unsigned char check[DIGEST_BYTES];

	if (size < sizeof(*ret))
		return false;
	memcpy(ret, bytes, sizeof(*ret));
	if (memcmp(ret->magic, magic, sizeof(magic)) != 0 || ret->n > (size - sizeof(*ret)) / sizeof(struct cache_slot))
		return false;
	return head_check(bytes + offsetof(struct head, n), sizeof(ret->n) + ret->n * sizeof(struct cache_slot), check) == 0 &&
	       !memcmp(check, ret->check, DIGEST_BYTES);
}

void quirks_cache_open(const struct sysroot *root, struct quirks_cache *ret)
{
	_cleanup_free_ char *bytes = NULL;
	struct head head;
	size_t size;

	*ret = (struct quirks_cache){ 0 };
	if (file_read(root, &bytes, &size) < 0 || !is_intact(bytes, size, &head))
		return;
	ret->slots.at = calloc(head.n + 1, sizeof(*ret->slots.at));
	if (!ret->slots.at)
		return;
	memcpy(ret->slots.at, bytes + sizeof(head), head.n * sizeof(*ret->slots.at));
	ret->slots.n = head.n;
	ret->bytes = steal(&bytes);
	ret->size = size;
}

/* The slot's entries, borrowed; false: they are not those that were written. */
static bool slot_open(const struct quirks_cache *cache, const struct cache_slot *slot, struct unpack *ret)
{
	size_t begin = sizeof(struct head) + cache->slots.n * sizeof(*slot), left = cache->size - begin;
	unsigned char check[DIGEST_BYTES];

	if (slot->offset > left || slot->size > left - slot->offset)
		return false;
	*ret = (struct unpack){ cache->bytes + begin + slot->offset, slot->size, false };
	return digest_of(ret->at, ret->n, NULL, 0, check) == 0 && !memcmp(check, slot->check, DIGEST_BYTES);
}

static int entries_unpack(struct unpack *in, const char *file, struct quirk_version *ret)
{
	size_t n;
	int r = 0;

	ret->serial = unpack_u64(in, UINT32_MAX);
	n = unpack_u64(in, in->n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct quirk quirk, *slot;

		r = quirk_unpack(in, file, &quirk);
		slot = r == 0 ? array_add(&ret->entries) : NULL;
		if (slot)
			*slot = quirk;
		else if (r == 0) {
			quirk_done(&quirk);
			r = -ENOMEM;
		}
	}
	return r == 0 && (in->is_failed || in->n) ? -EINVAL : r;
}

bool quirks_cache_recall(const struct quirks_cache *cache, const char *file, const char *text, size_t size, struct quirk_version *ret)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { .kind = VERSION_GOOD };
	const struct cache_slot *slot;
	struct cache_slot wanted = { 0 };
	struct unpack in;

	if (!cache->bytes || digest_of(text, size, NULL, 0, wanted.key) < 0)
		return false;
	slot = bsearch(&wanted, cache->slots.at, cache->slots.n, sizeof(wanted), compare);
	if (!slot || !slot_open(cache, slot, &in) || entries_unpack(&in, file, &version) < 0)
		return false;
	ret->is_readable = true;
	ret->serial = version.serial;
	ret->entries = version.entries;
	version.entries.at = NULL;
	version.entries.n = 0;
	return true;
}

/* ---- writing ---- */

void quirks_cache_make(struct quirks_cache *ret)
{
	*ret = (struct quirks_cache){ .is_made = true };
}

/* A fault names a path, and what is newer is held with its text: those are read anew each time. */
static bool is_faultless(const struct quirk_version *version)
{
	bool is = version->kind == VERSION_GOOD && !version->fault && !version->voids.n && version->is_readable;

	for (size_t i = 0; is && i < version->entries.n; i++)
		is = version->entries.at[i].state == QUIRK_ACTIVE;
	return is;
}

void quirks_cache_keep(struct quirks_cache *cache, const char *text, size_t size, const struct quirk_version *version)
{
	size_t before = cache->kept.n;
	struct cache_slot *slot;

	if (!cache->is_made || !is_faultless(version))
		return;
	pack_u64(&cache->kept, version->serial);
	pack_u64(&cache->kept, version->entries.n);
	for (size_t i = 0; i < version->entries.n; i++)
		quirk_pack(&version->entries.at[i], &cache->kept);
	slot = cache->kept.is_failed ? NULL : array_add(&cache->slots);
	if (!slot || digest_of(text, size, NULL, 0, slot->key) < 0 ||
	    digest_of(cache->kept.at + before, cache->kept.n - before, NULL, 0, slot->check) < 0) {
		cache->is_incomplete = true;
		return;
	}
	slot->offset = before;
	slot->size = cache->kept.n - before;
}

int quirks_cache_bytes(struct quirks_cache *cache, struct err *err, char **ret, size_t *ret_size)
{
	struct pack file = { 0 };
	struct head head = { .n = cache->slots.n };
	int r;

	memcpy(head.magic, magic, sizeof(magic));
	if (cache->slots.n)
		qsort(cache->slots.at, cache->slots.n, sizeof(*cache->slots.at), compare);
	pack_bytes(&file, &head, sizeof(head));
	pack_bytes(&file, cache->slots.at, cache->slots.n * sizeof(*cache->slots.at));
	pack_bytes(&file, cache->kept.at, cache->kept.n);
	r = file.is_failed || cache->is_incomplete ? -ENOMEM : 0;
	if (r == 0)
		r = head_check(file.at + offsetof(struct head, n), sizeof(head.n) + head.n * sizeof(struct cache_slot), head.check);
	if (r < 0) {
		free(file.at);
		return r == -ENOENT ? err_set(err, -ENOTSUP, "failed", "this build of pciwc has no build id, expected one linked with --build-id")
		                    : err_errno(err, r, "failed", "%s", QUIRKS_CACHE_FILE);
	}
	memcpy(file.at + offsetof(struct head, check), head.check, DIGEST_BYTES);
	*ret = file.at;
	*ret_size = file.n;
	return 0;
}

void quirks_cache_done(struct quirks_cache *cache)
{
	free(cache->bytes);
	free(cache->slots.at);
	free(cache->kept.at);
	*cache = (struct quirks_cache){ 0 };
}

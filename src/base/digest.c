/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest: hashes by libsodium, whose BLAKE2b is a strong hash that keeps up with reading. */
#include "base/digest.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sodium.h>
#include <string.h>

int digest_of(const void *a, size_t a_size, const void *b, size_t b_size, unsigned char ret[static DIGEST_BYTES])
{
	crypto_generichash_state state;

	/* It chooses the fastest way that this processor has. */
	if (sodium_init() < 0 || crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES) != 0 ||
	    crypto_generichash_update(&state, a, a_size) != 0 || crypto_generichash_update(&state, b, b_size) != 0 ||
	    crypto_generichash_final(&state, ret, DIGEST_BYTES) != 0)
		return -ENOSYS;
	return 0;
}

void digest_text(const unsigned char digest[static DIGEST_BYTES], char ret[static DIGEST_TEXT])
{
	sodium_bin2hex(ret, DIGEST_TEXT, digest, DIGEST_BYTES);
}

struct note {
	const void *at;
	size_t size;
};

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* The first that is called for is the program itself: dl_iterate_phdr(3). */
static int find_note(struct dl_phdr_info *info, size_t size, void *data)
{
	struct note *ret = data;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): the loader says it as a number */
		const char *at = (const char *)(info->dlpi_addr + segment->p_vaddr);
		size_t left = segment->p_type == PT_NOTE ? segment->p_memsz : 0;
		ElfW(Nhdr) note;

		while (left >= sizeof(note)) {
			memcpy(&note, at, sizeof(note));

			size_t name = padded(note.n_namesz), desc = padded(note.n_descsz);

			if (name > left - sizeof(note) || desc > left - sizeof(note) - name)
				break;
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(at + sizeof(note), "GNU", 4))
				*ret = (struct note){ at + sizeof(note) + name, note.n_descsz };
			at += sizeof(note) + name + desc;
			left -= sizeof(note) + name + desc;
		}
	}
	return 1;
}

int digest_program(const void **ret, size_t *ret_size)
{
	struct note note = { NULL, 0 };

	dl_iterate_phdr(find_note, &note);
	if (!note.size)
		return -ENOENT;
	*ret = note.at;
	*ret_size = note.size;
	return 0;
}

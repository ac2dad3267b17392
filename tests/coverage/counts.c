/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counts: keeps what gcc's --coverage counts in a file that is mapped, instead of writing it at the program's end: a jailed child can
 * open no file, and who is killed has no end. Linked into each program and library of a coverage build, and into nothing else.
 *
 * One file in COVERAGE_DIR for each of them, named by its build ID; where it cannot be opened nothing is counted, and nothing else
 * changes. With COVERAGE_DUMP=DIRECTORY in its environment a program does nothing but write gcda files of the file's counts there,
 * each named as gcc would, with # for /.
 */
#include <fcntl.h>
#include <gcov.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char coverage_start[] __attribute__((weak, visibility("hidden"))), coverage_stop[] __attribute__((weak, visibility("hidden")));
extern const struct gcov_info *const __start_gcov_info[] __attribute__((weak, visibility("hidden"))),
	*const __stop_gcov_info[] __attribute__((weak, visibility("hidden")));

/* What we are part of: its build ID in hexadecimal, and whether it is a program. */
struct image {
	char id[64];
	bool is_program;
};

static bool is_of(const struct dl_phdr_info *object, const void *address)
{
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && (uintptr_t)address - (object->dlpi_addr + part->p_vaddr) < part->p_memsz)
			return true;
	}
	return false;
}

static void take_id(const char *note, size_t size_bytes, struct image *image)
{
	while (size_bytes >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *head = (const void *)note;
		size_t name_bytes = (head->n_namesz + 3u) & ~3u, length = sizeof(*head) + name_bytes + ((head->n_descsz + 3u) & ~3u);

		for (size_t i = 0; head->n_type == NT_GNU_BUILD_ID && i < head->n_descsz && 2 * i + 3 < sizeof(image->id); i++)
			sprintf(image->id + 2 * i, "%02x", (unsigned char)note[sizeof(*head) + name_bytes + i]);
		if (length >= size_bytes)
			return;
		note += length;
		size_bytes -= length;
	}
}

/* The first object is the program. */
static int look_at(struct dl_phdr_info *object, size_t size __attribute__((unused)), void *data)
{
	struct image *image = data;
	static bool is_first = true;

	image->is_program = is_first;
	is_first = false;
	if (!is_of(object, coverage_start))
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_NOTE && !image->id[0])
			take_id((const char *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr), object->dlpi_phdr[i].p_memsz, image);
	return 1;
}

/* Plain system calls: tests/failing-calls counts those of libc. */
static void keep(const char *id)
{
	size_t size_bytes = (size_t)(coverage_stop - coverage_start);
	char path[sizeof(COVERAGE_DIR) + 80];
	int fd;

	sprintf(path, COVERAGE_DIR "/%s", id);
	if (syscall(SYS_mkdirat, AT_FDCWD, COVERAGE_DIR, 0777) == 0)
		syscall(SYS_fchmodat, AT_FDCWD, COVERAGE_DIR, 0777);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	syscall(SYS_fchmod, fd, 0666); /* another user's: it has been done */
	if (syscall(SYS_ftruncate, fd, size_bytes) == 0)
		mmap(coverage_start, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	syscall(SYS_close, fd);
}

/* ---- COVERAGE_DUMP ---- */

struct dump {
	const char *directory;
	FILE *file;
};

static void dump_open(const char *name, void *data)
{
	struct dump *dump = data;
	char path[4096];
	size_t length = (size_t)snprintf(path, sizeof(path), "%s/", dump->directory);

	snprintf(path + length, sizeof(path) - length, "%s", name);
	for (char *at = path + length; *at; at++)
		if (*at == '/')
			*at = '#';
	dump->file = fopen(path, "w");
}

static void dump_write(const void *part, unsigned int size_bytes, void *data)
{
	struct dump *dump = data;

	if (!dump->file || fwrite(part, 1, size_bytes, dump->file) != size_bytes)
		_exit(1);
}

static void *dump_memory(unsigned int size_bytes, void *data __attribute__((unused)))
{
	return malloc(size_bytes);
}

__attribute__((constructor(101))) static void counts_begin(void)
{
	struct dump dump = { .directory = getenv("COVERAGE_DUMP") };
	struct image image = { 0 };

	if (&coverage_start[0] == &coverage_stop[0] || dl_iterate_phdr(look_at, &image) != 1 || !image.id[0])
		return;
	keep(image.id);
	if (!dump.directory)
		return;
	for (const struct gcov_info *const *info = __start_gcov_info; info < __stop_gcov_info; info++) {
		__gcov_info_to_gcda(*info, dump_open, dump_write, dump_memory, &dump);
		if (!dump.file || fclose(dump.file))
			_exit(1);
	}
	if (image.is_program)
		_exit(0);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls: each call that a program's own objects make of the C library can fail once, by its number: the linker's --wrap for each. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tree.h"

#include "act/apart.h"
#include "base/cleanup.h"

static unsigned int fails_at, calls; /* from 1; 0: none */
static bool is_armed;
static char failed_text[128];
static const char *failed_what; /* the call, or the file that it was to open; NULL: none has failed */
static void (*interlude)(void); /* before that call, which then does not fail; NULL: it fails */

/* Is this the call that fails? */
static bool fails_with(const char *what, int error)
{
	if (!is_armed || ++calls != fails_at)
		return false;
	snprintf(failed_text, sizeof(failed_text), "%s", what);
	failed_what = failed_text;
	errno = error;
	if (!interlude)
		return true;
	is_armed = false;
	interlude();
	is_armed = true;
	return false;
}

static bool fails(const char *what)
{
	return fails_with(what, EIO);
}

#define WRAP(type, name, parameters, arguments)                                                                        \
	type __real_##name parameters;                                                                                 \
	type __wrap_##name parameters;                                                                                 \
	type __wrap_##name parameters                                                                                  \
	{                                                                                                              \
		return fails(#name) ? (type)-1 : __real_##name arguments;                                               \
	}

WRAP(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size))
WRAP(ssize_t, pread64, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
WRAP(ssize_t, pwrite64, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
WRAP(int, fstat64, (int fd, struct stat *ret), (fd, ret))
WRAP(int, fstatat64, (int dir, const char *path, struct stat *ret, int flags), (dir, path, ret, flags))
WRAP(int, statx, (int dir, const char *path, int flags, unsigned int mask, struct statx *ret), (dir, path, flags, mask, ret))
WRAP(ssize_t, readlinkat, (int dir, const char *path, char *ret, size_t size), (dir, path, ret, size))

WRAP(int, faccessat, (int dir, const char *path, int mode, int flags), (dir, path, mode, flags))
/* A header may make the first one the second one. */
WRAP(ssize_t, getline, (char **line, size_t *room, FILE *file), (line, room, file))
WRAP(ssize_t, __getdelim, (char **line, size_t *room, int end, FILE *file), (line, room, end, file))

WRAP(int, renameat, (int from, const char *name, int to, const char *new_name), (from, name, to, new_name))
WRAP(int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, flock, (int fd, int how), (fd, how))
WRAP(int, memfd_create, (const char *name, unsigned int flags), (name, flags))

/* No host ends here: no disk is waited for. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	(void)fd;
	return fails("fsync") ? -1 : 0;
}

#define WRAP_POINTER(type, name, error, parameters, arguments)                                                         \
	type *__real_##name parameters;                                                                                \
	type *__wrap_##name parameters;                                                                                \
	type *__wrap_##name parameters                                                                                 \
	{                                                                                                              \
		return fails_with(#name, error) ? NULL : __real_##name arguments;                                       \
	}
#define WRAP_MEMORY(name, parameters, arguments) WRAP_POINTER(void, name, ENOMEM, parameters, arguments)

WRAP_MEMORY(malloc, (size_t size), (size))
WRAP_MEMORY(calloc, (size_t n, size_t size), (n, size))
WRAP_MEMORY(realloc, (void *old, size_t size), (old, size))
WRAP_MEMORY(reallocarray, (void *old, size_t n, size_t size), (old, n, size))
WRAP_MEMORY(strdup, (const char *text), (text))
WRAP_MEMORY(strndup, (const char *text, size_t n), (text, n))
WRAP(int, vasprintf, (char **ret, const char *format, va_list args), (ret, format, args))

int __real_openat64(int, const char *, int, ...);
int __wrap_openat64(int, const char *, int, ...);
int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	/* Plain files stand for attributes, which keep what they had until they are written to. */
	return fails(path) ? -1 : __real_openat64(dir, path, is_armed ? flags & ~O_TRUNC : flags, mode);
}

ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);
ssize_t __wrap_write(int fd, const void *from, size_t size)
{
	if (fails("write"))
		return -1;
	if (is_armed && fd > STDERR_FILENO && ftruncate(fd, 0) < 0)
		fail();
	return __real_write(fd, from, size);
}

WRAP_POINTER(DIR, fdopendir, EIO, (int fd), (fd))
WRAP_POINTER(struct dirent, readdir64, EIO, (DIR *dir), (dir))
WRAP_POINTER(FILE, fdopen, EIO, (int fd, const char *mode), (fd, mode))

/* openat2(2), which the C library has no name for */
long __real_syscall(long, ...);
long __wrap_syscall(long, ...);
long __wrap_syscall(long number, ...)
{
	va_list args;
	long a[6];

	va_start(args, number);
	for (size_t i = 0; i < ELEMENTSOF(a); i++)
		a[i] = va_arg(args, long);
	va_end(args);
	return number == SYS_openat2 && fails("openat2") ? -1 : __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Another C library, or a compiler's checks, may call these by other names: then nothing would fail. */
static void assert_many(unsigned int made, unsigned int least)
{
	if (made < least)
		fail_msg("only %u calls were seen, expected %u at least", made, least);
}

/* ---- in place of act/apart.c: what is looked for apart is looked for here, where its calls count, and no process is to be made for each ---- */

void *apart_memory(size_t size_bytes)
{
	return calloc(1, size_bytes);
}

void apart_memory_done(void *memory, size_t size_bytes)
{
	(void)size_bytes;
	free(memory);
}

int apart_run(void (*look)(int dir, void *shared), int dir, void *shared, const int *at, int patience_ms)
{
	(void)at;
	(void)patience_ms;
	look(dir, shared);
	return 0;
}

/* The n-th call from here on fails. */
static void arm(unsigned int at)
{
	fails_at = at;
	calls = 0;
	failed_what = NULL;
	is_armed = true;
}

/* No call fails any more; did one? */
static bool end(void)
{
	is_armed = false;
	return failed_what;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openat: stands before libc so that a valgrind which does not know openat2(2) can count. Paths are below the root without being
 * confined to it: only for a root that the test made.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number != SYS_openat2)
		return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);

	const struct open_how *how = (const struct open_how *)a[2];
	const char *path = (const char *)a[1];

	while (*path == '/')
		path++;
	return openat((int)a[0], *path ? path : ".", (int)how->flags, (mode_t)how->mode);
}

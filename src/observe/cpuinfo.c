/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuinfo: reads no more than one processor's lines: with hundreds of them the kernel takes long to write the rest. */
#include "observe/cpuinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

#define BLOCK_MAX 16384 /* x86 lists about 3 KiB a processor */

int cpuinfo_first(const struct sysroot *root, char **ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, "proc/cpuinfo", O_RDONLY | O_NONBLOCK);
	_cleanup_free_ char *lines = malloc(BLOCK_MAX);
	size_t used = 0;

	if (fd < 0)
		return fd;
	if (!lines)
		return -ENOMEM;
	for (;;) {
		ssize_t n = read(fd, lines + used, BLOCK_MAX - 1 - used);

		if (n < 0)
			return -errno;
		used += (size_t)n;
		lines[used] = '\0';

		char *end = strstr(lines, "\n\n");

		if (end)
			*end = '\0';
		if (end || n == 0 || used == BLOCK_MAX - 1)
			break;
	}
	*ret = steal(&lines);
	return 0;
}

/* The first character of the value and the value's length; NULL when there is no such line. */
static const char *find(const char *lines, const char *key, size_t *ret_length)
{
	size_t n = strlen(key);

	for (const char *line = lines; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, key, n))
			continue;

		const char *value = line + n + strspn(line + n, " \t");

		if (*value != ':')
			continue;
		value += 1 + strspn(value + 1, " \t");
		*ret_length = strcspn(value, "\n");
		return value;
	}
	return NULL;
}

int cpuinfo_value(const char *lines, const char *key, char **ret)
{
	size_t length;
	const char *value = find(lines, key, &length);

	char *copy = NULL;

	if (value) {
		copy = strndup(value, length);
		if (!copy)
			return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

uint64_t cpuinfo_number(const char *lines, const char *key)
{
	char text[24] = "";
	size_t length = 0;
	const char *found = find(lines, key, &length);
	uint64_t value;

	if (!found || length >= sizeof(text))
		return UINT64_MAX;
	memcpy(text, found, length);
	return parse_u64(text, 0, 0, 0xffff, &value) == 0 ? value : UINT64_MAX;
}

bool cpuinfo_has_word(const char *lines, const char *key, const char *word)
{
	size_t length, n = strlen(word);
	const char *value = find(lines, key, &length);

	for (size_t i = 0; value && i + n <= length; i++)
		if ((i == 0 || value[i - 1] == ' ') && !strncmp(value + i, word, n) &&
		    (i + n == length || value[i + n] == ' '))
			return true;
	return false;
}

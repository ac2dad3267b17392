/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz: files below one temporary directory. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strs.h"

static char dir[64];

/* All but the directory itself. */
static int drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	if (strlen(path) > strlen(dir) + 1)
		(void)remove(path);
	return 0;
}

static void remove_all(void)
{
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(dir);
}

const char *fuzz_dir(void)
{
	if (!dir[0]) {
		/* Memory, where there is such a place: thousands of trees are made in it. */
		snprintf(dir, sizeof(dir), "%s/pciwc-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		umask(022);
		MUST(mkdtemp(dir));
		atexit(remove_all);
	}
	return dir;
}

static char *place(const char *path)
{
	char *whole = str_printf("%s/%s", fuzz_dir(), path), *last = whole ? strrchr(whole, '/') : NULL;

	MUST(whole);
	*last = '\0';

	_Bool is_there = access(whole, F_OK) == 0;

	*last = '/';
	if (is_there)
		return whole;
	for (char *slash = whole + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(whole, 0755);
		*slash = '/';
	}
	return whole;
}

void fuzz_write(const char *path, const void *content, size_t size)
{
	_cleanup_free_ char *whole = place(path);
	_cleanup_close_ int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

	/* It may stand where another input put a directory or a link: then that is what there is. */
	if (fd >= 0)
		MUST(write(fd, content, size) == (ssize_t)size);
}

void fuzz_link(const char *path, const char *target)
{
	_cleanup_free_ char *whole = place(path);

	(void)unlink(whole);
	/* As with a file: what stands in its place is what there is. */
	if (symlink(target, whole) < 0)
		MUST(errno == EEXIST || errno == ENOTDIR);
}

void fuzz_remove(const char *path)
{
	_cleanup_free_ char *whole = place(path);

	if (unlink(whole) < 0 && errno == EISDIR)
		nftw(whole, drop, 16, FTW_DEPTH | FTW_PHYS);
}

struct json_object *fuzz_json(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	struct json_object *o = NULL;
	struct err err = { 0 };

	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';

	int r = json_parse("input", text, size, &err, &o);

	MUST(r == 0 || (err.text[0] && !o));
	return o;
}

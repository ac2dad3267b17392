/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document: reads a document of each kind of value and writes it, as every reader and writer does; for failing-calls. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/document.h"
#include "base/json.h"

#define DOCUMENT "etc/pciwc/document.json"

int main(int argc, char **argv)
{
	_cleanup_(json_done) struct json_object *read = NULL;
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_free_ char *text = NULL;
	struct err err = { 0 };
	_cleanup_close_ int fd = -1;
	int r = sysroot_open(argc == 2 ? argv[1] : NULL, &err, &root);

	if (r == 0)
		fd = sysroot_fd(&root, DOCUMENT, O_RDONLY);
	if (r == 0)
		r = document_read(&root, fd, DOCUMENT, 1 << 20, &err, &read);
	if (r == 0)
		text = json_text(read);
	if (r < 0 || !text || fputs(text, stdout) == EOF) {
		fprintf(stderr, "pciwc: %s\n", r < 0 && err.text[0] ? err.text : "out of memory");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

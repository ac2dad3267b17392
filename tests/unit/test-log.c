/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-log: what others chose, such as the name of a process, never commands the terminal that reads it. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/log.h"

/* What is warned of, as it comes out of standard error. */
static void warned(const char *text, char *ret, size_t size)
{
	int pipe_fds[2], before = dup(STDERR_FILENO);
	ssize_t n;

	assert_true(before >= 0 && pipe(pipe_fds) == 0 && dup2(pipe_fds[1], STDERR_FILENO) >= 0);
	log_warn("process 4711: %s", text);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	close(pipe_fds[1]);
	n = read(pipe_fds[0], ret, size - 1);
	close(pipe_fds[0]);
	assert_true(n >= 0);
	ret[n] = '\0';
}

static void controls(void **state)
{
	static const char *const rows[][2] = {
		{ "dpdk", "pciwc: process 4711: dpdk\n" },
		{ "d\033[31m\n\x7f", "pciwc: process 4711: d?[31m??\n" },
		/* U+009B does what ESC [ does, U+0090 what ESC P does; U+00A0 is no control character. */
		{ "d\xc2\x9b" "31m", "pciwc: process 4711: d??31m\n" },
		{ "\xc2\x80\xc2\x90\xc2\x9f", "pciwc: process 4711: ??????\n" },
		{ "\xc2\xa0\xc3\xa4", "pciwc: process 4711: \xc2\xa0\xc3\xa4\n" },
	};
	char line[256];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		warned(rows[i][0], line, sizeof(line));
		assert_string_equal(line, rows[i][1]);
	}
}

/* What is cut off is one line all the same. */
static void long_line(void **state)
{
	char text[2048], line[2048];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	warned(text, line, sizeof(line));
	assert_int_equal(strlen(line), 1023);
	assert_string_equal(line + 1020, "xx\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(controls), cmocka_unit_test(long_line) };

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

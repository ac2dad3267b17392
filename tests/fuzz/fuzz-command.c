/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-command: words of a command line, an input line each, on a captured machine that is almost empty. pciwc's main is
 * called as it is; the machine comes last, so that no word leads to the real one, and no word has a path in it.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#include "act/runner.h"
#include "base/cleanup.h"

#define WORDS_MAX 12

int pciwc_main(int argc, char **argv);

static void make_machine(void)
{
	fuzz_write("m/sys/devices/pci0000:00/0000:00:01.0/vendor", "0x1af4\n", 7);
	fuzz_write("m/sys/devices/pci0000:00/0000:00:01.0/class", "0x050000\n", 9);
	fuzz_link("m/sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
	fuzz_write("m/proc/sys/kernel/arch", "x86_64\n", 7);
	fuzz_write("q/10-none.json", "{\"schema\":1,\"serial\":1,\"entries\":[]}", 37);
	MUST(chdir(fuzz_dir()) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	char *words[WORDS_MAX + 8] = { (char *)"pciwc" }, *rest;
	static bool is_made;
	int n = 1, status;

	MUST(text);
	if (!is_made) {
		make_machine();
		is_made = true;
	}
	for (char *word = strtok_r(text, "\n", &rest); word && n <= WORDS_MAX; word = strtok_r(NULL, "\n", &rest))
		if (!strchr(word, '/') && strcmp(word, RUNNER_CHILD_ARG) != 0 && strcmp(word, "--") != 0)
			words[n++] = word;
	/* Twice: an option without its argument takes the word behind it. */
	words[n++] = (char *)"--quirks=q";
	words[n++] = (char *)"--root=m";
	words[n++] = (char *)"--quirks=q";
	words[n++] = (char *)"--root=m";
	optind = 0;
	status = pciwc_main(n, words);
	MUST(status >= 0 && status <= 4);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main: options, the verb table, and the one place where an error becomes words and an exit code. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "act/loader.h"
#include "act/runner.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"

const struct verb verbs[] = {
	{ "list", "[ADDRESS]...", "devices with prefetchable BARs: path, target, who may map what", cmd_list },
	{ "platform", "", "which silicon, firmware and kernel this is, and what could not be read", cmd_platform },
	{ "explain", "[ADDRESS[:BAR]]...", "each verdict with its reasons, references and next steps", cmd_explain },
	{ "probe", "[--plan] [--wide] [--at-boot|ADDRESS[:BAR]...]", "test write-combining on declared scratch memory (root)", cmd_probe },
	{ "bench", "ADDRESS:BAR | --file FILE", "how fast stores are, uncached and write-combining (root)", cmd_bench },
	{ "policy", "show|apply|verify|revert", "what is granted to whom: print, install (root), compare, take back (root)", cmd_policy },
	{ "pin", "ADDRESS", "hold what is approved for it, so that VFIO maps it write-combining (root)", cmd_pin },
	{ "refresh", "", "judge all again, without touching the hardware, and put it in force (root)", cmd_refresh },
	{ "udev", "[--wait|--warn] ADDRESS", "what is on file for a device, put in force: for the udev rule (root)", cmd_udev },
	{ "query", "ADDRESS:BAR", "what a program may map write-combined, and how", cmd_query },
	{ "site", "check [FILE]", "what is wrong in the site file, and which of its rows mean nothing here", cmd_site },
	{ "quirks", "list|query|check|stub|status|update|compile", "the quirk database: what counts, what means this machine; write an entry", cmd_quirks },
	{ "findings", "[export [ADDRESS[:BAR]]...|import FILE]",
	  "what was measured; take it to machines of the same silicon", cmd_findings },
	{ "journal", "[clear [ADDRESS:BAR]...]", "probes during which the host died; clear them (root)", cmd_journal },
	{ NULL, NULL, NULL, NULL },
};

/* Options without a letter of their own are beyond the letters: what getopt complains of is then told apart. */
enum option_code { OPTION_JSON = 256, OPTION_ROOT, OPTION_QUIRKS, OPTION_SITE, OPTION_ARCH, OPTION_KERNEL, OPTION_ALL, OPTION_PLAN,
	           OPTION_FILE, OPTION_WIDE, OPTION_STREAMS, OPTION_SIZE, OPTION_INSTALL, OPTION_STRICT, OPTION_SIGNATURE,
	           OPTION_DRY_RUN, OPTION_FORCE, OPTION_WAIT, OPTION_WARN, OPTION_AT_BOOT };

static const struct {
	const char *name, *argument, *help;
	int has_argument, code;
} option_table[] = {
	{ "json", NULL, "print JSON, errors included", no_argument, OPTION_JSON },
	{ "root", "DIR", "look at a captured machine instead of this one", required_argument, OPTION_ROOT },
	{ "quirks", "DIR", "use this quirk database", required_argument, OPTION_QUIRKS },
	{ "site", "FILE", "use this site file instead of /etc/pciwc/site.json", required_argument, OPTION_SITE },
	{ "arch", "NAME", "the architecture of a captured machine that does not say it", required_argument, OPTION_ARCH },
	{ "kernel", "RELEASE", "its kernel release, likewise", required_argument, OPTION_KERNEL },
	{ "all", NULL, "list, explain: also devices and BARs that are no candidates; query: all entries", no_argument, OPTION_ALL },
	{ "plan", NULL, "probe: only say what would be done", no_argument, OPTION_PLAN },
	{ "file", "FILE", "bench: a plain file instead of a BAR; its contents are put back", required_argument, OPTION_FILE },
	{ "wide", NULL, "bench, probe: also stores that a hypervisor may be unable to emulate", no_argument, OPTION_WIDE },
	{ "size", "BYTES", "bench: transfers of this size only: 64, 256, ... 4194304", required_argument, OPTION_SIZE },
	{ "streams", "N", "bench: this number of address streams only: 1, 2 or 4", required_argument, OPTION_STREAMS },
	{ "install", NULL, "findings import: copy the file to /etc/pciwc/imports", no_argument, OPTION_INSTALL },
	{ "at-boot", NULL, "probe: what the site file declares, if it wants that probed at boot", no_argument, OPTION_AT_BOOT },
	{ "wait", NULL, "udev: until the kernel has finished the device, then let udev know", no_argument, OPTION_WAIT },
	{ "warn", NULL, "udev: say whether a VFIO driver has a device on an unsafe path, and what to do", no_argument, OPTION_WARN },
	{ "output", "FILE", "findings export: write to a new file; -o for short", required_argument, 'o' },
	{ "strict", NULL, "quirks check: warnings are errors", no_argument, OPTION_STRICT },
	{ "signature", "FILE", "quirks update: the signature, if not FILE.sig", required_argument, OPTION_SIGNATURE },
	{ "dry-run", NULL, "quirks update: only check", no_argument, OPTION_DRY_RUN },
	{ "force", NULL, "quirks update: take also an older database", no_argument, OPTION_FORCE },
	{ "version", NULL, "print the version", no_argument, 'V' },
	{ "help", NULL, "print this", no_argument, 'h' },
};

int usage_error(struct err *err, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(err, -EINVAL, "usage", "%s", text);
}

static void print_help(void)
{
	puts("Usage: pciwc [OPTION]... VERB [ARGUMENT]...\n"
	     "Is write-combining safe on this machine's prefetchable PCI BARs, and who may have it?\n\nVerbs:");
	for (const struct verb *verb = verbs; verb->name; verb++) {
		int used = printf("  %s %s", verb->name, verb->arguments);

		printf("%*s%s\n", used < 36 ? 36 - used : 1, "", verb->help);
	}
	puts("\nOptions:");
	for (size_t i = 0; i < ELEMENTSOF(option_table); i++) {
		int used = printf("  --%s %s", option_table[i].name, option_table[i].argument ?: "");

		printf("%*s%s\n", used < 36 ? 36 - used : 1, "", option_table[i].help);
	}
	puts("  -s [[[[DOMAIN]:]BUS]:][SLOT][.[FUNC]], -d [VENDOR]:[DEVICE]\n"
	     "                                    only these devices, as lspci has it\n\n"
	     "Exit: 0 answered or done, 1 failed, 2 usage, 3 something asked for is not proven safe,\n"
	     "4 no such device or BAR, 5 the system is not what the policy says. See pciwc(8).");
}

/* Which exit code an error has; any other is EXIT_FAILED. */
static const struct {
	const char *id;
	enum exit_code code;
} codes[] = {
	{ "usage", EXIT_USAGE },
	{ "refused", EXIT_NOT_SAFE },
	{ "no-such-device", EXIT_NO_DEVICE },
	{ "no-such-bar", EXIT_NO_DEVICE },
};

static int report(const struct options *options, struct err *err, int r)
{
	if (!err->text[0])
		err_errno(err, r, "failed", "failed");
	fprintf(stderr, "pciwc: %s\n", err->text);
	if (options->json) {
		struct json_object *o = json_new_object(), *e = json_new_object();

		json_put_string(e, "id", err->id);
		json_put_string(e, "text", err->text);
		json_put_u64(o, "schema", 1);
		json_put(o, "error", e);
		print_json(o, NULL);
	}
	for (size_t i = 0; i < ELEMENTSOF(codes); i++)
		if (!strcmp(codes[i].id, err->id))
			return codes[i].code;
	return EXIT_FAILED;
}

/* Names the option as it was typed: optopt is 0 for a long one that is unknown, and its code for one that is used wrongly. */
static int option_error(char **argv, int code, struct err *err)
{
	char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = optopt == 0 || optopt >= OPTION_JSON;
	const char *word = is_long ? argv[optind - 1] : letter;

	if (code == ':')
		return usage_error(err, "%s: expected an argument; see pciwc --help", word);
	if (is_long && optopt)
		return usage_error(err, "%s: this option has no argument; see pciwc --help", word);
	return usage_error(err, "%s: unknown option; see pciwc --help", word);
}

static void option_take(struct options *options, int code)
{
	const struct {
		int code;
		const char **value;
	} texts[] = { { OPTION_ROOT, &options->root },     { OPTION_QUIRKS, &options->quirks }, { OPTION_SITE, &options->site },
		      { OPTION_ARCH, &options->arch },     { OPTION_KERNEL, &options->kernel }, { 's', &options->slot },
		      { 'd', &options->id },               { OPTION_FILE, &options->file },     { OPTION_SIZE, &options->size },
		      { OPTION_STREAMS, &options->streams }, { 'o', &options->output }, { OPTION_SIGNATURE, &options->signature } };
	const struct {
		int code;
		bool *value;
	} flags[] = { { OPTION_JSON, &options->json }, { OPTION_PLAN, &options->plan }, { OPTION_ALL, &options->all },
		    { OPTION_WIDE, &options->wide }, { OPTION_INSTALL, &options->install }, { OPTION_STRICT, &options->strict },
		    { OPTION_DRY_RUN, &options->dry_run }, { OPTION_FORCE, &options->force },
		    { OPTION_WAIT, &options->wait }, { OPTION_WARN, &options->warn }, { OPTION_AT_BOOT, &options->at_boot } };

	for (size_t i = 0; i < ELEMENTSOF(texts); i++)
		if (texts[i].code == code)
			*texts[i].value = optarg;
	for (size_t i = 0; i < ELEMENTSOF(flags); i++)
		if (flags[i].code == code)
			*flags[i].value = true;
}

/* Takes the options; the words between and behind them are gathered in argv[1..*ret_n]. */
static int parse_options(int argc, char **argv, struct options *options, struct err *err, int *ret_info, int *ret_n)
{
	struct option longs[ELEMENTSOF(option_table) + 1] = { 0 };
	int code, n = 0;

	for (size_t i = 0; i < ELEMENTSOF(option_table); i++)
		longs[i] = (struct option){ option_table[i].name, option_table[i].has_argument, NULL,
			                    option_table[i].code };
	opterr = 0;
	/*
	 * "-" gives words in their order, whatever POSIXLY_CORRECT says; ":" tells a missing argument apart. It goes on
	 * behind a bad option, so that --json there still decides how the error is printed.
	 */
	while ((code = getopt_long(argc, argv, "-:s:d:o:hV", longs, NULL)) >= 0)
		if (code == 1)
			argv[++n] = optarg; /* at most where it stood */
		else if (code == '?' || code == ':')
			option_error(argv, code, err);
		else if (code == 'h' || code == 'V')
			*ret_info = code;
		else
			option_take(options, code);
	while (optind < argc)
		argv[++n] = argv[optind++];
	*ret_n = n;
	return err->text[0] ? -EINVAL : 0;
}

static int run(struct options *options, int argc, char **argv, struct err *err)
{
	int info = 0, n = 0, r = parse_options(argc, argv, options, err, &info, &n);

	if (r < 0)
		return r;
	if (info == 'h') {
		print_help();
		return EXIT_DONE;
	}
	if (info == 'V') {
		puts("pciwc " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	if (!n)
		return usage_error(err, "no verb given; see pciwc --help");
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, argv[1]))
			return verb->run(options, n - 1, argv + 2, err);
	return usage_error(err, "%s: unknown verb; see pciwc --help", argv[1]);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct err err = { 0 };

	/* Who started us may ignore it, and exec(3) keeps that: then nobody is told how a child ended. */
	signal(SIGCHLD, SIG_DFL);

	/* The children of a probe, and of an update: they have no business with anything below. */
	if (argc == 2 && !strcmp(argv[1], RUNNER_CHILD_ARG))
		runner_child();
	if (argc == 3 && !strcmp(argv[1], LOADER_CHILD_ARG))
		loader_child(argv[2]);

	/* The state is for everybody to read: whoever asks unprivileged must see findings and crashes. */
	umask(022);

	int r = run(&options, argc, argv, &err);

	/* Also what did not get out earlier, when the buffer was full. */
	bool is_whole = !ferror(stdout);

	if ((fflush(stdout) != 0 || !is_whole) && r >= 0)
		r = err_errno(&err, -errno, "output", "stdout");
	return r < 0 ? report(&options, &err, r) : r;
}

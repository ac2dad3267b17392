/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli: what the verbs share: options, the loaded machine, exit codes. */
#pragma once

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/strs.h"
#include "base/sysroot.h"
#include "decide/ceiling.h"
#include "decide/evidence.h"
#include "model/verdict.h"

#define QUIRKS_DIR PKGDATADIR "/quirks.d"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_SAFE = 3,
	EXIT_NO_DEVICE = 4,
	EXIT_DRIFT = 5,
};

struct options {
	bool json, plan, all, wide, install, strict, dry_run, force, wait, warn, at_boot;
	const char *file, *streams, *size; /* bench */
	const char *root, *quirks, *site; /* NULL: the default */
	const char *arch, *kernel;        /* what a captured root does not say itself */
	const char *slot, *id;            /* -s, -d */
	const char *output;               /* -o */
	const char *signature;            /* quirks update; NULL: FILE.sig */
};

struct verb {
	const char *name, *arguments, *help;
	/* An exit code, or a negative errno with err filled. argv[0..argc) are the words behind the verb. */
	int (*run)(const struct options *options, int argc, char **argv, struct err *err);
};
extern const struct verb verbs[];

int cmd_list(const struct options *options, int argc, char **argv, struct err *err);
int cmd_platform(const struct options *options, int argc, char **argv, struct err *err);
int cmd_explain(const struct options *options, int argc, char **argv, struct err *err);
int cmd_probe(const struct options *options, int argc, char **argv, struct err *err);
int cmd_bench(const struct options *options, int argc, char **argv, struct err *err);
int cmd_policy(const struct options *options, int argc, char **argv, struct err *err);
int cmd_refresh(const struct options *options, int argc, char **argv, struct err *err);
int cmd_udev(const struct options *options, int argc, char **argv, struct err *err);
int cmd_quirks(const struct options *options, int argc, char **argv, struct err *err);
int cmd_site(const struct options *options, int argc, char **argv, struct err *err);
int cmd_pin(const struct options *options, int argc, char **argv, struct err *err);
int cmd_query(const struct options *options, int argc, char **argv, struct err *err);
int cmd_findings(const struct options *options, int argc, char **argv, struct err *err);
int cmd_journal(const struct options *options, int argc, char **argv, struct err *err);

/* ---- the machine: everything that the front of the pipeline reads ---- */

struct machine {
	struct sysroot root;
	struct platform platform;
	struct kernel kernel;
	struct devices devices;
	struct quirks quirks;
	struct site site;
	struct records records;
	struct strs broken_records;
	struct imports imports;
	struct strs broken_imports;
	struct journal journal;
	struct approvals approvals;
	char *key;
	char site_digest[DIGEST_TEXT], imports_digest[DIGEST_TEXT];
	struct evidence evidence;         /* points at the above */
	struct expectation *expectations; /* parallel to devices */
	struct device_verdict *verdicts;  /* parallel to devices; NULL before machine_judge */
	bool *is_selected;                /* parallel to devices: -s, -d and the words of the command line */
};

/* Only the database: machine->root and machine->quirks. */
int machine_database(const struct options *options, struct err *err, struct machine *ret);
/* Reads all, matches the database. What is only unpleasant (a broken findings file) is logged. */
int machine_load(const struct options *options, struct err *err, struct machine *ret);
/* Is the database, the site file or what that imports another one by now than what was loaded? 0 or a negative errno. */
int machine_is_stale(const struct options *options, const struct machine *machine, struct err *err, bool *ret);
/* 0, or -ESTALE when it is: what is denied by now is not known to this machine. */
int machine_refuse_stale(const struct options *options, const struct machine *machine, struct err *err);
/* What the path of a BAR can carry: all 0 where its links are a hypervisor's, a captured machine's, or not known. */
void machine_ceiling(const struct machine *machine, const struct device *device, const struct bar *bar,
                     struct ceiling *ret);
/* Judges each device, again after a probe: findings and journal are read anew. */
int machine_judge(struct machine *machine, struct err *err);
void machine_done(struct machine *machine);

/* ADDRESS, then *ret_bar is -1, or ADDRESS:BAR. 0 or a negative errno. */
int target_parse(const char *word, struct pci_address *ret_address, int *ret_bar);

/* What a command line names: a device, or one BAR of it. */
struct target {
	size_t device; /* index into machine.devices */
	int bar;       /* index of resourceN; -1: all of them */
};
struct targets {
	struct target *at;
	size_t n;
};
/*
 * ADDRESS or ADDRESS:BAR, each; sets is_selected. No such device or BAR: -ENODEV with err.
 */
int machine_targets(struct machine *machine, int argc, char **argv, struct err *err, struct targets *ret);
/* Of what is selected only devices with a candidate stay so, unless all is asked for: by --all, or by naming them. */
void machine_keep_candidates(struct machine *machine, bool all);

/* ---- output ---- */

int usage_error(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the document and releases it; -ENOMEM when it could not be built. */
int print_json(struct json_object *document, struct err *err);
/* DEVICE with "path" and "bars" as `explain` has them, or as `list` has them. */
struct json_object *explain_to_json(const struct machine *machine, size_t device);
struct json_object *list_to_json(const struct machine *machine, size_t device);
/* bar: index of resourceN; -1: the prefetchable ones, or all. */
void explain_print(const struct machine *machine, size_t device, int bar, bool all);
/* "16 MiB"; ret has room for 16. */
void size_format(uint64_t bytes, char ret[static 16]);

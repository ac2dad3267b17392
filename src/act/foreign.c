/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreign: who else sets modes and properties: a row a directory that tells udev, or systemd-tmpfiles, to. */
#include "act/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "act/devdir.h"
#include "base/cleanup.h"

#define OWN_RULE "60-pciwc.rules"
#define RULES_MAX_BYTES (1 << 20)

/* ---- files that are open ---- */

/* Takes path. What has gone, or is no such file, has nothing that was open, and no line; of anything else that cannot be looked at nobody knows. */
static int unseen(int r, char *path, struct drifts *drifts)
{
	_cleanup_free_ char *name = path;

	if (r == -ENOENT || r == -ENODEV || r == -ENOTDIR || r == -EISDIR)
		return 0;
	return r == -ENOMEM || !name ? -ENOMEM : drifts_add(drifts, name, str_printf("cannot be looked at: %s", strerror(-r)));
}

static int find_open(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, struct drifts *drifts)
{
	_cleanup_close_ int dir = -1;
	char text[PCI_ADDRESS_SIZE];
	int r = devdir_open(root, address, &dir);

	pci_address_format(address, text);
	if (r < 0)
		return unseen(r, str_printf("/sys/bus/pci/devices/%s", text), drifts);
	for (unsigned int bar = 0; r == 0 && bar < BAR_MAX; bar++) {
		_cleanup_free_ char *path = str_printf("/sys/bus/pci/devices/%s/resource%u_wc", text, bar);
		struct stat st;

		if (!path)
			return -ENOMEM;
		if (fstatat(dir, strrchr(path, '/') + 1, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			r = unseen(-errno, steal(&path), drifts);
			continue;
		}
		if (!S_ISREG(st.st_mode) || (!(st.st_mode & (S_IRWXG | S_IRWXO)) && (!st.st_uid || st.st_uid == root->owner)) ||
		    policy_has(policy, WRITE_GRANT, address, bar) || drifts_has(drifts, path))
			continue;
		r = drifts_add(drifts, path, str_printf("open to others (mode %04o, user %u, group %u), and neither by this policy nor by an earlier one: that is somebody else's doing",
		                                        (unsigned int)st.st_mode & 07777, (unsigned int)st.st_uid, (unsigned int)st.st_gid));
	}
	return r;
}

int foreign_grants(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_list(root, "/sys/bus/pci/devices", &names);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s/sys/bus/pci/devices", root->name);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct pci_address address;

		if (pci_address_parse(names.at[i], &address) == 0)
			r = find_open(root, policy, &address, drifts);
	}
	return r;
}

/* ---- rules ---- */

/* The first that has a file of a name hides the others (udev(7), tmpfiles.d(5)). */
static const struct place {
	const char *dir, *tail;
	bool is_udev, is_packages; /* packages put their rules there */
} places[] = {
	{ "/etc/udev/rules.d", ".rules", true, false },           { "/run/udev/rules.d", ".rules", true, false },
	{ "/usr/local/lib/udev/rules.d", ".rules", true, true },  { "/usr/lib/udev/rules.d", ".rules", true, true },
	{ "/lib/udev/rules.d", ".rules", true, true },            { "/etc/tmpfiles.d", ".conf", false, false },
	{ "/run/tmpfiles.d", ".conf", false, false },             { "/usr/local/lib/tmpfiles.d", ".conf", false, true },
	{ "/usr/lib/tmpfiles.d", ".conf", false, true },
};

/* Up to the end of a line, ENV{PCIWC_...} and an operator that is no comparison. */
static bool sets_property(const char *line)
{
	for (const char *at = line; (at = strstr(at, "ENV{PCIWC_"));) {
		at += strcspn(at, "}");
		at += *at == '}';
		at += strspn(at, " \t");
		if (*at && strncmp(at, "==", 2) != 0 && strncmp(at, "!=", 2) != 0)
			return true;
	}
	return false;
}

static bool names_file(const char *line)
{
	const char *at = strstr(line, "resource");

	return at && strstr(at, "_wc");
}

static const char *fault_of(const char *line)
{
	if (line[strspn(line, " \t")] == '#')
		return NULL;
	return sets_property(line) ? "sets a property of pciwc, which programs trust" : names_file(line) ? "acts on a resourceN_wc, which only pciwc is to give" : NULL;
}

static int find_lines(const char *path, char *text, struct drifts *drifts)
{
	unsigned int number = 0;
	int r = 0;

	for (char *line; r == 0 && (line = strsep(&text, "\n"));) {
		const char *fault = fault_of(line);

		number++;
		if (fault)
			r = drifts_add(drifts, path, str_printf("line %u %s", number, fault));
	}
	return r;
}

/* What a package put there is hidden by this file: 0, also when both say the same. */
static int find_replaced(const struct sysroot *root, const char *path, const char *text, struct drifts *drifts)
{
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		_cleanup_free_ char *package = str_printf("%s/" OWN_RULE, places[i].dir), *own = NULL;
		size_t size;
		int r;

		if (!package)
			return -ENOMEM;
		if (!places[i].is_udev || !places[i].is_packages || !strcmp(package, path))
			continue;
		r = sysroot_bytes(root, package, RULES_MAX_BYTES, &own, &size);
		if (r < 0 && r != -ENOENT)
			return unseen(r, steal(&package), drifts);
		if (r == 0)
			return strcmp(own, text) ? drifts_add(drifts, path, str_printf("stands for %s: what is approved is not put in force by that", package)) : 0;
	}
	return 0;
}

static int find_in(const struct sysroot *root, const struct place *place, const char *name, struct drifts *drifts)
{
	_cleanup_free_ char *path = str_printf("%s/%s", place->dir, name), *text = NULL;
	size_t size;
	int r = path ? sysroot_bytes(root, path, RULES_MAX_BYTES, &text, &size) : -ENOMEM;

	if (r < 0 && r != -ENOENT)
		return unseen(r, steal(&path), drifts);
	/* A link to /dev/null, which a captured machine has not: nothing but that it hides others. */
	if (place->is_udev && !strcmp(name, OWN_RULE))
		return find_replaced(root, path, r == 0 ? text : "", drifts);
	return r == 0 ? find_lines(path, text, drifts) : 0;
}

int foreign_rules(const struct sysroot *root, struct drifts *drifts)
{
	_cleanup_(strs_done) struct strs seen = { 0 };
	int r = 0;

	for (size_t p = 0; p < ELEMENTSOF(places); p++) {
		_cleanup_(strs_done) struct strs names = { 0 };

		r = sysroot_list(root, places[p].dir, &names);
		if (r < 0) {
			r = unseen(r, str_printf("%s", places[p].dir), drifts);
			if (r < 0)
				return r;
			continue;
		}
		for (size_t i = 0; r == 0 && i < names.n; i++) {
			size_t n = strlen(names.at[i]), tail = strlen(places[p].tail);

			if (n <= tail || strcmp(names.at[i] + n - tail, places[p].tail) != 0 || strs_has(&seen, names.at[i]))
				continue;
			r = strs_add(&seen, names.at[i]);
			if (r == 0)
				r = find_in(root, &places[p], names.at[i], drifts);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

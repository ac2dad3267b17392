/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kin: the functions whose path is unsafe, each held against the way to the one that is asked about. */
#include "hook/kin.h"

#include "base/cleanup.h"
#include "model/policy.h"
#include "observe/answer.h"
#include "observe/place.h"

static bool is_unsafe(const struct sysroot *root, const struct publication *publication, const struct pci_address *address)
{
	const struct published_device *row = publication_find(publication, address);
	enum tri marked = TRI_UNKNOWN;

	(void)answer_find_mark(root, address, &marked);
	return marked == TRI_YES || (row && row->path == VERDICT_UNSAFE);
}

/* Is address one of the ports above it? */
static bool has_port(const struct device *place, const struct pci_address *address)
{
	for (size_t i = 0; i < place->n_ports; i++)
		if (!pci_address_compare(&place->ports[i], address))
			return true;
	return false;
}

/*
 * Is the other one's whole path a part of the way to this one: all that is above it begins with its nearest port. Where it was when it
 * was judged, if that was published. What hangs on no port shares with others what all share, of which each is judged.
 */
static bool has_path_of(const struct sysroot *root, const struct publication *publication, const struct device *place,
                        const struct pci_address *other)
{
	const struct published_device *row = publication_find(publication, other);
	_cleanup_(device_done) struct device now = { 0 };
	struct pci_kin kin;

	if (row && row->ports.is_known)
		return row->ports.n && has_port(place, &row->ports.at[0].address);
	return place_read(root, other, &now, &kin) == 0 && now.n_ports && has_port(place, &now.ports[0]);
}

static bool is_beside_published(const struct sysroot *root, const struct publication *publication, const struct device *place)
{
	for (size_t i = 0; i < publication->n; i++) {
		const struct published_device *row = &publication->at[i];

		if (row->path == VERDICT_UNSAFE && has_path_of(root, publication, place, &row->address))
			return true;
	}
	return false;
}

/* Who was killed before he published it has left the marks alone. */
static bool is_beside_marked(const struct sysroot *root, const struct publication *publication, const struct device *place)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_close_ int dir = -1;

	if (sysroot_trusted(root, MARKS_DIR, NULL, &dir) < 0 || dir_list(dir, &names) < 0)
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct pci_address other;

		if (pci_address_parse(names.at[i], &other) == 0 && has_path_of(root, publication, place, &other))
			return true;
	}
	return false;
}

bool kin_is_unsafe(const struct sysroot *root, const struct publication *publication, const struct pci_address *address,
                   const char **ret_why)
{
	_cleanup_(device_done) struct device place = { 0 };
	struct pci_kin kin;
	bool is_behind = false;

	if (place_read(root, address, &place, &kin) < 0)
		return false;
	if (kin.has_physfn && is_unsafe(root, publication, &kin.physfn)) {
		*ret_why = "the path of its physical function is unsafe: a guest's write-combined stores can corrupt data; pciwc policy apply judges it";
		return true;
	}
	for (size_t i = 0; !is_behind && i < place.n_ports; i++)
		is_behind = is_unsafe(root, publication, &place.ports[i]);
	if (!is_behind && !is_beside_published(root, publication, &place) && !is_beside_marked(root, publication, &place))
		return false;
	*ret_why = "the path of a port above it, or of what is behind the same port, is unsafe: a guest's write-combined stores can corrupt data; pciwc policy apply judges it";
	return true;
}

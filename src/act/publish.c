/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publish: what readers are left with when what was to be granted is not, or no longer. */
#include "act/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "act/lock.h"
#include "act/text.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "model/publication.h"

int unpublish(const struct sysroot *root, struct err *err, unsigned int *changed)
{
	_cleanup_close_ int dir = sysroot_fd(root, RUN_DIR, O_DIRECTORY | O_RDONLY);
	int r = dir < 0 ? dir : unlinkat(dir, PUBLICATION_NAME, 0) < 0 ? -errno : 0;

	*changed += r == 0;
	return r < 0 && r != -ENOENT ? err_errno(err, r, "cannot-write", "%s%s", root->name, PUBLICATION_FILE) : 0;
}

static int publish_ungranted(const struct sysroot *root, const struct write *write, unsigned int *changed)
{
	_cleanup_(publication_done) struct publication publication = { 0 };
	_cleanup_(json_done) struct json_object *whole = NULL, *rest = NULL;
	_cleanup_free_ char *text = NULL;
	struct write row = { .kind = WRITE_TEXT, .path = write->path, .mode = write->mode };
	bool is_changed = false;
	int r = json_parse(write->path, write->text, strlen(write->text), NULL, &whole);

	if (r == 0) {
		struct json_at top = json_top(whole, write->path);

		r = publication_from_json(&top, NULL, &publication);
	}
	if (r < 0)
		return r;
	publication_ungrant(&publication);
	rest = publication_to_json(&publication);
	text = json_text(rest);
	if (!text)
		return -ENOMEM;
	row.text = text;
	r = text_put(root, &row, NULL, &is_changed);
	*changed += is_changed;
	return r;
}

static const struct write *publication_of(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_TEXT && !strcmp(policy->at[i].path, PUBLICATION_FILE))
			return &policy->at[i];
	return NULL;
}

bool is_published(const struct sysroot *root, const struct policy *policy)
{
	const struct write *write = publication_of(policy);

	return write && text_is_so(root, write);
}

int publish_paths(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *changed)
{
	const struct write *write = publication_of(policy);
	int r = 0, q;

	for (size_t i = 0; i < policy->n; i++) {
		bool is_changed = false;

		if (policy->at[i].kind != WRITE_MARK)
			continue;
		q = text_put(root, &policy->at[i], r < 0 ? NULL : err, &is_changed);
		*changed += is_changed;
		r = r < 0 ? r : q;
	}
	/* Nothing is no lie either. */
	q = !write || publish_ungranted(root, write, changed) < 0 ? unpublish(root, r < 0 ? NULL : err, changed) : 0;
	return r < 0 ? r : q;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syslog: not syslog(3), which blocks when nobody reads, and formats a time as an environment variable says. */
#include "act/syslog.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strs.h"

int syslog_warn(const char *line)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	_cleanup_free_ char *text = str_printf("<%d>pciwc[%d]: %s", LOG_DAEMON | LOG_WARNING, (int)getpid(), line);

	if (fd < 0)
		return -errno;
	if (!text)
		return -ENOMEM;
	return sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

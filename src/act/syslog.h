/* SPDX-License-Identifier: GPL-2.0-or-later */
/* syslog: tells whoever keeps the machine's log; for what udev runs, whose stderr nobody sees. */
#pragma once

/*
 * One line, as a warning of a daemon (RFC 3164), to whoever listens at /dev/log: systemd's journal, or a syslogd. It does not
 * wait: an event would, too. 0 or a negative errno: nobody listens, or does not keep up.
 */
int syslog_warn(const char *line);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: what the user should know beside the result; always on stderr, so that stdout stays the result. */
#pragma once

/* One line "pciwc: ...". Only act/ and cli/ log: the floors below return an err. */
__attribute__((format(printf, 1, 2))) void log_warn(const char *format, ...);

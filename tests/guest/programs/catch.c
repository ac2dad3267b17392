/* Knows how to stop a probe at a chosen point of a chosen step, by its journal and its child.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usage: catch PID STEP start      stop the child of this pciwc when it begins STEP, privileged yet
 *        catch PID STEP middle     stop it when it has given up the last of them, and is at work
 *        catch PID STEP end        stop pciwc itself when the child has ended
 * Prints the process that it has stopped. Exit: 0, 1 the probe is over, or was further already, 2 usage.
 *
 * It looks at them from their own CPU (the first), and before anything else there: so they get no further between two
 * looks. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL "/var/lib/pciwc/journal"

static char text[8192];

/* Reads it into text; false: it is not there, or empty. */
static bool load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return false;
	/* A command line has its words apart by zeros. */
	for (ssize_t i = 0; i < got; i++)
		if (!text[i])
			text[i] = ' ';
	text[got] = '\0';
	return true;
}

static bool load_of(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return load(path);
}

static char state(pid_t pid)
{
	const char *end = load_of(pid, "stat") ? strrchr(text, ')') : NULL;

	return end ? end[2] : 'Z';
}

static pid_t child_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	return load(path) ? atoi(text) : 0;
}

static bool journal_says(const char *step)
{
	DIR *dir = opendir(JOURNAL);
	char path[512], word[64];
	bool found = false;

	snprintf(word, sizeof(word), "\"%s\"", step);
	for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
		snprintf(path, sizeof(path), JOURNAL "/%s", entry->d_name);
		found = entry->d_name[0] != '.' && load(path) && strstr(text, word);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void doze(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

static bool is_there(pid_t child, const char *point)
{
	if (!strcmp(point, "start"))
		return load_of(child, "cmdline") && strstr(text, "--child");
	if (!strcmp(point, "middle"))
		return load_of(child, "status") && strstr(text, "\nSeccomp:\t2");
	return true;
}

int main(int argc, char **argv)
{
	if (argc != 4 || (strcmp(argv[3], "start") && strcmp(argv[3], "middle") && strcmp(argv[3], "end")))
		return 2;

	const pid_t pid = atoi(argv[1]);
	const char *step = argv[2], *point = argv[3];
	bool is_end = !strcmp(point, "end");
	pid_t child;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) < 0 ||
	    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }) < 0)
		perror("catch");
	/* Seldom at first: a look takes what the probe needs. From the journal's word to its child's start is much longer. */
	for (bool is_near = false; !is_near || !(child = child_of(pid)) || !is_there(child, point);) {
		if (state(pid) == 'Z')
			return 1;
		doze(is_near ? 200 : 3000);
		is_near = journal_says(step);
	}
	while (is_end && child_of(pid))
		doze(200);
	if (is_end)
		child = pid;
	kill(child, SIGSTOP);
	while (state(child) != 'T') {
		if (state(child) == 'Z')
			return 1;
		doze(200);
	}
	printf("%d\n", child);
	return journal_says(step) || (is_end && journal_says("probing")) ? 0 : 1;
}

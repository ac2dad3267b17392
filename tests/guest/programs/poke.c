/* Knows how to touch a mapped file, a PCI BAR in particular, one 4-byte word at a time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usage: poke FILE OFFSET            print the word there
 *        poke FILE OFFSET VALUE      write it
 *        poke FILE OFFSET hold       keep the page mapped until killed
 *        poke FILE OFFSET leave      the same in a second thread, while the first one has ended
 * Exit: 0, 2 usage, 3 open, 4 mmap; a fault kills it by its signal. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *hold(void *unused)
{
	puts("held");
	fflush(stdout);
	pause();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3 || argc > 4)
		return 2;
	const off_t offset = strtoll(argv[2], NULL, 0);
	const off_t page = offset & -4096;

	int fd = open(argv[1], O_RDWR | O_SYNC | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "poke: %s: %s\n", argv[1], strerror(errno));
		return 3;
	}
	uint8_t *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
	if (p == MAP_FAILED) {
		fprintf(stderr, "poke: mmap %s: %s\n", argv[1], strerror(errno));
		return 4;
	}
	volatile uint32_t *word = (volatile uint32_t *)(p + (offset - page));

	if (argc == 3) {
		printf("0x%08x\n", *word);
	} else if (!strcmp(argv[3], "hold")) {
		hold(NULL);
	} else if (!strcmp(argv[3], "leave")) {
		pthread_create(&thread, NULL, hold, NULL);
		pthread_exit(NULL);
	} else {
		*word = strtoul(argv[3], NULL, 0);
		(void)*word;	/* drains what is posted */
	}
	return 0;
}

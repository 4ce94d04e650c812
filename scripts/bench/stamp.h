/*
 * The page that a bench shares with the children that it watches: each child says there, as the
 * first thing in its main(), who it is and when. So measuring costs no fork, no pipe and no file.
 *
 * The file is made by `meter init FILE SLOTS` and mapped shared by all. A slot is written by one
 * child at a time, `starts` last; who waits for it sleeps on it as a futex. All this holds between
 * hosts, too, if these are namespaces of one kernel.
 */
#ifndef TRAPEXIT_BENCH_STAMP_H
#define TRAPEXIT_BENCH_STAMP_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct stamp {
	_Atomic uint32_t starts; /* how often a child came into its main() here */
	_Atomic int32_t pid;	 /* of the newest */
	_Atomic int64_t ns;	 /* when it came there, CLOCK_MONOTONIC */
	_Atomic uint64_t host;	 /* of the newest: a number of its network (claim.c) */
	_Atomic uint32_t twice;	 /* so often one came while another was there (claim.c) */
	uint32_t pad[9];	 /* one slot a cache line */
};

struct board {
	_Atomic uint32_t starts; /* over all slots */
	uint32_t slots;
	_Atomic uint32_t twice;
	uint32_t pad[13];
	struct stamp slot[];
};

static inline int64_t
stamp_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Map the board; NULL with errno if that is impossible. */
static inline struct board *
stamp_open(const char *path)
{
	struct stat st;
	void *p = MAP_FAILED;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* The slot called `name`: a number, or what stands behind the last colon or dash of $TRAPEXIT_ID ("id"), minus 1. */
static inline struct stamp *
stamp_slot(struct board *board, const char *name)
{
	const char *id, *p;
	unsigned long n;

	if (name[0] == 'i') {
		id = getenv("TRAPEXIT_ID");
		for (name = p = id == NULL ? "1" : id; *p != '\0'; p++)
			if (*p == ':')
				name = p + 1;
		n = strtoul(name, NULL, 10);
		n = n > 0 ? n - 1 : 0;
	} else {
		n = strtoul(name, NULL, 10);
	}
	return &board->slot[n < board->slots ? n : 0];
}

/* The byte of the file that stands for a slot, as a lock (fcntl(2)). */
static inline struct flock
stamp_lock(const struct board *board, const struct stamp *slot)
{
	struct flock l = { 0 };

	l.l_type = F_WRLCK;
	l.l_whence = SEEK_SET;
	l.l_start = (const char *)slot - (const char *)board;
	l.l_len = 1;
	return l;
}

/* Lock the slot for as long as this process lives; false if another has it. */
static inline bool
stamp_claim(int fd, const struct board *board, const struct stamp *slot)
{
	struct flock l = stamp_lock(board, slot);

	return fcntl(fd, F_SETLK, &l) == 0;
}

/* Who has the slot? Its pid as it is called where we are, whatever it calls itself; 0: nobody. */
static inline pid_t
stamp_holder(int fd, const struct board *board, const struct stamp *slot)
{
	struct flock l = stamp_lock(board, slot);

	if (fcntl(fd, F_GETLK, &l) == -1 || l.l_type == F_UNLCK)
		return 0;
	return l.l_pid;
}

#endif

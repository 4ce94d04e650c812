/*
 * Strays: descendants of a child that left its process group and lost their
 * parents (S22). They are the guard's children, whose only other child is the
 * agent: the kernel's list of them is one line in /proc, read with one pread of
 * a microsecond or two, whatever the number of children. The guard reaps them.
 *
 * Whose stray it is, its environment says (TRAPEXIT_TOKEN), else its session; one
 * that belongs to a living child is left alone, one that belongs to nobody known
 * is killed: better a helper lost than a scraper twice.
 *
 * Calling sequence: strays_init() once the guard is known; strays_exist() when
 * the process group of a dead child is gone, again and again until it says no.
 */
#ifndef TRAPEXIT_AGENT_STRAYS_H
#define TRAPEXIT_AGENT_STRAYS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct agent;
struct child;
struct page;

struct strays {
	int fd;		     /* /proc/GUARD/task/GUARD/children; -1: none */
	struct buf lists[2]; /* what was read last, and before; kept, so that an exit allocates nothing */
};

/* Without the kernel's list strays are found at the end of the lease only; it is said. */
void strays_init(struct strays *s, pid_t guard);
void strays_release(struct strays *s);
/* May anything of this dead child live? What is found is killed. */
bool strays_exist(struct agent *a, const struct child *c);
/* All of the guard's children at one moment, "12 13 " (some perhaps twice); false: it could not be told now. */
bool strays_list(const struct strays *s, const struct page *page, struct buf *b);

#endif

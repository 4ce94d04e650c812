/*
 * STATE/events: up to where each handler is done with the journal. One line a
 * handler, "NAME EPOCH SEGMENT OFFSET MISSED\n" in decimal; replaced in one step
 * and fsynced.
 *
 *	n = position_read(path, &list, &err);	a file that is not there: an empty list
 *	position_find(&list, "mail")		NULL: it is new
 *	position_add(&list, "mail", mark); ... position_write(path, &list, &err);
 *	position_release(&list);
 */
#ifndef TRAPEXIT_EVENT_POSITION_H
#define TRAPEXIT_EVENT_POSITION_H

#include "base/err.h"
#include "event/queue.h"

struct position {
	char *name; /* owned */
	struct mark mark;
};

struct position_list {
	struct position *v; /* owned */
	size_t n;
};

/* -1 with err set if the file cannot be read, or is none of ours. */
int position_read(const char *path, struct position_list *list, struct err *err);
int position_write(const char *path, const struct position_list *list, struct err *err);
const struct mark *position_find(const struct position_list *list, const char *name);
void position_add(struct position_list *list, const char *name, struct mark mark);
void position_release(struct position_list *list);

/* -1, 0, 1: a is before, the same as, behind b. */
int position_compare(const struct journal_pos *a, const struct journal_pos *b);

#endif

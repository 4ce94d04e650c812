/*
 * The journal's records as sentences for people (ARCHITECTURE.md, "The
 * journal's records"). Pure but for the names of users.
 *
 *	struct teller *t = teller_new();
 *
 *	switch (teller_tell(t, line, len, details, &event)) {
 *	case TELL_SHOW:	  ... event.text, "suppliers/ebuyer exited: killed (pid 4711, ran 3m12s)"
 *	case TELL_DETAIL: ... the same, of what children printed: text is NULL without `details`
 *	case TELL_NOTHING: nothing for people: snapshots
 *	}
 *	teller_free(t);
 *
 * Every line of the journal is given to it, in order: what an exit says of pid
 * and time it has from the start before. Whatever a child could have written
 * is made safe for a terminal.
 */
#ifndef TRAPEXIT_CLI_EVENT_TEXT_H
#define TRAPEXIT_CLI_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct teller;

/* Borrowed from the teller until it tells the next. */
struct event {
	int64_t t_ms; /* 0: the record has no time */
	const char *child; /* path; NULL: is about no child */
	const char *text;
	bool alarm;
	uint64_t token;
	bool exit;	   /* an exit, whose report may follow at once ... */
	const char *behind; /* ... and this one is it: what to add, ", restart at once" */
};

enum tell { TELL_SHOW, TELL_DETAIL, TELL_NOTHING };

struct teller *teller_new(void);
enum tell teller_tell(struct teller *t, const char *line, size_t len, bool details, struct event *event);
void teller_free(struct teller *t);

#endif

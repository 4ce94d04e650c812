/*
 * Which records of the journal are meant: the conditions of an on_event section
 * (trapexit.conf(5)) and of `trapexit events --type`.
 *
 *	struct event_record rec;
 *
 *	if (event_scan(line, len, &rec) == 0 && event_matches(&match, &rec))
 *		...
 *
 * Every condition that is given must hold; one that is a list holds if any of its
 * items fits. A record that has no such member does not fit a condition on it.
 *
 *	types	TYPE, or TYPE:KIND where a type has kinds: alarm, node:down, report:start_error
 *	child	as name_match.h: a path, an id, a glob, @SUPERVISOR. An alarm's object counts as its child
 *	reason	a glob over the reason as the journal has it; "failure" and "success" stand for all of a class
 *	node	a glob over the node's name
 *
 * "!" in front of an item turns it around: the list then holds if none of these
 * fits and, if there are others, one of the others does.
 *
 * Pure. A record borrows the line that it was scanned from.
 */
#ifndef TRAPEXIT_WIRE_EVENT_MATCH_H
#define TRAPEXIT_WIRE_EVENT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "base/strvec.h"

enum event_field {
	EVENT_TYPE,
	EVENT_T,
	EVENT_CHILD,
	EVENT_TOKEN,
	EVENT_REASON,
	EVENT_NODE,
	EVENT_PID,
	EVENT_SNAP,
	EVENT_OBJECT,
	/* Where the kind of a record stands, by its type. */
	EVENT_EVENT,
	EVENT_REPORT,
	EVENT_ALARM,
	EVENT_ORDER,
	EVENT_FIELDS,
};

struct event_record {
	struct json_field f[EVENT_FIELDS];
};

/* Vectors are owned (strvec_release); an empty one is no condition. */
struct event_match {
	struct strvec types;
	struct strvec child;
	struct strvec reason;
	struct strvec node;
};

/* The types that can be asked for, in the order of the manual; NULL-terminated. */
const char *const *event_types(void);
/* The kinds of a type; NULL: it has none, or is free in them (order). */
const char *const *event_kinds(const char *type);
/* Can an event of this TYPE or TYPE:KIND have that member (EVENT_CHILD, EVENT_REASON, EVENT_NODE)? */
bool event_type_has(const char *text, enum event_field member);
/* Is this a TYPE or TYPE:KIND? -1 with err set: what it should have been. */
int event_type_check(const char *text, struct err *err) ATTR_MUST_CHECK;
/* Is this a sound item of `child`, `reason` or `node`? It is not if it is empty, or a [ in it has no ]. */
bool event_glob_is_sound(const char *text);

/* -1: no record that anybody could mean (no JSON object, no type, a line of a snapshot). */
int event_scan(const char *line, size_t len, struct event_record *rec) ATTR_MUST_CHECK;
/* Does it fit TYPE or TYPE:KIND? */
bool event_is(const struct event_record *rec, const char *type);
bool event_matches(const struct event_match *m, const struct event_record *rec);
/* Whom it is about: its child, an alarm's object. Owned by the caller; NULL: nobody. */
char *event_child(const struct event_record *rec);

#endif

/*
 * An error that a person will read: a code for programs, a sentence for
 * people.
 *
 * Calling sequence:
 *
 *	struct err err = ERR_INIT;
 *
 *	if (thing_open(path, &thing, &err) == -1) {
 *		err_wrap(&err, "node %s", name);
 *		log_warnx("%s", err.msg);
 *	}
 *
 * A function that takes a struct err returns -1 on failure with code and
 * message set; on success it leaves the error untouched. Callers add context
 * in front with err_wrap(), so that the message reads from the outside in:
 * "node box2: ssh: Host key verification failed". The struct owns nothing and
 * needs no release. err may be NULL everywhere: then nothing is recorded.
 */
#ifndef TRAPEXIT_BASE_ERR_H
#define TRAPEXIT_BASE_ERR_H

#include "base/attr.h"

struct err {
	int code;	/* errno value, or 0 when none fits */
	char msg[1024]; /* always NUL-terminated; cut with "..." if too long */
};

#define ERR_INIT { 0, "" }

/* Set code and message; returns -1 so that callers can `return err_set(...)`. */
int err_set(struct err *err, int code, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* As err_set(), with ": strerror(code)" behind the message. */
int err_sys(struct err *err, int code, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* Put "context: " before the message; returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif

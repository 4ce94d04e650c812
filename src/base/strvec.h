/*
 * A vector of strings, NULL-terminated, as argv and environ are.
 *
 *	struct strvec argv = STRVEC_INIT;
 *
 *	strvec_push(&argv, "ssh");
 *	strvec_pushf(&argv, "-p%d", port);
 *	execvp(argv.v[0], argv.v);
 *	strvec_release(&argv);
 *
 * Each string is owned by the vector. `v` is never NULL after a push.
 */
#ifndef TRAPEXIT_BASE_STRVEC_H
#define TRAPEXIT_BASE_STRVEC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct strvec {
	char **v; /* owned, with its strings */
	size_t n;
	size_t cap;
};

#define STRVEC_INIT { NULL, 0, 0 }

void strvec_push(struct strvec *sv, const char *s);
void strvec_push_nodup(struct strvec *sv, char *s);
void strvec_pushf(struct strvec *sv, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool strvec_equal(const struct strvec *a, const struct strvec *b);
void strvec_release(struct strvec *sv);
/*
 * Split a command line as a shell would split words: blanks separate, single
 * and double quotes and backslash quote; nothing is expanded. -1 if a quote is
 * left open.
 */
int strvec_split(struct strvec *sv, const char *command);

#endif

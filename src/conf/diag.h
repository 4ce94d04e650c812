/*
 * What is wrong with a file: collected in any order, given out in file order.
 *
 *	struct diag d = DIAG_INIT(name);
 *
 *	diag_error(&d, (struct place){ 3, 7 }, "'%s' is no duration, expected ...", word);
 *	diag_report(&d, errors);	sorted, formatted
 *	diag_release(&d);
 *
 * A message says what is wrong and what was expected. Foreign bytes in messages
 * go through diag_quote() first, which escapes and shortens them.
 */
#ifndef TRAPEXIT_CONF_DIAG_H
#define TRAPEXIT_CONF_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "conf/config.h"

/* Past this many errors a file is not worth reading on. */
#define DIAG_MAX 1000
/* Of a file whose lines stand alone, nobody reads more. */
#define DIAG_LENIENT_MAX 100

struct place {
	uint32_t line;	 /* from 1; 0: the file as a whole */
	uint32_t column; /* from 1, in characters */
};

struct diag_entry;

struct diag {
	const char *name; /* borrowed: what stands before the line number */
	struct diag_entry *v; /* owned */
	size_t n;
	size_t cap;
	size_t dropped;
	unsigned errors;
	bool lenient; /* what is wrong is only warned of, up to DIAG_LENIENT_MAX times ... */
	size_t unsaid; /* ... and so often more */
	const char *otp; /* the first error by supervisor(3)'s name, where it has one */
};

#define DIAG_INIT(file_name) { (file_name), NULL, 0, 0, 0, 0, false, 0, NULL }

void diag_error(struct diag *d, struct place at, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* supervisor(3)'s name for the error just said; NULL: it has none. The name is borrowed. */
void diag_name_error(struct diag *d, const char *otp);
void diag_warning(struct diag *d, struct place at, const char *fmt, ...) ATTR_PRINTF(3, 4);
/*
 * Take over what is wrong with a second file, which the first one names at `at`.
 * Its messages keep their own file's name, line and column; `sub` is released.
 */
void diag_merge(struct diag *d, struct place at, struct diag *sub);
/* Append all, in the order of the file, to errors. */
void diag_report(struct diag *d, struct config_errors *errors);
void diag_release(struct diag *d);

#define DIAG_QUOTE_SIZE 64
/* The word for a message: control bytes and broken UTF-8 escaped, cut with "..." if long. */
const char *diag_quote(const char *s, char buf[DIAG_QUOTE_SIZE]);
/*
 * The nearest of several names, to ask "did you mean". Offer each; `best` is
 * NULL in the end if none is near.
 */
struct diag_guess {
	const char *word;
	const char *best;
	size_t distance;
};
void diag_guess_offer(struct diag_guess *g, const char *name);

#endif

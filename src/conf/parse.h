/*
 * Configuration text -> tree of statements, with line and column everywhere.
 *
 *	file      = { statement }
 *	statement = name "=" value  |  name [ id ] "{" { statement } "}"
 *	value     = word | string | "{" [ item { "," item } [ "," ] ] "}"
 *	item      = word | string | "{" ( word | string ) { "," ( word | string ) } [ "," ] "}"
 *
 * A statement ends where its value ends, so several may share a line. Errors go
 * to diag, and reading goes on behind them: one run finds them all. What the
 * words mean is schema.h's. No recursion; linear time; sections deeper than
 * PARSE_DEPTH_MAX are an error.
 *
 * The tree lives in the arena. A statement with a wrong value is in the tree,
 * marked `broken`, so that it is not reported as missing too.
 */
#ifndef TRAPEXIT_CONF_PARSE_H
#define TRAPEXIT_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"
#include "conf/diag.h"

#define PARSE_DEPTH_MAX 48

enum stmt_kind { STMT_VALUE, STMT_LIST, STMT_SECTION };

struct word {
	const char *text;
	size_t len;
	struct place at;
	bool quoted;
	bool raw; /* byte n of text is byte n behind the quote in the file */
	unsigned set; /* of a list: the braces inside of it that it stands in, from 1; 0: none */
};

struct stmt {
	enum stmt_kind kind;
	bool broken;
	const char *name;
	struct place at;    /* of the name */
	struct word id;	    /* a section's; text is NULL if it has none */
	struct word *words; /* of a value (one) or a list */
	size_t n_words;
	unsigned n_sets;    /* of a list: braces inside of it */
	struct stmt *first, *last, *next, *parent;
};

/* The root section. */
struct stmt *parse_text(const char *text, size_t len, struct arena *arena, struct diag *diag);

#endif

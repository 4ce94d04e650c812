/*
 * The values of the schema's words: text -> field, field -> text.
 *
 *	value_read(&cx, word, stmt, field);
 *	value_equal(word, field_a, field_b);
 *	value_print(word, field, out);	  as value_read() takes it
 *
 * `field` is the struct of the word's target plus the word's offset. Texts that
 * are read go to cx->arena; string vectors own theirs (strvec_release).
 */
#ifndef TRAPEXIT_CONF_VALUE_H
#define TRAPEXIT_CONF_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "conf/arena.h"
#include "conf/diag.h"
#include "conf/parse.h"
#include "conf/schema.h"

struct value_ctx {
	struct arena *arena; /* borrowed */
	struct diag *diag;   /* borrowed */
	const char *dir;     /* of the file: what relative paths are relative to; NULL: left as they are */
};

/* 0; or -1 with the error in cx->diag and the field as it was. */
int value_read(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field);
/* The value of a word that is not written; nothing if it has no default. */
void value_default(struct value_ctx *cx, const struct schema_word *w, void *field);
bool value_equal(const struct schema_word *w, const void *a, const void *b);
/* Is there anything to print? (An absent text, an empty list.) */
bool value_is_set(const struct schema_word *w, const void *field);
void value_print(const struct schema_word *w, const void *field, struct buf *out);

/* A path made absolute, in the arena. */
char *value_absolute(struct value_ctx *cx, const char *path);
/* A text in quotes, as the lexer reads it back. */
void value_put_string(struct buf *out, const char *s);
/* Bare if it may be, else in quotes. */
void value_put_word(struct buf *out, const char *s);

#endif

/*
 * The words of a configuration file: text -> tokens with line and column.
 *
 *	struct lexer lx;
 *	struct token t;
 *
 *	lex_init(&lx, text, len, arena, diag);
 *	do
 *		lex_next(&lx, &t);
 *	while (t.kind != TOKEN_END);
 *
 * Reads memory, one pass, never fails: what is wrong goes to diag and comes out
 * as TOKEN_BAD (or as a string marked `broken`), and the next token is sound
 * again. Texts of tokens live in the arena and hold no NUL.
 */
#ifndef TRAPEXIT_CONF_LEX_H
#define TRAPEXIT_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"
#include "conf/diag.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* bare: letters, digits and _ . : + % / @ * ~ - */
	TOKEN_STRING, /* "with escapes" or 'raw' */
	TOKEN_EQUALS,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_BAD, /* reported already */
};

struct token {
	enum token_kind kind;
	struct place at;
	const char *text; /* words and strings */
	size_t len;
	bool first;	  /* of its line */
	bool named;	  /* a bare word with '=' behind it in the same line */
	bool raw;	  /* a string whose bytes stand in the file as they are */
	bool broken;	  /* a string that was reported as wrong */
};

struct lexer {
	const char *p;
	const char *end;
	struct place at; /* of *p */
	bool line_is_fresh;
	bool quiet; /* while the parser passes over what it cannot use */
	struct arena *arena; /* borrowed */
	struct diag *diag;   /* borrowed */
};

void lex_init(struct lexer *lx, const char *text, size_t len, struct arena *arena, struct diag *diag);
void lex_next(struct lexer *lx, struct token *t);
bool lex_is_word_byte(unsigned char c);

#endif

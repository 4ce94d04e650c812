#include "conf/lex.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"
#include "conf/text.h"

void
lex_init(struct lexer *lx, const char *text, size_t len, struct arena *arena, struct diag *diag)
{
	if (text == NULL) /* an empty file has no bytes to point to */
		text = "";
	*lx = (struct lexer){ text, text + len, { 1, 1 }, true, false, arena, diag };
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		lx->p += 3;
}

/* Columns count characters: the later bytes of a UTF-8 sequence count nothing. */
static void
advance(struct lexer *lx)
{
	unsigned char c = (unsigned char)*lx->p++;

	if (c == '\n') {
		lx->at.line++;
		lx->at.column = 1;
		lx->line_is_fresh = true;
	} else if ((c & 0xc0) != 0x80) {
		lx->at.column++;
	}
}

bool
lex_is_word_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("_.:+%/@*~-", c) != NULL);
}

static void
skip_blanks(struct lexer *lx)
{
	while (lx->p < lx->end) {
		if (*lx->p == ' ' || *lx->p == '\t' || *lx->p == '\r' || *lx->p == '\n') {
			advance(lx);
		} else if (*lx->p == '#') {
			while (lx->p < lx->end && *lx->p != '\n')
				advance(lx);
		} else {
			break;
		}
	}
}

static void
lex_word(struct lexer *lx, struct token *t)
{
	const char *start = lx->p, *q;

	while (lx->p < lx->end && lex_is_word_byte((unsigned char)*lx->p))
		advance(lx);
	t->kind = TOKEN_WORD;
	t->len = (size_t)(lx->p - start);
	t->text = arena_strndup(lx->arena, start, t->len);
	/* At most the blanks before the next token, which would be passed over anyway: linear. */
	for (q = lx->p; q < lx->end && (*q == ' ' || *q == '\t'); q++)
		;
	t->named = q < lx->end && *q == '=';
}

static void
string_error(struct lexer *lx, struct token *t, struct place at, const char *what)
{
	if (!lx->quiet && !t->broken)
		diag_error(lx->diag, at, "%s", what);
	t->broken = true;
}

/* \xHH: a byte. lx->p is behind the 'x'. */
static size_t
escape_byte(struct lexer *lx, struct token *t, struct place at, char *out)
{
	int high = -1, low = -1;

	if (lx->end - lx->p >= 2) {
		high = hex_value(lx->p[0]);
		low = hex_value(lx->p[1]);
	}
	if (high == -1 || low == -1 || high + low == 0) {
		string_error(lx, t, at, "\\x in a string, expected two hexadecimal digits behind it, not 00");
		return 0;
	}
	advance(lx);
	advance(lx);
	*out = (char)(high << 4 | low);
	return 1;
}

/* \u{H...}: a character. lx->p is behind the 'u'. */
static size_t
escape_character(struct lexer *lx, struct token *t, struct place at, char *out)
{
	const char *q = lx->p;
	uint32_t code = 0;
	size_t digits = 0, n;
	int d;

	if (q < lx->end && *q == '{')
		for (q++; q < lx->end && digits <= 6 && (d = hex_value(*q)) != -1; q++, digits++)
			code = code << 4 | (uint32_t)d;
	n = digits >= 1 && digits <= 6 && q < lx->end && *q == '}' ? text_utf8_encode(code, out) : 0;
	if (n == 0) {
		string_error(lx, t, at, "\\u in a string, expected a character's number as in \\u{20AC}");
		return 0;
	}
	while (lx->p <= q)
		advance(lx);
	return n;
}

/* lx->p is at the backslash. Every escape is at least as long as what it stands for. */
static size_t
lex_escape(struct lexer *lx, struct token *t, char *out)
{
	static const char from[] = "\\\"nrt", to[] = "\\\"\n\r\t";
	struct place at = lx->at;
	const char *found;
	char c, message[96] = "unknown escape \\? in a string: write \\\\ for a backslash, or use single quotes";

	advance(lx);
	if (lx->p == lx->end || *lx->p == '\n')
		return 0; /* the string is not closed either, which is what will be said */
	c = *lx->p;
	advance(lx);
	if (c == 'x')
		return escape_byte(lx, t, at, out);
	if (c == 'u')
		return escape_character(lx, t, at, out);
	found = c == '\0' ? NULL : strchr(from, c);
	if (found == NULL) {
		message[16] = c > ' ' && c < 0x7f ? c : '?';
		string_error(lx, t, at, message);
		return 0;
	}
	*out = to[found - from];
	return 1;
}

static void
check_string(struct lexer *lx, struct token *t, const char *raw, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)raw[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			string_error(lx, t, t->at, "control character in a string: write it as \\xHH in double quotes");
			return;
		}
	}
	if (!text_utf8_valid(raw, len))
		string_error(lx, t, t->at, "this string is not valid UTF-8");
}

/* How far the string reaches: to its closing quote or the end of the line. */
static size_t
string_span(const struct lexer *lx, char quote)
{
	const char *q;

	for (q = lx->p; q < lx->end && *q != '\n' && *q != quote; q++)
		if (*q == '\\' && quote == '"' && q + 1 < lx->end && q[1] != '\n')
			q++;
	return (size_t)(q - lx->p);
}

static void
lex_string(struct lexer *lx, struct token *t)
{
	const char quote = *lx->p;
	const char *raw;
	size_t span;
	char *out;

	advance(lx);
	span = string_span(lx, quote);
	raw = lx->p;
	t->kind = TOKEN_STRING;
	t->raw = true;
	out = arena_alloc(lx->arena, span + 1);
	t->text = out;
	check_string(lx, t, raw, span);
	while (lx->p < raw + span) {
		if (*lx->p == '\\' && quote == '"') {
			t->raw = false;
			t->len += lex_escape(lx, t, out + t->len);
		} else {
			out[t->len++] = *lx->p;
			advance(lx);
		}
	}
	out[t->len] = '\0';
	if (lx->p < lx->end && *lx->p == quote)
		advance(lx);
	else
		string_error(lx, t, t->at, quote == '"' ? "this string has no closing '\"' in its line" :
							  "this string has no closing \"'\" in its line");
}

/* A run of bytes that begin no token is one error. */
static void
lex_bad(struct lexer *lx, struct token *t)
{
	char word[17], quoted[DIAG_QUOTE_SIZE];
	size_t n = 0;

	t->kind = TOKEN_BAD;
	while (lx->p < lx->end && !lex_is_word_byte((unsigned char)*lx->p) &&
	    (*lx->p == '\0' || strchr(" \t\r\n#\"'={},", *lx->p) == NULL)) {
		if (n < sizeof(word) - 1)
			word[n++] = *lx->p == '\0' ? '?' : *lx->p;
		advance(lx);
	}
	word[n] = '\0';
	if (lx->quiet)
		return;
	if (strcmp(word, ";") == 0)
		diag_error(lx->diag, t->at, "';' is not needed here: blanks or a new line end a value");
	else
		diag_error(lx->diag, t->at, "unexpected '%s': text with such characters is put in quotes",
		    diag_quote(word, quoted));
}

void
lex_next(struct lexer *lx, struct token *t)
{
	enum token_kind single = TOKEN_BAD;

	skip_blanks(lx);
	*t = (struct token){ .kind = TOKEN_END, .at = lx->at, .text = "", .first = lx->line_is_fresh };
	if (lx->p == lx->end)
		return;
	lx->line_is_fresh = false;
	switch (*lx->p) {
	case '=': single = TOKEN_EQUALS; break;
	case '{': single = TOKEN_OPEN; break;
	case '}': single = TOKEN_CLOSE; break;
	case ',': single = TOKEN_COMMA; break;
	case '"':
	case '\'':
		lex_string(lx, t);
		return;
	default:
		if (lex_is_word_byte((unsigned char)*lx->p))
			lex_word(lx, t);
		else
			lex_bad(lx, t);
		return;
	}
	t->kind = single;
	advance(lx);
}

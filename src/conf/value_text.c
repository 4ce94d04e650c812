/* Texts, choices and paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "conf/config.h"
#include "conf/lex.h"
#include "conf/text.h"
#include "conf/value_ops.h"
#include "price/currency.h"
#include "price/decode.h"
#include "price/rule_check.h"

static const char *const no_yes[] = { "no", "yes", NULL };

/* "permanent, transient or temporary" */
static const char *
choices(const char *const *names, char *buf, size_t size)
{
	size_t i, n = 0;

	for (i = 0; names[i] != NULL && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i == 0 ? "" : names[i + 1] == NULL ? " or " : ", ",
		    names[i]);
	return buf;
}

/* The index of the word, or -1 with the error said. */
static int
read_choice(struct value_ctx *cx, const struct schema_word *w, const struct word *word, const char *const *names)
{
	struct diag_guess guess = { .word = word->text };
	char buf[200], expected[300];
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], word->text) == 0)
			return i;
		diag_guess_offer(&guess, names[i]);
	}
	choices(names, buf, sizeof(buf));
	snprintf(expected, sizeof(expected), guess.best != NULL ? "%s; did you mean '%s'?" : "%s", buf, guess.best);
	return value_wrong(cx, w, word, expected);
}

static int
read_enum(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	int i = read_choice(cx, w, s->words, w->names);

	if (i == -1)
		return -1;
	memcpy(field, &i, sizeof(i));
	return 0;
}

static bool
equal_enum(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return memcmp(a, b, sizeof(int)) == 0;
}

static void
print_enum(const struct schema_word *w, const void *field, struct buf *out)
{
	int i;

	memcpy(&i, field, sizeof(i));
	buf_xaddstr(out, w->names[i]);
}

const struct value_ops value_enum_ops = { false, read_enum, equal_enum, NULL, print_enum };

static int
read_bool(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	static const char *const also[][2] = { { "false", "true" }, { "off", "on" } };
	bool *out = field;
	size_t k;
	int i;

	for (k = 0; w->names == NULL && k < ARRAY_LEN(also); k++) {
		for (i = 0; i < 2; i++) {
			if (strcmp(s->words->text, also[k][i]) == 0) {
				*out = i == 1;
				return 0;
			}
		}
	}
	i = read_choice(cx, w, s->words, w->names != NULL ? w->names : no_yes);
	if (i == -1)
		return -1;
	*out = i == 1;
	return 0;
}

static bool
equal_bool(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static void
print_bool(const struct schema_word *w, const void *field, struct buf *out)
{
	buf_xaddstr(out, (w->names != NULL ? w->names : no_yes)[*(const bool *)field ? 1 : 0]);
}

const struct value_ops value_bool_ops = { false, read_bool, equal_bool, NULL, print_bool };

static int
check_url(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	char quoted[DIAG_QUOTE_SIZE];
	struct err err = ERR_INIT;
	struct text_url url;

	if (text_url_parse(word->text, &url, &err) == 0)
		return 0;
	diag_error(cx->diag, word->at, "'%s' is wrong for '%s': %s; expected a URL as https://shop.example/page",
	    diag_quote(word->text, quoted), w->word, err.msg);
	return -1;
}

static int
check_proxy(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	static const char *const schemes[] = { "http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://" };
	struct text_url url;
	size_t i, n;

	if (strcmp(word->text, "none") == 0)
		return 0;
	for (i = 0; i < ARRAY_LEN(schemes); i++) {
		n = strlen(schemes[i]);
		if (strncasecmp(word->text, schemes[i], n) == 0) {
			char *as_http = xasprintf("http://%s", word->text + n);
			int result = text_url_parse(as_http, &url, NULL);

			free(as_http);
			if (result == 0)
				return 0;
		}
	}
	return value_wrong(cx, w, word, "the URL of a proxy as http://proxy.example:3128 or socks5://10.0.0.1:1080, or none");
}

/* The kind of rule that is written so, with what it is called; -1: none. */
static int
kind_of_rule(enum value_type type, const char **called, const char **expected)
{
	*called = "no regular expression";
	*expected = "PCRE2";
	if (type == VALUE_PATTERN)
		return RULE_REGEX;
	*called = "wrong";
	*expected = "an expression of XPath 1.0";
	if (type == VALUE_XPATH)
		return RULE_XPATH;
	*expected = "a selector as \"div.price > span\"";
	if (type == VALUE_CSS)
		return RULE_CSS;
	*expected = "a JSON pointer as /offers/0/price";
	return type == VALUE_POINTER ? RULE_POINTER : -1;
}

/* P21: a bad rule is an error of the configuration, with its place. */
static int
check_rule(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	const char *called, *expected;
	int kind = kind_of_rule(w->type, &called, &expected);
	struct err err = ERR_INIT;
	struct place at = word->at;
	size_t offset, i;

	if (kind == -1 || rule_check((enum rule_kind)kind, word->text, word->len, &offset, &err) == 0)
		return 0;
	if (word->quoted && word->raw && at.line != 0) {
		at.column++;
		for (i = 0; i < offset; i++)
			at.column += ((unsigned char)word->text[i] & 0xc0) != 0x80;
	}
	diag_error(cx->diag, at, "'%s' is %s: %s (at byte %zu of it), expected %s", w->word, called, err.msg, offset + 1,
	    expected);
	return -1;
}

static int
check_separator(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	static const char separators[] = { '.', ',', '\'', ' ' };

	if (word->len == 1 && memchr(separators, word->text[0], (size_t)w->max) != NULL)
		return 0;
	return value_wrong(cx, w, word, w->max == 2 ? "\".\" or \",\"" : "\".\", \",\", \"'\" or \" \"");
}

static int
check_text(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	const char *p, *called, *expected;

	if (word->len == 0)
		return value_wrong(cx, w, word, "a text that is not empty");
	if (!text_utf8_valid(word->text, word->len))
		return value_wrong(cx, w, word, "a text in UTF-8");
	/* A pattern may span lines; elsewhere a newline would end up in headers and tables. */
	for (p = word->text; *p != '\0' && kind_of_rule(w->type, &called, &expected) == -1; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return value_wrong(cx, w, word, "a text without control characters");
	if (w->type == VALUE_URL)
		return check_url(cx, w, word);
	if (w->type == VALUE_PROXY)
		return check_proxy(cx, w, word);
	if (w->type == VALUE_SEPARATOR)
		return check_separator(cx, w, word);
	if (check_rule(cx, w, word) == -1)
		return -1;
	if (w->type == VALUE_CURRENCY && !text_is_currency(word->text))
		return value_wrong(cx, w, word, "a currency of three capital letters, as EUR");
	if (w->type == VALUE_CURRENCY && currency_find(word->text, word->len) == NULL)
		return value_wrong(cx, w, word, "a currency of ISO 4217, as EUR");
	if (w->type == VALUE_AMOUNT && !text_is_amount(word->text))
		return value_wrong(cx, w, word, "an amount with a point and without a currency, as 24.99");
	if (w->type == VALUE_LOCALE && !text_is_locale(word->text))
		return value_wrong(cx, w, word, "a locale as en-GB");
	if (w->type == VALUE_CHARSET && !decode_knows(word->text))
		return value_wrong(cx, w, word, "an encoding as windows-1252");
	return 0;
}

static int
read_text(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	char *text;

	if (check_text(cx, w, s->words) == -1)
		return -1;
	text = arena_strdup(cx->arena, s->words->text);
	memcpy(field, &text, sizeof(text));
	return 0;
}

static const char *
text_of(const void *field)
{
	const char *text;

	memcpy(&text, field, sizeof(text));
	return text;
}

static bool
equal_strings(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
equal_text(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return equal_strings(text_of(a), text_of(b));
}

static bool
is_set_text(const struct schema_word *w ATTR_UNUSED, const void *field)
{
	return text_of(field) != NULL;
}

static void
print_text(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	value_put_string(out, text_of(field));
}

const struct value_ops value_text_ops = { false, read_text, equal_text, is_set_text, print_text };

/* A list of words, or one text with blanks or commas between them (a field of a CSV file). */
static int
read_methods(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	struct buf text = BUF_INIT(0);
	struct err err = ERR_INIT;
	unsigned sources;
	char *kept;
	size_t i, n;
	int ret = 0;

	for (i = 0; i < s->n_words && ret == 0; i++) {
		const char *p = s->words[i].text;

		if (rule_sources(p, &sources, &err) == -1) {
			diag_error(cx->diag, s->words[i].at, "'%s' is wrong: %s", w->word, err.msg);
			ret = -1;
		}
		for (p += strspn(p, ", \t"); ret == 0 && *p != '\0'; p += n, p += strspn(p, ", \t")) {
			n = strcspn(p, ", \t");
			buf_xprintf(&text, "%s%.*s", text.len > 0 ? " " : "", (int)n, p);
		}
	}
	if (ret == 0 && text.len == 0)
		diag_error(cx->diag, s->at, "'%s' is empty, expected at least one source, as json-ld", w->word);
	if (ret == 0 && text.len > 0) {
		kept = arena_strdup(cx->arena, text.data);
		memcpy(field, &kept, sizeof(kept));
	}
	ret = text.len > 0 ? ret : -1;
	buf_release(&text);
	return ret;
}

static void
print_methods(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	const char *p = text_of(field);
	size_t n;

	buf_xaddc(out, '{');
	for (; *p != '\0'; p += n, p += *p == ' ') {
		n = strcspn(p, " ");
		buf_xprintf(out, "%s%.*s", p != text_of(field) ? ", " : "", (int)n, p);
	}
	buf_xaddc(out, '}');
}

const struct value_ops value_methods_ops = { true, read_methods, equal_text, is_set_text, print_methods };

char *
value_absolute(struct value_ctx *cx, const char *path)
{
	size_t n, m = strlen(path);
	char *p;

	if (path[0] == '/' || cx->dir == NULL)
		return arena_strdup(cx->arena, path);
	while (m > 2 && path[0] == '.' && path[1] == '/') { /* "./x" is "x" */
		path += 2;
		m -= 2;
	}
	n = strlen(cx->dir);
	if (n > 0 && cx->dir[n - 1] == '/')
		n--;
	p = arena_alloc(cx->arena, n + 1 + m + 1);
	memcpy(p, cx->dir, n);
	p[n] = '/';
	memcpy(p + n + 1, path, m);
	return p;
}

static int
read_path(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	char *path;

	if (s->words->len == 0)
		return value_wrong(cx, w, s->words, "a path");
	path = value_absolute(cx, s->words->text);
	memcpy(field, &path, sizeof(path));
	return 0;
}

const struct value_ops value_path_ops = { false, read_path, equal_text, is_set_text, print_text };

static int
read_store(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	static const char sqlite[] = "sqlite:";
	const char *text = s->words->text, *path;
	struct config *c = field;
	char *store;
	size_t n;

	if (strcmp(text, w->none) == 0) {
		c->no_store = true;
		return 0;
	}
	if (strncmp(text, "postgresql:", 11) == 0)
		return value_wrong(cx, w, s->words,
		    "\"sqlite:PATH\": stores on PostgreSQL are not supported by this version");
	if (strncmp(text, sqlite, sizeof(sqlite) - 1) != 0 || text[sizeof(sqlite) - 1] == '\0')
		return value_wrong(cx, w, s->words, "\"sqlite:PATH\" or none");
	if (strcmp(text + sizeof(sqlite) - 1, ":memory:") == 0)
		return value_wrong(cx, w, s->words, "\"sqlite:PATH\" with a file that lasts");
	path = value_absolute(cx, text + sizeof(sqlite) - 1);
	n = strlen(path);
	store = arena_alloc(cx->arena, sizeof(sqlite) + n);
	memcpy(store, sqlite, sizeof(sqlite) - 1);
	memcpy(store + sizeof(sqlite) - 1, path, n + 1);
	c->store = store;
	return 0;
}

static bool
equal_store(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	const struct config *x = a, *y = b;

	return x->no_store == y->no_store && equal_strings(x->store, y->store);
}

static bool
is_set_store(const struct schema_word *w ATTR_UNUSED, const void *field)
{
	const struct config *c = field;

	return c->no_store || c->store != NULL;
}

static void
print_store(const struct schema_word *w, const void *field, struct buf *out)
{
	const struct config *c = field;

	if (c->no_store)
		buf_xaddstr(out, w->none);
	else
		value_put_string(out, c->store);
}

const struct value_ops value_store_ops = { false, read_store, equal_store, is_set_store, print_store };

/* Raw where that saves escapes (a pattern), else with escapes. */
void
value_put_string(struct buf *out, const char *s)
{
	bool raw = strpbrk(s, "\\\"") != NULL && strchr(s, '\'') == NULL && text_utf8_valid(s, strlen(s));
	const unsigned char *p;

	for (p = (const unsigned char *)s; raw && *p != '\0'; p++)
		raw = *p >= 0x20 && *p != 0x7f;
	if (raw) {
		buf_xprintf(out, "'%s'", s);
		return;
	}
	raw = text_utf8_valid(s, strlen(s)); /* else each high byte is an escape of its own */
	buf_xaddc(out, '"');
	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_xprintf(out, "\\%c", *p);
		else if (*p == '\n')
			buf_xaddstr(out, "\\n");
		else if (*p == '\t')
			buf_xaddstr(out, "\\t");
		else if (*p < 0x20 || *p == 0x7f || (*p >= 0x80 && !raw))
			buf_xprintf(out, "\\x%02x", *p);
		else
			buf_xaddc(out, (char)*p);
	}
	buf_xaddc(out, '"');
}

void
value_put_word(struct buf *out, const char *s)
{
	const char *p;

	for (p = s; *p != '\0' && lex_is_word_byte((unsigned char)*p); p++)
		;
	if (p != s && *p == '\0')
		buf_xaddstr(out, s);
	else
		value_put_string(out, s);
}

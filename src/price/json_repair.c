#include "price/json_repair.h"

#include <ctype.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"

/* Drop what wraps the text: <!-- -->, //<![CDATA[ //]]>, blanks, byte order mark. */
static void
unwrap(const char **text, size_t *len)
{
	static const char *const heads[] = { "<!--", "//<![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "// <![CDATA[",
		"<![CDATA[", "\xef\xbb\xbf" };
	static const char *const tails[] = { "//-->", "// -->", "-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";" };
	bool again = true;
	size_t i, n;

	while (again) {
		again = false;
		while (*len > 0 && isspace((unsigned char)**text)) {
			++*text;
			--*len;
		}
		while (*len > 0 && isspace((unsigned char)(*text)[*len - 1]))
			--*len;
		for (i = 0; i < ARRAY_LEN(heads); i++) {
			n = strlen(heads[i]);
			if (*len >= n && memcmp(*text, heads[i], n) == 0) {
				*text += n;
				*len -= n;
				again = true;
			}
		}
		for (i = 0; i < ARRAY_LEN(tails); i++) {
			n = strlen(tails[i]);
			if (*len >= n && memcmp(*text + *len - n, tails[i], n) == 0) {
				*len -= n;
				again = true;
			}
		}
	}
}

/* A list or an object that is NULL without an error: json-c says no more of memory that it did not get. */
static bool
is_limit(enum json_tokener_error error, const char *text)
{
	return error == json_tokener_error_depth || (error == json_tokener_success && (*text == '{' || *text == '['));
}

/* One value at the start; *used is how far it went. */
static struct json_object *
parse(const char *text, size_t len, int flags, size_t *used, bool *limit)
{
	struct json_tokener *tokener = len <= INT32_MAX ? json_tokener_new_ex(JSON_PAGE_DEPTH) : NULL;
	struct json_object *value;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, flags);
	value = json_tokener_parse_ex(tokener, text, (int)len);
	*used = json_tokener_get_parse_end(tokener);
	*limit = *limit || (value == NULL && is_limit(json_tokener_get_error(tokener), text));
	if (value == NULL && json_tokener_get_error(tokener) == json_tokener_continue)
		value = json_tokener_parse_ex(tokener, "", 1); /* a bare number ends with the text */
	json_tokener_free(tokener);
	return value;
}

/* Behind the comment at text[i], or i if there is none. */
static size_t
skip_comment(const char *text, size_t len, size_t i)
{
	const char *end;

	if (i + 1 >= len || text[i] != '/')
		return i;
	if (text[i + 1] == '/') {
		end = memchr(text + i, '\n', len - i);
		return end != NULL ? (size_t)(end - text) : len;
	}
	if (text[i + 1] != '*')
		return i;
	end = memmem(text + i + 2, len - i - 2, "*/", 2);
	return end != NULL ? (size_t)(end - text) + 2 : len;
}

/* How many bytes the blank at text[i] has: editors leave others than JSON knows, NBSP and byte order marks. */
static size_t
blank_at(const char *text, size_t len, size_t i)
{
	if (isspace((unsigned char)text[i]))
		return 1;
	if (len - i >= 2 && memcmp(text + i, "\xc2\xa0", 2) == 0)
		return 2;
	return len - i >= 3 && memcmp(text + i, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* The first byte at or behind i that is neither blank nor comment. */
static size_t
skip_blank(const char *text, size_t len, size_t i)
{
	size_t next;

	for (; i < len; i = next) {
		next = i + blank_at(text, len, i);
		if (next == i)
			next = skip_comment(text, len, i);
		if (next == i)
			break;
	}
	return i;
}

struct mender {
	const char *text;
	size_t len;
	struct buf *out;
	char open[JSON_PAGE_DEPTH];
	size_t depth;
};

/* What JSON knows behind a backslash. */
static bool
is_escape(const char *p, size_t len)
{
	if (*p != 'u')
		return strchr("\"\\/bfnrt", *p) != NULL;
	return len > 4 && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]) && isxdigit((unsigned char)p[3]) &&
	       isxdigit((unsigned char)p[4]);
}

/* A string from its quote on, control characters and all; returns what is behind it. */
static size_t
mend_string(struct mender *m, size_t i)
{
	buf_xaddc(m->out, m->text[i++]);
	for (; i < m->len && m->text[i] != '"'; i++) {
		if (m->text[i] == '\\') {
			if (++i == m->len)
				break;
			/* \' is of JavaScript, and a backslash before anything else is one. */
			if (m->text[i] != '\'')
				buf_xaddstr(m->out, is_escape(m->text + i, m->len - i) ? "\\" : "\\\\");
		}
		buf_xaddc(m->out, (unsigned char)m->text[i] < ' ' ? ' ' : m->text[i]);
	}
	buf_xaddc(m->out, '"');
	return i + 1;
}

/* Close what stands between this bracket and its own; one without its own stays, and the text is beyond repair. */
static void
mend_close(struct mender *m, char bracket)
{
	size_t i;

	for (i = m->depth; i > 0 && m->open[i - 1] != bracket; i--)
		;
	if (i == 0)
		buf_xaddc(m->out, bracket);
	while (i > 0 && m->depth >= i)
		buf_xaddc(m->out, m->open[--m->depth]);
}

/* Without what P22 names: control characters, commas and semicolons too many, comments, brackets too few. */
static void
mend(struct mender *m)
{
	size_t i = 0, next;

	while ((i = skip_blank(m->text, m->len, i)) < m->len) {
		char c = m->text[i];

		if (c == '"') {
			i = mend_string(m, i);
			continue;
		}
		next = skip_blank(m->text, m->len, ++i);
		if ((c == '{' || c == '[') && m->depth < sizeof(m->open))
			m->open[m->depth++] = c == '{' ? '}' : ']';
		if (c == '}' || c == ']')
			mend_close(m, c);
		else if (c == ',' && (next == m->len || strchr("}],", m->text[next]) != NULL))
			continue;
		else if (c != ';')
			buf_xaddc(m->out, c);
		/* Blanks part what would grow together: `1 2` is not 12. */
		if (next > i && isalnum((unsigned char)c))
			buf_xaddc(m->out, ' ');
	}
	if (m->out->len > 0 && m->out->data[m->out->len - 1] == ':')
		buf_xaddstr(m->out, "null");
	while (m->depth > 0)
		buf_xaddc(m->out, m->open[--m->depth]);
}

static struct json_object *
parse_mended(const char *text, size_t len, bool *limit)
{
	struct buf mended = BUF_INIT(0);
	struct mender m = { .text = text, .len = len, .out = &mended };
	struct json_object *value = NULL;
	size_t used;

	mend(&m);
	if (mended.len > 0)
		value = parse(mended.data, mended.len, 0, &used, limit);
	buf_release(&mended);
	return value;
}

/* Several values in a row, as when two blocks were glued together: a list of them. */
static struct json_object *
parse_lenient(const char *text, size_t len, bool *limit)
{
	struct json_object *value, *next, *list;
	size_t used;

	value = parse(text, len, 0, &used, limit);
	if (value == NULL)
		return NULL;
	list = NULL;
	for (;;) {
		text += used;
		len -= used;
		used = skip_blank(text, len, 0);
		used += used < len && (text[used] == ',' || text[used] == ';');
		used = skip_blank(text, len, used);
		text += used;
		len -= used;
		if (len == 0 || (*text != '{' && *text != '[') || (next = parse(text, len, 0, &used, limit)) == NULL)
			break;
		if (list == NULL) {
			list = json_object_new_array();
			json_object_array_add(list, value);
		}
		json_object_array_add(list, next);
	}
	return list != NULL ? list : value;
}

struct json_object *
json_page_parse_within(const char *text, size_t len, bool *limit)
{
	struct json_object *value;
	size_t used;

	*limit = false;
	unwrap(&text, &len);
	if (len == 0)
		return NULL;
	value = parse(text, len, JSON_TOKENER_STRICT, &used, limit);
	if (value == NULL)
		value = parse_lenient(text, len, limit);
	if (value == NULL)
		value = parse_mended(text, len, limit);
	return value;
}

struct json_object *
json_page_parse(const char *text, size_t len)
{
	bool limit;

	return json_page_parse_within(text, len, &limit);
}

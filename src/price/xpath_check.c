#include "price/xpath_check.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "price/entity.h"

#define DEPTH_MAX 64 /* of brackets */

/* What is known of a value before there is a page. */
enum value { WRONG = -1, PLAIN, NODES };

struct parser {
	const char *start, *p, *end;
	struct err *err;
	const char *at; /* what is wrong */
	unsigned depth;
};

struct word {
	const char *p;
	size_t len;
};

static const struct function {
	const char *name;
	int min, max; /* arguments; max -1: any number */
	bool nodes;   /* its first argument is a node set */
} functions[] = {
	{ "last", 0, 0, false }, { "position", 0, 0, false }, { "count", 1, 1, true }, { "id", 1, 1, false },
	{ "local-name", 0, 1, true }, { "namespace-uri", 0, 1, true }, { "name", 0, 1, true },
	{ "string", 0, 1, false }, { "concat", 2, -1, false }, { "starts-with", 2, 2, false },
	{ "contains", 2, 2, false }, { "substring-before", 2, 2, false }, { "substring-after", 2, 2, false },
	{ "substring", 2, 3, false }, { "string-length", 0, 1, false }, { "normalize-space", 0, 1, false },
	{ "translate", 3, 3, false }, { "boolean", 1, 1, false }, { "not", 1, 1, false }, { "true", 0, 0, false },
	{ "false", 0, 0, false }, { "lang", 1, 1, false }, { "number", 0, 1, false }, { "sum", 1, 1, true },
	{ "floor", 1, 1, false }, { "ceiling", 1, 1, false }, { "round", 1, 1, false },
};

static const char *const axes[] = { "ancestor", "ancestor-or-self", "attribute", "child", "descendant",
	"descendant-or-self", "following", "following-sibling", "namespace", "parent", "preceding", "preceding-sibling",
	"self" };

static const char *const node_types[] = { "comment", "node", "processing-instruction", "text" };

static enum value parse_expr(struct parser *s);

static enum value
wrong(struct parser *s, const char *at, const char *what)
{
	s->at = at;
	err_set(s->err, EINVAL, "%s", what);
	return WRONG;
}

static enum value
wrong_word(struct parser *s, struct word w, const char *what)
{
	s->at = w.p;
	err_set(s->err, EINVAL, "%s '%.*s'", what, (int)(w.len < 64 ? w.len : 64), w.p);
	return WRONG;
}

static void
skip_blanks(struct parser *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
at(const struct parser *s, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, text, n) == 0;
}

/* Take a sign, and the blanks behind it. */
static bool
take(struct parser *s, const char *text)
{
	if (!at(s, text))
		return false;
	s->p += strlen(text);
	skip_blanks(s);
	return true;
}

static bool
is_name_start(char c)
{
	/* Which others libxml2 takes depends on its version; HTML has none. */
	return isalpha((unsigned char)c) || c == '_';
}

static bool
is_name_char(char c)
{
	return is_name_start(c) || isdigit((unsigned char)c) || c == '-' || c == '.';
}

/* The name at p, which may be none; nothing is taken. */
static struct word
name_at(const struct parser *s, const char *p)
{
	struct word w = { p, 0 };

	if (p < s->end && is_name_start(*p)) {
		while (p + w.len < s->end && is_name_char(p[w.len]))
			w.len++;
	}
	return w;
}

static bool
word_is(struct word w, const char *text)
{
	return strlen(text) == w.len && memcmp(w.p, text, w.len) == 0;
}

static bool
word_in(struct word w, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (word_is(w, list[i]))
			return true;
	}
	return false;
}

static void
take_word(struct parser *s, struct word w)
{
	s->p = w.p + w.len;
	skip_blanks(s);
}

/* What stands behind a word, blanks apart. */
static const char *
behind(const struct parser *s, struct word w)
{
	struct parser look = *s;

	look.p = w.p + w.len;
	skip_blanks(&look);
	return look.p;
}

static bool
starts_with(const struct parser *s, const char *p, const char *text)
{
	return (size_t)(s->end - p) >= strlen(text) && memcmp(p, text, strlen(text)) == 0;
}

static enum value
parse_literal(struct parser *s)
{
	const char *e = memchr(s->p + 1, *s->p, (size_t)(s->end - s->p - 1));

	if (e == NULL)
		return wrong(s, s->p, "a string that does not end");
	s->p = e + 1;
	skip_blanks(s);
	return PLAIN;
}

static enum value
parse_number(struct parser *s)
{
	while (s->p < s->end && isdigit((unsigned char)*s->p))
		s->p++;
	if (s->p < s->end && *s->p == '.')
		s->p++;
	while (s->p < s->end && isdigit((unsigned char)*s->p))
		s->p++;
	skip_blanks(s);
	return PLAIN;
}

/* Behind '(' or '[', up to its other end. */
static enum value
parse_inner(struct parser *s, const char *close)
{
	enum value v;

	if (++s->depth > DEPTH_MAX)
		return wrong(s, s->p, "too many brackets inside each other");
	v = parse_expr(s);
	s->depth--;
	if (v != WRONG && !take(s, close))
		return wrong(s, s->p, *close == ')' ? "expected an operator or ')'" : "expected an operator or ']'");
	return v;
}

static enum value
parse_predicates(struct parser *s, enum value v)
{
	const char *start = s->p;

	while (v != WRONG && take(s, "[")) {
		if (v != NODES)
			return wrong(s, start, "only nodes can be chosen from");
		if (parse_inner(s, "]") == WRONG)
			return WRONG;
	}
	return v;
}

/* The arguments behind "name(". */
static enum value
parse_arguments(struct parser *s, struct word name, const struct function *f)
{
	const char *start;
	enum value v;
	int n = 0;

	if (!take(s, ")")) {
		if (++s->depth > DEPTH_MAX)
			return wrong(s, s->p, "too many brackets inside each other");
		do {
			start = s->p;
			v = parse_expr(s);
			if (v == WRONG)
				return WRONG;
			if (n++ == 0 && f->nodes && v != NODES)
				return wrong(s, start, "this function wants nodes");
		} while (take(s, ","));
		s->depth--;
		if (!take(s, ")"))
			return wrong(s, s->p, "expected ',' or ')'");
	}
	if (n < f->min || (f->max != -1 && n > f->max))
		return wrong_word(s, name, n < f->min ? "too few arguments of" : "too many arguments of");
	return strcmp(f->name, "id") == 0 ? NODES : PLAIN;
}

static enum value
parse_call(struct parser *s, struct word name)
{
	size_t i;

	take_word(s, name);
	take(s, "(");
	for (i = 0; i < ARRAY_LEN(functions); i++) {
		if (word_is(name, functions[i].name))
			return parse_arguments(s, name, &functions[i]);
	}
	return wrong_word(s, name, "there is no function");
}

static enum value
parse_node_type(struct parser *s, struct word type)
{
	take_word(s, type);
	take(s, "(");
	if (word_is(type, "processing-instruction") && s->p < s->end && (*s->p == '"' || *s->p == '\'') &&
	    parse_literal(s) == WRONG)
		return WRONG;
	return take(s, ")") ? NODES : wrong(s, s->p, "expected ')'");
}

static enum value
parse_node_test(struct parser *s)
{
	struct word w;

	if (take(s, "*"))
		return NODES;
	w = name_at(s, s->p);
	if (w.len == 0)
		return wrong(s, s->p, "expected a name or '*'");
	if (w.p + w.len < s->end && w.p[w.len] == ':' && !starts_with(s, w.p + w.len, "::")) {
		if (!word_is(w, "xml"))
			return wrong_word(s, w,
			    "prefixes are not known, write *[name()='a:b'] or @*[name()='a:b']; there is no");
		s->p = w.p + w.len + 1;
		return parse_node_test(s);
	}
	if (starts_with(s, behind(s, w), "(")) {
		if (!word_in(w, node_types, ARRAY_LEN(node_types)))
			return wrong_word(s, w, "a function cannot stand here:");
		return parse_node_type(s, w);
	}
	take_word(s, w);
	return NODES;
}

static enum value
parse_step(struct parser *s)
{
	struct word axis;

	if (take(s, "..") || take(s, "."))
		return NODES;
	if (!take(s, "@")) {
		axis = name_at(s, s->p);
		if (axis.len > 0 && starts_with(s, behind(s, axis), "::")) {
			if (!word_in(axis, axes, ARRAY_LEN(axes)))
				return wrong_word(s, axis, "there is no axis");
			take_word(s, axis);
			take(s, "::");
		}
	}
	return parse_predicates(s, parse_node_test(s));
}

/* Steps up to the end of the path; the first must be there. */
static enum value
parse_steps(struct parser *s)
{
	do {
		if (parse_step(s) == WRONG)
			return WRONG;
	} while (take(s, "//") || take(s, "/"));
	return NODES;
}

static bool
is_step_start(const struct parser *s)
{
	return s->p < s->end && (*s->p == '.' || *s->p == '@' || *s->p == '*' || is_name_start(*s->p));
}

/* A value that is no path: (x), 'x', 1, $x, f(x). */
static bool
is_primary(const struct parser *s)
{
	struct word w = name_at(s, s->p);

	if (s->p == s->end)
		return false;
	if (*s->p == '(' || *s->p == '"' || *s->p == '\'' || *s->p == '$' || isdigit((unsigned char)*s->p) ||
	    (*s->p == '.' && s->end - s->p > 1 && isdigit((unsigned char)s->p[1])))
		return true;
	/* a:b( is a function, too; a::b is none */
	if (w.len > 0 && starts_with(s, w.p + w.len, ":") && !starts_with(s, w.p + w.len, "::")) {
		struct word local = name_at(s, w.p + w.len + 1);

		return local.len > 0 && starts_with(s, behind(s, local), "(");
	}
	return w.len > 0 && starts_with(s, behind(s, w), "(") && !word_in(w, node_types, ARRAY_LEN(node_types));
}

static enum value
parse_primary(struct parser *s)
{
	struct word w = name_at(s, s->p);

	if (*s->p == '$')
		return wrong(s, s->p, "there are no variables");
	if (*s->p == '"' || *s->p == '\'')
		return parse_literal(s);
	if (take(s, "("))
		return parse_inner(s, ")");
	if (w.len == 0)
		return parse_number(s);
	if (starts_with(s, w.p + w.len, ":"))
		return wrong_word(s, w, "there are only the functions of XPath 1.0, none of");
	return parse_call(s, w);
}

static enum value
parse_path(struct parser *s)
{
	const char *start = s->p;
	enum value v;

	if (!is_primary(s)) {
		if (take(s, "//"))
			return parse_steps(s);
		if (take(s, "/"))
			return is_step_start(s) ? parse_steps(s) : NODES;
		if (!is_step_start(s))
			return wrong(s, s->p, "expected an expression");
		return parse_steps(s);
	}
	v = parse_predicates(s, parse_primary(s));
	if (v == WRONG || !at(s, "/"))
		return v;
	if (v != NODES)
		return wrong(s, start, "a path begins with nodes");
	if (!take(s, "//"))
		take(s, "/");
	return parse_steps(s);
}

static enum value
parse_union(struct parser *s)
{
	const char *start = s->p;
	enum value v = parse_path(s), other;

	while (v != WRONG && take(s, "|")) {
		if (v != NODES)
			return wrong(s, start, "only nodes can be joined by '|'");
		start = s->p;
		other = parse_path(s);
		if (other == PLAIN)
			return wrong(s, start, "only nodes can be joined by '|'");
		v = other;
	}
	return v;
}

/* An operator between two values; taken. */
static bool
take_operator(struct parser *s)
{
	static const char *const signs[] = { "!=", "<=", ">=", "=", "<", ">", "+", "-", "*" };
	static const char *const words[] = { "or", "and", "div", "mod" };
	struct word w = name_at(s, s->p);
	size_t i;

	for (i = 0; i < ARRAY_LEN(signs); i++) {
		if (take(s, signs[i]))
			return true;
	}
	if (!word_in(w, words, ARRAY_LEN(words)))
		return false;
	take_word(s, w);
	return true;
}

/* For what is right or wrong it is all one which operator binds closer. */
static enum value
parse_expr(struct parser *s)
{
	enum value v;
	bool minus, more = false;

	do {
		for (minus = false; take(s, "-"); minus = true)
			;
		v = parse_union(s);
		if (v == WRONG)
			return WRONG;
		if (minus || more)
			v = PLAIN;
		more = take_operator(s);
		if (more)
			v = PLAIN;
	} while (more);
	return v;
}

/* The length of what is UTF-8, and has a place in XML, at the start. */
static size_t
good_span(const char *text, size_t len)
{
	size_t i, used;

	for (i = 0; i < len; i += used) {
		char c = text[i];

		if (utf8_get(text + i, len - i, &used) == 0xfffd && used == 1)
			break;
		if ((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r')
			break;
	}
	return i < len ? i : len;
}

int
xpath_check(const char *text, size_t len, size_t *offset, struct err *err)
{
	struct parser s = { .start = text, .p = text, .end = text + len, .err = err };

	*offset = good_span(text, len);
	if (*offset < len)
		return err_set(err, EINVAL, "no UTF-8");
	skip_blanks(&s);
	if (parse_expr(&s) != WRONG) {
		if (s.p == s.end)
			return 0;
		wrong(&s, s.p, "not understood");
	}
	*offset = (size_t)(s.at - s.start);
	return -1;
}

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "price/css.h"
#include "price/entity.h"

#define NTH_MAX 1000000

struct parser {
	const char *start, *p, *end;
	struct err *err;
	struct css *css;
};

static int
wrong(struct parser *s, const char *what)
{
	return err_set(s->err, EINVAL, "%s", what);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
skip_blanks(struct parser *s)
{
	const char *end;
	bool blank = false;

	for (;;) {
		if (s->p < s->end && is_blank(*s->p)) {
			blank = true;
			s->p++;
		} else if (s->end - s->p > 3 && s->p[0] == '/' && s->p[1] == '*' &&
			   (end = memmem(s->p + 2, (size_t)(s->end - s->p) - 2, "*/", 2)) != NULL) {
			s->p = end + 2; /* a comment is nothing */
		} else {
			return blank;
		}
	}
}

static bool
take(struct parser *s, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(s->end - s->p) < n || strncasecmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* An escape behind its backslash: up to six hexadecimal digits and a blank, or the character itself. */
static void
read_escape(struct parser *s, struct buf *out)
{
	uint32_t cp = 0;
	char utf8[4];
	int n;

	for (n = 0; n < 6 && s->p < s->end && isxdigit((unsigned char)*s->p); n++, s->p++)
		cp = cp * 16 + (uint32_t)(isdigit((unsigned char)*s->p) ? *s->p - '0' : (*s->p | 0x20) - 'a' + 10);
	if (n == 0) {
		buf_xaddc(out, *s->p++);
		return;
	}
	if (s->p < s->end && is_blank(*s->p))
		s->p++;
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = 0xfffd;
	buf_xadd(out, utf8, utf8_put(cp, utf8));
}

static char *
finish_text(struct buf *b, bool lower)
{
	char *p;

	for (p = b->data; lower && p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return b->data != NULL ? buf_detach(b) : xstrdup("");
}

/* A type or class; what stands behind #, which may begin with a digit; an attribute, which may be v:price. */
enum name { NAME_WORD, NAME_ID, NAME_ATTR };

/* NULL with err set if there is none. */
static char *
read_name(struct parser *s, enum name kind, bool lower, const char *expected)
{
	struct buf b = BUF_INIT(0);

	if (kind != NAME_ID && s->p < s->end && (isdigit((unsigned char)*s->p) ||
	    (*s->p == '-' && s->end - s->p > 1 && isdigit((unsigned char)s->p[1])))) {
		wrong(s, "a name does not begin with a digit; write it with a backslash: \\31 for 1");
		return NULL;
	}
	while (s->p < s->end && (is_name_char(*s->p) || (kind == NAME_ATTR && *s->p == ':') || (*s->p == '\\' && s->end - s->p > 1 && s->p[1] != '\n'))) {
		if (*s->p == '\\') {
			s->p++;
			read_escape(s, &b);
		} else {
			buf_xaddc(&b, *s->p++);
		}
	}
	if (b.len == 0) {
		wrong(s, expected);
		return NULL;
	}
	return finish_text(&b, lower);
}

/* A string in quotes; NULL with err set if it does not end. */
static char *
read_string(struct parser *s)
{
	struct buf b = BUF_INIT(0);
	const char *start = s->p;
	char quote = *s->p++;

	while (s->p < s->end && *s->p != quote) {
		if (*s->p != '\\') {
			buf_xaddc(&b, *s->p++);
		} else if (s->end - s->p > 1 && s->p[1] == '\n') {
			s->p += 2;
		} else if (s->end - s->p > 1) {
			s->p++;
			read_escape(s, &b);
		} else {
			break;
		}
	}
	if (s->p == s->end || *s->p != quote) {
		s->p = start;
		wrong(s, "a string that does not end");
		buf_release(&b);
		return NULL;
	}
	s->p++;
	return finish_text(&b, false);
}

static struct css_test *
add_test(struct parser *s, enum css_test_kind kind)
{
	struct css *css = s->css;

	css->tests = xreallocarray(css->tests, css->n_tests + 1, sizeof(*css->tests));
	css->tests[css->n_tests] = (struct css_test){ .kind = kind };
	css->steps[css->n_steps - 1].n_tests++;
	return &css->tests[css->n_tests++];
}

/* Values of these are compared without case in HTML ("Case-sensitivity of selectors"). */
static bool
value_has_no_case(const char *attr)
{
	static const char list[] = " accept accept-charset align alink axis bgcolor charset checked clear codetype color "
	    "compact declare defer dir direction disabled enctype face frame hreflang http-equiv lang language link "
	    "media method multiple nohref noresize noshade nowrap readonly rel rev rules scope scrolling selected "
	    "shape target text type valign valuetype vlink ";
	char word[24];

	return (size_t)snprintf(word, sizeof(word), " %s ", attr) < sizeof(word) && strstr(list, word) != NULL;
}

static int
read_attr_value(struct parser *s, struct css_test *t)
{
	skip_blanks(s);
	if (s->p < s->end && (*s->p == '"' || *s->p == '\''))
		t->value = read_string(s);
	else
		t->value = read_name(s, NAME_WORD, false, "a value, in quotes if it is no name");
	if (t->value == NULL)
		return -1;
	skip_blanks(s);
	if (take(s, "i"))
		t->no_case = true;
	else if (take(s, "s"))
		t->no_case = false;
	skip_blanks(s);
	return 0;
}

/* Behind '['. */
static int
read_attr(struct parser *s)
{
	static const struct {
		const char *sign;
		enum css_op op;
	} ops[] = { { "=", CSS_EQUALS }, { "~=", CSS_HAS_WORD }, { "|=", CSS_DASH }, { "^=", CSS_BEGINS },
		{ "$=", CSS_ENDS }, { "*=", CSS_CONTAINS } };
	struct css_test *t = add_test(s, CSS_ATTR);
	size_t i;

	skip_blanks(s);
	t->name = read_name(s, NAME_ATTR, true, "the name of an attribute");
	if (t->name == NULL)
		return -1;
	t->no_case = value_has_no_case(t->name);
	skip_blanks(s);
	for (i = 0; i < ARRAY_LEN(ops) && !take(s, ops[i].sign); i++)
		;
	if (i < ARRAY_LEN(ops)) {
		t->op = ops[i].op;
		if (read_attr_value(s, t) == -1)
			return -1;
	}
	return take(s, "]") ? 0 : wrong(s, "expected one of = ~= |= ^= $= *= or ]");
}

/* A whole number; false if there is none. */
static bool
read_number(struct parser *s, int *n)
{
	const char *start = s->p;

	for (*n = 0; s->p < s->end && isdigit((unsigned char)*s->p); s->p++) {
		if (*n < NTH_MAX)
			*n = *n * 10 + (*s->p - '0');
	}
	return s->p > start;
}

static int
read_sign(struct parser *s)
{
	if (take(s, "-"))
		return -1;
	take(s, "+");
	return 1;
}

/* Behind '(': odd, even, 3, 2n+1, -n + 4; and the ')'. */
static int
read_nth(struct parser *s, struct css_test *t)
{
	int sign, n;
	bool digits;

	skip_blanks(s);
	if (take(s, "odd")) {
		t->a = 2;
		t->b = 1;
	} else if (take(s, "even")) {
		t->a = 2;
	} else {
		sign = read_sign(s);
		digits = read_number(s, &n);
		if (take(s, "n")) {
			t->a = sign * (digits ? n : 1);
			skip_blanks(s);
			if (s->p < s->end && (*s->p == '+' || *s->p == '-')) {
				sign = read_sign(s);
				skip_blanks(s);
				if (!read_number(s, &n))
					return wrong(s, "expected a number");
				t->b = sign * n;
			}
		} else if (digits) {
			t->b = sign * n;
		} else {
			return wrong(s, "expected a number, odd, even or as 2n+1");
		}
	}
	skip_blanks(s);
	return take(s, ")") ? 0 : wrong(s, "expected ')'");
}

static int read_simple(struct parser *s, bool in_not);

/* Behind ":not(": simple selectors, of which none may hold. */
static int
read_not(struct parser *s)
{
	size_t first = s->css->n_tests;

	do {
		skip_blanks(s);
		if (read_simple(s, true) == -1)
			return -1;
		skip_blanks(s);
	} while (take(s, ","));
	if (!take(s, ")"))
		return wrong(s, "expected ',' or ')': in :not() stand single tests");
	for (; first < s->css->n_tests; first++)
		s->css->tests[first].negated = true;
	return 0;
}

/* Behind ':'. */
static int
read_pseudo(struct parser *s, bool in_not)
{
	struct css_test *t;
	const char *end;

	s->css->counts = true;
	if (take(s, "nth-of-type("))
		return read_nth(s, add_test(s, CSS_NTH_OF_TYPE));
	if (take(s, "nth-child("))
		return read_nth(s, add_test(s, CSS_NTH_CHILD));
	if (take(s, "first-of-type") || take(s, "first-child")) {
		t = add_test(s, tolower((unsigned char)s->p[-1]) == 'e' ? CSS_NTH_OF_TYPE : CSS_NTH_CHILD);
		t->b = 1;
		return 0;
	}
	if (!in_not && take(s, "not("))
		return read_not(s);
	for (end = s->p; end < s->end && is_name_char(*end); end++)
		;
	return err_set(s->err, EINVAL,
	    "':%.*s' is not known; there are :nth-of-type() :nth-child() :first-of-type :first-child and :not()",
	    (int)(end - s->p < 32 ? end - s->p : 32), s->p);
}

/* One test; s->p stands on its sign. */
static int
read_simple(struct parser *s, bool in_not)
{
	struct css_test *t;
	char c = s->p < s->end ? *s->p : '\0';

	if (c != '#' && c != '.' && c != '[' && c != ':')
		return wrong(s, in_not ? "expected '#', '.', '[' or ':'" : "expected a selector");
	s->p++;
	if (c == '[')
		return read_attr(s);
	if (c == ':')
		return read_pseudo(s, in_not);
	t = add_test(s, c == '#' ? CSS_ID : CSS_CLASS);
	t->value = read_name(s, c == '#' ? NAME_ID : NAME_WORD, false, c == '#' ? "expected an id" : "expected a class");
	return t->value != NULL ? 0 : -1;
}

/* Does what follows say what is taken of the element? */
static bool
at_take(const struct parser *s)
{
	return s->p < s->end && (*s->p == '@' || (s->end - s->p > 1 && s->p[0] == ':' && s->p[1] == ':'));
}

static int
read_compound(struct parser *s, enum css_relation relation)
{
	struct css *css = s->css;
	struct css_step *step;
	const char *start = s->p;

	if (css->n_steps == CSS_STEPS_MAX)
		return wrong(s, "too many parts");
	step = &css->steps[css->n_steps++];
	*step = (struct css_step){ .relation = relation, .first_test = css->n_tests };
	if (s->p < s->end && (is_name_char(*s->p) || *s->p == '\\')) {
		step->type = read_name(s, NAME_WORD, true, "expected a selector");
		if (step->type == NULL)
			return -1;
	} else {
		take(s, "*");
	}
	if (s->p < s->end && *s->p == '|')
		return wrong(s, "namespaces are not known in HTML");
	while (s->p < s->end && (*s->p == '#' || *s->p == '.' || *s->p == '[' || *s->p == ':') && !at_take(s)) {
		if (read_simple(s, false) == -1)
			return -1;
	}
	return s->p > start ? 0 : wrong(s, "expected a selector: a type, '#', '.', '[' or '*'");
}

/* ::attr(x), @x, ::text */
static int
read_take(struct parser *s, struct css_selector *sel, bool apart)
{
	if (take(s, "::text")) {
		/* As elsewhere, `.price ::text' is all the text in it. */
		sel->take = apart ? CSS_ELEMENT : CSS_OWN_TEXT;
		return 0;
	}
	if (take(s, "@")) {
		sel->take = CSS_VALUE;
		sel->attr = read_name(s, NAME_ATTR, true, "expected the name of an attribute");
		return sel->attr != NULL ? 0 : -1;
	}
	if (!take(s, "::attr("))
		return wrong(s, "of these there are ::attr(name) and ::text");
	skip_blanks(s);
	sel->take = CSS_VALUE;
	sel->attr = read_name(s, NAME_ATTR, true, "expected the name of an attribute");
	if (sel->attr == NULL)
		return -1;
	skip_blanks(s);
	return take(s, ")") ? 0 : wrong(s, "expected ')'");
}

static enum css_relation
read_relation(struct parser *s, bool blanks)
{
	if (take(s, ">"))
		return CSS_CHILD;
	if (take(s, "+"))
		return CSS_NEXT;
	if (take(s, "~"))
		return CSS_BEHIND;
	return blanks ? CSS_DESCENDANT : CSS_FIRST;
}

/* Compounds up to ',' or the end. */
static int
read_selector(struct parser *s)
{
	struct css *css = s->css;
	struct css_selector *sel;
	enum css_relation relation = CSS_FIRST;
	bool blanks;

	css->selectors = xreallocarray(css->selectors, css->n_selectors + 1, sizeof(*sel));
	sel = &css->selectors[css->n_selectors++];
	*sel = (struct css_selector){ .take = CSS_ELEMENT };
	do {
		skip_blanks(s);
		if (read_compound(s, relation) == -1)
			return -1;
		blanks = skip_blanks(s);
		if (at_take(s)) {
			if (read_take(s, sel, blanks) == -1)
				return -1;
			skip_blanks(s);
			break;
		}
		if (s->p == s->end || *s->p == ',')
			break;
		relation = read_relation(s, blanks);
	} while (relation != CSS_FIRST);
	if (s->p < s->end && *s->p != ',')
		return wrong(s, "not understood");
	sel->last_step = css->n_steps - 1;
	return 0;
}

struct css *
css_parse(const char *text, size_t len, size_t *offset, struct err *err)
{
	struct parser s = { .start = text, .p = text, .end = text + len, .err = err };

	s.css = xcalloc(1, sizeof(*s.css));
	do {
		if (read_selector(&s) == -1) {
			*offset = (size_t)(s.p - s.start);
			css_free(s.css);
			return NULL;
		}
	} while (take(&s, ","));
	return s.css;
}

void
css_free(struct css *css)
{
	size_t i;

	if (css == NULL)
		return;
	for (i = 0; i < css->n_tests; i++) {
		free(css->tests[i].name);
		free(css->tests[i].value);
	}
	for (i = 0; i < css->n_steps; i++)
		free(css->steps[i].type);
	for (i = 0; i < css->n_selectors; i++)
		free(css->selectors[i].attr);
	free(css->tests);
	free(css->selectors);
	free(css);
}

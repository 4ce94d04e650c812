/*
 * Rules that are CSS selectors, matched while the page is scanned: an element
 * is decided when it begins, from what is known of those around it, so no tree
 * is built and nothing follows the depth of the page (P36, P37). What it holds
 * is read when it has ended.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "price/css.h"
#include "price/nest.h"
#include "price/select.h"

#define FOUND_MAX 10000	   /* P38: candidate nodes */
#define TYPES_MAX 256	   /* of children of one element that are told apart by nth-of-type */

/* How many children of a type an element has had. */
struct type_count {
	struct slice name;
	int n;
};

/* Bits are steps: which compounds, with all before them, hold for ... */
struct frame {
	uint64_t own;	    /* ... this element */
	uint64_t above;	    /* ... it or any around it */
	uint64_t last_child; /* ... its child that began last */
	uint64_t children;  /* ... any of its children */
	int n_children;
	size_t first_type, n_types; /* in `types` */
	size_t first_found, n_found; /* that are this element */
};

struct found {
	enum css_take take;
	struct slice text; /* an attribute's value, or what stands in the element */
	struct buf own;	   /* of CSS_OWN_TEXT */
	bool machine;
	bool complete;
};

struct css_run {
	const struct css *css;
	const volatile int *stop; /* of the page (P38) */
	selected_fn *fn;
	void *fn_arg;
	bool enough;
	struct nest nest;
	struct frame frames[NEST_DEPTH_MAX];
	struct type_count *types; /* of the open elements, the innermost last */
	size_t n_types, cap_types;
	struct found *found; /* in the order of the page */
	size_t n_found, cap_found, n_told;
};

/* What tests look at, got once an element. */
struct subject {
	const struct tag *tag;
	int nth_child, nth_of_type;
};

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
same(const char *a, const char *b, size_t n, bool no_case)
{
	return no_case ? strncasecmp(a, b, n) == 0 : memcmp(a, b, n) == 0;
}

static bool
has_word(struct slice s, const char *word, bool no_case)
{
	size_t n = strlen(word), i = 0, start;

	while (n > 0 && i < s.len) {
		while (i < s.len && is_blank(s.p[i]))
			i++;
		for (start = i; i < s.len && !is_blank(s.p[i]); i++)
			;
		if (i - start == n && same(s.p + start, word, n, no_case))
			return true;
	}
	return false;
}

static bool
contains(struct slice s, const char *value, size_t n, bool no_case)
{
	size_t i;

	if (!no_case)
		return memmem(s.p, s.len, value, n) != NULL;
	for (i = 0; i + n <= s.len; i++) {
		if (strncasecmp(s.p + i, value, n) == 0)
			return true;
	}
	return false;
}

static bool
compare(struct slice s, enum css_op op, const char *value, bool no_case)
{
	size_t n;

	if (op == CSS_IS_THERE || value == NULL)
		return op == CSS_IS_THERE;
	n = strlen(value);

	switch (op) {
	case CSS_IS_THERE:
		return true;
	case CSS_EQUALS:
		return s.len == n && same(s.p, value, n, no_case);
	case CSS_HAS_WORD:
		return has_word(s, value, no_case);
	case CSS_DASH:
		return s.len >= n && same(s.p, value, n, no_case) && (s.len == n || s.p[n] == '-');
	case CSS_BEGINS:
		return n > 0 && s.len >= n && same(s.p, value, n, no_case);
	case CSS_ENDS:
		return n > 0 && s.len >= n && same(s.p + s.len - n, value, n, no_case);
	case CSS_CONTAINS:
		return n > 0 && s.len >= n && contains(s, value, n, no_case);
	}
	return false;
}

static bool
attr_holds(const struct tag *tag, const char *name, enum css_op op, const char *value, bool no_case)
{
	struct slice s = markup_attr(tag, name);
	struct buf b = BUF_INIT(0);
	bool holds;

	if (s.p == NULL || op == CSS_IS_THERE)
		return s.p != NULL;
	if (memchr(s.p, '&', s.len) == NULL)
		return compare(s, op, value, no_case);
	markup_put_value(&b, s);
	holds = compare((struct slice){ b.data, b.len }, op, value, no_case);
	buf_release(&b);
	return holds;
}

static bool
nth_holds(const struct css_test *t, int nth)
{
	if (nth == 0)
		return false;
	if (t->a == 0)
		return nth == t->b;
	return (nth - t->b) % t->a == 0 && (nth - t->b) / t->a >= 0;
}

static bool
test_holds(const struct css_test *t, const struct subject *e)
{
	switch (t->kind) {
	case CSS_ID:
		return attr_holds(e->tag, "id", CSS_EQUALS, t->value, false);
	case CSS_CLASS:
		return attr_holds(e->tag, "class", CSS_HAS_WORD, t->value, false);
	case CSS_ATTR:
		return attr_holds(e->tag, t->name, t->op, t->value, t->no_case);
	case CSS_NTH_OF_TYPE:
		return nth_holds(t, e->nth_of_type);
	case CSS_NTH_CHILD:
		return nth_holds(t, e->nth_child);
	}
	return false;
}

static bool
step_holds(const struct css *css, const struct css_step *step, const struct subject *e)
{
	size_t i;

	if (step->type != NULL && !slice_is(e->tag->name, step->type))
		return false;
	for (i = step->first_test; i < step->first_test + step->n_tests; i++) {
		if (test_holds(&css->tests[i], e) == css->tests[i].negated)
			return false;
	}
	return true;
}

/* Does the compound before stand where the relation wants it? */
static bool
relation_holds(enum css_relation relation, uint64_t before, const struct frame *parent)
{
	switch (relation) {
	case CSS_FIRST:
		return true;
	case CSS_DESCENDANT:
		return parent != NULL && (parent->above & before) != 0;
	case CSS_CHILD:
		return parent != NULL && (parent->own & before) != 0;
	case CSS_NEXT:
		return parent != NULL && (parent->last_child & before) != 0;
	case CSS_BEHIND:
		return parent != NULL && (parent->children & before) != 0;
	}
	return false;
}

static uint64_t
match_steps(const struct css *css, const struct frame *parent, const struct subject *e)
{
	uint64_t own = 0, before = 0, bit = 1;
	size_t i;

	for (i = 0; i < css->n_steps; i++, before = bit, bit <<= 1) {
		if (relation_holds(css->steps[i].relation, before, parent) && step_holds(css, &css->steps[i], e))
			own |= bit;
	}
	return own;
}

/* The number of this child among those of its type; 0 if they are too many to be told apart. */
static int
count_type(struct css_run *r, struct frame *parent, struct slice name)
{
	struct type_count *t;
	size_t i;

	for (i = 0; i < parent->n_types; i++) {
		t = &r->types[parent->first_type + i];
		if (t->name.len == name.len && strncasecmp(t->name.p, name.p, name.len) == 0)
			return ++t->n;
	}
	if (parent->n_types == TYPES_MAX)
		return 0;
	if (r->n_types == r->cap_types) {
		r->cap_types = r->cap_types == 0 ? 64 : r->cap_types * 2;
		r->types = xreallocarray(r->types, r->cap_types, sizeof(*r->types));
	}
	/* The children of this element are closed: its counts are the last ones. */
	r->types[r->n_types++] = (struct type_count){ name, 1 };
	parent->n_types++;
	return 1;
}

static struct subject
make_subject(struct css_run *r, struct frame *parent, const struct tag *tag)
{
	struct subject e = { .tag = tag, .nth_child = 1, .nth_of_type = 1 };

	if (r->css->counts && parent != NULL) {
		e.nth_child = ++parent->n_children;
		e.nth_of_type = count_type(r, parent, tag->name);
	}
	return e;
}

/* The attribute that is taken; NULL: none. A void element has no text but one. */
static const char *
attr_to_take(const struct tag *tag, const struct css_selector *selector)
{
	if (selector->take == CSS_VALUE)
		return selector->attr;
	if (slice_is(tag->name, "meta"))
		return "content";
	return slice_is(tag->name, "input") ? "value" : NULL;
}

static void
add_found(struct css_run *r, struct frame *frame, const struct css_selector *selector, const struct tag *tag)
{
	const char *attr = attr_to_take(tag, selector);
	struct found f = { .take = selector->take, .own = BUF_INIT(READER_TEXT_MAX + 1) };

	if (attr != NULL) {
		f.take = CSS_VALUE;
		f.text = markup_attr(tag, attr);
		f.machine = strcmp(attr, "content") == 0 || strcmp(attr, "value") == 0; /* P9.2 */
		f.complete = true;
		if (f.text.p == NULL)
			return; /* without it there is nothing to take */
	}
	if (r->n_found == FOUND_MAX) {
		r->nest.limit = true;
		return;
	}
	if (r->n_found == r->cap_found) {
		r->cap_found = r->cap_found == 0 ? 16 : r->cap_found * 2;
		r->found = xreallocarray(r->found, r->cap_found, sizeof(*r->found));
	}
	r->found[r->n_found++] = f;
	frame->n_found++;
}

/* Tell of those that are complete, in the order of the page; false if that was enough. */
static bool
tell(struct css_run *r)
{
	struct buf value = BUF_INIT(0);
	struct selected s;
	struct found *f;

	for (; !r->enough && r->n_told < r->n_found && r->found[r->n_told].complete; r->n_told++) {
		f = &r->found[r->n_told];
		s = (struct selected){ .text = f->text, .machine = f->machine, .markup = f->take == CSS_ELEMENT };
		if (f->take == CSS_VALUE) {
			buf_clear(&value);
			markup_put_value(&value, f->text);
			s.text = (struct slice){ value.data, value.len };
		} else if (f->take == CSS_OWN_TEXT) {
			s.text = (struct slice){ f->own.data, f->own.len };
		}
		if (s.text.p == NULL)
			s.text.p = "";
		r->enough = r->fn(&s, r->fn_arg);
		buf_release(&f->own);
	}
	buf_release(&value);
	return !r->enough;
}

static bool
css_open(void *arg, unsigned depth, const struct tag *tag)
{
	struct css_run *r = arg;
	struct frame *parent = depth > 0 ? &r->frames[depth - 1] : NULL, *f = &r->frames[depth];
	struct subject e = make_subject(r, parent, tag);
	size_t i;

	if (r->stop != NULL && *r->stop != 0) {
		r->nest.limit = true;
		return false;
	}
	*f = (struct frame){ .first_type = r->n_types, .first_found = r->n_found };
	f->own = match_steps(r->css, parent, &e);
	f->above = f->own | (parent != NULL ? parent->above : 0);
	if (parent != NULL) {
		parent->last_child = f->own;
		parent->children |= f->own;
	}
	for (i = 0; i < r->css->n_selectors; i++) {
		if ((f->own >> r->css->selectors[i].last_step & 1) != 0)
			add_found(r, f, &r->css->selectors[i], tag);
	}
	return tell(r);
}

/* A second <body> has attributes of the first: what holds now, holds for what is still to come. */
static bool
css_again(void *arg, unsigned depth, const struct tag *tag)
{
	struct css_run *r = arg;
	struct frame *f = &r->frames[depth];
	struct subject e = { .tag = tag, .nth_child = 1, .nth_of_type = 1 };

	f->own |= match_steps(r->css, depth > 0 ? &r->frames[depth - 1] : NULL, &e);
	f->above |= f->own;
	return true;
}

static bool
css_text(void *arg, unsigned depth, struct slice text, bool raw)
{
	struct css_run *r = arg;
	struct frame *f = &r->frames[depth];
	size_t i;

	for (i = f->first_found; i < f->first_found + f->n_found; i++) {
		struct found *found = &r->found[i];
		size_t room = READER_TEXT_MAX - found->own.len;

		if (found->take != CSS_OWN_TEXT || found->complete)
			continue;
		if (raw)
			buf_xadd(&found->own, text.p, text.len < room ? text.len : room);
		else if (!markup_put_text(&found->own, text, room))
			found->own.len = READER_TEXT_MAX;
	}
	return true;
}

static bool
css_close(void *arg, unsigned depth, const struct nest_element *e, const char *end)
{
	struct css_run *r = arg;
	struct frame *f = &r->frames[depth];
	size_t i;

	r->n_types = f->first_type;
	for (i = f->first_found; i < f->first_found + f->n_found; i++) {
		struct found *found = &r->found[i];

		if (!found->complete && found->take == CSS_ELEMENT)
			found->text = (struct slice){ e->content, end > e->content ? (size_t)(end - e->content) : 0 };
		found->complete = true;
	}
	return f->n_found == 0 || tell(r);
}

enum rule_result
css_select(const struct css *css, const struct extract *x, selected_fn *fn, void *arg)
{
	static const struct nest_ops ops = { css_open, css_close, css_text, css_again };
	struct css_run *r = xmalloc(sizeof(*r));
	enum rule_result result;

	/* The frames are filled as elements open. */
	r->css = css;
	r->stop = x->page->stop;
	r->fn = fn;
	r->fn_arg = arg;
	r->enough = false;
	r->types = NULL;
	r->found = NULL;
	r->n_types = r->cap_types = r->n_found = r->cap_found = r->n_told = 0;
	nest_run(&r->nest, x->text, x->len, &ops, r);
	result = r->n_told > 0 ? RULE_MATCH : RULE_NO_MATCH;
	if (!r->enough && r->nest.limit)
		result = RULE_LIMIT;
	for (; r->n_told < r->n_found; r->n_told++)
		buf_release(&r->found[r->n_told].own);
	free(r->found);
	free(r->types);
	free(r);
	return result;
}

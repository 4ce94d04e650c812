#include "price/nest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

/* What the standard says of an element's name. */
enum {
	EMPTY = 1 << 0,	     /* has no end tag */
	SPECIAL = 1 << 1,    /* an end tag of another kind does not reach over it */
	SCOPE = 1 << 2,	     /* no end tag but a table's reaches out of it */
	ENDS_P = 1 << 3,     /* its start ends a paragraph */
	HEAD = 1 << 4,	     /* may stand in <head> */
	HEADING = 1 << 5,
	LIST = 1 << 6,	     /* <li> does not reach out of it */
	TABLE_PART = 1 << 7,
};

enum {
	K_NONE,
#define ELEMENT(id, name, flags) K_##id,
#include "price/nest.def"
#undef ELEMENT
	K_UNKNOWN, /* and so many behind it, which all other names share */
};
#define UNKNOWN_COUNT 32
_Static_assert(K_UNKNOWN + UNKNOWN_COUNT <= NEST_KNOWN_MAX, "too many names");

static const struct known_name {
	const char *name;
	unsigned flags;
} names[] = {
#define ELEMENT(id, name, flags) { name, flags },
#include "price/nest.def"
#undef ELEMENT
};

static int
compare_name(const void *key, const void *entry)
{
	return strcmp(key, ((const struct known_name *)entry)->name);
}

static unsigned
find_known(struct slice name)
{
	const struct known_name *found;
	char lower[12];
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = (char)tolower((unsigned char)name.p[i]);

		if (i < sizeof(lower))
			lower[i] = c;
		sum = sum * 31 + (unsigned char)c;
	}
	found = NULL;
	if (name.len < sizeof(lower)) {
		lower[name.len] = '\0';
		found = bsearch(lower, names, ARRAY_LEN(names), sizeof(names[0]), compare_name);
	}
	return found != NULL ? K_NONE + 1 + (unsigned)(found - names) : K_UNKNOWN + sum % UNKNOWN_COUNT;
}

static unsigned
flags_of(unsigned known)
{
	return known < K_UNKNOWN && known > K_NONE ? names[known - 1].flags : 0;
}

static struct nest_element *
top(struct nest *n)
{
	return &n->stack[n->depth - 1];
}

static bool
top_is(struct nest *n, unsigned known)
{
	return n->depth > 0 && top(n)->known == known;
}

static void
pop(struct nest *n, const char *end)
{
	struct nest_element e = *top(n);

	n->depth--;
	n->open_known[e.known]--;
	if (n->foreign > n->depth)
		n->foreign = 0;
	if (!n->ops->close(n->arg, n->depth, &e, end))
		n->stopped = true;
}

/* Close all down to a depth. */
static void
pop_to(struct nest *n, unsigned depth, const char *end)
{
	while (n->depth > depth && !n->stopped)
		pop(n, end);
}

static void
push(struct nest *n, const struct tag *tag, unsigned known, bool empty)
{
	struct nest_element e = { .name = tag->name, .known = known, .content = tag->end };

	if (n->depth == NEST_DEPTH_MAX) {
		n->limit = true;
		n->skipped += !empty;
		return;
	}
	if (!n->ops->open(n->arg, n->depth, tag)) {
		n->stopped = true;
		return;
	}
	if (empty) {
		n->stopped = !n->ops->close(n->arg, n->depth, &e, tag->end);
		return;
	}
	n->stack[n->depth++] = e;
	n->open_known[known]++;
	if (n->foreign == 0 && (known == K_SVG || known == K_MATH))
		n->foreign = n->depth;
}

/* One whose tag was left out. */
static void
push_implied(struct nest *n, unsigned known, const char *at)
{
	struct tag tag = { .name = { names[known - 1].name, strlen(names[known - 1].name) }, .start = at, .end = at };

	push(n, &tag, known, false);
}

/*
 * The depth behind which the innermost open element of the name stands, 0 if
 * there is none, or one with a flag of `bounds` (or any name of the two) is in between.
 */
static unsigned
find_open(struct nest *n, unsigned known, struct slice name, unsigned bounds, unsigned bound)
{
	unsigned i;

	if (n->open_known[known] == 0)
		return 0;
	for (i = n->depth; i > 0; i--) {
		const struct nest_element *e = &n->stack[i - 1];

		if (++n->steps > NEST_STEPS_MAX) {
			n->limit = n->stopped = true;
			return 0;
		}
		if (e->known == known &&
		    (known < K_UNKNOWN || (e->name.len == name.len && strncasecmp(e->name.p, name.p, name.len) == 0)))
			return i;
		if ((flags_of(e->known) & bounds) != 0 || (bound != K_NONE && e->known == bound))
			return 0;
	}
	return 0;
}

static unsigned
find_known_open(struct nest *n, unsigned known, unsigned bounds, unsigned bound)
{
	return find_open(n, known, (struct slice){ NULL, 0 }, bounds, bound);
}

/* Close the innermost open one, and what is open inside it; false if there is none in reach. */
static bool
end_open(struct nest *n, unsigned known, unsigned bounds, unsigned bound, const char *end)
{
	unsigned depth = find_known_open(n, known, bounds, bound);

	if (depth == 0)
		return false;
	pop_to(n, depth - 1, end);
	return true;
}

/* <html>, <head> and <body> where the page has not written them. */
static void
imply_place(struct nest *n, unsigned known, const char *at)
{
	if (n->depth == 0)
		push_implied(n, K_HTML, at);
	if (n->had_body || known == K_HEAD || known == K_BODY)
		return;
	if ((flags_of(known) & HEAD) != 0) {
		/* Between </head> and <body> it stands where it is. */
		if (!n->had_head) {
			n->had_head = true;
			push_implied(n, K_HEAD, at);
		}
		return;
	}
	if (n->depth > 1 && !top_is(n, K_HEAD))
		return; /* in something of the head, a <noscript> or <template> */
	pop_to(n, 1, at);
	n->had_body = true;
	push_implied(n, K_BODY, at);
}

static bool
is_row_group(unsigned known)
{
	return known == K_TBODY || known == K_THEAD || known == K_TFOOT;
}

/* A part of a table ends those that it cannot stand in, and begins those that it must stand in. */
static void
start_table_part(struct nest *n, unsigned known, const char *at)
{
	bool cell = known == K_TD || known == K_TH, row = known == K_TR;
	unsigned table = find_known_open(n, K_TABLE, 0, K_TEMPLATE), i;

	if (table == 0)
		return;
	/* How far the open parts of this table may stay: down to the row, the group, or the table itself. */
	for (i = n->depth; i > table; i--) {
		unsigned open = n->stack[i - 1].known;

		n->steps++;
		if ((cell && open == K_TR) || ((cell || row) && is_row_group(open)))
			break;
	}
	pop_to(n, i, at);
	if ((cell || row) && i == table)
		push_implied(n, K_TBODY, at);
	if (cell && !top_is(n, K_TR))
		push_implied(n, K_TR, at);
}

/* <li>, <dd>, <dt>: the one before has ended, unless it is of an outer list. */
static void
start_item(struct nest *n, unsigned known, const char *at)
{
	unsigned other = known == K_DD ? K_DT : known == K_DT ? K_DD : K_NONE, i;

	if (n->open_known[known] == 0 && (other == K_NONE || n->open_known[other] == 0))
		return;
	for (i = n->depth; i > 0; i--) {
		unsigned open = n->stack[i - 1].known;

		n->steps++;
		if (open == known || (other != K_NONE && open == other)) {
			pop_to(n, i - 1, at);
			return;
		}
		if ((flags_of(open) & SPECIAL) != 0 && open != K_ADDRESS && open != K_DIV && open != K_P)
			return;
	}
}

static void
start_option(struct nest *n, unsigned known, const char *at)
{
	if (top_is(n, K_OPTION))
		pop(n, at);
	if (known == K_OPTGROUP && top_is(n, K_OPTGROUP))
		pop(n, at);
}

/* What the start of an element ends before it begins. */
static void
end_before(struct nest *n, unsigned known, const char *at)
{
	unsigned flags = flags_of(known);

	if (known == K_LI || known == K_DD || known == K_DT)
		start_item(n, known, at);
	if ((flags & ENDS_P) != 0)
		end_open(n, K_P, SCOPE, K_BUTTON, at);
	if ((flags & TABLE_PART) != 0)
		start_table_part(n, known, at);
	else if (known == K_OPTION || known == K_OPTGROUP)
		start_option(n, known, at);
	else if (known == K_BUTTON)
		end_open(n, K_BUTTON, SCOPE, K_NONE, at);
	else if (known == K_A)
		end_open(n, K_A, SPECIAL, K_NONE, at);
	if ((flags & HEADING) != 0 && n->depth > 0 && (flags_of(top(n)->known) & HEADING) != 0)
		pop(n, at);
}

/* A second <html>, <head>, <body>, or a <form> in a form begins nothing. */
static bool
is_repeated(struct nest *n, unsigned known, const struct tag *tag)
{
	unsigned depth = 0;

	if (known == K_HTML && n->depth > 0)
		depth = 1;
	else if (known == K_BODY && n->had_body)
		depth = 2;
	else if (known == K_HEAD)
		return n->had_head || n->had_body;
	else
		return known == K_FORM && n->open_known[K_FORM] > 0;
	if (depth > 0 && n->ops->again != NULL && n->depth >= depth && !n->ops->again(n->arg, depth - 1, tag))
		n->stopped = true;
	return depth > 0;
}

static void
start_tag(struct nest *n, const struct tag *tag)
{
	unsigned known = find_known(tag->name);

	if (n->foreign != 0) {
		push(n, tag, known, tag->empty);
		return;
	}
	if (is_repeated(n, known, tag))
		return;
	if (known != K_HTML) {
		imply_place(n, known, tag->start);
		if (known == K_HEAD || known == K_BODY)
			pop_to(n, 1, tag->start);
		else
			end_before(n, known, tag->start);
	}
	if (n->stopped)
		return;
	n->had_head = n->had_head || known == K_HEAD;
	n->had_body = n->had_body || known == K_BODY;
	push(n, tag, known, (flags_of(known) & EMPTY) != 0);
}

static void
end_paragraph(struct nest *n, const struct tag *tag)
{
	struct tag start = { .name = tag->name, .start = tag->start, .end = tag->start };

	if (end_open(n, K_P, SCOPE, K_BUTTON, tag->start) || n->stopped)
		return;
	/* </p> alone makes a paragraph. */
	imply_place(n, K_P, tag->start);
	push(n, &start, K_P, true);
}

static void
end_heading(struct nest *n, const char *at)
{
	unsigned i;

	for (i = n->depth; i > 0; i--) {
		n->steps++;
		if ((flags_of(n->stack[i - 1].known) & HEADING) != 0) {
			pop_to(n, i - 1, at);
			return;
		}
		if ((flags_of(n->stack[i - 1].known) & SCOPE) != 0)
			return;
	}
}

static void
end_tag(struct nest *n, const struct tag *tag)
{
	unsigned known = find_known(tag->name), flags = flags_of(known), depth;

	if (n->skipped > 0) {
		n->skipped -= (flags & EMPTY) == 0;
		return;
	}
	if (known == K_HTML || known == K_BODY || (flags & EMPTY) != 0)
		return; /* the end of the page is theirs */
	if (known == K_P && n->foreign == 0) {
		end_paragraph(n, tag);
		return;
	}
	if ((flags & HEADING) != 0) {
		end_heading(n, tag->start);
		return;
	}
	if (known == K_TABLE || (flags & TABLE_PART) != 0)
		/* out of cells and captions, but not out of another table */
		depth = find_known_open(n, known, 0, known == K_TABLE ? K_TEMPLATE : K_TABLE);
	else if ((flags & SPECIAL) != 0)
		depth = find_open(n, known, tag->name, known == K_LI ? SCOPE | LIST : SCOPE, K_NONE);
	else
		depth = find_open(n, known, tag->name, SPECIAL, K_NONE);
	if (depth > 0)
		pop_to(n, depth - 1, tag->start);
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	return p;
}

/* Is there more than blanks, comments and declarations? */
static bool
says_something(struct slice s)
{
	const char *p = s.p, *end = s.p + s.len, *e;

	for (p = skip_blanks(p, end); end - p > 1 && *p == '<'; p = skip_blanks(e, end)) {
		if (p[1] != '!' && p[1] != '?')
			return true;
		if (end - p > 3 && memcmp(p, "<!--", 4) == 0 &&
		    (e = memmem(p + 2, (size_t)(end - p - 2), "-->", 3)) != NULL)
			e += 3;
		else if ((e = memchr(p, '>', (size_t)(end - p))) != NULL)
			e++;
		else
			return false;
	}
	return p < end;
}

static void
put_text(struct nest *n, struct slice text, bool raw)
{
	if (text.len == 0 || n->skipped > 0 || n->stopped)
		return;
	/* Before <body> blanks are nowhere, and other text begins it. */
	if (!raw && !n->had_body && n->depth < 3 && (n->depth < 2 || top_is(n, K_HEAD))) {
		if (!says_something(text))
			return;
		imply_place(n, K_A, text.p);
	}
	if (n->ops->text != NULL && n->depth > 0 && !n->stopped &&
	    !n->ops->text(n->arg, n->depth - 1, text, raw))
		n->stopped = true;
}

void
nest_run(struct nest *n, const char *page, size_t len, const struct nest_ops *ops, void *arg)
{
	const char *behind = page; /* what has been dealt with */
	struct tag tag;

	n->ops = ops;
	n->arg = arg;
	n->depth = n->skipped = n->foreign = n->steps = 0;
	n->had_head = n->had_body = n->limit = n->stopped = false;
	memset(n->open_known, 0, sizeof(n->open_known));
	markup_init(&n->markup, page, len);
	while (!n->stopped && n->steps <= NEST_STEPS_MAX && markup_next(&n->markup, &tag)) {
		put_text(n, (struct slice){ behind, (size_t)(tag.start - behind) }, false);
		if (n->stopped)
			return;
		if (tag.closing)
			end_tag(n, &tag);
		else
			start_tag(n, &tag);
		behind = tag.end;
		if (tag.raw.p != NULL) {
			put_text(n, tag.raw, true);
			behind = tag.raw.p + tag.raw.len;
		}
	}
	n->limit = n->limit || n->steps > NEST_STEPS_MAX;
	put_text(n, (struct slice){ behind, (size_t)(page + len - behind) }, false);
	pop_to(n, 0, page + len);
}

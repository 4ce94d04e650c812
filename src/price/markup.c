#include "price/markup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

void
markup_init(struct markup *m, const char *page, size_t len)
{
	m->p = page;
	m->end = page + len;
	m->no_comment_end = false;
	m->no_quote_end[0] = m->no_quote_end[1] = false;
	m->no_title_end = false;
	m->seen = 0;
	m->attrs_of = NULL;
	m->n_attrs = 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
slice_equal(struct slice s, const char *text)
{
	return s.p != NULL && strlen(text) == s.len && strncasecmp(s.p, text, s.len) == 0;
}

bool
slice_is_one_of(struct slice s, const char *const *texts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (slice_is(s, texts[i]))
			return true;
	}
	return false;
}

struct slice
slice_local_name(struct slice s)
{
	size_t i;

	for (i = s.len; i > 0; i--) {
		if (strchr("/#:", s.p[i - 1]) != NULL)
			return (struct slice){ s.p + i, s.len - i };
	}
	return s;
}

bool
markup_is_struck(struct slice name)
{
	return slice_is(name, "s") || slice_is(name, "del") || slice_is(name, "strike");
}

bool
slice_next_word(struct slice *s, struct slice *word)
{
	while (s->len > 0 && is_space(*s->p)) {
		s->p++;
		s->len--;
	}
	word->p = s->p;
	word->len = 0;
	while (word->len < s->len && !is_space(s->p[word->len]))
		word->len++;
	s->p += word->len;
	s->len -= word->len;
	return word->len > 0;
}

bool
slice_is_blank(struct slice s)
{
	struct slice word;

	return !slice_next_word(&s, &word);
}

bool
slice_has_word(struct slice s, const char *word)
{
	struct slice w;

	while (s.p != NULL && slice_next_word(&s, &w)) {
		if (slice_is(w, word))
			return true;
	}
	return false;
}

/* One attribute at p, which is no space and no slash; returns what is behind it. */
static const char *
scan_attr(const char *p, const char *end, struct attr *attr)
{
	const char *start = p, *e;

	for (p++; p < end && !is_space(*p) && *p != '=' && *p != '>' && *p != '/'; p++)
		;
	attr->name = (struct slice){ start, (size_t)(p - start) };
	attr->value = (struct slice){ p, 0 };
	e = p;
	while (e < end && is_space(*e))
		e++;
	if (e == end || *e != '=')
		return p;
	for (e++; e < end && is_space(*e); e++)
		;
	if (e < end && (*e == '"' || *e == '\'')) {
		p = memchr(e + 1, *e, (size_t)(end - e - 1));
		if (p == NULL)
			p = end;
		attr->value = (struct slice){ e + 1, (size_t)(p - e - 1) };
		return p < end ? p + 1 : end;
	}
	for (p = e; p < end && !is_space(*p) && *p != '>'; p++)
		;
	attr->value = (struct slice){ e, (size_t)(p - e) };
	/* <meta content=EUR/>: the tag's, not the value's, unless that is a path. */
	if (p == end && p - e > 1 && p[-1] == '/' && memchr(e, '/', (size_t)(p - e - 1)) == NULL)
		attr->value.len--;
	return p;
}

/* The attributes of the newest tag, looked for when the first of them is asked for. */
const struct attr *
markup_attrs(const struct tag *tag, size_t *n)
{
	struct markup *m = tag->markup;

	*n = 0;
	if (m == NULL)
		return NULL;
	if (m->attrs_of != tag->start) {
		const char *end = tag->end - 1, *p = tag->name.p + tag->name.len;

		m->attrs_of = tag->start;
		m->n_attrs = 0;
		while (p < end && m->n_attrs < MARKUP_ATTRS_MAX) {
			if (is_space(*p) || *p == '/')
				p++;
			else
				p = scan_attr(p, end, &m->attrs[m->n_attrs++]);
		}
	}
	*n = m->n_attrs;
	return m->attrs;
}

struct slice
markup_attr(const struct tag *tag, const char *name)
{
	const struct attr *attrs;
	size_t i, n;

	attrs = markup_attrs(tag, &n);
	for (i = 0; i < n; i++) {
		if (slice_is(attrs[i].name, name))
			return attrs[i].value;
	}
	return (struct slice){ NULL, 0 };
}

bool
markup_tag_has(const struct tag *tag, const char *lower)
{
	size_t n = strlen(lower);
	const char *p = tag->name.p + tag->name.len, *last = tag->end - n;

	for (; p < last; p++) {
		if ((*p | 0x20) == lower[0] && strncasecmp(p, lower, n) == 0)
			return true;
	}
	return false;
}

const char *
markup_comment_end(const char *p, const char *end)
{
	const char *e;

	/* <!--> and <!---> are comments, too, and --!> ends one. */
	for (e = p + 2; (e = memmem(e, (size_t)(end - e), "--", 2)) != NULL; e++) {
		if (end - e >= 3 && e[2] == '>')
			return e + 3;
		if (end - e >= 4 && e > p + 2 && e[2] == '!' && e[3] == '>')
			return e + 4;
	}
	return NULL;
}

/* p stands on "<!" or "<?": behind the comment, declaration or instruction. */
static const char *
skip_declaration(struct markup *m, const char *p)
{
	const char *e;

	if (m->end - p >= 4 && memcmp(p, "<!--", 4) == 0 && !m->no_comment_end) {
		e = markup_comment_end(p, m->end);
		if (e != NULL)
			return e;
		/* Never closed: its content may still state a price; looked for once only. */
		m->no_comment_end = true;
	}
	return p + 2;
}

/* What ends a run of bytes inside a tag, and what is noted on the way. */
enum { IN_NAME = 1, IN_VALUE = 2, COLON = 4 };

static const unsigned char stops[256] = { [':'] = COLON, ['='] = IN_NAME, ['>'] = IN_NAME | IN_VALUE, [' '] = IN_VALUE,
	['\t'] = IN_VALUE, ['\n'] = IN_VALUE, ['\v'] = IN_VALUE, ['\f'] = IN_VALUE, ['\r'] = IN_VALUE };

/* Behind the value in quotes at p; NULL if the quote is never closed. */
static const char *
skip_quoted(struct markup *m, const char *p, const char *end)
{
	bool *never = &m->no_quote_end[*p == '"'];
	const char *e;

	if (*never)
		return NULL;
	e = memchr(p + 1, *p, (size_t)(end - p - 1));
	if (e == NULL && end == m->end)
		*never = true;
	return e != NULL ? e + 1 : NULL;
}

/* Does the name that ends before p end so? Most are told by their last but one letter. */
static bool
name_ends(const char *start, const char *p, const char *lower)
{
	size_t n = strlen(lower);

	return (size_t)(p - start) > n + 1 && (p[-2] | 0x20) == lower[n - 2] && strncasecmp(p - n, lower, n) == 0;
}

/* MARKUP_… of the attribute whose name ends before the '=' at p; the tag begins at `start`. */
static unsigned
marks_of_attr(const char *start, const char *p)
{
	while (is_space(p[-1]))
		p--;
	switch (p[-1] | 0x20) {
	case 'p':
		return name_ends(start, p, "itemprop") ? MARKUP_ITEMS : 0;
	case 'e':
		return name_ends(start, p, "itemtype") ? MARKUP_ITEMS : 0;
	case 'd':
		return name_ends(start, p, "itemid") ? MARKUP_ITEMS : 0;
	case 'f':
		if (name_ends(start, p, "itemref"))
			return MARKUP_ITEMS | MARKUP_REFS;
		return name_ends(start, p, "typeof") ? MARKUP_RDFA : 0;
	case 'y':
		if (!name_ends(start, p, "property"))
			return 0;
		return strncasecmp(start + 1, "meta", 4) != 0 ? MARKUP_RDFA : MARKUP_RELATED;
	case 'b':
		return name_ends(start, p, "vocab") ? MARKUP_RELATED : 0;
	case 'l':
		return name_ends(start, p, "rel") ? MARKUP_RELATED : 0;
	case 'x':
		return name_ends(start, p, "prefix") ? MARKUP_PREFIX : 0;
	default:
		return 0;
	}
}

/* Is there xmlns: in what may be the names of several attributes, of the tag at `start`? */
static bool
has_xmlns(const char *start, const char *p, const char *end)
{
	while ((p = memchr(p, ':', (size_t)(end - p))) != NULL) {
		if (p - start > 5 && strncasecmp(p - 5, "xmlns", 5) == 0)
			return true;
		p++;
	}
	return false;
}

/*
 * The end of the tag at `start`, whose attributes begin at p: behind its '>', which may not
 * stand in quotes. NULL if there is none before `end`, or if a quote is open to
 * the end of the page.
 */
static const char *
skip_attrs(struct markup *m, const char *start, const char *p, const char *end, bool *empty, unsigned *marks)
{
	const char *unquoted = NULL, *name;
	unsigned char met;

	for (;;) {
		for (met = 0, name = p; p < end && (stops[(unsigned char)*p] & IN_NAME) == 0; p++)
			met |= stops[(unsigned char)*p];
		if (p >= end)
			return NULL;
		if (*p == '>') {
			*empty = p[-1] == '/' && p != unquoted;
			return p + 1;
		}
		*marks |= marks_of_attr(start, p);
		if ((met & COLON) != 0 && has_xmlns(start, name, p))
			*marks |= MARKUP_PREFIX;
		for (p++; p < end && is_space(*p); p++)
			;
		if (p < end && (*p == '"' || *p == '\'')) {
			p = skip_quoted(m, p, end);
			if (p == NULL)
				return NULL;
		} else {
			while (p < end && (stops[(unsigned char)*p] & IN_VALUE) == 0)
				p++;
			unquoted = p;
		}
	}
}

/* The text up to "</name", which may hold anything. */
static void
scan_raw(struct markup *m, struct tag *tag)
{
	const char *p = tag->end, *e = p;
	bool title = slice_is(tag->name, "title");

	while (!(title && m->no_title_end) && (e = memchr(e, '<', (size_t)(m->end - e))) != NULL) {
		size_t left = (size_t)(m->end - e);

		if (left > tag->name.len + 1 && e[1] == '/' && strncasecmp(e + 2, tag->name.p, tag->name.len) == 0)
			break;
		e++;
	}
	/* A title that is never closed swallows no page (P35). */
	if (title && (e == NULL || m->no_title_end)) {
		m->no_title_end = true;
		e = memchr(p, '<', (size_t)(m->end - p));
	}
	if (e == NULL)
		e = m->end;
	tag->raw = (struct slice){ p, (size_t)(e - p) };
	m->p = e;
}

/* Elements whose content is no markup. */
static bool
is_raw(struct slice name)
{
	switch (name.p[0] | 0x20) {
	case 's':
		return (name.len == 6 && slice_is(name, "script")) || (name.len == 5 && slice_is(name, "style"));
	case 't':
		return name.len > 4 && (slice_is(name, "title") || slice_is(name, "textarea"));
	case 'i':
		return name.len == 6 && slice_is(name, "iframe");
	case 'n':
		return slice_is(name, "noembed") || slice_is(name, "noframes");
	case 'x':
		return slice_is(name, "xmp");
	default:
		return false;
	}
}

/* Elements that have no content; asked of every tag. */
static bool
is_void(struct slice name)
{
	switch (name.p[0] | 0x20) {
	case 'a':
		return name.len == 4 && slice_is(name, "area");
	case 'b':
		return (name.len == 2 && slice_is(name, "br")) || (name.len == 4 && slice_is(name, "base"));
	case 'c':
		return name.len == 3 && slice_is(name, "col");
	case 'e':
		return slice_is(name, "embed");
	case 'h':
		return name.len == 2 && (name.p[1] | 0x20) == 'r';
	case 'i':
		return slice_is(name, "img") || slice_is(name, "input");
	case 'l':
		return name.len == 4 && slice_is(name, "link");
	case 'm':
		return name.len == 4 && slice_is(name, "meta");
	case 'p':
		return name.len == 5 && slice_is(name, "param");
	case 's':
		return name.len == 6 && slice_is(name, "source");
	case 't':
		return name.len == 5 && slice_is(name, "track");
	case 'w':
		return slice_is(name, "wbr");
	default:
		return false;
	}
}

static bool
scan_tag(struct markup *m, const char *p, struct tag *tag)
{
	const char *end = m->end, *name, *e;

	*tag = (struct tag){ .start = p, .markup = m };
	if ((size_t)(end - p) > MARKUP_TAG_MAX)
		end = p + MARKUP_TAG_MAX;
	tag->closing = p[1] == '/';
	name = p + 1 + tag->closing;
	for (e = name; e < end && !is_space(*e) && *e != '>' && *e != '/'; e++)
		;
	tag->name = (struct slice){ name, (size_t)(e - name) };
	tag->end = skip_attrs(m, p, e, end, &tag->empty, &tag->marks);
	if (tag->end == NULL) {
		/* A quote that is never closed swallows no page: the tag is passed over as if it had none (P36). */
		e = memchr(e, '>', (size_t)(end - e));
		m->p = e != NULL ? e + 1 : end;
		return false;
	}
	m->p = tag->end;
	m->seen |= tag->marks;
	if (tag->closing)
		return true;
	if (is_void(tag->name))
		tag->empty = true;
	else if (!tag->empty && is_raw(tag->name))
		scan_raw(m, tag);
	return true;
}

bool
markup_next(struct markup *m, struct tag *tag)
{
	while (m->p < m->end) {
		const char *p = memchr(m->p, '<', (size_t)(m->end - m->p));

		if (p == NULL || m->end - p < 3)
			break;
		if (isalpha((unsigned char)p[1]) || (p[1] == '/' && isalpha((unsigned char)p[2]))) {
			if (scan_tag(m, p, tag))
				return true;
		} else if (p[1] == '!' || p[1] == '?') {
			m->p = skip_declaration(m, p);
		} else {
			m->p = p + 1;
		}
	}
	m->p = m->end;
	return false;
}

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
slice_has_word(struct slice s, const char *word)
{
	struct slice w;

	while (s.p != NULL && slice_next_word(&s, &w)) {
		if (slice_is(w, word))
			return true;
	}
	return false;
}

struct slice
markup_attr(const struct tag *tag, const char *name)
{
	size_t i;

	for (i = 0; i < tag->n_attrs; i++) {
		if (slice_is(tag->attrs[i].name, name))
			return tag->attrs[i].value;
	}
	return (struct slice){ NULL, 0 };
}

static bool
slice_in(struct slice s, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (slice_is(s, names[i]))
			return true;
	}
	return false;
}

/* p stands on "<!" or "<?": behind the comment, declaration or instruction. */
static const char *
skip_declaration(struct markup *m, const char *p)
{
	const char *e;

	if (m->end - p >= 4 && memcmp(p, "<!--", 4) == 0 && !m->no_comment_end) {
		e = memmem(p + 2, (size_t)(m->end - p - 2), "-->", 3);
		if (e != NULL)
			return e + 3;
		/* Never closed: its content may still state a price; looked for once only. */
		m->no_comment_end = true;
	}
	return p + 2;
}

/* One attribute at p, which is no space, '>' or "/>"; returns what is behind it. */
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
			return end;
		attr->value = (struct slice){ e + 1, (size_t)(p - e - 1) };
		return p + 1;
	}
	for (p = e; p < end && !is_space(*p) && *p != '>'; p++)
		;
	attr->value = (struct slice){ e, (size_t)(p - e) };
	return p;
}

/* The attributes from p to '>'; returns what is behind it, NULL if the tag does not end before `end`. */
static const char *
scan_attrs(struct markup *m, const char *p, const char *end, struct tag *tag)
{
	struct attr attr;

	while (p < end) {
		if (*p == '>')
			return p + 1;
		if (is_space(*p) || *p == '/') {
			tag->empty = *p == '/' && p + 1 < end && p[1] == '>';
			p++;
			continue;
		}
		p = scan_attr(p, end, &attr);
		if (tag->n_attrs < MARKUP_ATTRS_MAX)
			m->attrs[tag->n_attrs++] = attr;
	}
	return NULL;
}

/* The text up to "</name", which may hold anything. */
static void
scan_raw(struct markup *m, struct tag *tag)
{
	const char *p = tag->end, *e = p;

	while ((e = memchr(e, '<', (size_t)(m->end - e))) != NULL) {
		size_t left = (size_t)(m->end - e);

		if (left > tag->name.len + 1 && e[1] == '/' && strncasecmp(e + 2, tag->name.p, tag->name.len) == 0)
			break;
		e++;
	}
	if (e == NULL)
		e = m->end;
	tag->raw = (struct slice){ p, (size_t)(e - p) };
	m->p = e;
}

static bool
scan_tag(struct markup *m, const char *p, struct tag *tag)
{
	static const char *const raw[] = { "script", "style", "title", "textarea", "xmp", "iframe", "noembed",
		"noframes" };
	static const char *const empty[] = { "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
		"param", "source", "track", "wbr" };
	const char *end = m->end, *name, *e;

	*tag = (struct tag){ .start = p, .attrs = m->attrs };
	if ((size_t)(end - p) > MARKUP_TAG_MAX)
		end = p + MARKUP_TAG_MAX;
	tag->closing = p[1] == '/';
	name = p + 1 + tag->closing;
	for (e = name; e < end && !is_space(*e) && *e != '>' && *e != '/'; e++)
		;
	tag->name = (struct slice){ name, (size_t)(e - name) };
	tag->end = scan_attrs(m, e, end, tag);
	if (tag->end == NULL) {
		m->p = end;
		return false;
	}
	m->p = tag->end;
	if (slice_in(tag->name, empty, ARRAY_LEN(empty)))
		tag->empty = true;
	else if (!tag->closing && !tag->empty && slice_in(tag->name, raw, ARRAY_LEN(raw)))
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

#include "recorder/members.h"

#include <string.h>

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/*
 * p is behind the opening quote; the result stands on the closing one: the
 * first that has an even number of backslashes before it.
 */
static const char *
string_end(const char *p, const char *end)
{
	const char *begin = p, *quote, *b;

	while ((quote = memchr(p, '"', (size_t)(end - p))) != NULL) {
		for (b = quote; b > begin && b[-1] == '\\'; b--)
			;
		if ((quote - b) % 2 == 0)
			return quote;
		p = quote + 1;
	}
	return end;
}

/* p is on the opening bracket; the result is behind the closing one. */
static const char *
nested_end(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		switch (*p) {
		case '"':
			p = string_end(p + 1, end);
			if (p == end)
				return end;
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return p + 1;
			break;
		default:
			break;
		}
	}
	return end;
}

static const char *
word_end(const char *p, const char *end)
{
	while (p < end && *p != ',' && *p != '}' && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')
		p++;
	return p;
}

static enum json_kind
kind_of(char c)
{
	switch (c) {
	case '"':
		return JSON_STRING;
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case 'n':
		return JSON_NULL;
	case 't':
	case 'f':
		return JSON_BOOL;
	default:
		return JSON_NUMBER;
	}
}

void
members_init(struct members *m, const char *text, size_t len)
{
	m->end = text + len;
	m->p = skip_space(text, m->end);
	if (m->p < m->end && *m->p == '{')
		m->p++;
	else
		m->p = m->end;
}

static const char *
read_value(struct members *m, const char *p)
{
	const char *stop;

	m->kind = kind_of(*p);
	m->value = p;
	if (m->kind == JSON_STRING) {
		m->value = p + 1;
		stop = string_end(p + 1, m->end);
		m->value_len = (size_t)(stop - m->value);
		return stop < m->end ? stop + 1 : stop;
	}
	stop = m->kind == JSON_OBJECT || m->kind == JSON_ARRAY ? nested_end(p, m->end) : word_end(p, m->end);
	m->value_len = (size_t)(stop - p);
	return stop;
}

bool
members_next(struct members *m)
{
	const char *p = skip_space(m->p, m->end);

	if (p < m->end && *p == ',')
		p = skip_space(p + 1, m->end);
	if (p >= m->end || *p != '"')
		return false;
	m->whole = p;
	m->name = p + 1;
	p = string_end(m->name, m->end);
	m->name_len = (size_t)(p - m->name);
	p = skip_space(p < m->end ? p + 1 : p, m->end);
	if (p >= m->end || *p != ':')
		return false;
	p = skip_space(p + 1, m->end);
	if (p >= m->end)
		return false;
	m->p = read_value(m, p);
	m->whole_len = (size_t)(m->p - m->whole);
	return true;
}

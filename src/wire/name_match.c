#include "wire/name_match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/control_msg.h"

/* Words longer than this are never "meant". */
#define SUGGEST_MAX 64
/* How many an error names before it says "...". */
#define AMBIGUOUS_SHOWN 4

enum name_kind
name_kind(const char *name)
{
	if (*name == '@')
		return NAME_SUPERVISOR;
	return strpbrk(name, "*?[\\") != NULL ? NAME_GLOB : NAME_PLAIN;
}

const char *
name_id(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/*
 * The character class at p (behind its '['). Returns what is behind its ']',
 * or NULL if it has none: then the '[' stands for itself.
 */
static const char *
class_match(const char *p, char c, bool *matches)
{
	bool negated = *p == '!' || *p == '^', found = false;
	unsigned char want = (unsigned char)c;

	if (negated)
		p++;
	for (bool first = true; first || *p != ']'; first = false) {
		unsigned char low = (unsigned char)*p, high = low;

		if (low == '\0')
			return NULL;
		p++;
		if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
			high = (unsigned char)p[1];
			p += 2;
		}
		found = found || (want >= low && want <= high);
	}
	*matches = found != negated;
	return p + 1;
}

/* One element of a glob (no star) against one character; what is behind the element, or NULL. */
static const char *
element_match(const char *glob, char c)
{
	const char *behind;
	bool matches;

	switch (*glob) {
	case '\0':
		return NULL;
	case '?':
		return glob + 1;
	case '[':
		behind = class_match(glob + 1, c, &matches);
		if (behind != NULL)
			return matches ? behind : NULL;
		break;
	case '\\':
		if (glob[1] != '\0')
			glob++;
		break;
	default:
		break;
	}
	return *glob == c ? glob + 1 : NULL;
}

/* Only the last star need ever be tried again: what an earlier one took, this one can take. */
bool
name_glob(const char *glob, const char *text)
{
	const char *star = NULL, *retry = NULL, *behind;

	while (*text != '\0') {
		if (*glob == '*') {
			star = ++glob;
			retry = text;
		} else if ((behind = element_match(glob, *text)) != NULL) {
			glob = behind;
			text++;
		} else if (star != NULL) {
			glob = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

/*
 * If a supervisor of this id stands above path: the length of the supervisor's
 * path, else 0. "b" is above "a/b/c" (length 3) but not above "a/b".
 */
static size_t
supervisor_above(const char *id, const char *path)
{
	size_t len = strlen(id);
	const char *part = path, *slash;

	while ((slash = strchr(part, '/')) != NULL) {
		if ((size_t)(slash - part) == len && memcmp(part, id, len) == 0)
			return (size_t)(slash - path);
		part = slash + 1;
	}
	return 0;
}

static enum name_fit
supervisor_fit(const char *supervisor, const char *path)
{
	size_t len = strlen(supervisor);

	if (len == 0 || (strncmp(path, supervisor, len) == 0 && path[len] == '/'))
		return NAME_FIT_PATH;
	return supervisor_above(supervisor, path) > 0 ? NAME_FIT_ID : NAME_FIT_NONE;
}

enum name_fit
name_fit(const char *name, const char *path)
{
	switch (name_kind(name)) {
	case NAME_SUPERVISOR:
		return supervisor_fit(name + 1, path);
	case NAME_GLOB:
		return name_glob(name, path) || name_glob(name, name_id(path)) ? NAME_FIT_PATH : NAME_FIT_NONE;
	case NAME_PLAIN:
		break;
	}
	if (strcmp(name, path) == 0)
		return NAME_FIT_PATH;
	return strcmp(name, name_id(path)) == 0 ? NAME_FIT_ID : NAME_FIT_NONE;
}

bool
name_fits(const char *name, const char *path)
{
	return name_fit(name, path) != NAME_FIT_NONE;
}

/* How much of path an ambiguity is about: the child, or the supervisor above it. */
static size_t
owner_len(const char *name, const char *path)
{
	return *name == '@' ? supervisor_above(name + 1, path) : strlen(path);
}

static int
ambiguous(const char *name, const char *const *paths, size_t n, struct err *err)
{
	const char *mark = *name == '@' ? "@" : "", *last = "";
	struct buf list = BUF_INIT(0);
	size_t shown = 0, last_len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = owner_len(name, paths[i]);

		if (name_fit(name, paths[i]) != NAME_FIT_ID || (len == last_len && memcmp(last, paths[i], len) == 0))
			continue;
		last = paths[i];
		last_len = len;
		if (shown++ == AMBIGUOUS_SHOWN) {
			buf_xaddstr(&list, ", ...");
			break;
		}
		buf_xprintf(&list, "%s%s%.*s", shown > 1 ? ", " : "", mark, (int)len, last);
	}
	err_set(err, CONTROL_NO_CHILD, "\"%s\" is ambiguous: %s", name, list.data);
	buf_release(&list);
	return -1;
}

static int
no_child(const char *name, const char *const *paths, size_t n, struct err *err)
{
	const char *meant = name_kind(name) == NAME_PLAIN ? name_suggest(name, paths, n) : NULL;

	if (*name == '@')
		return err_set(err, CONTROL_NO_CHILD, "no supervisor \"%s\" with children", name + 1);
	if (name_kind(name) == NAME_GLOB)
		return err_set(err, CONTROL_NO_CHILD, "no child matches \"%s\"", name);
	if (meant == NULL)
		return err_set(err, CONTROL_NO_CHILD, "no child \"%s\"", name);
	return err_set(err, CONTROL_NO_CHILD, "no child \"%s\"; did you mean \"%s\"?", name, meant);
}

/* Do all that fit by id mean the same one? */
static bool
is_unique(const char *name, const char *const *paths, size_t n)
{
	const char *first = NULL;

	for (size_t i = 0; i < n; i++) {
		if (name_fit(name, paths[i]) != NAME_FIT_ID)
			continue;
		if (first == NULL)
			first = paths[i];
		else if (owner_len(name, first) != owner_len(name, paths[i]) ||
			 memcmp(first, paths[i], owner_len(name, first)) != 0)
			return false;
	}
	return true;
}

long
name_resolve(const char *name, const char *const *paths, size_t n, bool *chosen, struct err *err)
{
	enum name_fit best = NAME_FIT_NONE;
	long count = 0;

	for (size_t i = 0; i < n && best != NAME_FIT_PATH; i++) {
		enum name_fit fit = name_fit(name, paths[i]);

		if (fit > best)
			best = fit;
	}
	if (best == NAME_FIT_NONE)
		return no_child(name, paths, n, err);
	if (best == NAME_FIT_ID && !is_unique(name, paths, n))
		return ambiguous(name, paths, n, err);
	for (size_t i = 0; i < n; i++) {
		if (name_fit(name, paths[i]) == best) {
			chosen[i] = true;
			count++;
		}
	}
	return count;
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b; both at most SUGGEST_MAX long. */
static unsigned
edit_distance(const char *a, const char *b)
{
	unsigned rows[3][SUGGEST_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		unsigned *oldest = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned differs = a[i - 1] != b[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[n];
}

static unsigned
word_distance(const char *word, const char *candidate)
{
	return strlen(candidate) > SUGGEST_MAX ? UINT32_MAX : edit_distance(word, candidate);
}

const char *
name_suggest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word);
	unsigned limit = len < 3 ? 1 : len < 6 ? 2 : 3, best = limit + 1;
	const char *found = NULL;

	if (len == 0 || len > SUGGEST_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned whole = word_distance(word, words[i]), id = word_distance(word, name_id(words[i]));
		unsigned distance = whole < id ? whole : id;

		/* Something must be left of it: "ab" is not meant by "xy". */
		if (distance < best && distance < len) {
			best = distance;
			found = words[i];
		}
	}
	return found;
}

#include "scrape/robots.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "scrape/robots_path.h"

#define TEXT_MAX 200 /* bytes of a line that is shown */

enum key { KEY_OTHER, KEY_AGENT, KEY_ALLOW, KEY_DISALLOW, KEY_DELAY };

/* A run of bytes of the file. */
struct span {
	const char *p;
	size_t n;
};

struct record {
	enum key key;
	struct span value;
	struct span text; /* the whole line without its comment */
	unsigned line;
};

/* The group that is being read. */
struct group {
	bool named, global;   /* it is ours by name; by `*` */
	struct span name;    /* as it is written, if named */
	bool ruled;	      /* a rule has come: the next User-agent begins another group */
	int64_t delay_ms;     /* -1: none */
	unsigned delay_line;
	unsigned joined_line; /* of a delay that stands before one of its User-agent lines */
};

struct parser {
	const char *token;
	struct group group;
	struct robots *named, *global; /* both are read to the end: who is named may come last */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\0';
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static enum key
key_of(struct span name)
{
	static const struct {
		const char *name;
		enum key key;
	} keys[] = { { "user-agent", KEY_AGENT }, { "useragent", KEY_AGENT }, { "user agent", KEY_AGENT },
		{ "allow", KEY_ALLOW }, { "disallow", KEY_DISALLOW }, { "dissallow", KEY_DISALLOW },
		{ "dissalow", KEY_DISALLOW }, { "disalow", KEY_DISALLOW }, { "diasllow", KEY_DISALLOW },
		{ "disallaw", KEY_DISALLOW }, { "crawl-delay", KEY_DELAY }, { "crawldelay", KEY_DELAY } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		if (name.n == strlen(keys[i].name) && strncasecmp(name.p, keys[i].name, name.n) == 0)
			return keys[i].key;
	}
	return KEY_OTHER;
}

/* "key value", without a colon: only if the value is one word. */
static void
split_at_blank(struct record *r)
{
	struct span name = r->text;
	size_t i = 0;

	while (i < name.n && !is_blank(name.p[i]))
		i++;
	name.n = i;
	r->value = trimmed((struct span){ r->text.p + i, r->text.n - i });
	for (i = 0; i < r->value.n; i++) {
		if (is_blank(r->value.p[i]))
			return;
	}
	if (r->value.n > 0)
		r->key = key_of(name);
}

static struct record
read_record(struct span line, unsigned number)
{
	struct record r = { .line = number };
	const char *comment = memchr(line.p, '#', line.n), *colon;

	if (comment != NULL)
		line.n = (size_t)(comment - line.p);
	r.text = trimmed(line);
	colon = r.text.n > 0 ? memchr(r.text.p, ':', r.text.n) : NULL;
	if (colon == NULL) {
		split_at_blank(&r);
		return r;
	}
	r.key = key_of(trimmed((struct span){ r.text.p, (size_t)(colon - r.text.p) }));
	r.value = trimmed((struct span){ colon + 1, (size_t)(r.text.p + r.text.n - colon) - 1 });
	return r;
}

/* How long the product token is that a text begins with: RFC 9309's characters, and digits, as many have them. */
static size_t
token_len(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			break;
	}
	return i;
}

char *
robots_token(const char *user_agent)
{
	static const char browser[] = "Mozilla/", compatible[] = "compatible;";
	const char *p = user_agent, *inner;
	size_t n;

	/* "Mozilla/5.0 (compatible; shopbot/1.0; …)" is shopbot. */
	if (strncmp(p, browser, sizeof(browser) - 1) == 0 && (inner = strstr(p, compatible)) != NULL)
		p = inner + sizeof(compatible) - 1;
	while (is_blank(*p) && *p != '\0')
		p++;
	n = token_len((struct span){ p, strlen(p) });
	return n > 0 ? xstrndup(p, n) : xstrdup("*");
}

/* "2", "0.5": milliseconds; -1 if it is not between 0 and 300 s. Digits behind the third do not count. */
static int64_t
parse_delay(struct span s)
{
	int64_t ms = 0, unit = 1000;
	bool digits = false, point = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		digits = true;
		unit = point ? unit / 10 : unit;
		ms = point ? ms + (s.p[i] - '0') * unit : ms * 10 + (s.p[i] - '0') * unit;
		if (ms > ROBOTS_DELAY_MAX_MS)
			return -1;
	}
	return digits ? ms : -1;
}

static void
set_delay(struct robots *r, int64_t ms, unsigned line)
{
	if (ms <= r->crawl_delay_ms)
		return;
	r->crawl_delay_ms = ms;
	r->delay_line = line;
}

/* The group is complete: what it says as a whole goes to whom it concerns. */
static void
end_group(struct parser *p)
{
	const struct group *g = &p->group;
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct robots *r = i == 0 ? p->named : p->global;

		if (i == 0 ? !g->named : !g->global)
			continue;
		if (r->group == NULL)
			r->group = i == 0 ? xstrndup(g->name.p, g->name.n) : xstrdup("*");
		set_delay(r, g->delay_ms, g->delay_line);
		if (r->joined_line == 0)
			r->joined_line = g->joined_line;
	}
	p->group = (struct group){ .delay_ms = -1 };
}

static void
take_agent(struct parser *p, const struct record *r)
{
	struct group *g = &p->group;
	size_t n = token_len(r->value);

	if (g->ruled)
		end_group(p);
	if (g->delay_line != 0 && g->joined_line == 0)
		g->joined_line = g->delay_line;
	if (r->value.n > 0 && r->value.p[0] == '*' && (r->value.n == 1 || is_blank(r->value.p[1]))) {
		g->global = true;
	} else if (n > 0 && n == strlen(p->token) && strncasecmp(r->value.p, p->token, n) == 0) {
		g->named = true;
		g->name = (struct span){ r->value.p, n };
	}
}

static void
add_rule(struct robots *r, const struct record *record)
{
	struct robots_rule rule = { .allow = record->key == KEY_ALLOW, .line = record->line };
	struct span value = record->value;

	if (r->n_rules == r->cap_rules) {
		r->cap_rules = r->cap_rules == 0 ? 8 : r->cap_rules * 2;
		r->rules = xreallocarray(r->rules, r->cap_rules, sizeof(rule));
	}
	rule.anchored = value.p[value.n - 1] == '$';
	rule.pattern = (uint32_t)r->texts.len;
	rule.octets = (uint32_t)robots_put_pattern(&r->texts, value.p, value.n - rule.anchored) + rule.anchored;
	rule.text = (uint32_t)r->texts.len;
	buf_xadd(&r->texts, record->text.p, record->text.n < TEXT_MAX ? record->text.n : TEXT_MAX);
	buf_xaddc(&r->texts, '\0');
	r->rules[r->n_rules++] = rule;
}

static void
take_record(struct parser *p, const struct record *r)
{
	struct group *g = &p->group;

	switch (r->key) {
	case KEY_OTHER:
		break;
	case KEY_AGENT:
		take_agent(p, r);
		break;
	case KEY_ALLOW:
	case KEY_DISALLOW:
		g->ruled = true;
		if (r->value.n == 0)
			break; /* it says nothing */
		if (g->named)
			add_rule(p->named, r);
		if (g->global)
			add_rule(p->global, r);
		break;
	case KEY_DELAY:
		if (parse_delay(r->value) > g->delay_ms)
			g->delay_ms = parse_delay(r->value);
		g->delay_line = g->delay_line != 0 ? g->delay_line : r->line;
		break;
	}
}

/* The text to read: without a byte order mark, and without the line that our bound cuts. */
static struct span
text_to_read(const char *text, size_t len)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct span s = { text, len };

	if (s.n > ROBOTS_MAX) {
		s.n = ROBOTS_MAX;
		while (s.n > 0 && s.p[s.n - 1] != '\n' && s.p[s.n - 1] != '\r')
			s.n--;
	}
	if (s.n >= 3 && memcmp(s.p, bom, 3) == 0) {
		s.p += 3;
		s.n -= 3;
	}
	return s;
}

static size_t
line_len(struct span s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '\n' && s.p[i] != '\r'; i++)
		;
	return i;
}

/* In no more memory than it needs: there may be one for each of many thousands of sites. */
static struct robots *
fitted(struct robots *r)
{
	if (r->n_rules > 0) {
		r->rules = xreallocarray(r->rules, r->n_rules, sizeof(*r->rules));
		r->cap_rules = r->n_rules;
		r->texts.data = xrealloc(r->texts.data, r->texts.len + 1);
		r->texts.cap = r->texts.len + 1;
	}
	return r;
}

struct robots *
robots_parse(const char *text, size_t len, const char *token)
{
	struct parser p = { .token = token,
		.group = { .delay_ms = -1 },
		.named = robots_new(NULL),
		.global = robots_new(NULL) };
	struct span s = text_to_read(text, len);
	unsigned number = 0;
	bool named;

	while (s.n > 0) {
		size_t n = line_len(s);
		struct record r = read_record((struct span){ s.p, n }, ++number);

		take_record(&p, &r);
		if (n + 1 < s.n && s.p[n] == '\r' && s.p[n + 1] == '\n')
			n++;
		n += n < s.n;
		s.p += n;
		s.n -= n;
	}
	end_group(&p);
	named = p.named->group != NULL;
	robots_free(named ? p.global : p.named);
	return fitted(named ? p.named : p.global);
}

struct robots *
robots_new(const char *group)
{
	struct robots *r = xcalloc(1, sizeof(*r));

	r->group = group != NULL ? xstrdup(group) : NULL;
	r->crawl_delay_ms = -1;
	return r;
}

void
robots_add_line(struct robots *r, unsigned line, const char *text)
{
	struct record record = read_record((struct span){ text, strlen(text) }, line);

	switch (record.key) {
	case KEY_OTHER:
	case KEY_AGENT:
		break;
	case KEY_ALLOW:
	case KEY_DISALLOW:
		if (record.value.n > 0)
			add_rule(r, &record);
		break;
	case KEY_DELAY:
		set_delay(r, parse_delay(record.value), line);
		break;
	}
}

void
robots_check(const struct robots *r, const char *path, struct robots_verdict *verdict)
{
	const struct robots_rule *best = NULL;
	char *normal;
	size_t i, len;

	*verdict = (struct robots_verdict){ .allowed = true };
	if (r == NULL || r->n_rules == 0)
		return;
	normal = robots_path(path);
	len = strlen(normal);
	if (strcmp(normal, "/robots.txt") != 0) {
		for (i = 0; i < r->n_rules; i++) {
			const struct robots_rule *rule = &r->rules[i];

			if (best != NULL && (rule->octets < best->octets ||
						(rule->octets == best->octets && (best->allow || !rule->allow))))
				continue;
			if (robots_matches(r->texts.data + rule->pattern, rule->anchored, normal, len))
				best = rule;
		}
	}
	free(normal);
	if (best != NULL)
		*verdict = (struct robots_verdict){ best->allow, best->line, r->texts.data + best->text };
}

size_t
robots_bytes(const struct robots *r)
{
	return r != NULL ? sizeof(*r) + r->cap_rules * sizeof(*r->rules) + r->texts.cap : 0;
}

void
robots_free(struct robots *r)
{
	if (r == NULL)
		return;
	free(r->rules);
	buf_release(&r->texts);
	free(r->group);
	free(r);
}

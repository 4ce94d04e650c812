#include "scrape/robots_cache.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define HOLDS_MS DAY_MS
#define RETRY_FIRST_MS MINUTE_MS
#define RETRY_MAX_MS (6 * HOUR_MS)
#define GIVEN_UP_MS (30 * DAY_MS)
#define CLOCK_SLACK_MS MINUTE_MS /* by which a clock that was set may go back without that all is asked again */
#define STATE_DEPTH 4
#define ORIGIN_BYTES 256 /* of an origin itself, with its name and its place in the map */

struct robots_cache {
	char *token; /* owned */
	struct strmap by_name; /* of struct robots_origin, owned */
	TAILQ_HEAD(robots_origins, robots_origin) by_use; /* the latest last */
	size_t bytes;
};

static const char *const what_names[] = { [ROBOTS_UNKNOWN] = "unknown", [ROBOTS_RULES] = "rules",
	[ROBOTS_ABSENT] = "absent", [ROBOTS_DOWN] = "down" };

struct robots_cache *
robots_cache_new(const char *token)
{
	struct robots_cache *c = xcalloc(1, sizeof(*c));

	c->token = xstrdup(token);
	TAILQ_INIT(&c->by_use);
	return c;
}

static size_t
bytes_of(const struct robots_origin *o)
{
	return ORIGIN_BYTES + robots_bytes(o->robots);
}

static void
origin_free(struct robots_cache *c, struct robots_origin *o)
{
	c->bytes -= bytes_of(o);
	TAILQ_REMOVE(&c->by_use, o, entry);
	strmap_remove(&c->by_name, o->name);
	robots_free(o->robots);
	free(o->name);
	free(o);
}

void
robots_cache_free(struct robots_cache *c)
{
	struct robots_origin *o;

	if (c == NULL)
		return;
	while ((o = TAILQ_FIRST(&c->by_use)) != NULL)
		origin_free(c, o);
	strmap_release(&c->by_name);
	free(c->token);
	free(c);
}

/* Forget what was not used for longest, but never `keep`. */
static void
bound(struct robots_cache *c, const struct robots_origin *keep)
{
	struct robots_origin *o = TAILQ_FIRST(&c->by_use), *next;

	for (; o != NULL && c->bytes > ROBOTS_CACHE_BYTES; o = next) {
		next = TAILQ_NEXT(o, entry);
		if (o != keep && o->asking == NULL)
			origin_free(c, o);
	}
}

struct robots_origin *
robots_cache_get(struct robots_cache *c, const char *name)
{
	struct robots_origin *o = strmap_find(&c->by_name, name);

	if (o != NULL) {
		TAILQ_REMOVE(&c->by_use, o, entry);
		TAILQ_INSERT_TAIL(&c->by_use, o, entry);
		return o;
	}
	o = xcalloc(1, sizeof(*o));
	o->name = xstrdup(name);
	strmap_put(&c->by_name, o->name, o);
	TAILQ_INSERT_TAIL(&c->by_use, o, entry);
	c->bytes += bytes_of(o);
	bound(c, o);
	return o;
}

const struct robots_origin *
robots_cache_find(const struct robots_cache *c, const char *name)
{
	const struct robots_origin *o = strmap_find(&c->by_name, name);

	return o != NULL && o->what != ROBOTS_UNKNOWN ? o : NULL;
}

bool
robots_origin_is_known(const struct robots_origin *o, int64_t now)
{
	return o->what != ROBOTS_UNKNOWN && now < o->until_ms && o->at_ms <= now + CLOCK_SLACK_MS;
}

/* When to ask one again that has failed so often: between half of the time and all of it, alike in every run. */
static int64_t
retry_ms(const struct robots_origin *o)
{
	unsigned doublings = o->tries < 10 ? o->tries : 10;
	int64_t most = RETRY_FIRST_MS << doublings;

	most = most < RETRY_MAX_MS ? most : RETRY_MAX_MS;
	return most - (int64_t)(hash_u64(hash_bytes(o->name, strlen(o->name)) + o->tries) % (uint64_t)(most / 2));
}

static void
learn_down(struct robots_origin *o, const struct robots_answer *a, int64_t now)
{
	int64_t retry = a->retry_after_s > 0 ? a->retry_after_s * 1000 : retry_ms(o);

	/* A clock that was set back has not seen when it began. */
	if (o->tries == 0 || o->since_ms > now)
		o->since_ms = now;
	o->tries++;
	snprintf(o->why, sizeof(o->why), "%s", a->why != NULL ? a->why : "no answer");
	o->what = now - o->since_ms >= GIVEN_UP_MS ? ROBOTS_ABSENT : ROBOTS_DOWN;
	o->until_ms = now + (o->what == ROBOTS_ABSENT ? HOLDS_MS : retry);
}

void
robots_cache_learn(struct robots_cache *c, struct robots_origin *o, const struct robots_answer *a, int64_t now)
{
	c->bytes -= bytes_of(o);
	robots_free(o->robots);
	o->robots = NULL;
	o->status = a->status;
	o->at_ms = now;
	if (a->status < 200 || a->status >= 500) {
		learn_down(o, a, now);
	} else {
		o->what = a->status < 300 ? ROBOTS_RULES : ROBOTS_ABSENT;
		o->until_ms = now + HOLDS_MS;
		o->since_ms = 0;
		o->tries = 0;
		o->why[0] = '\0';
	}
	if (o->what == ROBOTS_RULES)
		o->robots = robots_parse(a->body, a->len, c->token);
	c->bytes += bytes_of(o);
	bound(c, o);
}

/* ["3 Disallow: /x",…]: what robots_add_line() makes the same rules of. False if they are too long. */
static bool
put_lines(const struct robots *r, struct buf *out)
{
	struct buf line = BUF_INIT(0);
	size_t i, start = out->len;

	buf_xaddc(out, '[');
	for (i = 0; i < r->n_rules && out->len - start <= ROBOTS_STATE_MAX; i++) {
		const struct robots_rule *rule = &r->rules[i];

		buf_clear(&line);
		buf_xprintf(&line, "%u %s: %s%s", rule->line, rule->allow ? "Allow" : "Disallow",
		    r->texts.data + rule->pattern, rule->anchored ? "$" : "");
		if (i > 0)
			buf_xaddc(out, ',');
		json_put_string(out, line.data);
	}
	if (r->crawl_delay_ms >= 0) {
		if (r->n_rules > 0)
			buf_xaddc(out, ',');
		buf_xprintf(out, "\"%u Crawl-delay: %d.%03d\"", r->delay_line, (int)(r->crawl_delay_ms / 1000),
		    (int)(r->crawl_delay_ms % 1000));
	}
	buf_xaddc(out, ']');
	buf_release(&line);
	return out->len - start <= ROBOTS_STATE_MAX;
}

void
robots_cache_put_state(const struct robots_cache *c, const struct robots_origin *o, struct buf *out)
{
	struct buf lines = BUF_INIT(0);
	bool fits = o->robots == NULL || put_lines(o->robots, &lines);

	buf_xaddc(out, '{');
	json_put_int(out, "at", o->at_ms);
	/* What does not fit is said to be unknown, so that nothing older is believed. */
	json_put_str(out, "what", what_names[fits ? o->what : ROBOTS_UNKNOWN]);
	json_put_str(out, "agent", c->token);
	json_put_int(out, "until", o->until_ms);
	json_put_int(out, "status", o->status);
	if (o->tries > 0) {
		json_put_int(out, "since", o->since_ms);
		json_put_uint(out, "tries", o->tries);
		json_put_str(out, "why", o->why);
	}
	if (fits && o->robots != NULL) {
		json_put_str(out, "group", o->robots->group);
		if (o->robots->joined_line != 0)
			json_put_uint(out, "joined", o->robots->joined_line);
		json_put_raw(out, "lines", lines.data, lines.len);
	}
	buf_xaddc(out, '}');
	buf_release(&lines);
}

static const char *
string_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static int64_t
int_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
}

static struct robots *
read_robots(struct json_object *value)
{
	struct robots *r = robots_new(string_of(value, "group"));
	struct json_object *lines = NULL;
	size_t i;

	r->joined_line = (unsigned)int_of(value, "joined");
	json_object_object_get_ex(value, "lines", &lines);
	for (i = 0; json_object_is_type(lines, json_type_array) && i < json_object_array_length(lines); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(lines, i));
		char *rest;
		unsigned long number = text != NULL ? strtoul(text, &rest, 10) : 0;

		if (number > 0 && number <= UINT32_MAX && *rest == ' ')
			robots_add_line(r, (unsigned)number, rest + 1);
	}
	return r;
}

static void
restore(struct robots_cache *c, const char *name, struct json_object *value, int64_t now)
{
	const char *agent = string_of(value, "agent"), *what = string_of(value, "what"), *why = string_of(value, "why");
	int64_t at = int_of(value, "at"), until = int_of(value, "until"), tries = int_of(value, "tries");
	struct robots_origin *o;
	unsigned w;

	if (agent == NULL || strcmp(agent, c->token) != 0 || what == NULL || at > now + CLOCK_SLACK_MS || at < 0)
		return;
	for (w = ROBOTS_RULES; w < ARRAY_LEN(what_names) && strcmp(what, what_names[w]) != 0; w++)
		;
	if (w == ARRAY_LEN(what_names))
		return;
	o = robots_cache_get(c, name);
	c->bytes -= bytes_of(o);
	robots_free(o->robots);
	o->robots = w == ROBOTS_RULES ? read_robots(value) : NULL;
	c->bytes += bytes_of(o);
	o->what = (enum robots_what)w;
	o->status = (long)int_of(value, "status");
	o->at_ms = at;
	o->until_ms = until < at + HOLDS_MS ? until : at + HOLDS_MS;
	o->since_ms = int_of(value, "since");
	o->tries = tries > 0 && tries < 1000 ? (uint32_t)tries : 0;
	snprintf(o->why, sizeof(o->why), "%s", why != NULL ? why : "");
	bound(c, o);
}

void
robots_cache_restore(struct robots_cache *c, const char *name, const char *value, size_t len, int64_t now)
{
	struct json_tokener *tokener = json_tokener_new_ex(STATE_DEPTH);
	struct json_object *o;

	if (tokener == NULL)
		fatalx("json-c: out of memory");
	o = json_tokener_parse_ex(tokener, value, (int)len);
	json_tokener_free(tokener);
	if (json_object_is_type(o, json_type_object))
		restore(c, name, o, now);
	json_object_put(o);
}

#include "daemon/states.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/fresh.h"

static const char gap[] = "gap/";

/* That a site has asked for, whichever scraper it was. */
struct rest {
	int64_t until; /* as fresh_now() */
	char *line;    /* owned; the state, as it was printed */
	char host[];
};

/* What asked for the longest rest is kept. */
static void
note_rest(struct daemon *d, const char *host, int64_t until, const char *line, size_t len)
{
	struct rest *r = strmap_find(&d->rests, host);

	if (r != NULL && r->until >= until)
		return;
	if (r == NULL) {
		r = xcalloc(1, sizeof(*r) + strlen(host) + 1);
		memcpy(r->host, host, strlen(host) + 1);
		strmap_put(&d->rests, r->host, r);
	}
	free(r->line);
	r->line = xstrndup(line, len);
	r->until = until;
}

/* False: a later incarnation has said something else. */
static bool
put_state(struct freshness *f, uint64_t token, uint64_t n, const char *key, const char *line, size_t len)
{
	struct state *state = strmap_find(&f->states, key);

	if (state == NULL) {
		state = xcalloc(1, sizeof(*state) + strlen(key) + 1);
		memcpy(state->key, key, strlen(key) + 1);
		strmap_put(&f->states, state->key, state);
	}
	if (state->token > token)
		return false;
	free(state->line);
	state->line = xstrndup(line, len);
	state->token = token;
	state->n = n;
	return true;
}

void
states_note(struct daemon *d, struct freshness *f, uint64_t token, uint64_t n, const char *key, const char *line, size_t len)
{
	const char *host = key + sizeof(gap) - 1;
	int64_t until;
	bool asked;

	if (!put_state(f, token, n, key, line, len) || strncmp(key, gap, sizeof(gap) - 1) != 0 ||
	    !fresh_rest_of(line, len, &until, &asked))
		return;
	fresh_rest(f, host, until, asked);
	if (asked && until != FRESH_NEVER)
		note_rest(d, host, until, line, len);
}

static void
inherit(struct freshness *f, uint64_t token, const struct rest *r)
{
	char *key = xasprintf("%s%s", gap, r->host);

	put_state(f, token, 0, key, r->line, strlen(r->line));
	fresh_rest(f, r->host, r->until, true);
	free(key);
}

bool
states_inherit(struct daemon *d, const struct incarnation *inc)
{
	struct freshness *f = d->kids[inc->handle].fresh;
	const struct source_site *site;
	const char *host;
	bool any = false;
	void *value;
	size_t i = 0;

	while (f != NULL && strmap_next(&d->rests, &i, &host, &value)) {
		struct rest *r = value;

		if (r->until <= fresh_now()) {
			strmap_remove(&d->rests, host);
			free(r->line);
			free(r);
		} else if ((site = strmap_find(&f->sites, host)) != NULL && site->rest_until < r->until) {
			inherit(f, inc->token, r);
			any = true;
		}
	}
	return any;
}

/* False: the line of a state has no key. */
static bool
find_key(const char *line, struct json_field *key)
{
	*key = (struct json_field){ .name = "key" };
	return json_scan(line, strlen(line), key, 1) == 0 && key->kind == JSON_STRING;
}

void
states_record(struct daemon *d, const struct incarnation *inc)
{
	struct json_field key;
	const char *name;
	void *value;
	size_t i = 0;

	while (strmap_next(&d->kids[inc->handle].fresh->states, &i, &name, &value)) {
		const struct state *state = value;

		if (state->token == inc->token && find_key(state->line, &key))
			rec_state(d, inc, 0, &key, state->line, strlen(state->line));
	}
}

void
states_free(struct freshness *f)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&f->states, &i, &key, &value)) {
		free(((struct state *)value)->line);
		free(value);
	}
	strmap_release(&f->states);
}

void
states_release(struct daemon *d)
{
	const char *host;
	void *value;
	size_t i = 0;

	while (strmap_next(&d->rests, &i, &host, &value)) {
		free(((struct rest *)value)->line);
		free(value);
	}
	strmap_release(&d->rests);
}

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

static void
note_rest(struct daemon *d, const char *host, const char *line, size_t len)
{
	struct rest *r = strmap_find(&d->rests, host);
	int64_t until;
	bool asked;
	char *copy;

	if (!fresh_rest_of(line, len, &until, &asked) || !asked || until == FRESH_NEVER || (r != NULL && r->until >= until))
		return;
	if (r == NULL) {
		r = xcalloc(1, sizeof(*r) + strlen(host) + 1);
		memcpy(r->host, host, strlen(host) + 1);
		strmap_put(&d->rests, r->host, r);
	}
	copy = xstrndup(line, len); /* it may be this one's own */
	free(r->line);
	r->line = copy;
	r->until = until;
}

void
states_note(struct daemon *d, struct freshness *f, uint64_t token, uint64_t n, const char *key, const char *line, size_t len)
{
	struct state *state = strmap_find(&f->states, key);

	if (state == NULL) {
		state = xcalloc(1, sizeof(*state) + strlen(key) + 1);
		memcpy(state->key, key, strlen(key) + 1);
		strmap_put(&f->states, state->key, state);
	}
	if (state->token > token)
		return;
	free(state->line);
	state->line = xstrndup(line, len);
	state->token = token;
	state->n = n;
	if (strncmp(key, gap, sizeof(gap) - 1) == 0) {
		fresh_rest(f, key + sizeof(gap) - 1, line, len);
		note_rest(d, key + sizeof(gap) - 1, line, len);
	}
}

/* False: the line of a state has no key. */
static bool
find_key(const char *line, struct json_field *key)
{
	*key = (struct json_field){ .name = "key" };
	return json_scan(line, strlen(line), key, 1) == 0 && key->kind == JSON_STRING;
}

static bool
inherit(struct daemon *d, const struct incarnation *inc, const struct rest *r)
{
	struct json_field field;
	char *key = find_key(r->line, &field) ? json_field_strdup(&field) : NULL;

	if (key != NULL)
		states_note(d, d->kids[inc->handle].fresh, inc->token, 0, key, r->line, strlen(r->line));
	free(key);
	return key != NULL;
}

bool
states_inherit(struct daemon *d, const struct incarnation *inc)
{
	const struct freshness *f = d->kids[inc->handle].fresh;
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
			any = inherit(d, inc, r) || any;
		}
	}
	return any;
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

/* The states in a job: what earlier incarnations have left. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "scrape/job_private.h"
#include "scrape/known.h"

static int
take_done(struct job *job, struct job_source *src, const struct json_field *value, struct err *err)
{
	struct json_field slot = { .name = "slot" };
	int64_t n = INT64_MIN;

	if (value->kind != JSON_OBJECT || json_scan(value->p, value->len, &slot, 1) == -1)
		return 0;
	if (job_get_int(&slot, -JOB_SLOT_MAX, JOB_SLOT_MAX, &n, err) == -1)
		return -1;
	if (n > job->latest_slot)
		job->latest_slot = n;
	if (src != NULL)
		src->done = n;
	return 0;
}

static int
take_page(struct job *job ATTR_UNUSED, struct job_source *src, const struct json_field *value,
    struct err *err ATTR_UNUSED)
{
	struct known k;

	if (src == NULL || value->kind != JSON_OBJECT)
		return 0;
	known_read(&k, value->p, value->len);
	known_replace(&src->known, &k);
	return 0;
}

/* States that belong to a source. */
static const struct {
	const char *prefix;
	size_t len;
	int (*take)(struct job *job, struct job_source *src, const struct json_field *value, struct err *err);
} of_source[] = { { "done/", 5, take_done }, { "page/", 5, take_page } };

static void
keep(struct job *job, const char *key, const struct json_field *value)
{
	struct job_state *st = strmap_find(&job->states, key);

	if (st == NULL) {
		st = pool_alloc(&job->pool, sizeof(*st), sizeof(void *));
		st->key = pool_text(&job->pool, key, strlen(key));
		strmap_put(&job->states, st->key, st);
	}
	st->value = pool_text(&job->pool, value->p != NULL ? value->p : "", value->len);
	st->len = value->len;
}

int
job_read_state(struct job *job, const char *line, size_t len, struct err *err)
{
	struct json_field f[] = { { .name = "key" }, { .name = "value" } };
	char *key;
	int rc = 0;
	size_t i;

	(void)json_scan(line, len, f, ARRAY_LEN(f)); /* it is an object: job_read_line() has seen that */
	key = json_field_strdup(&f[0]);
	if (key == NULL)
		return err_set(err, EINVAL, "a state needs a key");
	for (i = 0; i < ARRAY_LEN(of_source); i++) {
		if (strncmp(key, of_source[i].prefix, of_source[i].len) == 0)
			break;
	}
	if (i < ARRAY_LEN(of_source)) {
		struct job_source *src = job_find_source(job, key + of_source[i].len);

		rc = of_source[i].take(job, src, &f[1], err);
		if (rc == 0 && src == NULL)
			keep(job, key, &f[1]);
	} else if (f[1].kind == JSON_OBJECT) {
		keep(job, key, &f[1]);
	}
	free(key);
	return rc;
}

void
job_settle_states(struct job *job)
{
	size_t i, k = 0;
	const char *key;
	void *value;

	while (strmap_next(&job->states, &k, &key, &value)) {
		const struct job_state *st = value;
		struct json_field f = { .kind = JSON_OBJECT, .p = st->value, .len = st->len };

		for (i = 0; i < ARRAY_LEN(of_source); i++) {
			struct job_source *src = strncmp(key, of_source[i].prefix, of_source[i].len) == 0 ?
			    job_find_source(job, key + of_source[i].len) : NULL;

			if (src != NULL)
				(void)of_source[i].take(job, src, &f, NULL);
		}
	}
}

const struct job_state *
job_find_state(const struct job *job, const char *prefix, const char *name)
{
	char *key = xasprintf("%s%s", prefix, name);
	const struct job_state *found = strmap_find(&job->states, key);

	free(key);
	return found;
}

const struct job_state *
job_next_state(const struct job *job, const char *prefix, size_t *i)
{
	const char *key;
	void *value;

	while (strmap_next(&job->states, i, &key, &value)) {
		if (strncmp(key, prefix, strlen(prefix)) == 0)
			return value;
	}
	return NULL;
}

int64_t
job_latest_slot(const struct job *job)
{
	return job->latest_slot;
}

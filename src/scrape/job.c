#include "scrape/job.h"

#include <errno.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"

#define JOB_DEPTH 16

void
job_init(struct job *job)
{
	*job = (struct job){ .every_ms = 300000, .gap_ms = 10000, .timeout_ms = 30000, .max_body = 8u << 20 };
}

static void
source_release(struct job_source *s)
{
	free(s->id);
	free(s->product);
	free(s->url);
	free(s->pattern);
	free(s->currency);
	free(s->locale);
}

void
job_release(struct job *job)
{
	size_t i;

	for (i = 0; i < job->n_sources; i++)
		source_release(&job->sources[i]);
	for (i = 0; i < job->n_states; i++) {
		free(job->states[i]->key);
		free(job->states[i]);
	}
	strmap_release(&job->by_key);
	free(job->sources);
	free(job->states);
	free(job->child);
	free(job->user_agent);
	memset(job, 0, sizeof(*job));
}

static struct json_object *
member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

/* A string member into *out (allocated); an absent or null one leaves it. */
static int
get_string(struct json_object *o, const char *name, char **out, struct err *err)
{
	struct json_object *value = member(o, name);

	if (value == NULL)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return err_set(err, EINVAL, "%s: must be text", name);
	if (strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
		return err_set(err, EINVAL, "%s: holds a NUL", name);
	free(*out);
	*out = xstrdup(json_object_get_string(value));
	return 0;
}

static int
get_int(struct json_object *o, const char *name, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	struct json_object *value = member(o, name);
	int64_t n;

	if (value == NULL)
		return 0;
	if (!json_object_is_type(value, json_type_int))
		return err_set(err, EINVAL, "%s: must be a whole number", name);
	n = json_object_get_int64(value);
	if (n < min || n > max)
		return err_set(err, ERANGE, "%s: out of range", name);
	*out = n;
	return 0;
}

static int
read_header(struct job *job, struct json_object *o, struct err *err)
{
	int64_t version = 0, jitter = job->jitter_permille, max_body = (int64_t)job->max_body;

	if (get_int(o, "version", 1, INT64_MAX, &version, err) == -1)
		return -1;
	if (version != JOB_VERSION)
		return err_set(
		    err, EINVAL, "version %lld of a job, this program knows %d", (long long)version, JOB_VERSION);
	if (get_int(o, "every_ms", 1, JOB_EVERY_MAX_MS, &job->every_ms, err) == -1 ||
	    get_int(o, "jitter_permille", 0, 1000, &jitter, err) == -1 ||
	    get_int(o, "gap_ms", 0, JOB_EVERY_MAX_MS, &job->gap_ms, err) == -1 ||
	    get_int(o, "timeout_ms", 1, JOB_EVERY_MAX_MS, &job->timeout_ms, err) == -1 ||
	    get_int(o, "max_body", 1, INT64_C(1) << 40, &max_body, err) == -1 ||
	    get_int(o, "die_after", 0, INT64_MAX, &job->die_after, err) == -1 ||
	    get_string(o, "child", &job->child, err) == -1 || get_string(o, "user_agent", &job->user_agent, err) == -1)
		return -1;
	job->jitter_permille = (uint32_t)jitter;
	job->max_body = (uint64_t)max_body;
	job->allow_private = json_object_get_boolean(member(o, "allow_private"));
	job->no_sandbox = member(o, "sandbox") != NULL && !json_object_get_boolean(member(o, "sandbox"));
	job->begun = true;
	return 0;
}

static int
read_source(struct job *job, struct json_object *o, struct err *err)
{
	struct job_source s = { .every_ms = 0 };

	if (get_string(o, "id", &s.id, err) == -1 || get_string(o, "product", &s.product, err) == -1 ||
	    get_string(o, "url", &s.url, err) == -1 || get_string(o, "pattern", &s.pattern, err) == -1 ||
	    get_string(o, "currency", &s.currency, err) == -1 || get_string(o, "locale", &s.locale, err) == -1 ||
	    get_int(o, "every_ms", 0, JOB_EVERY_MAX_MS, &s.every_ms, err) == -1)
		goto fail;
	if (s.id == NULL || s.url == NULL) {
		err_set(err, EINVAL, "a source needs id and url");
		goto fail;
	}
	if (job->n_sources == job->cap_sources) {
		job->cap_sources = job->cap_sources == 0 ? 16 : job->cap_sources * 2;
		job->sources = xreallocarray(job->sources, job->cap_sources, sizeof(s));
	}
	job->sources[job->n_sources++] = s;
	return 0;
fail:
	source_release(&s);
	return -1;
}

static int
read_state(struct job *job, struct json_object *o, struct err *err)
{
	struct job_state st = { .slot = INT64_MIN }, *kept;
	struct json_object *value = member(o, "value");
	int64_t strikes = 0;

	if (get_string(o, "key", &st.key, err) == -1)
		return -1;
	if (st.key == NULL)
		return err_set(err, EINVAL, "a state needs a key");
	if (json_object_is_type(value, json_type_object) &&
	    (get_int(value, "slot", INT64_MIN / 4, INT64_MAX / 4, &st.slot, err) == -1 ||
		get_int(value, "next", INT64_MIN / 4, INT64_MAX / 4, &st.next, err) == -1 ||
		get_int(value, "at", INT64_MIN / 4, INT64_MAX / 4, &st.at, err) == -1 ||
		get_int(value, "strikes", 0, 1000, &strikes, err) == -1)) {
		free(st.key);
		return -1;
	}
	st.strikes = (uint32_t)strikes;
	if (job->n_states == job->cap_states) {
		job->cap_states = job->cap_states == 0 ? 16 : job->cap_states * 2;
		job->states = xreallocarray(job->states, job->cap_states, sizeof(kept));
	}
	kept = xmalloc(sizeof(*kept));
	*kept = st;
	job->states[job->n_states++] = kept;
	strmap_put(&job->by_key, kept->key, kept);
	return 0;
}

static int
read_object(struct job *job, struct json_object *o, struct err *err)
{
	const char *type = json_object_get_string(member(o, "type"));

	if (type == NULL)
		return err_set(err, EINVAL, "a line without a type");
	if (strcmp(type, "job") == 0)
		return read_header(job, o, err);
	if (!job->begun)
		return err_set(err, EINVAL, "the line of type job must come first");
	if (strcmp(type, "source") == 0)
		return read_source(job, o, err);
	if (strcmp(type, "state") == 0)
		return read_state(job, o, err);
	if (strcmp(type, "end") == 0)
		job->ended = true;
	return 0;
}

enum job_result
job_read_line(struct job *job, const char *line, size_t len, struct err *err)
{
	struct json_tokener *tokener;
	struct json_object *o;
	int result;

	if (len > JOB_LINE_MAX) {
		err_set(err, EINVAL, "a line of more than %u bytes", JOB_LINE_MAX);
		return JOB_BAD;
	}
	tokener = json_tokener_new_ex(JOB_DEPTH);
	if (tokener == NULL)
		fatalx("json-c: out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tokener, line, (int)len);
	json_tokener_free(tokener);
	if (json_object_is_type(o, json_type_object))
		result = read_object(job, o, err);
	else
		result = err_set(err, EINVAL, "no JSON object: %.60s", line);
	json_object_put(o);
	if (result == -1)
		return JOB_BAD;
	return job->ended ? JOB_ENDED : JOB_MORE;
}

const struct job_state *
job_find_state(const struct job *job, const char *prefix, const char *name)
{
	char *key = xasprintf("%s%s", prefix, name);
	const struct job_state *found = strmap_find(&job->by_key, key);

	free(key);
	return found;
}

int64_t
job_latest_slot(const struct job *job)
{
	int64_t latest = INT64_MIN;
	size_t i;

	for (i = 0; i < job->n_states; i++) {
		if (job->states[i]->slot > latest)
			latest = job->states[i]->slot;
	}
	return latest;
}

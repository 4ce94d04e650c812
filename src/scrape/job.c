#include "scrape/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "scrape/job_private.h"

/* Members of a line of type source that are texts of its terms. */
static const struct {
	const char *name;
	size_t offset;
} term_texts[] = {
	{ "pattern", offsetof(struct job_terms, pattern) },
	{ "currency", offsetof(struct job_terms, currency) },
	{ "locale", offsetof(struct job_terms, locale) },
	{ "xpath", offsetof(struct job_terms, xpath) },
	{ "css", offsetof(struct job_terms, css) },
	{ "pointer", offsetof(struct job_terms, pointer) },
	{ "charset", offsetof(struct job_terms, charset) },
	{ "decimal", offsetof(struct job_terms, decimal) },
	{ "group", offsetof(struct job_terms, group) },
	{ "sources", offsetof(struct job_terms, sources) },
};

void
job_init(struct job *job)
{
	/* Terms are compared byte by byte. */
	memset(job, 0, sizeof(*job));
	job->gap_ms = 10000;
	job->concurrency = 1;
	job->timeout_ms = 30000;
	job->max_body = 8u << 20;
	job->defaults.every_ms = 300000;
	job->defaults.plausible.jump_permille = 5000;
	job->defaults.plausible.confirm = 2;
	job->latest_slot = INT64_MIN;
}

void
job_release(struct job *job)
{
	size_t i;

	for (i = 0; i < job->n_sources; i++)
		free(job->sources[i].known);
	strmap_release(&job->states);
	pool_release(&job->pool);
	free(job->sources);
	free(job->by_id);
	memset(job, 0, sizeof(*job));
}

static const char *
term_text(const struct job_terms *terms, size_t i)
{
	const char *text;

	memcpy(&text, (const char *)terms + term_texts[i].offset, sizeof(text));
	return text;
}

uint64_t
job_terms_hash(const struct job_terms *terms)
{
	const struct plausible_policy *p = &terms->plausible;
	const int64_t numbers[] = { terms->allow_zero, terms->allow_negative, terms->magnitudes, p->has_min, p->min.coef, p->min.scale, p->has_max, p->max.coef,
		p->max.scale };
	uint64_t h = hash_bytes(numbers, sizeof(numbers));
	size_t i;

	for (i = 0; i < ARRAY_LEN(term_texts); i++) {
		const char *text = term_text(terms, i);

		h = hash_u64(h + i);
		h ^= text != NULL ? hash_bytes(text, strlen(text) + 1) : 0;
	}
	return h;
}

/* A text's place in the table of ids: it, or the free one where it would be. */
static uint32_t *
locate(const struct job *job, const char *id)
{
	size_t i = hash_u64(hash_bytes(id, strlen(id))) & (job->cap_by_id - 1);

	while (job->by_id[i] != 0 && strcmp(job->sources[job->by_id[i] - 1].id, id) != 0)
		i = (i + 1) & (job->cap_by_id - 1);
	return &job->by_id[i];
}

struct job_source *
job_find_source(const struct job *job, const char *id)
{
	uint32_t number = job->cap_by_id > 0 ? *locate(job, id) : 0;

	return number > 0 ? &job->sources[number - 1] : NULL;
}

static void
add_source(struct job *job, const struct job_source *src)
{
	size_t i;

	if (job->n_sources == job->cap_sources) {
		job->cap_sources = job->cap_sources == 0 ? 16 : job->cap_sources + job->cap_sources / 2;
		job->sources = xreallocarray(job->sources, job->cap_sources, sizeof(*src));
	}
	job->sources[job->n_sources++] = *src;
	if (job->n_sources > job->cap_by_id / 2) {
		free(job->by_id);
		job->cap_by_id = job->cap_by_id == 0 ? 64 : 2 * job->cap_by_id;
		job->by_id = xcalloc(job->cap_by_id, sizeof(*job->by_id));
		for (i = 0; i < job->n_sources - 1; i++)
			*locate(job, job->sources[i].id) = (uint32_t)i + 1;
	}
	*locate(job, src->id) = (uint32_t)job->n_sources;
}

static bool
is_absent(const struct json_field *f)
{
	return f->kind == JSON_ABSENT || f->kind == JSON_NULL;
}

int
job_get_int(const struct json_field *f, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	int64_t n;

	if (is_absent(f))
		return 0;
	if (f->kind != JSON_NUMBER || json_field_int(f, &n) == -1)
		return err_set(err, EINVAL, "%s: must be a whole number", f->name);
	if (n < min || n > max)
		return err_set(err, ERANGE, "%s: out of range", f->name);
	*out = n;
	return 0;
}

static int
get_u32(const struct json_field *f, int64_t min, int64_t max, uint32_t *out, struct err *err)
{
	int64_t n = *out;

	if (job_get_int(f, min, max, &n, err) == -1)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

static int
get_bool(const struct json_field *f, bool *out, struct err *err)
{
	if (is_absent(f))
		return 0;
	if (f->kind != JSON_BOOL)
		return err_set(err, EINVAL, "%s: must be true or false", f->name);
	*out = f->p[0] == 't';
	return 0;
}

/* A text into the pool; an absent or null one leaves *out. */
static int
get_text(struct pool *pool, const struct json_field *f, bool shared, const char **out, struct err *err)
{
	char *text;

	if (is_absent(f))
		return 0;
	if ((text = json_field_strdup(f)) == NULL)
		return err_set(err, EINVAL, "%s: must be text", f->name);
	*out = shared ? pool_share(pool, text, strlen(text), 1) : pool_text(pool, text, strlen(text));
	free(text);
	return 0;
}

/* A bound of P43, as text: its digits are exact. */
static int
get_bound(const struct json_field *f, bool *has, struct amount *out, struct err *err)
{
	struct amount a;

	if (is_absent(f))
		return 0;
	if (f->kind != JSON_STRING || amount_parse(f->p, f->len, &a) != AMOUNT_OK)
		return err_set(err, EINVAL, "%s: must be an amount, as text: \"24.99\"", f->name);
	/* By its members: what stands between them is compared, too. */
	out->coef = a.coef;
	out->scale = a.scale;
	*has = true;
	return 0;
}

/* What the header may say for all sources, and each source for itself. */
enum { EVERY, MIN, MAX, JUMP, CONFIRM, ALLOW_ZERO, ALLOW_NEGATIVE, MAGNITUDES, N_TERMS };
#define TERM_FIELDS                                                                                                    \
	[EVERY] = { .name = "every_ms" }, [MIN] = { .name = "min" }, [MAX] = { .name = "max" },                        \
	[JUMP] = { .name = "jump_permille" }, [CONFIRM] = { .name = "confirm" }, [ALLOW_ZERO] = { .name = "allow_zero" }, \
	[ALLOW_NEGATIVE] = { .name = "allow_negative" }, [MAGNITUDES] = { .name = "magnitudes" }

static int
read_terms(struct job_terms *t, const struct json_field *f, struct err *err)
{
	struct plausible_policy *p = &t->plausible;

	return job_get_int(&f[EVERY], 1, JOB_EVERY_MAX_MS, &t->every_ms, err) == -1 ||
		get_bound(&f[MIN], &p->has_min, &p->min, err) == -1 ||
		get_bound(&f[MAX], &p->has_max, &p->max, err) == -1 ||
		get_u32(&f[JUMP], 0, PLAUSIBLE_JUMP_MAX, &p->jump_permille, err) == -1 ||
		get_u32(&f[CONFIRM], 0, 1000, &p->confirm, err) == -1 ||
		get_bool(&f[ALLOW_ZERO], &t->allow_zero, err) == -1 ||
		get_bool(&f[ALLOW_NEGATIVE], &t->allow_negative, err) == -1 ||
		get_bool(&f[MAGNITUDES], &t->magnitudes, err) == -1 ?
	    -1 :
	    0;
}

static int
read_header(struct job *job, const char *line, size_t len, struct err *err)
{
	enum {
		VERSION = N_TERMS, JITTER, GAP, CONCURRENCY, TIMEOUT, BODY, DIE, CHILD, AGENT, PRIVATE, SANDBOX, PAGE_CPU, ROBOTS,
		CONTACT, PROXY, N
	};
	struct json_field f[N] = { TERM_FIELDS, [VERSION] = { .name = "version" },
		[JITTER] = { .name = "jitter_permille" }, [GAP] = { .name = "gap_ms" },
		[CONCURRENCY] = { .name = "concurrency" }, [TIMEOUT] = { .name = "timeout_ms" },
		[BODY] = { .name = "max_body" }, [DIE] = { .name = "die_after" }, [CHILD] = { .name = "child" },
		[AGENT] = { .name = "user_agent" }, [PRIVATE] = { .name = "allow_private" },
		[SANDBOX] = { .name = "sandbox" }, [PAGE_CPU] = { .name = "page_cpu_ms" },
		[ROBOTS] = { .name = "robots" }, [CONTACT] = { .name = "contact" }, [PROXY] = { .name = "proxy" } };
	int64_t version = 0, max_body = (int64_t)job->max_body;
	bool sandbox = true, robots = true;

	(void)json_scan(line, len, f, N);
	if (job_get_int(&f[VERSION], 1, INT64_MAX, &version, err) == -1)
		return -1;
	if (version != JOB_VERSION)
		return err_set(
		    err, EINVAL, "version %lld of a job, this program knows %d", (long long)version, JOB_VERSION);
	if (read_terms(&job->defaults, f, err) == -1 || get_u32(&f[JITTER], 0, 1000, &job->jitter_permille, err) == -1 ||
	    job_get_int(&f[GAP], 0, JOB_EVERY_MAX_MS, &job->gap_ms, err) == -1 ||
	    get_u32(&f[CONCURRENCY], 1, JOB_CONCURRENCY_MAX, &job->concurrency, err) == -1 ||
	    job_get_int(&f[TIMEOUT], 1, JOB_EVERY_MAX_MS, &job->timeout_ms, err) == -1 ||
	    job_get_int(&f[PAGE_CPU], 1, JOB_EVERY_MAX_MS, &job->page_cpu_ms, err) == -1 ||
	    job_get_int(&f[BODY], 1, INT64_C(1) << 40, &max_body, err) == -1 ||
	    job_get_int(&f[DIE], 0, INT64_MAX, &job->die_after, err) == -1 ||
	    get_text(&job->pool, &f[CHILD], false, &job->child, err) == -1 ||
	    get_text(&job->pool, &f[AGENT], false, &job->user_agent, err) == -1 ||
	    get_text(&job->pool, &f[CONTACT], false, &job->contact, err) == -1 ||
	    get_text(&job->pool, &f[PROXY], false, &job->proxy, err) == -1 ||
	    get_bool(&f[PRIVATE], &job->allow_private, err) == -1 || get_bool(&f[SANDBOX], &sandbox, err) == -1 ||
	    get_bool(&f[ROBOTS], &robots, err) == -1)
		return -1;
	job->max_body = (uint64_t)max_body;
	job->no_sandbox = !sandbox;
	job->no_robots = !robots;
	job->begun = true;
	return 0;
}

static int
read_source(struct job *job, const char *line, size_t len, struct err *err)
{
	enum { ID = N_TERMS, PRODUCT, URL, TEXTS, N = TEXTS + ARRAY_LEN(term_texts) };
	struct json_field f[N] = { TERM_FIELDS, [ID] = { .name = "id" }, [PRODUCT] = { .name = "product" },
		[URL] = { .name = "url" } };
	struct job_source src = { .done = INT64_MIN };
	struct job_terms terms;
	size_t i;

	for (i = 0; i < ARRAY_LEN(term_texts); i++)
		f[TEXTS + i].name = term_texts[i].name;
	(void)json_scan(line, len, f, N);
	/* Zero was once said for "as in the header". */
	if (f[EVERY].kind == JSON_NUMBER && f[EVERY].len == 1 && f[EVERY].p[0] == '0')
		f[EVERY].kind = JSON_ABSENT;
	memcpy(&terms, &job->defaults, sizeof(terms));
	if (read_terms(&terms, f, err) == -1)
		return -1;
	for (i = 0; i < ARRAY_LEN(term_texts); i++) {
		const char *text = term_text(&terms, i);

		if (get_text(&job->pool, &f[TEXTS + i], true, &text, err) == -1)
			return -1;
		memcpy((char *)&terms + term_texts[i].offset, &text, sizeof(text));
	}
	if (get_text(&job->pool, &f[ID], false, &src.id, err) == -1 ||
	    get_text(&job->pool, &f[PRODUCT], true, &src.product, err) == -1 ||
	    get_text(&job->pool, &f[URL], false, &src.url, err) == -1)
		return -1;
	if (src.id == NULL || src.url == NULL)
		return err_set(err, EINVAL, "a source needs id and url");
	if (job_find_source(job, src.id) != NULL)
		return err_set(err, EEXIST, "the source %s stands twice", src.id);
	src.terms = pool_share(&job->pool, &terms, sizeof(terms), sizeof(void *));
	add_source(job, &src);
	return 0;
}

static int
read_object(struct job *job, const char *line, size_t len, const struct json_field *type, struct err *err)
{
	if (type->kind != JSON_STRING)
		return err_set(err, EINVAL, "a line without a type");
	if (json_field_is(type, "job"))
		return read_header(job, line, len, err);
	if (!job->begun)
		return err_set(err, EINVAL, "the line of type job must come first");
	if (json_field_is(type, "source"))
		return read_source(job, line, len, err);
	if (json_field_is(type, "state"))
		return job_read_state(job, line, len, err);
	if (json_field_is(type, "end")) {
		job_settle_states(job);
		job->ended = true;
	}
	return 0;
}

enum job_result
job_read_line(struct job *job, const char *line, size_t len, struct err *err)
{
	struct json_field type = { .name = "type" };
	int result;

	if (len > JOB_LINE_MAX) {
		err_set(err, EINVAL, "a line of more than %u bytes", JOB_LINE_MAX);
		return JOB_BAD;
	}
	if (json_scan(line, len, &type, 1) == 0)
		result = read_object(job, line, len, &type, err);
	else
		result = err_set(err, EINVAL, "no JSON object: %.*s", len < 60 ? (int)len : 60, line);
	if (result == -1)
		return JOB_BAD;
	return job->ended ? JOB_ENDED : JOB_MORE;
}

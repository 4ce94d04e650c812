/*
 * One line of the journal into the past. Two looks at a line: the first takes
 * the few members that nearly every record has; only the rarer types are looked
 * at again for theirs.
 */
#include "journal/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/past_private.h"
#include "wire/agent_msg.h"

enum common { F_TYPE, F_CHILD, F_TOKEN, F_N, F_T, F_KEY, F_DATA, F_COMMON };

struct record {
	struct json_field f[F_COMMON];
	const char *line;
	size_t len;
};

static int
uint_of(const struct json_field *f, uint64_t *out)
{
	return f->kind == JSON_NUMBER ? json_field_uint(f, out) : -1;
}

/* As uint_of, but absent leaves *out as it is. */
static int
optional_uint(const struct json_field *f, uint64_t *out)
{
	return f->kind == JSON_ABSENT || f->kind == JSON_NULL ? 0 : uint_of(f, out);
}

static int
optional_bool(const struct json_field *f, bool *out)
{
	if (f->kind == JSON_BOOL)
		*out = f->p[0] == 't';
	return f->kind == JSON_BOOL || f->kind == JSON_ABSENT ? 0 : -1;
}

static bool
is_plain(const struct json_field *f)
{
	return memchr(f->p, '\\', f->len) == NULL;
}

/* The record's child, made if missing; NULL if the record names none. */
static struct past_child *
child_of(struct past *p, const struct record *r)
{
	const struct json_field *f = &r->f[F_CHILD];
	struct past_child *c;
	char *name;

	if (f->kind != JSON_STRING || f->len == 0)
		return NULL;
	if (is_plain(f) && (c = strmap_findn(&p->children, f->p, f->len)) != NULL)
		return c;
	if ((name = json_field_strdup(f)) == NULL)
		return NULL;
	c = name[0] == '\0' ? NULL : past_child(p, name);
	free(name);
	return c;
}

/* The record's incarnation, made if missing, with its child; NULL if the record has no right child and token. */
static struct past_incarnation *
incarnation_of(struct past *p, const struct record *r, struct past_child **child)
{
	struct past_child *c = child_of(p, r);
	uint64_t token;

	if (c == NULL || uint_of(&r->f[F_TOKEN], &token) == -1 || token == 0)
		return NULL;
	if (child != NULL)
		*child = c;
	return past_incarnation(p, token, c->child);
}

static int
fold_journal(struct past *p, const struct record *r)
{
	struct json_field f[] = { { .name = "epoch" }, { .name = "installation" } };
	uint64_t epoch;

	if (json_scan(r->line, r->len, f, ARRAY_LEN(f)) == -1 || uint_of(&f[0], &epoch) == -1 || epoch > UINT32_MAX)
		return -1;
	if (f[1].kind == JSON_STRING && f[1].len < sizeof(p->installation)) {
		memcpy(p->installation, f[1].p, f[1].len);
		p->installation[f[1].len] = '\0';
	}
	if (epoch > p->epoch) {
		p->epoch = (uint32_t)epoch;
		p->clean = false;
		/* Who opened this epoch had resolved them: the snapshot that follows says so. */
		past_logs_clear(p);
	}
	return 0;
}

static int
fold_daemon(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "event" };

	if (json_scan(r->line, r->len, &f, 1) == -1 || f.kind != JSON_STRING)
		return -1;
	p->clean = json_field_is(&f, "end");
	if (p->clean)
		past_forget_changes(p);
	return 0;
}

/* Where it is: elsewhere, it is another node, of which nothing is known. */
static void
note_place(struct past_node *node, const struct json_field *ssh)
{
	char *now = json_field_strdup(ssh);

	if (now != NULL && (node->ssh == NULL || strcmp(node->ssh, now) != 0)) {
		free(node->ssh);
		node->ssh = now;
		node->lease_us = 0;
		node->machine_id[0] = '\0';
	} else {
		free(now);
	}
}

static void
note_machine(struct past_node *node, const struct json_field *id)
{
	if (id->kind == JSON_STRING && id->len < sizeof(node->machine_id)) {
		memcpy(node->machine_id, id->p, id->len);
		node->machine_id[id->len] = '\0';
	}
}

static int
fold_lease(struct past *p, const struct record *r, const char *member, int64_t unit_us, bool snapshot)
{
	struct json_field f[] = { { .name = "node" }, { .name = member }, { .name = "ssh" }, { .name = "machine_id" } };
	struct past_node *node;
	uint64_t lease;
	char *name;

	if (json_scan(r->line, r->len, f, ARRAY_LEN(f)) == -1 || (name = json_field_strdup(&f[0])) == NULL)
		return -1;
	if (uint_of(&f[1], &lease) == -1 || lease > (uint64_t)(INT64_MAX / unit_us)) {
		free(name);
		return -1;
	}
	node = past_node(p, name);
	note_place(node, &f[2]);
	note_machine(node, &f[3]);
	if (snapshot || (int64_t)lease * unit_us > node->lease_us)
		node->lease_us = (int64_t)lease * unit_us;
	free(name);
	return 0;
}

static int
fold_node(struct past *p, const struct record *r)
{
	struct json_field f[] = { { .name = "event" }, { .name = "node" }, { .name = "machine_id" } };
	char *name;

	if (json_scan(r->line, r->len, f, ARRAY_LEN(f)) == -1 || f[0].kind != JSON_STRING)
		return -1;
	if (json_field_is(&f[0], "lease"))
		return fold_lease(p, r, "lease_ms", US_PER_MS, false);
	if (json_field_is(&f[0], "up") && (name = json_field_strdup(&f[1])) != NULL) {
		note_machine(past_node(p, name), &f[2]);
		free(name);
	}
	return 0;
}

static int
fold_snapshot_node(struct past *p, const struct record *r)
{
	return fold_lease(p, r, "lease_us", 1, true);
}

static int
fold_start(struct past *p, const struct record *r)
{
	enum { NODE, START_TYPE, SPEC, JOB_BYTES, CONTROL, N };
	struct json_field f[N] = { { .name = "node" }, { .name = "start_type" }, { .name = "spec" }, { .name = "job_bytes" },
		{ .name = "control" } };
	struct past_incarnation *i;
	struct past_child *c;
	uint64_t last;

	if ((c = child_of(p, r)) == NULL || json_scan(r->line, r->len, f, N) == -1)
		return -1;
	last = c->last_token;
	if ((i = incarnation_of(p, r, NULL)) == NULL || optional_uint(&f[SPEC], &i->spec) == -1 ||
	    optional_uint(&f[JOB_BYTES], &i->job_bytes) == -1 || optional_bool(&f[CONTROL], &i->control) == -1)
		return -1;
	if (i->node == NULL)
		i->node = json_field_strdup(&f[NODE]);
	if (i->token > last) {
		c->run_token = i->token;
		c->terminated = false;
		c->starts++;
		c->restarts += f[START_TYPE].kind == JSON_STRING && f[START_TYPE].len >= strlen("restart") &&
		    (memcmp(f[START_TYPE].p, "restart", strlen("restart")) == 0 ||
		    memcmp(f[START_TYPE].p, "failove", strlen("failove")) == 0);
	}
	return 0;
}

static int
fold_started(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "pid" };
	struct past_incarnation *i = incarnation_of(p, r, NULL);
	uint64_t pid;

	if (i == NULL || json_scan(r->line, r->len, &f, 1) == -1 || uint_of(&f, &pid) == -1 || pid > UINT32_MAX)
		return -1;
	i->pid = (uint32_t)pid;
	return 0;
}

static int
fold_exit(struct past *p, const struct record *r)
{
	struct past_incarnation *i = incarnation_of(p, r, NULL);

	struct past_child *c = child_of(p, r);
	struct json_field f[] = { { .name = "reason" }, { .name = "status" }, { .name = "told" } }, reason;
	bool told = false;

	if (i == NULL || c == NULL)
		return -1;
	i->exited = true;
	past_ties_free(&i->ties);
	if (json_scan(r->line, r->len, f, ARRAY_LEN(f)) == -1 || optional_bool(&f[2], &told) == -1)
		return 0;
	i->unseen = f[1].kind == JSON_ABSENT;
	reason = f[0];
	if (i->token < c->ended_token)
		return 0;
	c->ended_token = i->token;
	/* Who was told to end was to come back with its group; or a wish says that it was not. */
	c->ended_normal = !told && (json_field_is(&reason, "normal") || json_field_is(&reason, "shutdown") ||
	    (reason.kind == JSON_STRING && reason.len > 10 && memcmp(reason.p, "{shutdown,", 10) == 0));
	return 0;
}

/* Of one that is not there any more it says nothing. */
static int
fold_ending(struct past *p, const struct record *r)
{
	struct past_incarnation *i;
	uint64_t token;

	if (uint_of(&r->f[F_TOKEN], &token) == -1)
		return -1;
	if ((i = map_find(&p->incarnations, token)) != NULL)
		i->told = true;
	return 0;
}

/* Nothing lives and nothing more can come of it: a start that failed, or the end of an incarnation's story. */
static int
fold_gone(struct past *p, const struct record *r)
{
	struct past_child *c = child_of(p, r);
	uint64_t token;

	if (c == NULL || uint_of(&r->f[F_TOKEN], &token) == -1)
		return -1;
	if (token > c->last_token)
		c->last_token = token;
	past_drop_incarnation(p, token);
	return 0;
}

static int
fold_wish(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "stopped" };
	struct past_child *c;

	if (json_scan(r->line, r->len, &f, 1) == -1 || f.kind != JSON_BOOL || (c = child_of(p, r)) == NULL)
		return -1;
	c->stopped = f.p[0] == 't';
	return 0;
}

/* A supervisor has no start record: this one says that it is up again. */
static int
fold_report(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "report" };
	struct past_child *c;

	if (json_scan(r->line, r->len, &f, 1) == 0 && json_field_is(&f, "progress") && (c = child_of(p, r)) != NULL)
		c->terminated = false;
	return 0;
}

static int
fold_terminated(struct past *p, const struct record *r)
{
	struct past_child *c = child_of(p, r);

	if (c == NULL)
		return -1;
	c->terminated = true;
	return 0;
}

/* An instance's number stands behind its last colon: "pool/worker:17". */
static void
count_instance(struct past *p, const char *child)
{
	const char *slash = strrchr(child, '/'), *colon = strrchr(child, ':');
	char *sup;

	if (slash == NULL || colon == NULL || colon < slash)
		return;
	sup = xstrndup(child, (size_t)(slash - child));
	past_count(p, sup, strtoull(colon + 1, NULL, 10));
	free(sup);
}

/* The order to start an instance comes before its start: its number is used, whatever becomes of it. */
static int
fold_order(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "order" };
	char *child;

	if (json_scan(r->line, r->len, &f, 1) == -1)
		return -1;
	if (!json_field_is(&f, "start_child") && !json_field_is(&f, "add"))
		return 0;
	if ((child = json_field_strdup(&r->f[F_CHILD])) != NULL)
		count_instance(p, child);
	free(child);
	return 0;
}

/* A child that was added at run time; or one of the configuration, which is there again. */
static int
fold_addition(struct past *p, const struct record *r)
{
	enum { SPEC, ARGS, SEQ, LISTED, N };
	struct json_field f[N] = { { .name = "spec" }, { .name = "args" }, { .name = "seq" }, { .name = "listed" } };
	struct strvec args = STRVEC_INIT;
	char *child = json_field_strdup(&r->f[F_CHILD]), *spec = NULL;
	uint64_t seq = 0;
	bool listed = false;
	int result = -1;

	if (child == NULL || child[0] == '\0' || json_scan(r->line, r->len, f, N) == -1 ||
	    optional_bool(&f[LISTED], &listed) == -1 || optional_uint(&f[SEQ], &seq) == -1)
		goto out;
	if (listed) {
		past_bring_back(p, child);
		result = 0;
	} else if (f[ARGS].kind == JSON_ARRAY && past_strings(f[ARGS].p, f[ARGS].len, &args) == 0) {
		count_instance(p, child);
		past_add(p, child, NULL, &args, seq);
		result = 0;
	} else if ((spec = json_field_strdup(&f[SPEC])) != NULL) {
		past_add(p, child, spec, NULL, seq);
		result = 0;
	}
out:
	strvec_release(&args);
	free(spec);
	free(child);
	return result;
}

/* What was wished of an earlier child of this path is not wished of this one. */
static int
fold_added(struct past *p, const struct record *r)
{
	struct past_child *c = fold_addition(p, r) == -1 ? NULL : child_of(p, r);

	if (c == NULL)
		return -1;
	c->stopped = false;
	past_permit_child(p, c->child);
	return 0;
}

static int
fold_removed(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "listed" };
	char *child = json_field_strdup(&r->f[F_CHILD]);
	bool listed = false;
	int result = -1;

	if (child != NULL && child[0] != '\0' && json_scan(r->line, r->len, &f, 1) == 0 &&
	    optional_bool(&f, &listed) == 0) {
		past_remove(p, child, listed);
		result = 0;
	}
	free(child);
	return result;
}

static int
fold_snapshot_number(struct past *p, const struct record *r)
{
	struct json_field f = { .name = "last" };
	char *child = json_field_strdup(&r->f[F_CHILD]);
	uint64_t last;
	int result = -1;

	if (child != NULL && json_scan(r->line, r->len, &f, 1) == 0 && uint_of(&f, &last) == 0) {
		past_count(p, child, last);
		result = 0;
	}
	free(child);
	return result;
}

/* (token, n) of a line of output: what is held of its stream. */
static int
fold_line(struct past *p, const struct record *r)
{
	struct past_incarnation *i;
	uint64_t n;

	if (uint_of(&r->f[F_N], &n) == -1 || (i = incarnation_of(p, r, NULL)) == NULL)
		return -1;
	if (n > i->held[STREAM_OUT])
		i->held[STREAM_OUT] = n;
	return 0;
}

static bool
is_good(const struct json_field *status)
{
	return json_field_is(status, "ok") || json_field_is(status, "unavailable") || json_field_is(status, "not_modified");
}

static int
fold_observation(struct past *p, const struct record *r)
{
	struct json_field status = { .name = "status" };
	struct past_child *c;
	int64_t t;

	if (fold_line(p, r) == -1)
		return -1;
	if (r->f[F_DATA].kind != JSON_OBJECT || json_scan(r->f[F_DATA].p, r->f[F_DATA].len, &status, 1) == -1)
		return 0;
	if (r->f[F_T].kind != JSON_NUMBER || json_field_int(&r->f[F_T], &t) == -1 || (c = child_of(p, r)) == NULL)
		return 0;
	past_observe(c, t, r->f[F_DATA].p, r->f[F_DATA].len);
	if (is_good(&status) && t > c->last_good_ms)
		c->last_good_ms = t;
	return 0;
}

/* `data` is the line as the child printed it; where it is only the value, the line is made. */
static void
keep_state(struct past_child *c, const char *key, uint64_t token, uint64_t n, const struct json_field *data)
{
	struct json_field type = { .name = "type" };
	struct buf line = BUF_INIT(0);

	if (data->kind == JSON_OBJECT && json_scan(data->p, data->len, &type, 1) == 0 && json_field_is(&type, "state")) {
		past_put_state(c, key, token, n, data->p, data->len);
		return;
	}
	buf_xaddc(&line, '{');
	json_put_str(&line, "type", "state");
	json_put_str(&line, "key", key);
	json_put_raw(&line, "value", data->p, data->len);
	buf_xaddc(&line, '}');
	past_put_state(c, key, token, n, line.data, line.len);
	buf_release(&line);
}

static int
put_state(struct past_child *c, const struct record *r)
{
	const struct json_field *data = &r->f[F_DATA];
	uint64_t token, n;
	char *key;

	if (data->kind == JSON_ABSENT || data->kind == JSON_STRING || uint_of(&r->f[F_TOKEN], &token) == -1 ||
	    uint_of(&r->f[F_N], &n) == -1 || (key = json_field_strdup(&r->f[F_KEY])) == NULL)
		return -1;
	keep_state(c, key, token, n, data);
	free(key);
	return 0;
}

static int
fold_state(struct past *p, const struct record *r)
{
	struct past_child *c = child_of(p, r);

	if (c == NULL || put_state(c, r) == -1)
		return -1;
	return fold_line(p, r);
}

static int
fold_snapshot_state(struct past *p, const struct record *r)
{
	struct past_child *c = child_of(p, r);

	return c == NULL ? -1 : put_state(c, r);
}

static int
fold_mark(struct past *p, const struct record *r)
{
	enum { STREAM, AT, PATH, FILE_, POS, SIZE, WAS, N };
	struct json_field f[N] = { { .name = "stream" }, { .name = "at" }, { .name = "path" }, { .name = "file" },
		{ .name = "pos" }, { .name = "size" }, { .name = "was" } };
	uint64_t stream, file, size, was = UINT64_MAX;
	struct past_incarnation *i = incarnation_of(p, r, NULL);
	struct past_mark m;
	char *path;

	if (i == NULL || json_scan(r->line, r->len, f, N) == -1 || uint_of(&f[STREAM], &stream) == -1 ||
	    (stream != STREAM_OUT && stream != STREAM_ERR) || uint_of(&f[AT], &m.at) == -1 ||
	    uint_of(&f[FILE_], &file) == -1 || uint_of(&f[POS], &m.pos) == -1)
		return -1;
	size = m.pos;
	if (optional_uint(&f[SIZE], &size) == -1 || optional_uint(&f[WAS], &was) == -1 ||
	    (path = json_field_strdup(&f[PATH])) == NULL)
		return -1;
	m.token = i->token;
	m.stream = (unsigned)stream;
	past_fold_mark(p, path, file, &m, size, was);
	free(path);
	return 0;
}

static int
fold_snapshot_incarnation(struct past *p, const struct record *r)
{
	enum { NODE, PID, EXITED, SPEC, JOB_BYTES, OUT, ERR, CONTROL, UNSEEN, TOLD, N };
	struct json_field f[N] = { { .name = "node" }, { .name = "pid" }, { .name = "exited" }, { .name = "spec" },
		{ .name = "job_bytes" }, { .name = "out" }, { .name = "err" }, { .name = "control" }, { .name = "unseen" },
		{ .name = "told" } };
	struct past_incarnation *i = incarnation_of(p, r, NULL);
	uint64_t pid = 0, out = 0, err = 0;

	if (i == NULL || json_scan(r->line, r->len, f, N) == -1 || optional_uint(&f[PID], &pid) == -1 || pid > UINT32_MAX ||
	    optional_bool(&f[EXITED], &i->exited) == -1 || optional_uint(&f[SPEC], &i->spec) == -1 ||
	    optional_uint(&f[JOB_BYTES], &i->job_bytes) == -1 || optional_uint(&f[OUT], &out) == -1 ||
	    optional_uint(&f[ERR], &err) == -1 || optional_bool(&f[CONTROL], &i->control) == -1 ||
	    optional_bool(&f[UNSEEN], &i->unseen) == -1 || optional_bool(&f[TOLD], &i->told) == -1)
		return -1;
	i->pid = (uint32_t)pid;
	if (i->node == NULL)
		i->node = json_field_strdup(&f[NODE]);
	past_hold(p, i->token, STREAM_OUT, out);
	past_hold(p, i->token, STREAM_ERR, err);
	return 0;
}

static int
fold_snapshot_child(struct past *p, const struct record *r)
{
	enum { STOPPED, LAST_TOKEN, STARTS, RESTARTS, LAST_GOOD, RUN_TOKEN, ENDED_TOKEN, ENDED_NORMAL, TERMINATED, ALARMED,
		N };
	struct json_field f[N] = { { .name = "stopped" }, { .name = "last_token" }, { .name = "starts" },
		{ .name = "restarts" }, { .name = "last_good" }, { .name = "run_token" }, { .name = "ended_token" },
		{ .name = "ended_normal" }, { .name = "terminated" }, { .name = "alarmed" } };
	uint64_t last_token = 0, last_good = 0, alarmed = 0;
	struct past_child *c = child_of(p, r);

	if (c == NULL || json_scan(r->line, r->len, f, N) == -1 || optional_bool(&f[STOPPED], &c->stopped) == -1 ||
	    optional_uint(&f[LAST_TOKEN], &last_token) == -1 || optional_uint(&f[STARTS], &c->starts) == -1 ||
	    optional_uint(&f[RESTARTS], &c->restarts) == -1 || optional_uint(&f[LAST_GOOD], &last_good) == -1 ||
	    last_good > INT64_MAX || optional_uint(&f[RUN_TOKEN], &c->run_token) == -1 ||
	    optional_uint(&f[ENDED_TOKEN], &c->ended_token) == -1 ||
	    optional_bool(&f[ENDED_NORMAL], &c->ended_normal) == -1 ||
	    optional_bool(&f[TERMINATED], &c->terminated) == -1 || optional_uint(&f[ALARMED], &alarmed) == -1 ||
	    alarmed > INT64_MAX)
		return -1;
	c->told_ms = (int64_t)alarmed;
	if (last_token > c->last_token)
		c->last_token = last_token;
	c->last_good_ms = (int64_t)last_good;
	return 0;
}

static int
fold_snapshot_source(struct past *p, const struct record *r)
{
	struct past_child *c = child_of(p, r);

	return c == NULL ? -1 : past_fold_source(c, r->line, r->len);
}

/* Which changes of its sources a child's newest alarm has told: those up to then. */
static int
fold_alarm(struct past *p, const struct record *r)
{
	struct json_field f[] = { { .name = "object" }, { .name = "count" } };
	struct past_child *c;
	uint64_t t;
	char *child;

	if (json_scan(r->line, r->len, f, ARRAY_LEN(f)) == -1 || f[1].kind != JSON_NUMBER ||
	    uint_of(&r->f[F_T], &t) == -1 || t > INT64_MAX || (child = json_field_strdup(&f[0])) == NULL)
		return 0; /* of something else */
	if (child[0] != '\0') {
		c = past_child(p, child);
		c->told_ms = (int64_t)t;
	}
	free(child);
	return 0;
}

/* Links, monitors, exit signals and lines for control descriptors. */
static int
fold_tie(struct past *p, const struct record *r)
{
	return past_fold_tie(p, r->line, r->len);
}

/* What operators say of nodes. */
static int
fold_permit(struct past *p, const struct record *r)
{
	return past_fold_permit(p, r->line, r->len);
}

/* In the order of how often they come. */
static const struct fold {
	const char *type;
	int (*fold)(struct past *p, const struct record *r);
} folds[] = {
	{ "observation", fold_observation },
	{ "state", fold_state },
	{ "line", fold_line },
	{ "evidence", fold_line },
	{ "mark", fold_mark },
	{ "start", fold_start },
	{ "started", fold_started },
	{ "ending", fold_ending },
	{ "exit", fold_exit },
	{ "done", fold_gone },
	{ "start_failed", fold_gone },
	{ "report", fold_report },
	{ "wish", fold_wish },
	{ "order", fold_order },
	{ "permit", fold_permit },
	{ "added", fold_added },
	{ "removed", fold_removed },
	{ "terminated", fold_terminated },
	{ "link", fold_tie },
	{ "unlink", fold_tie },
	{ "monitor", fold_tie },
	{ "demonitor", fold_tie },
	{ "exit_signal", fold_tie },
	{ "tell", fold_tie },
	{ "alarm", fold_alarm },
	{ "node", fold_node },
	{ "daemon", fold_daemon },
	{ "journal", fold_journal },
	{ "snapshot_incarnation", fold_snapshot_incarnation },
	{ "snapshot_child", fold_snapshot_child },
	{ "snapshot_state", fold_snapshot_state },
	{ "snapshot_source", fold_snapshot_source },
	{ "snapshot_node", fold_snapshot_node },
	{ "snapshot_added", fold_addition },
	{ "snapshot_removed", fold_removed },
	{ "snapshot_number", fold_snapshot_number },
	{ "snapshot_permit", fold_permit },
};

int
past_fold(struct past *p, const char *line, size_t len)
{
	struct record r = { .f = { { .name = "type" }, { .name = "child" }, { .name = "token" }, { .name = "n" },
			    { .name = "t" }, { .name = "key" }, { .name = "data" } },
		.line = line,
		.len = len };
	size_t i;

	if (json_scan(line, len, r.f, F_COMMON) == -1 || r.f[F_TYPE].kind != JSON_STRING)
		return -1;
	for (i = 0; i < ARRAY_LEN(folds); i++)
		if (json_field_is(&r.f[F_TYPE], folds[i].type))
			return folds[i].fold(p, &r);
	return 0;
}

/*
 * Bytes of children: taken from the agent by offset, written as records or
 * into log files, acknowledged when they are safe.
 *
 * A stream is appended and acknowledged at line ends only, so that what is
 * sent again after a cut or a crash begins a line. Bytes of a log need no
 * lines: there every byte is an end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/fresh.h"
#include "daemon/node.h"
#include "daemon/states.h"

/* What an agent may send beyond what is appended; more than a record's line. */
#define WINDOW (2u << 20)
/* Beyond this much in the journal's queue no new credit is given. */
#define BACKLOG_MAX (64u << 20)
#define LINE_MAX_BYTES (1u << 20)

static const struct launch *
launch_of(const struct daemon *d, const struct incarnation *inc)
{
	struct child_view view;

	if (inc->handle == CHILD_NONE || !tree_view(d->tree, inc->handle, &view))
		return NULL;
	return config_launch(view.spec);
}

static void
pending_push(struct daemon *d, uint64_t seq, struct incarnation *inc, uint32_t stream, uint64_t offset)
{
	struct pending *e = ring_push(&d->pending, sizeof(*e));

	*e = (struct pending){ seq, inc->token, offset, stream };
	inc->out[stream - 1].given = offset;
}

static void
mark_dirty(struct daemon *d, struct incarnation *inc)
{
	if (inc->dirty)
		return;
	inc->dirty = true;
	inc->next_dirty = d->dirty;
	d->dirty = inc;
}

/* The log file of a child, made at its first byte. An orphan's goes under its path, too. */
static struct log_file *
log_of(struct daemon *d, const struct incarnation *inc)
{
	const struct launch *launch = launch_of(d, inc);
	struct kid *kid = inc->handle == CHILD_NONE ? NULL : &d->kids[inc->handle];
	struct log_file *log;
	char *path;

	if (kid != NULL && kid->log != NULL)
		return kid->log;
	path = paths_log_file(d->config, inc->path);
	log = journal_log_file(d->journal, inc->path, path, launch != NULL ? launch->log_size : 0,
	    launch != NULL ? launch->log_keep : 0);
	free(path);
	if (kid != NULL)
		kid->log = log;
	return log;
}

static uint64_t
put_log(struct daemon *d, struct incarnation *inc, uint32_t stream, uint64_t offset, const char *p, size_t n)
{
	struct log_file *log = log_of(d, inc);
	uint64_t seq = journal_log(d->journal, log, inc->token, stream, offset, p, n);

	if (inc->handle == CHILD_NONE)
		journal_log_file_free(d->journal, log);
	return seq;
}

static void
copy_text(char *dst, size_t size, const struct json_field *f)
{
	size_t n = f->kind != JSON_STRING ? 0 : f->len < size ? f->len : size - 1;

	if (n > 0)
		memcpy(dst, f->p, n);
	dst[n] = '\0';
}

/* Freshness as `status` shows it: what is good renews the age of the price. */
static void
note_observation(struct freshness *fresh, const struct json_field *status, const struct json_field *reason)
{
	if (fresh == NULL)
		return;
	copy_text(fresh->last_status, sizeof(fresh->last_status), status);
	copy_text(fresh->last_reason, sizeof(fresh->last_reason), reason);
	if (json_field_is(status, "ok") || json_field_is(status, "unavailable") || json_field_is(status, "not_modified"))
		fresh->last_good_ms = wall_ms();
}

static void
note_state(struct daemon *d, struct freshness *fresh, uint64_t token, uint64_t n, const struct json_field *key,
    const char *line, size_t len)
{
	char *name = fresh != NULL ? json_field_strdup(key) : NULL;

	if (name != NULL)
		states_note(d, fresh, token, n, name, line, len);
	free(name);
}

/* What comes late, of one that was lost with its host, is no sign that its successor is well. */
static bool
is_newest(const struct daemon *d, const struct incarnation *inc)
{
	return inc->handle != CHILD_NONE && d->kids[inc->handle].now == inc;
}

/* One whole line of a child that prints observations; n is the offset behind it. */
static uint64_t
put_line(struct daemon *d, struct incarnation *inc, uint64_t n, const char *p, size_t len)
{
	struct json_field f[] = { { .name = "type" }, { .name = "source" }, { .name = "slot" }, { .name = "status" },
		{ .name = "reason" }, { .name = "key" } };
	struct freshness *fresh = inc->handle == CHILD_NONE ? NULL : d->kids[inc->handle].fresh;

	size_t whole = len;

	while (len > 0 && (p[len - 1] == '\n' || p[len - 1] == '\r'))
		len--;
	if (len > 0 && p[0] == '{' && json_scan(p, len, f, ARRAY_LEN(f)) == 0) {
		if (json_field_is(&f[0], "observation")) {
			if (is_newest(d, inc)) {
				note_observation(fresh, &f[3], &f[4]);
				fresh_observed(d, inc->handle, &f[1], &f[3], &f[4], &f[2]);
			}
			hang_unrecorded(d);
			return rec_observation(d, inc, n, &f[2], &f[1], p, len);
		}
		if (json_field_is(&f[0], "state") && f[5].kind == JSON_STRING) {
			note_state(d, fresh, inc->token, n, &f[5], p, len);
			return rec_state(d, inc, n, &f[5], p, len);
		}
		if (json_field_is(&f[0], "evidence") && f[1].kind == JSON_STRING)
			return rec_evidence(d, inc, n, &f[1], p, len);
	}
	/* Not ours, but somebody's words: kept as a record, and shown in the log. */
	put_log(d, inc, STREAM_OUT, n - whole, p, whole);
	return rec_text(d, inc, n, p, len);
}

/* The unfinished line grows; one that is too long for a record goes on as log. */
static uint64_t
keep_rest(struct daemon *d, struct incarnation *inc, struct out_stream *s, uint64_t offset, const char *p, size_t n)
{
	uint64_t seq;

	if (!s->overlong && (s->line == NULL ? 0 : s->line->len) + n <= LINE_MAX_BYTES) {
		if (s->line == NULL)
			s->line = xcalloc(1, sizeof(*s->line));
		buf_xadd(s->line, p, n);
		return 0;
	}
	s->overlong = true;
	if (s->line != NULL) {
		put_log(d, inc, STREAM_OUT, offset - s->line->len, s->line->data, s->line->len);
		buf_release(s->line);
		free(s->line);
		s->line = NULL;
	}
	seq = put_log(d, inc, STREAM_OUT, offset, p, n);
	pending_push(d, seq, inc, STREAM_OUT, offset + n);
	return seq;
}

static void
take_lines(struct daemon *d, struct incarnation *inc, struct out_stream *s, uint64_t offset, const char *p, size_t n)
{
	const char *newline;
	uint64_t seq = 0, behind = offset;
	size_t len;

	while (n > 0 && (newline = memchr(p, '\n', n)) != NULL) {
		len = (size_t)(newline - p) + 1;
		behind = offset + len;
		if (s->overlong) {
			seq = put_log(d, inc, STREAM_OUT, offset, p, len);
			s->overlong = false;
		} else if (s->line != NULL && s->line->len > 0) {
			buf_xadd(s->line, p, len);
			seq = put_line(d, inc, behind, s->line->data, s->line->len);
			buf_clear(s->line);
		} else {
			seq = put_line(d, inc, behind, p, len);
		}
		p += len;
		n -= len;
		offset = behind;
	}
	if (seq != 0)
		pending_push(d, seq, inc, STREAM_OUT, behind);
	if (n > 0)
		keep_rest(d, inc, s, offset, p, n);
	else if (s->line != NULL && s->line->len == 0) {
		buf_release(s->line);
		free(s->line);
		s->line = NULL;
	}
}

static bool
prints_observations(const struct daemon *d, const struct incarnation *inc)
{
	const struct launch *launch = launch_of(d, inc);

	/* Of an orphan we do not know it: what looks like an observation is one. */
	return launch == NULL || launch->output == OUTPUT_OBSERVATIONS;
}

int
output_take(struct daemon *d, struct incarnation *inc, uint32_t stream, uint64_t offset, const char *p, size_t n,
    struct err *err)
{
	struct out_stream *s = &inc->out[stream - 1];
	uint64_t skip;

	if (offset > s->received)
		return err_set(err, 0, "child %s: output from byte %llu, expected %llu", inc->path,
		    (unsigned long long)offset, (unsigned long long)s->received);
	skip = s->received - offset;
	if (skip >= n)
		return 0;
	p += skip;
	n -= skip;
	offset += skip;
	s->received += n;
	/* A line may be longer than the credit that there is before its end. */
	if (s->limit - s->received < AGENT_CREDIT_FIRST)
		mark_dirty(d, inc);
	if (is_newest(d, inc))
		d->kids[inc->handle].heard = mono_now();
	if (stream == STREAM_OUT && prints_observations(d, inc))
		take_lines(d, inc, s, offset, p, n);
	else
		pending_push(d, put_log(d, inc, stream, offset, p, n), inc, stream, offset + n);
	return 0;
}

void
output_finish(struct daemon *d, struct incarnation *inc)
{
	struct out_stream *s = &inc->out[STREAM_OUT - 1];

	if (s->line == NULL || s->received < inc->end[STREAM_OUT - 1])
		return;
	if (s->line->len > 0)
		pending_push(d, put_line(d, inc, s->received, s->line->data, s->line->len), inc, STREAM_OUT, s->received);
	buf_release(s->line);
	free(s->line);
	s->line = NULL;
}

bool
output_is_in(const struct daemon *d, const struct incarnation *inc)
{
	/*
	 * A full disk stops output, but never a restart: the agent keeps the
	 * output, and it comes later as from an older token.
	 */
	if (d->disk_full || inc->unseen)
		return true;
	if (inc->out[0].appended >= inc->end[0] && inc->out[1].appended >= inc->end[1])
		return true;
	/* What a successor may not overtake are observations and states. Of a flood in the log it need not see the end. */
	return mono_diff_us(mono_now(), inc->ended_at) >= BURY_LOG_US &&
	    (inc->out[0].appended >= inc->end[0] || !prints_observations(d, inc));
}

bool
output_is_safe(const struct daemon *d, const struct incarnation *inc, const uint64_t upto[2])
{
	return d->disk_full || (inc->out[0].safe >= upto[0] && inc->out[1].safe >= upto[1]);
}

void
output_progress(struct daemon *d, uint64_t appended, uint64_t safe)
{
	struct incarnation *inc;
	const struct pending *e;

	for (; d->pending_appended < d->pending.tail; d->pending_appended++) {
		e = ring_at(&d->pending, sizeof(*e), d->pending_appended);
		if (e->seq > appended)
			break;
		if ((inc = inc_find(d, e->token)) == NULL)
			continue;
		inc->out[e->stream - 1].appended = e->offset;
		mark_dirty(d, inc);
		if (inc->state == INC_ENDED && output_is_in(d, inc))
			bury_later(d, inc);
	}
	bury_due(d);
	for (; d->pending.head < d->pending_appended; d->pending.head++) {
		e = ring_at(&d->pending, sizeof(*e), d->pending.head);
		if (e->seq > safe)
			break;
		if ((inc = inc_find(d, e->token)) == NULL)
			continue;
		inc->out[e->stream - 1].safe = e->offset;
		mark_dirty(d, inc);
	}
}

/* ACK one stream if it is worth a message. */
static void
acknowledge(struct daemon *d, struct incarnation *inc, uint32_t stream, bool credit)
{
	struct out_stream *s = &inc->out[stream - 1];
	struct node *node = d->nodes[inc->node];
	uint64_t limit = credit ? s->appended + WINDOW : s->limit;
	bool over = inc->state == INC_BURIED || inc->state == INC_ENDED;

	if (limit < s->limit)
		limit = s->limit;
	if (node->state != NODE_UP || (s->safe <= s->acked && limit - s->limit < WINDOW / 4 && !(over && limit > s->limit)))
		return;
	node_send(node, &(struct agent_msg){ .type = AGENT_ACK,
			    .u.ack = { inc->token, stream, s->safe, limit } });
	s->acked = s->safe;
	s->limit = limit;
}

void
output_acknowledge(struct daemon *d)
{
	struct incarnation *inc, *next, *later = NULL;
	bool credit = journal_backlog(d->journal) < BACKLOG_MAX;

	for (inc = d->dirty; inc != NULL; inc = next) {
		next = inc->next_dirty;
		inc->dirty = false;
		acknowledge(d, inc, STREAM_OUT, credit);
		acknowledge(d, inc, STREAM_ERR, credit);
		if (!credit) {
			inc->dirty = true;
			inc->next_dirty = later;
			later = inc;
		} else {
			inc_settle(d, inc);
		}
	}
	d->dirty = later;
}

void
output_resume(struct incarnation *inc, const uint64_t held[3])
{
	uint32_t stream;

	for (stream = STREAM_OUT; stream <= STREAM_ERR; stream++) {
		struct out_stream *s = &inc->out[stream - 1];

		s->received = s->given = s->appended = s->safe = s->acked = held[stream];
		s->limit = held[stream] + WINDOW;
	}
}

void
output_skip(struct incarnation *inc, uint64_t out, uint64_t err)
{
	const uint64_t acked[2] = { out, err };
	int i;

	for (i = 0; i < 2; i++) {
		struct out_stream *s = &inc->out[i];

		if (acked[i] <= s->received)
			continue;
		log_warnx("child %s: %llu bytes of its output are lost: they were acknowledged, and this host lost them",
		    inc->path, (unsigned long long)(acked[i] - s->received));
		s->received = s->given = s->appended = s->safe = s->acked = acked[i];
		s->limit = acked[i] + WINDOW;
	}
}

/*
 * What the daemon has written: lines as the real ones, with what is on the disk
 * (a killed daemon loses what is not appended) and what is safe there (the host's
 * power may take what is not fsynced). The past is folded by the real code.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "sim.h"

#define SYNC_US 500000

enum salt { SALT_WRITE = 300, SALT_POWER };

static void write_done(struct world *w, void *unused, uint64_t upto);

static void
write_on(struct world *w)
{
	struct journal *j = &w->journal;
	int64_t at = w->now + sim_between(w, SALT_WRITE, j->base + j->n, 20, 2000);

	if (j->writing || j->appended == j->base + j->n)
		return;
	j->writing = true;
	sim_at(w, at > j->stalled_until ? at : j->stalled_until, &w->daemon->actor, write_done, NULL, j->base + j->n);
}

static void sync_done(struct world *w, void *unused, uint64_t upto);

static void
sync_on(struct world *w)
{
	struct journal *j = &w->journal;
	int64_t at = w->now + SYNC_US;

	if (j->syncing || j->safe == j->appended)
		return;
	j->syncing = true;
	sim_at(w, at > j->stalled_until ? at : j->stalled_until, &w->daemon->actor, sync_done, NULL, j->appended);
}

static void
sync_done(struct world *w, void *unused, uint64_t upto)
{
	struct journal *j = &w->journal;

	(void)unused;
	j->syncing = false;
	if (upto > j->safe)
		j->safe = upto;
	sync_on(w);
	daemon_progress(w->daemon);
}

static void
write_done(struct world *w, void *unused, uint64_t upto)
{
	struct journal *j = &w->journal;

	(void)unused;
	j->writing = false;
	if (upto > j->appended)
		j->appended = upto;
	sync_on(w);
	write_on(w);
	daemon_progress(w->daemon);
}

static void
push(struct journal *j, const char *line, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (j->n == j->cap) {
		j->cap = j->cap == 0 ? 256 : 2 * j->cap;
		j->lines = xreallocarray(j->lines, j->cap, sizeof(*j->lines));
	}
	memcpy(copy, line, len);
	copy[len] = '\0';
	j->lines[j->n++] = copy;
}

uint64_t
journal_add(struct world *w, struct buf *line)
{
	struct journal *j = &w->journal;

	push(j, line->data, line->len);
	buf_release(line);
	write_on(w);
	return j->base + j->n;
}

/* The orderly end: the loop waits for the disk. */
void
journal_sync_now(struct world *w)
{
	w->journal.appended = w->journal.safe = w->journal.base + w->journal.n;
}

static void
cut(struct journal *j, uint64_t upto)
{
	while (j->base + j->n > upto)
		free(j->lines[--j->n]);
	j->writing = j->syncing = false;
	j->stalled_until = 0;
	j->appended = upto;
}

void
journal_lose_process(struct world *w)
{
	check_records_lost(w, w->journal.appended);
	cut(&w->journal, w->journal.appended);
}

void
journal_lose_power(struct world *w)
{
	struct journal *j = &w->journal;
	uint64_t upto = (uint64_t)sim_between(w, SALT_POWER, j->appended, (int64_t)j->safe, (int64_t)j->appended);

	operator_power_lost(w, upto);
	check_records_lost(w, upto);
	cut(j, upto);
	j->safe = upto;
}

static void
clear(struct journal *j)
{
	j->base += j->n;
	while (j->n > 0)
		free(j->lines[--j->n]);
}

void
journal_begin(struct world *w, uint32_t epoch, struct past *past)
{
	struct journal *j = &w->journal;
	struct buf out = BUF_INIT(0);
	const char *line, *end;
	size_t i;

	past_init(past);
	for (i = 0; i < j->n; i++) {
		if (past_fold(past, j->lines[i], strlen(j->lines[i])) == -1)
			sim_fail(w, "journal", "a line that cannot be read: %s", j->lines[i]);
	}
	clear(j);
	j->writing = j->syncing = false;
	/* A new segment: its head, and the snapshot of what later ones need. */
	buf_xprintf(&out, "{\"type\":\"journal\",\"epoch\":%u,\"installation\":\"sim\"}\n", epoch);
	past_encode(past, &out);
	for (line = out.data; line < out.data + out.len; line = end + 1) {
		end = strchr(line, '\n');
		push(j, line, (size_t)(end - line));
	}
	buf_release(&out);
	journal_sync_now(w);
}

void
journal_release(struct world *w)
{
	clear(&w->journal);
	free(w->journal.lines);
}

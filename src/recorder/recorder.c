#include "recorder/recorder.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/reader.h"
#include "journal/recorded.h"
#include "recorder/ahead.h"

/* Rows in a transaction, at the most: one fsync for all of them. */
#define BATCH_ROWS 5000
/* Who is asked to leave while the journal grows faster than it records, leaves after this. */
#define LEAVE_US (3 * US_PER_S)
#define RETRY_MS_FIRST 200
#define RETRY_MS_MAX 10000
/* A trouble that lasts is told again after so many tries. */
#define RETRIES_SILENT 30

struct recorder {
	struct recorder_options o;
	struct store *store;		/* owned */
	struct journal_reader *reader;	/* owned */
	struct ahead *ahead;		/* owned; reads from reader */
	char installation[RECORD_INSTALLATION_SIZE]; /* whose journal this is */
	bool installation_known;
	struct store_position committed; /* of this installation, as the store has it */
	struct journal_pos at;		 /* behind the last line that was read */
	unsigned rows;			 /* in the transaction that is open */
	bool in_transaction;
	struct journal_pos published; /* told to the journal last */
	mono_t published_at;
	bool leaving;
	mono_t leave_by;
	int retry_ms;
	unsigned retries;
	char trouble[sizeof(((struct err *)0)->msg)]; /* told last; "": none */
};

/* How a part of the work ended. */
enum outcome { GO_ON, ALL_DONE, TROUBLE };

struct recorder *
recorder_new(const struct recorder_options *o)
{
	struct recorder *r = xcalloc(1, sizeof(*r));

	r->o = *o;
	r->leave_by = MONO_NEVER;
	r->retry_ms = RETRY_MS_FIRST;
	r->ahead = ahead_new();
	return r;
}

static void
detach(struct recorder *r)
{
	if (r->in_transaction)
		store_rollback(r->store);
	r->in_transaction = false;
	store_close(r->store);
	ahead_from(r->ahead, NULL);
	journal_reader_close(r->reader);
	r->store = NULL;
	r->reader = NULL;
	r->installation_known = false;
}

void
recorder_free(struct recorder *r)
{
	if (r == NULL)
		return;
	detach(r);
	ahead_free(r->ahead);
	free(r);
}

/* Has somebody asked us to leave? Waits until so, until the journal grows, or timeout_ms (-1: for ever). */
static void
wait_for(struct recorder *r, int journal_fd, int timeout_ms)
{
	struct pollfd fds[3] = {
		{ .fd = r->leaving ? -1 : r->o.leave_fd[0], .events = POLLIN },
		{ .fd = r->leaving ? -1 : r->o.leave_fd[1], .events = POLLIN },
		{ .fd = journal_fd, .events = POLLIN },
	};
	char dropped[512];
	ssize_t n;

	if (poll(fds, 3, timeout_ms) <= 0)
		return;
	for (int i = 0; i < 2; i++) {
		if (fds[i].fd == -1 || fds[i].revents == 0)
			continue;
		/* Bytes on standard input mean nothing; its end, or a signal, does. */
		n = read(fds[i].fd, dropped, sizeof(dropped));
		if (i == 0 ? n <= 0 : n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
			continue;
		r->leaving = true;
		r->leave_by = mono_add_us(mono_now(), LEAVE_US);
	}
}

/* -1, 0, 1: a is before, the same as, behind b. */
static int
compare_position(const struct store_position *a, const struct journal_pos *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static int
seek(struct recorder *r, const struct store_position *to, struct err *err)
{
	const struct journal_pos pos = { to->epoch, to->segment, to->offset };

	ahead_from(r->ahead, NULL);
	journal_reader_close(r->reader);
	r->at = pos;
	r->reader = journal_reader_open(r->o.journal, &pos, err);
	ahead_from(r->ahead, r->reader);
	return r->reader == NULL ? -1 : 0;
}

/*
 * Tell how far we are: it frees segments, and shows the daemon that we move.
 * A hint: that it fails costs space, not records. While there is much to do,
 * once a second is enough (`at_once` false).
 */
static void
publish(struct recorder *r, bool at_once)
{
	const struct journal_pos pos = { r->committed.epoch, r->committed.segment, r->committed.offset };
	const struct store_position told = { r->published.epoch, r->published.segment, r->published.offset };
	struct err err = ERR_INIT;
	mono_t now = mono_now();

	if (pos.epoch == 0 || compare_position(&told, &pos) == 0 ||
	    (!at_once && mono_diff_us(now, r->published_at) < US_PER_S))
		return;
	if (journal_recorded_write(r->o.journal, &pos, &err) == -1)
		log_warnx("journal: the position of the store is not told: %s", err.msg);
	r->published = pos;
	r->published_at = now;
}

static void
recovered(struct recorder *r)
{
	if (r->trouble[0] != '\0')
		log_info("store: works again");
	r->trouble[0] = '\0';
	r->retry_ms = RETRY_MS_FIRST;
	r->retries = 0;
}

static int
commit(struct recorder *r, struct err *err)
{
	const struct store_position pos = { r->at.epoch, r->at.segment, r->at.offset };

	if (!r->in_transaction)
		return 0;
	r->in_transaction = false;
	if (store_commit(r->store, &pos, err) == -1)
		return -1;
	r->committed = pos;
	r->rows = 0;
	recovered(r);
	publish(r, false);
	return 0;
}

/*
 * 0: in a transaction. 1: somebody else has recorded meanwhile, and we read on
 * where they are.
 */
static int
begin(struct recorder *r, struct err *err)
{
	int rc;

	if (r->in_transaction)
		return 0;
	if ((rc = store_begin(r->store, r->installation, &r->committed, err)) == 0) {
		r->in_transaction = true;
		return 0;
	}
	if (rc == 1 && seek(r, &r->committed, err) == -1)
		return -1;
	return rc;
}

/* Whose lines follow? The position is kept for each installation. 1: we read on elsewhere. */
static int
take_header(struct recorder *r, const char *installation, struct err *err)
{
	if (r->installation_known && strcmp(r->installation, installation) == 0)
		return 0;
	if (commit(r, err) == -1)
		return -1;
	memcpy(r->installation, installation, strlen(installation) + 1);
	r->installation_known = true;
	if (store_position(r->store, r->installation, &r->committed, err) == -1)
		return -1;
	/* Never back: lines that lie behind us were of another installation. */
	if (compare_position(&r->committed, &r->at) <= 0)
		return 0;
	return seek(r, &r->committed, err) == -1 ? -1 : 1;
}

static int
take_record(struct recorder *r, const struct batch_line *l, struct err *err)
{
	const struct store_reject *bad = &l->record.reject;
	enum store_put_result result;
	int rc;

	if ((rc = begin(r, err)) != 0)
		return rc;
	if (l->kind == RECORD_OBSERVATION) {
		rc = store_put(r->store, &l->record.observation, &result, err);
	} else if (l->kind == RECORD_EVIDENCE) {
		rc = store_put_evidence(r->store, &l->record.evidence, err);
	} else {
		log_debug("quarantine: %s: %.*s", bad->reason, (int)(bad->line.n > 200 ? 200 : bad->line.n), bad->line.p);
		rc = store_quarantine(r->store, bad, err);
	}
	if (rc == -1)
		r->in_transaction = false;
	r->rows++;
	return rc;
}

/* 0: taken, r->at is behind it; 1: we stand elsewhere now, and the batch is of no use any more. */
static int
take_line(struct recorder *r, const struct batch_line *l, struct err *err)
{
	const struct journal_pos after = l->after;
	int rc = 0;

	switch (l->kind) {
	case RECORD_OTHER:
		break;
	case RECORD_HEADER:
		rc = take_header(r, l->record.installation, err);
		break;
	case RECORD_OBSERVATION:
	case RECORD_EVIDENCE:
	case RECORD_REJECT:
		if (!r->installation_known)
			rc = take_header(r, "", err);
		if (rc == 0)
			rc = take_record(r, l, err);
		break;
	}
	if (rc == 0)
		r->at = after;
	return rc;
}

/* The store and the journal from its oldest line: the head there says whose it is, and so from where to go on. */
static int
attach(struct recorder *r, struct err *err)
{
	const struct store_position oldest = { 0, 0, 0 };

	if ((r->store = store_open(r->o.store, STORE_WRITE, err)) == NULL)
		return -1;
	return seek(r, &oldest, err);
}

/* Keep a position that no row came with, so that the segments before it can go. */
static int
save_position(struct recorder *r, struct err *err)
{
	if (r->in_transaction || !r->installation_known || compare_position(&r->committed, &r->at) >= 0)
		return 0;
	switch (begin(r, err)) {
	case 0:
		return commit(r, err);
	case 1:
		return 0;
	default:
		return -1;
	}
}

/* All is read that there is. */
static enum outcome
rest(struct recorder *r, struct err *err)
{
	bool last = r->o.once || r->leaving;

	if (commit(r, err) == -1)
		return TROUBLE;
	if ((last || r->committed.segment != r->at.segment || r->committed.epoch != r->at.epoch) &&
	    save_position(r, err) == -1)
		return TROUBLE;
	publish(r, true);
	if (last)
		return ALL_DONE;
	wait_for(r, journal_reader_fd(r->reader), -1);
	return GO_ON;
}

/* A transaction is full. */
static enum outcome
commit_full(struct recorder *r, struct err *err)
{
	if (commit(r, err) == -1)
		return TROUBLE;
	wait_for(r, -1, 0);
	if (!r->leaving || mono_before(mono_now(), r->leave_by))
		return GO_ON;
	publish(r, true);
	return ALL_DONE;
}

static enum outcome
step(struct recorder *r, struct err *err)
{
	const struct batch *b = ahead_next(r->ahead);

	if (b->skipped)
		log_warnx("journal: what follows %u-%u:%llu is gone; going on with the oldest that is there", r->at.epoch,
		    r->at.segment, (unsigned long long)r->at.offset);
	for (size_t i = 0; i < b->n; i++) {
		switch (take_line(r, &b->lines[i], err)) {
		case 0:
			break;
		case 1:
			return GO_ON;
		default:
			return TROUBLE;
		}
	}
	if (b->any)
		r->at = b->end;
	if (b->rc == -1) {
		*err = b->err;
		return TROUBLE;
	}
	if (!b->more)
		return rest(r, err);
	return r->rows < BATCH_ROWS ? GO_ON : commit_full(r, err);
}

/* 0: try again, -1: it is of no use. */
static int
retry(struct recorder *r, struct err *err)
{
	detach(r);
	if (!store_error_passes(err) || r->o.once || r->leaving)
		return -1;
	if (strcmp(r->trouble, err->msg) != 0 || r->retries % RETRIES_SILENT == 0)
		log_warnx("%s; nothing is lost, trying again", err->msg);
	memcpy(r->trouble, err->msg, sizeof(r->trouble));
	r->retries++;
	wait_for(r, -1, r->retry_ms);
	r->retry_ms = r->retry_ms * 2 > RETRY_MS_MAX ? RETRY_MS_MAX : r->retry_ms * 2;
	*err = (struct err)ERR_INIT;
	return 0;
}

int
recorder_run(struct recorder *r, struct err *err)
{
	enum outcome outcome;

	for (;;) {
		outcome = r->reader == NULL && attach(r, err) == -1 ? TROUBLE : step(r, err);
		switch (outcome) {
		case GO_ON:
			break;
		case ALL_DONE:
			detach(r);
			return 0;
		case TROUBLE:
			if (retry(r, err) == -1)
				return -1;
			break;
		}
	}
}

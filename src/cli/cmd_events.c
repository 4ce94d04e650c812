/* trapexit events: the journal, told to people. It needs no daemon. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/event_text.h"
#include "cli/lines.h"
#include "cli/place.h"
#include "cli/term.h"
#include "journal/names.h"
#include "journal/reader.h"
#include "wire/event_match.h"
#include "wire/name_match.h"

#define FOLLOW_LINES 10
/* Segments last written this long before --since are passed over; clocks are set now and then. */
#define SINCE_MARGIN_MS INT64_C(3600000)

struct events {
	struct cli *cli;
	struct teller *teller;
	int64_t since_ms; /* 0: all */
	int64_t last_t_ms; /* records without a time happened about then */
	struct lines *last; /* the last --lines, until all is read; NULL: print at once */
	struct buf held; /* an exit whose report may follow: its line without the newline */
	uint64_t held_token;
	struct strvec types; /* --type; empty: all */
};

static void
emit(struct events *ev, const char *text, size_t len)
{
	if (ev->last != NULL) {
		lines_add(ev->last, text, len);
		return;
	}
	fwrite(text, 1, len, stdout);
	putchar('\n');
}

static void
emit_held(struct events *ev)
{
	if (ev->held.len > 0)
		emit(ev, ev->held.data, ev->held.len);
	buf_clear(&ev->held);
	ev->held_token = 0;
}

/* Those that are asked for by their type are shown, details or not. */
static bool
is_of_types(const struct events *ev, const char *line, size_t len)
{
	struct event_record rec;

	if (event_scan(line, len, &rec) == -1)
		return false;
	for (size_t i = 0; i < ev->types.n; i++)
		if (event_is(&rec, ev->types.v[i]))
			return true;
	return false;
}

static bool
is_wanted(const struct events *ev, const struct event *e, enum tell tell, const char *line, size_t len)
{
	const struct cli *cli = ev->cli;

	if (tell == TELL_NOTHING || ev->last_t_ms < ev->since_ms)
		return false;
	if (ev->types.n > 0 ? !is_of_types(ev, line, len) : tell == TELL_DETAIL && !cli->all)
		return false;
	for (int i = 0; i < cli->n_args; i++) {
		if (e->child != NULL && name_fits(cli->args[i], e->child))
			return true;
	}
	return cli->n_args == 0;
}

static void
put_text(const struct events *ev, const struct event *e, struct buf *out)
{
	int64_t t = e->t_ms != 0 ? e->t_ms : ev->last_t_ms;
	bool color = ev->cli->color;
	char time[TERM_TIME_SIZE];

	buf_xprintf(out, "%s%s%s ", color ? TERM_DIM : "", term_time(t, wall_ms(), time), color ? TERM_PLAIN : "");
	if (color && e->alarm)
		buf_xaddstr(out, TERM_RED);
	if (e->child != NULL) {
		/* The root has no name of its own. */
		term_put_safe(out, *e->child != '\0' ? e->child : "root", *e->child != '\0' ? strlen(e->child) : 4);
		buf_xaddc(out, ' ');
	}
	buf_xaddstr(out, e->text);
	if (color && e->alarm)
		buf_xaddstr(out, TERM_PLAIN);
}

/* {"version":1,"text":"...","record":{...}} */
static void
put_json(const struct event *e, const char *line, size_t len, struct buf *out)
{
	buf_xaddstr(out, "{\"version\":1");
	json_put_str(out, "text", e->text);
	json_put_raw(out, "record", line, len);
	buf_xaddc(out, '}');
}

/* One line of the journal. */
static void
take_record(struct events *ev, const char *line, size_t len)
{
	struct buf out = BUF_INIT(0);
	struct event e;
	enum tell tell = teller_tell(ev->teller, line, len, ev->cli->all || ev->types.n > 0, &e);

	if (e.t_ms != 0)
		ev->last_t_ms = e.t_ms;
	/* The supervisor's report on the exit before: in the same line. */
	if (e.behind != NULL && ev->held_token != 0 && e.token == ev->held_token) {
		buf_xaddstr(&ev->held, e.behind);
		emit_held(ev);
		return;
	}
	if (!is_wanted(ev, &e, tell, line, len))
		return;
	emit_held(ev);
	if (ev->cli->json)
		put_json(&e, line, len, &out);
	else
		put_text(ev, &e, &out);
	if (e.exit && !ev->cli->json) {
		buf_xadd(&ev->held, out.data, out.len);
		ev->held_token = e.token;
	} else {
		emit(ev, out.data, out.len);
	}
	buf_release(&out);
}

/* All that is there now; 0, or -1 with err. */
static int
read_all(struct events *ev, struct journal_reader *r, struct err *err)
{
	struct journal_pos pos;
	const char *line;
	size_t len;
	int n;

	while ((n = journal_reader_next(r, &line, &len, &pos, err)) == 1) {
		take_record(ev, line, len);
		if (ferror(stdout))
			break;
	}
	emit_held(ev);
	return n;
}

static int
follow(struct events *ev, struct journal_reader *r, struct err *err)
{
	while (fflush(stdout) == 0) {
		struct pollfd p[2] = { { .fd = journal_reader_fd(r), .events = POLLIN },
			/* Whoever reads us has left: `events -f | head`. */
			{ .fd = STDOUT_FILENO } };

		if (poll(p, 2, -1) == -1 && errno != EINTR)
			return err_sys(err, errno, "poll");
		if ((p[1].revents & (POLLERR | POLLNVAL)) != 0)
			return 0;
		if (read_all(ev, r, err) == -1)
			return -1;
	}
	return 0;
}

/* Segments are passed over while they are older, but for the last of them: it knows what ran. */
static size_t
first_by_time(const struct segment_list *list, const char *dir, int64_t since_ms)
{
	size_t first = 0;

	for (size_t i = 0; i < list->n; i++) {
		char name[SEGMENT_NAME_SIZE];
		char *path = xasprintf("%s/%s", dir, segment_name_text(list->v[i], name));
		struct stat st;
		bool older = stat(path, &st) == 0 && (int64_t)st.st_mtime * 1000 < since_ms - SINCE_MARGIN_MS;

		free(path);
		if (!older)
			break;
		first = i;
	}
	return first;
}

/* Read from segment `first` on; the reader stays open for who wants to follow. */
static struct journal_reader *
read_from(struct events *ev, const char *dir, const struct segment_list *list, size_t first, struct err *err)
{
	struct journal_pos pos = { 0, 0, 0 };
	struct journal_reader *r;

	if (first < list->n)
		pos = (struct journal_pos){ list->v[first].epoch, list->v[first].number, 0 };
	r = journal_reader_open(dir, &pos, err);
	if (r == NULL)
		return NULL;
	journal_reader_unsynced(r, true);
	if (read_all(ev, r, err) == -1) {
		journal_reader_close(r);
		return NULL;
	}
	return r;
}

static void
start_over(struct events *ev)
{
	teller_free(ev->teller);
	ev->teller = teller_new();
	ev->last_t_ms = 0;
	lines_clear(ev->last);
}

/*
 * With --lines the segments are read from the end: the last one, the last two,
 * the last four and so on, until there are lines enough.
 */
static struct journal_reader *
read_journal(struct events *ev, const char *dir, const struct segment_list *list, struct err *err)
{
	size_t least = ev->since_ms > 0 ? first_by_time(list, dir, ev->since_ms) : 0, back = 1, first;
	struct journal_reader *r;

	if (ev->last == NULL)
		return read_from(ev, dir, list, least, err);
	for (;;) {
		first = list->n - least > back ? list->n - back : least;
		r = read_from(ev, dir, list, first, err);
		if (r == NULL || first <= least || lines_full(ev->last))
			return r;
		journal_reader_close(r);
		start_over(ev);
		back *= 2;
	}
}

static void
print_last(struct events *ev)
{
	if (ev->last == NULL)
		return;
	lines_print(ev->last, stdout);
	lines_free(ev->last);
	ev->last = NULL;
}

static int
no_journal(const char *dir, const struct err *err)
{
	if (err->code == ENOENT)
		return complain("no journal in %s: has trapexitd ever run there? "
				"--config or --state-dir say where to look",
		    dir);
	if (err->code == EACCES)
		return complain("%s: permission denied; the journal is for its owner and root", dir);
	return complain("%s", err->msg);
}

static int
tell_events(struct events *ev, const char *dir)
{
	struct segment_list list = { 0 };
	struct journal_reader *r;
	struct err err = ERR_INIT;
	int status = EXITCODE_OK;

	if (segment_list_read(dir, &list, &err) == -1)
		return no_journal(dir, &err);
	r = read_journal(ev, dir, &list, &err);
	segment_list_release(&list);
	if (r == NULL)
		return no_journal(dir, &err);
	print_last(ev);
	if (ev->cli->follow && follow(ev, r, &err) == -1)
		status = complain("%s", err.msg);
	journal_reader_close(r);
	return status;
}

/* "exit,alarm:hung"; -1 with the fault said. */
static int
take_types(struct events *ev, const char *text, struct err *err)
{
	const char *p = text;
	char *type;
	size_t n;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		type = xstrndup(p, n);
		strvec_push_nodup(&ev->types, type);
		if (event_type_check(type, err) == -1)
			return -1;
		if (p[n] == '\0')
			return 0;
	}
}

int
cmd_events(struct cli *cli)
{
	struct events ev = { .cli = cli, .held = BUF_INIT(0), .types = STRVEC_INIT };
	size_t n = cli->follow && cli->since == NULL ? FOLLOW_LINES : LINES_ALL;
	struct err err = ERR_INIT;
	int status;

	if (cli->since != NULL && term_since_parse(cli->since, wall_ms(), &ev.since_ms) == -1)
		return complain_usage("events", "--since: not a time: %s", cli->since);
	if (cli->lines != NULL && lines_parse(cli->lines, &n) == -1)
		return complain_usage("events", "--lines: not a number, nor \"all\": %s", cli->lines);
	if (cli->type != NULL && take_types(&ev, cli->type, &err) == -1) {
		strvec_release(&ev.types);
		return complain_usage("events", "--type: %s", err.msg);
	}
	ev.last = n == LINES_ALL ? NULL : lines_new(n);
	ev.teller = teller_new();
	status = tell_events(&ev, place_get(cli)->journal_dir);
	teller_free(ev.teller);
	lines_free(ev.last);
	buf_release(&ev.held);
	strvec_release(&ev.types);
	return status;
}

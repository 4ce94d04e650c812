/* trapexit logs: what children wrote. It needs no daemon. */
#include "config.h"

#include <sys/inotify.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/children.h"
#include "cli/lines.h"
#include "cli/log_tail.h"
#include "cli/place.h"
#include "cli/term.h"
#include "wire/name_match.h"

#define LINES_DEFAULT 10

struct logs {
	const struct cli *cli;
	struct log_tail **tails; /* owned, with the tails */
	struct one {
		const struct logs *logs;
		char *name; /* owned */
	} * ones; /* one for each tail */
	size_t n;
	size_t name_width;
	bool safe; /* for a terminal */
};

static void
print_line(const char *line, size_t len, void *arg)
{
	const struct one *one = arg;
	const struct logs *l = one->logs;
	struct buf out = BUF_INIT(0);

	if (l->n > 1)
		buf_xprintf(&out, "%s%-*s |%s ", l->cli->color ? TERM_DIM : "", (int)l->name_width, one->name,
		    l->cli->color ? TERM_PLAIN : "");
	if (l->safe)
		term_put_safe(&out, line, len);
	else
		buf_xadd(&out, line, len);
	buf_xaddc(&out, '\n');
	fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
}

static int
print_last(struct logs *l, size_t lines)
{
	int status = EXITCODE_OK;

	for (size_t i = 0; i < l->n; i++) {
		struct err err = ERR_INIT;
		int n = log_tail_last(l->tails[i], lines, &err);

		if (n == -1)
			status = complain("%s", err.msg);
		if (n == 0 && !l->cli->follow)
			status = complain(
			    "%s has no log yet: %s is not there", l->ones[i].name, log_tail_path(l->tails[i]));
		if (!l->cli->follow)
			log_tail_flush(l->tails[i]);
	}
	return status;
}

/* Its folder, or as long as that is not there, the one above. */
static void
watch_folder(int in, const char *path)
{
	char *folder = xstrdup(path), *slash;

	while ((slash = strrchr(folder, '/')) != NULL) {
		*slash = '\0';
		if (inotify_add_watch(in, *folder == '\0' ? "/" : folder, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) != -1)
			break;
	}
	free(folder);
}

/* To be told when there may be more. Watching twice is watching once. */
static void
watch(int in, const struct log_tail *t)
{
	char file[64];

	watch_folder(in, log_tail_path(t));
	if (log_tail_fd(t) == -1)
		return;
	/* By its descriptor: the very file that we read, whatever its name is now. */
	snprintf(file, sizeof(file), "/proc/self/fd/%d", log_tail_fd(t));
	inotify_add_watch(in, file, IN_MODIFY | IN_MOVE_SELF);
}

/* Wait for a change; 0: nobody reads us any more. */
static int
wait_for_change(int in, struct err *err)
{
	struct pollfd p[2] = { { .fd = in, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	char events[4096] __attribute__((aligned(8)));

	if (poll(p, 2, -1) == -1 && errno != EINTR)
		return err_sys(err, errno, "poll");
	if ((p[1].revents & (POLLERR | POLLNVAL)) != 0)
		return 0;
	while (read(in, events, sizeof(events)) > 0)
		continue;
	return 1;
}

static int
follow(struct logs *l)
{
	int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), n = 1;
	struct err err = ERR_INIT;

	if (in == -1)
		return complain("inotify: %s", strerror(errno));
	while (n == 1) {
		/* First the watch, then the look: what comes between is seen by one of them. */
		for (size_t i = 0; i < l->n && n != -1; i++) {
			watch(in, l->tails[i]);
			if (log_tail_more(l->tails[i], &err) == -1)
				n = -1;
			watch(in, l->tails[i]);
			if (n != -1 && log_tail_more(l->tails[i], &err) == -1)
				n = -1;
		}
		if (fflush(stdout) == EOF)
			break;
		if (n == 1)
			n = wait_for_change(in, &err);
	}
	close(in);
	return n == -1 ? complain("%s", err.msg) : EXITCODE_OK;
}

/* Which children are meant, of those configured and those that have logs. */
static int
resolve(struct cli *cli, struct strvec *paths, bool *chosen)
{
	int status = EXITCODE_OK;

	for (int i = 0; i < cli->n_args; i++) {
		struct err err = ERR_INIT;

		if (name_resolve(cli->args[i], (const char *const *)paths->v, paths->n, chosen, &err) == -1)
			status = complain("%s; logs are looked for in %s", err.msg, place_get(cli)->log_dir);
	}
	return status;
}

static void
logs_add(struct logs *l, const char *child)
{
	char *path = place_log_file(l->cli->place, child);
	size_t len = strlen(child);

	l->ones[l->n] = (struct one){ l, xstrdup(child) };
	l->tails[l->n] = log_tail_new(path, print_line, &l->ones[l->n]);
	l->n++;
	if (len > l->name_width)
		l->name_width = len;
	free(path);
}

static void
logs_release(struct logs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		log_tail_free(l->tails[i]);
		free(l->ones[i].name);
	}
	free(l->tails);
	free(l->ones);
}

static int
show(struct cli *cli, struct strvec *paths, const bool *chosen, size_t lines)
{
	struct logs l = { .cli = cli, .safe = isatty(STDOUT_FILENO) == 1 };
	int status;

	l.tails = xcalloc(paths->n + 1, sizeof(struct log_tail *));
	l.ones = xcalloc(paths->n + 1, sizeof(*l.ones));
	for (size_t i = 0; i < paths->n; i++) {
		if (chosen[i])
			logs_add(&l, paths->v[i]);
	}
	status = print_last(&l, lines);
	if (cli->follow && status == EXITCODE_OK)
		status = follow(&l);
	logs_release(&l);
	return status;
}

int
cmd_logs(struct cli *cli)
{
	struct strvec paths = STRVEC_INIT;
	size_t lines = LINES_DEFAULT;
	bool *chosen;
	int status;

	if (cli->lines != NULL && lines_parse(cli->lines, &lines) == -1)
		return complain_usage("logs", "--lines: not a number, nor \"all\": %s", cli->lines);
	if (cli->json)
		return complain_usage("logs", "logs are what children wrote; there is no --json of them");
	children_configured(place_get(cli), &paths);
	children_with_logs(place_get(cli), &paths);
	chosen = xcalloc(paths.n + 1, sizeof(*chosen));
	status = resolve(cli, &paths, chosen);
	if (status == EXITCODE_OK)
		status = show(cli, &paths, chosen, lines);
	free(chosen);
	strvec_release(&paths);
	return status;
}

/* trapexit status. */
#include "config.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mono.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/jget.h"
#include "cli/rpc.h"
#include "cli/status_view.h"
#include "cli/term.h"

/* The other screen, no cursor, lines that are too long cut instead of wrapped; and back. */
#define SCREEN_ENTER "\033[?1049h\033[?25l\033[?7l"
#define SCREEN_LEAVE "\033[?7h\033[?25h\033[?1049l"
/* Signals wait while we ask. */
#define WATCH_PATIENCE_MS 1000

static int
ask(struct cli *cli, int patience_ms, struct control_reply *reply, struct err *err)
{
	struct control_request rq = {
		.id = (char[]){ "1" }, .method = CONTROL_STATUS, .names = cli->args, .n_names = (size_t)cli->n_args,
		.sources = cli->sources
	};

	return rpc_call(cli, &rq, patience_ms, reply, err);
}

static void
count_not_running(struct json_object *child, void *arg)
{
	const char *state = jget_str(child, "state");

	if (state == NULL || strcmp(state, "running") != 0)
		++*(size_t *)arg;
}

/* As LSB has it: with names, what the children do; without, that trapexitd is there. */
static int
exit_status(const struct cli *cli, struct json_object *status)
{
	size_t not_running = 0;

	if (cli->n_args == 0)
		return EXITCODE_OK;
	status_each_child(status, count_not_running, &not_running);
	return not_running == 0 ? EXITCODE_OK : EXITCODE_NOT_RUNNING;
}

/* So that a program finds the same members whether trapexitd runs or not. */
static int
no_reply(const struct cli *cli, const struct err *err)
{
	if (cli->json && rpc_is_down(err))
		puts("{\"version\":1,\"daemon\":null,\"nodes\":[],\"tree\":null}");
	rpc_complain(err);
	return rpc_is_down(err) ? EXITCODE_NOT_RUNNING : EXITCODE_UNKNOWN;
}

static int
refused(const struct control_reply *reply)
{
	for (size_t i = 0; i < reply->n_failures; i++)
		complain("%s", reply->failures[i].error);
	if (reply->n_failures == 0)
		complain("%s", reply->message);
	return EXITCODE_UNKNOWN;
}

static int
show(struct cli *cli, struct json_object *status, struct buf *out, struct err *err)
{
	struct status_view view = { .width = term_width(), .color = cli->color, .now_ms = wall_ms() };

	if (cli->json) {
		buf_xprintf(out, "%s\n",
		    json_object_to_json_string_ext(status, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		return 0;
	}
	return status_view(status, &view, out, err);
}

static int
status_once(struct cli *cli)
{
	struct control_reply reply;
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;
	int result;

	if (ask(cli, RPC_PATIENCE_MS, &reply, &err) == -1)
		return no_reply(cli, &err);
	if (reply.code != 0)
		result = refused(&reply);
	else if (show(cli, reply.result, &out, &err) == -1)
		result = rpc_complain(&err);
	else
		result = exit_status(cli, reply.result);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	control_reply_release(&reply);
	return result;
}

/* What is to be seen now: the status, or why there is none. */
static void
frame_text(struct cli *cli, struct buf *out)
{
	struct control_reply reply;
	struct err err = ERR_INIT;
	char now[TERM_TIME_SIZE], safe[4096];

	if (ask(cli, WATCH_PATIENCE_MS, &reply, &err) == 0) {
		if (reply.code != 0)
			err_set(&err, reply.code, "%s", reply.message);
		else
			show(cli, reply.result, out, &err);
		control_reply_release(&reply);
	}
	if (err.msg[0] != '\0')
		buf_xprintf(
		    out, "%s %s\n", term_time(wall_ms(), wall_ms(), now), term_safe(err.msg, safe, sizeof(safe)));
}

/*
 * One write a frame, over the old one: no flicker. Each line clears what is
 * behind it; the last line of the screen gets no newline, which would scroll.
 */
static void
frame_draw(const struct buf *text)
{
	struct buf out = BUF_INIT(0);
	unsigned rows = term_height(), row = 0;
	const char *p = text->data;

	buf_xaddstr(&out, "\033[H");
	while (p != NULL && *p != '\0' && row < rows) {
		size_t len = strcspn(p, "\n");

		buf_xprintf(&out, "%s%.*s\033[K", row++ > 0 ? "\r\n" : "", (int)len, p);
		p += len + (p[len] == '\n');
	}
	buf_xaddstr(&out, "\033[J");
	fwrite(out.data, 1, out.len, stdout);
	fflush(stdout);
	buf_release(&out);
}

/* The signals that matter, as a descriptor: none is missed, and no handler runs. */
static int
signals_open(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until the next frame is due (a new size makes it due at once); false: it is enough. */
static bool
watch_wait(int signals, int64_t us)
{
	struct pollfd p = { .fd = signals, .events = POLLIN };
	struct timespec pause = { us / US_PER_S, us % US_PER_S * 1000 };
	struct signalfd_siginfo si;
	bool goes_on = true;

	ppoll(&p, 1, &pause, NULL);
	while (read(signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
		goes_on = goes_on && si.ssi_signo == SIGWINCH;
	return goes_on;
}

static int
status_watch(struct cli *cli)
{
	bool screen = isatty(STDOUT_FILENO) == 1;
	int signals = signals_open();

	if (signals == -1)
		return complain("signalfd: %s", strerror(errno));
	if (screen)
		fputs(SCREEN_ENTER, stdout);
	do {
		struct buf text = BUF_INIT(0);

		frame_text(cli, &text);
		if (screen)
			frame_draw(&text);
		else
			printf("%s\n", text.data);
		buf_release(&text);
	} while (fflush(stdout) == 0 && watch_wait(signals, cli->watch_us));
	if (screen)
		fputs(SCREEN_LEAVE, stdout);
	close(signals);
	return EXITCODE_OK;
}

int
cmd_status(struct cli *cli)
{
	return cli->watch ? status_watch(cli) : status_once(cli);
}

#include "config.h"

#include "core/reason.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/attr.h"

/* Names of errors are looked for below this. */
#define ERRNO_MAX 4096

static bool
is_success_code(const struct child_spec *spec, int code)
{
	return spec->success_codes[code / 8] >> (code % 8) & 1;
}

static int
stop_signal_of(const struct child_spec *spec)
{
	return spec->stop_signal != 0 ? spec->stop_signal : SIGTERM;
}

static bool
is_success_signal(const struct child_spec *spec, int sig)
{
	return sig == SIGTERM || sig == stop_signal_of(spec) || (sig < 64 && (spec->success_signals >> sig & 1));
}

/* The rows of S15 in their order; those for links and lost nodes are the caller's. */
struct exit_reason
reason_from_status(const struct child_spec *spec, int wait_status, bool ordered)
{
	struct exit_reason r = { REASON_EXIT, 0, STEP_NONE, false };

	if (WIFSIGNALED(wait_status)) {
		r.number = WTERMSIG(wait_status);
		r.core_dumped = WCOREDUMP(wait_status);
		if (is_success_signal(spec, r.number))
			r.kind = REASON_SHUTDOWN;
		else
			r.kind = r.number == SIGKILL ? REASON_KILLED : REASON_SIGNAL;
		return r;
	}
	r.number = WEXITSTATUS(wait_status);
	if (ordered && (r.number == 0 || r.number == 128 + stop_signal_of(spec)))
		r.kind = REASON_SHUTDOWN;
	else if (r.number == 0)
		r.kind = REASON_NORMAL;
	else if (is_success_code(spec, r.number))
		r.kind = REASON_SHUTDOWN_CODE;
	return r;
}

bool
reason_is_normal(const struct exit_reason *r)
{
	switch (r->kind) {
	case REASON_NORMAL:
	case REASON_SHUTDOWN:
	case REASON_SHUTDOWN_CODE:
		return true;
	case REASON_NONE:
	case REASON_KILLED:
	case REASON_SIGNAL:
	case REASON_EXIT:
	case REASON_NOCONNECTION:
	case REASON_START_ERROR:
	case REASON_NOPROC:
	case REASON_KILL:
		break;
	}
	return false;
}

static const char *const step_names[] = {
	[STEP_NONE] = "none",
	[STEP_FORK] = "fork",
	[STEP_SESSION] = "session",
	[STEP_LIMIT] = "limit",
	[STEP_PRIORITY] = "priority",
	[STEP_USER] = "user",
	[STEP_CHDIR] = "chdir",
	[STEP_STDIO] = "stdio",
	[STEP_EXEC] = "exec",
	[STEP_LEASE] = "lease",
	[STEP_TIMEOUT] = "timeout",
	[STEP_EXITED] = "exited",
};
_Static_assert(ARRAY_LEN(step_names) == STEP_EXITED + 1, "a name for each step");

const char *
start_step_name(enum start_step step)
{
	return (size_t)step < ARRAY_LEN(step_names) ? step_names[step] : "unknown";
}

static const char *
signal_text(int sig, char buf[REASON_TEXT_SIZE])
{
	const char *name = sigabbrev_np(sig);

	if (name != NULL)
		snprintf(buf, REASON_TEXT_SIZE, "{signal,SIG%s}", name);
	else
		snprintf(buf, REASON_TEXT_SIZE, "{signal,%d}", sig);
	return buf;
}

static const char *
start_error_text(const struct exit_reason *r, char buf[REASON_TEXT_SIZE])
{
	const char *step = start_step_name(r->step), *name = strerrorname_np(r->number);

	/* The agent's timer says ETIMEDOUT, the tree's nothing; they race, and it is one reason. */
	if (r->number == 0 || r->step == STEP_TIMEOUT)
		snprintf(buf, REASON_TEXT_SIZE, "{start_error,%s}", step);
	else if (name != NULL)
		snprintf(buf, REASON_TEXT_SIZE, "{start_error,%s,%s}", step, name);
	else
		snprintf(buf, REASON_TEXT_SIZE, "{start_error,%s,%d}", step, r->number);
	return buf;
}

const char *
reason_text(const struct exit_reason *r, char buf[REASON_TEXT_SIZE])
{
	const char *word = "none";

	switch (r->kind) {
	case REASON_NONE:
		break;
	case REASON_NORMAL:
		word = "normal";
		break;
	case REASON_SHUTDOWN:
		word = "shutdown";
		break;
	case REASON_KILLED:
		word = "killed";
		break;
	case REASON_NOCONNECTION:
		word = "noconnection";
		break;
	case REASON_NOPROC:
		word = "noproc";
		break;
	case REASON_KILL:
		word = "kill";
		break;
	case REASON_SHUTDOWN_CODE:
		snprintf(buf, REASON_TEXT_SIZE, "{shutdown,%d}", r->number);
		return buf;
	case REASON_SIGNAL:
		return signal_text(r->number, buf);
	case REASON_EXIT:
		snprintf(buf, REASON_TEXT_SIZE, "{exit,%d}", r->number);
		return buf;
	case REASON_START_ERROR:
		return start_error_text(r, buf);
	}
	snprintf(buf, REASON_TEXT_SIZE, "%s", word);
	return buf;
}

static int
parse_word(const char *text, struct exit_reason *r)
{
	static const struct {
		const char *word;
		enum reason_kind kind;
	} words[] = {
		{ "normal", REASON_NORMAL },
		{ "shutdown", REASON_SHUTDOWN },
		{ "killed", REASON_KILLED },
		{ "noconnection", REASON_NOCONNECTION },
		{ "noproc", REASON_NOPROC },
		{ "kill", REASON_KILL },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, text) == 0) {
			r->kind = words[i].kind;
			return 0;
		}
	}
	return -1;
}

/* "3}": a number from 0 to max with what closes the term. */
static int
parse_number(const char *text, int max, int *number)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9' && n <= max; i++)
		n = 10 * n + (text[i] - '0');
	if (i == 0 || n > max || strcmp(text + i, "}") != 0)
		return -1;
	*number = (int)n;
	return 0;
}

/* "SIGSEGV}" */
static int
parse_signal(const char *text, int *number)
{
	char name[REASON_TEXT_SIZE];
	int sig;

	for (sig = 1; sig < NSIG; sig++) {
		if (sigabbrev_np(sig) == NULL)
			continue;
		snprintf(name, sizeof(name), "SIG%s}", sigabbrev_np(sig));
		if (strcmp(name, text) == 0) {
			*number = sig;
			return 0;
		}
	}
	return parse_number(text, NSIG - 1, number);
}

/* "exec}", "exec,ENOENT}" */
static int
parse_start_error(const char *text, struct exit_reason *r)
{
	size_t n = strcspn(text, ",}"), i;
	const char *name;
	int error;

	for (i = STEP_FORK; i < ARRAY_LEN(step_names); i++) {
		if (strlen(step_names[i]) == n && strncmp(step_names[i], text, n) == 0)
			break;
	}
	if (i == ARRAY_LEN(step_names))
		return -1;
	r->step = (enum start_step)i;
	text += n;
	if (strcmp(text, "}") == 0)
		return 0;
	if (*text++ != ',')
		return -1;
	for (error = 1; error < ERRNO_MAX; error++) {
		name = strerrorname_np(error);
		if (name != NULL && strncmp(name, text, strlen(name)) == 0 && strcmp(text + strlen(name), "}") == 0) {
			r->number = error;
			return 0;
		}
	}
	return parse_number(text, INT_MAX, &r->number);
}

int
reason_parse(const char *text, struct exit_reason *r)
{
	*r = (struct exit_reason){ REASON_NONE, 0, STEP_NONE, false };
	if (text[0] != '{')
		return parse_word(text, r);
	if (strncmp(text, "{exit,", 6) == 0) {
		r->kind = REASON_EXIT;
		return parse_number(text + 6, 255, &r->number);
	}
	if (strncmp(text, "{shutdown,", 10) == 0) {
		r->kind = REASON_SHUTDOWN_CODE;
		return parse_number(text + 10, 255, &r->number);
	}
	if (strncmp(text, "{signal,", 8) == 0) {
		r->kind = REASON_SIGNAL;
		return parse_signal(text + 8, &r->number);
	}
	if (strncmp(text, "{start_error,", 13) == 0) {
		r->kind = REASON_START_ERROR;
		return parse_start_error(text + 13, r);
	}
	return -1;
}

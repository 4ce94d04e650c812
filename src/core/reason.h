/*
 * Why an incarnation ended (S15), decided once and passed on as a value.
 */
#ifndef TRAPEXIT_CORE_REASON_H
#define TRAPEXIT_CORE_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/spec.h"

enum reason_kind {
	REASON_NONE,	      /* has not ended yet */
	REASON_NORMAL,	      /* exit code 0 */
	REASON_SHUTDOWN,      /* ordered, or by a signal that counts as success */
	REASON_SHUTDOWN_CODE, /* another code in success_codes: {shutdown,Code} */
	REASON_KILLED,	      /* SIGKILL */
	REASON_SIGNAL,	      /* {signal,NAME} */
	REASON_EXIT,	      /* {exit,N} */
	REASON_NOCONNECTION,  /* agent or node lost, no exit record */
	REASON_START_ERROR,   /* never came to life: step and errno */
	REASON_NOPROC,	      /* S91, S99: nobody lives under that name */
	REASON_KILL,	      /* only asked for (S95): who is told so ends as REASON_KILLED */
};

/* Where a start failed; the agent reports it, with errno. */
enum start_step {
	STEP_NONE, STEP_FORK, STEP_SESSION, STEP_LIMIT, STEP_PRIORITY, STEP_USER, STEP_CHDIR, STEP_STDIO,
	STEP_EXEC, STEP_LEASE, STEP_TIMEOUT, STEP_EXITED /* ended before it was ready (S25) */
};

struct exit_reason {
	enum reason_kind kind;
	int number; /* exit code, signal, or errno, by kind */
	enum start_step step;
	bool core_dumped;
};

/*
 * S15: the reason of an incarnation that was reaped with this raw wait status.
 * `ordered` says that we had told it to stop.
 */
struct exit_reason reason_from_status(const struct child_spec *spec, int wait_status, bool ordered);
/* Normal-class: normal, shutdown, {shutdown,X}. All others are abnormal-class. */
bool reason_is_normal(const struct exit_reason *r);
/*
 * As OTP prints it, for people and for JSON: "normal", "shutdown",
 * "{shutdown,3}", "killed", "{signal,SIGSEGV}", "{exit,3}", "noconnection",
 * "{start_error,exec,ENOENT}". Returns buf.
 */
#define REASON_TEXT_SIZE 64
const char *reason_text(const struct exit_reason *r, char buf[REASON_TEXT_SIZE]);
/* The other way round; "kill" is REASON_KILL. -1: not the text of a reason. */
int reason_parse(const char *text, struct exit_reason *r);
const char *start_step_name(enum start_step step);

#endif

/*
 * One run of a handler's command: a process in a session of its own, with the
 * event on its standard input, its output in our log, and a time to be done in.
 *
 *	switch (command_start(sp, handler, job, &cmd, &err)) ...
 *	n = command_fds(cmd, fds);	to poll, with command_due()
 *	command_read(cmd);		when one of them is readable
 *	command_tick(cmd, now);		when it is due
 *	command_ended(cmd, status);	reaped: says what is to be said
 *	command_free(cmd);
 *
 * When its time is over, its group gets SIGTERM, and SIGKILL 5 s later. The
 * handler and the job are borrowed until command_free().
 */
#ifndef TRAPEXIT_EVENT_COMMAND_H
#define TRAPEXIT_EVENT_COMMAND_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mono.h"
#include "conf/config.h"
#include "event/queue.h"
#include "os/spawn.h"

#define COMMAND_FDS 2

struct command;

/*
 * 0: *out runs, or is about to; 1: there is no room for it now, try again later (err says
 * what is missing); -1 with err: it cannot be run.
 */
int command_start(struct spawner *sp, const struct handler *h, struct job *job, struct command **out, struct err *err);
pid_t command_pid(const struct command *c);
const struct handler *command_handler(const struct command *c);
struct job *command_job(const struct command *c);
/* How many of fds were filled. */
size_t command_fds(const struct command *c, struct pollfd fds[COMMAND_FDS]);
void command_read(struct command *c);
mono_t command_due(const struct command *c);
void command_tick(struct command *c, mono_t now);
/* We leave: its time is over now, and it is killed in at most `us`. Its event is to be met again. */
void command_hurry(struct command *c, mono_t now, int64_t us);
bool command_was_cut(const struct command *c);
void command_ended(struct command *c, int status);
void command_free(struct command *c);

#endif

/*
 * The daemon's side of the agent protocol, for tests, with an agent of its own
 * in a private directory.
 *
 *	struct rig *r = rig_new(1000);		  lease and hold of 1000 ms
 *	rig_start(r);				  trapexit-agent --foreground
 *	struct client *c = client_attach(r);	  hello, until READY_FOR_ORDERS
 *	client_start(c, 7, "exit 3");		  by sh -c
 *	m = client_expect(c, AGENT_EXITED, 7);	  fails the test when it does not come in time
 *
 * Whatever comes in while something is expected is kept for later. Pings are
 * answered (unless `mute`), output is acknowledged with credit (unless `no_ack`)
 * and collected by token. Everything that fails aborts the test with a message.
 */
#ifndef TRAPEXIT_TESTS_AGENT_CLIENT_H
#define TRAPEXIT_TESTS_AGENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/strvec.h"
#include "wire/agent_msg.h"

#define CLIENT_TIMEOUT_MS 20000

struct rig {
	char dir[64];
	char installation[33];
	char socket[160];
	char lock[160];
	int64_t hold_ms;
	pid_t guard; /* the process that was started, our child; 0: none */
	uint32_t epoch, attach;
};

struct kept {
	TAILQ_ENTRY(kept) entry;
	struct agent_msg m;
};

/* What has come of one child. */
struct got {
	uint64_t token;
	struct buf out, err; /* kept up to `keep` bytes */
	uint64_t out_n, err_n;
	uint64_t out_acked, err_acked;
	uint64_t sum; /* a checksum of all of stdout, in order */
};

struct client {
	struct rig *rig;
	int fd;
	struct buf in;
	TAILQ_HEAD(, kept) kept;
	struct map got; /* token -> struct got */
	int64_t lease_ms;
	uint64_t keep;	  /* bytes of output to remember; default 1 MiB */
	uint64_t window;  /* credit beyond what is acknowledged; default 4 MiB */
	bool mute;	  /* pings are not answered */
	bool no_ack;
	bool deaf;	  /* EOF was seen */
	uint64_t last_ping;
	unsigned pings;
	struct agent_msg welcome; /* with its strings */
};

struct rig *rig_new(int64_t hold_ms);
/* Further options of the agent, NULL-terminated; may be NULL. */
void rig_start_with(struct rig *r, const char *const *options);
void rig_start(struct rig *r);
/* Wait until the guard has ended; its wait status. */
int rig_wait(struct rig *r);
/* Kills what is left and removes the directory. */
void rig_free(struct rig *r);
/* guard's child. */
pid_t rig_agent_pid(const struct rig *r);

/* Connect, waiting until the agent listens. */
struct client *client_connect(struct rig *r);
/* Over a connection that is there; it is closed with the client. */
struct client *client_over(struct rig *r, int fd);
/* Connected, with hello (the next attach number) until READY_FOR_ORDERS. */
struct client *client_attach(struct rig *r);
struct client *client_attach_heart(struct rig *r, const char *const *heart);
void client_hello(struct client *c, uint32_t epoch, uint32_t attach, const char *const *heart);
void client_send(struct client *c, const struct agent_msg *m);
void client_close(struct client *c);
/* A plain start of `sh -c SCRIPT`; for more, fill in a message from client_order(). */
void client_start(struct client *c, uint64_t token, const char *script);
/* A START message for argv (static storage, valid until the next call). */
struct agent_msg *client_order(uint64_t token, const char *const *argv);
void client_signal(struct client *c, uint64_t token, int sig, bool group);
void client_stdin(struct client *c, uint64_t token, uint64_t offset, const char *text, bool eof);
void client_ack(struct client *c, uint64_t token, uint32_t stream, uint64_t acked, uint64_t limit);
void client_exit_ack(struct client *c, uint64_t token);
void client_goodbye(struct client *c, bool leave);
/* Goodbye for good; it is heard, and the connection is closed. */
void client_leave(struct client *c);
/* The next message of this type (and token, unless 0); the caller frees it with client_drop. */
struct kept *client_expect(struct client *c, enum agent_msg_type type, uint64_t token);
/* NULL if none comes in that time. */
struct kept *client_maybe(struct client *c, enum agent_msg_type type, uint64_t token, int64_t timeout_ms);
void client_drop(struct kept *k);
/* Raw status of the exit, acknowledged. */
int client_exit(struct client *c, uint64_t token);
/* Handle what comes for so long. */
void client_run(struct client *c, int64_t ms);
/* Until the other side closes; false if it does not in time. */
bool client_eof(struct client *c, int64_t timeout_ms);
struct got *client_got(struct client *c, uint64_t token);
/* Until `n` bytes of stdout have come. */
void client_wait_output(struct client *c, uint64_t token, uint64_t n);
/* The first line of stdout as a number, waited for. */
long client_number(struct client *c, uint64_t token);

/* Poll a condition until it holds; fails the test after CLIENT_TIMEOUT_MS. */
void wait_until(bool (*condition)(void *arg), void *arg, const char *what);
bool process_is_gone(pid_t pid); /* a zombie counts as gone */
void wait_gone(pid_t pid);

#endif

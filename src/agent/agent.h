/*
 * The agent: forks children, traps SIGCHLD, captures output, enforces the lease.
 * It decides nothing: what starts and what stops is the daemon's word.
 *
 * One thread, one libevent loop. Modules, each with its part of struct agent:
 *
 *	agent.c   the loop itself; beginning and leaving
 *	conn.c    the daemon's connection: frames in, frames out
 *	order.c   what the daemon says
 *	lease.c   pings, the deadline, the silence of the daemon
 *	child.c   one incarnation from START to the end of its record
 *	launch.c  the start itself
 *	reaper.c  SIGCHLD, process groups, strays (S20, S22)
 *	output.c  what children print; input.c what they read; ready.c readiness
 *	control.c lines for their control pipes
 *	heart.c   starting the daemon again
 *
 * Descriptors of children are not libevent's: there may be ten thousand, and a
 * struct watch has 24 bytes. They are in an epoll set of their own, which
 * libevent watches as one descriptor.
 *
 * Memory: a struct child is freed at the end of a turn of the loop
 * (agent_free_later), since events of the same turn may still name it.
 */
#ifndef TRAPEXIT_AGENT_AGENT_H
#define TRAPEXIT_AGENT_AGENT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "agent/page.h"
#include "agent/strays.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/strvec.h"
#include "core/lease.h"
#include "os/hostid.h"
#include "os/notify.h"
#include "os/proc.h"
#include "os/reap.h"
#include "os/spawn.h"
#include "wire/agent_msg.h"

struct agent;
struct child;
struct conn;
struct launch;
struct input;
struct readiness;
struct control;

/* A descriptor of a child in the inner epoll set. */
struct watch {
	void (*ready)(struct agent *a, struct watch *w, uint32_t events);
	int fd; /* -1: none */
	bool armed;
};

/* A piece of output; `at` is the offset in the stream of data[0]. */
struct chunk {
	struct chunk *next;
	uint64_t at;
	uint32_t size; /* of data */
	uint32_t used;
	char data[];
};

/* One of a child's outputs: acked <= sent <= end. Bytes below acked are gone. */
struct stream {
	struct watch watch;
	struct child *child;
	struct chunk *first, *last; /* owned; NULL while nothing is kept */
	uint64_t acked, sent, end;
	uint64_t limit; /* credit: nothing at or beyond is sent */
	TAILQ_ENTRY(stream) turn;
	uint32_t turn_rest; /* bytes of its turn that there was no room for; 0: the next turn is a whole one */
	uint8_t id; /* enum agent_stream */
	bool waiting : 1; /* is in agent.turns or agent.bulk */
	bool urgent : 1;  /* observations: its turns are agent.turns, not agent.bulk */
	bool paused : 1;  /* not read: bounds are reached */
	bool ended : 1;	  /* end of file, or closed after the death of all writers */
	bool grown : 1;	  /* its pipe has the large size */
};
TAILQ_HEAD(streams, stream);

enum child_state {
	CHILD_QUEUED,	/* ordered, not forked yet */
	CHILD_FORKED,	/* forked; exec not seen yet */
	CHILD_RUNS,
	CHILD_DEAD,	/* the leader is reaped; its group, strays or output not all gone */
	CHILD_ENDED,	/* nothing of it is left; record kept until EXIT_ACK and the last ACK */
};

struct child {
	uint64_t token;
	char *name; /* owned: the path */
	int64_t started_us;
	pid_t pid;
	uint8_t state;
	bool ready : 1;
	bool killed : 1;      /* SIGKILL was sent to all of it */
	bool late : 1;	      /* killed because it was not ready in time */
	bool exit_acked : 1;
	bool unsettled : 1;   /* is in agent.unsettled */
	struct stream out;
	struct stream *err;	     /* owned; NULL: joined or none */
	struct input *in;	     /* owned; NULL: none */
	struct control *control;     /* owned; NULL: none */
	struct launch *launch;	     /* owned; until exec is seen */
	struct readiness *readiness; /* owned; until ready */
	struct reaped exit;	     /* from CHILD_DEAD on */
	TAILQ_ENTRY(child) entry;
	TAILQ_ENTRY(child) settling;
};
TAILQ_HEAD(children, child);

struct agent_options {
	char installation[33];
	const char *node;
	int64_t hold_us;
	uint64_t stream_max; /* bytes kept of one stream */
	uint64_t output_max; /* bytes kept in all */
};

struct lease {
	struct lease_holder holder; /* its deadline is also in the page */
	int64_t round_trip_us; /* of the last ping that was answered; for people */
	uint64_t behind[LEASE_PINGS_KEPT]; /* bytes of the connection up to the end of that ping */
	uint32_t load1; /* x 100 */
	struct event *told;	 /* say soon what has arrived */
	int timer_fd;
	struct event *deadline;	 /* timer_fd, CLOCK_BOOTTIME */
	struct event *ping;
	struct event *idle;
};

struct heart {
	struct strvec argv;   /* empty: no heart */
	struct proc_id daemon; /* who is attached, or was */
	int64_t backoff_us;
	struct event *silence; /* daemon attached, but says nothing */
	struct event *again;   /* daemon gone: start it */
	bool farewell;	       /* it said GOODBYE, and comes back */
};

struct agent {
	const struct agent_options *opt;
	struct page *page;
	struct event_base *base;
	struct spawner *spawner;
	pid_t guard_pid;
	int guard_fd;
	struct event *guard_event;
	struct strays strays;
	struct event *signals;
	int signal_fd;

	/* connections */
	int listen_fd;
	int reserve_fd;
	struct event *listener;
	struct event *listen_again;
	LIST_HEAD(, conn) conns;
	struct conn *conn; /* the attached daemon; NULL: none */
	uint32_t epoch, attach;
	char boot_id[HOSTID_SIZE], machine_id[HOSTID_SIZE];

	/* children */
	struct children children;  /* in start order */
	struct children unsettled; /* CHILD_DEAD: something is not gone yet */
	struct map by_token, by_pid;
	struct event *starts;  /* queued starts wait for their turn */
	struct event *settle;  /* look again at the unsettled ones */
	int64_t settle_us;     /* ... after this long */
	struct event *reap_rest; /* exits whose signals merged */
	struct children queue; /* CHILD_QUEUED, linked by `settling` */
	unsigned n_queued;

	/* descriptors of children */
	int epoll_fd;
	struct event *epoll_event;
	void **graves; /* to be freed at the end of the turn */
	size_t n_graves, cap_graves;
	struct event *bury;

	/* output */
	struct streams turns; /* streams that have something to send: observations */
	struct streams bulk;  /* ... and logs */
	uint64_t kept;	      /* bytes of memory in chunks */
	unsigned n_paused;
	struct chunk *spare;  /* owned: read into */
	struct chunk *pool;   /* owned: large chunks for use again */
	unsigned n_pool;
	struct event *rest;   /* give memory back */
	struct {
		mono_t since;	    /* when the count began */
		uint64_t bytes;	    /* read since then */
		uint64_t turn;	    /* ... in this turn of the loop */
		bool fast;	    /* at the last count it was a flood */
		struct event *over; /* of the nap */
	} flow;
	int notify_fd;
	struct event *notify_event;
	char notify_name[NOTIFY_NAME_SIZE];

	struct lease lease;
	struct heart heart;
	bool leaving;	  /* ordered to end all and go */
	bool guard_lost;
	struct event *leave_at; /* the daemon has not acknowledged in time */
	unsigned long long files_soft, files_hard; /* limit of open files for children */
};

/* agent.c */
struct agent *agent_new(const struct agent_options *opt, struct page *page, int listen_fd, int guard_fd, pid_t guard,
    struct err *err);
/* Returns the exit code. */
int agent_run(struct agent *a);
void agent_free(struct agent *a);
/* End all children, tell what can be told, and go. */
void agent_leave(struct agent *a);
/* Something ended: is that all we waited for? */
void agent_leave_if_done(struct agent *a);
void agent_free_later(struct agent *a, void *p);
/* Log, and tell the daemon if one is attached. */
void agent_note(struct agent *a, enum log_level level, const char *fmt, ...) ATTR_PRINTF(3, 4);
int watch_arm(struct agent *a, struct watch *w, uint32_t events);
void watch_disarm(struct agent *a, struct watch *w);
/* Disarm and close. */
void watch_close(struct agent *a, struct watch *w);
struct event *agent_timer(struct agent *a, event_callback_fn fn);
void agent_timer_set(struct event *timer, int64_t us);

/* order.c: -1: the connection is beyond use */
int order_handle(struct agent *a, struct conn *c, struct agent_msg *m);

/* lease.c */
int lease_init(struct agent *a, struct err *err);
void lease_release(struct agent *a);
void lease_attached(struct agent *a, int64_t length_us);
void lease_detached(struct agent *a);
void lease_pong(struct agent *a, uint64_t k, int64_t length_us);
/* A ping as a mark (core/pace.h), if that is wanted. */
void lease_mark(struct agent *a);
/* So many bytes have come, which the daemon counts; `mark`: it waits to hear of them. */
void lease_tell(struct agent *a, size_t bytes, bool mark);
bool lease_is_valid(const struct agent *a);
/* The number of children that may live has changed. */
void lease_live_changed(struct agent *a, int by);
/* Nobody attached and nobody alive: leave after a while. */
void lease_idle_check(struct agent *a);

/* child.c */
struct child *child_new(struct agent *a, const struct agent_start *start);
struct child *child_by_token(struct agent *a, uint64_t token);
/* SIGKILL to all of it, whatever its state. */
void child_kill(struct agent *a, struct child *c);
void children_kill_all(struct agent *a);
void child_signal(struct agent *a, struct child *c, int sig, bool group);
/* It is over before it began. */
void child_start_failed(struct agent *a, struct child *c, uint32_t step, int error);
/* Nothing of it lives and its output is at its end: tell, if all is sent. */
void child_try_end(struct agent *a, struct child *c);
void child_tell_exit(struct agent *a, struct child *c);
void child_drop_if_done(struct agent *a, struct child *c);
/* Without record and word, as after a failed start. */
void child_drop(struct agent *a, struct child *c);

/* launch.c */
int launch_init(struct agent *a, struct err *err);
void launch_release(struct agent *a);
/* Takes the message's strings. */
void launch_order(struct agent *a, struct agent_msg *m);
/* So many starts wait that no more orders should be read. */
bool launch_is_busy(const struct agent *a);
/* The child was reaped before the end of its status pipe was seen. */
void launch_reaped(struct agent *a, struct child *c);
void launch_free(struct agent *a, struct launch *l);
/* The connection that ordered them is gone: what has not begun does not begin. */
void launch_forget_queued(struct agent *a);

/* reaper.c */
int reaper_init(struct agent *a, struct err *err);
void reaper_release(struct agent *a);
/* The guard is gone: adopt and end all ourselves. */
void reaper_end_all(struct agent *a);

/* output.c */
void output_init(struct agent *a);
void output_release(struct agent *a);
void stream_open(struct agent *a, struct stream *s, struct child *c, enum agent_stream id, int fd);
/* After a turn in which children's descriptors were served: is it better to wait a little? */
void output_turn_over(struct agent *a);
/* The connection is gone: what was read no further because it was not sent yet may be read. */
void output_detached(struct agent *a);
/* All its writers are dead: read what is left, and close. */
void stream_finish(struct agent *a, struct stream *s);
void stream_free(struct agent *a, struct stream *s);
/* There may be something to send, or room to read. */
void stream_kick(struct agent *a, struct stream *s);
void stream_ack(struct agent *a, struct stream *s, uint64_t acked, uint64_t limit);
/* A new connection: from the last acknowledged byte on, with the first credit. */
void stream_rewind(struct agent *a, struct stream *s);
/* The streams among which it waits for its turn. */
struct streams *stream_turns(struct agent *a, const struct stream *s);
/* Bytes that may be sent now. */
uint64_t stream_sendable(const struct stream *s);

/* input.c */
struct input *input_new(void);
void input_open(struct agent *a, struct input *in, int fd);
void input_add(struct agent *a, struct child *c, uint64_t offset, struct agent_bytes bytes, bool eof);
uint64_t input_offset(const struct input *in);
void input_free(struct agent *a, struct input *in);

/* control.c: nobody waits for a child that does not read its lines */
struct control *control_new(void);
void control_open(struct agent *a, struct control *k, int fd);
/* The n-th line, without its newline; one that was there before is passed over. */
void control_add(struct agent *a, struct child *c, uint64_t n, const char *line);
/* The number of the last line taken over. */
uint64_t control_accepted(const struct control *k);
void control_free(struct agent *a, struct control *k);

/* ready.c */
int ready_init(struct agent *a, struct err *err);
void ready_release(struct agent *a);
void ready_begin(struct agent *a, struct child *c, uint32_t kind, int64_t timeout_ms, int fd);
/* It is known to have been executed; what it has said before that counts now. */
void ready_started(struct agent *a, struct child *c);
void ready_free(struct agent *a, struct readiness *r);

/* heart.c */
void heart_init(struct agent *a);
void heart_release(struct agent *a);
void heart_attached(struct agent *a, const struct agent_hello *hello, pid_t daemon);
void heart_detached(struct agent *a);
void heart_heard(struct agent *a);
bool heart_beats(const struct agent *a);

#endif

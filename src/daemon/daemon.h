/*
 * The daemon: the thin shell around the core. It carries the tree's actions
 * out and feeds events in; it decides nothing that the core could decide.
 *
 * Where things are:
 *	setup.c		directories, lock, epoch, installation, what the journal says
 *	daemon.c	the loop: signals, timers, the journal's progress
 *	act.c		actions of the tree -> orders to nodes, records, replies
 *	output.c	bytes of children -> journal and log files, acknowledgements
 *	node.c		the link to an agent: attach, lease, orders, adoption
 *	node_lease.c	a node that is out of reach;  node_set.c  which there are
 *	node_local.c	the local kind of node
 *	node_ssh.c	nodes over ssh; ssh_pace.c when they connect, ssh_words.c why they do not
 *	record.c	how each record of the journal is written; offender.c  a child in a report
 *	control*.c	the control socket;  status.c  what `status` answers
 *	reload.c	a changed configuration
 *	dynamic.c	children added and deleted at run time;  dynamic_recall.c, dynamic_reload.c
 *			... of an earlier daemon, and in a reload
 *	call.c		supervisor(3)'s operations: their effects and answers
 *	control_otp.c	... as requests;  control_look.c  ... those that only look
 *	ties.c		links, monitors, lines for control descriptors; ties_request.c what is asked of them
 *	fresh.c		how fresh the prices are; fresh_alarm.c, fresh_status.c  ... who is told
 *	handover.c	an upgrade, of who hands over;  heir.c  of who takes over
 *
 * Everything runs in one thread on one event_base; the journal's thread alone
 * touches the disk.
 */
#ifndef TRAPEXIT_DAEMON_DAEMON_H
#define TRAPEXIT_DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/exitcode.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/ring.h"
#include "base/strvec.h"
#include "base/units.h"
#include "conf/config.h"
#include "core/supervisor.h"
#include "journal/journal.h"

struct event;
struct json_field;
struct event_base;
struct control;
struct handover;
struct heir;
struct node;
struct dynamic;
struct offer;
struct freshness;
struct fresh_watch;

/* What a scraper wants its successor to know: the newest line of one key. */
struct state {
	uint64_t token, n; /* whose it is, and where in its output it ends: later is newer */
	char *line; /* owned; as it was printed */
	char key[];
};

/* One entry a handle of the tree; supervisors have one, too. */
struct kid {
	char *path; /* owned; NULL: the handle is free. "" is the root */
	struct log_file *log; /* owned by the journal; made at the first byte */
	struct freshness *fresh; /* owned; NULL if it prints no observations */
	struct incarnation *now; /* the newest; borrowed from daemon.incarnations */
	uint64_t past_starts;	 /* starts before this daemon's (from the journal) */
	uint64_t past_restarts;
	mono_t heard;		 /* when it last printed something */
	uint64_t spec;		 /* hash of what it is started with; 0: to be computed */
	int64_t last_exit_ms;
	uint64_t run_token, ended_token; /* newest start and newest exit */
	bool ended_normal;
	uint32_t birth; /* of the child in the tree: a handle may come to mean another one */
	bool removed;	/* being taken out by a reload, or gone */
	bool supervisor;
	bool to_move;	/* an operator has ordered it, and it has not been started since */
	uint32_t moved_from; /* with moved_why: the node that it left for the one where it is */
	const char *moved_why; /* static; NULL: it was not moved, or before this daemon's time */
	bool terminated; /* by terminate_child, or it ignored its start (S26); and not started since */
};

/* One output stream of an incarnation, by byte offsets (wire/agent_msg.h). */
struct out_stream {
	uint64_t received; /* all below has been taken over from the agent */
	uint64_t given;	   /* all below (whole lines) has been handed to the journal */
	uint64_t appended; /* all below (whole lines) is written */
	uint64_t safe;	   /* all below is fsynced (log: written) */
	uint64_t limit;	   /* credit given */
	uint64_t acked;	   /* told to the agent */
	struct buf *line;  /* owned; the unfinished line, NULL if there is none */
	bool overlong;	   /* inside a line of more than a record's size: a log line */
};

enum inc_state {
	INC_QUEUED,  /* its start is on its way to the agent */
	INC_SENT,    /* ordered; may live */
	INC_LIVE,    /* started, or found living at an attach */
	INC_ENDED,   /* exit known, waiting until its last output is appended */
	INC_BURIED,  /* exit acted on; kept until everything is acknowledged */
};

struct incarnation {
	uint64_t token;
	child_handle handle; /* CHILD_NONE: no longer the tree's business */
	uint32_t node;
	uint32_t pid;
	enum inc_state state;
	bool ready;	/* as the agent says at an attach */
	bool cut_job;	/* found at an attach with a part of its job only */
	char *info;	/* owned; its STATUS when it was ready; NULL: it gave none */
	int64_t age_us;	/* at the attach that found it */
	bool present;	/* named by the agent in the attach that is going on */
	bool dirty;	/* in the list of those whose ACK is due */
	bool exit_sent; /* EXIT_ACK was sent */
	bool told;	/* by an order to end */
	bool signal_waits; /* an order to end it is among those that the node has not been given yet */
	char *path;	/* owned only if handle is CHILD_NONE, else the kid's */
	uint64_t spec;	/* hash of what it was started with */
	uint64_t job_bytes;
	struct buf *job; /* owned; for its stdin, until the agent has it */
	uint64_t exit_seq; /* number of its exit record */
	mono_t ended_at;   /* when its exit was told; that it is acted on waits for output, but not long for logs */
	struct out_stream out[2]; /* [STREAM_OUT - 1], [STREAM_ERR - 1] */
	/* From the exit: */
	int32_t status;
	bool failed;	 /* it never started: `reason` instead of status */
	struct exit_reason reason;
	uint64_t end[2]; /* all output lies below */
	int64_t user_us, system_us;
	uint64_t maxrss_kb;
	struct incarnation *next_dirty;
	bool lost; /* without exit record: its agent died with it */
	bool unseen; /* lost, because the lease of its node was over: its agent may have words of it yet */
	/* ties.c: */
	bool control;	/* it has a control descriptor */
	bool signalled; /* that an exit signal ends it is in the journal */
	uint64_t tell_n; /* number of the last line for it */
	struct tell *tells, *last_tell, *to_send; /* owned: those that its agent may not have taken over */
	struct past_ties recalled; /* owned: until all is adopted */
};

/* Output handed to the journal, not yet safe. */
struct pending {
	uint64_t seq;
	uint64_t token;
	uint64_t offset; /* all of the stream below this is in records up to seq */
	uint32_t stream;
};

struct grave {
	uint64_t exit_seq;
	uint64_t token;
};

/* What an operator may have added and deleted; part of struct daemon. */
struct changes {
	struct dynamic *first, *last;
	struct dynamic *dropped;  /* the tree may still show their children */
	struct map by_spec;	  /* (uintptr_t)spec -> struct dynamic */
	struct strmap deleted;	  /* path -> the same, owned: listed, but deleted by hand */
	struct strmap numbers;	  /* path of a supervisor -> struct past_number, owned */
	uint64_t seq;		  /* of the latest addition */
	bool sweep;		  /* a supervisor began anew: its additions are lost (S55) */
};

struct options {
	const char *config_path;
	const char *pid_file;
	bool check, print, detach, debug;
	char **argv; /* as we were called; for starting anew */
	struct strvec heart; /* owned; the same for whoever starts us again from another folder */
};

struct daemon {
	const struct options *options;
	struct event_base *base;
	struct config *config;
	char *config_path; /* owned */
	struct config **old_configs; /* owned; until nothing borrows from them */
	size_t n_old_configs;
	bool sweep; /* children are being taken out */
	struct strvec late_adds; /* paths: to be added when those that were there before are gone */
	struct tree *tree;
	struct changes changes;
	struct map calls; /* cookie -> struct call *: operations whose reply is still to come */
	uint32_t births; /* of the tree, when the kids were last looked through */
	struct journal *journal;
	struct past past; /* what the journal said at the start; emptied when adopted */
	child_handle blamed; /* whom the last report was about, with its incarnation; TREE_ROOT: nobody */
	uint64_t blamed_token;
	uint64_t next_ref; /* of monitors; unique as tokens are */
	uint64_t last_token; /* of the latest start in the journal, ours or found there: tokens grow */
	uint32_t epoch;
	char installation[33];
	int lock_fd;

	struct kid *kids; /* by handle */
	uint32_t n_kids;
	struct strmap by_path;	 /* path -> (void *)(handle + 1) */
	struct map incarnations; /* token -> struct incarnation * */
	size_t n_orphans; /* of these, the ones that are no child's */
	struct incarnation *dirty;

	struct ring pending; /* of struct pending, by journal number (kind output); from head on not safe */
	uint64_t pending_appended; /* in it: from here on not appended */
	struct ring graves; /* of struct grave: buried incarnations in the order of their exit records */
	uint64_t *due; /* tokens: exits to be told, in start order */
	size_t n_due, due_cap;
	uint64_t vital_appended, vital_safe;
	bool disk_full;
	char journal_error[256];

	struct node **nodes; /* owned; a node keeps its number, which is the one that the tree knows */
	uint32_t n_nodes;
	bool nodes_leave; /* some of them do */
	struct ssh_hub *ssh; /* owned; NULL: no ssh was started yet */
	struct control *control;
	struct handover *handover; /* owned; NULL: none is going on */
	struct heir *heir;	   /* owned; NULL once we are in charge */
	struct buf rec; /* scratch for records */
	struct buf frame; /* scratch for messages */

	mono_t unrecorded; /* since when observations wait for the recorder; MONO_NEVER: none does */
	int64_t recorded_ms;
	struct event *ev_hang, *ev_bury;
	mono_t hang_at;
	struct strmap rests; /* by host, that sites have asked for; owned (states.c) */
	struct fresh_watch *fresh_watch; /* owned; NULL before the first source (fresh.c) */
	struct freshness *alarms_due;	 /* those who have something to tell (fresh_alarm.c) */
	struct event *ev_timer, *ev_journal, *ev_signals, *ev_watchdog;
	mono_t timer_at;
	int64_t since_ms;
	bool fresh;	/* there is nothing to go on with: nodes are waited for (S119) */
	bool begun;	/* TREE_BEGIN has been given */
	bool abandons;	 /* it stops, and does not wait for what is out of reach */
	bool reload_due; /* told to before that: what was read may be older */
	bool stopping;	/* an ordered stop is going on */
	bool finished;	/* the tree has ended */
	bool end_recorded;
	int exit_code;
};

/* setup.c */
int daemon_setup(struct daemon *d, struct err *err);
/* trapexitd.c */
int daemon_write_pid_file(const struct daemon *d, struct err *err);
/* Begin again as a daemon of a later epoch: writes it down and execs ourselves. */
void daemon_start_anew(struct daemon *d, uint32_t epoch);

/* daemon.c */
int daemon_run(struct daemon *d);
/* After every tree_event/tree_command: carry out, arm the timer. */
void daemon_pump(struct daemon *d);
/* Carry out the actions there are, and nothing else. */
void daemon_drain(struct daemon *d);
void daemon_event(struct daemon *d, const struct tree_event *ev);
void daemon_stop(struct daemon *d, uint32_t by);
/*
 * For a handover: all that is known is written and acknowledged, the agents are told that somebody comes back, the
 * journal is closed. Nothing but the end of this process may follow.
 */
void daemon_quiet(struct daemon *d);
void daemon_begin(struct daemon *d); /* all is adopted: start what should run */
/* It was found with a part of its job, or is not what is configured: then it is started anew. */
void daemon_check(struct daemon *d, const struct incarnation *inc);

/* act.c */
void act(struct daemon *d, const struct tree_action *a);
/* An incarnation whose exit is known and whose output is in: tell the tree. */
void act_bury(struct daemon *d, struct incarnation *inc);
/* bury.c */
/* The same, with all others that are found before the next bury_due(). */
void bury_later(struct daemon *d, const struct incarnation *inc);
void bury_due(struct daemon *d);
/* Its exit is known, but not all of its output is in: it will be looked after. */
#define BURY_LOG_US US_PER_S
void bury_wait(struct daemon *d, struct incarnation *inc);
struct incarnation *inc_find(struct daemon *d, uint64_t token);
/*
 * Was it started, and has its end been told, recorded and acknowledged? An agent may hold it all the same, and say
 * it again: we may have been cut off, or killed, before the acknowledgement went out.
 */
bool inc_is_done(struct daemon *d, uint64_t token);
/* One that may live and is no child's any more, of this path or of one below it: nothing may be started there. */
const struct incarnation *inc_orphan(struct daemon *d, const char *path);
struct incarnation *inc_new(struct daemon *d, uint64_t token, child_handle handle, const char *path, uint32_t node);
void inc_free(struct daemon *d, struct incarnation *inc);
void inc_drop_job(struct incarnation *inc);
/* Exit records are safe up to here: settle those who wait for it. */
void act_settle_graves(struct daemon *d);
/* Free it when nothing is owed any more. */
void inc_settle(struct daemon *d, struct incarnation *inc);
uint64_t spec_hash(const struct child_spec *spec);
void job_encode(struct daemon *d, child_handle h, uint64_t token, const char *start, struct buf *out);

/* kids: in setup.c */
void kids_build(struct daemon *d);
/* A child was added to the tree: a kid for it and, if it is a supervisor, for all below it. */
void kids_add(struct daemon *d, child_handle h, const char *path);
/* The tree has made records of children by itself: a kid for each. */
void kids_sync(struct daemon *d);
void kid_add(struct daemon *d, child_handle h, const char *path);
void kid_remove(struct daemon *d, child_handle h);
child_handle kid_find(struct daemon *d, const char *path);
/* The path of a child below a parent, owned by the caller. */
char *kid_path_below(struct daemon *d, child_handle parent, const char *id);

/* output.c */
/* -1: the agent broke the protocol (a gap in the offsets). */
int output_take(struct daemon *d, struct incarnation *inc, uint32_t stream, uint64_t offset, const char *p, size_t n, struct err *err);
/* The exit is known: what is left without a newline is a line, too. */
void output_finish(struct daemon *d, struct incarnation *inc);
/* The journal got further. */
void output_progress(struct daemon *d, uint64_t appended, uint64_t safe);
/* Send the ACKs that are due. */
void output_acknowledge(struct daemon *d);
/* What the journal holds already: where the agent shall send from. */
void output_resume(struct incarnation *inc, const uint64_t held[3]);
/*
 * The agent holds what lies below these no longer: it was acknowledged by an earlier daemon, whose host has
 * forgotten it in a power cut. What follows is not held up by that.
 */
void output_skip(struct incarnation *inc, uint64_t out, uint64_t err);
bool output_is_in(const struct daemon *d, const struct incarnation *inc);
/* Is its output up to these offsets fsynced? */
bool output_is_safe(const struct daemon *d, const struct incarnation *inc, const uint64_t upto[2]);

/* record.c */
const char *start_type_name(enum start_type type);
/* As a child is told: "restart", "failover:box2" (S116); returns buf. */
#define START_TEXT_SIZE 160
const char *start_text(const struct daemon *d, enum start_type type, uint32_t from, char buf[START_TEXT_SIZE]);
uint64_t rec_daemon(struct daemon *d, const char *event);
uint64_t rec_node(struct daemon *d, const struct node *node, const char *event, const char *reason);
/* why: of a move (moves.h); else NULL. */
uint64_t rec_start(struct daemon *d, const struct incarnation *inc, enum start_type type, uint32_t from, const char *why);
uint64_t rec_started(struct daemon *d, const struct incarnation *inc);
/* It said that it is ready; info: its STATUS, "" if it gave none. */
uint64_t rec_ready(struct daemon *d, const struct incarnation *inc, const char *info);
/* `told`: it was told to end, by the tree. */
uint64_t rec_exit(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason, bool told);
/* Of one whose end was recorded as not seen, because its node was given up: how it ended. */
uint64_t rec_late(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason);
/* It is about to be told to end. */
uint64_t rec_ending(struct daemon *d, const struct incarnation *inc);
uint64_t rec_done(struct daemon *d, const struct incarnation *inc);
uint64_t rec_report(struct daemon *d, const struct tree_action *a);
uint64_t rec_wish(struct daemon *d, const char *path, bool stopped, uint32_t by);
/* A child was added at run time, or is no more; `listed`: the configuration has it. */
uint64_t rec_added(struct daemon *d, const struct dynamic *dyn, uint32_t by);
uint64_t rec_removed(struct daemon *d, const char *path, bool listed, uint32_t by);
uint64_t rec_brought_back(struct daemon *d, const char *path);
/* It said that there is nothing to do (S26). */
uint64_t rec_ignored(struct daemon *d, const struct incarnation *inc);
uint64_t rec_terminated(struct daemon *d, const char *path, uint32_t by);
uint64_t rec_order(struct daemon *d, const char *order, const char *path, uint32_t by);
uint64_t rec_reload(struct daemon *d, unsigned added, unsigned removed, unsigned changed, const char *error, uint32_t by);
/* A line for its control descriptor; an exit signal that ends it. */
uint64_t rec_tell(struct daemon *d, const struct incarnation *inc, uint64_t n, const char *line);
uint64_t rec_exit_signal(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason);
/* type: link, unlink, monitor, demonitor; peer may be NULL, ref 0. */
uint64_t rec_tie(struct daemon *d, const char *type, const struct incarnation *inc, const struct incarnation *peer,
    uint64_t ref, uint32_t by);
/* event: "upgrade" or "upgrade_failed"; reason: NULL if there is nothing to say. */
uint64_t rec_upgrade(struct daemon *d, const char *event, const char *from, int64_t away_us, const char *reason);
uint64_t rec_alarm(struct daemon *d, const char *alarm, const char *object, const char *text);
/* Of a child's sources. */
struct fresh_alarm {
	const char *alarm;  /* "stale", "blocked", "suspect", or "fresh": again */
	const char *object; /* path of the child */
	const char *text;
	const char *reason; /* NULL: none */
	const char *const *sources; /* their ids, n_sources of count */
	size_t n_sources, count;
	size_t now, all; /* so many are in that state now, of so many */
};
uint64_t rec_fresh_alarm(struct daemon *d, const struct fresh_alarm *a);
/*
 * A line of a child, `raw` as it printed it; n is the offset behind it. The
 * fields are slices of raw found by json_scan().
 */
uint64_t rec_observation(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *slot,
    const struct json_field *source, const char *raw, size_t raw_len);
uint64_t rec_evidence(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *source,
    const char *raw, size_t raw_len);
uint64_t rec_state(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *key,
    const char *raw, size_t raw_len);
uint64_t rec_text(struct daemon *d, const struct incarnation *inc, uint64_t n, const char *text, size_t len);
/* The snapshot at the head of a segment. */
void rec_snapshot(struct daemon *d, struct buf *out);

/* offender.c */
/* ,"offender":{...}: the child of a supervisor's report (S126); token: its incarnation, 0: none. */
void offender_encode(struct daemon *d, child_handle child, uint64_t token, struct buf *b);

/* status.c */
/* sources: each of them, too. */
void status_encode(struct daemon *d, const bool *chosen, bool sources, struct buf *out);
/* What `nodes` answers. */
void status_nodes(struct daemon *d, struct buf *out);
/* All paths but the root's, in tree order, for name_resolve(); handles beside them. Owned by the caller. */
size_t status_paths(struct daemon *d, const char ***paths, child_handle **handles);

/* control.c */
/* listener: a socket that is there already; -1: none. */
struct control *control_open(struct daemon *d, const char *path, int listener, struct err *err);
void control_close(struct control *c);
int control_listener(const struct daemon *d);
/* Nobody is let in, and who is in is told to come again. */
void control_pause(struct daemon *d);
/* Whose orders are not complete is told so. */
void control_break(struct daemon *d);
/* What is to be written goes out, as far as it goes at once. */
void control_flush(struct daemon *d);
/* Who waits for an upgrade: the descriptor, and its request's id (owned by the caller); -1, NULL: nobody. */
int control_upgrade_client(const struct daemon *d);
char *control_upgrade_request(const struct daemon *d);
/* Tell it: a result as JSON (code 0), or an error. */
void control_upgraded(struct daemon *d, const struct offer *about, int code, const char *text);
/* The tree's reply to a command with this cookie. */
void control_reply(struct daemon *d, const struct tree_action *a);
/* More of the journal is written: answers that waited for it. */
void control_progress(struct daemon *d);

/* call.c */
void calls_release(struct daemon *d);

/* hang.c */
/* It runs: if it can hang, the timer knows when. */
void hang_watch(struct daemon *d, child_handle h);
void hang_arm(struct daemon *d, mono_t at);
/* An observation has been given to the journal: the recorder is to move. */
void hang_unrecorded(struct daemon *d);

/* reload.c */
/* Read the configuration again. The answer (a plan as JSON) goes to `out`; -1 with err when it is refused. */
/* Let go of removed children that are gone, and of configurations that nothing borrows from any more. */
void reload_sweep(struct daemon *d);
/* Who runs where its list does not allow it leaves. */
void reload_leave_unlisted(struct daemon *d);
int reload(struct daemon *d, bool only_plan, uint32_t by, struct buf *out, struct err *err);

#endif

/*
 * The configuration as the programs use it (architecture 8).
 *
 *	struct config *c = config_load(path, &errors);	   all errors, not only the first
 *
 * A config owns everything it points to; core specs in it are borrowed by the
 * tree, so a config lives until the tree uses another one (config_ref).
 * Relative paths in the file are relative to the file's folder. Times are
 * microseconds, sizes bytes.
 */
#ifndef TRAPEXIT_CONF_CONFIG_H
#define TRAPEXIT_CONF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strvec.h"
#include "core/fresh.h"
#include "core/spec.h"
#include "wire/agent_msg.h"
#include "wire/event_match.h"

enum output_kind { OUTPUT_LOG, OUTPUT_OBSERVATIONS };

/* One page to watch. */
struct source {
	char *id;
	char *product; /* NULL: the id */
	char *url;
	char *pattern; /* PCRE2; NULL: structured data; so with these other kinds of rules: */
	char *xpath, *css, *pointer;
	char *currency; /* told; NULL: read */
	char *locale;	/* NULL: none */
	char *charset;	/* NULL: as the page says */
	char *decimal, *group; /* one character each; NULL: read */
	char *sources; /* automatic ones, as "json-ld heuristic"; NULL: all */
	bool allow_negative, magnitudes;
	int64_t every_us; /* 0: the scraper's; so with these: */
	char *min, *max; /* P43, decimals; NULL */
	uint32_t jump_permille, confirm;
	bool allow_zero; /* or the scraper's */
	unsigned line;	/* where it stands, for messages */
};

/* What only a scraper has; becomes its job (architecture 6). */
struct scraper {
	int64_t every_us;
	uint32_t jitter_permille;
	int64_t gap_us;
	uint32_t concurrency; /* fetches from one site at a time */
	char *min, *max; /* P43, of all sources; NULL: no bound */
	uint32_t jump_permille; /* P42; UINT32_MAX: off */
	uint32_t confirm;
	bool allow_zero;
	int64_t timeout_us;
	int64_t page_cpu_us;
	uint64_t max_body;
	char *user_agent; /* NULL: pricescrape's own */
	char *contact;	  /* in that; NULL: none */
	char *proxy;	  /* URL or "none"; NULL: that of the environment */
	int die_after;	/* 0: never; for drills */
	bool allow_private;
	bool respect_robots;
	bool sandbox;
	int64_t stale_after_us; /* 0: never; STALE_AUTO: by the schedule (core/fresh.h) */
	struct strvec options; /* further pricescrape arguments */
	struct source *sources; /* owned */
	size_t n_sources;
	struct left_out *left_out; /* owned; for people */
	size_t n_left_out;
};

/* A file of sources some of whose lines are of no use. */
struct left_out {
	char *file;	/* as messages name it */
	size_t lines;	/* records, at least one */
	unsigned first; /* line of the first */
};

#define HANG_AUTO (-1)
#define STALE_AUTO (-1)

/* How a worker is started; `child_spec.user` of every worker points here. */
struct launch {
	struct strvec argv;
	struct strvec env; /* additions: "NAME=value" */
	char *cwd;	   /* NULL: unchanged */
	char *user;
	char *group;
	int umask; /* -1: unchanged */
	int nice;  /* INT32_MIN: unchanged */
	struct agent_rlimit rlimits[AGENT_RLIMITS_MAX];
	uint32_t n_rlimits;
	enum stdio_in in;
	enum stdio_out out;
	enum stdio_err err;
	enum output_kind output;
	int64_t hang_after_us; /* 0: never; HANG_AUTO: by the scraper's schedule */
	/* Preference list: "far", and "=near" for an equal of the one before it; empty: local. As numbers: child_spec.nodes. */
	struct strvec nodes;
	struct strvec links;   /* S90, S99, as written: child_spec.links and .monitors point to these */
	struct strvec monitors;
	uint64_t log_size;     /* rotate at; 0: never */
	unsigned log_keep;     /* rotated files kept */
	struct scraper *scraper; /* owned; NULL for a generic child */
	const char *id;		 /* as written, without an instance's number */
	unsigned instances;	 /* as written; 0: not written, the id is the child's own */
	bool recorder;		 /* what config_add_recorder() made */
	bool events;		 /* what config_add_events() made */
	unsigned line;		 /* where it stands */
};

enum node_kind { NODE_LOCAL, NODE_SSH };

struct node_conf {
	char *name;
	enum node_kind kind;
	/* NODE_SSH: */
	char *ssh;	    /* destination: host or user@host */
	char *ssh_program;  /* "ssh", or a path */
	uint32_t port;	    /* 0: not told */
	char *identity;	    /* NULL: not told */
	struct strvec ssh_options; /* as after -o */
	bool accept_new;    /* keys of hosts that were never seen */
	char *agent;	    /* its path there; NULL: where it is found (conf/ssh.h) */
	char *run_dir;	    /* there; NULL: the agent's default */
	int64_t lease_us;
	unsigned capacity; /* 0: no bound */
	unsigned line;
	uint32_t number; /* in the tree: its place here, until config_place() says otherwise */
};

/* A command that is run for what the journal tells (on_event). */
struct handler {
	const char *id;
	struct event_match match;
	struct strvec command;
	char *user; /* NULL: as trapexit-event(8) itself */
	int64_t timeout_us;
	uint32_t concurrency;
	uint32_t queue;
	unsigned line; /* where it stands */
};

/* They are told to trapexit-event(8) in its arguments, which must fit the message that starts it. */
#define CONFIG_HANDLERS_MAX 32
#define CONFIG_HANDLER_BYTES_MAX ((size_t)16 << 10)

struct config {
	char *path;	/* of the file; NULL: parsed from memory */
	char *state_dir, *run_dir, *log_dir;
	char *store;	/* URL; NULL: no store, no recorder */
	bool no_store;	/* `store = none`: paths_defaults() fills in none */
	char *group;	/* who may look at the control socket; NULL: nobody else */
	uint32_t connects; /* over ssh that may begin at a time */
	int64_t hold_us; /* the local node's lease: how long children live on without a daemon */
	int64_t sync_us; /* S119: how long a first start waits for nodes */
	int64_t journal_sync_us; /* 0: always */
	uint64_t journal_segment; /* bytes in a segment */
	int64_t journal_keep_us;  /* recorded segments are kept this long */
	struct node_conf *nodes;  /* [0] is the local one, always */
	size_t n_nodes;
	bool placed; /* specs have lists of nodes; false: there is only one, and every child stays on it */
	struct handler *handlers; /* their vectors are released with the config */
	size_t n_handlers;
	struct sup_spec root;
	/* private to conf/: specs, launches and strings */
	void *arena;
	unsigned refs;
};

/* All errors of a run, in file order, one "file:line:column: message" a line. */
struct config_errors {
	struct buf text;
	unsigned errors;
	unsigned warnings;
	const char *otp; /* the first error by supervisor(3)'s name ("missing_start"); NULL: it has none */
};

/* NULL if there was any error; warnings may be in `errors` all the same. */
struct config *config_load(const char *path, struct config_errors *errors);
/* The same from memory; `name` stands where the file's name would. */
struct config *config_parse(const char *name, const char *text, size_t len, struct config_errors *errors);
/* Where children that are given as a text are to stand. */
struct config_place {
	const struct config *config; /* whose nodes they may name; relative paths begin at its folder */
	const struct sup_spec *sup;  /* their supervisor; NULL: not known yet */
	const char *path;	     /* its path; "" is the root */
};
/*
 * Children, scrapers and supervisors as they could stand in that supervisor's
 * section: they become those of the new config's root. Nothing of the place is
 * borrowed afterwards. NULL if there was any error.
 */
struct config *config_parse_children(const char *name, const char *text, size_t len, const struct config_place *place,
    struct config_errors *errors);
struct config *config_ref(struct config *c);
void config_unref(struct config *c);
/* The canonical form, which parses to the same (trapexitd -T). */
void config_print(const struct config *c, struct buf *out);
/*
 * One child, as it would stand in the file, without an instance's number of
 * siblings; `all`: every word with its value, not only what differs from the defaults.
 */
void config_print_child(const struct child_spec *spec, bool all, struct buf *out);
/* The same with all words as a JSON object (ARCHITECTURE.md, Control). */
void config_json_child(const struct child_spec *spec, struct buf *out);
/* How a worker is started; NULL for a supervisor. */
const struct launch *config_launch(const struct child_spec *spec);
/* When a source of this scraper that is fetched so often is late, and stale: in ms, for core/fresh.h. */
struct fresh_policy config_fresh_policy(const struct scraper *scraper, int64_t every_us);
/* A child by its path ("suppliers/ebuyer", "worker:3"); NULL if there is none. O(log n) a level. */
const struct child_spec *config_find(const struct config *c, const char *path);
/*
 * Only where things are (store, state_dir, run_dir, log_dir), for programs that
 * talk to a daemon: errors elsewhere in the file do not matter, no tree is built.
 * NULL if the file cannot be read.
 */
struct config *config_load_places(const char *path, struct config_errors *errors);
/*
 * The recorder as the first child of the root, if there is a store and it was not
 * added yet. paths_defaults() calls it: it needs all directories.
 */
void config_add_recorder(struct config *c);
/*
 * The same for what runs the handlers, if there are any: behind the recorder. Called by
 * paths_defaults(), too.
 */
void config_add_events(struct config *c);
/* One handler as its section in the file. */
void config_print_handler(const struct handler *h, struct buf *out);
/*
 * For a reload, in place of paths_defaults(): the directories of the daemon that
 * runs stay as they are; what the file says instead is kept for the plan (plan.h),
 * to be told.
 */
void config_keep_places(struct config *c, const struct config *running);
#define CONFIG_RECORDER_ID "recorder"
#define CONFIG_EVENTS_ID "events"

/*
 * The numbers of nodes in all specs of c, by the names and numbers in `of` (which may be c itself). A name that
 * is not there keeps its number. placed: as the member. (A daemon's nodes keep their numbers over a reload.)
 */
void config_place(struct config *c, const struct config *of, bool placed);

/*
 * The job of a scraper as JSON lines (architecture 6), without states and end
 * mark: header and one line a source. See trapexit-observation(5).
 */
void config_job(const struct child_spec *spec, struct buf *out);
/* The same with the members that belong to one incarnation in its header: path, token, start ("restart"). */
void config_job_for(const struct child_spec *spec, const char *child, uint64_t token, const char *start,
    struct buf *out);

#endif

/*
 * What daemon and agent say to each other (architecture 5, 6).
 *
 * A frame is a 4-byte big-endian length (of what follows, at most
 * AGENT_FRAME_MAX) and one msgpack array [type, field ...] in the order of the
 * struct below. Further fields behind the known ones are ignored, so a later
 * version may add some; those that came after version 1 may be missing, and are
 * then 0. Encode and decode are pure; a decoded message borrows
 * its strings and bytes from the input buffer, except where said otherwise.
 * Declared counts are checked against the bytes that are left before anything
 * is allocated.
 *
 * Conversation:
 *
 *	daemon  HELLO(versions, installation, node, epoch, attach)
 *	agent   WELCOME(version, boot id, pid ...)  or REFUSE(reason), and closes
 *	agent   CHILD for each incarnation that lives, or whose exit or output is
 *		not acknowledged; then READY_FOR_ORDERS
 *	daemon  ACK for each CHILD whose output it holds already (sets where the
 *		agent sends from), then orders
 *	agent   PING(k) at once, every L/3, and as a mark; daemon PONG(k, L) at once
 *
 * Output is numbered by byte offset in its stream (token, stream): `offset` is
 * the offset of the first byte. The daemon acknowledges at line ends only, so
 * what is sent again begins a line. The agent keeps what is not acknowledged,
 * and sends no byte at or beyond `limit` (credit). EXITED may overtake the
 * output that it names, so that it needs no credit. Exits are kept until
 * EXIT_ACK.
 *
 * What is written and has not arrived delays what is written after it, so both
 * ends bound it (core/pace.h). The agent's marks are further PINGs: an answer
 * says that all before has arrived. The daemon's marks are STARTs and STDINs,
 * which the agent answers within milliseconds by a PING that says `received`.
 *
 * Lines for a child's control pipe are numbered; the agent says up to which it
 * has taken them over, and passes over one that comes again. A line that the
 * child does not read in time is lost with a note, and nobody waits for it.
 */
#ifndef TRAPEXIT_WIRE_AGENT_MSG_H
#define TRAPEXIT_WIRE_AGENT_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The versions that this program speaks; which of them a connection speaks the
 * agent chooses, and says in WELCOME.
 *	1	trapexit 0.1
 *	2	WELCOME and REFUSE tell the agent's range, PING the round trip; CONTROL
 *	3	PING tells the load and what has arrived, and answers START and STDIN; START may leave the rest of the
 *		environment to the agent; CLEAN
 * A message of a later version is not sent to who does not speak it. (Tests
 * build agents of other ranges.)
 */
#ifndef AGENT_PROTO_MIN
#define AGENT_PROTO_MIN 1
#endif
#ifndef AGENT_PROTO_MAX
#define AGENT_PROTO_MAX 3
#endif
#define AGENT_FRAME_MAX (1u << 20)
/* A chunk of output or of stdin that always fits a frame. */
#define AGENT_CHUNK_MAX (256u << 10)
/* Credit that every stream has from its start, before any ACK. */
#define AGENT_CREDIT_FIRST (64u << 10)

/* Retired numbers stay here, marked unused. */
enum agent_msg_type {
	/* daemon -> agent */
	AGENT_HELLO = 1,
	AGENT_PONG = 2,
	AGENT_START = 3,
	AGENT_SIGNAL = 4,
	AGENT_STDIN = 5,
	AGENT_ACK = 6,
	AGENT_EXIT_ACK = 7,
	AGENT_GOODBYE = 8,
	AGENT_CONTROL = 9,
	/* agent -> daemon */
	AGENT_WELCOME = 32,
	AGENT_REFUSE = 33,
	AGENT_CHILD = 34,
	AGENT_READY_FOR_ORDERS = 35,
	AGENT_PING = 36,
	AGENT_STARTED = 37,
	AGENT_START_FAILED = 38,
	AGENT_READY = 39,
	AGENT_OUTPUT = 40,
	AGENT_EXITED = 41,
	AGENT_NOTE = 42,
	AGENT_CONTROL_ACK = 43,
	/* trapexit-agent --attach -> daemon */
	AGENT_CLEAN = 44, /* version 3: the agent that was spoken with is gone, and nothing of it lives; say HELLO to another */
};

enum agent_stream { STREAM_OUT = 1, STREAM_ERR = 2 };
enum stdio_in { STDIN_NULL, STDIN_PIPE };
enum stdio_out { STDOUT_PIPE, STDOUT_NULL };
enum stdio_err { STDERR_JOIN, STDERR_PIPE, STDERR_NULL };

struct agent_rlimit {
	int resource; /* RLIMIT_* */
	uint64_t soft; /* UINT64_MAX: unlimited */
	uint64_t hard;
};
#define AGENT_RLIMITS_MAX 16

struct agent_bytes {
	const char *p;
	size_t n;
};

struct agent_hello {
	uint32_t version_min, version_max;
	const char *build;
	const char *installation; /* 32 hex digits */
	const char *node;
	uint32_t epoch;
	uint32_t attach;	    /* grows with each connection of this epoch */
	int64_t lease_ms;	    /* L, for the first ping's rhythm; grants nothing */
	const char *const *heart;   /* argv to start the daemon again; n_heart 0: no heart (5) */
	uint32_t n_heart;
};

struct agent_start {
	uint64_t token;
	const char *child; /* path: "suppliers/ebuyer" */
	const char *const *argv;
	uint32_t n_argv;
	const char *const *env; /* "NAME=value", the whole environment of the child */
	uint32_t n_env;
	const char *cwd;   /* "": unchanged */
	const char *user;  /* "": unchanged */
	const char *group; /* "": the user's own */
	int32_t umask;	   /* -1: unchanged */
	int32_t nice;	   /* INT32_MIN: unchanged */
	uint32_t n_rlimits;
	struct agent_rlimit rlimits[AGENT_RLIMITS_MAX];
	enum stdio_in in;
	enum stdio_out out;
	enum stdio_err err;
	uint32_t ready;	       /* enum ready_kind */
	int64_t ready_timeout_ms; /* 0: none */
	bool control;	       /* version 2: it gets a pipe for lines (CONTROL), TRAPEXIT_CONTROL_FD says where */
	bool own_env;	       /* version 3: env is added to the agent's own, and programs are looked for beside it first */
};

struct agent_msg {
	enum agent_msg_type type;
	union {
		struct agent_hello hello;
		struct { uint64_t k; int64_t lease_ms; } pong;
		struct agent_start start;
		struct { uint64_t token; int32_t signal; bool group; } signal; /* SIGCONT follows by itself, but for SIGKILL and SIGSTOP */
		struct { uint64_t token; uint64_t offset; struct agent_bytes bytes; bool eof; } in;
		struct { uint64_t token; uint32_t stream; uint64_t acked; uint64_t limit; } ack;
		struct { uint64_t token; } exit_ack;
		struct { uint64_t token; uint64_t n; const char *line; } control; /* the n-th line for its control pipe, from 1 */
		struct { bool leave; } goodbye; /* leave: end all children and the agent; else: the daemon comes back (upgrade) */
		struct {
			uint32_t version;
			const char *build;
			const char *boot_id;
			const char *machine_id;
			uint32_t pid, guard_pid;
			uint32_t epoch, attach; /* as accepted */
			uint32_t n_children;	/* CHILD messages that follow */
			uint32_t version_min, version_max; /* what the agent speaks; 0: not told (version 1) */
		} welcome;
		struct {
			const char *reason;
			uint32_t epoch, attach; /* the largest pair it has seen */
			uint32_t version_min, version_max; /* what the agent speaks; 0: not told (version 1) */
		} refuse;
		struct {
			uint64_t token;
			const char *child;
			uint32_t pid;	/* 0: has ended, EXITED follows */
			int64_t age_ms; /* since its start */
			bool ready;
			uint64_t out_acked, out_end; /* what the agent can send again, and what it has read */
			uint64_t err_acked, err_end;
			uint64_t in_offset; /* stdin accepted so far */
			uint64_t control_n; /* version 2: lines for its control pipe accepted so far */
		} child;
		struct {
			uint64_t k;
			int64_t round_trip_us; /* of the last that was answered; 0: none, or version 1 */
			uint32_t load1;	       /* version 3: the load average of a minute, x 100 */
			uint64_t received;     /* version 3: bytes of this connection that have arrived */
		} ping;
		struct { uint64_t token; uint32_t pid; } started;
		struct { uint64_t token; uint32_t step; int32_t error; } start_failed; /* enum start_step, errno */
		struct { uint64_t token; bool ignore; const char *info; } ready;
		struct { uint64_t token; uint32_t stream; uint64_t offset; struct agent_bytes bytes; } output;
		struct {
			uint64_t token;
			int32_t status; /* raw, as waitpid gives it */
			uint64_t out_end, err_end; /* all output of it lies below these */
			int64_t user_us, system_us;
			uint64_t maxrss_kb;
		} exited;
		struct { uint64_t token; uint64_t n; } control_ack; /* all lines up to the n-th are accepted */
		struct { uint32_t level; const char *text; } note; /* enum log_level: the agent's own log */
	} u;
	void *strings; /* owned: vectors of a decoded message; free with agent_msg_release */
};

/* Append one whole frame; -1 with err set if it would pass AGENT_FRAME_MAX. */
int agent_msg_encode(struct buf *out, const struct agent_msg *m, struct err *err);
/*
 * Decode the frame at the start of data[0..len). Returns 1 with *used set to
 * the frame's whole size; 0 if it is not complete yet; -1 with err set if it can
 * never be decoded (the connection is then closed). A message of an unknown
 * type decodes to that type with nothing else set. Strings are NUL-terminated
 * copies in m->strings; bytes are slices of data.
 */
int agent_msg_decode(const char *data, size_t len, struct agent_msg *m, size_t *used, struct err *err);
void agent_msg_release(struct agent_msg *m);
/*
 * The frame of an OUTPUT message up to its payload of n bytes (at most
 * AGENT_CHUNK_MAX), so that output goes from where it lies to the socket in one
 * writev. Returns the length of the head.
 */
#define AGENT_OUTPUT_HEAD_MAX 40
size_t agent_output_head(char head[AGENT_OUTPUT_HEAD_MAX], uint64_t token, uint32_t stream, uint64_t offset, size_t n);
const char *agent_msg_name(enum agent_msg_type t);

/* The highest version that both ranges have; 0: there is none. */
uint32_t agent_proto_choose(uint32_t min, uint32_t max, uint32_t other_min, uint32_t other_max);
/* "1-2", or "1"; returns buf. */
#define AGENT_PROTO_TEXT_SIZE 24
const char *agent_proto_text(uint32_t min, uint32_t max, char buf[AGENT_PROTO_TEXT_SIZE]);

#endif

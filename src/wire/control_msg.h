/*
 * What trapexit(1), or anybody's program, says to trapexitd: JSON-RPC 2.0, one
 * object a line (ARCHITECTURE.md, "Control"). Pure: bytes in, structs out.
 *
 * The server:
 *
 *	struct control_request rq;
 *
 *	if (control_request_decode(line, len, &rq, &err) == -1)
 *		control_error_encode(&out, rq.id, err.code, err.msg, NULL, 0);
 *	else if (... rq.method, rq.names, rq.signal ...)
 *		control_result_begin(&out, rq.id);
 *		... append the result, any JSON value, with json_put_...
 *		control_result_end(&out);
 *	if (rq.notify)
 *		... a notification: what is in `out` is not sent
 *	control_request_release(&rq);	 after a failed decode, too
 *
 * The client:
 *
 *	control_request_encode(&out, &rq);	 id and names are the caller's
 *	...
 *	if (control_reply_decode(line, len, &reply, &err) == -1)
 *		... no reply at all
 *	else if (reply.code != 0)
 *		... reply.message, reply.failures
 *	control_reply_release(&reply);
 *
 * A request is at most CONTROL_LINE_MAX bytes long, so a server reads no more
 * than that before it gives up; results have no small bound (10,000 children).
 * Batches (arrays) are refused. Unknown members are passed over, so that a
 * later client can talk to an earlier daemon; unknown methods are refused.
 *
 * Ownership: a decoded request or reply owns all that it points to, until its
 * release. What is encoded is only borrowed. Encoders die when memory is out.
 */
#ifndef TRAPEXIT_WIRE_CONTROL_MSG_H
#define TRAPEXIT_WIRE_CONTROL_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Of a request, its newline not counted. */
#define CONTROL_LINE_MAX (1u << 20)
/* Of a request's id as it is written, quotes counted. */
#define CONTROL_ID_MAX 128

enum control_code {
	CONTROL_PARSE_ERROR = -32700,
	CONTROL_INVALID_REQUEST = -32600,
	CONTROL_NO_METHOD = -32601,
	CONTROL_INVALID_PARAMS = -32602,
	CONTROL_FAILED = 1,
	CONTROL_NO_CHILD = 2,
	CONTROL_NOT_PERMITTED = 3,
	CONTROL_BUSY = 4,
	CONTROL_NO_SUCH_NODE = 5,
};

enum control_method {
	CONTROL_STATUS,	  /* names: optional */
	CONTROL_START,	  /* names */
	CONTROL_STOP,	  /* names */
	CONTROL_RESTART,  /* names */
	CONTROL_SIGNAL,	  /* names, signal */
	CONTROL_RELOAD,	  /* plan: only say what would be done */
	CONTROL_SHUTDOWN,
	CONTROL_REOPEN,
	CONTROL_VERSION,
	CONTROL_NODES,
	CONTROL_UPGRADE, /* timeout_ms: optional */
	/* supervisor(3)'s; S74-S86 */
	CONTROL_START_CHILD,	  /* supervisor, spec or args */
	CONTROL_TERMINATE_CHILD,  /* supervisor, child */
	CONTROL_RESTART_CHILD,	  /* supervisor, child */
	CONTROL_DELETE_CHILD,	  /* supervisor, child */
	CONTROL_GET_CHILDSPEC,	  /* supervisor, child */
	CONTROL_WHICH_CHILDREN,	  /* supervisor */
	CONTROL_COUNT_CHILDREN,	  /* supervisor */
	CONTROL_CHECK_CHILDSPECS, /* spec; supervisor: optional */
	CONTROL_ADD,		  /* supervisor, spec or args */
	CONTROL_REMOVE,		  /* names */
	CONTROL_LINK,	   /* names: two children */
	CONTROL_UNLINK,	   /* names: two */
	CONTROL_MONITOR,   /* names: the one that watches, the one that is watched */
	CONTROL_DEMONITOR, /* ref */
	CONTROL_EXIT,	   /* names, reason, from (optional: a child) */
	/* S118: */
	CONTROL_MOVE,	 /* names, node */
	CONTROL_PERMIT,	 /* names, node */
	CONTROL_FORBID,	 /* names, node */
	CONTROL_DRAIN,	 /* nodes */
	CONTROL_UNDRAIN, /* nodes */
};
#define CONTROL_METHODS 31

struct control_request {
	char *id; /* as JSON, to be repeated in the answer; never NULL after decode ("null") */
	bool notify; /* it has no id: no answer is wanted */
	enum control_method method;
	char **names; /* children, or nodes; never empty strings; n_names 0: all (status only) */
	size_t n_names;
	int signal; /* CONTROL_SIGNAL */
	bool plan;  /* CONTROL_RELOAD */
	bool sources; /* CONTROL_STATUS: each of them, too */
	char *supervisor; /* a path, an id, or "/": the root; NULL: not given */
	char *child;	  /* an id below it, or a handle */
	char *spec;	  /* children as a text of trapexit.conf(5) */
	char **args;	  /* of an instance; NULL: not given */
	size_t n_args;
	uint64_t ref; /* CONTROL_DEMONITOR */
	char *reason; /* CONTROL_EXIT: a reason's text */
	char *from;   /* CONTROL_EXIT: who sends it; NULL: nobody of the tree */
	char *node;   /* CONTROL_MOVE, PERMIT, FORBID */
	uint32_t timeout_ms; /* CONTROL_UPGRADE; 0: as it is by default */
};

/* One name of several that did not work: an element of an error's data. */
struct control_failure {
	char *name;
	char *error;
};

struct json_object;

struct control_reply {
	char *id;
	struct json_object *result; /* NULL if it is an error */
	int code;		    /* 0 if it is a result */
	char *message;		    /* of the error */
	struct control_failure *failures;
	size_t n_failures;
	struct json_object *data; /* of the error, if it is an object; else NULL */
};

/*
 * One line, its newline not counted, into *rq. -1: err->code is the code to
 * answer with and err->msg its message; rq->id is set as far as it could be
 * read. rq is to be released either way.
 */
int control_request_decode(const char *line, size_t len, struct control_request *rq, struct err *err)
    ATTR_MUST_CHECK;
void control_request_release(struct control_request *rq);
/* With its newline. rq->id is JSON ("1"); NULL makes a notification. */
void control_request_encode(struct buf *out, const struct control_request *rq);

/* {"jsonrpc":"2.0","id":ID,"result": -- the result follows -- }\n */
void control_result_begin(struct buf *out, const char *id);
void control_result_end(struct buf *out);
/* `data` is NULL or the JSON of control_failures_put(). With its newline. */
void control_error_encode(
    struct buf *out, const char *id, int code, const char *message, const char *data, size_t data_len);
/* Append one {name, error} to the list in `data`, which begins empty; then close it. */
void control_failure_put(struct buf *data, const char *name, const char *error);
void control_failures_end(struct buf *data);

/* One line of the server. -1 if it is no JSON-RPC reply. Release either way. */
int control_reply_decode(const char *line, size_t len, struct control_reply *reply, struct err *err)
    ATTR_MUST_CHECK;
void control_reply_release(struct control_reply *reply);

const char *control_method_name(enum control_method m);
/* False if there is no such method. supervisor(3)'s names may be written with dashes, as trapexit(1) has them. */
bool control_method_find(const char *name, enum control_method *m);
/* May who only looks (the group) call it? */
bool control_method_only_looks(enum control_method m);

/* "HUP", "SIGHUP", "hup", "RTMIN+1" or "1"; -1 if there is no such signal. */
int control_signal_parse(const char *text);
/* "SIGHUP", or "signal 70"; returns buf. */
#define CONTROL_SIGNAL_SIZE 24
const char *control_signal_text(int sig, char buf[CONTROL_SIGNAL_SIZE]);

#endif

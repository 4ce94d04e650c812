/*
 * supervisor(3)'s operations, once they are under way: what their outcome means
 * for the journal, and the answer in OTP's terms. That must be done whether or not
 * the client is still there, so it is kept apart from clients.
 *
 *	call = call_new(d, cookie, method, by);	     fill in what it is about
 *	result = tree_command(... cookie ...);
 *	if (result != RESULT_OK)		     else TREE_ACT_REPLY will come
 *		seq = call_finish(d, call_take(d, cookie), ..., &answer);
 */
#ifndef TRAPEXIT_DAEMON_CALL_H
#define TRAPEXIT_DAEMON_CALL_H

#include "daemon/dynamic.h"
#include "wire/control_msg.h"

struct call {
	enum control_method method;
	uint64_t cookie;
	child_handle sup;    /* where it is, or is to be */
	child_handle handle; /* CHILD_NONE: start_child's is not known yet */
	struct dynamic *dyn; /* start_child's */
	char *path;	     /* owned */
	uint32_t by;
};

struct call_answer {
	bool ok;
	struct buf term; /* "{ok,4711}": as OTP prints it */
	struct buf data; /* the result, or the data of the error: a JSON object */
	struct buf text; /* an error in words */
};

struct call *call_new(struct daemon *d, uint64_t cookie, enum control_method method, const char *path, uint32_t by);
/* The call with this cookie, which is the caller's then; NULL if there is none. */
struct call *call_take(struct daemon *d, uint64_t cookie);
/*
 * It has come to this: `child` is the reply's. Frees the call. Returns the number of the journal's
 * record that must be written before the answer goes out; 0: none.
 */
uint64_t call_finish(struct daemon *d, struct call *call, child_handle child, enum tree_result result,
    const struct exit_reason *reason, struct call_answer *answer);
void call_answer_release(struct call_answer *answer);
/* {error,NAME}: for what is refused before it becomes a call. */
void call_answer_error(struct call_answer *answer, const char *error, const char *fmt, ...) ATTR_PRINTF(3, 4);
/* ,"pid":…,"token":…,"handle":… of a child, null where there is none. */
void call_put_process(struct daemon *d, child_handle h, struct buf *b);

#endif

/*
 * Between the files of the control socket: control.c has the socket and its
 * clients, control_answer.c what they are answered, control_request.c the
 * everyday requests, control_otp.c and control_look.c those of supervisor(3),
 * control_nodes.c those about nodes, control_upgrade.c that for an upgrade.
 */
#ifndef TRAPEXIT_DAEMON_CONTROL_PRIVATE_H
#define TRAPEXIT_DAEMON_CONTROL_PRIVATE_H

#include "daemon/call.h"
#include "daemon/control.h"

/* A request whose effect is not complete yet: it waits for `left` replies. */
struct pending_request {
	struct daemon *d;
	char *id; /* owned, as JSON */
	bool notify;
	unsigned left;
	unsigned failed;
	struct buf failures;
	uint64_t cookie; /* of its first command; they follow each other */
	uint64_t cookies;
	char **names; /* owned; path by command */
	uint64_t seq; /* of its last wish: what is acknowledged must not be forgotten */
	bool flushing; /* seq is on its way to the disk */
	struct buf result; /* if its commands have an answer of their own */
	bool places; /* its commands are about children and `node`: */
	uint32_t node;
	struct buf waiting; /* a JSON list, without brackets: who waits for another node now */
	bool otp; /* one command, answered in OTP's terms: */
	enum control_method method;
	struct call_answer answer;
	struct pending_request *next;
};

struct client {
	struct control *control;
	struct bufferevent *bev;
	uid_t uid;
	bool may_change;
	bool at_end; /* it has said all, and waits for what we say */
	struct pending_request *pending;
	char *upgrade; /* owned; the id of the request whose answer the end of an upgrade is; NULL: none */
	struct client *next;
};

struct control {
	struct daemon *d;
	char *path; /* owned */
	int fd;
	struct event *ev_accept, *ev_pause;
	struct client *clients;
	uint64_t next_cookie;
	bool paused; /* another daemon comes */
};

/* control.c */
void client_send(struct client *c, const struct buf *b);

/* control_request.c */
void on_request(struct client *c, const struct control_request *rq);

/* The children that the request's names mean, by handle; NULL (and an answer sent) if one means none. Owned by the caller. */
bool *control_resolve(struct client *c, const struct control_request *rq, const char **paths,
    const child_handle *handles, size_t n);

/* control_nodes.c */
void on_place(struct client *c, const struct control_request *rq);
void on_drain(struct client *c, const struct control_request *rq);
/* A final result of a command about `node`, told in its words. */
void place_note(struct pending_request *p, const char *path, enum tree_result result, const struct exit_reason *reason);

/* control_upgrade.c */
void on_upgrade(struct client *c, const struct control_request *rq);

/* control_answer.c */
void pending_free(struct pending_request *p);
void send_error(struct client *c, const struct control_request *rq, int code, const char *message,
    const struct buf *data);
void send_result(struct client *c, const struct control_request *rq, const char *result, size_t len);
/* A request that will give n commands, with the cookies from p->cookie on. One more is awaited than that. */
struct pending_request *pending_new(struct client *c, const struct control_request *rq, uint64_t n);
/* Answer it if all its replies are in. */
void pending_try(struct client *c, struct pending_request *p);
/* A reply, or a command's final result. `answer` (may be NULL) is taken. */
void pending_note(struct pending_request *p, uint64_t cookie, enum tree_result result,
    const struct exit_reason *reason, struct call_answer *answer);
/* An answer in OTP's terms (or, for add, in everyday ones). */
void send_answer(struct client *c, const struct control_request *rq, enum control_method method,
    const struct call_answer *answer);

/* control_otp.c */
void on_start_child(struct client *c, const struct control_request *rq);
/* The recorder, and who carries events to handlers: not an operator's to remove. */
bool is_own_child(struct daemon *d, child_handle h);
void on_child_operation(struct client *c, const struct control_request *rq);

/* control_look.c */
void on_which_children(struct client *c, const struct control_request *rq);
void on_count_children(struct client *c, const struct control_request *rq);
void on_get_childspec(struct client *c, const struct control_request *rq);
void on_check_childspecs(struct client *c, const struct control_request *rq);
/* The supervisor of this name; CHILD_NONE with err. "/" is the root. */
child_handle find_supervisor(struct daemon *d, const char *name, struct err *err);
/*
 * The child that is meant below a supervisor, by id or (of a simple_one_for_one) by handle;
 * CHILD_NONE with the answer.
 */
child_handle find_child(struct daemon *d, child_handle sup, const struct control_request *rq,
    struct call_answer *answer);

#endif

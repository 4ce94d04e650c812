#include "config.h"

#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "daemon/handover.h"
#include "daemon/node.h"
#include "daemon/ties.h"
#include "daemon/trapexitd.h"
#include "os/sock.h"
#include "wire/control_msg.h"
#include "wire/name_match.h"

/* A client that does not read its answers is not waited for without bound. */
#define CLIENT_OUTPUT_MAX (64u << 20)
#define ACCEPT_PAUSE_US 1000000

static void
pending_free(struct pending_request *p)
{
	uint64_t i;

	for (i = 0; i < p->cookies; i++)
		free(p->names[i]);
	free(p->names);
	free(p->id);
	buf_release(&p->failures);
	call_answer_release(&p->answer);
	buf_release(&p->result);
	free(p);
}

static void
client_free(struct client *c)
{
	struct client **at = &c->control->clients;
	struct pending_request *p;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	while ((p = c->pending) != NULL) {
		c->pending = p->next;
		pending_free(p);
	}
	bufferevent_free(c->bev);
	free(c->upgrade);
	free(c);
}

static void
client_send(struct client *c, const struct buf *b)
{
	bufferevent_write(c->bev, b->data, b->len);
}

void
send_error(struct client *c, const struct control_request *rq, int code, const char *message, const struct buf *data)
{
	struct buf out = BUF_INIT(0);

	if (rq->notify)
		return;
	control_error_encode(&out, rq->id, code, message, data != NULL ? data->data : NULL, data != NULL ? data->len : 0);
	client_send(c, &out);
	buf_release(&out);
}

/* `result` is any JSON text. */
void
send_result(struct client *c, const struct control_request *rq, const char *result, size_t len)
{
	struct buf out = BUF_INIT(0);

	if (rq->notify)
		return;
	control_result_begin(&out, rq->id);
	buf_xadd(&out, result, len);
	control_result_end(&out);
	client_send(c, &out);
	buf_release(&out);
}

void
send_answer(struct client *c, const struct control_request *rq, enum control_method method,
    const struct call_answer *answer)
{
	const char *message = method == CONTROL_ADD ? answer->text.data : answer->term.data;

	if (answer->ok)
		send_result(c, rq, answer->data.data, answer->data.len);
	else
		send_error(c, rq, CONTROL_FAILED, message, &answer->data);
}

/* All commands of a request are answered for: tell the client. */
static void
pending_finish(struct client *c, struct pending_request *p)
{
	struct control_request rq = { .id = p->id, .notify = p->notify };
	struct pending_request **at = &c->pending;
	struct buf result = BUF_INIT(0);
	char message[64];

	if (p->otp) {
		send_answer(c, &rq, p->method, &p->answer);
	} else if (p->failed > 0) {
		snprintf(message, sizeof(message), "%u of %llu failed", p->failed, (unsigned long long)p->cookies);
		control_failures_end(&p->failures);
		send_error(c, &rq, CONTROL_FAILED, message, &p->failures);
	} else if (p->result.len > 0) {
		send_result(c, &rq, p->result.data, p->result.len);
	} else {
		buf_xprintf(&result, "{\"done\":%llu}", (unsigned long long)p->cookies);
		send_result(c, &rq, result.data, result.len);
	}
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	/* Who waits for no answer may only be waiting for the end. */
	if (p->notify && c->at_end)
		bufferevent_trigger(c->bev, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
	buf_release(&result);
	pending_free(p);
}

/* The answer: when all effects are complete (S74), and what was wished is written. */
void
pending_try(struct client *c, struct pending_request *p)
{
	if (p->left == 0 && p->seq <= c->control->d->vital_appended)
		pending_finish(c, p);
}

void
pending_note(struct pending_request *p, uint64_t cookie, enum tree_result result, const struct exit_reason *reason,
    struct call_answer *answer)
{
	char text[REASON_TEXT_SIZE + 64], why[REASON_TEXT_SIZE];

	p->left--;
	if (p->otp && answer != NULL) {
		p->answer = *answer;
		*answer = (struct call_answer){ 0 };
	}
	if (p->otp || result == RESULT_OK || result == RESULT_UNDEFINED || result == RESULT_ALREADY_STARTED ||
	    result == RESULT_RUNNING)
		return;
	if (result == RESULT_START_ERROR && reason != NULL)
		snprintf(text, sizeof(text), "did not start: %s", reason_text(reason, why));
	else
		snprintf(text, sizeof(text), "%s", tree_result_name(result));
	control_failure_put(&p->failures, p->names[cookie - p->cookie], text);
	p->failed++;
}

static struct pending_request *
pending_find(struct daemon *d, uint64_t cookie, struct client **client)
{
	struct pending_request *p;
	struct client *c;

	for (c = d->control != NULL ? d->control->clients : NULL; c != NULL; c = c->next)
		for (p = c->pending; p != NULL; p = p->next)
			if (cookie >= p->cookie && cookie < p->cookie + p->cookies) {
				*client = c;
				return p;
			}
	return NULL;
}

/* An operation has its effect whether or not its client is still there. */
void
control_reply(struct daemon *d, const struct tree_action *a)
{
	struct call *call = call_take(d, a->cookie);
	struct call_answer answer = { 0 };
	struct pending_request *p;
	struct client *c;
	uint64_t seq = 0;

	if (call != NULL)
		seq = call_finish(d, call, a->child, a->result, &a->reason, &answer);
	if ((p = pending_find(d, a->cookie, &c)) != NULL) {
		if (seq > p->seq)
			p->seq = seq;
		pending_note(p, a->cookie, a->result, &a->reason, &answer);
		pending_try(c, p);
	}
	call_answer_release(&answer);
}

void
control_progress(struct daemon *d)
{
	struct pending_request *p, *next;
	struct client *c;

	for (c = d->control->clients; c != NULL; c = c->next)
		for (p = c->pending; p != NULL; p = next) {
			next = p->next;
			pending_try(c, p);
		}
}

/* The children that the request's names mean; NULL (and an answer sent) if one means none. */
static bool *
resolve(struct client *c, const struct control_request *rq, const char **paths, const child_handle *handles, size_t n)
{
	struct buf data = BUF_INIT(0);
	struct err err = ERR_INIT;
	bool *by_path = xcalloc(n + 1, sizeof(*by_path)), *chosen = xcalloc(c->control->d->n_kids, sizeof(*chosen));
	size_t i, missing = 0;

	for (i = 0; i < rq->n_names; i++) {
		if (name_resolve(rq->names[i], paths, n, by_path, &err) != -1)
			continue;
		control_failure_put(&data, rq->names[i], err.msg);
		missing++;
	}
	for (i = 0; i < n; i++)
		chosen[handles[i]] = by_path[i];
	free(by_path);
	if (missing > 0) {
		control_failures_end(&data);
		send_error(c, rq, CONTROL_NO_CHILD, err.msg, &data);
		free(chosen);
		chosen = NULL;
	}
	buf_release(&data);
	return chosen;
}

static void
on_status(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	child_handle *handles;
	const char **paths;
	bool *chosen = NULL;
	size_t n = status_paths(d, &paths, &handles);

	if (rq->n_names == 0 || (chosen = resolve(c, rq, paths, handles, n)) != NULL) {
		status_encode(d, chosen, &result);
		send_result(c, rq, result.data, result.len);
	}
	buf_release(&result);
	free(chosen);
	free(paths);
	free(handles);
}

struct pending_request *
pending_new(struct client *c, const struct control_request *rq, uint64_t n)
{
	struct pending_request *p = xcalloc(1, sizeof(*p));

	p->id = xstrdup(rq->id);
	p->notify = rq->notify;
	p->names = xcalloc(n, sizeof(*p->names));
	p->cookie = c->control->next_cookie;
	p->cookies = n;
	p->method = rq->method;
	c->control->next_cookie += n;
	/* One more, so that it is not finished before all commands are given. */
	p->left = (unsigned)n + 1;
	p->next = c->pending;
	c->pending = p;
	return p;
}

static enum tree_command_type
command_of(enum control_method m)
{
	if (m == CONTROL_REMOVE)
		return CMD_REMOVE;
	return m == CONTROL_START ? CMD_START : m == CONTROL_STOP ? CMD_STOP : CMD_RESTART;
}

/* What becomes of it is call.c's: the journal must know, and the recorder stays. */
static void
give_removal(struct client *c, struct pending_request *p, const struct tree_command *cmd)
{
	struct daemon *d = c->control->d;
	const char *path = p->names[cmd->cookie - p->cookie];
	struct call_answer answer = { 0 };
	enum tree_result result;
	struct call *call;
	struct child_view v;
	uint64_t seq;

	if (is_own_child(d, cmd->child)) {
		control_failure_put(&p->failures, path, "it is trapexit's own, there as long as the configuration needs it");
		p->failed++;
		p->left--;
		return;
	}
	seq = rec_order(d, "remove", path, (uint32_t)c->uid);
	if (seq > p->seq)
		p->seq = seq;
	call = call_new(d, cmd->cookie, CONTROL_REMOVE, path, (uint32_t)c->uid);
	call->sup = tree_view(d->tree, cmd->child, &v) ? v.parent : CHILD_NONE;
	call->handle = cmd->child;
	result = tree_command(d->tree, cmd, mono_now(), NULL);
	if (result == RESULT_OK)
		return;
	call_finish(d, call_take(d, cmd->cookie), CHILD_NONE, result, NULL, &answer);
	pending_note(p, cmd->cookie, result, NULL, NULL);
	call_answer_release(&answer);
}

static void
give_command(struct client *c, const struct control_request *rq, struct pending_request *p, uint64_t i, child_handle h)
{
	struct daemon *d = c->control->d;
	struct tree_command cmd = { .type = command_of(rq->method), .child = h, .cookie = p->cookie + i };
	enum tree_result result;

	p->names[i] = xstrdup(d->kids[h].path);
	if (rq->method == CONTROL_REMOVE) {
		give_removal(c, p, &cmd);
		return;
	}
	rec_order(d, control_method_name(rq->method), p->names[i], (uint32_t)c->uid);
	/* A child stopped by hand stays stopped, over a daemon's restart, too. */
	p->seq = rec_wish(d, p->names[i], rq->method == CONTROL_STOP, (uint32_t)c->uid);
	result = tree_command(d->tree, &cmd, mono_now(), NULL);
	if (result != RESULT_OK)
		pending_note(p, cmd.cookie, result, NULL, NULL);
}

/* start, stop, restart: every chosen child that is not below another chosen one. */
static void
on_command(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct pending_request *p;
	struct child_view v;
	child_handle *handles;
	const char **paths;
	bool *chosen;
	uint64_t i, count = 0;
	size_t n = status_paths(d, &paths, &handles);

	if ((chosen = resolve(c, rq, paths, handles, n)) != NULL) {
		for (i = 0; i < n; i++) {
			bool below = tree_view(d->tree, handles[i], &v) && v.parent != CHILD_NONE && chosen[v.parent];

			/* Keep the mark for those below, but give one order. */
			if (chosen[handles[i]] && !below)
				handles[count++] = handles[i];
			else if (below)
				chosen[handles[i]] = true;
		}
		p = pending_new(c, rq, count);
		for (i = 0; i < count; i++)
			give_command(c, rq, p, i, handles[i]);
		p->left--;
		pending_try(c, p);
		daemon_pump(d);
	}
	free(chosen);
	free(paths);
	free(handles);
}

static void
on_signal(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	child_handle *handles;
	const char **paths;
	bool *chosen;
	unsigned sent = 0;
	size_t i, n = status_paths(d, &paths, &handles);

	if ((chosen = resolve(c, rq, paths, handles, n)) != NULL) {
		for (i = 0; i < n; i++) {
			const struct incarnation *inc = d->kids[handles[i]].now;
			struct order order = { .type = ORDER_SIGNAL, .signal = rq->signal };

			if (!chosen[handles[i]] || inc == NULL || inc->state != INC_LIVE)
				continue;
			order.token = inc->token;
			rec_order(d, "signal", paths[i], (uint32_t)c->uid);
			node_order(&d->nodes[inc->node], &order);
			sent++;
		}
		if (sent == 0) {
			send_error(c, rq, CONTROL_FAILED, "none of them is running", NULL);
		} else {
			buf_xprintf(&result, "{\"done\":%u}", sent);
			send_result(c, rq, result.data, result.len);
		}
		daemon_pump(d);
	}
	buf_release(&result);
	free(chosen);
	free(paths);
	free(handles);
}

/* link, unlink, monitor, demonitor, exit: done at once, and answered when it is written. */
static void
on_tie(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct pending_request *p;
	uint64_t seq = 0;

	if (ties_request(d, rq, (uint32_t)c->uid, &result, &seq, &err) == -1) {
		send_error(c, rq, err.code, err.msg, NULL);
		buf_release(&result);
	} else {
		p = pending_new(c, rq, 0);
		p->result = result;
		p->seq = seq;
		p->left--;
		pending_try(c, p);
	}
	daemon_pump(d);
}

static void
on_reload(struct client *c, const struct control_request *rq)
{
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;

	if (reload(c->control->d, rq->plan, (uint32_t)c->uid, &out, &err) == -1)
		send_error(c, rq, CONTROL_FAILED, err.msg, NULL);
	else
		send_result(c, rq, out.data, out.len);
	buf_release(&out);
	daemon_pump(c->control->d);
}

static void
on_simple(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf version = BUF_INIT(0);

	switch (rq->method) {
	case CONTROL_VERSION:
		buf_xaddstr(&version, "{\"version\":");
		json_put_string(&version, daemon_version());
		buf_xaddstr(&version, ",\"protocol\":1}");
		send_result(c, rq, version.data, version.len);
		buf_release(&version);
		return;
	case CONTROL_REOPEN:
		log_reopen();
		journal_reopen_logs(d->journal);
		send_result(c, rq, "{}", 2);
		return;
	case CONTROL_SHUTDOWN:
		send_result(c, rq, "{}", 2);
		log_info("shutdown, by uid %u", (unsigned)c->uid);
		daemon_stop(d, (uint32_t)c->uid);
		return;
	case CONTROL_STATUS:
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
	case CONTROL_SIGNAL:
	case CONTROL_LINK:
	case CONTROL_UNLINK:
	case CONTROL_MONITOR:
	case CONTROL_DEMONITOR:
	case CONTROL_EXIT:
	case CONTROL_RELOAD:
	case CONTROL_START_CHILD:
	case CONTROL_TERMINATE_CHILD:
	case CONTROL_RESTART_CHILD:
	case CONTROL_DELETE_CHILD:
	case CONTROL_GET_CHILDSPEC:
	case CONTROL_WHICH_CHILDREN:
	case CONTROL_COUNT_CHILDREN:
	case CONTROL_CHECK_CHILDSPECS:
	case CONTROL_ADD:
	case CONTROL_REMOVE:
	case CONTROL_NODES:
	case CONTROL_UPGRADE:
		return;
	}
}

static void
on_upgrade(struct client *c, const struct control_request *rq)
{
	struct err err = ERR_INIT;

	if (c->control->d->handover == NULL && !rq->notify)
		c->upgrade = xstrdup(rq->id);
	log_info("upgrade, by uid %u", (unsigned)c->uid);
	if (handover_start(c->control->d, (uint32_t)c->uid, rq->timeout_ms, &err) == 0)
		return;
	if (err.code != EBUSY || c->control->d->handover == NULL) {
		free(c->upgrade);
		c->upgrade = NULL;
	}
	send_error(c, rq, err.code == EBUSY ? CONTROL_BUSY : CONTROL_FAILED, err.msg, NULL);
}

static void
on_nodes(struct client *c, const struct control_request *rq)
{
	struct buf result = BUF_INIT(0);

	status_nodes(c->control->d, &result);
	send_result(c, rq, result.data, result.len);
	buf_release(&result);
}

static void
on_request(struct client *c, const struct control_request *rq)
{
	if (!c->may_change && !control_method_only_looks(rq->method)) {
		send_error(c, rq, CONTROL_NOT_PERMITTED, "only root and the owner of trapexitd may do this", NULL);
		return;
	}
	if (c->control->paused) {
		send_error(c, rq, CONTROL_BUSY, "another trapexitd takes over; try again", NULL);
		return;
	}
	if (!c->control->d->begun && !control_method_only_looks(rq->method) && rq->method != CONTROL_SHUTDOWN) {
		send_error(c, rq, CONTROL_BUSY, "not attached to the agent yet; try again", NULL);
		return;
	}
	switch (rq->method) {
	case CONTROL_STATUS:
		on_status(c, rq);
		break;
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
	case CONTROL_REMOVE:
		on_command(c, rq);
		break;
	case CONTROL_START_CHILD:
	case CONTROL_ADD:
		on_start_child(c, rq);
		break;
	case CONTROL_TERMINATE_CHILD:
	case CONTROL_RESTART_CHILD:
	case CONTROL_DELETE_CHILD:
		on_child_operation(c, rq);
		break;
	case CONTROL_WHICH_CHILDREN:
		on_which_children(c, rq);
		break;
	case CONTROL_COUNT_CHILDREN:
		on_count_children(c, rq);
		break;
	case CONTROL_GET_CHILDSPEC:
		on_get_childspec(c, rq);
		break;
	case CONTROL_CHECK_CHILDSPECS:
		on_check_childspecs(c, rq);
		break;
	case CONTROL_SIGNAL:
		on_signal(c, rq);
		break;
	case CONTROL_LINK:
	case CONTROL_UNLINK:
	case CONTROL_MONITOR:
	case CONTROL_DEMONITOR:
	case CONTROL_EXIT:
		on_tie(c, rq);
		break;
	case CONTROL_RELOAD:
		on_reload(c, rq);
		break;
	case CONTROL_NODES:
		on_nodes(c, rq);
		break;
	case CONTROL_UPGRADE:
		on_upgrade(c, rq);
		break;
	case CONTROL_SHUTDOWN:
	case CONTROL_REOPEN:
	case CONTROL_VERSION:
		on_simple(c, rq);
		break;
	}
}

static void
on_line(struct client *c, const char *line, size_t len)
{
	struct control_request rq;
	struct err err = ERR_INIT;

	if (control_request_decode(line, len, &rq, &err) == -1)
		send_error(c, &rq, err.code, err.msg, NULL);
	else
		on_request(c, &rq);
	control_request_release(&rq);
}

/* What comes is no request any more, however it ends: say so, and leave when that and all that is owed is said. */
static void
refuse_long(struct client *c)
{
	const struct control_request rq = { .id = (char[]){ "null" } };
	char message[64];

	snprintf(message, sizeof(message), "a request is at most %u bytes long", CONTROL_LINE_MAX);
	send_error(c, &rq, CONTROL_INVALID_REQUEST, message, NULL);
	c->at_end = true;
	bufferevent_disable(c->bev, EV_READ);
}

static void
client_read_cb(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len;
	char *line;

	while ((line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF)) != NULL) {
		if (len > 0)
			on_line(c, line, len);
		free(line);
	}
	if (evbuffer_get_length(bufferevent_get_output(bev)) > CLIENT_OUTPUT_MAX)
		client_free(c);
	else if (evbuffer_get_length(in) > CONTROL_LINE_MAX)
		refuse_long(c);
}

/* What it asked is answered, and the answers are on their way: leave it. */
static void
client_write_cb(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	if (c->at_end && c->pending == NULL && c->upgrade == NULL && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		client_free(c);
}

static void
client_event_cb(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	if ((what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING)) {
		/* Half closed, as by socat(1), or gone: then the first answer fails. */
		c->at_end = true;
		bufferevent_disable(bev, EV_READ);
		client_write_cb(bev, c);
	} else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
		client_free(c);
	}
}

/* The owner and root may do all; the configured group may look; nobody else comes in. */
static bool
admit(const struct daemon *d, const struct sock_peer *peer, bool *may_change)
{
	*may_change = peer->uid == 0 || peer->uid == geteuid();
	/* Others can connect only if the mode of the socket let them: by the group that may look. */
	return *may_change || d->config->group != NULL;
}

static void
accept_cb(evutil_socket_t listener, short what, void *arg)
{
	struct control *control = arg;
	struct timeval pause = { .tv_sec = 0, .tv_usec = ACCEPT_PAUSE_US - 1 };
	struct sock_peer peer;
	struct client *c;
	bool may_change;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd == -1) {
		/* No descriptor is left: rest for a while instead of spinning. */
		if (errno == EMFILE || errno == ENFILE) {
			event_del(control->ev_accept);
			evtimer_add(control->ev_pause, &pause);
		}
		return;
	}
	if (sock_peer(fd, &peer) == -1 || !admit(control->d, &peer, &may_change)) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->control = control;
	c->uid = peer.uid;
	c->may_change = may_change;
	c->bev = bufferevent_socket_new(control->d->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->next = control->clients;
	control->clients = c;
	bufferevent_setcb(c->bev, client_read_cb, client_write_cb, client_event_cb, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
pause_cb(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;

	(void)fd;
	(void)what;
	event_add(control->ev_accept, NULL);
}

/* Mode and group of the socket say who can connect at all. */
static int
set_access(const struct control *control, struct err *err)
{
	const char *name = control->d->config->group;
	const struct group *group;

	if (name == NULL)
		return chmod(control->path, 0600) == -1 ? err_sys(err, errno, "%s", control->path) : 0;
	if ((group = getgrnam(name)) == NULL)
		return err_set(err, 0, "group \"%s\": there is no such group", name);
	if (chown(control->path, (uid_t)-1, group->gr_gid) == -1 || chmod(control->path, 0660) == -1)
		return err_sys(err, errno, "%s", control->path);
	return 0;
}

/*
 * The lock on the state directory says that no daemon of that one listens here;
 * but another installation may have been given the same run_dir.
 */
static int
listen_at(const char *path, struct err *err)
{
	struct err e = ERR_INIT;
	int fd = sock_connect(path, &e);

	if (fd != -1 || e.code == EAGAIN) {
		if (fd != -1)
			close(fd);
		return err_set(err, EADDRINUSE, "%s: another trapexitd listens there; each needs a run_dir of its own", path);
	}
	return sock_listen(path, 0600, err);
}

struct control *
control_open(struct daemon *d, const char *path, int listener, struct err *err)
{
	struct control *control;
	int fd = listener != -1 ? listener : listen_at(path, err);

	if (fd == -1)
		return NULL;
	control = xcalloc(1, sizeof(*control));
	control->d = d;
	control->path = xstrdup(path);
	control->fd = fd;
	control->next_cookie = 1;
	control->ev_accept = event_new(d->base, fd, EV_READ | EV_PERSIST, accept_cb, control);
	control->ev_pause = evtimer_new(d->base, pause_cb, control);
	event_add(control->ev_accept, NULL);
	if (set_access(control, err) == -1) {
		control_close(control);
		return NULL;
	}
	return control;
}

int
control_listener(const struct daemon *d)
{
	return d->control != NULL ? d->control->fd : -1;
}

void
control_pause(struct daemon *d)
{
	d->control->paused = true;
	event_del(d->control->ev_accept);
	evtimer_del(d->control->ev_pause);
}

void
control_break(struct daemon *d)
{
	struct pending_request *p;
	struct client *c;

	for (c = d->control->clients; c != NULL; c = c->next)
		while ((p = c->pending) != NULL) {
			struct control_request rq = { .id = p->id, .notify = p->notify };

			send_error(c, &rq, CONTROL_BUSY, "another trapexitd takes over; the order stands, its end is not known", NULL);
			c->pending = p->next;
			pending_free(p);
		}
}

static struct client *
upgrade_client(const struct daemon *d)
{
	struct client *c = d->control->clients;

	while (c != NULL && c->upgrade == NULL)
		c = c->next;
	return c;
}

int
control_upgrade_client(const struct daemon *d)
{
	const struct client *c = upgrade_client(d);

	return c != NULL ? bufferevent_getfd(c->bev) : -1;
}

char *
control_upgrade_request(const struct daemon *d)
{
	const struct client *c = upgrade_client(d);

	return c != NULL ? xstrdup(c->upgrade) : NULL;
}

/* Who asked may be a client of ours, or have been one of those that were before us. */
void
control_upgraded(struct daemon *d, const struct offer *about, int code, const char *text)
{
	struct client *c = upgrade_client(d);
	const char *id = c != NULL ? c->upgrade : about->request;
	struct buf out = BUF_INIT(0);

	if (id == NULL)
		return;
	if (code != 0) {
		control_error_encode(&out, id, code, text, NULL, 0);
	} else {
		control_result_begin(&out, id);
		buf_xaddstr(&out, text);
		control_result_end(&out);
	}
	if (c != NULL) {
		client_send(c, &out);
		free(c->upgrade);
		c->upgrade = NULL;
	} else if (about->client != -1) {
		/* It has had no answer yet, so there is room for this one. */
		(void)!send(about->client, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	buf_release(&out);
}

static void
client_flush(struct client *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	evbuffer_unfreeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		evbuffer_write(out, bufferevent_getfd(c->bev));
}

void
control_flush(struct daemon *d)
{
	struct client *c;

	for (c = d->control->clients; c != NULL; c = c->next)
		client_flush(c);
}

/* What the last answers still have to say is written before the end, as far as it goes at once. */
void
control_close(struct control *control)
{
	if (control == NULL)
		return;
	while (control->clients != NULL) {
		client_flush(control->clients); /* NOLINT: client_free takes it off the list */
		client_free(control->clients);
	}
	event_free(control->ev_accept);
	event_free(control->ev_pause);
	close(control->fd);
	unlink(control->path);
	free(control->path);
	free(control);
}

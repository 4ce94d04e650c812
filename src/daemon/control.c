#include "config.h"

#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "os/fd.h"
#include "os/sock.h"
#include "os/spawn.h"
#include "wire/control_msg.h"

/* A client that does not read its answers is not waited for without bound. */
#define CLIENT_OUTPUT_MAX (64u << 20)
#define ACCEPT_PAUSE_US 1000000

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

void
client_send(struct client *c, const struct buf *b)
{
	bufferevent_write(c->bev, b->data, b->len);
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
	/* The low numbers are for the ends of ssh processes (os/spawn.h): many clients must not keep them from starting. */
	fd = fd_move_up(fd, SPAWN_FD_LIMIT);
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

/* Who asked for an upgrade waits for its end, over the daemons that it takes. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "daemon/handover.h"
#include "daemon/trapexitd.h"
#include "wire/control_msg.h"

void
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
	if (err.code != EBUSY)
		err_wrap(&err, HANDOVER_FAILED_FORMAT, daemon_version());
	send_error(c, rq, err.code == EBUSY ? CONTROL_BUSY : CONTROL_FAILED, err.msg, NULL);
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

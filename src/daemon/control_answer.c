/* Answers of the control socket, and requests whose effect is not complete yet (S74). */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "wire/control_msg.h"

void
pending_free(struct pending_request *p)
{
	uint64_t i;

	for (i = 0; i < p->cookies; i++)
		free(p->names[i]);
	free(p->names);
	free(p->id);
	buf_release(&p->failures);
	buf_release(&p->waiting);
	call_answer_release(&p->answer);
	buf_release(&p->result);
	free(p);
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
		buf_xprintf(&result, "{\"done\":%llu", (unsigned long long)p->cookies);
		if (p->places)
			buf_xprintf(&result, ",\"waiting\":[%s]", p->waiting.len > 0 ? p->waiting.data : "");
		buf_xaddc(&result, '}');
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

/* The answer: when all effects are complete (S74), and what was wished survives a power cut. */
void
pending_try(struct client *c, struct pending_request *p)
{
	struct daemon *d = c->control->d;

	if (p->left > 0)
		return;
	if (p->seq <= d->vital_safe) {
		pending_finish(c, p);
	} else if (!p->flushing) {
		/* Whoever waits at a terminal is not to wait for the next group commit, too. */
		p->flushing = true;
		journal_flush_soon(d->journal);
	}
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
	if (p->places) {
		place_note(p, p->names[cookie - p->cookie], result, reason);
		return;
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

struct pending_request *
pending_new(struct client *c, const struct control_request *rq, uint64_t n)
{
	struct pending_request *p = xcalloc(1, sizeof(*p));

	p->d = c->control->d;
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

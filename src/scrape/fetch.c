#include "scrape/fetch.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/address.h"

#define IDLE_MAX 8 /* easy handles that wait for their next use */
#define BODY_KEEP (256u << 10) /* of a body's memory, for the next one */

struct fetch {
	LIST_ENTRY(fetch) entry; /* running or idle */
	struct fetcher *fetcher;
	CURL *easy; /* owned */
	struct buf body;
	fetch_done_cb *done;
	void *arg;
	mono_t started;
	bool private_address, too_large;
	char error[CURL_ERROR_SIZE];
};

/* One socket of libcurl, under libevent's watch. */
struct watch {
	struct event *event;
};

struct fetcher {
	struct fetch_options options;
	struct event_base *base; /* borrowed */
	struct event *timer;
	CURLM *multi;
	LIST_HEAD(, fetch) running;
	LIST_HEAD(, fetch) idle;
	unsigned n_idle;
};

/* What a transfer ended with, in stable words. */
static const struct {
	CURLcode code;
	const char *reason;
	bool passing;
} reasons[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, "dns", true },
	{ CURLE_COULDNT_RESOLVE_PROXY, "dns", true },
	{ CURLE_COULDNT_CONNECT, "connect", true },
	{ CURLE_OPERATION_TIMEDOUT, "timeout", true },
	{ CURLE_SSL_CONNECT_ERROR, "tls", false },
	{ CURLE_PEER_FAILED_VERIFICATION, "tls", false },
	{ CURLE_SSL_CERTPROBLEM, "tls", false },
	{ CURLE_SSL_CIPHER, "tls", false },
	{ CURLE_SSL_CACERT_BADFILE, "tls", false },
	{ CURLE_SSL_ISSUER_ERROR, "tls", false },
	{ CURLE_SSL_ENGINE_INITFAILED, "tls", false },
	{ CURLE_SSL_INVALIDCERTSTATUS, "tls", false },
	{ CURLE_TOO_MANY_REDIRECTS, "too-many-redirects", false },
	{ CURLE_UNSUPPORTED_PROTOCOL, "bad-url", false },
	{ CURLE_URL_MALFORMAT, "bad-url", false },
	{ CURLE_GOT_NOTHING, "connection-lost", true },
	{ CURLE_SEND_ERROR, "connection-lost", true },
	{ CURLE_RECV_ERROR, "connection-lost", true },
	{ CURLE_PARTIAL_FILE, "connection-lost", true },
	{ CURLE_HTTP2, "connection-lost", true },
	{ CURLE_HTTP2_STREAM, "connection-lost", true },
	{ CURLE_BAD_CONTENT_ENCODING, "bad-encoding", false },
	{ CURLE_FILESIZE_EXCEEDED, "too-large", false },
	{ CURLE_WEIRD_SERVER_REPLY, "bad-answer", true },
};

char *
fetch_host(const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *out = NULL, *p;

	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		goto out;
	curl_url_get(u, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
	out = port != NULL ? xasprintf("%s:%s", host, port) : xstrdup(host);
	for (p = out; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return out;
}

/* P53, on the address that was resolved: a name proves nothing. */
static curl_socket_t
opensocket_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = arg;

	if (purpose == CURLSOCKTYPE_IPCXN && !fetch->fetcher->options.allow_private &&
	    address_is_private(&address->addr)) {
		fetch->private_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
body_cb(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *fetch = arg;

	if (buf_add(&fetch->body, data, size * n) == 0)
		return size * n;
	fetch->too_large = true;
	return 0; /* ends the transfer */
}

static void
set_options(struct fetch *fetch)
{
	const struct fetch_options *o = &fetch->fetcher->options;
	CURL *easy = fetch->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_cb);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opensocket_cb);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, o->user_agent);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)FETCH_REDIRECTS_MAX);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* A page of one gigabyte says so: then not a byte of it is read. */
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)o->max_body);
}

static struct fetch *
fetch_new(struct fetcher *f)
{
	struct fetch *fetch = LIST_FIRST(&f->idle);

	if (fetch != NULL) {
		LIST_REMOVE(fetch, entry);
		f->n_idle--;
	} else {
		fetch = xcalloc(1, sizeof(*fetch));
		fetch->fetcher = f;
		fetch->body = (struct buf)BUF_INIT(f->options.max_body);
		fetch->easy = curl_easy_init();
		if (fetch->easy == NULL)
			fatalx("libcurl: out of memory");
		set_options(fetch);
	}
	fetch->private_address = fetch->too_large = false;
	fetch->error[0] = '\0';
	buf_clear(&fetch->body);
	return fetch;
}

static void
fetch_free(struct fetch *fetch)
{
	curl_easy_cleanup(fetch->easy);
	buf_release(&fetch->body);
	free(fetch);
}

/* Off the running list, to wait for its next use or to go. */
static void
fetch_retire(struct fetch *fetch)
{
	struct fetcher *f = fetch->fetcher;

	LIST_REMOVE(fetch, entry);
	if (f->n_idle >= IDLE_MAX) {
		fetch_free(fetch);
		return;
	}
	if (fetch->body.cap > BODY_KEEP)
		buf_release(&fetch->body);
	LIST_INSERT_HEAD(&f->idle, fetch, entry);
	f->n_idle++;
}

static void
explain(const struct fetch *fetch, CURLcode code, struct fetch_result *r)
{
	size_t i;

	snprintf(r->detail, sizeof(r->detail), "%s", fetch->error[0] != '\0' ? fetch->error : curl_easy_strerror(code));
	r->reason = "fetch-failed";
	if (fetch->too_large) {
		r->reason = "too-large";
		return;
	}
	if (fetch->private_address && code == CURLE_COULDNT_CONNECT) {
		r->reason = "private-address";
		snprintf(r->detail, sizeof(r->detail), "the host has a loopback, private or link-local address only");
		return;
	}
	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].code == code) {
			r->reason = reasons[i].reason;
			r->passing = reasons[i].passing;
		}
	}
}

/* 408, 425 and 5xx pass; 429 and 503 are their host's business (P51). */
static void
judge_status(struct fetch_result *r, char reason[32])
{
	if (r->http_status < 400)
		return;
	snprintf(reason, 32, "http-%ld", r->http_status);
	snprintf(r->detail, sizeof(r->detail), "the answer was %ld", r->http_status);
	r->reason = reason;
	r->passing = r->http_status >= 500 || r->http_status == 408 || r->http_status == 425;
}

static void
fetch_finish(struct fetch *fetch, CURLcode code)
{
	struct fetch_result r = { .duration_ms = mono_diff_us(mono_now(), fetch->started) / US_PER_MS };
	fetch_done_cb *done = fetch->done;
	void *arg = fetch->arg;
	curl_off_t after = 0;
	char *type = NULL, reason[32];

	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &r.http_status);
	curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(fetch->easy, CURLINFO_RETRY_AFTER, &after);
	r.retry_after_s = after > FETCH_RETRY_AFTER_MAX_S ? FETCH_RETRY_AFTER_MAX_S : after;
	r.content_type = type;
	r.body = fetch->body.data != NULL ? fetch->body.data : "";
	r.len = fetch->body.len;
	if (code != CURLE_OK)
		explain(fetch, code, &r);
	else
		judge_status(&r, reason);
	curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
	done(&r, arg);
	fetch_retire(fetch);
}

static void
take_finished(struct fetcher *f)
{
	struct fetch *fetch;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(f->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&fetch);
		fetch_finish(fetch, m->data.result);
	}
}

static void
socket_ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *f = arg;
	int running, action = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(f->multi, fd, action, &running);
	take_finished(f);
}

static void
timer_ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *f = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(f);
}

/* libcurl's wish for a socket. */
static int
socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
	struct fetcher *f = arg;
	struct watch *w = of_socket;
	short events;

	(void)easy;
	if (w != NULL)
		event_free(w->event);
	if (what == CURL_POLL_REMOVE) {
		free(w);
		return 0;
	}
	if (w == NULL) {
		w = xmalloc(sizeof(*w));
		curl_multi_assign(f->multi, fd, w);
	}
	events = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
	w->event = event_new(f->base, fd, events, socket_ready_cb, f);
	if (w->event == NULL || event_add(w->event, NULL) == -1)
		fatalx("libevent: cannot watch a socket");
	return 0;
}

/* libcurl's wish for its timer. */
static int
timer_cb(CURLM *multi, long ms, void *arg)
{
	struct fetcher *f = arg;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	(void)multi;
	if (ms < 0)
		evtimer_del(f->timer);
	else
		evtimer_add(f->timer, &tv);
	return 0;
}

struct fetcher *
fetcher_new(struct event_base *base, const struct fetch_options *options, struct err *err)
{
	struct fetcher *f = xcalloc(1, sizeof(*f));

	LIST_INIT(&f->running);
	LIST_INIT(&f->idle);
	f->options = *options;
	f->base = base;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto fail;
	f->multi = curl_multi_init();
	f->timer = evtimer_new(base, timer_ready_cb, f);
	if (f->multi == NULL || f->timer == NULL)
		goto fail;
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	return f;
fail:
	fetcher_free(f);
	err_set(err, 0, "libcurl cannot start");
	return NULL;
}

void
fetcher_free(struct fetcher *f)
{
	struct fetch *fetch;

	if (f == NULL)
		return;
	while ((fetch = LIST_FIRST(&f->running)) != NULL)
		fetch_abort(fetch); /* NOLINT: it takes itself off the list */
	while ((fetch = LIST_FIRST(&f->idle)) != NULL) {
		LIST_REMOVE(fetch, entry);
		fetch_free(fetch);
	}
	if (f->multi != NULL)
		curl_multi_cleanup(f->multi);
	if (f->timer != NULL)
		event_free(f->timer);
	free(f);
	curl_global_cleanup();
}

struct fetch *
fetch_start(struct fetcher *f, const char *url, fetch_done_cb *done, void *arg)
{
	struct fetch *fetch = fetch_new(f);

	fetch->done = done;
	fetch->arg = arg;
	fetch->started = mono_now();
	curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
	LIST_INSERT_HEAD(&f->running, fetch, entry);
	/* Nothing runs before the loop does: libcurl sets its timer to zero. */
	if (curl_multi_add_handle(f->multi, fetch->easy) != CURLM_OK)
		fatalx("libcurl: cannot start a transfer");
	return fetch;
}

void
fetch_abort(struct fetch *fetch)
{
	curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
	fetch_retire(fetch);
}

#include "scrape/fetch_transfer.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/address.h"
#include "scrape/fetch_header.h"
#include "scrape/fetch_reason.h"
#include "scrape/fetch_trust.h"

#define IDLE_MAX 1024 /* easy handles that wait for their next use */
#define IDLE_BODIES 16 /* of them, those that keep the memory of a body */
#define BODY_KEEP (256u << 10) /* of a body's memory, for the next one */
#define REDIRECT_BODY_MAX (64u << 10) /* of what nobody reads, before its connection is given up */
#define COOKIES_MAX (4u << 20) /* bytes of Set-Cookie since the jar was emptied */
#define BUFFER_SIZE (32L << 10) /* of a connection: twice what libcurl takes, half the calls for a page */
#define LOW_SPEED 64L /* bytes a second that an answer under way must come with, over half its time */

struct transfer {
	LIST_ENTRY(transfer) entry; /* running or idle */
	struct transfers *all;
	CURL *easy; /* owned */
	struct curl_slist *headers; /* owned */
	struct buf body;
	transfer_done_cb *done;
	void *arg;
	mono_t started;
	long timeout_ms;
	size_t header_bytes;
	unsigned n_refused, n_opened; /* addresses (P53) */
	bool direct; /* without a proxy */
	bool conditional, redirect, may_cut, cut, too_large, headers_too_large;
	char error[CURL_ERROR_SIZE];
};

/* One socket of libcurl, under libevent's watch. */
struct watch {
	struct event *event;
};

struct transfers {
	const struct fetch_options *options;
	struct event_base *base; /* borrowed */
	struct event *timer;
	bool acting, due; /* libcurl has its turn; its timer is due at once */
	CURLM *multi;
	CURLSH *share; /* the cookies */
	struct fetch_trust trust;
	size_t cookie_bytes;
	LIST_HEAD(, transfer) running;
	LIST_HEAD(, transfer) idle;
	unsigned n_idle;
};

/* P53, on the address that was resolved: a name proves nothing. A kept connection stays with its address. */
static curl_socket_t
opensocket_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;

	if (purpose == CURLSOCKTYPE_IPCXN && t->direct && !t->all->options->allow_private &&
	    address_is_private(&address->addr)) {
		t->n_refused++;
		return CURL_SOCKET_BAD;
	}
	t->n_opened++;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool
is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool
is_field(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len > n && line[n] == ':' && strncasecmp(line, name, n) == 0;
}

/* A line of the header, or of what comes before it (1xx) and behind the body. */
static size_t
header_cb(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;

	if (t->header_bytes == 0) {
		/* Who takes his time to think is given it all; who has begun must go on. */
		curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED);
		curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, t->timeout_ms / 2000 + 1);
	}
	t->header_bytes += len;
	if (t->header_bytes > TRANSFER_HEADERS_MAX) {
		t->headers_too_large = true;
		return 0; /* ends the transfer */
	}
	if (is_field(data, len, "Set-Cookie"))
		t->all->cookie_bytes += len;
	return len;
}

static size_t
body_cb(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;
	long status = 0;

	if (t->body.len == 0) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		t->redirect = is_redirect(status);
	}
	if (t->redirect && t->body.len + len > REDIRECT_BODY_MAX)
		return 0;
	if (buf_add(&t->body, data, len) == 0)
		return len;
	t->cut = t->may_cut && buf_add(&t->body, data, t->body.max - t->body.len) == 0;
	t->too_large = !t->cut;
	return 0;
}

static void
set_options(struct transfer *t)
{
	CURL *easy = t->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_cb);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_cb);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, opensocket_cb);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, t->all->options->user_agent);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* who goes directly is decided before */
	fetch_trust_apply(&t->all->trust, easy);
	curl_easy_setopt(easy, CURLOPT_SHARE, t->all->share);
	curl_easy_setopt(easy, CURLOPT_COOKIEFILE, ""); /* in memory */
}

static struct transfer *
transfer_new(struct transfers *all)
{
	struct transfer *t = LIST_FIRST(&all->idle);

	if (t != NULL) {
		LIST_REMOVE(t, entry);
		all->n_idle--;
	} else {
		t = xcalloc(1, sizeof(*t));
		t->all = all;
		t->easy = curl_easy_init();
		if (t->easy == NULL)
			fatalx("libcurl: out of memory");
		set_options(t);
	}
	t->conditional = t->redirect = t->too_large = t->headers_too_large = t->cut = false;
	t->n_refused = t->n_opened = 0;
	t->header_bytes = 0;
	t->error[0] = '\0';
	buf_clear(&t->body);
	return t;
}

static void
transfer_free(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	buf_release(&t->body);
	free(t);
}

/* A jar that hostile shops fill has an end, too. */
static void
bound_cookies(struct transfer *t)
{
	if (t->all->cookie_bytes <= COOKIES_MAX)
		return;
	curl_easy_setopt(t->easy, CURLOPT_COOKIELIST, "ALL");
	t->all->cookie_bytes = 0;
}

/* Off the running list, to wait for its next use or to go. */
static void
transfer_retire(struct transfer *t)
{
	struct transfers *all = t->all;

	LIST_REMOVE(t, entry);
	bound_cookies(t);
	if (all->n_idle >= IDLE_MAX) {
		transfer_free(t);
		return;
	}
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, 0L);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (t->body.cap > BODY_KEEP || all->n_idle >= IDLE_BODIES)
		buf_release(&t->body);
	LIST_INSERT_HEAD(&all->idle, t, entry);
	all->n_idle++;
}

/* A field of the answer; NULL if it has none. */
static const char *
field(const struct transfer *t, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static void
read_fields(const struct transfer *t, struct fetch_result *r)
{
	const char *after = field(t, "Retry-After");

	if (after != NULL)
		r->retry_after_s = fetch_retry_after(after, field(t, "Date"), wall_ms() / 1000);
	if (r->http_status != 200 && r->http_status != 304)
		return;
	r->etag = field(t, "ETag");
	if (r->etag != NULL && !fetch_is_etag(r->etag))
		r->etag = NULL;
	r->last_modified = field(t, "Last-Modified");
	if (r->last_modified != NULL && !fetch_is_last_modified(r->last_modified, field(t, "Date")))
		r->last_modified = NULL;
}

/* Why there is no answer, or not all of it. */
static void
explain(const struct transfer *t, CURLcode code, struct fetch_result *r)
{
	long connect_status = 0;

	snprintf(r->detail, sizeof(r->detail), "%s", t->error[0] != '\0' ? t->error : curl_easy_strerror(code));
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	if (t->too_large) {
		r->reason = "too-large";
	} else if (t->headers_too_large) {
		r->reason = "too-large";
		snprintf(r->detail, sizeof(r->detail), "a header of more than %u bytes", TRANSFER_HEADERS_MAX);
	} else if (t->n_refused > 0 && t->n_opened == 0 && code == CURLE_COULDNT_CONNECT) {
		r->reason = "private-address";
		snprintf(r->detail, sizeof(r->detail), "the host has a loopback, private or link-local address only");
	} else if (connect_status >= 300) {
		r->reason = "proxy";
		r->passing = connect_status >= 500;
	} else {
		r->reason = fetch_reason_of(code, &r->passing);
	}
}

static void
transfer_finish(struct transfer *t, CURLcode code)
{
	struct fetch_result r = { .duration_ms = mono_diff_us(mono_now(), t->started) / US_PER_MS };
	const char *location = NULL;
	char *type = NULL;
	char reason[FETCH_REASON_SIZE];

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r.http_status);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	if (r.http_status < 200)
		r.http_status = 0;
	if (is_redirect(r.http_status))
		location = field(t, "Location");
	r.content_type = type;
	r.body = t->body.data != NULL ? t->body.data : "";
	r.len = t->body.len;
	r.not_modified = r.http_status == 304 && t->conditional;
	read_fields(t, &r);
	/* A status that decides, decides though its body is cut or too long. */
	if (code != CURLE_OK && r.http_status < 300 && !t->cut)
		explain(t, code, &r);
	else if (!r.not_modified)
		fetch_reason_of_status(&r, reason);
	curl_multi_remove_handle(t->all->multi, t->easy);
	t->done(&r, location, t->arg);
	transfer_retire(t);
}

static void
take_finished(struct transfers *all)
{
	struct transfer *t;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(all->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		transfer_finish(t, m->data.result);
	}
}

static void
arm_timer(const struct transfers *all, long ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (evtimer_add(all->timer, &tv) == -1)
		fatalx("libevent: cannot wait");
}

/*
 * libcurl's turn, for a socket or its timer. Starting a transfer makes the timer due at once: then it has a second
 * turn, not one behind a round of the loop. No third: there is more in the loop than libcurl.
 */
static void
act(struct transfers *all, curl_socket_t fd, int action)
{
	int running;

	all->acting = true;
	all->due = false;
	curl_multi_socket_action(all->multi, fd, action, &running);
	take_finished(all);
	if (all->due) {
		all->due = false;
		curl_multi_socket_action(all->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		take_finished(all);
	}
	all->acting = false;
	if (all->due)
		arm_timer(all, 0);
}

static void
socket_ready_cb(evutil_socket_t fd, short what, void *arg)
{
	act(arg, fd, (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void
timer_ready_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl's wish for a socket. */
static int
socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
	struct transfers *all = arg;
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
		curl_multi_assign(all->multi, fd, w);
	}
	events = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST);
	w->event = event_new(all->base, fd, events, socket_ready_cb, all);
	if (w->event == NULL || event_add(w->event, NULL) == -1)
		fatalx("libevent: cannot watch a socket");
	return 0;
}

/* libcurl's wish for its timer. */
static int
timer_cb(CURLM *multi, long ms, void *arg)
{
	struct transfers *all = arg;

	(void)multi;
	all->due = ms == 0;
	if (ms < 0)
		evtimer_del(all->timer);
	else if (ms > 0 || !all->acting)
		arm_timer(all, ms);
	return 0;
}

struct transfers *
transfers_new(struct event_base *base, const struct fetch_options *options, struct err *err)
{
	struct transfers *all = xcalloc(1, sizeof(*all));

	LIST_INIT(&all->running);
	LIST_INIT(&all->idle);
	all->options = options;
	all->base = base;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto fail;
	all->multi = curl_multi_init();
	all->share = curl_share_init();
	all->timer = evtimer_new(base, timer_ready_cb, all);
	if (all->multi == NULL || all->share == NULL || all->timer == NULL)
		goto fail;
	if (fetch_trust_init(&all->trust, options->cacert, err) == -1) {
		transfers_free(all);
		return NULL;
	}
	curl_share_setopt(all->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
	curl_multi_setopt(all->multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(all->multi, CURLMOPT_SOCKETDATA, all);
	curl_multi_setopt(all->multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	curl_multi_setopt(all->multi, CURLMOPT_TIMERDATA, all);
	return all;
fail:
	transfers_free(all);
	err_set(err, 0, "libcurl cannot start");
	return NULL;
}

void
transfers_free(struct transfers *all)
{
	struct transfer *t;

	if (all == NULL)
		return;
	while ((t = LIST_FIRST(&all->running)) != NULL)
		transfer_abort(t); /* NOLINT: it takes itself off the list */
	while ((t = LIST_FIRST(&all->idle)) != NULL) {
		LIST_REMOVE(t, entry);
		transfer_free(t);
	}
	if (all->multi != NULL)
		curl_multi_cleanup(all->multi);
	if (all->share != NULL)
		curl_share_cleanup(all->share);
	if (all->timer != NULL)
		event_free(all->timer);
	fetch_trust_release(&all->trust);
	free(all);
	curl_global_cleanup();
}

static void
add_header(struct transfer *t, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);
	struct curl_slist *headers = curl_slist_append(t->headers, line);

	free(line);
	if (headers == NULL)
		fatalx("libcurl: out of memory");
	t->headers = headers;
	t->conditional = true;
}

struct transfer *
transfer_start(struct transfers *all, const struct transfer_request *request)
{
	struct transfer *t = transfer_new(all);

	t->done = request->done;
	t->arg = request->arg;
	t->started = mono_now();
	t->timeout_ms = (long)request->timeout_ms;
	t->direct = request->proxy[0] == '\0';
	t->body.max = request->max_body;
	t->may_cut = request->cut;
	if (request->etag != NULL)
		add_header(t, "If-None-Match", request->etag);
	else if (request->last_modified != NULL)
		add_header(t, "If-Modified-Since", request->last_modified);
	if (t->headers != NULL)
		curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_URL, request->url);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, request->proxy); /* "" stands above the environment, too */
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, t->timeout_ms);
	/* A page of one gigabyte says so: then not a byte of it is read. */
	curl_easy_setopt(t->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(request->cut ? 0 : request->max_body));
	LIST_INSERT_HEAD(&all->running, t, entry);
	/* Nothing runs before the loop does: libcurl sets its timer to zero. */
	if (curl_multi_add_handle(all->multi, t->easy) != CURLM_OK)
		fatalx("libcurl: cannot start a transfer");
	return t;
}

void
transfer_abort(struct transfer *t)
{
	curl_multi_remove_handle(t->all->multi, t->easy);
	transfer_retire(t);
}

/*
 * The floor of scripts/bench/scrape: a bare loop of epoll, libcurl's multi
 * interface and PCRE2's JIT on the bytes of each body, with nothing else around
 * it. It goes by curl_multi_socket_action(): curl_multi_poll() looks at each
 * connection in each turn, and is half as fast.
 *
 *	fetchloop URL-PREFIX PAGES CONNECTIONS PATTERN [CA-FILE]
 *
 * It fetches URL-PREFIX0, URL-PREFIX1 ... and counts the bodies in which the
 * pattern is found; prints "PAGES FOUND".
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <curl/curl.h>
#include <err.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#define CONNECTIONS_MAX 1024
#define EVENTS_MAX 64
#define BUFFER_SIZE (64L << 10)

struct slot {
	CURL *easy;
	char *body;
	size_t len, cap;
};

struct loop {
	const char *prefix, *ca;
	long next, pages, found, done;
	int epoll_fd;
	long long due_ms; /* of libcurl's timer; -1: never */
	CURLM *multi;
	pcre2_code *code;
	pcre2_match_data *match;
};

static size_t
body_cb(char *data, size_t size, size_t n, void *arg)
{
	struct slot *s = arg;

	n *= size;
	if (s->cap - s->len < n) {
		s->cap = 2 * (s->cap + n);
		s->body = realloc(s->body, s->cap);
		if (s->body == NULL)
			err(1, "realloc");
	}
	memcpy(s->body + s->len, data, n);
	s->len += n;
	return n;
}

static void
start(struct loop *l, struct slot *s)
{
	char url[512];

	snprintf(url, sizeof(url), "%s%ld", l->prefix, l->next++);
	s->len = 0;
	curl_easy_setopt(s->easy, CURLOPT_URL, url);
	curl_multi_add_handle(l->multi, s->easy);
}

static void
slot_init(const struct loop *l, struct slot *s)
{
	*s = (struct slot){ .easy = curl_easy_init() };
	if (s->easy == NULL)
		errx(1, "libcurl");
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, body_cb);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(s->easy, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	if (l->ca != NULL)
		curl_easy_setopt(s->easy, CURLOPT_CAINFO, l->ca);
}

static void
finished(struct loop *l, const CURLMsg *m)
{
	struct slot *s = NULL;

	curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
	if (m->data.result != CURLE_OK)
		errx(1, "%s", curl_easy_strerror(m->data.result));
	if (pcre2_match(l->code, (PCRE2_SPTR)s->body, s->len, 0, 0, l->match, NULL) > 0)
		l->found++;
	l->done++;
	curl_multi_remove_handle(l->multi, s->easy);
	if (l->next < l->pages)
		start(l, s);
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int
timer_cb(CURLM *multi, long ms, void *arg)
{
	struct loop *l = arg;

	(void)multi;
	l->due_ms = ms <= 0 ? ms : now_ms() + ms;
	return 0;
}

static int
socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct loop *l = arg;
	struct epoll_event e = { .events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u),
		.data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE)
		epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(l->epoll_fd, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) == -1)
		err(1, "epoll_ctl");
	curl_multi_assign(l->multi, fd, what == CURL_POLL_REMOVE ? NULL : l);
	return 0;
}

/* libcurl's turn, for a socket or its timer. */
static void
act(struct loop *l, curl_socket_t fd, int what)
{
	CURLMsg *m;
	int running, left;

	if (curl_multi_socket_action(l->multi, fd, what, &running) != CURLM_OK)
		errx(1, "curl_multi_socket_action");
	while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
		if (m->msg == CURLMSG_DONE)
			finished(l, m);
	}
}

static int
wait_ms(const struct loop *l)
{
	long long ms;

	if (l->due_ms <= 0)
		return (int)l->due_ms;
	ms = l->due_ms - now_ms();
	return ms > 0 ? (int)ms : 0;
}

static void
run(struct loop *l)
{
	struct epoll_event events[EVENTS_MAX];
	int i, n, what;

	while (l->done < l->pages) {
		n = epoll_wait(l->epoll_fd, events, EVENTS_MAX, wait_ms(l));
		if (n == -1)
			err(1, "epoll_wait");
		for (i = 0; i < n; i++) {
			what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			    (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			    (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
			act(l, events[i].data.fd, what);
		}
		if (wait_ms(l) == 0) {
			l->due_ms = -1;
			act(l, CURL_SOCKET_TIMEOUT, 0);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct slot slots[CONNECTIONS_MAX];
	struct loop l = { .due_ms = -1 };
	PCRE2_SIZE offset;
	long i, n;
	int error;

	if (argc < 5 || argc > 6)
		errx(2, "usage: fetchloop URL-PREFIX PAGES CONNECTIONS PATTERN [CA-FILE]");
	l.prefix = argv[1];
	l.pages = strtol(argv[2], NULL, 10);
	n = strtol(argv[3], NULL, 10);
	l.ca = argc > 5 ? argv[5] : NULL;
	l.code = pcre2_compile((PCRE2_SPTR)argv[4], PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
	if (l.pages < 1 || n < 1 || n > CONNECTIONS_MAX || l.code == NULL)
		errx(2, "what is wanted cannot be done");
	pcre2_jit_compile(l.code, PCRE2_JIT_COMPLETE);
	l.match = pcre2_match_data_create_from_pattern(l.code, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	l.multi = curl_multi_init();
	l.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l.multi == NULL || l.epoll_fd == -1)
		err(1, "cannot make a loop");
	curl_multi_setopt(l.multi, CURLMOPT_MAXCONNECTS, n + 8);
	curl_multi_setopt(l.multi, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(l.multi, CURLMOPT_SOCKETDATA, &l);
	curl_multi_setopt(l.multi, CURLMOPT_TIMERFUNCTION, timer_cb);
	curl_multi_setopt(l.multi, CURLMOPT_TIMERDATA, &l);
	for (i = 0; i < n && l.next < l.pages; i++) {
		slot_init(&l, &slots[i]);
		start(&l, &slots[i]);
	}
	run(&l);
	printf("%ld %ld\n", l.pages, l.found);
	return 0;
}

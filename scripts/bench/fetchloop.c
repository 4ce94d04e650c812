/*
 * The floor of scripts/bench/scrape: a bare loop of libcurl's multi interface
 * and PCRE2's JIT on the bytes of each body, with nothing else around it.
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

#define CONNECTIONS_MAX 1024

struct slot {
	CURL *easy;
	char *body;
	size_t len, cap;
};

struct loop {
	const char *prefix, *ca;
	long next, pages, found;
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
	curl_multi_remove_handle(l->multi, s->easy);
	if (l->next < l->pages)
		start(l, s);
}

static void
run(struct loop *l)
{
	CURLMsg *m;
	int running = 1, left;

	while (running > 0) {
		if (curl_multi_perform(l->multi, &running) != CURLM_OK)
			errx(1, "curl_multi_perform");
		while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
			if (m->msg == CURLMSG_DONE) {
				finished(l, m);
				running = 1;
			}
		}
		if (running > 0)
			curl_multi_poll(l->multi, NULL, 0, 1000, NULL);
	}
}

int
main(int argc, char **argv)
{
	static struct slot slots[CONNECTIONS_MAX];
	struct loop l = { .next = 0 };
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
	curl_multi_setopt(l.multi, CURLMOPT_MAXCONNECTS, n + 8);
	for (i = 0; i < n && l.next < l.pages; i++) {
		slot_init(&l, &slots[i]);
		start(&l, &slots[i]);
	}
	run(&l);
	printf("%ld %ld\n", l.pages, l.found);
	return 0;
}

/*
 * A small shop, on 127.0.0.1 unless told otherwise, for the tests, the benches and scripts/quickstart:
 * product pages whose prices move from fetch to fetch, and every way in which
 * a shop can be hard to read.
 *
 * One thread serves (so requests have one order: the serial of a request is
 * its line in the access log, and each page carries it), another one wakes the
 * answers that wait. See usage() for the pages.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "shop_file.h"
#include "shop_manners.h"

#define PAGES_MAX (1u << 17) /* distinct paths whose fetches are counted */

struct request {
	TAILQ_ENTRY(request) entry; /* while it waits */
	struct MHD_Connection *connection;
	int64_t due_ms;
	char *uri;
	uint64_t serial;
	bool waited;
};

/* What is known of one page: how often it was fetched and what it costs now. */
struct page {
	uint64_t key; /* 0: free */
	uint64_t fetches;
	int64_t cents;
};

struct shop {
	const char *address; /* NULL: the loopback's */
	uint16_t port;
	const char *port_file;
	const char *files;	 /* folder of pages that a test writes; NULL: none */
	const char *robots_file; /* NULL: a small robots.txt of our own */
	FILE *access_log; /* NULL: none */
	uint64_t seed;
	uint64_t products;
	long latency_ms;
	bool serial_prices;
	uint64_t serial;
	struct page *pages;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	TAILQ_HEAD(, request) waiting; /* by due time */
	bool leaving;
};

/* Where a body without end stands. */
struct stream {
	uint64_t sent;
	uint64_t bytes; /* 0: no end */
	bool bomb;
};

static void
die(const char *what)
{
	fprintf(stderr, "shop: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint64_t
hash_text(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

/* The page's entry, made with its first price when it is new. */
static struct page *
page_find(struct shop *shop, const char *id)
{
	uint64_t key = mix(hash_text(id) ^ shop->seed) | 1;
	size_t i = key % PAGES_MAX, n;

	for (n = 0; n < PAGES_MAX; n++, i = (i + 1) % PAGES_MAX) {
		struct page *page = &shop->pages[i];

		if (page->key == 0) {
			page->key = key;
			page->cents = 500 + (int64_t)(mix(key) % 50000);
		}
		if (page->key == key)
			return page;
	}
	return &shop->pages[0];
}

/*
 * The price of the next fetch: a walk of at most 5 % a step around the
 * product's base, the same for the same seed and count. With --serial-prices
 * it is the serial itself, so that a price proves which fetch gave it.
 */
static int64_t
page_next_cents(struct shop *shop, struct page *page, uint64_t serial)
{
	int64_t base = 500 + (int64_t)(mix(page->key) % 50000);
	int64_t step = (int64_t)(mix(page->key + page->fetches) % 101) - 50;

	page->fetches++;
	if (shop->serial_prices)
		return 100 + (int64_t)serial;
	page->cents += page->cents * step / 1000;
	if (page->cents < base / 2)
		page->cents = base / 2 + 1;
	if (page->cents > base * 3 / 2)
		page->cents = base * 3 / 2 - 1;
	return page->cents;
}

static void
die_of_memory(void)
{
	fputs("shop: out of memory\n", stderr);
	exit(1);
}

static enum MHD_Result
answer_text(struct MHD_Connection *c, unsigned status, const char *type, char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (r == NULL)
		die_of_memory();
	MHD_add_response_header(r, "Content-Type", type);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result answer_html(struct MHD_Connection *c, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum MHD_Result
answer_html(struct MHD_Connection *c, unsigned status, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1)
		die_of_memory();
	return answer_text(c, status, "text/html; charset=utf-8", text);
}

static uint64_t
argument(struct MHD_Connection *c, const char *name, uint64_t otherwise)
{
	const char *text = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

enum markup { MARKUP_JSONLD, MARKUP_MICRODATA, MARKUP_OPENGRAPH, MARKUP_PLAIN, MARKUP_ORIGINAL, MARKUP_SOLDOUT };

static const struct {
	const char *prefix;
	enum markup markup;
} product_pages[] = {
	{ "/jsonld/", MARKUP_JSONLD },
	{ "/microdata/", MARKUP_MICRODATA },
	{ "/og/", MARKUP_OPENGRAPH },
	{ "/plain/", MARKUP_PLAIN },
	{ "/original/", MARKUP_ORIGINAL },
	{ "/soldout/", MARKUP_SOLDOUT },
};

/* The structured part of a product's page, for its head. */
static char *
markup_head(enum markup markup, const char *id, const char *amount)
{
	char *text = NULL;
	int n = -1;

	switch (markup) {
	case MARKUP_JSONLD:
	case MARKUP_SOLDOUT:
		n = asprintf(&text,
		    "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"Product\","
		    "\"name\":\"Product %s\",\"sku\":\"%s\",\"offers\":{\"@type\":\"Offer\",\"price\":\"%s\","
		    "\"priceCurrency\":\"GBP\",\"availability\":\"https://schema.org/%s\"}}</script>\n",
		    id, id, amount, markup == MARKUP_SOLDOUT ? "OutOfStock" : "InStock");
		break;
	case MARKUP_OPENGRAPH:
		n = asprintf(&text,
		    "<meta property=\"og:title\" content=\"Product %s\">\n"
		    "<meta property=\"product:price:amount\" content=\"%s\">\n"
		    "<meta property=\"product:price:currency\" content=\"GBP\">\n"
		    "<meta property=\"product:availability\" content=\"in stock\">\n",
		    id, amount);
		break;
	case MARKUP_MICRODATA:
	case MARKUP_PLAIN:
	case MARKUP_ORIGINAL:
		n = asprintf(&text, "%s", "");
		break;
	}
	if (n == -1)
		die_of_memory();
	return text;
}

/* The part that people see. */
static char *
markup_body(enum markup markup, const char *id, const char *amount)
{
	char *text = NULL;
	int n = -1;

	switch (markup) {
	case MARKUP_MICRODATA:
		n = asprintf(&text,
		    "<div itemscope itemtype=\"http://schema.org/Product\"><h1 itemprop=\"name\">Product %s</h1>\n"
		    "<div itemprop=\"offers\" itemscope itemtype=\"http://schema.org/Offer\">\n"
		    "<meta itemprop=\"priceCurrency\" content=\"GBP\"><link itemprop=\"availability\" "
		    "href=\"http://schema.org/InStock\">\n"
		    "<span class=\"price\" itemprop=\"price\" content=\"%s\">&pound;%s</span></div></div>\n",
		    id, amount, amount);
		break;
	case MARKUP_ORIGINAL:
		n = asprintf(&text,
		    "<h1>Product %s</h1>\n<p>Our price: <span property=\"v:price\">&pound;%s</span></p>\n", id, amount);
		break;
	case MARKUP_JSONLD:
	case MARKUP_OPENGRAPH:
		n = asprintf(
		    &text, "<h1>Product %s</h1>\n<p>Now only <span class=\"price\">&pound;%s</span></p>\n", id, amount);
		break;
	case MARKUP_PLAIN:
		/* Nothing here is called a price: only a rule finds it. */
		n = asprintf(&text, "<h1>Product %s</h1>\n<p>Now only <span class=\"cost\">&pound;%s</span></p>\n", id, amount);
		break;
	case MARKUP_SOLDOUT:
		n = asprintf(&text, "<h1>Product %s</h1>\n<p><s>&pound;%s</s> Sold out</p>\n", id, amount);
		break;
	}
	if (n == -1)
		die_of_memory();
	return text;
}

static enum MHD_Result
serve_product(struct shop *shop, struct request *rq, enum markup markup, const char *id)
{
	enum MHD_Result result;
	struct page *page;
	char amount[32], *head, *body, *end;
	int64_t cents;

	/* Ids that are no numbers are always in the catalogue. */
	if (strtoull(id, &end, 10) > shop->products && *end == '\0')
		return answer_html(rq->connection, 404, "<title>404</title><p>No such product: %s\n", id);
	page = page_find(shop, id);
	cents = page_next_cents(shop, page, rq->serial);
	snprintf(amount, sizeof(amount), "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
	head = markup_head(markup, id, amount);
	body = markup_body(markup, id, amount);
	result = answer_html(rq->connection, 200,
	    "<!DOCTYPE html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><title>Product %s</title>\n%s"
	    "</head><body>\n<!-- serial %" PRIu64 " fetch %" PRIu64 " -->\n%s</body></html>\n",
	    id, head, rq->serial, page->fetches, body);
	free(head);
	free(body);
	return result;
}

/* Gzip, endless: one literal, then copies of 258 bytes, in the fixed code of deflate. */
static unsigned char
bomb_byte(uint64_t at)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff };
	/* Bits in the order of the stream: block head 010, 'A' 01110001, then (length 258, distance 1). */
	static const char first[] = "01001110001";
	static const char again[] = "1100010100000";
	unsigned char byte = 0;
	unsigned bit;

	if (at < sizeof(head))
		return head[at];
	for (bit = 0; bit < 8; bit++) {
		uint64_t n = (at - sizeof(head)) * 8 + bit;
		char c = n < 11 ? first[n] : again[(n - 11) % 13];

		byte |= (unsigned char)((c == '1') << bit);
	}
	return byte;
}

static ssize_t
stream_read_cb(void *cls, uint64_t pos, char *buf, size_t max)
{
	static const char text[] = "<p>There is always more to say about this product.</p>\n";
	struct stream *s = cls;
	size_t i, n = max;

	if (s->bytes != 0 && pos >= s->bytes)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->bytes != 0 && n > s->bytes - pos)
		n = (size_t)(s->bytes - pos);
	for (i = 0; i < n; i++)
		buf[i] = s->bomb ? (char)bomb_byte(pos + i) : text[(pos + i) % (sizeof(text) - 1)];
	return (ssize_t)n;
}

static enum MHD_Result
serve_stream(struct request *rq, bool bomb)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct MHD_Response *r;
	enum MHD_Result result;

	if (s == NULL)
		return MHD_NO;
	s->bomb = bomb;
	s->bytes = argument(rq->connection, "bytes", 0);
	r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, stream_read_cb, s, free);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
	if (bomb)
		MHD_add_response_header(r, "Content-Encoding", "gzip");
	result = MHD_queue_response(rq->connection, 200, r);
	MHD_destroy_response(r);
	return result;
}

/* n redirects (at least this one), the last to the page or the whole URL that `to` names. */
static enum MHD_Result
serve_redirect(struct request *rq)
{
	const char *to = MHD_lookup_connection_value(rq->connection, MHD_GET_ARGUMENT_KIND, "to");
	uint64_t n = argument(rq->connection, "n", 0);
	struct MHD_Response *r;
	enum MHD_Result result;
	char location[512];

	if (to == NULL)
		to = "/p/1";
	if (n > 1)
		snprintf(location, sizeof(location), "/redirect?n=%" PRIu64 "&to=%s", n - 1, to);
	else
		snprintf(location, sizeof(location), "%s", to);
	r = MHD_create_response_from_buffer(0, (char[1]){ 0 }, MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, "Location", location);
	result = MHD_queue_response(rq->connection, 302, r);
	MHD_destroy_response(r);
	return result;
}

static unsigned
status_of(const char *path)
{
	unsigned status = (unsigned)strtoul(path + strlen("/status/"), NULL, 10);

	return status >= 200 && status <= 599 ? status : 400;
}

static enum MHD_Result
serve_status(struct request *rq, const char *path)
{
	const char *after = MHD_lookup_connection_value(rq->connection, MHD_GET_ARGUMENT_KIND, "retry_after");
	unsigned status = status_of(path);
	struct MHD_Response *r;
	enum MHD_Result result;
	char text[64];

	snprintf(text, sizeof(text), "<title>%u</title><p>%u\n", status, status);
	r = MHD_create_response_from_buffer(
	    status == 204 || status == 304 ? 0 : strlen(text), text, MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
	if (after != NULL)
		MHD_add_response_header(r, "Retry-After", after);
	result = MHD_queue_response(rq->connection, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
serve_index(struct shop *shop, struct request *rq)
{
	return answer_html(rq->connection, 200,
	    "<!DOCTYPE html><title>The shop</title><h1>The shop</h1>\n<p>%" PRIu64
	    " products: <a href=\"/p/1\">/p/1</a> to /p/%" PRIu64
	    ", <a href=\"/original/1\">/original/1</a>, <a href=\"/soldout/1\">/soldout/1</a></p>\n",
	    shop->products, shop->products);
}

/* /flaky/ID?every=N: each Nth fetch of the page fails with 500. */
static bool
flaky_fails(struct shop *shop, struct request *rq, const char *path)
{
	uint64_t every = argument(rq->connection, "every", 2);
	struct page *page = page_find(shop, path);

	return every != 0 && ++page->fetches % every == 0;
}

static bool
begins_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static enum MHD_Result
serve(struct shop *shop, struct request *rq, const char *path)
{
	size_t i;

	if (file_status(rq->connection, shop->files, path) != 0)
		return file_serve(rq->connection, shop->files, path);
	if (manners_status(rq->connection, path, shop->robots_file) != 0)
		return manners_serve(rq->connection, path, shop->robots_file);
	for (i = 0; i < sizeof(product_pages) / sizeof(product_pages[0]); i++) {
		if (begins_with(path, product_pages[i].prefix))
			return serve_product(shop, rq, product_pages[i].markup, path + strlen(product_pages[i].prefix));
	}
	if (begins_with(path, "/p/"))
		return serve_product(shop, rq, (enum markup)(strtoull(path + 3, NULL, 10) % 3), path + 3);
	if (begins_with(path, "/status/"))
		return serve_status(rq, path);
	if (begins_with(path, "/flaky/"))
		return flaky_fails(shop, rq, path) ? answer_html(rq->connection, 500, "<p>flaky\n")
						   : serve_product(shop, rq, MARKUP_JSONLD, path + strlen("/flaky/"));
	if (strcmp(path, "/slow") == 0)
		return serve_product(shop, rq, MARKUP_JSONLD, "slow");
	if (strcmp(path, "/huge") == 0)
		return serve_stream(rq, false);
	if (strcmp(path, "/bomb") == 0)
		return serve_stream(rq, true);
	if (strcmp(path, "/redirect") == 0)
		return serve_redirect(rq);
	if (strcmp(path, "/drop") == 0)
		return MHD_NO;
	if (strcmp(path, "/robots.txt") == 0)
		return answer_text(rq->connection, 200, "text/plain", strdup("User-agent: *\nDisallow: /cart/\n"));
	if (strcmp(path, "/") == 0)
		return serve_index(shop, rq);
	return answer_html(rq->connection, 404, "<title>404</title><p>No such page\n");
}

static unsigned
source_port(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	struct sockaddr_in sin; /* a copy: a cast of the address could break its alignment */

	if (info == NULL || info->client_addr->sa_family != AF_INET)
		return 0;
	memcpy(&sin, info->client_addr, sizeof(sin));
	return ntohs(sin.sin_port);
}

/* Before the answer goes out: what a client got stands in the log, whatever dies then. */
static void
log_access(struct shop *shop, struct request *rq, unsigned status)
{
	const char *agent = MHD_lookup_connection_value(rq->connection, MHD_HEADER_KIND, "User-Agent");

	if (shop->access_log == NULL)
		return;
	fprintf(shop->access_log, "%" PRId64 " %s %u %u %s\n", clock_ms(CLOCK_REALTIME), rq->uri, status,
	    source_port(rq->connection), agent != NULL ? agent : "-");
	fflush(shop->access_log);
}

/* The status that serve() will give, for the log. */
static unsigned
status_guess(struct shop *shop, struct request *rq, const char *path)
{
	const char *id = strrchr(path, '/');
	unsigned status = manners_status(rq->connection, path, shop->robots_file);
	char *end;

	if (status == 0)
		status = file_status(rq->connection, shop->files, path);
	if (status != 0)
		return status;
	if (begins_with(path, "/status/"))
		return status_of(path);
	if (strcmp(path, "/redirect") == 0)
		return 302;
	if (strcmp(path, "/drop") == 0)
		return 0;
	if (begins_with(path, "/flaky/")) {
		uint64_t every = argument(rq->connection, "every", 2);

		return every != 0 && (page_find(shop, path)->fetches + 1) % every == 0 ? 500 : 200;
	}
	if (id != NULL && id != path && strtoull(id + 1, &end, 10) > shop->products && *end == '\0')
		return 404;
	if (id != path || strcmp(path, "/") == 0)
		return 200;
	return strcmp(path, "/slow") == 0 || strcmp(path, "/huge") == 0 || strcmp(path, "/bomb") == 0 ||
		       strcmp(path, "/robots.txt") == 0
		   ? 200
		   : 404;
}

/* True if the request now waits: the waker resumes it. */
static bool
request_wait(struct shop *shop, struct request *rq, int64_t ms)
{
	struct request *later;
	bool wait;

	pthread_mutex_lock(&shop->lock);
	wait = !shop->leaving;
	if (wait) {
		rq->due_ms = clock_ms(CLOCK_MONOTONIC) + ms;
		MHD_suspend_connection(rq->connection);
		TAILQ_FOREACH(later, &shop->waiting, entry)
		{
			if (later->due_ms > rq->due_ms)
				break;
		}
		if (later != NULL)
			TAILQ_INSERT_BEFORE(later, rq, entry);
		else
			TAILQ_INSERT_TAIL(&shop->waiting, rq, entry);
		pthread_cond_signal(&shop->changed);
	}
	pthread_mutex_unlock(&shop->lock);
	return wait;
}

static void *
waker_main(void *arg)
{
	struct shop *shop = arg;
	struct request *rq;
	struct timespec ts;

	pthread_mutex_lock(&shop->lock);
	while (!shop->leaving || !TAILQ_EMPTY(&shop->waiting)) {
		rq = TAILQ_FIRST(&shop->waiting);
		if (rq == NULL) {
			pthread_cond_wait(&shop->changed, &shop->lock);
			continue;
		}
		if (!shop->leaving && rq->due_ms > clock_ms(CLOCK_MONOTONIC)) {
			ts.tv_sec = (time_t)(rq->due_ms / 1000);
			ts.tv_nsec = (long)(rq->due_ms % 1000) * 1000000;
			pthread_cond_timedwait(&shop->changed, &shop->lock, &ts);
			continue;
		}
		TAILQ_REMOVE(&shop->waiting, rq, entry);
		MHD_resume_connection(rq->connection);
	}
	pthread_mutex_unlock(&shop->lock);
	return NULL;
}

static enum MHD_Result
request_cb(void *cls, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **con_cls)
{
	struct shop *shop = cls;
	struct request *rq = *con_cls;
	int64_t ms;

	(void)version;
	(void)upload;
	if (rq->connection == NULL) {
		rq->connection = connection; /* the first call: headers only */
		return MHD_YES;
	}
	if (*upload_size != 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") != 0)
		return answer_html(connection, 405, "<p>GET only\n");
	if (!rq->waited) {
		rq->waited = true;
		rq->serial = ++shop->serial;
		log_access(shop, rq, status_guess(shop, rq, path));
		ms = strcmp(path, "/slow") == 0 ? (int64_t)argument(connection, "ms", 1000) : shop->latency_ms;
		if (ms > 0 && request_wait(shop, rq, ms))
			return MHD_YES;
	}
	return serve(shop, rq, path);
}

static void *
uri_cb(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct request *rq = calloc(1, sizeof(*rq));

	(void)cls;
	(void)connection;
	if (rq == NULL || (rq->uri = strdup(uri)) == NULL)
		die_of_memory();
	return rq;
}

static void
completed_cb(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct request *rq = *con_cls;

	(void)cls;
	(void)connection;
	(void)why;
	if (rq != NULL) {
		free(rq->uri);
		free(rq);
		*con_cls = NULL;
	}
}

static void
shop_start(struct shop *shop)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(shop->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	if (shop->address != NULL && inet_pton(AF_INET, shop->address, &sin.sin_addr) != 1)
		die(shop->address);

	shop->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TCP_FASTOPEN,
	    shop->port, NULL, NULL, request_cb, shop, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&sin,
	    MHD_OPTION_URI_LOG_CALLBACK, uri_cb, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed_cb, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, 4096u, MHD_OPTION_END);
	if (shop->daemon == NULL)
		die("cannot listen");
	shop->port = MHD_get_daemon_info(shop->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* Whole or not at all, so that a reader may wait for the file. */
static void
write_port_file(const struct shop *shop)
{
	char temporary[4096];
	FILE *f;

	snprintf(temporary, sizeof(temporary), "%s.%ld", shop->port_file, (long)getpid());
	f = fopen(temporary, "w");
	if (f == NULL || fprintf(f, "%u\n", shop->port) < 0 || fclose(f) != 0)
		die(temporary);
	if (rename(temporary, shop->port_file) == -1)
		die(shop->port_file);
}

static void
usage(FILE *to)
{
	fputs("usage: shop [--address A] [--port N] [--port-file FILE] [--access-log FILE]\n"
	      "            [--seed N] [--products N] [--latency MS] [--serial-prices]\n"
	      "            [--robots FILE] [--files FOLDER]\n\n"
	      "Pages: /p/ID (markup by ID) /jsonld/ID /microdata/ID /og/ID /plain/ID\n"
	      "/original/ID /soldout/ID /status/CODE[?retry_after=S] /flaky/ID?every=N\n"
	      "/slow?ms=N /huge?bytes=N /bomb?bytes=N (0: no end) /redirect?n=N&to=URL\n"
	      "/drop /robots.txt, and those of shop_manners.c and shop_file.c. Access log: ms path status source-port user-agent.\n",
	    to);
}

static void
parse_options(struct shop *shop, int argc, char **argv)
{
	static const struct option options[] = { { "address", required_argument, NULL, 'A' }, { "port", required_argument, NULL, 'p' },
		{ "port-file", required_argument, NULL, 'f' }, { "access-log", required_argument, NULL, 'a' },
		{ "seed", required_argument, NULL, 's' }, { "products", required_argument, NULL, 'n' },
		{ "latency", required_argument, NULL, 'l' }, { "serial-prices", no_argument, NULL, 'S' },
		{ "robots", required_argument, NULL, 'r' }, { "files", required_argument, NULL, 'F' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'A':
			shop->address = optarg;
			break;
		case 'p':
			shop->port = (uint16_t)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			shop->port_file = optarg;
			break;
		case 'a':
			shop->access_log = fopen(optarg, "ae");
			if (shop->access_log == NULL)
				die(optarg);
			break;
		case 's':
			shop->seed = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			shop->products = strtoull(optarg, NULL, 10);
			break;
		case 'l':
			shop->latency_ms = strtol(optarg, NULL, 10);
			break;
		case 'r':
			shop->robots_file = optarg;
			break;
		case 'F':
			shop->files = optarg;
			break;
		case 'S':
			shop->serial_prices = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind != argc) {
		usage(stderr);
		exit(2);
	}
}

static void
shop_init(struct shop *shop)
{
	pthread_condattr_t attr;

	shop->pages = calloc(PAGES_MAX, sizeof(*shop->pages));
	if (shop->pages == NULL)
		die("pages");
	TAILQ_INIT(&shop->waiting);
	pthread_mutex_init(&shop->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&shop->changed, &attr);
	pthread_condattr_destroy(&attr);
}

int
main(int argc, char **argv)
{
	struct shop shop = { .seed = 1, .products = 1000000 };
	pthread_t waker;
	sigset_t set;
	int sig;

	parse_options(&shop, argc, argv);
	shop_init(&shop);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	shop_start(&shop);
	if (pthread_create(&waker, NULL, waker_main, &shop) != 0)
		die("thread");
	if (shop.port_file != NULL)
		write_port_file(&shop);
	printf("http://%s:%u/\n", shop.address != NULL ? shop.address : "127.0.0.1", shop.port);
	fflush(stdout);
	sigwait(&set, &sig);
	pthread_mutex_lock(&shop.lock);
	shop.leaving = true;
	pthread_cond_signal(&shop.changed);
	pthread_mutex_unlock(&shop.lock);
	pthread_join(waker, NULL);
	MHD_stop_daemon(shop.daemon);
	free(shop.pages);
	if (shop.access_log != NULL)
		fclose(shop.access_log);
	return 0;
}

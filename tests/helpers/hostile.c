/*
 * A server on 127.0.0.1 that does each thing wrong that a server can do, and
 * pages that hurt (hostile_pages.c). A thread a connection; no library, which
 * would do it right.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "hostile_pages.h"

#define GIG (1024ul * 1024 * 1024)

#define PRODUCT \
	"<script type=\"application/ld+json\">{\"@type\":\"Product\",\"name\":\"P\",\"offers\":{\"@type\":\"Offer\",\"price\":\"24.99\"," \
	"\"priceCurrency\":\"GBP\"}}</script>\n"

/* One request; writes after the client has gone end the thread's work quietly. */
struct client {
	int fd;
	bool gone;
	char path[256];
};

static const char *folder = "."; /* of /file/NAME */

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void
put_bytes(struct client *c, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0 && !c->gone) {
		done = send(c->fd, p, n, MSG_NOSIGNAL);
		if (done == -1 && errno != EINTR) {
			c->gone = true;
		} else if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static void
put(struct client *c, const char *text)
{
	put_bytes(c, text, strlen(text));
}

static void
put_head(struct client *c, const char *more)
{
	put(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n");
	put(c, more);
	put(c, "\r\n");
}

/* n bytes of a page that begins well. */
static void
put_much(struct client *c, unsigned long n)
{
	char block[65536];
	size_t i, k;

	for (i = 0; i < sizeof(block); i++)
		block[i] = "<p>There is always more to say.\n"[i % 32];
	while (n > 0 && !c->gone) {
		k = n < sizeof(block) ? n : sizeof(block);
		put_bytes(c, block, k);
		n -= k;
	}
}

static void
serve_gig(struct client *c)
{
	put_head(c, "Content-Length: 1073741824\r\n");
	put_much(c, GIG);
}

static void
serve_gig_open(struct client *c)
{
	put_head(c, "Connection: close\r\n");
	put_much(c, GIG);
}

static void
serve_gig_chunked(struct client *c)
{
	put_head(c, "Transfer-Encoding: chunked\r\n");
	while (!c->gone) {
		put(c, "10000\r\n");
		put_much(c, 65536);
		put(c, "\r\n");
	}
}

/* Deflate, endless: one literal, then copies of 258 bytes, in the fixed code. */
static unsigned char
bomb_byte(uint64_t at)
{
	static const unsigned char head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff };
	static const char first[] = "01001110001";
	static const char again[] = "1100010100000";
	unsigned char byte = 0;
	unsigned bit;

	if (at < sizeof(head))
		return head[at];
	for (bit = 0; bit < 8; bit++) {
		uint64_t n = (at - sizeof(head)) * 8 + bit;

		byte |= (unsigned char)(((n < 11 ? first[n] : again[(n - 11) % 13]) == '1') << bit);
	}
	return byte;
}

/* How many layers of gzip; the outer ones do not compress: blocks of 65,535 bytes as they are. */
static void
put_bomb(struct client *c, unsigned layers)
{
	static const char head[10] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)0xff };
	static const char block[5] = { 0, (char)0xff, (char)0xff, 0, 0 };
	char data[65535];
	uint64_t at = 0;
	size_t i;

	if (layers == 2)
		put_bytes(c, head, sizeof(head));
	while (!c->gone) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = (char)bomb_byte(at++);
		if (layers == 2)
			put_bytes(c, block, sizeof(block));
		put_bytes(c, data, sizeof(data));
	}
}

static void
serve_bomb(struct client *c)
{
	put_head(c, "Content-Encoding: gzip\r\n");
	put_bomb(c, 1);
}

static void
serve_bomb_nested(struct client *c)
{
	put_head(c, "Content-Encoding: gzip, gzip\r\n");
	put_bomb(c, 2);
}

static void
serve_codings(struct client *c)
{
	int i;

	put(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip");
	for (i = 0; i < 500; i++)
		put(c, ", gzip");
	put(c, "\r\n\r\n");
	put_bomb(c, 1);
}

static void
serve_bad_gzip(struct client *c)
{
	put_head(c, "Content-Encoding: gzip\r\nConnection: close\r\n");
	put(c, "this is no gzip at all, whatever the head may say");
}

static void
serve_coding_unknown(struct client *c)
{
	put_head(c, "Content-Encoding: rot13\r\nConnection: close\r\n");
	put(c, PRODUCT);
}

static void
redirect(struct client *c, const char *to)
{
	put(c, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ");
	put(c, to);
	put(c, "\r\n\r\n");
}

static void
serve_loop(struct client *c)
{
	redirect(c, "/loop");
}

/* Each leads to another one. */
static void
serve_further(struct client *c)
{
	char to[64];

	snprintf(to, sizeof(to), "/further/%lu", strtoul(c->path + strlen("/further/"), NULL, 10) + 1);
	redirect(c, to);
}

static void
serve_long_location(struct client *c)
{
	int i;

	put(c, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /");
	for (i = 0; i < 20000 && !c->gone; i++)
		put(c, "0123456789");
	put(c, "\r\n\r\n");
}

/* Byte by byte, for ever. */
static void
drip(struct client *c, const char *text, bool again)
{
	const char *p = text;

	while (!c->gone && *p != '\0') {
		put_bytes(c, p++, 1);
		pause_ms(50);
		if (*p == '\0' && again)
			p = text;
	}
}

static void
serve_loris_head(struct client *c)
{
	put(c, "HTTP/1.1 200 OK\r\n");
	drip(c, "X-Slow: yes\r\n", true);
}

static void
serve_loris_body(struct client *c)
{
	put_head(c, "Content-Length: 1000000\r\n");
	drip(c, "<p>slow</p>", true);
}

static void
serve_silent(struct client *c)
{
	char byte;

	while (recv(c->fd, &byte, 1, 0) > 0)
		;
}

static void
serve_short(struct client *c)
{
	put_head(c, "Content-Length: 100000\r\n");
	put(c, PRODUCT);
}

static void
serve_long(struct client *c)
{
	char length[64];

	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(PRODUCT));
	put_head(c, length);
	put(c, PRODUCT);
	put_much(c, 10 * 1024 * 1024);
}

static void
serve_lengths(struct client *c)
{
	put_head(c, "Content-Length: 10\r\nContent-Length: 20\r\nContent-Length: -1\r\n");
	put(c, PRODUCT);
}

static void
serve_headers(struct client *c)
{
	put(c, "HTTP/1.1 200 OK\r\n");
	while (!c->gone)
		put(c, "X-More: there is always one more header, and it does not say anything\r\n");
}

static void
serve_header(struct client *c)
{
	put(c, "HTTP/1.1 200 OK\r\nX-Long: ");
	while (!c->gone)
		put(c, "0123456789abcdef0123456789abcdef");
}

static void
serve_cookies(struct client *c)
{
	char cookie[64];
	int i;

	put(c, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 2000; i++) {
		snprintf(cookie, sizeof(cookie), "Set-Cookie: c%d=%d; Path=/\r\n", i, i);
		put(c, cookie);
	}
	put(c, "Connection: close\r\n\r\n" PRODUCT);
}

static void
serve_chunk_garbage(struct client *c)
{
	put_head(c, "Transfer-Encoding: chunked\r\n");
	put(c, "zzzz\r\n" PRODUCT "\r\n0\r\n\r\n");
}

static void
serve_chunk_huge(struct client *c)
{
	put_head(c, "Transfer-Encoding: chunked\r\n");
	put(c, "ffffffffffffffffff\r\n" PRODUCT);
}

static void
serve_chunk_cut(struct client *c)
{
	put_head(c, "Transfer-Encoding: chunked\r\n");
	put(c, "1000\r\n" PRODUCT);
}

static void
serve_trailers(struct client *c)
{
	put_head(c, "Transfer-Encoding: chunked\r\n");
	put(c, "2\r\nhi\r\n0\r\n");
	while (!c->gone)
		put(c, "X-Trailer: there is always one more\r\n");
}

static void
serve_reset(struct client *c)
{
	put_head(c, "Content-Length: 100000\r\n");
	put(c, PRODUCT);
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
}

static void
serve_continue(struct client *c)
{
	while (!c->gone)
		put(c, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void
serve_status_999(struct client *c)
{
	put(c, "HTTP/1.1 999 Odd\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" PRODUCT);
}

static void
serve_status_negative(struct client *c)
{
	put(c, "HTTP/1.1 -20 Odd\r\nConnection: close\r\n\r\n" PRODUCT);
}

static void
serve_http09(struct client *c)
{
	put(c, PRODUCT);
}

static void
serve_garbage(struct client *c)
{
	int i;

	for (i = 0; i < 100000 && !c->gone; i++)
		put_bytes(c, "\x00\xff\x01garbage\r", 11);
}

static void
serve_nul_header(struct client *c)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nConnection: close\r\n\r\n" PRODUCT;

	put_bytes(c, head, sizeof(head) - 1);
}

static void
serve_close(struct client *c)
{
	c->gone = true;
}

static void
serve_product(struct client *c)
{
	put_head(c, "Connection: close\r\n");
	put(c, PRODUCT);
}

/* A page of hostile_pages.c. */
static void
serve_page(struct client *c)
{
	FILE *f = fdopen(dup(c->fd), "w");

	put_head(c, "Connection: close\r\n");
	if (f != NULL) {
		hostile_page_put(c->path + strlen("/page/"), f);
		fclose(f);
	}
}

/* A file; what its name ends with behind "@" is its charset. */
static void
serve_file(struct client *c)
{
	const char *name = c->path + strlen("/file/"), *charset = strchr(name, '@');
	char path[512], data[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = strstr(name, "..") == NULL ? fopen(path, "re") : NULL;
	put(c, f != NULL ? "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=" : "HTTP/1.1 404 No\r\nX: ");
	put(c, charset != NULL ? charset + 1 : "utf-8");
	put(c, "\r\nConnection: close\r\n\r\n");
	while (f != NULL && (n = fread(data, 1, sizeof(data), f)) > 0)
		put_bytes(c, data, n);
	if (f != NULL)
		fclose(f);
}

static const struct {
	const char *path; /* or its beginning, if it ends with a slash */
	void (*serve)(struct client *c);
	const char *help;
} answers[] = {
	{ "/gig", serve_gig, "a body of 1 GB, with its length" },
	{ "/gig-open", serve_gig_open, "a body of 1 GB, without" },
	{ "/gig-chunked", serve_gig_chunked, "chunks without end" },
	{ "/bomb", serve_bomb, "gzip that does not end" },
	{ "/bomb-nested", serve_bomb_nested, "gzip in gzip that does not end" },
	{ "/codings", serve_codings, "500 codings" },
	{ "/bad-gzip", serve_bad_gzip, "gzip that is none" },
	{ "/coding-unknown", serve_coding_unknown, "a coding that nobody knows" },
	{ "/loop", serve_loop, "a redirect to itself" },
	{ "/further/", serve_further, "redirects without end" },
	{ "/long-location", serve_long_location, "a redirect to a URL of 200 KB" },
	{ "/loris-head", serve_loris_head, "headers byte by byte" },
	{ "/loris-body", serve_loris_body, "a body byte by byte" },
	{ "/silent", serve_silent, "nothing" },
	{ "/short", serve_short, "less than its Content-Length" },
	{ "/long", serve_long, "more than its Content-Length" },
	{ "/lengths", serve_lengths, "three different lengths" },
	{ "/headers", serve_headers, "headers without end" },
	{ "/header", serve_header, "a header without end" },
	{ "/cookies", serve_cookies, "2,000 cookies" },
	{ "/chunk-garbage", serve_chunk_garbage, "a chunk without a size" },
	{ "/chunk-huge", serve_chunk_huge, "a chunk of more than there is" },
	{ "/chunk-cut", serve_chunk_cut, "a chunk that is cut" },
	{ "/trailers", serve_trailers, "trailers without end" },
	{ "/reset", serve_reset, "a connection that is reset" },
	{ "/continue", serve_continue, "100 Continue without end" },
	{ "/status-999", serve_status_999, "status 999" },
	{ "/status-negative", serve_status_negative, "status -20" },
	{ "/http09", serve_http09, "a body without a head" },
	{ "/garbage", serve_garbage, "no HTTP at all" },
	{ "/nul-header", serve_nul_header, "a NUL in a header" },
	{ "/close", serve_close, "an end at once" },
	{ "/product", serve_product, "a price" },
	{ "/page/", serve_page, "a page: see --pages" },
	{ "/file/", serve_file, "a file of the folder" },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Read up to the blank line; the path of its first line. */
static bool
read_request(struct client *c)
{
	char head[8192], *end;
	size_t len = 0;
	ssize_t n;

	do {
		n = recv(c->fd, head + len, sizeof(head) - 1 - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		head[len] = '\0';
	} while (strstr(head, "\r\n\r\n") == NULL && len < sizeof(head) - 1);
	if (strncmp(head, "GET ", 4) != 0 || (end = strchr(head + 4, ' ')) == NULL ||
	    (size_t)(end - head - 4) >= sizeof(c->path))
		return false;
	memcpy(c->path, head + 4, (size_t)(end - head - 4));
	return true;
}

static void *
serve(void *arg)
{
	struct client c = { .fd = *(int *)arg };
	size_t i, n;

	free(arg);
	if (read_request(&c)) {
		for (i = 0; i < N(answers); i++) {
			n = strlen(answers[i].path);
			if (strncmp(c.path, answers[i].path, n) == 0 && (answers[i].path[n - 1] == '/' || c.path[n] == '\0'))
				break;
		}
		if (i < N(answers))
			answers[i].serve(&c);
		else
			put(&c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	}
	close(c.fd);
	return NULL;
}

static int
listen_on(const char *port_file)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *f;

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 || listen(fd, 128) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1 || (f = fopen(port_file, "we")) == NULL) {
		perror("hostile");
		exit(1);
	}
	fprintf(f, "%d\n", ntohs(sin.sin_port));
	fclose(f);
	return fd;
}

static void
usage(void)
{
	const char *name, *help;
	unsigned i;

	fputs("usage: hostile --port-file FILE [--folder DIR]   serve on 127.0.0.1 until a signal\n"
	      "       hostile --page NAME                       a page to standard output\n"
	      "       hostile --pages                           their names\n",
	    stderr);
	for (i = 0; i < N(answers); i++)
		fprintf(stderr, "  %-18s %s\n", answers[i].path, answers[i].help);
	for (i = 0; (name = hostile_page_at(i, &help)) != NULL; i++)
		fprintf(stderr, "  %-18s %s\n", name, help);
	exit(2);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "folder", required_argument, NULL, 'f' },
		{ "page", required_argument, NULL, 'p' },
		{ "pages", no_argument, NULL, 'l' },
		{ "port-file", required_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	const char *port_file = NULL, *help, *name;
	pthread_t thread;
	unsigned i;
	int c, fd, *client;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			folder = optarg;
			break;
		case 'p':
			return hostile_page_put(optarg, stdout) ? 0 : 2;
		case 'l':
			for (i = 0; (name = hostile_page_at(i, &help)) != NULL; i++)
				puts(name);
			return 0;
		case 'P':
			port_file = optarg;
			break;
		default:
			usage();
		}
	}
	if (port_file == NULL)
		usage();
	signal(SIGPIPE, SIG_IGN);
	fd = listen_on(port_file);
	for (;;) {
		client = malloc(sizeof(*client));
		if (client == NULL)
			return 1;
		*client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (*client == -1 || pthread_create(&thread, NULL, serve, client) != 0) {
			free(client);
			continue;
		}
		pthread_detach(thread);
	}
}

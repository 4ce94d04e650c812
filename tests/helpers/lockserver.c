/*
 * The judge of "never two at once", on a host that no fault touches:
 *
 *	lockserver --listen ADDRESS[:PORT] --log FILE --violations FILE [--port-file FILE]
 *
 * A running incarnation holds a connection (held.c), on which it has said "hold CHILD TOKEN NODE PID"; the answer
 * is "ok". While the connection is there, the incarnation runs: it ends with the last process that has the descriptor.
 * The log has a line for each beginning and end, with the time in ms since 1970:
 *
 *	1732278000000 + s1 4711 box2 33		runs
 *	1732278000900 - s1 4711 box2 33 900	has ended, after so many ms
 *
 * Two of one child at the same moment are two lines in the file of violations, the second when one of them has ended:
 *
 *	1732278000000 s1: token 4712 on box3 began while token 4711 ran on box2
 *	1732278000012 s1: token 4712 on box3 and token 4711 on box2 ran together for 12 ms
 *
 * The file is made at the start, empty. Where both ends are to be read at one wake-up, ends are read first: packets of
 * two hosts have no order, but a new one is always started after somebody knew of the end of the old.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOLDERS_MAX 4096
#define GRACE_MS 2 /* for the end of an old one that is still on its way through the kernel */

struct holder {
	int fd;
	bool known; /* it has said who it is */
	char child[128], token[32], node[64];
	int pid;
	int64_t since_ms;
	char line[512];
	size_t len;
};

struct server {
	int listener;
	FILE *log, *violations;
	struct holder holders[HOLDERS_MAX];
	struct pollfd fds[HOLDERS_MAX + 1];
	unsigned n;
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static void
die(const char *what)
{
	fprintf(stderr, "lockserver: %s: %s\n", what, strerror(errno));
	exit(1);
}

static FILE *
open_file(const char *path)
{
	FILE *f = path != NULL ? fopen(path, "we") : NULL;

	if (f == NULL)
		die(path != NULL ? path : "a file is missing");
	setvbuf(f, NULL, _IOLBF, 0);
	return f;
}

/* For how long others ran at the same time as this one, which ends now. */
static void
judge_end(struct server *s, const struct holder *h, int64_t now)
{
	const struct holder *o, *first, *second;
	unsigned i;

	for (i = 0; i < s->n; i++) {
		o = &s->holders[i];
		if (o == h || !o->known || o->fd == -1 || strcmp(o->child, h->child) != 0)
			continue;
		first = o->since_ms < h->since_ms ? o : h;
		second = first == o ? h : o;
		fprintf(s->violations, "%lld %s: token %s on %s and token %s on %s ran together for %lld ms\n", (long long)now,
		    h->child, second->token, second->node, first->token, first->node, (long long)(now - second->since_ms));
	}
}

static void
holder_end(struct server *s, struct holder *h)
{
	int64_t now = now_ms();

	if (h->known) {
		judge_end(s, h, now);
		fprintf(s->log, "%lld - %s %s %s %d %lld\n", (long long)now, h->child, h->token, h->node, h->pid,
		    (long long)(now - h->since_ms));
	}
	close(h->fd);
	h->fd = -1;
}

static bool
has_ended(const struct holder *h)
{
	char c;
	ssize_t n = recv(h->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR);
}

/* An older one of this child: give the kernel a moment to tell of its end. */
static void
wait_for_end(struct server *s, const struct holder *h)
{
	struct holder *o;
	unsigned i;

	for (i = 0; i < s->n; i++) {
		struct pollfd p = { .events = POLLIN };

		o = &s->holders[i];
		if (o == h || !o->known || o->fd == -1 || strcmp(o->child, h->child) != 0)
			continue;
		p.fd = o->fd;
		if (poll(&p, 1, GRACE_MS) > 0 && has_ended(o))
			holder_end(s, o);
		else
			fprintf(s->violations, "%lld %s: token %s on %s began while token %s ran on %s\n", (long long)h->since_ms,
			    h->child, h->token, h->node, o->token, o->node);
	}
}

static void
holder_begin(struct server *s, struct holder *h)
{
	h->since_ms = now_ms();
	if (sscanf(h->line, "hold %127s %31s %63s %d", h->child, h->token, h->node, &h->pid) != 4) {
		fprintf(stderr, "lockserver: not understood: %s\n", h->line);
		holder_end(s, h);
		return;
	}
	wait_for_end(s, h);
	h->known = true;
	fprintf(s->log, "%lld + %s %s %s %d\n", (long long)h->since_ms, h->child, h->token, h->node, h->pid);
	if (send(h->fd, "ok\n", 3, MSG_NOSIGNAL | MSG_DONTWAIT) != 3)
		holder_end(s, h);
}

static void
holder_read(struct server *s, struct holder *h)
{
	ssize_t n = recv(h->fd, h->line + h->len, sizeof(h->line) - 1 - h->len, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || h->known) {
		holder_end(s, h);
		return;
	}
	h->len += (size_t)n;
	h->line[h->len] = '\0';
	if (strchr(h->line, '\n') != NULL)
		holder_begin(s, h);
}

static void
server_accept(struct server *s)
{
	int fd;

	while ((fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		if (s->n == HOLDERS_MAX) {
			close(fd);
			continue;
		}
		s->holders[s->n] = (struct holder){ .fd = fd };
		s->n++;
	}
}

static void
server_sweep(struct server *s)
{
	unsigned i;

	for (i = 0; i < s->n; i++)
		if (s->holders[i].fd == -1)
			s->holders[i--] = s->holders[--s->n];
}

static void
serve(struct server *s)
{
	unsigned i, n;

	for (;;) {
		s->fds[0] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
		for (i = 0; i < s->n; i++)
			s->fds[i + 1] = (struct pollfd){ .fd = s->holders[i].fd, .events = POLLIN };
		n = s->n;
		if (poll(s->fds, n + 1, -1) == -1)
			continue;
		/* Ends first, then those that say who they are. */
		for (i = 0; i < n; i++)
			if (s->fds[i + 1].revents != 0 && s->holders[i].known)
				holder_read(s, &s->holders[i]);
		for (i = 0; i < n; i++)
			if (s->fds[i + 1].revents != 0 && s->holders[i].fd != -1 && !s->holders[i].known)
				holder_read(s, &s->holders[i]);
		server_sweep(s);
		if (s->fds[0].revents != 0)
			server_accept(s);
	}
}

/* Listen on "ADDRESS" or "ADDRESS:PORT"; the port is written into the file. */
static int
listen_on(char *where, const char *port_file)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	char *colon = strchr(where, ':');
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	FILE *f;

	if (colon != NULL) {
		*colon = '\0';
		addr.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	}
	if (inet_pton(AF_INET, where, &addr.sin_addr) != 1) {
		errno = EINVAL;
		die(where);
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1 || listen(fd, 1024) == -1 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) == -1)
		die(where);
	if (port_file != NULL) {
		f = open_file(port_file);
		fprintf(f, "%u\n", ntohs(addr.sin_port));
		fclose(f);
	}
	return fd;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = { { "listen", required_argument, NULL, 'l' }, { "log", required_argument, NULL, 'o' },
		{ "violations", required_argument, NULL, 'v' }, { "port-file", required_argument, NULL, 'p' }, { NULL, 0, NULL, 0 } };
	static struct server s;
	char *where = NULL, *log = NULL, *violations = NULL, *port_file = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'l':
			where = optarg;
			break;
		case 'o':
			log = optarg;
			break;
		case 'v':
			violations = optarg;
			break;
		case 'p':
			port_file = optarg;
			break;
		default:
			return 2;
		}
	}
	if (where == NULL) {
		fprintf(stderr, "Usage: lockserver --listen ADDRESS[:PORT] --log FILE --violations FILE [--port-file FILE]\n");
		return 2;
	}
	s.log = open_file(log);
	s.violations = open_file(violations);
	s.listener = listen_on(where, port_file);
	serve(&s);
	return 0;
}

/*
 * A bad network in user space: passes bytes on, and does to them what it is told.
 *
 *	netproxy [--control SOCKET] [--settings FILE] --listen ADDRESS:PORT [--port-file FILE] --connect ADDRESS:PORT
 *	netproxy [--control SOCKET] [--settings FILE] --connect ADDRESS:PORT	between stdin/stdout and there (ProxyCommand)
 *	netproxy [--control SOCKET] [--settings FILE] --exec COMMAND [ARG...]	between stdin/stdout and those of a command
 *	netproxy --tell SOCKET 'COMMAND'...					sends commands, prints the answers
 *
 * "up" is away from the one who connected (from stdin), "down" is back. Commands, one a line, on the control socket; the
 * same in the file of settings, which is read at the start:
 *
 *	delay up|down|both MS		each byte arrives so much later
 *	rate up|down|both BYTES		so many bytes a second; 0: no limit
 *	queue up|down|both BYTES	so many may be under way (64 KiB); who sends more, waits
 *	silence up|down|both		half-open: nothing passes any more, nothing is closed
 *	resume				… and goes on (what was held is passed on, as TCP would)
 *	cut up|down N			close both sides once N bytes in all have passed in this direction, on each connection
 *	reset				RST to both sides of all connections, now
 *	close				close all connections, now
 *	refuse yes|no			new connections are reset
 *	stats				connections, bytes up, bytes down (of all so far)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 512
#define CHUNK 16384
#define NEVER INT64_MAX

enum dir { UP, DOWN, DIRS };

/* What is done to one direction of all connections. */
struct rule {
	int64_t delay_us, rate; /* bytes a second; 0: no limit */
	uint64_t queue, cut_at; /* UINT64_MAX: never */
	bool silent;
};

struct chunk {
	struct chunk *next;
	int64_t due_us;
	size_t len, off;
	char data[CHUNK];
};

/* One direction of one connection. */
struct way {
	int from, to;
	struct chunk *first, **last;
	uint64_t held, passed;
	int64_t free_us; /* the line is busy until then */
	bool eof, shut;  /* the end was read; was passed on */
};

struct conn {
	struct way ways[DIRS];
	bool dead;
};

struct proxy {
	struct rule rules[DIRS];
	bool refuse;
	int listener, control;
	struct sockaddr_in target;
	char **command; /* --exec */
	struct conn *conns[CONNS_MAX];
	unsigned n;
	uint64_t accepted, bytes[DIRS];
	bool stdio;
};

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static void
die(const char *what)
{
	fprintf(stderr, "netproxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
set_nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void
parse_address(char *text, struct sockaddr_in *addr)
{
	char *colon = strrchr(text, ':');

	*addr = (struct sockaddr_in){ .sin_family = AF_INET };
	if (colon != NULL)
		*colon = '\0';
	if (colon == NULL || inet_pton(AF_INET, text, &addr->sin_addr) != 1) {
		errno = EINVAL;
		die(text);
	}
	addr->sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
}

/* ---- connections ---- */

static struct conn *
conn_add(struct proxy *p, int a, int a_out, int b, int b_out)
{
	/* a is who connected (or stdin), b the other; in and out differ where they are pipes. */
	struct conn *c = calloc(1, sizeof(*c));
	int d;

	if (c == NULL || p->n == CONNS_MAX)
		die("too many connections");
	c->ways[UP].from = a, c->ways[UP].to = b_out;
	c->ways[DOWN].from = b, c->ways[DOWN].to = a_out;
	for (d = 0; d < DIRS; d++) {
		c->ways[d].last = &c->ways[d].first;
		set_nonblock(c->ways[d].from);
		set_nonblock(c->ways[d].to);
	}
	p->conns[p->n++] = c;
	p->accepted++;
	return c;
}

static void
conn_close(struct conn *c, bool with_reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct chunk *k;
	int d;

	if (c->dead)
		return;
	c->dead = true;
	for (d = 0; d < DIRS; d++) {
		if (with_reset)
			setsockopt(c->ways[d].from, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		if (c->ways[d].to != -1 && c->ways[d].to != c->ways[!d].from)
			close(c->ways[d].to);
	}
	for (d = 0; d < DIRS; d++) {
		close(c->ways[d].from);
		while ((k = c->ways[d].first) != NULL) {
			c->ways[d].first = k->next;
			free(k);
		}
	}
}

static int
connect_to(const struct sockaddr_in *target)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd == -1 || connect(fd, (const struct sockaddr *)target, sizeof(*target)) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
proxy_accept(struct proxy *p)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	int a = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC), b = -1, one = 1;

	if (a == -1)
		return;
	if (p->refuse || p->n == CONNS_MAX || (b = connect_to(&p->target)) == -1) {
		setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(a);
		return;
	}
	setsockopt(a, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn_add(p, a, a, b, b);
}

/* The command with its standard input and output in our hands. */
static void
proxy_exec(struct proxy *p)
{
	int in[2], out[2];
	pid_t pid = -1;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		die(p->command[0]);
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execvp(p->command[0], p->command);
		die(p->command[0]);
	}
	close(in[0]);
	close(out[1]);
	conn_add(p, STDIN_FILENO, STDOUT_FILENO, out[0], in[1]);
}

/* ---- bytes ---- */

static bool
way_may_read(const struct way *w, const struct rule *r)
{
	return !w->eof && !r->silent && w->held < r->queue;
}

/* By when the next byte, or the end, may be passed on; NEVER: there is none, or it may not. */
static int64_t
way_due(const struct way *w, const struct rule *r)
{
	if (r->silent)
		return NEVER;
	if (w->first != NULL)
		return w->first->due_us;
	return w->eof && !w->shut ? 0 : NEVER;
}

/* False: the connection has broken. */
static bool
way_read(struct way *w, const struct rule *r)
{
	struct chunk *k = malloc(sizeof(*k));
	int64_t now = now_us();
	size_t want = CHUNK;
	ssize_t n;

	if (k == NULL)
		die("memory");
	/* With a rate, in pieces of 10 ms, so that a slow line does not arrive in lumps. */
	if (r->rate > 0 && (uint64_t)r->rate / 100 < want)
		want = (size_t)r->rate / 100 + 1;
	n = read(w->from, k->data, want);
	if (n <= 0) {
		bool again = n == -1 && (errno == EAGAIN || errno == EINTR);

		free(k);
		w->eof = w->eof || n == 0;
		return n == 0 || again;
	}
	if (w->free_us < now)
		w->free_us = now;
	if (r->rate > 0)
		w->free_us += n * INT64_C(1000000) / r->rate;
	k->next = NULL, k->len = (size_t)n, k->off = 0;
	k->due_us = w->free_us + r->delay_us;
	*w->last = k;
	w->last = &k->next;
	w->held += (uint64_t)n;
	return true;
}

/* Pass on what is due. False: broken, or cut here. */
static bool
way_write(struct way *w, const struct rule *r, uint64_t *total)
{
	int64_t now = now_us();
	struct chunk *k;

	while ((k = w->first) != NULL && k->due_us <= now) {
		uint64_t left = r->cut_at > w->passed ? r->cut_at - w->passed : 0, want = k->len - k->off;
		ssize_t n;

		n = want == 0 || left == 0 ? 0 : write(w->to, k->data + k->off, left < want ? (size_t)left : (size_t)want);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR;
		w->passed += (uint64_t)n, w->held -= (uint64_t)n, *total += (uint64_t)n;
		k->off += (size_t)n;
		if (w->passed >= r->cut_at)
			return false;
		if (k->off == k->len) {
			if ((w->first = k->next) == NULL)
				w->last = &w->first;
			free(k);
		}
	}
	if (w->first == NULL && w->eof && !w->shut) {
		w->shut = true;
		if (shutdown(w->to, SHUT_WR) == -1 && errno == ENOTSOCK)
			close(w->to), w->to = -1;
	}
	return true;
}

/* ---- control ---- */

static bool
directions(const char *word, bool dirs[DIRS])
{
	dirs[UP] = strcmp(word, "up") == 0 || strcmp(word, "both") == 0;
	dirs[DOWN] = strcmp(word, "down") == 0 || strcmp(word, "both") == 0;
	return dirs[UP] || dirs[DOWN];
}

static void
set_rule(struct rule *r, const char *verb, long long n)
{
	if (strcmp(verb, "delay") == 0)
		r->delay_us = n * 1000;
	else if (strcmp(verb, "rate") == 0)
		r->rate = n;
	else if (strcmp(verb, "queue") == 0)
		r->queue = n < 1 ? 1 : (uint64_t)n;
	else if (strcmp(verb, "silence") == 0)
		r->silent = true;
	else if (strcmp(verb, "cut") == 0)
		r->cut_at = (uint64_t)n;
}

static void
close_all(struct proxy *p, bool with_reset)
{
	unsigned i;

	for (i = 0; i < p->n; i++)
		conn_close(p->conns[i], with_reset);
}

/* Carry out a command; the answer is put into buf. */
static void
proxy_command(struct proxy *p, const char *line, char *buf, size_t size)
{
	static const char *const verbs[] = { "delay", "rate", "queue", "silence", "cut" };
	char verb[32] = "", arg[32] = "";
	long long n = -1;
	bool dirs[DIRS];
	size_t i;
	int words = sscanf(line, "%31s %31s %lld", verb, arg, &n), d;

	snprintf(buf, size, "ok\n");
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verb, verbs[i]) == 0 && directions(arg, dirs) && (words == 3) == (strcmp(verb, "silence") != 0)) {
			for (d = 0; d < DIRS; d++)
				if (dirs[d])
					set_rule(&p->rules[d], verb, n);
			return;
		}
	if (strcmp(verb, "resume") == 0)
		p->rules[UP].silent = p->rules[DOWN].silent = false;
	else if (strcmp(verb, "reset") == 0 || strcmp(verb, "close") == 0)
		close_all(p, verb[0] == 'r');
	else if (strcmp(verb, "refuse") == 0 && words == 2)
		p->refuse = strcmp(arg, "yes") == 0;
	else if (strcmp(verb, "stats") == 0)
		snprintf(buf, size, "%llu %llu %llu\n", (unsigned long long)p->accepted, (unsigned long long)p->bytes[UP],
		    (unsigned long long)p->bytes[DOWN]);
	else
		snprintf(buf, size, "not understood: %s\n", line);
}

static void
read_settings(struct proxy *p, const char *path)
{
	char line[256], answer[300];
	FILE *f = fopen(path, "re");

	if (f == NULL)
		die(path);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		proxy_command(p, line, answer, sizeof(answer));
		if (strcmp(answer, "ok\n") != 0) {
			fprintf(stderr, "netproxy: %s: %s", path, answer);
			exit(2);
		}
	}
	fclose(f);
}

static void
fill_unix(struct sockaddr_un *addr, const char *path)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(addr->sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	memcpy(addr->sun_path, path, strlen(path) + 1);
}

static int
control_open(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;

	fill_unix(&addr, path);
	unlink(path); /* one that a predecessor left: the newest is spoken with */
	if (fd == -1 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1 || listen(fd, 16) == -1)
		die(path);
	return fd;
}

/* One who gives commands sends them at once, and ends. */
static void
control_accept(struct proxy *p)
{
	struct timeval patience = { .tv_sec = 2 };
	char all[4096], answer[300], *line, *end;
	size_t len = 0;
	ssize_t n;
	int fd = accept4(p->control, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (len < sizeof(all) - 1 && (n = recv(fd, all + len, sizeof(all) - 1 - len, 0)) > 0)
		len += (size_t)n;
	all[len] = '\0';
	for (line = all; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		proxy_command(p, line, answer, sizeof(answer));
		send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	}
	close(fd);
}

static int
tell(const char *path, char *commands[])
{
	struct sockaddr_un addr;
	char buf[4096];
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), bad = 0;

	fill_unix(&addr, path);
	if (fd == -1 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		die(path);
	for (; *commands != NULL; commands++) {
		send(fd, *commands, strlen(*commands), MSG_NOSIGNAL);
		send(fd, "\n", 1, MSG_NOSIGNAL);
	}
	shutdown(fd, SHUT_WR);
	while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
		buf[n] = '\0';
		bad = bad || strstr(buf, "not understood") != NULL;
		fputs(buf, stdout);
	}
	return bad;
}

/* ---- the loop ---- */

static void
conn_poll(struct proxy *p, const struct conn *c, struct pollfd fds[2 * DIRS], int64_t *next)
{
	int64_t now = now_us(), due;
	int d;

	for (d = 0; d < DIRS; d++) {
		const struct way *w = &c->ways[d];

		due = way_due(w, &p->rules[d]);
		fds[2 * d] = (struct pollfd){ .fd = way_may_read(w, &p->rules[d]) ? w->from : -1, .events = POLLIN };
		fds[2 * d + 1] = (struct pollfd){ .fd = w->to, .events = due <= now && w->first != NULL ? POLLOUT : 0 };
		/* Who stands at stdout is looked at all the time: an ssh that died leaves no proxy behind. */
		if (fds[2 * d + 1].events == 0 && !(p->stdio && d == DOWN))
			fds[2 * d + 1].fd = -1;
		if (due > now ? due < *next : (due != NEVER && w->first == NULL))
			*next = due > now ? due : now;
	}
}

static void
conn_serve(struct proxy *p, struct conn *c, const struct pollfd fds[2 * DIRS])
{
	int d;

	if (p->stdio && (fds[2 * DOWN + 1].revents & (POLLERR | POLLHUP)) != 0) {
		conn_close(c, false);
		return;
	}
	for (d = 0; d < DIRS && !c->dead; d++) {
		struct way *w = &c->ways[d];

		if ((fds[2 * d].revents != 0 && !way_read(w, &p->rules[d])) ||
		    (way_due(w, &p->rules[d]) != NEVER && !way_write(w, &p->rules[d], &p->bytes[d]))) {
			conn_close(c, false);
			return;
		}
	}
	if (!c->dead && c->ways[UP].shut && c->ways[DOWN].shut)
		conn_close(c, false);
}

static void
proxy_sweep(struct proxy *p)
{
	unsigned i;

	for (i = 0; i < p->n; i++)
		if (p->conns[i]->dead) {
			free(p->conns[i]);
			p->conns[i--] = p->conns[--p->n];
		}
}

static void
serve(struct proxy *p)
{
	static struct pollfd fds[2 + 2 * DIRS * CONNS_MAX];
	unsigned i, n;
	int64_t next, now;

	while (!p->stdio || p->n > 0) {
		next = NEVER;
		n = p->n;
		fds[0] = (struct pollfd){ .fd = p->listener, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = p->control, .events = POLLIN };
		for (i = 0; i < n; i++)
			conn_poll(p, p->conns[i], fds + 2 + (size_t)i * 2 * DIRS, &next);
		now = now_us();
		if (poll(fds, 2 + n * 2 * DIRS, next == NEVER ? -1 : next <= now ? 0 : (int)((next - now) / 1000 + 1)) == -1)
			continue;
		for (i = 0; i < n; i++)
			conn_serve(p, p->conns[i], fds + 2 + (size_t)i * 2 * DIRS);
		if (fds[1].revents != 0)
			control_accept(p);
		if (fds[0].revents != 0)
			proxy_accept(p);
		proxy_sweep(p);
	}
}

static int
listen_on(char *where, const char *port_file)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	FILE *f;

	parse_address(where, &addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1 || listen(fd, 128) == -1 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) == -1)
		die(where);
	if (port_file != NULL) {
		if ((f = fopen(port_file, "we")) == NULL)
			die(port_file);
		fprintf(f, "%u\n", ntohs(addr.sin_port));
		fclose(f);
	}
	return fd;
}

static int
usage(void)
{
	fprintf(stderr, "Usage: netproxy [--control SOCKET] [--settings FILE] [--listen ADDRESS:PORT [--port-file FILE]]\n"
			"                --connect ADDRESS:PORT | --exec COMMAND [ARG...]\n"
			"       netproxy --tell SOCKET COMMAND...\n");
	return 2;
}

struct arguments {
	char *control, *settings, *listen, *connect, *port_file, *tell;
	bool exec;
};

static bool
parse(struct arguments *a, int argc, char *argv[])
{
	static const struct option options[] = { { "control", required_argument, NULL, 'c' },
		{ "settings", required_argument, NULL, 's' }, { "listen", required_argument, NULL, 'l' },
		{ "connect", required_argument, NULL, 'n' }, { "port-file", required_argument, NULL, 'p' },
		{ "tell", required_argument, NULL, 't' }, { "exec", no_argument, NULL, 'e' }, { NULL, 0, NULL, 0 } };
	char **const where[] = { &a->control, &a->settings, &a->listen, &a->connect, &a->port_file, &a->tell };
	static const char letters[] = "cslnpt";
	const char *letter;
	int opt;

	/* "+": what follows --exec has options of its own. */
	while ((opt = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (opt == 'e')
			a->exec = true;
		else if ((letter = strchr(letters, opt)) != NULL)
			*where[(size_t)(letter - letters)] = optarg;
		else
			return false;
	}
	return a->tell != NULL || (a->exec ? a->listen == NULL && optind < argc : a->connect != NULL && optind == argc);
}

int
main(int argc, char *argv[])
{
	static struct proxy p = { .listener = -1, .control = -1 };
	static const struct rule none = { .queue = 65536, .cut_at = UINT64_MAX };
	struct arguments a = { 0 };
	int fd;

	if (!parse(&a, argc, argv))
		return usage();
	if (a.tell != NULL)
		return tell(a.tell, argv + optind);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	p.rules[UP] = p.rules[DOWN] = none;
	if (a.settings != NULL)
		read_settings(&p, a.settings);
	if (a.control != NULL)
		p.control = control_open(a.control);
	if (a.connect != NULL)
		parse_address(a.connect, &p.target);
	p.command = a.exec ? argv + optind : NULL;
	p.stdio = a.listen == NULL;
	if (a.listen != NULL) {
		p.listener = listen_on(a.listen, a.port_file);
	} else if (a.exec) {
		proxy_exec(&p);
	} else {
		if ((fd = connect_to(&p.target)) == -1)
			die("connect");
		conn_add(&p, STDIN_FILENO, STDOUT_FILENO, fd, fd);
	}
	serve(&p);
	return 0;
}

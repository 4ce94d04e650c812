#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "cli/deploy.h"
#include "cli/deploy_script.h"
#include "conf/config.h"
#include "conf/ssh.h"
#include "os/fd.h"

/* So many at a time: neither our uplink nor a jump host is to choke. */
#define AT_ONCE 8
#define IN_MAX (64u << 10)
#define COMPLAINT_MAX (16u << 10)
#define LIST_MAX 64
#define LOOK_MS 100
/* From the end of the connection to that of ssh. */
#define END_US (5 * US_PER_S)
#define PREFIX "trapexit-deploy "

struct run {
	struct deploy_host *hosts;
	size_t n;
	const struct deploy_payload *payload;
	const struct deploy_how *how;
	struct spawner *spawner;
};

static void fail(struct deploy_host *h, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The first word counts: what follows comes of it. */
static void
fail(struct deploy_host *h, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (h->error != NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	h->error = xstrdup(text);
}

/* The command for the login shell, whichever it is: the script follows, its length before it. */
static const char remote_command[] =
    "exec /bin/sh -c 'IFS= read -r n; eval \"$(dd bs=1 count=\"$n\" 2>/dev/null)\"'";

static void
make_intro(struct deploy_host *h, const struct deploy_payload *p, bool dry)
{
	struct buf script = BUF_INIT(0);

	/* Nothing in here needs quotes: the configuration sees to it. */
	buf_xprintf(&script, "version=%s agent=%s dry=%s system=%s home=%s\n", PACKAGE_VERSION,
	    h->node->agent != NULL ? h->node->agent : "", dry ? "yes" : "no", SSH_DEPLOY_SYSTEM, SSH_DEPLOY_HOME);
	buf_xprintf(&script, "sizes='%zu %zu' sums='%" PRIu32 " %" PRIu32 "'\n", p->programs[0].data.len,
	    p->programs[1].data.len, p->programs[0].sum, p->programs[1].sum);
	for (const char *const *line = deploy_script; *line != NULL; line++)
		buf_xprintf(&script, "%s\n", *line);
	buf_xprintf(&h->intro, "%zu\n", script.len);
	buf_xadd(&h->intro, script.data, script.len);
	buf_release(&script);
}

static int
begin(struct run *r, struct deploy_host *h)
{
	struct strvec argv = STRVEC_INIT;
	struct err err = ERR_INIT;
	int result;

	h->begun = h->heard = mono_now();
	h->in = (struct buf)BUF_INIT(IN_MAX);
	ssh_argv(h->node, &argv);
	strvec_push(&argv, remote_command);
	result = coproc_start(r->spawner, (const char *const *)argv.v, &h->ssh, &err);
	strvec_release(&argv);
	if (result == -1) {
		fail(h, "%s", err.msg);
		h->state = HOST_ENDED;
		return -1;
	}
	make_intro(h, r->payload, r->how->dry);
	h->state = HOST_ASKS;
	return 0;
}

/* What is to be sent, at byte h->sent: the script with our answer, then the programs. */
static const char *
outgoing(const struct run *r, const struct deploy_host *h, size_t *n)
{
	size_t at = h->sent;

	if (at < h->intro.len) {
		*n = h->intro.len - at;
		return h->intro.data + at;
	}
	at -= h->intro.len;
	for (size_t i = 0; h->copies && i < DEPLOY_PROGRAMS; i++) {
		const struct buf *data = &r->payload->programs[i].data;

		if (at < data->len) {
			*n = data->len - at;
			return data->data + at;
		}
		at -= data->len;
	}
	*n = 0;
	return NULL;
}

static void
send_some(struct run *r, struct deploy_host *h)
{
	const char *p;
	size_t n;
	ssize_t sent;

	while ((p = outgoing(r, h, &n)) != NULL) {
		sent = send(h->ssh.fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent <= 0)
			return; /* if it is gone, that is read */
		h->sent += (size_t)sent;
		h->heard = mono_now();
	}
	if (h->state == HOST_SENDS && h->sent == h->total) {
		shutdown(h->ssh.fd, SHUT_WR);
		h->state = HOST_TRIES;
	}
}

/* It is told what to do: copy, keep, or nothing at all. */
static void
answer(struct run *r, struct deploy_host *h, const char *word)
{
	h->state = HOST_SENDS;
	h->copies = word != NULL && strcmp(word, "copy") == 0;
	if (word != NULL)
		buf_xprintf(&h->intro, "%s\n", word);
	h->total = h->intro.len;
	for (size_t i = 0; h->copies && i < DEPLOY_PROGRAMS; i++)
		h->total += r->payload->programs[i].data.len;
}

/* "host Linux x86_64 /home/u/.local/lib/trapexit/0.2.0" */
static void
on_host(struct run *r, struct deploy_host *h, char *rest)
{
	char *system = strsep(&rest, " "), *machine = strsep(&rest, " ");
	const char *ours;

	if (machine == NULL || rest == NULL || h->machine != NULL)
		return;
	h->machine = xstrdup(machine);
	h->dir = xstrdup(rest);
	if (strcmp(system, "Linux") != 0)
		fail(h, "runs %s, not Linux", system);
	else if ((ours = payload_misfit(r->payload, machine)) != NULL)
		fail(h, "is a machine of type %s, but this trapexit is built for %s: install the trapexit package of that type "
		    "there, and give its place with \"agent\" in node %s", machine, ours, h->node->name);
}

/* "have SUM SIZE SUM SIZE": what is there already. */
static void
on_have(struct run *r, struct deploy_host *h, const char *rest)
{
	const struct payload_program *p = r->payload->programs;
	char want[128];

	if (h->state != HOST_ASKS)
		return;
	snprintf(want, sizeof(want), "%" PRIu32 " %zu %" PRIu32 " %zu", p[0].sum, p[0].data.len, p[1].sum, p[1].data.len);
	if (h->error != NULL)
		answer(r, h, NULL);
	else
		answer(r, h, strcmp(rest, want) == 0 ? "keep" : "copy");
}

/* Of a host that tells no end of them, the first. */
static void
push_some(struct strvec *list, const char *word, const char *why)
{
	if (list->n < LIST_MAX)
		strvec_pushf(list, "%s%s", word, why);
}

static void
on_word(struct run *r, struct deploy_host *h, char *line)
{
	char *word = strsep(&line, " "), *first;

	if (line == NULL)
		line = word + strlen(word);
	if (strcmp(word, "host") == 0) {
		on_host(r, h, line);
	} else if (strcmp(word, "have") == 0) {
		on_have(r, h, line);
	} else if (strcmp(word, "error") == 0) {
		fail(h, "%s", line);
	} else if (strcmp(word, "removed") == 0) {
		push_some(&h->removed, line, "");
	} else if (strcmp(word, "end") == 0) {
		h->said_end = true;
	} else if ((first = strsep(&line, " ")) != NULL && line != NULL) {
		/* "kept VERSION WHY", "missing PROGRAM LIBRARY", "old PROGRAM VERSION" */
		if (strcmp(word, "kept") == 0)
			push_some(&h->kept, first, strcmp(line, "runs") == 0 ? " (still runs)" : " (the one before)");
		else if (strcmp(word, "missing") == 0)
			push_some(&h->missing, line, "");
		else if (strcmp(word, "old") == 0)
			push_some(&h->old, line, "");
	}
}

/* What logins print stands before our words, also on the same line. */
static void
take_lines(struct run *r, struct deploy_host *h)
{
	char *newline, *line, *word;

	while (h->in.len > 0 && (newline = memchr(h->in.data, '\n', h->in.len)) != NULL) {
		line = xstrndup(h->in.data, (size_t)(newline - h->in.data));
		buf_drop(&h->in, (size_t)(newline + 1 - h->in.data));
		if ((word = strstr(line, PREFIX)) != NULL)
			on_word(r, h, word + strlen(PREFIX));
		free(line);
	}
}

static void
read_some(struct run *r, struct deploy_host *h)
{
	char bytes[4096];
	ssize_t n = recv(h->ssh.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		h->heard = mono_now();
		if (h->in.len + (size_t)n > IN_MAX)
			buf_clear(&h->in); /* an endless line of noise */
		buf_xadd(&h->in, bytes, (size_t)n);
		take_lines(r, h);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		h->eof = true;
	}
}

static void
read_complaint(struct deploy_host *h)
{
	char bytes[4096];
	ssize_t n = read(h->ssh.err_fd, bytes, sizeof(bytes));

	if (n > 0) {
		h->heard = mono_now();
		if (h->complaint.len + (size_t)n > COMPLAINT_MAX)
			buf_clear(&h->complaint);
		buf_xadd(&h->complaint, bytes, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		h->err_eof = true;
	}
}

/* It has ended: what is still in the pipes. Who else holds their other ends is not waited for. */
static void
read_rest(struct run *r, struct deploy_host *h)
{
	for (int i = 0; i < 64 && !h->eof; i++)
		read_some(r, h);
	for (int i = 0; i < 16 && !h->err_eof; i++)
		read_complaint(h);
}

/* The last line that ssh complained with, without what it was about; it is what people search for. */
static char *
last_complaint(const struct deploy_host *h)
{
	const char *end, *start;

	if (h->complaint.len == 0)
		return NULL;
	end = h->complaint.data + h->complaint.len;
	while (end > h->complaint.data && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
		end--;
	for (start = end; start > h->complaint.data && start[-1] != '\n'; start--)
		;
	return start == end ? NULL : xstrndup(start, (size_t)(end - start));
}

/* What the libraries lack, in one sentence, with what to do. */
static char *
library_words(const struct deploy_host *h)
{
	struct buf out = BUF_INIT(0), packages = BUF_INIT(0);

	for (size_t i = 0; i < h->missing.n; i++) {
		const char *package = package_of(h->missing.v[i]);

		buf_xprintf(&out, "%s%s", i == 0 ? "lacks " : ", ", h->missing.v[i]);
		if (package != NULL)
			buf_xprintf(&packages, " %s", package);
	}
	if (packages.len > 0)
		buf_xprintf(&out, "; on Debian: apt-get install%s", packages.data);
	for (size_t i = 0; i < h->old.n; i++)
		buf_xprintf(&out, "%s%s", i > 0 ? ", " : out.len > 0 ? "; its libraries are too old: no " : "has older libraries: no ",
		    h->old.v[i]);
	buf_release(&packages);
	return buf_detach(&out);
}

static void
say_why(struct deploy_host *h, int status)
{
	char *complaint = last_complaint(h), *words;

	if (h->error != NULL && strcmp(h->error, "libraries") == 0 && h->missing.n + h->old.n > 0) {
		words = library_words(h);
		free(h->error);
		h->error = words;
	}
	if (complaint != NULL && strncmp(complaint, "ssh: ", 5) == 0)
		fail(h, "%s", complaint);
	else if (complaint != NULL)
		fail(h, "ssh: %s", complaint);
	else if (h->machine == NULL)
		fail(h, "ssh: ended with status %d before the host said anything", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	else
		fail(h, "ssh: the connection was lost; nothing is changed");
	free(complaint);
}

static void
end_host(struct run *r, struct deploy_host *h, int status)
{
	h->state = HOST_ENDED;
	h->took_us = mono_diff_us(mono_now(), h->begun);
	if (h->error == NULL && h->said_end)
		h->outcome = !h->copies ? DEPLOY_UNCHANGED : r->how->dry ? DEPLOY_WOULD_INSTALL : DEPLOY_INSTALLED;
	else
		say_why(h, status);
	coproc_release(&h->ssh);
	if (r->how->done != NULL)
		r->how->done(h, r->how->arg);
}

/* After the poll: one step. */
static void
step(struct run *r, struct deploy_host *h, short in, short err_in)
{
	mono_t now = mono_now();
	int status = 0;

	if (err_in != 0)
		read_complaint(h);
	if (in != 0)
		read_some(r, h);
	send_some(r, h);
	if (h->eof && !h->at_end) {
		h->at_end = true;
		h->heard = now;
	}
	if (mono_diff_us(now, h->heard) > (h->at_end ? END_US : r->how->patience_us)) {
		if (!h->at_end)
			fail(h, "ssh: no sign of life for %lld s", (long long)(r->how->patience_us / US_PER_S));
		coproc_kill(&h->ssh);
	}
	/* Its last words come before its end. */
	if (coproc_reap(&h->ssh, &status)) {
		read_rest(r, h);
		end_host(r, h, status);
	}
}

static size_t
begin_some(struct run *r)
{
	size_t active = 0;

	for (size_t i = 0; i < r->n; i++)
		active += r->hosts[i].state != HOST_WAITS && r->hosts[i].state != HOST_ENDED;
	for (size_t i = 0; i < r->n && active < AT_ONCE; i++) {
		if (r->hosts[i].state != HOST_WAITS)
			continue;
		if (begin(r, &r->hosts[i]) == 0)
			active++;
		else if (r->how->done != NULL)
			r->how->done(&r->hosts[i], r->how->arg);
	}
	return active;
}

/* Wait for any of them, and let each take a step. */
static void
turn(struct run *r)
{
	struct pollfd fds[AT_ONCE * 3];
	struct deploy_host *who[AT_ONCE];
	size_t n = 0, out;

	for (size_t i = 0; i < r->n && n < AT_ONCE; i++) {
		struct deploy_host *h = &r->hosts[i];

		if (h->state == HOST_WAITS || h->state == HOST_ENDED)
			continue;
		fds[3 * n] = (struct pollfd){ .fd = h->eof ? -1 : h->ssh.fd,
			.events = (short)(POLLIN | (outgoing(r, h, &out) != NULL ? POLLOUT : 0)) };
		fds[3 * n + 1] = (struct pollfd){ .fd = h->err_eof ? -1 : h->ssh.err_fd, .events = POLLIN };
		fds[3 * n + 2] = (struct pollfd){ .fd = h->ssh.pidfd, .events = POLLIN };
		who[n++] = h;
	}
	if (poll(fds, 3 * n, LOOK_MS) == -1)
		return;
	for (size_t i = 0; i < n; i++)
		step(r, who[i], fds[3 * i].revents & (POLLIN | POLLHUP | POLLERR), fds[3 * i + 1].revents);
}

int
deploy_run(struct deploy_host *hosts, size_t n, const struct deploy_payload *p, const struct deploy_how *how,
    struct err *err)
{
	struct run r = { .hosts = hosts, .n = n, .payload = p, .how = how, .spawner = spawner_new(err) };

	if (r.spawner == NULL)
		return -1;
	while (begin_some(&r) > 0) {
		if (how->progress != NULL)
			how->progress(hosts, n, how->arg);
		turn(&r);
	}
	spawner_free(r.spawner);
	return 0;
}

void
deploy_host_release(struct deploy_host *h)
{
	free(h->error);
	free(h->machine);
	free(h->dir);
	strvec_release(&h->missing);
	strvec_release(&h->old);
	strvec_release(&h->kept);
	strvec_release(&h->removed);
	buf_release(&h->in);
	buf_release(&h->complaint);
	buf_release(&h->intro);
}

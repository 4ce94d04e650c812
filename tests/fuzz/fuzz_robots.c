/*
 * Any bytes as robots.txt. The first line is the User-Agent, the second the path
 * that is asked for. What must always hold (P47, P48): the line that decides
 * stands in the group and says so; /robots.txt is allowed; a delay is within its
 * bounds; how lines end, a byte order mark, and a letter of the path that is
 * percent-encoded change nothing.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "scrape/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answer {
	bool allowed;
	unsigned line;
	int64_t delay_ms;
};

static void
check_verdict(const struct robots *r, const struct robots_verdict *v)
{
	size_t i;

	if (v->line == 0) {
		if (!v->allowed)
			abort();
		return;
	}
	for (i = 0; i < r->n_rules; i++)
		if (r->rules[i].line == v->line && r->rules[i].allow == v->allowed)
			return;
	abort();
}

static struct answer
ask(const char *text, size_t len, const char *token, const char *path)
{
	struct robots *r = robots_parse(text, len, token);
	struct robots_verdict v;
	struct answer a;

	robots_check(r, "/robots.txt", &v);
	if (!v.allowed)
		abort();
	robots_check(r, path, &v);
	check_verdict(r, &v);
	if (r->crawl_delay_ms < -1 || r->crawl_delay_ms > ROBOTS_DELAY_MAX_MS)
		abort();
	a = (struct answer){ v.allowed, v.line, r->crawl_delay_ms };
	robots_free(r);
	return a;
}

static void
must_be(const struct answer *a, const struct answer *b)
{
	if (a->allowed != b->allowed || a->line != b->line || a->delay_ms != b->delay_ms)
		abort();
}

/* The same file with other line ends, and with a byte order mark. */
static void
check_ends(const char *text, size_t len, const char *token, const char *path, const struct answer *want)
{
	static const char *const ends[] = { "\r", "\r\n" };
	struct answer got;
	size_t i, k;

	if (len > ROBOTS_MAX / 4 || memchr(text, '\r', len) != NULL)
		return;
	for (k = 0; k < 2; k++) {
		struct buf other = BUF_INIT(0);

		if (len < 3 || memcmp(text, "\xef\xbb\xbf", 3) != 0)
			buf_xaddstr(&other, "\xef\xbb\xbf");
		for (i = 0; i < len; i++) {
			if (text[i] == '\n')
				buf_xaddstr(&other, ends[k]);
			else
				buf_xaddc(&other, text[i]);
		}
		got = ask(other.data != NULL ? other.data : "", other.len, token, path);
		must_be(&got, want);
		buf_release(&other);
	}
}

/* The same path with its last letter percent-encoded. */
static void
check_path(const char *text, size_t len, const char *token, const char *path, const struct answer *want)
{
	struct buf other = BUF_INIT(0);
	size_t i = strlen(path);
	struct answer got;
	char code[8];

	while (i > 0 && !isalpha((unsigned char)path[i - 1]))
		i--;
	if (i < 2 || strchr(path, '%') != NULL)
		return;
	snprintf(code, sizeof(code), "%%%02x", (unsigned char)path[i - 1]);
	buf_xadd(&other, path, i - 1);
	buf_xaddstr(&other, code);
	buf_xaddstr(&other, path + i);
	buf_xaddc(&other, '\0');
	got = ask(text, len, token, other.data);
	must_be(&got, want);
	buf_release(&other);
}

/* A line from *p, as text of its own. */
static char *
next_line(const char **p, size_t *len)
{
	const char *end = memchr(*p, '\n', *len);
	size_t n = end != NULL ? (size_t)(end - *p) : *len;
	char *line = xstrndup(*p, n);

	n += end != NULL;
	*p += n;
	*len -= n;
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char *agent, *path, *token;
	struct answer a;

	agent = next_line(&text, &size);
	path = next_line(&text, &size);
	token = robots_token(agent);
	if (token[0] == '\0')
		abort();
	a = ask(text, size, token, path);
	check_ends(text, size, token, path, &a);
	check_path(text, size, token, path, &a);
	free(token);
	free(path);
	free(agent);
	return 0;
}

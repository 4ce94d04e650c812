/* trapexit evidence: the pages on which a price was not found, or not believed. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/price_out.h"
#include "cli/table.h"
#include "cli/term.h"
#include "wire/name_match.h"

enum { COL_SUPPLIER, COL_SOURCE, COL_NUMBER, COL_TIME, COL_STATUS, COL_REASON, COL_BYTES, COL_URL };

static const struct table_column columns[] = {
	[COL_SUPPLIER] = { .title = "SUPPLIER", .least = 12 },
	[COL_SOURCE] = { .title = "SOURCE", .least = 12 },
	[COL_NUMBER] = { .title = "N", .right = true },
	[COL_TIME] = { .title = "TIME" },
	[COL_STATUS] = { .title = "STATUS" },
	[COL_REASON] = { .title = "REASON", .least = 12, .rank = 3 },
	[COL_BYTES] = { .title = "BYTES", .right = true, .rank = 2 },
	[COL_URL] = { .title = "URL", .least = 20, .rank = 1 },
};

struct evidence {
	struct cli *cli;
	struct store *store;
	const char *name; /* as it was asked for; NULL: all */
	long number;	  /* the N-th newest, from 1 */
	char *supplier, *source; /* owned: whose is found */
	bool several;
	struct buf others; /* to be named if it is several */
	struct table *table;
	struct buf out;
	size_t n;
	long at; /* in the pages of one source */
	int status;
};

/* "webcam", "ebuyer/webcam" or "suppliers/ebuyer/webcam". */
static bool
is_meant(const char *name, const struct store_page *p)
{
	size_t n = strlen(name), k = strlen(p->source);
	const char *ids[] = { p->supplier, name_id(p->supplier) };

	if (strcmp(name, p->source) == 0)
		return true;
	if (n <= k || strcmp(name + n - k, p->source) != 0 || name[n - k - 1] != '/')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (strlen(ids[i]) == n - k - 1 && strncmp(ids[i], name, n - k - 1) == 0)
			return true;
	return false;
}

static int
find_page(const struct store_page *p, void *arg)
{
	struct evidence *e = arg;

	if (!is_meant(e->name, p))
		return 0;
	if (e->source != NULL && (strcmp(e->supplier, p->supplier) != 0 || strcmp(e->source, p->source) != 0)) {
		e->several = true;
		buf_xprintf(&e->others, ", %s/%s", p->supplier, p->source);
	}
	if (e->source != NULL)
		return 0;
	e->supplier = xstrdup(p->supplier);
	e->source = xstrdup(p->source);
	return 0;
}

/* Whose pages are meant? -1, and said why. */
static int
find(struct evidence *e)
{
	struct err err = ERR_INIT;

	if (e->name == NULL)
		return 0;
	if (store_pages(e->store, NULL, NULL, false, find_page, e, &err) == -1)
		return complain("%s", err.msg), -1;
	if (e->source == NULL)
		return complain("no page of a source \"%s\" is kept; trapexit evidence lists those that are", e->name), -1;
	if (e->several)
		return complain("several sources are called \"%s\": %s/%s%s", e->name, e->supplier, e->source, e->others.data), -1;
	return 0;
}

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static int
table_page(const struct store_page *p, void *arg)
{
	struct evidence *e = arg;
	struct table_row *r = table_add(e->table, NULL);
	char text[48], time[TERM_TIME_SIZE];

	if (e->source == NULL || strcmp(e->source, p->source) != 0 || strcmp(e->supplier, p->supplier) != 0) {
		free(e->supplier);
		free(e->source);
		e->supplier = xstrdup(p->supplier);
		e->source = xstrdup(p->source);
		e->at = 0;
	}
	table_set(e->table, r, COL_SUPPLIER, p->supplier, NULL);
	table_set(e->table, r, COL_SOURCE, p->source, NULL);
	snprintf(text, sizeof(text), "%ld", ++e->at);
	table_set(e->table, r, COL_NUMBER, text, NULL);
	table_set(e->table, r, COL_TIME, term_time(p->time_ms, wall_ms(), time), NULL);
	table_set(e->table, r, COL_STATUS, or_empty(p->status), NULL);
	table_set(e->table, r, COL_REASON, or_empty(p->reason), NULL);
	snprintf(text, sizeof(text), "%" PRIu64, p->bytes);
	table_set(e->table, r, COL_BYTES, text, NULL);
	table_set(e->table, r, COL_URL, or_empty(p->url), NULL);
	e->n++;
	return 0;
}

static int
json_page(const struct store_page *p, void *arg)
{
	struct evidence *e = arg;
	struct buf *b = &e->out;

	/* One that is asked for by its number comes alone. */
	if (e->number != 0 && ++e->at != e->number)
		return 0;
	buf_xaddstr(b, e->n++ > 0 ? ",{" : "{");
	json_put_str(b, "supplier", p->supplier);
	json_put_str(b, "source", p->source);
	json_put_int(b, "time", p->time_ms);
	json_put_str(b, "status", p->status);
	json_put_str(b, "reason", p->reason);
	json_put_str(b, "url", p->url);
	price_put_ms(b, "http_status", p->http_status);
	json_put_str(b, "content_type", p->content_type);
	json_put_uint(b, "bytes", p->bytes);
	json_put_str(b, "hash", p->hash);
	json_put_bool(b, "truncated", p->body_len < p->bytes);
	json_put_uint(b, "offset", p->offset);
	if (p->body != NULL || (p->body_len == 0 && !e->cli->list)) {
		json_put_name(b, "body");
		buf_xaddc(b, '"');
		base64_put(b, p->body, p->body_len);
		buf_xaddc(b, '"');
	}
	buf_xaddc(b, '}');
	return price_flush(b);
}

static int
list(struct evidence *e)
{
	char *supplier = e->supplier, *source = e->source; /* table_page() has its own use for them */
	struct err err = ERR_INIT;
	int rc;

	e->supplier = e->source = NULL;
	e->table = table_new(columns, ARRAY_LEN(columns));
	rc = store_pages(e->store, supplier, source, false, table_page, e, &err);
	if (rc == 0 && e->n == 0)
		fputs("no page is kept\n", stderr);
	else if (rc == 0)
		rc = table_print(e->table, term_width(), e->cli->color, &e->out, &err);
	price_flush(&e->out);
	table_free(e->table);
	free(supplier);
	free(source);
	return rc == -1 ? complain("%s", err.msg) : EXITCODE_OK;
}

static int
list_json(struct evidence *e)
{
	bool bodies = e->name != NULL && !e->cli->list;
	struct err err = ERR_INIT;
	int rc;

	buf_xaddstr(&e->out, "{\"version\":1,\"evidence\":[");
	rc = store_pages(e->store, e->supplier, e->source, bodies, json_page, e, &err);
	buf_xaddstr(&e->out, "]}\n");
	price_flush(&e->out);
	return rc == -1 ? complain("%s", err.msg) : EXITCODE_OK;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Strangers' bytes go where they do no harm: not to a terminal, unless it is wished. */
static int
save(struct evidence *e, const struct store_page *p)
{
	const char *file = e->cli->save;
	bool to_file = file != NULL && strcmp(file, "-") != 0;
	int fd = to_file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : STDOUT_FILENO;
	int rc;

	fflush(stdout);
	if (fd == -1)
		return complain("%s: %s", file, strerror(errno));
	rc = write_all(fd, p->body, p->body_len);
	if (to_file && close(fd) == -1)
		rc = -1;
	return rc == -1 ? complain("%s: %s", to_file ? file : "standard output", strerror(errno)) : EXITCODE_OK;
}

static void
put_line(const char *title, const char *text)
{
	char safe[4096];

	if (text != NULL && *text != '\0')
		printf("%-13s%s\n", title, term_safe(text, safe, sizeof(safe)));
}

static int
summarize(const struct evidence *e, const struct store_page *p)
{
	char text[160], time[TERM_TIME_SIZE];

	put_line("supplier", p->supplier);
	put_line("source", p->source);
	put_line("url", p->url);
	put_line("time", term_time(p->time_ms, wall_ms(), time));
	put_line("status", p->status);
	put_line("reason", p->reason);
	if (p->http_status != 0) {
		snprintf(text, sizeof(text), "%" PRId64, p->http_status);
		put_line("http status", text);
	}
	put_line("content type", p->content_type);
	if (p->body_len < p->bytes)
		snprintf(text, sizeof(text), "%" PRIu64 ", of which %zu are kept, from %" PRIu64 " on", p->bytes, p->body_len, p->offset);
	else
		snprintf(text, sizeof(text), "%" PRIu64, p->bytes);
	put_line("bytes", text);
	put_line("hash", p->hash);
	printf("The page itself: trapexit evidence --save page.html %s\n", e->name);
	return EXITCODE_OK;
}

static int
show_page(const struct store_page *p, void *arg)
{
	struct evidence *e = arg;

	if (++e->at != (e->number == 0 ? 1 : e->number))
		return 0;
	e->n++;
	if (e->cli->save == NULL && isatty(STDOUT_FILENO) == 1)
		e->status = summarize(e, p);
	else
		e->status = save(e, p);
	return 1;
}

static int
show(struct evidence *e)
{
	struct err err = ERR_INIT;

	if (store_pages(e->store, e->supplier, e->source, true, show_page, e, &err) == -1)
		return complain("%s", err.msg);
	if (e->n == 0)
		return complain("of %s only %ld page%s kept", e->name, e->at, e->at == 1 ? " is" : "s are");
	return e->status;
}

static int
take_number(struct cli *cli, long *number)
{
	char *end;

	*number = 0;
	if (cli->n_args < 2)
		return 0;
	errno = 0;
	*number = strtol(cli->args[1], &end, 10);
	return errno != 0 || *end != '\0' || *number < 1 ? -1 : 0;
}

int
cmd_evidence(struct cli *cli)
{
	struct evidence e = { .cli = cli, .others = BUF_INIT(0), .out = BUF_INIT(0) };
	int status = EXITCODE_FAILED;

	if (take_number(cli, &e.number) == -1)
		return complain_usage("evidence", "not a number from 1: %s", cli->args[1]);
	if (cli->save != NULL && (cli->list || cli->json || cli->n_args == 0))
		return complain_usage("evidence", "--save is for one page: trapexit evidence --save FILE SOURCE");
	e.name = cli->n_args > 0 ? cli->args[0] : NULL;
	if ((e.store = price_store_open(cli)) == NULL)
		return EXITCODE_FAILED;
	if (find(&e) == 0) {
		if (cli->json)
			status = list_json(&e);
		else if (e.name == NULL || cli->list)
			status = list(&e);
		else
			status = show(&e);
	}
	free(e.supplier);
	free(e.source);
	buf_release(&e.others);
	buf_release(&e.out);
	store_close(e.store);
	return status;
}

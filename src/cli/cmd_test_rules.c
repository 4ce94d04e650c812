/* trapexit test-rules: what the rules of the configuration find, before a reload. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/place.h"
#include "cli/price_out.h"
#include "cli/rule_test.h"
#include "cli/table.h"
#include "cli/term.h"
#include "conf/paths.h"
#include "conf/text.h"

enum { COL_MARK, COL_SUPPLIER, COL_SOURCE, COL_STATUS, COL_PRICE, COL_LAST, COL_BY, COL_REASON };

static const struct table_column columns[] = {
	[COL_MARK] = { .title = "" },
	[COL_SUPPLIER] = { .title = "SUPPLIER", .least = 12, .rank = 2 },
	[COL_SOURCE] = { .title = "SOURCE", .least = 12 },
	[COL_STATUS] = { .title = "STATUS" },
	[COL_PRICE] = { .title = "PRICE", .right = true },
	[COL_LAST] = { .title = "LAST", .right = true, .rank = 3 },
	[COL_BY] = { .title = "BY", .rank = 1 },
	[COL_REASON] = { .title = "REASON", .least = 16 },
};

struct run {
	struct cli *cli;
	const struct cli_place *place;
	char *pricescrape;  /* owned */
	struct store *store; /* NULL: none, or not needed */
	struct rule_test *tests;
	size_t n, n_limit;
	struct strmap by_id; /* "SUPPLIER\nSOURCE" (owned) -> struct rule_test */
	struct strmap hosts; /* host (owned) -> when it was asked last, a mono_t * (owned) */
	struct buf page;     /* of the store */
	char *page_type;
	char temporary[PATH_MAX]; /* a file for it; "": none so far */
};

/* --- the last prices --- */

static int
note_last(const struct store_offer *o, void *arg)
{
	struct run *r = arg;
	char *key = xasprintf("%s\n%s", o->supplier, o->source);
	struct rule_test *t = strmap_find(&r->by_id, key);

	free(key);
	if (t == NULL || !o->has_price)
		return 0;
	t->last.known = true;
	t->last.amount = (struct amount){ .coef = o->amount.coefficient, .scale = (unsigned)o->amount.scale };
	if (o->currency != NULL && strlen(o->currency) < sizeof(t->last.currency))
		memcpy(t->last.currency, o->currency, strlen(o->currency) + 1);
	return 0;
}

/* A new configuration has no store yet: then nothing is compared. */
static int
find_last(struct run *r)
{
	struct err err = ERR_INIT;
	const char *url = r->place->store, *file = url != NULL ? strchr(url, ':') : NULL;
	bool wanted = r->cli->saved != NULL && strcmp(r->cli->saved, "evidence") == 0;
	size_t i;

	if (!wanted && (file == NULL || access(file + 1, F_OK) == -1))
		return 0;
	r->store = price_store_open(r->cli);
	if (r->store == NULL)
		return -1;
	for (i = 0; i < r->n; i++)
		strmap_put(&r->by_id, xasprintf("%s\n%s", r->tests[i].supplier, r->tests[i].source->id), &r->tests[i]);
	if (store_offers(r->store, &(struct store_filter){ .now_ms = wall_ms() }, note_last, r, &err) == -1)
		return complain("%s", err.msg), -1;
	return 0;
}

/* --- politeness --- */

/* Nobody is asked sooner than its scraper would. */
static void
wait_for_host(struct run *r, const struct rule_test *t)
{
	struct text_url url;
	struct timespec ts;
	mono_t *last;
	char *host;
	int64_t left;

	if (text_url_parse(t->source->url, &url, NULL) == -1)
		return;
	host = xstrndup(url.host, url.host_len);
	last = strmap_find(&r->hosts, host);
	if (last != NULL) {
		free(host);
		left = t->scraper->gap_us - mono_diff_us(mono_now(), *last);
		ts = (struct timespec){ .tv_sec = left / US_PER_S, .tv_nsec = (long)(left % US_PER_S) * 1000 };
		while (left > 0 && nanosleep(&ts, &ts) == -1 && errno == EINTR)
			;
		return;
	}
	last = xcalloc(1, sizeof(*last));
	strmap_put(&r->hosts, host, last);
}

static void
note_asked(struct run *r, const struct rule_test *t)
{
	struct text_url url;
	mono_t *last;

	if (text_url_parse(t->source->url, &url, NULL) == -1)
		return;
	last = strmap_findn(&r->hosts, url.host, url.host_len);
	if (last != NULL)
		*last = mono_now();
}

/* --- saved pages --- */

static int
keep_page(const struct store_page *p, void *arg)
{
	struct run *r = arg;

	buf_clear(&r->page);
	buf_xadd(&r->page, p->body, p->body_len);
	free(r->page_type);
	r->page_type = p->content_type != NULL ? xstrdup(p->content_type) : NULL;
	return 1; /* the newest is the first */
}

/* The newest page of the source that the store keeps, in a file; NULL: it keeps none. */
static const char *
page_of_store(struct run *r, const struct rule_test *t, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	int fd, rc;

	if (store_pages(r->store, t->supplier, t->source->id, true, keep_page, r, err) != 1)
		return NULL;
	if (r->temporary[0] == '\0') {
		snprintf(r->temporary, sizeof(r->temporary), "%s/trapexit-rules-XXXXXX", dir != NULL ? dir : "/tmp");
		fd = mkstemp(r->temporary);
	} else {
		fd = open(r->temporary, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd == -1) {
		err_sys(err, errno, "%s", r->temporary);
		r->temporary[0] = '\0';
		return NULL;
	}
	rc = (int)(write(fd, r->page.data, r->page.len) - (ssize_t)r->page.len);
	if (close(fd) == -1 || rc != 0) {
		err_sys(err, errno, "%s", r->temporary);
		return NULL;
	}
	return r->temporary;
}

/* DIR/SUPPLIER/SOURCE, DIR/ID/SOURCE or DIR/SOURCE, with .html or .json or nothing behind it; owned by the caller. */
static char *
page_of_folder(const char *dir, const struct rule_test *t)
{
	static const char *const suffixes[] = { ".html", ".htm", ".json", "" };
	const char *id = strrchr(t->supplier, '/');
	const char *const folders[] = { t->supplier, id != NULL ? id + 1 : t->supplier, "." };
	size_t i, k;
	char *path;

	/* The id of a source may have slashes, and may not lead out of the folder. */
	if (strstr(t->source->id, "..") != NULL)
		return NULL;
	for (i = 0; i < ARRAY_LEN(folders); i++) {
		for (k = 0; k < ARRAY_LEN(suffixes); k++) {
			path = xasprintf("%s/%s/%s%s", dir, folders[i], t->source->id, suffixes[k]);
			if (access(path, R_OK) == 0)
				return path;
			free(path);
		}
	}
	return NULL;
}

static void
no_page(struct rule_test *t)
{
	t->status = xstrdup("error");
	t->reason = xstrdup("no-saved-page");
}

static int
run_saved(struct run *r, struct rule_test *t, struct err *err)
{
	const char *saved = r->cli->saved, *file;
	struct stat st;
	char *found;
	int rc;

	if (strcmp(saved, "evidence") == 0) {
		file = page_of_store(r, t, err);
		if (file != NULL)
			return rule_test_run(t, r->pricescrape, file, r->page_type, err);
		no_page(t);
		return err->msg[0] != '\0' ? -1 : 0;
	}
	if (stat(saved, &st) == -1)
		return err_sys(err, errno, "%s", saved);
	if (!S_ISDIR(st.st_mode))
		return rule_test_run(t, r->pricescrape, saved, NULL, err);
	found = page_of_folder(saved, t);
	if (found == NULL) {
		no_page(t);
		return 0;
	}
	rc = rule_test_run(t, r->pricescrape, found, NULL, err);
	free(found);
	return rc;
}

/* --- output --- */

static const char *
why(const struct rule_test *t)
{
	if (t->doubt != DOUBT_NONE)
		return doubt_text(t->doubt);
	return t->error != NULL ? t->error : t->reason;
}

static const char *
by(const struct rule_test *t)
{
	return t->rule != NULL ? t->rule : t->method;
}

static void
last_text(const struct rule_test *t, char out[PRICE_TEXT_SIZE])
{
	price_text(t->last.known,
	    (struct store_amount){ .coefficient = t->last.amount.coef, .scale = (int)t->last.amount.scale },
	    t->last.currency[0] != '\0' ? t->last.currency : NULL, out);
}

static void
add_row(struct table *table, const struct rule_test *t)
{
	struct table_row *row = table_add(table, NULL);
	char text[PRICE_TEXT_SIZE];

	table_set(table, row, COL_MARK, t->good ? "ok" : "!!", t->good ? "green" : "red");
	table_set(table, row, COL_SUPPLIER, t->supplier, NULL);
	table_set(table, row, COL_SOURCE, t->source->id, NULL);
	table_set(table, row, COL_STATUS, t->status, NULL);
	snprintf(text, sizeof(text), "%.60s %.8s", t->amount != NULL ? t->amount : "-", t->currency != NULL ? t->currency : "");
	table_set(table, row, COL_PRICE, text, NULL);
	last_text(t, text);
	table_set(table, row, COL_LAST, text, NULL);
	table_set(table, row, COL_BY, by(t) != NULL ? by(t) : "", NULL);
	table_set(table, row, COL_REASON, why(t) != NULL ? why(t) : "", t->good ? NULL : "red");
}

static int
print_table(struct run *r)
{
	struct table *table = table_new(columns, ARRAY_LEN(columns));
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t i;
	int rc;

	for (i = 0; i < r->n_limit; i++)
		add_row(table, &r->tests[i]);
	rc = table_print(table, term_width(), r->cli->color, &out, &err);
	price_flush(&out);
	buf_release(&out);
	table_free(table);
	return rc == -1 ? complain("%s", err.msg) : EXITCODE_OK;
}

static void
put_json(struct buf *b, const struct rule_test *t)
{
	char amount[AMOUNT_TEXT_SIZE];

	buf_xaddc(b, '{');
	json_put_str(b, "supplier", t->supplier);
	json_put_str(b, "source", t->source->id);
	json_put_str(b, "url", t->source->url);
	json_put_bool(b, "good", t->good);
	json_put_str(b, "status", t->status);
	json_put_str(b, "amount", t->amount);
	json_put_str(b, "currency", t->currency);
	json_put_str(b, "rule", t->rule);
	json_put_str(b, "method", t->method);
	json_put_str(b, "reason", t->doubt != DOUBT_NONE ? doubt_text(t->doubt) : t->reason);
	json_put_str(b, "error", t->error);
	json_put_str(b, "last_amount", t->last.known ? amount_text(&t->last.amount, 0, amount) : NULL);
	json_put_str(b, "last_currency", t->last.known && t->last.currency[0] != '\0' ? t->last.currency : NULL);
	buf_xaddc(b, '}');
}

static int
print_json(struct run *r)
{
	struct buf out = BUF_INIT(0);
	size_t i;

	buf_xaddstr(&out, "{\"version\":1,\"sources\":[");
	for (i = 0; i < r->n_limit; i++) {
		if (i > 0)
			buf_xaddc(&out, ',');
		put_json(&out, &r->tests[i]);
	}
	buf_xaddstr(&out, "]}\n");
	price_flush(&out);
	buf_release(&out);
	return EXITCODE_OK;
}

/* --- the command --- */

static int
run_all(struct run *r)
{
	struct err err = ERR_INIT;
	size_t i;
	int rc;

	for (i = 0; i < r->n_limit; i++) {
		struct rule_test *t = &r->tests[i];

		if (r->cli->saved != NULL) {
			rc = run_saved(r, t, &err);
		} else {
			wait_for_host(r, t);
			rc = rule_test_run(t, r->pricescrape, NULL, NULL, &err);
			note_asked(r, t);
		}
		if (rc == -1)
			return complain("source %s: %s", t->source->id, err.msg), -1;
		rule_test_judge(t);
	}
	return 0;
}

static void
release(struct run *r)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&r->by_id, &i, &key, &value))
		free((char *)(uintptr_t)key);
	for (i = 0; strmap_next(&r->hosts, &i, &key, &value);) {
		free((char *)(uintptr_t)key);
		free(value);
	}
	strmap_release(&r->by_id);
	strmap_release(&r->hosts);
	rule_tests_free(r->tests, r->n);
	buf_release(&r->page);
	free(r->page_type);
	free(r->pricescrape);
	if (r->temporary[0] != '\0')
		unlink(r->temporary);
	if (r->store != NULL)
		store_close(r->store);
}

static int
take_limit(struct run *r)
{
	const char *text = r->cli->limit;
	char *end;
	long n;

	r->n_limit = r->n;
	if (text == NULL)
		return 0;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || n < 1)
		return -1;
	if ((size_t)n < r->n)
		r->n_limit = (size_t)n;
	return 0;
}

static int
finish(struct run *r)
{
	int status = r->cli->json ? print_json(r) : print_table(r);
	size_t i, bad = 0;

	for (i = 0; i < r->n_limit; i++)
		bad += !r->tests[i].good;
	if (!r->cli->json && r->n_limit < r->n)
		fprintf(stderr, "the first %zu of %zu sources\n", r->n_limit, r->n);
	return status == EXITCODE_OK && bad > 0 ? EXITCODE_FAILED : status;
}

int
cmd_test_rules(struct cli *cli)
{
	struct run r = { .cli = cli, .place = place_get(cli), .page = BUF_INIT(0) };
	struct err err = ERR_INIT;
	long n;
	int status = EXITCODE_FAILED;

	/* What is wrong with it was said. */
	if (r.place->broken)
		return EXITCODE_USAGE;
	n = rule_tests_find(r.place->config, cli->args, cli->n_args, &r.tests, &err);
	if (n == -1)
		return complain("%s", err.msg);
	r.n = (size_t)n;
	if (take_limit(&r) == -1)
		status = complain_usage("test-rules", "not a number from 1: %s", cli->limit);
	else if ((r.pricescrape = paths_program("pricescrape")) == NULL)
		complain("pricescrape is not found");
	else if (r.n == 0)
		status = complain("%s has no sources", r.place->config_file);
	else if (find_last(&r) == 0 && run_all(&r) == 0)
		status = finish(&r);
	release(&r);
	return status;
}

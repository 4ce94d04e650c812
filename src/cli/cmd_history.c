/* trapexit history: the prices of a product over time. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mono.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/lines.h"
#include "cli/price_out.h"
#include "cli/table.h"
#include "cli/term.h"

enum { COL_TIME, COL_SUPPLIER, COL_SOURCE, COL_PRICE, COL_AVAILABILITY, COL_STATUS, COL_REASON };

static const struct table_column columns[] = {
	[COL_TIME] = { .title = "TIME" },
	[COL_SUPPLIER] = { .title = "SUPPLIER", .least = 12 },
	[COL_SOURCE] = { .title = "SOURCE", .least = 10, .rank = 1 },
	[COL_PRICE] = { .title = "PRICE", .right = true },
	[COL_AVAILABILITY] = { .title = "AVAILABILITY", .rank = 3 },
	[COL_STATUS] = { .title = "STATUS" },
	[COL_REASON] = { .title = "REASON", .least = 12, .rank = 2 },
};

struct history {
	const struct cli *cli;
	int64_t now_ms;
	struct table *table;
	struct buf out;
	size_t n;
};

static int
table_event(const struct store_event *e, void *arg)
{
	struct history *h = arg;
	struct table_row *r = table_add(h->table, NULL);
	char text[PRICE_TEXT_SIZE], time[TERM_TIME_SIZE], status[128];

	table_set(h->table, r, COL_TIME, term_time(e->time_ms, h->now_ms, time), NULL);
	table_set(h->table, r, COL_SUPPLIER, e->supplier, NULL);
	table_set(h->table, r, COL_SOURCE, e->source, NULL);
	table_set(h->table, r, COL_PRICE, e->has_amount ? price_text(true, e->amount, e->currency, text) : "-", NULL);
	table_set(h->table, r, COL_AVAILABILITY, e->availability, NULL);
	snprintf(status, sizeof(status), "%s%s", e->status, e->late ? " (late)" : "");
	table_set(h->table, r, COL_STATUS, status, strcmp(e->status, "ok") == 0 ? NULL : "yellow");
	table_set(h->table, r, COL_REASON, e->reason, NULL);
	h->n++;
	return 0;
}

static int
json_event(const struct store_event *e, void *arg)
{
	struct history *h = arg;
	struct buf *b = &h->out;
	char amount[AMOUNT_TEXT_SIZE];

	buf_xaddstr(b, h->n++ > 0 ? ",{" : "{");
	json_put_int(b, "time", e->time_ms);
	json_put_str(b, "supplier", e->supplier);
	json_put_str(b, "source", e->source);
	json_put_str(b, "url", e->url);
	json_put_str(b, "status", e->status);
	json_put_str(b, "reason", e->reason);
	json_put_str(b, "amount", e->has_amount ? price_amount(true, e->amount, e->currency, amount) : NULL);
	json_put_str(b, "currency", e->currency);
	json_put_str(b, "availability", e->availability);
	price_put_ms(b, "slot", e->has_slot ? e->slot_ms : 0);
	json_put_bool(b, "late", e->late);
	json_put_uint(b, "token", e->token);
	buf_xaddc(b, '}');
	return price_flush(b);
}

static const char *const csv_titles[] = { "time", "supplier", "source", "amount", "currency", "availability", "status",
	"reason", "slot", "late", "url" };

static int
csv_event(const struct store_event *e, void *arg)
{
	struct history *h = arg;
	struct buf *b = &h->out;
	char amount[AMOUNT_TEXT_SIZE], time[WALL_TEXT_SIZE];

	csv_put(b, price_time(e->time_ms, time));
	csv_put(b, e->supplier);
	csv_put(b, e->source);
	csv_put(b, price_amount(e->has_amount, e->amount, e->currency, amount));
	csv_put(b, e->currency);
	csv_put(b, e->availability);
	csv_put(b, e->status);
	csv_put(b, e->reason);
	csv_put(b, price_time(e->has_slot ? e->slot_ms : 0, time));
	csv_put(b, e->late ? "true" : "false");
	csv_put(b, e->url);
	csv_end(b);
	h->n++;
	return price_flush(b);
}

static int
print_table(struct history *h)
{
	struct err err = ERR_INIT;
	int status = EXITCODE_OK;

	if (h->n == 0)
		fputs("no observations in that time\n", stderr);
	else if (table_print(h->table, term_width(), h->cli->color, &h->out, &err) == -1)
		status = complain("%s", err.msg);
	price_flush(&h->out);
	return status;
}

static int
print_history(struct history *h, struct store *s, const char *product, int64_t since_ms, uint64_t limit)
{
	struct err err = ERR_INIT;
	int n;

	if (h->cli->json) {
		buf_xaddstr(&h->out, "{\"version\":1");
		json_put_str(&h->out, "product", product);
		buf_xaddstr(&h->out, ",\"history\":[");
		n = store_history(s, product, since_ms, limit, json_event, h, &err);
		buf_xaddstr(&h->out, "]}\n");
	} else if (h->cli->csv) {
		for (size_t i = 0; i < ARRAY_LEN(csv_titles); i++)
			csv_put(&h->out, csv_titles[i]);
		csv_end(&h->out);
		n = store_history(s, product, since_ms, limit, csv_event, h, &err);
	} else {
		printf("%s\n", product);
		n = store_history(s, product, since_ms, limit, table_event, h, &err);
	}
	if (n == -1)
		return complain("%s", err.msg);
	if (!h->cli->json && !h->cli->csv)
		return print_table(h);
	price_flush(&h->out);
	return EXITCODE_OK;
}

int
cmd_history(struct cli *cli)
{
	struct history h = { .cli = cli, .now_ms = wall_ms(), .out = BUF_INIT(0) };
	size_t limit = LINES_ALL;
	struct err err = ERR_INIT;
	char *product = NULL;
	int64_t since_ms = 0;
	int status;
	struct store *s;

	if (cli->since != NULL && term_since_parse(cli->since, h.now_ms, &since_ms) == -1)
		return complain_usage("history", "--since: not a time: %s", cli->since);
	if (cli->lines != NULL && (lines_parse(cli->lines, &limit) == -1 || limit == 0))
		return complain_usage("history", "--lines: not a number, nor \"all\": %s", cli->lines);
	s = price_store_open(cli);
	if (s == NULL)
		return EXITCODE_FAILED;
	h.table = table_new(columns, ARRAY_LEN(columns));
	if (store_find_product(s, cli->args[0], &product, &err) == -1)
		status = complain("%s", err.msg);
	else
		status = print_history(&h, s, product, since_ms, limit == LINES_ALL ? 0 : limit);
	free(product);
	table_free(h.table);
	buf_release(&h.out);
	store_close(s);
	return status;
}

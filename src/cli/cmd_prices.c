/* trapexit prices: the latest price of every product at every supplier. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mono.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/fresh_view.h"
#include "cli/judge.h"
#include "cli/place.h"
#include "cli/price_out.h"
#include "cli/table.h"
#include "cli/term.h"
#include "conf/config.h"

enum { COL_MARK, COL_PRODUCT, COL_SUPPLIER, COL_SOURCE, COL_PRICE, COL_AVAILABILITY, COL_AGE, COL_STATE, COL_REASON };

static const struct table_column columns[] = {
	[COL_MARK] = { .title = "*" },
	[COL_PRODUCT] = { .title = "PRODUCT", .least = 20 },
	[COL_SUPPLIER] = { .title = "SUPPLIER", .least = 12 },
	[COL_SOURCE] = { .title = "SOURCE", .least = 10, .rank = 1 },
	[COL_PRICE] = { .title = "PRICE", .right = true },
	[COL_AVAILABILITY] = { .title = "AVAILABILITY", .rank = 4 },
	[COL_AGE] = { .title = "AGE", .right = true },
	[COL_STATE] = { .title = "STATE", .rank = 3 },
	[COL_REASON] = { .title = "REASON", .least = 12, .rank = 2 },
};

struct prices {
	struct cli *cli;
	int64_t now_ms;
	struct judge *judge;
	struct table *table;
	struct buf out;
	size_t n;
	char *product; /* owned; of the row before */
};

/* How fresh it is, and of what is not: "no-match since 2h". */
static void
put_state(struct prices *p, struct table_row *r, const struct store_offer *o)
{
	struct fresh_verdict v;
	const char *reason;
	char text[160], age[TERM_AGE_SIZE];

	judge_offer(p->judge, o, &v);
	table_set(p->table, r, COL_STATE, fresh_state_name(v.state), fresh_view_color(fresh_state_name(v.state)));
	if ((reason = judge_reason(o, &v)) == NULL)
		return;
	snprintf(text, sizeof(text), "%.100s since %s", reason, term_age(v.since, p->now_ms, age));
	table_set(p->table, r, COL_REASON, text, NULL);
}

/* A product's name is dim where it is that of the row above. */
static int
table_offer(const struct store_offer *o, void *arg)
{
	struct prices *p = arg;
	struct table_row *r = table_add(p->table, NULL);
	const char *cheapest = o->cheapest ? "bold" : NULL;
	bool again = p->product != NULL && strcmp(p->product, o->product) == 0;
	char text[PRICE_TEXT_SIZE], age[TERM_AGE_SIZE];

	table_set(p->table, r, COL_MARK, o->cheapest ? "*" : "", cheapest);
	table_set(p->table, r, COL_PRODUCT, o->product, again ? "gray" : cheapest);
	table_set(p->table, r, COL_SUPPLIER, o->supplier, cheapest);
	table_set(p->table, r, COL_SOURCE, o->source, NULL);
	table_set(
	    p->table, r, COL_PRICE, o->has_price ? price_text(true, o->amount, o->currency, text) : "-", cheapest);
	table_set(p->table, r, COL_AVAILABILITY, o->availability, o->for_sale ? NULL : "yellow");
	table_set(p->table, r, COL_AGE, o->price_ms != 0 ? term_age(o->price_ms, p->now_ms, age) : "", NULL);
	put_state(p, r, o);
	if (!again) {
		free(p->product);
		p->product = strdup(o->product);
	}
	p->n++;
	return 0;
}

static int
json_offer(const struct store_offer *o, void *arg)
{
	struct prices *p = arg;
	struct buf *b = &p->out;
	char amount[AMOUNT_TEXT_SIZE];
	struct fresh_verdict v;

	judge_offer(p->judge, o, &v);
	buf_xaddstr(b, p->n++ > 0 ? ",{" : "{");
	json_put_str(b, "product", o->product);
	json_put_str(b, "supplier", o->supplier);
	json_put_str(b, "source", o->source);
	json_put_str(b, "url", o->url);
	json_put_str(b, "amount", o->has_price ? price_amount(true, o->amount, o->currency, amount) : NULL);
	json_put_str(b, "currency", o->currency);
	json_put_str(b, "availability", o->availability);
	price_put_ms(b, "priced", o->price_ms);
	json_put_str(b, "status", o->status);
	json_put_str(b, "reason", o->reason);
	price_put_ms(b, "checked", o->checked_ms);
	price_put_ms(b, "last_good", o->good_ms);
	json_put_str(b, "state", fresh_state_name(v.state));
	json_put_str(b, "state_reason", judge_reason(o, &v));
	price_put_ms(b, "since", v.since);
	json_put_bool(b, "for_sale", o->for_sale);
	json_put_bool(b, "cheapest", o->cheapest);
	buf_xaddc(b, '}');
	return price_flush(b);
}

static const char *const csv_titles[] = { "product", "supplier", "source", "amount", "currency", "availability",
	"priced", "status", "reason", "checked", "last_good", "for_sale", "cheapest", "url",
	"state", "state_reason", "since" };

static int
csv_offer(const struct store_offer *o, void *arg)
{
	struct prices *p = arg;
	struct buf *b = &p->out;
	char amount[AMOUNT_TEXT_SIZE], time[WALL_TEXT_SIZE];
	struct fresh_verdict v;

	judge_offer(p->judge, o, &v);
	csv_put(b, o->product);
	csv_put(b, o->supplier);
	csv_put(b, o->source);
	csv_put(b, price_amount(o->has_price, o->amount, o->currency, amount));
	csv_put(b, o->currency);
	csv_put(b, o->availability);
	csv_put(b, price_time(o->price_ms, time));
	csv_put(b, o->status);
	csv_put(b, o->reason);
	csv_put(b, price_time(o->checked_ms, time));
	csv_put(b, price_time(o->good_ms, time));
	csv_put(b, o->for_sale ? "true" : "false");
	csv_put(b, o->cheapest ? "true" : "false");
	csv_put(b, o->url);
	csv_put(b, fresh_state_name(v.state));
	csv_put(b, judge_reason(o, &v));
	csv_put(b, price_time(v.since, time));
	csv_end(b);
	p->n++;
	return price_flush(b);
}

static int
print_table(struct prices *p)
{
	struct err err = ERR_INIT;
	int status = EXITCODE_OK;

	if (p->n == 0)
		fputs("no prices yet\n", stderr);
	else if (table_print(p->table, term_width(), p->cli->color, &p->out, &err) == -1)
		status = complain("%s", err.msg);
	price_flush(&p->out);
	return status;
}

static int
print_prices(struct prices *p, struct store *s, const struct store_filter *f)
{
	const struct cli *cli = p->cli;
	struct err err = ERR_INIT;
	int n;

	if (cli->json) {
		buf_xaddstr(&p->out, "{\"version\":1,\"prices\":[");
		n = store_offers(s, f, json_offer, p, &err);
		buf_xaddstr(&p->out, "]}\n");
	} else if (cli->csv) {
		for (size_t i = 0; i < ARRAY_LEN(csv_titles); i++)
			csv_put(&p->out, csv_titles[i]);
		csv_end(&p->out);
		n = store_offers(s, f, csv_offer, p, &err);
	} else {
		n = store_offers(s, f, table_offer, p, &err);
	}
	if (n == -1)
		return complain("%s", err.msg);
	if (!cli->json && !cli->csv)
		return print_table(p);
	price_flush(&p->out);
	return EXITCODE_OK;
}

int
cmd_prices(struct cli *cli)
{
	struct prices p = { .cli = cli, .now_ms = wall_ms(), .out = BUF_INIT(0) };
	struct store_filter f = { .judge = judge_is_current };
	struct err err = ERR_INIT;
	char *product = NULL;
	int64_t stale_us = 0;
	int status = EXITCODE_FAILED;
	struct store *s;

	if (cli->stale != NULL && duration_parse(cli->stale, &stale_us) == -1)
		return complain_usage("prices", "--stale-after: not a duration: %s", cli->stale);
	s = price_store_open(cli);
	if (s == NULL)
		return EXITCODE_FAILED;
	p.judge = judge_new(
	    place_get(cli)->config, p.now_ms, cli->stale == NULL ? JUDGE_STALE_CONFIGURED : stale_us / US_PER_MS);
	f.judge_arg = p.judge;
	p.table = table_new(columns, ARRAY_LEN(columns));
	if (cli->n_args > 0 && store_find_product(s, cli->args[0], &product, &err) == -1) {
		complain("%s", err.msg);
	} else {
		f.product = product;
		status = print_prices(&p, s, &f);
	}
	free(product);
	free(p.product);
	judge_free(p.judge);
	table_free(p.table);
	buf_release(&p.out);
	store_close(s);
	return status;
}

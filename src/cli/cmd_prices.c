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
#include "cli/place.h"
#include "cli/price_out.h"
#include "cli/table.h"
#include "cli/term.h"
#include "conf/config.h"

enum { COL_MARK, COL_PRODUCT, COL_SUPPLIER, COL_SOURCE, COL_PRICE, COL_AVAILABILITY, COL_AGE, COL_STATUS, COL_REASON };

static const struct table_column columns[] = {
	[COL_MARK] = { .title = "*" },
	[COL_PRODUCT] = { .title = "PRODUCT", .least = 20 },
	[COL_SUPPLIER] = { .title = "SUPPLIER", .least = 12 },
	[COL_SOURCE] = { .title = "SOURCE", .least = 10, .rank = 1 },
	[COL_PRICE] = { .title = "PRICE", .right = true },
	[COL_AVAILABILITY] = { .title = "AVAILABILITY", .rank = 4 },
	[COL_AGE] = { .title = "AGE", .right = true },
	[COL_STATUS] = { .title = "STATUS", .rank = 3 },
	[COL_REASON] = { .title = "REASON", .least = 12, .rank = 2 },
};

struct prices {
	struct cli *cli;
	int64_t now_ms;
	struct table *table;
	struct buf out;
	size_t n;
	char *product; /* owned; of the row before */
};

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
	table_set(p->table, r, COL_STATUS, o->status, strcmp(o->status, "ok") == 0 ? NULL : "yellow");
	table_set(p->table, r, COL_REASON, o->reason, NULL);
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
	json_put_bool(b, "for_sale", o->for_sale);
	json_put_bool(b, "cheapest", o->cheapest);
	buf_xaddc(b, '}');
	return price_flush(b);
}

static const char *const csv_titles[] = { "product", "supplier", "source", "amount", "currency", "availability",
	"priced", "status", "reason", "checked", "last_good", "for_sale", "cheapest", "url" };

static int
csv_offer(const struct store_offer *o, void *arg)
{
	struct prices *p = arg;
	struct buf *b = &p->out;
	char amount[AMOUNT_TEXT_SIZE], time[WALL_TEXT_SIZE];

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
	csv_end(b);
	p->n++;
	return price_flush(b);
}

/* The largest stale_after below this supervisor. */
static int64_t
largest_stale(const struct sup_spec *sup)
{
	int64_t largest = 0;

	for (size_t i = 0; i < sup->n_children; i++) {
		const struct child_spec *spec = sup->children[i];
		int64_t us = 0;

		if (spec->type == CHILD_SUPERVISOR)
			us = largest_stale(spec->sup);
		else if (config_launch(spec)->scraper != NULL)
			us = config_launch(spec)->scraper->stale_after_us;
		if (us > largest)
			largest = us;
	}
	return largest;
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
	struct store_filter f = { .now_ms = p.now_ms };
	struct err err = ERR_INIT;
	char *product = NULL;
	int64_t stale_us;
	int status = EXITCODE_FAILED;
	struct store *s;

	if (cli->stale != NULL && duration_parse(cli->stale, &stale_us) == -1)
		return complain_usage("prices", "--stale-after: not a duration: %s", cli->stale);
	if (cli->stale == NULL)
		stale_us = largest_stale(&place_get(cli)->config->root);
	f.stale_ms = stale_us / US_PER_MS;
	s = price_store_open(cli);
	if (s == NULL)
		return EXITCODE_FAILED;
	p.table = table_new(columns, ARRAY_LEN(columns));
	if (cli->n_args > 0 && store_find_product(s, cli->args[0], &product, &err) == -1) {
		complain("%s", err.msg);
	} else {
		f.product = product;
		status = print_prices(&p, s, &f);
	}
	free(product);
	free(p.product);
	table_free(p.table);
	buf_release(&p.out);
	store_close(s);
	return status;
}

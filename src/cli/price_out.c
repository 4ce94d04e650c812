#include "cli/price_out.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mono.h"
#include "cli/place.h"
#include "price/currency.h"

struct store *
price_store_open(struct cli *cli)
{
	const struct cli_place *p = place_get(cli);
	struct err err = ERR_INIT;
	struct store *s;

	if (p->store == NULL) {
		complain("no prices are kept: %s names no store (store = \"sqlite:PATH\")", p->config_file);
		return NULL;
	}
	s = store_open(p->store, STORE_READ, &err);
	if (s == NULL)
		complain("%s", err.msg);
	return s;
}

const char *
price_amount(bool has, struct store_amount a, const char *currency, char out[AMOUNT_TEXT_SIZE])
{
	const struct currency *c = currency == NULL ? NULL : currency_find(currency, strlen(currency));
	struct amount amount = { .coef = a.coefficient, .scale = (unsigned)a.scale };

	out[0] = '\0';
	return has ? amount_text(&amount, c == NULL ? 0 : c->exponent, out) : out;
}

const char *
price_text(bool has, struct store_amount a, const char *currency, char out[PRICE_TEXT_SIZE])
{
	char amount[AMOUNT_TEXT_SIZE];

	snprintf(out, PRICE_TEXT_SIZE, "%s%s%s", price_amount(has, a, currency, amount),
	    has && currency != NULL ? " " : "", has && currency != NULL ? currency : "");
	return out;
}

const char *
price_time(int64_t ms, char *out)
{
	out[0] = '\0';
	return ms == 0 ? out : wall_text(ms, out);
}

void
price_put_ms(struct buf *b, const char *name, int64_t ms)
{
	if (ms != 0)
		json_put_int(b, name, ms);
	else
		json_put_raw(b, name, "null", 4);
}

int
price_flush(struct buf *b)
{
	if (b->len > 0)
		fwrite(b->data, 1, b->len, stdout);
	buf_clear(b);
	return ferror(stdout);
}

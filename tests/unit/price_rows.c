#include "price_rows.h"

#include <string.h>

#include "base/buf.h"
#include "price/markup.h"

static void
put_amount(struct buf *out, const char *name, const struct amount *a, const struct money *m)
{
	char text[AMOUNT_TEXT_SIZE];

	buf_xprintf(out, "%s%s", name, amount_text(a, m->currency != NULL ? m->currency->exponent : 0, text));
}

static void
put_money(struct buf *out, enum read_result result, const struct money *m)
{
	unsigned i;

	if (result == READ_OK)
		put_amount(out, "", &m->amount, m);
	else
		buf_xaddstr(out, result == READ_TOO_LONG ? "- too-many-digits" : result == READ_LIMIT ? "- limit" : "-");
	if (result == READ_OK && m->currency != NULL)
		buf_xprintf(out, " %s", m->currency->code);
	else if (result == READ_OK && m->currency_text[0] != '\0')
		buf_xaddstr(out, " ?");
	if (m->has_max)
		put_amount(out, " max=", &m->max, m);
	if (m->has_list_price)
		put_amount(out, " list=", &m->list_price, m);
	buf_xprintf(out, "%s%s%s", (m->flags & MONEY_FROM) != 0 ? " from" : "",
	    (m->flags & MONEY_RANGE) != 0 ? " range" : "", (m->flags & MONEY_FREE) != 0 ? " free" : "");
	for (i = 0; i < WARN_COUNT; i++) {
		if ((m->warnings & 1u << i) != 0)
			buf_xprintf(out, " !%s", warning_text(1u << i));
	}
}

void
price_row_check(const struct price_row *row)
{
	struct buf text = BUF_INIT(0), got = BUF_INIT(0);
	enum read_result result;
	struct money money;

	ck_assert(markup_put_text(&text, (struct slice){ row->text, strlen(row->text) }, READER_TEXT_MAX));
	result = reader_read(text.data != NULL ? text.data : "", text.len, &row->hints, &money);
	ck_assert_int_eq(money.has_amount, result == READ_OK);
	put_money(&got, result, &money);
	ck_assert_msg(strcmp(got.data, row->expect) == 0, "%s: `%s' was read as `%s', not as `%s'", row->rule, row->text,
	    got.data, row->expect);
	buf_release(&text);
	buf_release(&got);
}

Suite *
price_rows_suite(const char *name, const TTest *test, int n)
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create("rows");

	tcase_add_loop_test(t, test, 0, n);
	suite_add_tcase(s, t);
	return s;
}

/*
 * Any text to the reader. The first two bytes are the hints. What must always
 * hold: an amount is non-negative unless negatives are allowed, has at most 18
 * digits and a scale of at most 8, and is the same when it is printed and read
 * back (P2, P4, P13); the high end of a range is not below its low end (P15);
 * raw text and sign are cut within their room, in whole characters (P5);
 * blanks around the text and folding it before change nothing (P7); and what
 * was read is read again, amount and currency, when it is written down with
 * its code (P17).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "price/fold.h"
#include "price/reader.h"

#define AMOUNT_MAX INT64_C(999999999999999999)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_amount(const struct amount *a, bool may_be_negative)
{
	char text[AMOUNT_TEXT_SIZE];
	struct amount again;

	if (a->scale > 8 || a->coef > AMOUNT_MAX || a->coef < -AMOUNT_MAX)
		abort();
	if (a->coef < 0 && !may_be_negative)
		abort();
	amount_text(a, 0, text);
	if (amount_parse(text, strlen(text), &again) != AMOUNT_OK || amount_cmp(&again, a) != 0)
		abort();
}

/* Nothing ends within a character; what was no UTF-8 before need not be now. */
static void
check_cut(const char *text, size_t room)
{
	size_t n = strnlen(text, room), i = n, need;

	if (n == room)
		abort();
	while (i > 0 && n - i < 3 && ((unsigned char)text[i - 1] & 0xc0) == 0x80)
		i--;
	if (i == 0)
		return;
	need = (unsigned char)text[i - 1] >= 0xf0 ? 3 : (unsigned char)text[i - 1] >= 0xe0 ? 2 :
	    (unsigned char)text[i - 1] >= 0xc2 ? 1 : 0;
	if (n == room - 1 && n - i < need)
		abort();
}

static void
check_money(const struct money *m, bool may_be_negative)
{
	check_cut(m->raw, sizeof(m->raw));
	check_cut(m->currency_text, sizeof(m->currency_text));
	if (m->has_amount)
		check_amount(&m->amount, may_be_negative);
	if (m->has_list_price)
		check_amount(&m->list_price, may_be_negative);
	if (!m->has_max)
		return;
	check_amount(&m->max, may_be_negative);
	if (!m->has_amount || amount_cmp(&m->max, &m->amount) < 0)
		abort();
}

static bool
same_amount(bool has_a, const struct amount *a, bool has_b, const struct amount *b)
{
	return has_a == has_b && (!has_a || amount_cmp(a, b) == 0);
}

/* The same text, written another way. */
static void
check_same(const char *text, size_t len, const struct reader_hints *hints, const struct money *m)
{
	struct money again;

	reader_read(text, len, hints, &again);
	if (!same_amount(m->has_amount, &m->amount, again.has_amount, &again.amount) ||
	    !same_amount(m->has_max, &m->max, again.has_max, &again.max) ||
	    !same_amount(m->has_list_price, &m->list_price, again.has_list_price, &again.list_price) ||
	    again.currency != m->currency || again.flags != m->flags || again.warnings != m->warnings)
		abort();
}

static void
check_other_ways(const char *text, size_t len, const struct reader_hints *hints, const struct money *m)
{
	char other[READER_TEXT_MAX + 1], twice[READER_TEXT_MAX + 1];
	size_t n;

	if (len + 2 > READER_TEXT_MAX)
		return;
	other[0] = ' ';
	memcpy(other + 1, text, len);
	other[len + 1] = '\n';
	check_same(other, len + 2, hints, m);
	n = fold_text(text, len, other, NULL);
	if (fold_text(other, n, twice, NULL) != n || memcmp(other, twice, n) != 0)
		abort();
	check_same(other, n, hints, m);
}

static void
check_written(const struct money *m)
{
	struct reader_hints hints = { .decimal = '.', .allow_negative = true };
	char amount[AMOUNT_TEXT_SIZE], text[AMOUNT_TEXT_SIZE + 8];
	struct money again;

	if (!m->has_amount || m->currency == NULL)
		return;
	snprintf(text, sizeof(text), "%s %s", amount_text(&m->amount, 0, amount), m->currency->code);
	if (reader_read(text, strlen(text), &hints, &again) != READ_OK || amount_cmp(&again.amount, &m->amount) != 0 ||
	    again.currency != m->currency)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const locales[] = { NULL, "de-CH", "en-IN", "ar-KW" };
	static const char *const currencies[] = { NULL, "KWD", "JPY", "no such" };
	static const char separators[] = { 0, '.', ',', '\'' };
	struct reader_hints hints = { .locale = NULL };
	struct money m;

	if (size < 2)
		return 0;
	hints.locale = locales[data[0] & 3];
	hints.page_currency = currencies[data[0] >> 2 & 3];
	hints.currency = currencies[data[0] >> 4 & 3];
	hints.machine = data[0] & 0x40;
	hints.allow_negative = data[0] & 0x80;
	hints.decimal = separators[data[1] & 3];
	hints.group = separators[data[1] >> 2 & 3];
	memset(&m, 0x5a, sizeof(m));
	if ((reader_read((const char *)data + 2, size - 2, &hints, &m) == READ_OK) != m.has_amount)
		abort();
	check_money(&m, hints.allow_negative);
	check_other_ways((const char *)data + 2, size - 2, &hints, &m);
	check_written(&m);
	return 0;
}

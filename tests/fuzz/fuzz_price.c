/*
 * The way from bytes to a price. The first byte says which part: text to the
 * reader, or a page (with one encoding or another) to the extractor. What must
 * always hold: no amount without digits in its raw text, no price without a
 * method, the printed amount read back is the amount.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "price/extract.h"
#include "price/extract_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_money(const struct money *m)
{
	char text[AMOUNT_TEXT_SIZE];
	struct amount again;

	if (!m->has_amount)
		return;
	amount_text(&m->amount, m->currency != NULL ? m->currency->exponent : 0, text);
	if (amount_parse(text, strlen(text), &again) == AMOUNT_OK && amount_cmp(&again, &m->amount) != 0)
		abort();
	if (strlen(m->raw) >= READER_RAW_SIZE)
		abort();
}

static void
fuzz_reader(const uint8_t *data, size_t size, uint8_t how)
{
	static const char *const locales[] = { NULL, "de-DE", "en-GB", "ar-KW" };
	struct reader_hints hints = { .locale = locales[how >> 2 & 3], .machine = how & 1, .allow_negative = how & 2,
		.page_currency = how & 16 ? "KWD" : NULL };
	struct money m;

	if (reader_read((const char *)data, size, &hints, &m) == READ_OK && !m.has_amount)
		abort();
	check_money(&m);
}

static void
fuzz_page(const uint8_t *data, size_t size, uint8_t how)
{
	static const char *const types[] = { NULL, "text/html; charset=iso-8859-1", "text/html; charset=shift_jis",
		"text/html; charset=utf-16le" };
	struct page page = { .body = (const char *)data, .len = size, .content_type = types[how >> 1 & 3],
		.url = "http://x/p", .today = "2026-11-22" };
	struct matcher *matcher = matcher_new();
	struct rule *rule = how & 1 ? rule_compile(matcher, "price\\W*(?<price>[^<]{1,40})", NULL) : NULL;
	struct offer offer;

	extract_page(&page, rule, &offer);
	if ((offer.method != METHOD_NONE) != offer.money.has_amount && offer.method != METHOD_NONE)
		abort();
	if ((offer.method == METHOD_NONE) != (offer.none != NONE_PRICE_FOUND))
		abort();
	check_money(&offer.money);
	rule_free(rule);
	matcher_free(matcher);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] & 0x80)
		fuzz_reader(data + 1, size - 1, data[0]);
	else
		fuzz_page(data + 1, size - 1, data[0]);
	return 0;
}

/* The store: amounts, and what people are told. */
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"
#include "unit.h"

/* P2, P4: digits as they were read, and order by value. */
START_TEST(test_amounts)
{
	static const struct {
		const char *text, *printed; /* NULL: refused */
		int rc;
	} t[] = {
		{ "24.99", "24.99", 0 },
		{ "24.90", "24.90", 0 },
		{ "0", "0", 0 },
		{ "-0.05", "-0.05", 0 },
		{ "007.50", "7.50", 0 },
		{ ".5", "0.5", 0 },
		{ "0.00000001", "0.00000001", 0 },
		{ "999999999999999999", "999999999999999999", 0 },
		{ "-9999999999.99999999", "-9999999999.99999999", 0 },
		{ "1000000000000000000", NULL, -2 },
		{ "12345678901.123456789", NULL, -2 },
		{ "0.000000000", NULL, -2 },
		{ "", NULL, -1 },
		{ "-", NULL, -1 },
		{ ".", NULL, -1 },
		{ "1.", NULL, -1 },
		{ "1..2", NULL, -1 },
		{ "1.2.3", NULL, -1 },
		{ "+1", NULL, -1 },
		{ "1e3", NULL, -1 },
		{ " 1", NULL, -1 },
		{ "0x10", NULL, -1 },
		{ "NaN", NULL, -1 },
	};
	char buf[STORE_AMOUNT_TEXT_SIZE];
	struct store_amount a;

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		int rc = store_amount_parse(t[i].text, strlen(t[i].text), &a);

		ck_assert_msg(rc == t[i].rc, "\"%s\": %d", t[i].text, rc);
		if (rc == 0)
			ck_assert_str_eq(store_amount_text(a, buf), t[i].printed);
	}
}
END_TEST

START_TEST(test_amount_order)
{
	static const char *const rising[] = { "-10", "-1.5", "-1.20", "-0.5", "0.000", "0.5", "7.49999999", "7.50", "8",
		"999999999999999999" };
	struct store_amount a, b;

	for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
		for (size_t k = 0; k < ARRAY_LEN(rising); k++) {
			ck_assert_int_eq(store_amount_parse(rising[i], strlen(rising[i]), &a), 0);
			ck_assert_int_eq(store_amount_parse(rising[k], strlen(rising[k]), &b), 0);
			ck_assert_msg(store_amount_compare(a, b) == (i < k ? -1 : i > k), "%s, %s", rising[i],
			    rising[k]);
		}
	}
	ck_assert_int_eq(store_amount_compare((struct store_amount){ 75, 1 }, (struct store_amount){ 7500, 3 }), 0);
}
END_TEST

/* P4, P30, P46: the cheapest is one that can be bought now, within its currency. */
START_TEST(test_offers)
{
	struct store_observation o;

	put(observation("dear", "w", 10, 1, 5000, "12"));
	put(observation("same", "w", 10, 2, 5000, "9.5"));
	put(observation("cheap", "w", 10, 3, 5000, "9.50"));
	o = observation("soldout", "w", 10, 4, 5000, "1");
	o.availability = text("out_of_stock");
	put(o);
	o = observation("dollars", "w", 10, 5, 5000, "8");
	o.currency = text("USD");
	put(o);
	put(observation("stale", "w", 10, 6, 1000, "2"));
	o = observation("never", "w", 10, 7, 5000, NULL);
	o.status = text("no_match");
	put(o);
	put(observation("down", "w", 10, 8, 5000, "11"));
	o = observation("down", "w", 10, 9, 6000, NULL);
	o.status = text("error");
	put(o);
	put(observation("gone", "w", 10, 10, 5000, "3"));
	o = observation("gone", "w", 10, 11, 6000, NULL);
	o.status = text("unavailable");
	put(o);
	o = observation("dear", "z", 10, 12, 5000, "1");
	o.product = text(NULL);
	put(o);
	offers_are(&(struct store_filter){ .now_ms = 7000, .stale_ms = 3000 },
	    "Webcam soldout ok 1 GBP\n"
	    "Webcam stale ok 2 GBP\n"
	    "Webcam gone unavailable 3 GBP\n"
	    "Webcam cheap ok 9.50 GBP for-sale cheapest\n"
	    "Webcam same ok 9.5 GBP for-sale cheapest\n"
	    "Webcam down error 11 GBP for-sale\n"
	    "Webcam dear ok 12 GBP for-sale\n"
	    "Webcam dollars ok 8 USD for-sale cheapest\n"
	    "Webcam never no_match - -\n"
	    "z dear ok 1 GBP for-sale cheapest\n");
	/* one supplier asked for: cheapest is still said of all */
	offers_are(&(struct store_filter){ .supplier = "dear", .now_ms = 7000, .stale_ms = 3000 },
	    "Webcam dear ok 12 GBP for-sale\nz dear ok 1 GBP for-sale cheapest\n");
	offers_are(&(struct store_filter){ .product = "z" }, "z dear ok 1 GBP for-sale cheapest\n");
	offers_are(&(struct store_filter){ .product = "none" }, "");
}
END_TEST

/* A late record fills a hole in the past; the newest price stays. */
START_TEST(test_late_is_not_newest)
{
	put(observation("a", "w", 20, 1, 2000, "5"));
	put(observation("a", "w", 10, 1, 1000, "9"));
	offers_are(&(struct store_filter){ 0 }, "Webcam a ok 5 GBP for-sale cheapest\n");
	/* ... unless its slot is the newest */
	put(observation("a", "w", 10, 2, 3000, "7"));
	offers_are(&(struct store_filter){ 0 }, "Webcam a ok 7 GBP for-sale cheapest\n");
	/* a clock that was wrong by a year is not believed for a year */
	put(observation("a", "w", 21, 1, 900, "6"));
	offers_are(&(struct store_filter){ 0 }, "Webcam a ok 6 GBP for-sale cheapest\n");
}
END_TEST

static int
stop_at_once(const struct store_offer *o, void *arg)
{
	(void)o;
	++*(int *)arg;
	return 7;
}

START_TEST(test_callback_ends_the_walk)
{
	int calls = 0;

	put(observation("a", "w", 10, 1, 1000, "5"));
	put(observation("b", "w", 10, 2, 1000, "5"));
	ck_assert_int_eq(store_offers(store, &(struct store_filter){ 0 }, stop_at_once, &calls, &err), 7);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(test_history)
{
	for (int64_t slot = 1000; slot <= 5000; slot += 1000) {
		put(observation("a", "w", 10, (uint64_t)slot, slot, "5"));
		put(observation("b", "v", 10, (uint64_t)slot + 1, slot + 500, "5"));
	}
	history_is(0, 0, "b5500 a5000 b4500 a4000 b3500 a3000 b2500 a2000 b1500 a1000 ");
	history_is(0, 3, "b5500 a5000 b4500 ");
	history_is(4001, 0, "b5500 a5000 b4500 a4000 ");
	history_is(9000, 0, "");
	/* written in several transactions, by one who has forgotten all: the chain goes on */
	store_close(store);
	store = store_open(file, STORE_WRITE, &err);
	ck_assert_ptr_nonnull(store);
	put(observation("a", "w", 11, 1, 6000, "5"));
	put(observation("a", "w", 10, 1, 3300, "5"));
	history_is(4900, 0, "a6000 b5500 a5000 ");
	history_is(0, 1, "a6000 ");
}
END_TEST

static int
check_event(const struct store_event *e, void *arg)
{
	char amount[STORE_AMOUNT_TEXT_SIZE];

	++*(int *)arg;
	ck_assert_str_eq(e->product, "Webcam");
	ck_assert_str_eq(e->source, "w");
	ck_assert_str_eq(e->url, "http://b");
	ck_assert(e->has_slot && e->slot_ms == 1000 && e->time_ms == 1001);
	ck_assert(e->token == 10 && e->n == 1 && !e->late);
	ck_assert_str_eq(e->status, "ok");
	ck_assert_str_eq(e->reason, "because");
	ck_assert_str_eq(store_amount_text(e->amount, amount), "24.90");
	ck_assert_str_eq(e->currency, "GBP");
	ck_assert_str_eq(e->availability, "in_stock");
	ck_assert_str_eq(e->rest, "{\"x\":1}");
	return 0;
}

START_TEST(test_every_field_comes_back)
{
	struct store_observation o = observation("a", "w", 10, 1, 1000, "24.90");
	int calls = 0;

	o.url = text("http://b");
	o.reason = text("because");
	o.availability = text("in_stock");
	o.rest = text("{\"x\":1}");
	put(o);
	ck_assert_int_eq(store_history(store, "Webcam", 0, 0, check_event, &calls, &err), 0);
	ck_assert_int_eq(calls, 1);
}
END_TEST

/* Not good: statuses that say nothing of the product. */
START_TEST(test_last_good)
{
	struct store_observation o = observation("a", "w", 10, 1, 1000, "5");
	int64_t ms = -1;

	ck_assert_int_eq(store_last_good(store, "a", NULL, &ms, &err), 0);
	ck_assert_int_eq(ms, 0);
	put(o);
	o = observation("a", "w", 10, 2, 2000, NULL);
	o.status = text("error");
	put(o);
	ck_assert_int_eq(store_last_good(store, "a", "w", &ms, &err), 0);
	ck_assert_int_eq(ms, 1001);
	o = observation("a", "x", 10, 3, 3000, NULL);
	o.status = text("not_modified");
	put(o);
	ck_assert_int_eq(store_last_good(store, "a", NULL, &ms, &err), 0);
	ck_assert_int_eq(ms, 3001);
	ck_assert_int_eq(store_last_good(store, "a", "w", &ms, &err), 0);
	ck_assert_int_eq(ms, 1001);
}
END_TEST

static void
put_product(const char *product)
{
	static uint64_t n;
	struct store_observation o = observation("a", product, 10, 1, 1000, "5");

	o.n = ++n;
	o.product = text(product);
	put(o);
}

START_TEST(test_find_product)
{
	static const char *const all[] = { "Webcam B525", "Webcam C920", "webcam c920", "Mouse [grey]", "Mouse" };
	static const struct {
		const char *text, *found; /* NULL: not one */
	} t[] = {
		{ "Mouse", "Mouse" },
		{ "mouse", "Mouse" },
		{ "Webcam C920", "Webcam C920" },
		{ "WEBCAM C920", NULL },
		{ "b525", "Webcam B525" },
		{ "*B52?", "Webcam B525" },
		{ "[grey]", "Mouse [grey]" },
		{ "webcam", NULL },
		{ "*", NULL },
		{ "keyboard", NULL },
	};
	char *name;

	ck_assert_int_eq(store_find_product(store, "x", &name, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no product yet"));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		put_product(all[i]);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		name = NULL;
		err = (struct err)ERR_INIT;
		ck_assert_msg((store_find_product(store, t[i].text, &name, &err) == 0) == (t[i].found != NULL), "%s: %s",
		    t[i].text, err.msg);
		if (t[i].found != NULL)
			ck_assert_str_eq(name, t[i].found);
		free(name);
	}
	ck_assert_int_eq(store_find_product(store, "webcam", &name, &err), -1);
	ck_assert_str_eq(err.msg,
	    "\"webcam\" may be any of these products: \"Webcam B525\", \"Webcam C920\", \"webcam c920\"");
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		test_amounts, test_amount_order, test_offers, test_late_is_not_newest,
		test_callback_ends_the_walk, test_history, test_every_field_comes_back, test_last_good,
		test_find_product,
	};
	Suite *s = suite_create("store_read");
	TCase *t = tcase_create("store_read");

	tcase_add_checked_fixture(t, store_setup, store_teardown);
	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

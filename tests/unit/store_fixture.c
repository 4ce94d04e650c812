#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "unit.h"

char dir[64];
char *file;
struct store *store;
struct store_position pos;
struct err err;

void
store_setup(void)
{
	snprintf(dir, sizeof(dir), "%s", "/tmp/check_store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	file = xasprintf("%s/s.db", dir);
	err = (struct err)ERR_INIT;
	pos = (struct store_position){ 0, 0, 0 };
	store = store_open(file, STORE_WRITE, &err);
	ck_assert_msg(store != NULL, "%s", err.msg);
}

void
store_teardown(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };

	store_close(store);
	store = NULL;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char *name = xasprintf("%s%s", file, suffixes[i]);

		unlink(name);
		free(name);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	free(file);
}

struct store_text
text(const char *s)
{
	return (struct store_text){ s, s == NULL ? 0 : strlen(s) };
}

struct store_observation
observation(const char *child, const char *source, uint64_t token, uint64_t n, int64_t slot, const char *amount)
{
	struct store_observation o = {
		.child = text(child),
		.source = text(source),
		.token = token,
		.n = n,
		.has_slot = slot != 0,
		.slot_ms = slot,
		.time_ms = slot != 0 ? slot + 1 : (int64_t)n,
		.status = text("ok"),
		.currency = text("GBP"),
		.product = text("Webcam"),
		.line = text("{\"the\":\"line\"}"),
	};

	if (amount != NULL) {
		ck_assert_int_eq(store_amount_parse(amount, strlen(amount), &o.amount), 0);
		o.has_amount = true;
	}
	return o;
}

void
begin(void)
{
	ck_assert_msg(store_begin(store, INSTALLATION, &pos, &err) == 0, "%s", err.msg);
}

void
commit(void)
{
	pos.epoch = 1;
	pos.segment = 1;
	pos.offset += 100;
	ck_assert_msg(store_commit(store, &pos, &err) == 0, "%s", err.msg);
}

enum store_put_result
put_in(struct store_observation o)
{
	enum store_put_result result;

	ck_assert_msg(store_put(store, &o, &result, &err) == 0, "%s", err.msg);
	return result;
}

enum store_put_result
put(struct store_observation o)
{
	enum store_put_result result;

	begin();
	result = put_in(o);
	commit();
	return result;
}

struct store_counts
counts(void)
{
	struct store_counts c;

	ck_assert_msg(store_count(store, &c, &err) == 0, "%s", err.msg);
	return c;
}

static int
remember_offer(const struct store_offer *o, void *arg)
{
	char amount[STORE_AMOUNT_TEXT_SIZE];

	buf_xprintf(arg, "%s %s %s %s %s%s%s\n", o->product, o->supplier, o->status,
	    o->has_price ? store_amount_text(o->amount, amount) : "-", o->currency == NULL ? "-" : o->currency,
	    o->for_sale ? " for-sale" : "", o->cheapest ? " cheapest" : "");
	return 0;
}

void
offers_are(const struct store_filter *f, const char *want)
{
	struct buf b = BUF_INIT(0);

	ck_assert_int_eq(store_offers(store, f, remember_offer, &b, &err), 0);
	ck_assert_str_eq(b.data == NULL ? "" : b.data, want);
	buf_release(&b);
}

static int
remember_event(const struct store_event *e, void *arg)
{
	buf_xprintf(arg, "%s%lld%s ", e->supplier, (long long)e->slot_ms, e->late ? "L" : "");
	return 0;
}

void
history_is(int64_t since, uint64_t limit, const char *want)
{
	struct buf b = BUF_INIT(0);

	ck_assert_int_eq(store_history(store, "Webcam", since, limit, remember_event, &b, &err), 0);
	ck_assert_str_eq(b.data == NULL ? "" : b.data, want);
	buf_release(&b);
}

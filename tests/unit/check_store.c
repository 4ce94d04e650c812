/* The store: what becomes of records and positions, one writer or two. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store_fixture.h"
#include "unit.h"

struct reason_count {
	const char *reason;
	uint64_t n;
};

static int
find_reason(const char *reason, uint64_t n, void *arg)
{
	struct reason_count *rc = arg;

	if (strcmp(reason, rc->reason) == 0)
		rc->n = n;
	return 0;
}

static uint64_t
quarantined(const char *reason)
{
	struct reason_count rc = { reason, 0 };

	ck_assert_int_eq(store_count_quarantine(store, find_reason, &rc, &err), 0);
	return rc.n;
}

/* Architecture 5: a slot counts once; a second record of it is quarantined. */
START_TEST(test_slot_counts_once)
{
	ck_assert_int_eq(put(observation("a", "w", 10, 1, 1000, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("a", "w", 10, 2, 1000, "6")), STORE_PUT_QUARANTINED);
	ck_assert_int_eq(put(observation("a", "w", 11, 1, 1000, "7")), STORE_PUT_QUARANTINED);
	/* the same slot of another source, and of another child's source of that name */
	ck_assert_int_eq(put(observation("a", "x", 11, 2, 1000, "7")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("b", "w", 12, 1, 1000, "7")), STORE_PUT_HISTORY);
	ck_assert_uint_eq(counts().history, 3);
	ck_assert_uint_eq(counts().quarantine, 2);
	ck_assert_uint_eq(quarantined(STORE_DUPLICATE_SLOT), 2);
}
END_TEST

/* Architecture 5: a first record from an older token is accepted, and marked late. */
START_TEST(test_late)
{
	ck_assert_int_eq(put(observation("a", "w", 20, 1, 2000, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("a", "w", 10, 1, 1000, "9")), STORE_PUT_LATE);
	ck_assert_int_eq(put(observation("a", "x", 10, 2, 1000, "9")), STORE_PUT_LATE);
	ck_assert_int_eq(put(observation("a", "w", 10, 3, 2000, "9")), STORE_PUT_QUARANTINED);
	ck_assert_uint_eq(counts().history, 3);
	ck_assert_uint_eq(counts().late, 2);
}
END_TEST

/* Tokens have no sign: epochs reach beyond 2^31 in 2038. */
START_TEST(test_tokens_without_sign)
{
	const uint64_t early = UINT64_C(0x7fffffff00000001), later = UINT64_C(0x8000000000000001);

	ck_assert_int_eq(put(observation("a", "w", early, 1, 1000, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("a", "w", later, 1, 2000, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("a", "w", early, 2, 3000, "5")), STORE_PUT_LATE);
	ck_assert_uint_eq(counts().largest_epoch, 0x80000000u);
}
END_TEST

/* Architecture 5: of generic children by (token, n), and none from an older token. */
START_TEST(test_generic)
{
	ck_assert_int_eq(put(observation("g", "w", 10, 1, 0, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("g", "w", 10, 2, 0, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("g", "w", 11, 1, 0, "5")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("g", "w", 10, 3, 0, "5")), STORE_PUT_QUARANTINED);
	ck_assert_int_eq(put(observation("h", "w", 10, 4, 0, "5")), STORE_PUT_HISTORY);
	ck_assert_uint_eq(quarantined(STORE_OLD_TOKEN), 1);
	ck_assert_uint_eq(counts().history, 4);
}
END_TEST

/* A record that is there already, wherever it is, changes nothing. */
START_TEST(test_again)
{
	struct store_reject bad = { "malformed-amount", true, 10, 9, 5, text("a"), text("w"), text("{}"), false };

	put(observation("a", "w", 10, 1, 1000, "5"));
	put(observation("a", "w", 10, 2, 1000, "6"));
	put(observation("g", "w", 10, 3, 0, "5"));
	put(observation("g", "w", 11, 1, 0, "5"));
	put(observation("g", "w", 10, 4, 0, "5"));
	for (int i = 0; i < 2; i++) {
		begin();
		ck_assert_int_eq(store_quarantine(store, &bad, &err), 0);
		commit();
	}
	ck_assert_int_eq(put(observation("a", "w", 10, 1, 1000, "5")), STORE_PUT_AGAIN);
	ck_assert_int_eq(put(observation("a", "w", 10, 2, 1000, "6")), STORE_PUT_AGAIN);
	ck_assert_int_eq(put(observation("g", "w", 10, 3, 0, "5")), STORE_PUT_AGAIN);
	ck_assert_int_eq(put(observation("g", "w", 11, 1, 0, "5")), STORE_PUT_AGAIN);
	ck_assert_int_eq(put(observation("g", "w", 10, 4, 0, "5")), STORE_PUT_AGAIN);
	ck_assert_uint_eq(counts().history, 3);
	ck_assert_uint_eq(counts().quarantine, 3);
	ck_assert_uint_eq(quarantined("malformed-amount"), 1);
}
END_TEST

static int
remember_line(const struct store_quarantined *q, void *arg)
{
	struct buf *b = arg;

	buf_xprintf(b, "%s %s %d %llu:", q->reason, q->supplier == NULL ? "-" : q->supplier, q->has_name,
	    (unsigned long long)q->n);
	buf_xadd(b, q->line, q->line_len);
	buf_xaddc(b, '\n');
	return 0;
}

/* What is no JSON is kept byte by byte; a nameless record each time it comes. */
START_TEST(test_quarantine_keeps_the_line)
{
	struct store_reject bytes = { .reason = "unreadable", .line = { "\x80\0x", 3 }, .binary = true };
	struct buf b = BUF_INIT(0);

	put(observation("a", "w", 10, 1, 1000, "5"));
	put(observation("a", "w", 10, 2, 1000, "6"));
	begin();
	ck_assert_int_eq(store_quarantine(store, &bytes, &err), 0);
	ck_assert_int_eq(store_quarantine(store, &bytes, &err), 0);
	commit();
	ck_assert_int_eq(store_quarantined(store, 2, remember_line, &b, &err), 0);
	ck_assert_uint_eq(b.len, 2 * strlen("unreadable - 0 0:xxx\n"));
	ck_assert_int_eq(memcmp(b.data, "unreadable - 0 0:\x80\0x\n", 21), 0);
	buf_clear(&b);
	ck_assert_int_eq(store_quarantined(store, 0, remember_line, &b, &err), 0);
	ck_assert_ptr_nonnull(memmem(b.data, b.len, "duplicate-slot a 1 2:{\"the\":\"line\"}\n", 36));
	buf_release(&b);
}
END_TEST

/* The position moves with the rows, or not at all. */
START_TEST(test_position)
{
	struct store_position p = { 9, 9, 9 };
	enum store_put_result result;
	struct store_observation o = observation("a", "w", 10, 1, 1000, "5");

	ck_assert_int_eq(store_position(store, INSTALLATION, &p, &err), 0);
	ck_assert(p.epoch == 0 && p.segment == 0 && p.offset == 0);
	begin();
	ck_assert_int_eq(store_put(store, &o, &result, &err), 0);
	store_rollback(store);
	ck_assert_uint_eq(counts().history, 0);
	ck_assert_int_eq(put(o), STORE_PUT_HISTORY);
	ck_assert_int_eq(store_position(store, INSTALLATION, &p, &err), 1);
	ck_assert(p.epoch == 1 && p.segment == 1 && p.offset == 100);
	/* who believes in another position may not write, and learns the right one */
	p.offset = 50;
	ck_assert_int_eq(store_begin(store, INSTALLATION, &p, &err), 1);
	ck_assert_uint_eq(p.offset, 100);
	/* another installation has its own */
	ck_assert_int_eq(store_position(store, "other", &p, &err), 0);
	ck_assert_int_eq(store_begin(store, "other", &p, &err), 0);
	store_rollback(store);
}
END_TEST

/* Two writers on one store: what one remembers is not trusted when the other has written. */
START_TEST(test_two_writers)
{
	struct store *mine = store, *theirs = store_open(file, STORE_WRITE, &err);
	struct store_position behind = pos;

	ck_assert_msg(theirs != NULL, "%s", err.msg);
	ck_assert_int_eq(put(observation("a", "w", 10, 1, 1000, "5")), STORE_PUT_HISTORY);
	store = theirs;
	ck_assert_int_eq(store_begin(store, INSTALLATION, &behind, &err), 1);
	ck_assert_int_eq(put(observation("a", "w", 12, 1, 2000, "6")), STORE_PUT_HISTORY);
	ck_assert_int_eq(put(observation("b", "w", 13, 1, 2000, "6")), STORE_PUT_HISTORY);
	store = mine;
	ck_assert_int_eq(put(observation("a", "w", 11, 2, 3000, "7")), STORE_PUT_LATE);
	ck_assert_int_eq(put(observation("a", "w", 11, 3, 2000, "7")), STORE_PUT_QUARANTINED);
	ck_assert_int_eq(put(observation("b", "w", 13, 2, 4000, "7")), STORE_PUT_HISTORY);
	store_close(theirs);
	ck_assert_uint_eq(counts().history, 5);
}
END_TEST

/* A locked store is a trouble that passes. */
START_TEST(test_locked)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(store_begin(store, INSTALLATION, &pos, &err), -1);
	ck_assert_msg(store_error_passes(&err), "%s", err.msg);
	ck_assert_ptr_nonnull(strstr(err.msg, "locked"));
	sqlite3_close(db);
	ck_assert_int_eq(put(observation("a", "w", 10, 1, 1000, "5")), STORE_PUT_HISTORY);
}
END_TEST

START_TEST(test_largest_epoch)
{
	struct store_position p = { 0, 0, 0 };
	uint32_t epoch = 9;

	ck_assert_int_eq(store_largest_epoch(store, &epoch, &err), 0);
	ck_assert_uint_eq(epoch, 0);
	put(observation("a", "w", UINT64_C(77) << 32 | 5, 1, 1000, "5"));
	ck_assert_int_eq(store_largest_epoch(store, &epoch, &err), 0);
	ck_assert_uint_eq(epoch, 77);
	/* a journal of which nothing became a row has used its epoch too */
	ck_assert_int_eq(store_begin(store, "other", &p, &err), 0);
	p = (struct store_position){ 4000000000u, 1, 10 };
	ck_assert_int_eq(store_commit(store, &p, &err), 0);
	ck_assert_int_eq(store_largest_epoch(store, &epoch, &err), 0);
	ck_assert_uint_eq(epoch, 4000000000u);
}
END_TEST

static void
put_page(const char *child, const char *source, uint64_t n, int64_t time, const char *body, size_t len)
{
	struct store_evidence e = { .child = text(child), .source = text(source), .token = 9, .n = n, .time_ms = time,
		.status = text("no_match"), .http_status = 200, .bytes = len + 7, .offset = 7, .body = { body, len } };

	begin();
	ck_assert_msg(store_put_evidence(store, &e, &err) == 0, "%s", err.msg);
	commit();
}

static int
tell_page(const struct store_page *p, void *arg)
{
	char body[64];

	snprintf(body, sizeof(body), "%.*s", (int)p->body_len, p->body == NULL ? "-" : (const char *)p->body);
	buf_xprintf(arg, "%s/%s %lld %s %llu+%zu/%llu; ", p->supplier, p->source, (long long)p->time_ms, body,
	    (unsigned long long)p->offset, p->body_len, (unsigned long long)p->bytes);
	return 0;
}

static void
pages_are(const char *supplier, const char *source, bool bodies, const char *want)
{
	struct buf b = BUF_INIT(0);

	ck_assert_int_eq(store_pages(store, supplier, source, bodies, tell_page, &b, &err), 0);
	ck_assert_str_eq(b.data == NULL ? "" : b.data, want);
	buf_release(&b);
}

/* Of a source the newest three pages are kept, each once, whatever their order; bytes as they are. */
START_TEST(test_evidence)
{
	static const char zero[] = "a\0b";

	put_page("a", "w", 1, 1000, "one", 3);
	put_page("a", "w", 1, 1000, "one", 3);
	put_page("a", "w", 3, 3000, "three", 5);
	put_page("a", "w", 4, 4000, "four", 4);
	put_page("a", "w", 2, 2000, "two", 3);
	put_page("b", "w", 9, 1000, "", 0);
	pages_are(NULL, NULL, true, "a/w 4000 four 7+4/11; a/w 3000 three 7+5/12; a/w 2000 two 7+3/10; b/w 1000  7+0/7; ");
	pages_are("b", "w", true, "b/w 1000  7+0/7; ");
	pages_are("a", NULL, false, "a/w 4000 - 7+4/11; a/w 3000 - 7+5/12; a/w 2000 - 7+3/10; ");
	pages_are("a", "x", true, "");
	put_page("a", "w", 5, 5000, zero, 3);
	pages_are("a", "w", true, "a/w 5000 a 7+3/10; a/w 4000 four 7+4/11; a/w 3000 three 7+5/12; ");
	/* It is none of the observations. */
	ck_assert_uint_eq(counts().history, 0);
	ck_assert_uint_eq(counts().sources, 2);
}
END_TEST

static int
tell_since(const struct store_offer *o, void *arg)
{
	buf_xprintf(arg, "%d since %lld; ", (int)o->kind, (long long)o->since_ms);
	return 0;
}

static void
kind_is(enum store_kind kind, int64_t slot, const char *status, const char *want)
{
	struct store_observation o = observation("a", "w", 10, (uint64_t)slot, slot, NULL);
	struct buf b = BUF_INIT(0);

	o.kind = kind;
	o.status = text(status);
	put(o);
	/* As somebody else reads it, and as one who begins anew. */
	store_close(store);
	store = store_open(file, STORE_WRITE, &err);
	ck_assert_int_eq(store_offers(store, &(struct store_filter){ 0 }, tell_since, &b, &err), 0);
	ck_assert_str_eq(b.data == NULL ? "" : b.data, want);
	buf_release(&b);
}

/* Since when a source is as it is (architecture 7); what has not changed (P50) is as it was when it was good. */
START_TEST(test_since)
{
	kind_is(STORE_KIND_GOOD, 1000, "ok", "1 since 1001; ");
	kind_is(STORE_KIND_SAME, 2000, "not_modified", "1 since 1001; ");
	kind_is(STORE_KIND_SOLD_OUT, 3000, "unavailable", "2 since 3001; ");
	kind_is(STORE_KIND_BAD, 4000, "error", "3 since 4001; ");
	kind_is(STORE_KIND_BAD, 5000, "no_match", "3 since 4001; ");
	kind_is(STORE_KIND_SAME, 6000, "not_modified", "2 since 6001; ");
	kind_is(STORE_KIND_BLOCKED, 7000, "blocked", "5 since 7001; ");
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		test_slot_counts_once, test_late, test_tokens_without_sign, test_generic, test_again,
		test_quarantine_keeps_the_line, test_position, test_two_writers, test_locked,
		test_largest_epoch, test_evidence, test_since,
	};
	Suite *s = suite_create("store");
	TCase *t = tcase_create("store");

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

/* The queue of a handler, and the file of positions. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "event/position.h"
#include "event/queue.h"
#include "os/file.h"
#include "unit.h"

/* Event n lies at n * 10 and is 10 bytes long. */
static bool
offer(struct queue *q, uint64_t n)
{
	const struct journal_pos at = { 1, 1, n * 10 }, after = { 1, 1, n * 10 + 10 };

	return queue_offer(q, "123456789", 9, at, after);
}

static void
mark_is(const struct queue *q, uint64_t read, uint64_t offset, uint64_t missed)
{
	struct mark m = queue_mark(q, (struct journal_pos){ 1, 1, read });

	ck_assert_uint_eq(m.pos.offset, offset);
	ck_assert_uint_eq(m.missed, missed);
}

START_TEST(in_order)
{
	struct queue q;
	struct job *a, *b;

	queue_init(&q, 10, 1000, 0);
	ck_assert_ptr_null(queue_next(&q));
	mark_is(&q, 70, 70, 0);
	ck_assert(offer(&q, 1) && offer(&q, 2));
	/* Nothing is done: whoever dies now begins with the first. */
	mark_is(&q, 70, 10, 0);
	a = queue_next(&q);
	ck_assert_uint_eq(a->at.offset, 10);
	ck_assert_str_eq(a->line, "123456789");
	mark_is(&q, 70, 10, 0);
	queue_done(&q, a);
	mark_is(&q, 70, 20, 0);
	b = queue_next(&q);
	ck_assert_uint_eq(b->at.offset, 20);
	queue_done(&q, b);
	ck_assert(queue_is_empty(&q));
	mark_is(&q, 70, 70, 0);
	queue_release(&q);
}
END_TEST

/* With several runs at once: the mark waits for the oldest. */
START_TEST(out_of_order)
{
	struct queue q;
	struct job *a, *b, *c;

	queue_init(&q, 10, 1000, 0);
	ck_assert(offer(&q, 1) && offer(&q, 2) && offer(&q, 3));
	a = queue_next(&q);
	b = queue_next(&q);
	c = queue_next(&q);
	queue_done(&q, c);
	queue_done(&q, b);
	mark_is(&q, 99, 10, 0);
	ck_assert(!queue_is_empty(&q));
	queue_done(&q, a);
	mark_is(&q, 99, 99, 0);
	queue_release(&q);
}
END_TEST

START_TEST(bounded)
{
	struct queue q;
	struct job *job;

	queue_init(&q, 2, 1000, 0);
	ck_assert(offer(&q, 1) && offer(&q, 2) && !offer(&q, 3) && !offer(&q, 4));
	job = queue_next(&q);
	ck_assert_uint_eq(job->missed, 0);
	ck_assert(offer(&q, 5)); /* there is room again: it is told of 3 and 4 */
	queue_done(&q, job);
	job = queue_next(&q);
	ck_assert_uint_eq(job->missed, 0);
	queue_done(&q, job);
	/* Behind 2 and before 5: who begins here meets 3 and 4 again, and so none was missed. */
	mark_is(&q, 60, 30, 0);
	job = queue_next(&q);
	ck_assert_uint_eq(job->at.offset, 50);
	ck_assert_uint_eq(job->missed, 2);
	queue_done(&q, job);
	mark_is(&q, 60, 60, 0);
	queue_release(&q);
}
END_TEST

/* What was missed last is told to the next one, even if that comes after a restart. */
START_TEST(missed_at_the_end)
{
	struct queue q;
	struct job *job;

	queue_init(&q, 1, 1000, 0);
	ck_assert(offer(&q, 1) && !offer(&q, 2) && !offer(&q, 3));
	queue_done(&q, queue_next(&q));
	mark_is(&q, 40, 40, 2);
	queue_release(&q);
	queue_init(&q, 1, 1000, 2);
	mark_is(&q, 40, 40, 2);
	ck_assert(offer(&q, 4));
	mark_is(&q, 50, 40, 2);
	job = queue_next(&q);
	ck_assert_uint_eq(job->missed, 2);
	queue_done(&q, job);
	mark_is(&q, 50, 50, 0);
	queue_release(&q);
}
END_TEST

START_TEST(bounded_in_bytes)
{
	struct queue q;

	queue_init(&q, 100, 20, 0);
	ck_assert(offer(&q, 1) && offer(&q, 2) && !offer(&q, 3));
	queue_done(&q, queue_next(&q));
	ck_assert(offer(&q, 4));
	queue_release(&q);
	queue_init(&q, 100, 5, 0);
	ck_assert(offer(&q, 1)); /* one is always taken */
	ck_assert(!offer(&q, 2));
	queue_release(&q);
}
END_TEST

START_TEST(put_back)
{
	struct queue q;
	struct job *job;

	queue_init(&q, 2, 1000, 0);
	ck_assert(offer(&q, 1) && offer(&q, 2));
	job = queue_next(&q);
	queue_put_back(&q, job);
	ck_assert(!offer(&q, 3));
	ck_assert_ptr_eq(queue_next(&q), job);
	job = queue_next(&q);
	ck_assert_uint_eq(job->at.offset, 20);
	queue_put_back(&q, job);
	ck_assert_ptr_eq(queue_next(&q), job);
	queue_release(&q);
}
END_TEST

START_TEST(positions)
{
	struct position_list list = { NULL, 0 }, got;
	struct err err = ERR_INIT;
	char dir[] = "/tmp/check_event.XXXXXX", *path;
	const struct mark *m;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = xasprintf("%s/events", dir);
	ck_assert_int_eq(position_read(path, &got, &err), 0);
	ck_assert_uint_eq(got.n, 0);
	position_add(&list, "mail", (struct mark){ { 4000000000, 7, UINT64_C(1) << 40 }, 3 });
	position_add(&list, "b", (struct mark){ { 0, 0, 0 }, 0 });
	ck_assert_int_eq(position_write(path, &list, &err), 0);
	ck_assert_int_eq(position_read(path, &got, &err), 0);
	ck_assert_uint_eq(got.n, 2);
	m = position_find(&got, "mail");
	ck_assert(m != NULL && position_compare(&m->pos, &list.v[0].mark.pos) == 0 && m->missed == 3);
	ck_assert_ptr_null(position_find(&got, "a"));
	position_release(&got);
	position_release(&list);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	free(path);
}
END_TEST

START_TEST(no_positions)
{
	static const char *const texts[] = { "x", "mail 1 2 3\n", "mail 1 2 3 4", "mail 1 2 3 4 5\n", "mail a 2 3 4\n",
		"mail 1 2 3 4\n\n", "\n" };
	char dir[] = "/tmp/check_event.XXXXXX", *path;
	struct position_list got;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = xasprintf("%s/events", dir);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;

		ck_assert_int_eq(file_write_atomic(path, texts[i], strlen(texts[i]), 0600, &err), 0);
		ck_assert_msg(position_read(path, &got, &err) == -1, "%s", texts[i]);
		position_release(&got);
	}
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	free(path);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("event");
	TCase *tc = tcase_create("queue"), *files = tcase_create("position");

	tcase_add_test(tc, in_order);
	tcase_add_test(tc, out_of_order);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, missed_at_the_end);
	tcase_add_test(tc, bounded_in_bytes);
	tcase_add_test(tc, put_back);
	suite_add_tcase(suite, tc);
	tcase_add_test(files, positions);
	tcase_add_test(files, no_positions);
	suite_add_tcase(suite, files);
	return unit_run(suite);
}

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "journal/past.h"
#include "unit.h"
#include "wire/agent_msg.h"

static struct past past;

static void
setup(void)
{
	past_init(&past);
}

static void
teardown(void)
{
	past_release(&past);
}

static int
fold(const char *line)
{
	return past_fold(&past, line, strlen(line));
}

static void
fold_all(const char *const *lines)
{
	for (; *lines != NULL; lines++)
		ck_assert_msg(fold(*lines) == 0, "%s", *lines);
}

static struct past_incarnation *
incarnation(uint64_t token)
{
	return map_find(&past.incarnations, token);
}

START_TEST(life_and_death_of_an_incarnation)
{
	static const char *const lines[] = {
		"{\"type\":\"journal\",\"version\":1,\"installation\":\"00112233445566778899aabbccddeeff\",\"epoch\":7,\"segment\":1,\"t\":1}",
		"{\"type\":\"start\",\"t\":2,\"child\":\"s/a\",\"token\":30064771073,\"node\":\"local\",\"start_type\":\"normal\",\"spec\":99,\"job_bytes\":321}",
		"{\"type\":\"started\",\"t\":3,\"child\":\"s/a\",\"token\":30064771073,\"pid\":42}",
		"{\"type\":\"line\",\"t\":4,\"child\":\"s/a\",\"token\":30064771073,\"n\":17,\"text\":\"hello\"}",
		NULL,
	};
	struct past_incarnation *i;

	fold_all(lines);
	ck_assert_str_eq(past.installation, "00112233445566778899aabbccddeeff");
	ck_assert_uint_eq(past.epoch, 7);
	i = incarnation(30064771073);
	ck_assert_ptr_nonnull(i);
	ck_assert_str_eq(i->child, "s/a");
	ck_assert_str_eq(i->node, "local");
	ck_assert_uint_eq(i->pid, 42);
	ck_assert(!i->exited);
	ck_assert_uint_eq(i->spec, 99);
	ck_assert_uint_eq(i->job_bytes, 321);
	ck_assert_uint_eq(i->held[STREAM_OUT], 17);
	ck_assert_uint_eq(past_child(&past, "s/a")->last_token, 30064771073);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"child\":\"s/a\",\"token\":30064771073,\"reason\":\"killed\"}"), 0);
	ck_assert(incarnation(30064771073)->exited);
	/* Exited, but its last words may be on their way: it goes with `done`. */
	ck_assert_int_eq(fold("{\"type\":\"done\",\"child\":\"s/a\",\"token\":30064771073}"), 0);
	ck_assert_ptr_null(incarnation(30064771073));
	ck_assert_uint_eq(past_child(&past, "s/a")->last_token, 30064771073);
}
END_TEST

START_TEST(starts_and_restarts_are_counted_once)
{
	static const char *const lines[] = {
		"{\"type\":\"start\",\"child\":\"a\",\"token\":5,\"node\":\"local\",\"start_type\":\"normal\"}",
		"{\"type\":\"start\",\"child\":\"a\",\"token\":6,\"node\":\"local\",\"start_type\":\"restart\"}",
		"{\"type\":\"start\",\"child\":\"a\",\"token\":6,\"node\":\"local\",\"start_type\":\"restart\"}",
		"{\"type\":\"start_failed\",\"child\":\"a\",\"token\":6,\"reason\":\"{start_error,exec,ENOENT}\"}",
		"{\"type\":\"start\",\"child\":\"a\",\"token\":9,\"node\":\"box2\",\"start_type\":\"failover:local\"}",
		NULL,
	};

	fold_all(lines);
	ck_assert_uint_eq(past_child(&past, "a")->starts, 3);
	ck_assert_uint_eq(past_child(&past, "a")->restarts, 2);
	ck_assert_ptr_null(incarnation(6));
	ck_assert_str_eq(incarnation(9)->node, "box2");
}
END_TEST

START_TEST(a_wish_outlives)
{
	ck_assert_int_eq(fold("{\"type\":\"wish\",\"child\":\"a\",\"stopped\":true,\"by\":0}"), 0);
	ck_assert(past_child(&past, "a")->stopped);
	ck_assert_int_eq(fold("{\"type\":\"wish\",\"child\":\"a\",\"stopped\":\"no\"}"), -1);
	ck_assert(past_child(&past, "a")->stopped);
	ck_assert_int_eq(fold("{\"type\":\"wish\",\"child\":\"a\",\"stopped\":false}"), 0);
	ck_assert(!past_child(&past, "a")->stopped);
}
END_TEST

/* Architecture 6: the newest state per key, by (token, n), goes to the successor. */
START_TEST(newest_state_by_token_and_number)
{
	static const char *const lines[] = {
		"{\"type\":\"state\",\"child\":\"a\",\"token\":8,\"n\":100,\"key\":\"k\",\"data\":{\"type\":\"state\",\"key\":\"k\",\"value\":1}}",
		"{\"type\":\"state\",\"child\":\"a\",\"token\":7,\"n\":900,\"key\":\"k\",\"data\":{\"type\":\"state\",\"key\":\"k\",\"value\":2}}",
		"{\"type\":\"state\",\"child\":\"a\",\"token\":8,\"n\":99,\"key\":\"k\",\"data\":{\"type\":\"state\",\"key\":\"k\",\"value\":3}}",
		"{\"type\":\"state\",\"child\":\"a\",\"token\":8,\"n\":101,\"key\":\"other \\u00e9\",\"data\":[1,2]}",
		NULL,
	};
	struct past_child *c;

	fold_all(lines);
	c = past_child(&past, "a");
	ck_assert_str_eq(strmap_find(&c->states, "k"), "{\"type\":\"state\",\"key\":\"k\",\"value\":1}");
	ck_assert_str_eq(strmap_find(&c->states, "other \xc3\xa9"),
	    "{\"type\":\"state\",\"key\":\"other \xc3\xa9\",\"value\":[1,2]}");
	ck_assert_uint_eq(incarnation(8)->held[STREAM_OUT], 101);
	ck_assert_uint_eq(incarnation(7)->held[STREAM_OUT], 900);
	/* Longer than what is there, then shorter. */
	past_put_state(c, "k", 8, 200, "{\"a much longer line than before\":1234567890123456789}", 53);
	past_put_state(c, "k", 9, 1, "{}", 2);
	past_put_state(c, "k", 8, 999, "{\"old\":1}", 9);
	ck_assert_str_eq(strmap_find(&c->states, "k"), "{}");
	ck_assert_uint_eq(c->states.n, 2);
}
END_TEST

START_TEST(last_good_price)
{
	static const struct {
		const char *status;
		int64_t t, last;
	} rows[] = {
		{ "no_match", 10, 0 },
		{ "ok", 20, 20 },
		{ "unavailable", 30, 30 },
		{ "error", 40, 30 },
		{ "not_modified", 50, 50 },
		{ "ok", 45, 50 },
	};
	char line[256];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(line, sizeof(line),
		    "{\"type\":\"observation\",\"t\":%" PRId64 ",\"child\":\"a\",\"token\":1,\"n\":%zu,\"data\":{\"status\":\"%s\"}}",
		    rows[i].t, i + 1, rows[i].status);
		ck_assert_int_eq(fold(line), 0);
		ck_assert_msg(past_child(&past, "a")->last_good_ms == rows[i].last, "%s", line);
	}
	ck_assert_uint_eq(incarnation(1)->held[STREAM_OUT], 6);
}
END_TEST

/* A node at another place is another node: its lease and its machine are its own. */
START_TEST(places_of_nodes)
{
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":30000,\"ssh\":\"a\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"up\",\"ssh\":\"a\",\"machine_id\":\"m1\"}"), 0);
	ck_assert_str_eq(past_node(&past, "box")->ssh, "a");
	ck_assert_str_eq(past_node(&past, "box")->machine_id, "m1");
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":1000,\"ssh\":\"a\"}"), 0);
	ck_assert_int_eq(past_node(&past, "box")->lease_us, 30000000);
	ck_assert_str_eq(past_node(&past, "box")->machine_id, "m1");
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":2000,\"ssh\":\"b\"}"), 0);
	ck_assert_str_eq(past_node(&past, "box")->ssh, "b");
	ck_assert_int_eq(past_node(&past, "box")->lease_us, 2000000);
	ck_assert_str_eq(past_node(&past, "box")->machine_id, "");
}
END_TEST

/* An exit without a status was not seen by anybody: its agent may know more. */
START_TEST(unseen_exits)
{
	ck_assert_int_eq(fold("{\"type\":\"start\",\"child\":\"a\",\"token\":5,\"node\":\"box\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"child\":\"a\",\"token\":5,\"node\":\"box\",\"reason\":\"noconnection\"}"), 0);
	ck_assert(past_incarnation(&past, 5, "a")->unseen);
	ck_assert_int_eq(fold("{\"type\":\"start\",\"child\":\"a\",\"token\":6,\"node\":\"box\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"child\":\"a\",\"token\":6,\"reason\":\"killed\",\"status\":9}"), 0);
	ck_assert(!past_incarnation(&past, 6, "a")->unseen);
}
END_TEST

START_TEST(leases_and_ordered_end)
{
	ck_assert_int_eq(fold("{\"type\":\"journal\",\"epoch\":3}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":30000}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":1000}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"node\",\"node\":\"box\",\"event\":\"up\"}"), 0);
	ck_assert_int_eq(past_node(&past, "box")->lease_us, 30000000);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"event\":\"begin\",\"pid\":1}"), 0);
	ck_assert(!past.clean);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"event\":\"end\"}"), 0);
	ck_assert(past.clean);
	/* The next segment of the same epoch changes nothing; a new epoch has not ended yet. */
	ck_assert_int_eq(fold("{\"type\":\"journal\",\"epoch\":3,\"segment\":2}"), 0);
	ck_assert(past.clean);
	ck_assert_int_eq(fold("{\"type\":\"journal\",\"epoch\":4}"), 0);
	ck_assert(!past.clean);
}
END_TEST

START_TEST(garbage_is_no_record_and_unknown_types_are)
{
	static const char *const bad[] = { "", "{", "[]", "{}", "{\"type\":1}", "hello",
		"{\"type\":\"start\",\"child\":\"a\",\"token\":\"1\"}", "{\"type\":\"start\",\"child\":7,\"token\":1}",
		"{\"type\":\"line\",\"child\":\"a\",\"token\":1}", "{\"type\":\"line\",\"child\":\"a\",\"token\":-1,\"n\":1}",
		"{\"type\":\"line\",\"child\":\"a\",\"token\":0,\"n\":1}", "{\"type\":\"line\",\"child\":\"\",\"token\":1,\"n\":1}",
		"{\"type\":\"journal\",\"epoch\":99999999999}", "{\"type\":\"started\",\"child\":\"a\",\"token\":1,\"pid\":1.5}",
		"{\"type\":\"state\",\"child\":\"a\",\"token\":1,\"n\":1,\"key\":5,\"data\":{}}",
		"{\"type\":\"mark\",\"child\":\"a\",\"token\":1,\"stream\":7,\"at\":0,\"path\":\"/x\",\"file\":1,\"pos\":0}" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(fold(bad[i]) == -1, "%s", bad[i]);
	ck_assert_int_eq(fold("{\"type\":\"weather\",\"sky\":\"blue\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"line\",\"child\":\"a\",\"token\":18446744073709551615,\"n\":1,\"new\":{}}"), 0);
}
END_TEST

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a snapshot, sorted: maps have no order. */
static char *
sorted_snapshot(const struct past *p)
{
	struct buf b = BUF_INIT(0), out = BUF_INIT(0);
	char *v[64], *line, *state;
	size_t n = 0, i;

	past_encode(p, &b);
	for (line = strtok_r(b.data, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
		v[n++] = line;
	qsort(v, n, sizeof(*v), compare_lines);
	for (i = 0; i < n; i++) {
		buf_xaddstr(&out, v[i]);
		buf_xaddc(&out, '\n');
	}
	buf_release(&b);
	return buf_detach(&out);
}

/* S34: who was told to end has not ended of its own choice, whoever sees it; nor is that forgotten with a segment. */
START_TEST(who_was_told_to_end)
{
	static const char *const lines[] = {
		"{\"type\":\"start\",\"child\":\"a\",\"token\":5,\"node\":\"box\"}",
		"{\"type\":\"start\",\"child\":\"b\",\"token\":6,\"node\":\"box\"}",
		"{\"type\":\"ending\",\"child\":\"a\",\"token\":5}",
		"{\"type\":\"ending\",\"child\":\"z\",\"token\":99}",
		"{\"type\":\"exit\",\"child\":\"b\",\"token\":6,\"reason\":\"noconnection\"}",
		NULL,
	};
	char *snapshot, *line, *state;

	fold_all(lines);
	ck_assert(incarnation(5)->told && !incarnation(6)->told);
	ck_assert(map_find(&past.incarnations, 99) == NULL);
	snapshot = sorted_snapshot(&past);
	past_release(&past);
	past_init(&past);
	for (line = strtok_r(snapshot, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
		ck_assert_int_eq(fold(line), 0);
	ck_assert(incarnation(5)->told && !incarnation(5)->unseen);
	ck_assert(!incarnation(6)->told && incarnation(6)->unseen && incarnation(6)->exited);
	free(snapshot);
	ck_assert_int_eq(fold("{\"type\":\"ending\",\"child\":\"a\"}"), -1);
}
END_TEST

/* S90, S98, S99: what holds between those that live; that of one that has ended is of no meaning. */
START_TEST(ties_of_those_that_live)
{
	static const char *const lines[] = {
		"{\"type\":\"start\",\"child\":\"a\",\"token\":5,\"node\":\"box\",\"control\":true}",
		"{\"type\":\"start\",\"child\":\"b\",\"token\":6,\"node\":\"box\"}",
		"{\"type\":\"link\",\"child\":\"a\",\"token\":5,\"peer\":\"b\",\"peer_token\":6,\"by\":0}",
		"{\"type\":\"link\",\"child\":\"b\",\"token\":6,\"peer\":\"a\",\"peer_token\":5,\"by\":0}",
		"{\"type\":\"monitor\",\"child\":\"a\",\"token\":5,\"peer\":\"b\",\"peer_token\":6,\"ref\":100}",
		"{\"type\":\"monitor\",\"child\":\"a\",\"token\":5,\"peer\":\"b\",\"peer_token\":6,\"ref\":101}",
		"{\"type\":\"demonitor\",\"child\":\"a\",\"token\":5,\"ref\":100}",
		"{\"type\":\"exit_signal\",\"child\":\"b\",\"token\":6,\"reason\":\"{exit,3}\"}",
		"{\"type\":\"tell\",\"child\":\"a\",\"token\":5,\"n\":1,\"line\":\"EXIT c killed\"}",
		"{\"type\":\"tell\",\"child\":\"a\",\"token\":5,\"n\":2,\"line\":\"EXIT d killed\"}",
		"{\"type\":\"tell\",\"child\":\"a\",\"token\":5,\"n\":2,\"line\":\"EXIT d killed\"}",
		"{\"type\":\"tell\",\"child\":\"z\",\"token\":99,\"n\":2,\"line\":\"EXIT d killed\"}",
		NULL,
	};
	const struct past_ties *a, *b;

	fold_all(lines);
	a = &incarnation(5)->ties;
	b = &incarnation(6)->ties;
	ck_assert(incarnation(5)->control && !incarnation(6)->control);
	/* One link a pair, whoever says it last. */
	ck_assert(a->first != NULL && a->first->ref == 101 && a->first->peer == 6 && a->first->next == NULL);
	ck_assert(b->first != NULL && b->first->ref == 0 && b->first->peer == 5 && b->first->next == NULL && !b->first->cut);
	ck_assert_str_eq(b->ended_by, "{exit,3}");
	ck_assert_str_eq(a->tells->line, "EXIT c killed");
	ck_assert(a->tells->next == a->last_tell && a->last_tell->n == 2 && a->last_tell->next == NULL);
	ck_assert_int_eq(fold("{\"type\":\"unlink\",\"child\":\"a\",\"token\":5,\"peer_token\":6}"), 0);
	ck_assert(b->first == NULL && a->first->cut && a->first->peer == 6);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"child\":\"a\",\"token\":5,\"reason\":\"killed\"}"), 0);
	ck_assert(a->first == NULL && a->tells == NULL);
	ck_assert_int_eq(fold("{\"type\":\"tell\",\"child\":\"a\",\"token\":5,\"n\":3,\"line\":\"x\"}"), 0);
	ck_assert_ptr_null(a->tells);
	ck_assert_int_eq(fold("{\"type\":\"link\",\"child\":\"b\",\"token\":6}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"monitor\",\"child\":\"b\",\"token\":6,\"peer_token\":5,\"ref\":0}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"demonitor\",\"child\":\"b\",\"token\":6}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"tell\",\"child\":\"b\",\"token\":6,\"n\":3}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"exit_signal\",\"child\":\"b\",\"token\":6}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"tell\",\"child\":\"b\"}"), -1);
}
END_TEST

#define OBSERVED(t, n, data) \
	"{\"type\":\"observation\",\"t\":" t ",\"child\":\"a\",\"token\":5,\"n\":" n ",\"data\":{" data "}}"

/* A source's newest observation, and how long it has been so; over a snapshot, too (architecture 7). */
START_TEST(sources_of_a_child)
{
	static const char *const lines[] = {
		OBSERVED("1000", "1", "\"source\":\"w\",\"slot\":900,\"status\":\"unavailable\""),
		OBSERVED("2000", "2", "\"source\":\"w\",\"slot\":1900,\"status\":\"not_modified\""),
		OBSERVED("1000", "3", "\"source\":\"q\\\"\\n\",\"status\":\"ok\""),
		OBSERVED("3000", "4", "\"source\":\"q\\\"\\n\",\"status\":\"error\",\"reason\":\"timeout\""),
		OBSERVED("4000", "5", "\"source\":\"q\\\"\\n\",\"status\":\"no_match\",\"reason\":\"no\\nmatch\""),
		OBSERVED("5000", "6", "\"source\":\"n\",\"status\":\"no_match\""),
		/* What is late, or no observation of a source, changes nothing. */
		OBSERVED("999", "7", "\"source\":\"w\",\"status\":\"error\""),
		OBSERVED("5000", "8", "\"source\":7,\"status\":\"ok\""),
		OBSERVED("5000", "9", "\"source\":\"w\""),
		"{\"type\":\"alarm\",\"t\":4500,\"alarm\":\"stale\",\"object\":\"a\",\"text\":\"\",\"count\":1}",
		"{\"type\":\"alarm\",\"t\":9999,\"alarm\":\"hung\",\"object\":\"a\",\"text\":\"\"}",
		NULL,
	};
	const struct past_source *w, *q, *n;
	char *snapshot, *line, *state;
	int round;

	fold_all(lines);
	for (round = 0; round < 2; round++) {
		w = strmap_find(&past_child(&past, "a")->sources, "w");
		ck_assert(w != NULL && w->facts.kind == FRESH_KIND_SOLD_OUT && w->facts.sold_out && w->slot == 1900);
		ck_assert(w->facts.last == 2000 && w->facts.good == 2000 && w->facts.since == 1000);
		ck_assert_str_eq(w->status, "not_modified");
		q = strmap_find(&past_child(&past, "a")->sources, "q\"\n");
		ck_assert(q != NULL && q->facts.kind == FRESH_KIND_BAD && q->slot == FRESH_NEVER);
		ck_assert(q->facts.last == 4000 && q->facts.good == 1000 && q->facts.since == 3000);
		ck_assert_str_eq(q->reason, "no");
		n = strmap_find(&past_child(&past, "a")->sources, "n");
		ck_assert(n != NULL && n->facts.good == FRESH_NEVER && n->facts.known == 5000);
		ck_assert_uint_eq(past_child(&past, "a")->sources.n, 3);
		ck_assert_int_eq(past_child(&past, "a")->told_ms, 4500);
		snapshot = sorted_snapshot(&past);
		past_release(&past);
		past_init(&past);
		for (line = strtok_r(snapshot, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
			ck_assert_msg(fold(line) == 0, "%s", line);
		free(snapshot);
	}
	ck_assert_int_eq(fold("{\"type\":\"snapshot_source\",\"child\":\"a\",\"source\":\"z\",\"last\":\"x\"}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"snapshot_source\",\"child\":\"a\",\"last\":1}"), -1);
	ck_assert_int_eq(fold("{\"type\":\"snapshot_source\",\"source\":\"a\",\"last\":1}"), -1);
}
END_TEST

START_TEST(a_snapshot_folds_to_the_same)
{
	static const char *const lines[] = {
		"{\"type\":\"node\",\"node\":\"box\",\"event\":\"lease\",\"lease_ms\":1500,\"ssh\":\"b:22\"}",
		"{\"type\":\"node\",\"node\":\"box\",\"event\":\"up\",\"machine_id\":\"m\"}",
		"{\"type\":\"wish\",\"child\":\"quoted \\\"a\\\"\",\"stopped\":true}",
		"{\"type\":\"start\",\"child\":\"a\",\"token\":5,\"node\":\"box\",\"start_type\":\"restart\",\"spec\":18446744073709551615,\"job_bytes\":7}",
		"{\"type\":\"started\",\"child\":\"a\",\"token\":5,\"pid\":77}",
		"{\"type\":\"exit\",\"child\":\"b\",\"token\":4}",
		"{\"type\":\"start\",\"child\":\"c\",\"token\":6,\"node\":\"box\",\"control\":true}",
		"{\"type\":\"link\",\"child\":\"a\",\"token\":5,\"peer_token\":6}",
		"{\"type\":\"monitor\",\"child\":\"c\",\"token\":6,\"peer_token\":5,\"ref\":18446744073709551615}",
		"{\"type\":\"unlink\",\"child\":\"c\",\"token\":6,\"peer_token\":77}",
		"{\"type\":\"exit_signal\",\"child\":\"c\",\"token\":6,\"reason\":\"noproc\"}",
		"{\"type\":\"tell\",\"child\":\"c\",\"token\":6,\"n\":9,\"line\":\"EXIT \\\"q\\\" killed\"}",
		"{\"type\":\"state\",\"child\":\"a\",\"token\":5,\"n\":10,\"key\":\"x\\ny\",\"data\":{\"type\":\"state\",\"key\":\"x\\ny\",\"value\":null}}",
		"{\"type\":\"observation\",\"t\":123456,\"child\":\"a\",\"token\":5,\"n\":20,\"data\":{\"status\":\"ok\"}}",
		NULL,
	};
	struct buf b = BUF_INIT(0);
	char *first, *second, *line, *state;
	struct past again;

	fold_all(lines);
	past_hold(&past, 5, STREAM_ERR, 4321);
	first = sorted_snapshot(&past);
	past_encode(&past, &b);
	past_init(&again);
	for (line = strtok_r(b.data, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
		ck_assert_msg(past_fold(&again, line, strlen(line)) == 0, "%s", line);
	second = sorted_snapshot(&again);
	ck_assert_str_eq(first, second);
	ck_assert_ptr_nonnull(strstr(first, "\"snap\":true"));
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&again.incarnations, 5))->held[STREAM_ERR], 4321);
	ck_assert(((struct past_incarnation *)map_find(&again.incarnations, 4))->unseen);
	ck_assert_str_eq(past_node(&again, "box")->ssh, "b:22");
	ck_assert_str_eq(past_node(&again, "box")->machine_id, "m");
	free(first);
	free(second);
	buf_release(&b);
	past_release(&again);
}
END_TEST

static char *
make_file(size_t size)
{
	char *path = xstrdup("/tmp/check_journal_past.XXXXXX");
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	close(fd);
	return path;
}

static uint64_t
inode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (uint64_t)st.st_ino;
}

static void
fold_mark(const char *path, uint64_t file, uint64_t token, uint64_t at, uint64_t pos, int64_t size, int64_t was)
{
	char line[512], more[64] = "", last[64] = "";

	if (size >= 0)
		snprintf(more, sizeof(more), ",\"size\":%" PRId64, size);
	if (was >= 0)
		snprintf(last, sizeof(last), ",\"was\":%" PRId64, was);
	snprintf(line, sizeof(line),
	    "{\"type\":\"mark\",\"child\":\"a\",\"token\":%" PRIu64 ",\"stream\":1,\"at\":%" PRIu64
	    ",\"path\":\"%s\",\"file\":%" PRIu64 ",\"pos\":%" PRIu64 "%s%s}",
	    token, at, path, file, pos, more, last);
	ck_assert_msg(fold(line) == 0, "%s", line);
}

static uint64_t
held(uint64_t token)
{
	struct past_incarnation *i = incarnation(token);

	return i == NULL ? 0 : i->held[STREAM_OUT];
}

/* Plans: token 1 from 0 at 0, token 2 from 0 at 100, token 1 from 100 at 150. */
static const struct {
	size_t size;
	uint64_t one, two;
} lengths[] = { { 0, 0, 0 }, { 50, 50, 0 }, { 100, 100, 0 }, { 120, 100, 20 }, { 150, 100, 50 }, { 175, 125, 50 } };

START_TEST(the_length_of_a_log_bears_out_its_marks)
{
	char *path = make_file(lengths[_i].size);
	uint64_t file = inode_of(path);

	fold_mark(path, file, 1, 0, 0, 0, -1);
	fold_mark(path, file, 2, 0, 100, 0, -1);
	fold_mark(path, file, 1, 100, 150, 0, -1);
	past_resolve_logs(&past);
	ck_assert_msg(held(1) == lengths[_i].one && held(2) == lengths[_i].two, "%zu bytes: %" PRIu64 " %" PRIu64,
	    lengths[_i].size, held(1), held(2));
	ck_assert_uint_eq(past.logs.n, 0);
	unlink(path);
	free(path);
}
END_TEST

START_TEST(marks_of_a_rotated_log)
{
	char *path = make_file(30);

	/* 200 bytes of 1 and 50 of 2 in a file that has gone; the new one goes on with 2 at 50. */
	fold_mark(path, 1, 1, 0, 0, 0, -1);
	fold_mark(path, 1, 2, 0, 200, 200, -1);
	fold_mark(path, inode_of(path), 2, 50, 0, 0, 250);
	past_resolve_logs(&past);
	ck_assert_uint_eq(held(1), 200);
	ck_assert_uint_eq(held(2), 80);
	unlink(path);
	free(path);
}
END_TEST

START_TEST(a_rotation_cut_short_is_finished)
{
	char *path = make_file(0), *new = xasprintf("%s.new", path), *old = xasprintf("%s.1", path);
	uint64_t file = inode_of(path);

	/* As a crash between the last two renames leaves it. */
	ck_assert_int_eq(rename(path, new), 0);
	fold_mark(path, 1, 1, 0, 0, 0, -1);
	fold_mark(path, file, 1, 500, 0, 0, 500);
	past_resolve_logs(&past);
	ck_assert_uint_eq(held(1), 500);
	ck_assert_uint_eq(inode_of(path), file);
	ck_assert_int_eq(access(new, F_OK), -1);
	unlink(path);
	free(path);
	free(new);
	free(old);
}
END_TEST

START_TEST(a_log_that_was_cut_claims_nothing)
{
	char *path = make_file(10);
	uint64_t file = inode_of(path);

	/* 100 bytes were there, somebody emptied the file, then 10 more came. */
	fold_mark(path, file, 1, 0, 0, 0, -1);
	fold_mark(path, file, 1, 100, 0, 0, 100);
	past_resolve_logs(&past);
	ck_assert_uint_eq(held(1), 110);
	/* Emptied without our seeing it: what was there counts, no more. */
	past_release(&past);
	fold_mark(path, file, 1, 0, 0, 0, -1);
	fold_mark(path, file, 2, 7, 1000, 1000, -1);
	past_resolve_logs(&past);
	ck_assert_uint_eq(held(1), 1000);
	ck_assert_uint_eq(held(2), 7);
	unlink(path);
	free(path);
}
END_TEST

/* A plan that found no room and was made again, with another first piece. */
START_TEST(plans_made_again)
{
	char *path = make_file(60);
	uint64_t file = inode_of(path);

	fold_mark(path, file, 1, 0, 0, 0, -1);
	fold_mark(path, file, 2, 0, 50, 0, -1);
	fold_mark(path, file, 3, 0, 70, 0, -1);
	fold_mark(path, file, 2, 0, 50, 20, -1);
	past_resolve_logs(&past);
	ck_assert_uint_eq(held(1), 50);
	ck_assert_uint_eq(held(2), 10);
	ck_assert_uint_eq(held(3), 0);
	unlink(path);
	free(path);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("past");
	TCase *t = tcase_create("fold"), *m = tcase_create("marks");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, life_and_death_of_an_incarnation);
	tcase_add_test(t, starts_and_restarts_are_counted_once);
	tcase_add_test(t, a_wish_outlives);
	tcase_add_test(t, newest_state_by_token_and_number);
	tcase_add_test(t, last_good_price);
	tcase_add_test(t, leases_and_ordered_end);
	tcase_add_test(t, places_of_nodes);
	tcase_add_test(t, unseen_exits);
	tcase_add_test(t, garbage_is_no_record_and_unknown_types_are);
	tcase_add_test(t, who_was_told_to_end);
	tcase_add_test(t, ties_of_those_that_live);
	tcase_add_test(t, sources_of_a_child);
	tcase_add_test(t, a_snapshot_folds_to_the_same);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(m, setup, teardown);
	tcase_add_loop_test(m, the_length_of_a_log_bears_out_its_marks, 0, (int)ARRAY_LEN(lengths));
	tcase_add_test(m, marks_of_a_rotated_log);
	tcase_add_test(m, a_rotation_cut_short_is_finished);
	tcase_add_test(m, a_log_that_was_cut_claims_nothing);
	tcase_add_test(m, plans_made_again);
	suite_add_tcase(s, m);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

/* Tables over src/base: time, units, words, JSON lines, maps. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/ring.h"
#include "base/strvec.h"
#include "base/units.h"
#include "unit.h"

static const struct {
	const char *text;
	int result;
	int64_t us;
} durations[] = {
	{ "0", 0, 0 },
	{ "5m", 0, 300000000 },
	{ "1h30m", 0, INT64_C(5400000000) },
	{ "1.5s", 0, 1500000 },
	{ "200ms", 0, 200000 },
	{ "7us", 0, 7 },
	{ "2w", 0, INT64_C(1209600000000) },
	{ "", -1, 0 },
	{ "5", -1, 0 },
	{ "5 m", -1, 0 },
	{ "m", -1, 0 },
	{ "1.s", -1, 0 },
	{ "-1s", -1, 0 },
	{ "1.5us", -1, 0 },
	{ "99999999999999999999s", -1, 0 },
	{ "9999999999999w", -1, 0 },
	{ "1y", -1, 0 },
};

START_TEST(duration_table)
{
	char text[DURATION_TEXT_SIZE];
	int64_t us = -1, again = -2;

	ck_assert_msg(duration_parse(durations[_i].text, &us) == durations[_i].result, "'%s'", durations[_i].text);
	if (durations[_i].result == -1)
		return;
	ck_assert_int_eq(us, durations[_i].us);
	ck_assert_int_eq(duration_parse(duration_text(us, text), &again), 0);
	ck_assert_int_eq(again, us);
}
END_TEST

static const struct {
	int64_t us;
	const char *text;
} humans[] = {
	{ -1, "0s" },
	{ 0, "0s" },
	{ 85, "85us" },
	{ 999, "999us" },
	{ 1000, "1ms" },
	{ 840999, "840ms" },
	{ INT64_C(312000000), "5m12s" },
	{ INT64_C(273600000000), "3d4h" },
};

START_TEST(duration_for_people)
{
	char text[DURATION_TEXT_SIZE];

	ck_assert_str_eq(duration_human(humans[_i].us, text), humans[_i].text);
}
END_TEST

static const struct {
	const char *text;
	int result;
	uint64_t bytes;
	const char *canonical;
} sizes[] = {
	{ "0", 0, 0, "0" },
	{ "512", 0, 512, "512" },
	{ "8M", 0, 8388608, "8M" },
	{ "1024K", 0, 1048576, "1M" },
	{ "1GiB", 0, 1073741824, "1G" },
	{ "1000", 0, 1000, "1000" },
	{ "M", -1, 0, "" },
	{ "1X", -1, 0, "" },
	{ "99999999999T", -1, 0, "" },
};

START_TEST(size_table)
{
	char text[SIZE_TEXT_SIZE];
	uint64_t bytes = 1;

	ck_assert_msg(size_parse(sizes[_i].text, &bytes) == sizes[_i].result, "'%s'", sizes[_i].text);
	if (sizes[_i].result == -1)
		return;
	ck_assert_uint_eq(bytes, sizes[_i].bytes);
	ck_assert_str_eq(size_text(bytes, text), sizes[_i].canonical);
}
END_TEST

START_TEST(wall_clock_text_and_back)
{
	char text[WALL_TEXT_SIZE];
	int64_t ms;

	ck_assert_str_eq(wall_text(INT64_C(1732278000123), text), "2024-11-22T12:20:00.123Z");
	ck_assert_int_eq(wall_parse(text, &ms), 0);
	ck_assert_int_eq(ms, INT64_C(1732278000123));
	ck_assert_int_eq(wall_parse("2024-11-22T13:20:00+01:00", &ms), 0);
	ck_assert_int_eq(ms, INT64_C(1732278000000));
	ck_assert_int_eq(wall_parse("2024-11-22", &ms), 0);
	ck_assert_int_eq(wall_parse("yesterday", &ms), -1);
	ck_assert_int_eq(wall_parse("2024-11-22T13:20:00Zx", &ms), -1);
}
END_TEST

static const struct {
	const char *command;
	int result;
	const char *words[5];
} commands[] = {
	{ "a b  c", 0, { "a", "b", "c" } },
	{ "", 0, { NULL } },
	{ "sh -c 'exit 3'", 0, { "sh", "-c", "exit 3" } },
	{ "a\"b c\"'d e'", 0, { "ab cd e" } },
	{ "a\\ b \"\\\"\"", 0, { "a b", "\"" } },
	{ "''", 0, { "" } },
	{ "a 'b", -1, { NULL } },
};

START_TEST(command_words)
{
	struct strvec sv = STRVEC_INIT;
	size_t i;

	ck_assert_int_eq(strvec_split(&sv, commands[_i].command), commands[_i].result);
	for (i = 0; commands[_i].result == 0 && commands[_i].words[i] != NULL; i++)
		ck_assert_str_eq(sv.v[i], commands[_i].words[i]);
	if (commands[_i].result == 0)
		ck_assert_uint_eq(sv.n, i);
	strvec_release(&sv);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
} json_texts[] = {
	{ "{}", true },
	{ "[]", true },
	{ " {\"a\" : [1, -2.5e+3, true, false, null, \"x\\u00e9\\n\"], \"b\":{}} ", true },
	{ "[[],{},[[]]]", true },
	{ "\"\xc3\xa9\"", true },
	{ "0", true },
	{ "", false },
	{ "{", false },
	{ "[1,]", false },
	{ "{\"a\":1,}", false },
	{ "{\"a\"}", false },
	{ "{a:1}", false },
	{ "[01]", false },
	{ "[1.]", false },
	{ "[-]", false },
	{ "[1e]", false },
	{ "\"\\x\"", false },
	{ "\"\\u12g4\"", false },
	{ "\"\xc3\"", false },
	{ "\"\xed\xa0\x80\"", false },
	{ "\"a\nb\"", false },
	{ "[1 2]", false },
	{ "{} {}", false },
	{ "[}", false },
	{ "{]", false },
	{ "tru", false },
	{ "nul", false },
};

START_TEST(json_validity)
{
	ck_assert_msg(json_valid(json_texts[_i].text, strlen(json_texts[_i].text)) == json_texts[_i].valid, "%s",
	    json_texts[_i].text);
}
END_TEST

START_TEST(json_depth_is_bounded)
{
	char deep[2 * (JSON_SCAN_DEPTH + 1)];

	memset(deep, '[', JSON_SCAN_DEPTH + 1);
	memset(deep + JSON_SCAN_DEPTH + 1, ']', JSON_SCAN_DEPTH + 1);
	ck_assert(!json_valid(deep, sizeof(deep)));
	ck_assert(json_valid(deep + 1, sizeof(deep) - 2));
}
END_TEST

START_TEST(json_members)
{
	static const char text[] = "{\"deep\":{\"type\":\"no\"},\"type\":\"obs\\u00e9\\\"\",\"n\":42,\"neg\":-7,\"arr\":[1,{}],"
				   "\"f\":1.5,\"n\":43,\"obj\":{\"a\":[]}}";
	struct json_field f[] = { { "type", 0, NULL, 0 }, { "n", 0, NULL, 0 }, { "neg", 0, NULL, 0 },
		{ "arr", 0, NULL, 0 }, { "f", 0, NULL, 0 }, { "none", 0, NULL, 0 }, { "obj", 0, NULL, 0 } };
	uint64_t u;
	int64_t i;
	char *s;

	ck_assert_int_eq(json_scan(text, sizeof(text) - 1, f, 7), 0);
	s = json_field_strdup(&f[0]);
	ck_assert_str_eq(s, "obs\xc3\xa9\"");
	free(s);
	ck_assert_int_eq(json_field_uint(&f[1], &u), 0);
	ck_assert_uint_eq(u, 43);
	ck_assert_int_eq(json_field_int(&f[2], &i), 0);
	ck_assert_int_eq(i, -7);
	ck_assert_int_eq(json_field_uint(&f[2], &u), -1);
	ck_assert_int_eq(f[3].kind, JSON_ARRAY);
	ck_assert_int_eq((int)f[3].len, 6);
	ck_assert_int_eq(json_field_int(&f[4], &i), -1);
	ck_assert_int_eq(f[5].kind, JSON_ABSENT);
	ck_assert_int_eq(strncmp(f[6].p, "{\"a\":[]}", f[6].len), 0);
	ck_assert_int_eq(json_scan("[]", 2, f, 7), -1);
}
END_TEST

START_TEST(json_writing)
{
	struct buf b = BUF_INIT(0);

	buf_xaddc(&b, '{');
	json_put_str(&b, "s", "a\"\\\n\x01\xff\xc3\xa9");
	json_put_int(&b, "i", INT64_MIN);
	json_put_uint(&b, "u", UINT64_MAX);
	json_put_bool(&b, "b", true);
	json_put_str(&b, "z", NULL);
	buf_xaddc(&b, '}');
	ck_assert_str_eq(b.data, "{\"s\":\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\",\"i\":-9223372036854775808,"
				 "\"u\":18446744073709551615,\"b\":true,\"z\":null}");
	ck_assert(json_valid(b.data, b.len));
	buf_release(&b);
}
END_TEST

START_TEST(map_against_arithmetic)
{
	struct map m = MAP_INIT;
	static char values[3000];
	size_t round, i, seen = 0, at = 0;
	uint64_t key;
	void *value;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3000; i++)
			ck_assert_ptr_eq(map_put(&m, i << 32, &values[i]), round == 0 || i % 3 == 0 ? NULL : &values[i]);
		for (i = 0; i < 3000; i += 3)
			ck_assert_ptr_eq(map_remove(&m, i << 32), &values[i]);
	}
	for (i = 0; i < 3000; i++)
		ck_assert_ptr_eq(map_find(&m, i << 32), i % 3 == 0 ? NULL : &values[i]);
	while (map_next(&m, &at, &key, &value))
		seen++;
	ck_assert_uint_eq(seen, 2000);
	ck_assert_uint_eq(m.n, 2000);
	map_release(&m);
}
END_TEST

START_TEST(map_reserve_lasts)
{
	struct map m = MAP_INIT;
	struct map_slot *slots;
	static char value;
	uint64_t i;

	map_reserve(&m, 100);
	slots = m.slots;
	for (i = 0; i < 100; i++)
		map_put(&m, i, &value);
	ck_assert_ptr_eq(m.slots, slots);
	map_release(&m);
}
END_TEST

START_TEST(strmap_finds_slices)
{
	struct strmap m = STRMAP_INIT;
	static char a, b;

	ck_assert_ptr_null(strmap_put(&m, "suppliers/ebuyer", &a));
	ck_assert_ptr_null(strmap_put(&m, "suppliers", &b));
	ck_assert_ptr_eq(strmap_findn(&m, "suppliers/ebuyer", 9), &b);
	ck_assert_ptr_eq(strmap_find(&m, "suppliers/ebuyer"), &a);
	ck_assert_ptr_null(strmap_find(&m, "supplier"));
	ck_assert_ptr_eq(strmap_remove(&m, "suppliers"), &b);
	ck_assert_ptr_null(strmap_find(&m, "suppliers"));
	strmap_release(&m);
}
END_TEST

START_TEST(errors_read_from_the_outside_in)
{
	struct err err = ERR_INIT;

	ck_assert_int_eq(err_set(&err, 5, "ssh: %s", "Host key verification failed"), -1);
	err_wrap(&err, "node %s", "box2");
	ck_assert_str_eq(err.msg, "node box2: ssh: Host key verification failed");
	ck_assert_int_eq(err.code, 5);
	ck_assert_int_eq(err_set(NULL, 1, "x"), -1);
}
END_TEST

START_TEST(buffer_keeps_its_maximum)
{
	struct buf b = BUF_INIT(10);

	ck_assert_int_eq(buf_add(&b, "12345678", 8), 0);
	ck_assert_int_eq(buf_add(&b, "abc", 3), -1);
	ck_assert_str_eq(b.data, "12345678");
	ck_assert_int_eq(buf_add(&b, "ab", 2), 0);
	buf_drop(&b, 8);
	ck_assert_str_eq(b.data, "ab");
	buf_release(&b);
}
END_TEST

/* It grows while its middle is where memory ends, and positions stay what they were. */
START_TEST(ring_keeps_positions)
{
	struct ring r = { .cap = 0 };
	uint64_t pushed = 0, mark = 0;

	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < 1 + round % 7; i++)
			*(uint64_t *)ring_push(&r, sizeof(uint64_t)) = pushed++;
		if (round % 3 == 0)
			mark = r.tail - 1;
		ck_assert_uint_eq(*(uint64_t *)ring_at(&r, sizeof(uint64_t), mark), mark);
		for (unsigned i = 0; i < round % 4 && r.head < mark; i++, r.head++)
			ck_assert_uint_eq(*(uint64_t *)ring_at(&r, sizeof(uint64_t), r.head), r.head);
	}
	ck_assert_uint_eq(r.tail, pushed);
	ck_assert_uint_gt(r.cap, 64);
	for (; r.head < r.tail; r.head++)
		ck_assert_uint_eq(*(uint64_t *)ring_at(&r, sizeof(uint64_t), r.head), r.head);
	ring_release(&r);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_loop_test(tc, duration_table, 0, (int)ARRAY_LEN(durations));
	tcase_add_loop_test(tc, duration_for_people, 0, (int)ARRAY_LEN(humans));
	tcase_add_loop_test(tc, size_table, 0, (int)ARRAY_LEN(sizes));
	tcase_add_test(tc, wall_clock_text_and_back);
	tcase_add_loop_test(tc, command_words, 0, (int)ARRAY_LEN(commands));
	tcase_add_loop_test(tc, json_validity, 0, (int)ARRAY_LEN(json_texts));
	tcase_add_test(tc, json_depth_is_bounded);
	tcase_add_test(tc, json_members);
	tcase_add_test(tc, json_writing);
	tcase_add_test(tc, map_against_arithmetic);
	tcase_add_test(tc, map_reserve_lasts);
	tcase_add_test(tc, strmap_finds_slices);
	tcase_add_test(tc, errors_read_from_the_outside_in);
	tcase_add_test(tc, buffer_keeps_its_maximum);
	tcase_add_test(tc, ring_keeps_positions);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

/*
 * Where a child is to run (S111, S116, architecture 7), and when a node is sick:
 * the pure functions, as tables.
 *
 * A list is as in core_script.h: "0/1+2". The nodes are told as "LOAD[flags]", in
 * order: d (down, full or forbidden), s (sick), yN (up since N seconds ago; without it
 * since for ever).
 */
#include <stdlib.h>
#include <string.h>

#include "core/placement.h"
#include "unit.h"

#define NODES_MAX 8
#define NOW ((mono_t){ 1000 * US_PER_S })

static struct node_pref prefs[NODES_MAX];
static struct place_node nodes[NODES_MAX];

static struct place_node
look(const void *arg, uint32_t node)
{
	return ((const struct place_node *)arg)[node];
}

static struct place_query
query(const char *list, const char *text)
{
	struct place_query q = { prefs, 0, look, nodes };
	uint32_t rank = 0, i = 0;
	char *end;

	for (; *list != '\0'; list = *end == '\0' ? end : end + 1) {
		prefs[q.n++] = (struct node_pref){ (uint32_t)strtoul(list, &end, 10), rank };
		rank += *end == '/';
	}
	for (; *text != '\0'; i++) {
		nodes[i] = (struct place_node){ .usable = true, .load = (uint32_t)strtoul(text, &end, 10) };
		for (text = end; *text != ' ' && *text != '\0'; text++) {
			nodes[i].usable = nodes[i].usable && *text != 'd';
			nodes[i].sick = nodes[i].sick || *text == 's';
			if (*text == 'y') {
				nodes[i].up_since = mono_add_us(NOW, -strtol(text + 1, &end, 10) * US_PER_S);
				text = end - 1;
			}
		}
		text += strspn(text, " ");
	}
	return q;
}

#define NONE (-1)

static const struct first_row {
	const char *sentence, *list, *nodes;
	int node;
} first_rows[] = {
	{ "S111: the first", "0/1/2", "0 0 0", 0 },
	{ "S111: the first that is up", "0/1/2", "0d 0 0", 1 },
	{ "S111: whatever it has to do", "0/1/2", "9 0 0", 0 },
	{ "S111: among equals the fewest children", "0+1+2", "3 1 2", 1 },
	{ "S111: then list order", "2+1+0", "3 1 1", 2 },
	{ "S111: a rank that is down is passed over", "0+1/2", "0d 0d 7", 2 },
	{ "S115: none", "0/1", "0d 0d", NONE },
	{ "S115: an empty list has none", "", "0", NONE },
	{ "7: a sick node only after all others", "0/1/2", "0s 5 0", 1 },
	{ "7: among equals, too", "0+1", "0s 5", 1 },
	{ "7: but before none", "0/1/2", "0d 0s 0s", 1 },
};

START_TEST(first)
{
	const struct first_row *row = &first_rows[_i];
	struct place_query q = query(row->list, row->nodes);
	uint32_t expected = row->node == NONE ? PLACE_NONE : (uint32_t)row->node;

	ck_assert_msg(place_first(&q) == expected, "%s: %u", row->sentence, place_first(&q));
}
END_TEST

static const struct after_row {
	const char *sentence, *list, *nodes;
	uint32_t from;
	int node;
} after_rows[] = {
	{ "7: the next one", "0/1/2", "0 0 0", 0, 1 },
	{ "7: and the next one", "0/1/2", "0 0 0", 1, 2 },
	{ "7: and round", "0/1/2", "0 0 0", 2, 0 },
	{ "7: that is up", "0/1/2", "0 0d 0", 0, 2 },
	{ "7: an equal behind it first", "0+1+2/3", "0 5 1 0", 0, 2 },
	{ "7: behind the last equal comes the next rank", "0+1/2", "0 0 9", 1, 2 },
	{ "7: of which the one with the fewest children", "0/1+2", "0 3 2", 0, 2 },
	{ "7: at the end the equals that stand before it", "0+1", "0 0", 1, 0 },
	{ "7: with no other it stays", "0/1", "0 0d", 0, 0 },
	{ "7: unless that is gone, too", "0/1", "0d 0d", 0, NONE },
	{ "7: a sick one is no reason to leave a sound one", "0/1", "0 0s", 0, 0 },
	{ "7: nor better than a sound one further on", "0/1/2", "0 0s 0", 0, 2 },
	{ "7: all are sick: the next", "0/1/2", "0s 0s 0s", 1, 2 },
	{ "7: all others are down, and it is sick: it stays", "0/1", "0s 0d", 0, 0 },
	{ "7: a node that is not in the list: the first", "1/2", "0 0 0", 0, 1 },
};

START_TEST(after)
{
	const struct after_row *row = &after_rows[_i];
	struct place_query q = query(row->list, row->nodes);
	uint32_t expected = row->node == NONE ? PLACE_NONE : (uint32_t)row->node;

	ck_assert_msg(place_after(&q, row->from) == expected, "%s: %u", row->sentence, place_after(&q, row->from));
}
END_TEST

static const struct better_row {
	const char *sentence, *list, *nodes;
	uint32_t from;
	int node;
	int due; /* in so many seconds; -1: never */
} better_rows[] = {
	{ "S116: of strictly better rank", "0/1", "0 0", 1, 0, -1 },
	{ "S116: of two that are better, the best", "0/1/2", "7 0 0", 2, 0, -1 },
	{ "S116: not between equals", "0+1", "0 9", 1, NONE, -1 },
	{ "S116: not to a worse one", "0/1", "0 0", 0, NONE, -1 },
	{ "S116: not to one that is down", "0/1", "0d 0", 1, NONE, -1 },
	{ "S116: nor to a sick one", "0/1", "0s 0", 1, NONE, -1 },
	{ "S116: up for failover_timeout", "0/1", "0y10 0", 1, 0, -1 },
	{ "S116: not before", "0/1", "0y9 0", 1, NONE, 1 },
	{ "S116: the best that is ready, and the other in time", "0/1/2", "0y4 0y30 0", 2, 1, 6 },
	{ "S116: the first to be ready is what is waited for", "0/1/2", "0y4 0y7 0", 2, NONE, 3 },
	{ "S116: among equals the fewest children", "0+1/2", "3 2 0", 2, 1, -1 },
	{ "S116: from a node that is not in the list to any", "1/2", "0 0y3 0", 0, 2, 7 },
};

START_TEST(better)
{
	const struct better_row *row = &better_rows[_i];
	struct place_query q = query(row->list, row->nodes);
	uint32_t expected = row->node == NONE ? PLACE_NONE : (uint32_t)row->node, node;
	mono_t due;

	node = place_better(&q, row->from, 10 * US_PER_S, NOW, &due);
	ck_assert_msg(node == expected, "%s: %u", row->sentence, node);
	if (row->due == -1)
		ck_assert_msg(mono_is_never(due), "%s: due", row->sentence);
	else
		ck_assert_msg(mono_diff_us(due, NOW) == row->due * US_PER_S, "%s: due in %jd us", row->sentence,
		    (intmax_t)mono_diff_us(due, NOW));
}
END_TEST

/* "CULPRIT@SECOND ..."; "!" behind one: now it is sick. "lived": a child has lived long there. */
static const struct sick_row {
	const char *sentence, *lines;
} sick_rows[] = {
	{ "7: three children, one after the other", "1@0 2@1 3@2!" },
	{ "7: two that take turns", "1@0 2@1 1@2!" },
	{ "7: not one alone", "1@0 1@1 1@2 1@3 1@4 1@5" },
	{ "7: not further apart than five minutes", "1@0 2@300 3@601 1@602 2@603!" },
	{ "7: not if one has lived long in between", "1@0 2@1 lived 3@2 1@3 2@4!" },
	{ "7: it is over after a minute, the next time lasts two", "1@0 2@1 3@2! ok@62 1@63 2@64 3@65! sick@184 ok@185" },
	{ "7: while it is sick nothing is added", "1@0 2@1 3@2! 1@3 2@4 3@5 sick@61 ok@62 4@63 5@64 6@65!" },
	{ "7: up to an hour", "1@0 2@0 3@0! 1@100 2@100 3@100! 1@300 2@300 3@300! 1@700 2@700 3@700! 1@1300 2@1300 3@1300! "
	    "1@2400 2@2400 3@2400! 1@4400 2@4400 3@4400! sick@7999 ok@8000 "
	    "1@8001 2@8001 3@8001! sick@11600 ok@11601" },
	{ "7: after an hour in health it begins anew", "1@0 2@0 3@0! 1@100 2@100 3@100! 1@3821 2@3821 3@3821! sick@3880 ok@3881" },
};

START_TEST(sick)
{
	const struct sick_row *row = &sick_rows[_i];
	struct sickness s = { .until = MONO_ZERO };
	char text[256], *word, *state, *at;

	ck_assert_uint_lt(strlen(row->lines), sizeof(text));
	memcpy(text, row->lines, strlen(row->lines) + 1);
	for (word = strtok_r(text, " ", &state); word != NULL; word = strtok_r(NULL, " ", &state)) {
		mono_t now;
		bool is;

		if (strcmp(word, "lived") == 0) {
			sickness_lived(&s);
			continue;
		}
		at = strchr(word, '@');
		now = (mono_t){ strtoll(at + 1, NULL, 10) * US_PER_S };
		if (word[0] == 'o' || word[0] == 's') {
			ck_assert_msg(sickness_is_on(&s, now) == (word[0] == 's'), "%s: %s", row->sentence, word);
			continue;
		}
		is = sickness_spent(&s, strtoull(word, NULL, 10), now);
		ck_assert_msg(is == (word[strlen(word) - 1] == '!'), "%s: %s", row->sentence, word);
	}
}
END_TEST

static Suite *
placement_suite(void)
{
	Suite *s = suite_create("placement");
	TCase *tc = tcase_create("placement");

	tcase_add_loop_test(tc, first, 0, sizeof(first_rows) / sizeof(*first_rows));
	tcase_add_loop_test(tc, after, 0, sizeof(after_rows) / sizeof(*after_rows));
	tcase_add_loop_test(tc, better, 0, sizeof(better_rows) / sizeof(*better_rows));
	tcase_add_loop_test(tc, sick, 0, sizeof(sick_rows) / sizeof(*sick_rows));
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(placement_suite());
}

/*
 * The lease (S106, S110 as architecture 5 changes them), both ends, as tables: a
 * sentence, and what happens. Times are in milliseconds.
 *
 * Holder: "START HOLD" is its start and hold; then lines of
 *
 *	attach T L   ping T   pong T K L   detach T   go T
 *
 * and what is to be true behind "->": grants|nothing (of a pong), may|may_not
 * (start), over|not_over (is everything to be killed now?), until=T, due=T|never.
 *
 * Grantor: "START L LARGEST"; then
 *
 *	answer R   set T L   proof   go T
 *
 * and L=N (what the pong says), holds|free, largest=N.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "core/lease.h"
#include "unit.h"

#define MS(n) ((mono_t){ (n) * US_PER_MS })

struct row {
	const char *sentence;
	const char *lines;
};

struct scene {
	const struct row *row;
	const char *line;
	struct lease_holder holder;
	struct lease_grantor grantor;
	mono_t now;
	bool granted;
	int64_t answered_ms;
	bool is_grantor;
};

static const struct row holder_rows[] = {
	{ "5: no start before the first grant, though the deadline of the own start has not come",
	  "1000 500\n"
	  "go 1000 -> may_not not_over until=1500 due=never\n"
	  "attach 1100 300 -> due=1100 may_not\n"
	  "ping 1100 -> may_not until=1500" },
	{ "5: an agent that was never granted anything has the deadline of its own start, and acts at it once",
	  "1000 500\n"
	  "go 1499 -> not_over\n"
	  "go 1500 -> over\n"
	  "go 1501 -> not_over may_not" },
	{ "5: an answer grants until the time of its ping + L, not until its own time + L",
	  "0 9000\n"
	  "attach 100 300\n"
	  "ping 100\n"
	  "pong 350 1 300 -> grants until=400 may\n"
	  "go 399 -> may not_over\n"
	  "go 400 -> may_not over" },
	{ "5: the first grant replaces the deadline of the own start, be it later or sooner",
	  "0 200\n"
	  "attach 100 1000\n"
	  "ping 100\n"
	  "pong 150 1 1000 -> grants until=1100\n"
	  "go 200 -> may not_over" },
	{ "S106: pings go out every L/3",
	  "0 9000\n"
	  "attach 100 300 -> due=100\n"
	  "ping 100 -> due=200\n"
	  "ping 205 -> due=305" },
	{ "5: an answer grants once; repeated it grants nothing",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "pong 10 1 300 -> grants until=300\n"
	  "pong 20 1 9999 -> nothing until=300" },
	{ "5: an answer to a ping that was never sent grants nothing",
	  "0 900\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "pong 10 2 300 -> nothing\n"
	  "pong 10 0 300 -> nothing\n"
	  "pong 10 17 300 -> nothing may_not until=900" },
	{ "5: an answer to a ping that is no longer remembered grants nothing",
	  "0 900\n"
	  "attach 0 300\n"
	  "ping 1\n" "ping 2\n" "ping 3\n" "ping 4\n" "ping 5\n" "ping 6\n" "ping 7\n" "ping 8\n" "ping 9\n"
	  "ping 10\n" "ping 11\n" "ping 12\n" "ping 13\n" "ping 14\n" "ping 15\n" "ping 16\n" "ping 17\n"
	  "pong 20 1 300 -> nothing may_not\n"
	  "pong 20 2 300 -> grants until=302" },
	{ "5: an answer that overtook an older one makes the older one useless",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "ping 100\n"
	  "pong 120 2 300 -> grants until=400\n"
	  "pong 130 1 300 -> nothing until=400" },
	{ "5: an answer that comes when what it grants is over permits nothing",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "pong 500 1 300 -> until=300 may_not over" },
	{ "5: a lease that was over is granted anew, and is over anew",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "ping 100\n"
	  "pong 110 1 300 -> grants\n"
	  "go 300 -> over may_not\n"
	  "pong 310 2 300 -> grants until=400 may not_over\n"
	  "go 400 -> over" },
	{ "5: a smaller L quickens the pings and takes nothing back",
	  "0 9000\n"
	  "attach 0 900\n"
	  "ping 0 -> due=300\n"
	  "pong 10 1 900 -> until=900 due=300\n"
	  "ping 300 -> due=600\n"
	  "pong 310 2 90 -> nothing until=900 due=340\n"
	  "ping 340 -> due=370" },
	{ "5: a larger L slows the pings and grants more",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0 -> due=100\n"
	  "pong 10 1 3000 -> grants until=3000 due=1010" },
	{ "5: an L of nothing, or less, or more than a day grants nothing, and does not use the ping up",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "pong 10 1 0 -> nothing may_not\n"
	  "pong 10 1 -5 -> nothing may_not due=100\n"
	  "pong 10 1 86400001 -> nothing may_not due=100\n"
	  "pong 10 1 300 -> grants" },
	{ "5: what an older connection still owes grants nothing",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "detach 50 -> due=never\n"
	  "attach 60 300\n"
	  "pong 70 1 300 -> nothing may_not\n"
	  "ping 70\n"
	  "pong 80 1 300 -> nothing\n"
	  "pong 80 2 300 -> grants until=370" },
	{ "5: a lease goes on while nobody is attached, until it is over",
	  "0 9000\n"
	  "attach 0 300\n"
	  "ping 0\n"
	  "pong 10 1 300 -> grants\n"
	  "detach 50 -> may until=300\n"
	  "go 300 -> over may_not" },
};

/* dead by: R + L + (L/1000 us + 1) * 200 us + 750 ms. */
static const struct row grantor_rows[] = {
	{ "5: all is dead L * 1.2 + the kill time after the receipt of the last ping that was answered",
	  "0 10000 10000\n"
	  "proof\n"
	  "answer 20000 -> L=10000 holds\n"
	  "go 32750 -> holds\n"
	  "go 32751 -> free" },
	{ "5: it is the receipt that counts, and the last one",
	  "0 1000 1000\n"
	  "proof\n"
	  "answer 5000\n"
	  "answer 5333\n"
	  "go 7000 -> holds\n"
	  "go 7283 -> holds\n"
	  "go 7284 -> free" },
	{ "S110: a node that is silent holds until its time has come",
	  "0 1000 1000\n"
	  "proof -> free\n"
	  "answer 1000\n"
	  "go 2000 -> holds\n"
	  "go 2900 -> holds\n"
	  "go 2951 -> free" },
	{ "5: proof beats waiting",
	  "0 1000 1000\n"
	  "answer 1000 -> holds\n"
	  "proof -> free" },
	{ "5: but it proves nothing of what is granted after it",
	  "0 1000 1000\n"
	  "answer 1000\n"
	  "proof -> free\n"
	  "answer 1100 -> holds\n"
	  "go 3051 -> free" },
	{ "5: a daemon that begins knows no ping: the node holds until its own start + the largest L",
	  "500 1000 10000\n"
	  "go 2500 -> holds largest=10000\n"
	  "go 13250 -> holds\n"
	  "go 13251 -> free largest=1000" },
	{ "5: an attach before that shortens nothing",
	  "0 1000 10000\n"
	  "answer 100 -> L=1000\n"
	  "go 2051 -> holds\n"
	  "go 12751 -> free" },
	{ "5: an L that was lowered: what was granted with the larger one counts until it is over",
	  "0 10000 10000\n"
	  "proof\n"
	  "answer 1000 -> L=10000\n"
	  "set 1100 1000 -> largest=10000\n"
	  "answer 1200 -> L=1000 holds\n"
	  "go 13750 -> holds largest=10000\n"
	  "go 13751 -> free largest=1000" },
	{ "5: an L that was raised counts from when it was journaled",
	  "0 1000 1000\n"
	  "proof\n"
	  "answer 1000 -> L=1000\n"
	  "set 1100 10000 -> largest=10000\n"
	  "go 2950 -> holds\n"
	  "go 2951 -> free\n"
	  "answer 3000 -> L=10000\n"
	  "go 15750 -> holds\n"
	  "go 15751 -> free largest=10000" },
	{ "5: of several changes the largest L that may still be granted counts",
	  "0 1000 1000\n"
	  "answer 1000\n"
	  "set 1100 10000\n"
	  "answer 1200 -> L=10000\n"
	  "set 1300 2000 -> largest=10000\n"
	  "set 1400 3000 -> largest=10000\n"
	  "answer 1500 -> L=3000\n"
	  "go 13951 -> free largest=3000" },
	{ "5: an L that is lowered when nothing is held is forgotten at once",
	  "0 10000 10000\n"
	  "proof\n"
	  "set 1100 1000 -> largest=1000 free" },
	{ "5: a largest L that is smaller than what is in use is no news",
	  "0 1000 10 -> largest=1000\n"
	  "go 1950 -> holds\n"
	  "go 1951 -> free" },
};

static void
claim(const struct scene *s, const char *word, bool is)
{
	ck_assert_msg(is, "%s\n  in '%s': not %s", s->row->sentence, s->line, word);
}

static bool
looks_at(const char *word, const char *name, int64_t *value)
{
	size_t n = strlen(name);

	if (strncmp(word, name, n) != 0)
		return false;
	*value = strcmp(word + n, "never") == 0 ? -1 : strtoll(word + n, NULL, 10);
	return true;
}

static int64_t
ms_of(mono_t t)
{
	return mono_is_never(t) ? -1 : t.us / US_PER_MS;
}

static void
look_at_holder(struct scene *s, const char *word)
{
	int64_t value;

	if (looks_at(word, "until=", &value))
		claim(s, word, ms_of(s->holder.deadline) == value);
	else if (looks_at(word, "due=", &value))
		claim(s, word, ms_of(lease_holder_due(&s->holder)) == value);
	else if (strcmp(word, "grants") == 0)
		claim(s, word, s->granted);
	else if (strcmp(word, "nothing") == 0)
		claim(s, word, !s->granted);
	else if (strcmp(word, "may") == 0)
		claim(s, word, lease_holder_permits(&s->holder, s->now));
	else if (strcmp(word, "may_not") == 0)
		claim(s, word, !lease_holder_permits(&s->holder, s->now));
	else if (strcmp(word, "over") == 0)
		claim(s, word, lease_holder_is_over(&s->holder, s->now));
	else if (strcmp(word, "not_over") == 0)
		claim(s, word, !lease_holder_is_over(&s->holder, s->now));
	else
		ck_abort_msg("not a word: '%s'", word);
}

static void
look_at_grantor(struct scene *s, const char *word)
{
	int64_t value;

	if (looks_at(word, "L=", &value))
		claim(s, word, s->answered_ms == value);
	else if (looks_at(word, "largest=", &value))
		claim(s, word, lease_grantor_largest(&s->grantor, s->now) == value * US_PER_MS);
	else if (strcmp(word, "holds") == 0)
		claim(s, word, !lease_grantor_is_over(&s->grantor, s->now));
	else if (strcmp(word, "free") == 0)
		claim(s, word, lease_grantor_is_over(&s->grantor, s->now));
	else
		ck_abort_msg("not a word: '%s'", word);
}

static void
do_holder(struct scene *s, const char *event, const int64_t *n)
{
	if (strcmp(event, "attach") == 0)
		lease_holder_attached(&s->holder, s->now, n[1] * US_PER_MS);
	else if (strcmp(event, "ping") == 0)
		lease_holder_ping(&s->holder, s->now);
	else if (strcmp(event, "pong") == 0)
		s->granted = lease_holder_pong(&s->holder, s->now, (uint64_t)n[1], n[2] * US_PER_MS);
	else if (strcmp(event, "detach") == 0)
		lease_holder_detached(&s->holder);
	else if (strcmp(event, "go") != 0)
		ck_abort_msg("not an event: '%s'", event);
}

static void
do_grantor(struct scene *s, const char *event, const int64_t *n)
{
	if (strcmp(event, "answer") == 0)
		s->answered_ms = lease_grantor_answer(&s->grantor, s->now) / US_PER_MS;
	else if (strcmp(event, "set") == 0)
		lease_grantor_set(&s->grantor, s->now, n[1] * US_PER_MS);
	else if (strcmp(event, "proof") == 0)
		lease_grantor_proved(&s->grantor);
	else if (strcmp(event, "go") != 0)
		ck_abort_msg("not an event: '%s'", event);
}

/* The first line is what it begins with. */
static void
begin(struct scene *s, const int64_t *n)
{
	s->now = MS(n[0]);
	if (s->is_grantor)
		lease_grantor_init(&s->grantor, s->now, n[1] * US_PER_MS, n[2] * US_PER_MS);
	else
		lease_holder_init(&s->holder, s->now, n[1] * US_PER_MS);
}

static void
run_line(struct scene *s, char *line, bool first)
{
	char *state, *word, *event = first ? NULL : strtok_r(line, " ", &state);
	int64_t n[4] = { 0 };
	size_t k = 0;

	for (word = strtok_r(first ? line : NULL, " ", &state); word != NULL && strcmp(word, "->") != 0;
	     word = strtok_r(NULL, " ", &state))
		n[k++] = strtoll(word, NULL, 10);
	if (k > 0)
		s->now = MS(n[0]);
	if (first)
		begin(s, n);
	else if (s->is_grantor)
		do_grantor(s, event, n);
	else
		do_holder(s, event, n);
	while ((word = strtok_r(NULL, " ", &state)) != NULL) {
		if (s->is_grantor)
			look_at_grantor(s, word);
		else
			look_at_holder(s, word);
	}
}

static void
run_row(const struct row *row, bool is_grantor)
{
	struct scene s = { .row = row, .is_grantor = is_grantor };
	char *lines = xstrdup(row->lines), *line, *state, *copy;
	bool first = true;

	for (line = strtok_r(lines, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state)) {
		copy = xstrdup(line);
		s.line = line;
		run_line(&s, copy, first);
		first = false;
		free(copy);
	}
	free(lines);
}

START_TEST(holder)
{
	run_row(&holder_rows[_i], false);
}
END_TEST

START_TEST(grantor)
{
	run_row(&grantor_rows[_i], true);
}
END_TEST

/* Whatever the two clocks and the delays: what the holder thinks it may run is over when the grantor says so. */
START_TEST(both_ends)
{
	uint64_t x = (uint64_t)_i * UINT64_C(0x9e3779b97f4a7c15) + 1;
	int64_t permille = 1000 + (_i % 201), length = 1000 + _i % 7 * 1000;
	struct lease_holder h;
	struct lease_grantor g;
	mono_t at = MS(0), received, end;
	int k;

	/* The holder's clock is slow by `permille`: its L lasts longer for the grantor. */
	lease_holder_init(&h, at, length * US_PER_MS);
	lease_holder_attached(&h, at, length * US_PER_MS);
	lease_grantor_init(&g, MS(0), length * US_PER_MS, length * US_PER_MS);
	lease_grantor_proved(&g);
	for (k = 0; k < 50; k++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407U;
		lease_holder_ping(&h, at);
		/* Received later, by the grantor's clock. */
		received = mono_add_us((mono_t){ at.us * permille / 1000 }, (int64_t)(x >> 44));
		lease_grantor_answer(&g, received);
		at = mono_add_us(at, (int64_t)(x >> 43));
		lease_holder_pong(&h, at, h.k, length * US_PER_MS);
	}
	end = (mono_t){ h.deadline.us * permille / 1000 };
	ck_assert(!lease_grantor_is_over(&g, mono_add_us(end, LEASE_KILL_US - 1)));
}
END_TEST

static Suite *
lease_suite(void)
{
	Suite *s = suite_create("lease");
	TCase *tc = tcase_create("lease");

	tcase_add_loop_test(tc, holder, 0, sizeof(holder_rows) / sizeof(*holder_rows));
	tcase_add_loop_test(tc, grantor, 0, sizeof(grantor_rows) / sizeof(*grantor_rows));
	tcase_add_loop_test(tc, both_ends, 0, 201);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(lease_suite());
}

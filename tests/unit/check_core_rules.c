/* Runs the tables of core_rules.h: a test a row. */
#include "core_rules.h"
#include "unit.h"

static const struct script_table *const tables[] = {
	&rules_starting,
	&rules_deciding,
	&rules_strategies,
	&rules_intensity,
	&rules_ending,
	&rules_significant,
	&rules_operations,
	&rules_otp_static,
	&rules_otp_serial,
	&rules_otp_simple,
	&rules_links,
	&rules_monitors,
	&rules_nodes,
	&rules_placing,
	&rules_losing,
	&rules_moving,
	&rules_delays,
	&rules_more_starting,
	&rules_more_deciding,
	&rules_more_strategies,
	&rules_more_limits,
	&rules_more_ending,
	&rules_corner_cases,
	&rules_found,
};

/* One test function for all tables: the loop index is that of the row over all. */
START_TEST(rule)
{
	size_t i = 0, row = (size_t)_i;

	while (row >= tables[i]->n)
		row -= tables[i++]->n;
	script_run(&tables[i]->rows[row]);
}
END_TEST

static Suite *
core_rules_suite(void)
{
	Suite *s = suite_create("core_rules");
	int at = 0;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		TCase *tc = tcase_create(tables[i]->name);

		tcase_add_loop_test(tc, rule, at, at + (int)tables[i]->n);
		at += (int)tables[i]->n;
		suite_add_tcase(s, tc);
	}
	return s;
}

int
main(void)
{
	return unit_run(core_rules_suite());
}

/*
 * The supervision rules as tables, one row each: a sentence that begins with
 * the rule's number (or that of a chapter of the architecture), a tree, and
 * what happens to it.
 */
#ifndef TRAPEXIT_TESTS_CORE_RULES_H
#define TRAPEXIT_TESTS_CORE_RULES_H

#include "core_script.h"

struct script_table {
	const char *name;
	const struct script_row *rows;
	size_t n;
};

#define RULES_TABLE(name) { #name, name, sizeof(name) / sizeof(*(name)) }

extern const struct script_table rules_starting;
extern const struct script_table rules_deciding;
extern const struct script_table rules_strategies;
extern const struct script_table rules_intensity;
extern const struct script_table rules_ending;
extern const struct script_table rules_significant;
extern const struct script_table rules_operations;
extern const struct script_table rules_otp_static;
extern const struct script_table rules_otp_serial;
extern const struct script_table rules_otp_simple;
extern const struct script_table rules_links;
extern const struct script_table rules_monitors;
extern const struct script_table rules_nodes;
extern const struct script_table rules_placing;
extern const struct script_table rules_losing;
extern const struct script_table rules_moving;
extern const struct script_table rules_delays;
extern const struct script_table rules_more_starting;
extern const struct script_table rules_more_deciding;
extern const struct script_table rules_more_strategies;
extern const struct script_table rules_more_limits;
extern const struct script_table rules_more_ending;
extern const struct script_table rules_corner_cases;
extern const struct script_table rules_found;

#endif

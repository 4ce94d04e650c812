/*
 * Scenarios for comparing the core with OTP's supervisor(3), rule by rule.
 *
 * A scenario is lines of text: what the tree is, then what happens to it. The
 * same text is played by supervisor.escript (OTP itself) and by play() (the
 * core, told to keep to OTP's letter: init = strict, stop = serial, root =
 * exit, no delays); both print, after each line, its result, what was started
 * (+id) and what was told to end (-id) in that order, and the whole tree.
 *
 *	scenario N
 *	sup NAME STRATEGY INTENSITY AUTO_SHUTDOWN	the root is called top
 *	child SUP ID worker|template|supervisor RESTART SIGNIFICANT
 *	start
 *	exit ID normal|shutdown|code|crash|kill
 *	fail ID N	its next N starts fail
 *	ignore ID N	its next N starts are ignored
 *	start_child SUP ID RESTART SIGNIFICANT
 *	terminate_child SUP ID    restart_child SUP ID    delete_child SUP ID
 *	count_children SUP
 *	stop
 *
 * Ids are unique in the whole tree. The period is so long that it never passes.
 */
#ifndef TRAPEXIT_TESTS_OTP_SCENARIO_H
#define TRAPEXIT_TESTS_OTP_SCENARIO_H

#include <stdint.h>
#include <stdio.h>

/* A random scenario. */
void scenario_generate(FILE *out, uint64_t seed);
/* Play all scenarios of `in` with the core; -1 after a message when a line makes no sense. */
int scenario_play(FILE *in, FILE *out);

#endif

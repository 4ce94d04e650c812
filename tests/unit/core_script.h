/*
 * Scripts for the supervision tree: a tree and what happens to it as text, so
 * that a rule is a sentence and a few lines.
 *
 *	one_for_one[intensity=1,period=5s](a b[transient] n:rest_for_one(x y))
 *
 * Options of a child: permanent transient temporary, notify, sig (significant),
 * last (stop_last), stopped, brutal, inf, ms=N, signal=N, timeout=D, ok=CODE,
 * trap (trap_exit), link=NAME+NAME, monitor=NAME+NAME, backoff, min=D, max=D, reset=D, jitter=PERMILLE, late (the first restart waits
 * too), nodes=0/1+2 (best first, + between equals), after=N (failover_after), wait=D
 * (failover_timeout), back (takeover). Of a supervisor, also: intensity=N, period=D, any, all (auto_shutdown),
 * serial, strict (init), exit (root), cool=D, most=N (max_children). Without an option a child is
 * permanent, has no backoff and 5 s to end; a supervisor has as long as it
 * takes; intensity is infinity, the period 5 s.
 *
 * A line of a script: [TIME] EVENT [-> ACTIONS] or [TIME] EVENT [->> ACTIONS],
 * the latter with reports, those of progress only with ->>>. Events:
 *
 *	begin  adopt ID TOKEN [NODE]  started ID  all (everyone that starts)  ignored ID
 *	exit ID CODE|SIGNAL  lost ID  failed ID STEP  old ID CODE (the token before)
 *	link A B  unlink A B  monitor A B  demonitor N  send ID REASON [FROM] (exit(ID, REASON))
 *	node up N [CAPACITY]  node down N  wait (serve timers until TIME)  stop ID  start ID  restart ID
 *	add SUP CHILD  remove ID  change ID CHILD  root SUP  shutdown
 *	move ID NODE  permit|forbid ID|root NODE  at NODE WORD... (looks: unknown, up|down, permitted|forbidden,
 *	load=N, capacity=N, sick=TIME)
 *	start_child SUP CHILD  terminate_child ID  restart_child ID  delete_child ID
 *
 * and "? ID WORD..." looks: a state, up|down (wanted), gone, row=N, starts=N,
 * restarts=N, window=N, due=TIME, last=REASON, node=N, waits=0|1 (for a node); "? SUP = a b c" looks at the order.
 * Commands answer with "ok ID", "not_found ID" and so on among the actions;
 * those refused say so with "!". Lines for a control descriptor are "ID gets EXIT
 * FROM REASON" and "ID gets DOWN N ID REASON"; monitors are numbered from 1.
 */
#ifndef TRAPEXIT_TESTS_CORE_SCRIPT_H
#define TRAPEXIT_TESTS_CORE_SCRIPT_H

#include "core/supervisor.h"

struct specs; /* owns what a text was turned into */

struct specs *specs_parse(const char *text, struct sup_spec *sup);
/* One child; further texts may be parsed into the same. */
const struct child_spec *specs_child(struct specs *s, const char *text);
void specs_free(struct specs *s);

struct script_row {
	const char *sentence; /* begins with the rule's number */
	const char *tree;
	const char *lines;
};

/* Fails the running Check test with sentence, line, expectation and outcome. */
void script_run(const struct script_row *row);

#endif

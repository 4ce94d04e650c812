/* Rules of ending, significant children and operations: see core_script.h. */
#include "core_rules.h"

/* Ending: S58-S67. */
static const struct script_row ending[] = {
	{ "S58: the stop signal, then at most the time that was given, then SIGKILL",
	  "one_for_one(a[ms=3000])",
	  "begin -> start a\n"
	  "started a\n"
	  "1s stop a -> term a\n"
	  "3999999us wait\n"
	  "4s wait -> kill a\n"
	  "60s wait\n"
	  "? a stopping\n"
	  "60s exit a KILL ->> shutdown_error a killed none, ok a" },
	{ "S58: brutal_kill is SIGKILL at once",
	  "one_for_one(a[brutal])",
	  "begin -> start a\n"
	  "stop a -> kill a\n"
	  "exit a KILL ->> stopped a killed none, ok a" },
	{ "S58: infinity waits (S65)",
	  "one_for_one(a[inf])",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "24h wait\n"
	  "? a stopping" },
	{ "S10: 0 ms is legal",
	  "one_for_one(a[ms=0])",
	  "begin -> start a\n"
	  "1s stop a -> term a\n"
	  "1s wait -> kill a" },
	{ "S13: the stop signal is the child's own",
	  "one_for_one(a[signal=1])",
	  "begin -> start a\n"
	  "stop a -> signal a\n"
	  "exit a HUP ->> stopped a shutdown none, ok a" },
	{ "S59: stop = serial: one after the other, against the start order",
	  "one_for_one[serial](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "shutdown -> term c\n"
	  "exit c TERM -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> ok root, finish ordered shutdown" },
	{ "S59, 11: one_for_one ends all at once, each within its own time",
	  "one_for_one(a[ms=1000] b[ms=2000] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "shutdown -> term c, term b, term a\n"
	  "1s wait -> kill a\n"
	  "2s wait -> kill b\n"
	  "2s exit c TERM\n"
	  "2s exit a KILL\n"
	  "2s exit b KILL -> ok root, finish ordered shutdown" },
	{ "S59: rest_for_one and one_for_all are serial",
	  "rest_for_one(a n:one_for_all(x y))",
	  "begin -> start a, start x, start y\n"
	  "all\n"
	  "shutdown -> term y\n"
	  "exit y TERM -> term x\n"
	  "exit x TERM -> term a\n"
	  "exit a TERM -> ok root, finish ordered shutdown" },
	{ "11: stop_last has its turn when all others are gone",
	  "one_for_one(r[last] a n:one_for_one(x))",
	  "begin -> start r, start a, start x\n"
	  "all\n"
	  "shutdown -> term a, term x\n"
	  "exit a TERM\n"
	  "exit x TERM -> term r\n"
	  "exit r TERM -> ok root, finish ordered shutdown" },
	{ "11: stop_last in a serial end too",
	  "rest_for_one(a r[last] b)",
	  "begin -> start a, start r, start b\n"
	  "all\n"
	  "shutdown -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> term r\n"
	  "exit r TERM -> ok root, finish ordered shutdown" },
	{ "S60: stopping what is down is a success",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "stop a -> ok a" },
	{ "S60: stopping what is restarting cancels the restart",
	  "one_for_one(a[backoff,late])",
	  "begin -> start a\n"
	  "exit a 1\n"
	  "stop a -> ok a\n"
	  "? a undefined due=never\n"
	  "1m wait" },
	{ "S61: the end of a supervisor cancels what is owed",
	  "one_for_one(a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1\n"
	  "shutdown -> term b\n"
	  "1s wait\n"
	  "1s exit b TERM -> ok root, finish ordered shutdown\n"
	  "? a undefined" },
	{ "S61: a second order hurries",
	  "one_for_one(r[last] a n:rest_for_one(x y))",
	  "begin -> start r, start a, start x, start y\n"
	  "all\n"
	  "shutdown -> term a, term y\n"
	  "shutdown -> kill a, kill y, kill x\n"
	  "exit a KILL\n"
	  "exit x KILL\n"
	  "exit y KILL -> kill r\n"
	  "exit r KILL -> ok root, ok root, finish ordered killed" },
	{ "S62: from then on nothing is restarted, whatever type and reason",
	  "one_for_one[serial](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "shutdown -> term b\n"
	  "exit a SEGV ->> child_terminated a {signal,SIGSEGV} none\n"
	  "exit b TERM -> ok root, finish ordered shutdown" },
	{ "S62: a supervisor that escalates and is then told to stop is not restarted",
	  "one_for_one(s:one_for_one[intensity=0](a b))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "stop s\n"
	  "exit b TERM -> ok s\n"
	  "? s undefined down" },
	{ "S63: a child that ends before its turn is skipped",
	  "one_for_one[serial](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "shutdown -> term c\n"
	  "exit b 0\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> ok root, finish ordered shutdown" },
	{ "S66: stopping a child causes no restart and no count",
	  "one_for_all[intensity=0,exit](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a KILL -> ok a\n"
	  "? b running\n"
	  "? root window=0" },
	{ "S67: a permanent child that ends otherwise than told is reported",
	  "one_for_one(a b[transient] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a 1 ->> shutdown_error a {exit,1} none, ok a\n"
	  "stop b -> term b\n"
	  "exit b 0 ->> stopped b shutdown none, ok b\n"
	  "stop c -> term c\n"
	  "exit c 143 ->> stopped c shutdown none, ok c" },
	{ "S58: a nested supervisor with a finite time is killed with all below it",
	  "one_for_one(s:one_for_one[ms=1000](a[inf] t:one_for_one(b[inf])))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop s -> term a, term b\n"
	  "1s wait -> kill a, kill b\n"
	  "1s exit a KILL\n"
	  "1s exit b KILL -> ok s\n"
	  "? s undefined last=killed" },
	{ "4: an end before the beginning ends what was adopted",
	  "one_for_one(a n:one_for_one(x))",
	  "adopt x 77\n"
	  "shutdown -> term x\n"
	  "begin\n"
	  "exit x TERM -> ok root, finish ordered shutdown" },
	{ "S57: an empty tree ends at once",
	  "one_for_one()",
	  "begin\n"
	  "? root running\n"
	  "shutdown -> ok root, finish ordered shutdown" },
};

const struct script_table rules_ending = RULES_TABLE(ending);

/* Significant children: S70-S73. */
static const struct script_row significant[] = {
	{ "S71: any_significant: the supervisor ends with the first of them",
	  "one_for_one(s:one_for_one[any,transient](a[transient,sig] b) z)",
	  "begin -> start a, start b, start z\n"
	  "all\n"
	  "exit a 0 -> term b\n"
	  "exit b TERM\n"
	  "? s undefined" },
	{ "S71: all_significant: with the last of them",
	  "one_for_one(s:one_for_one[all,transient](a[transient,sig] b[temporary,sig] c))",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1\n"
	  "exit a 0 -> term c\n"
	  "exit c TERM\n"
	  "? s undefined" },
	{ "S71: one that is restarting holds it up",
	  "one_for_one(s:one_for_one[all,transient](a[transient,sig,backoff,late] b[transient,sig]))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1\n"
	  "exit b 0\n"
	  "? s running" },
	{ "S72: neither a stop by hand nor a restart triggers it",
	  "one_for_one[any](a[transient,sig] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "? root running" },
	{ "S73: at the root the tree ends as if ordered",
	  "one_for_one[any](a[transient,sig] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 0 -> term b\n"
	  "exit b TERM -> finish ordered shutdown" },
	{ "S54, S70: a significant supervisor that escalates",
	  "one_for_one[any](s:one_for_one[intensity=0,transient,sig](a) b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM -> finish ordered shutdown" },
};

const struct script_table rules_significant = RULES_TABLE(significant);

/* Operations: S74-S85. */
static const struct script_row operations[] = {
	{ "S76: start_child places last and starts",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "add root b -> start b\n"
	  "? root = a b\n"
	  "started b -> ok b\n"
	  "add root b -> !already_started\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "add root b -> !already_present" },
	{ "S76: a nested supervisor is added with all below it",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "add root n:one_for_one(x y) -> start x, start y, ok n\n"
	  "remove n -> term y, term x\n"
	  "exit x TERM\n"
	  "exit y TERM -> ok n\n"
	  "? x gone\n"
	  "? root = a" },
	{ "S76: stopping a temporary child forgets it",
	  "one_for_one(a[temporary])",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "? a gone" },
	{ "S76: but not one that has not run yet: that is a wish",
	  "one_for_one(a[temporary] b)",
	  "stop a -> ok a\n"
	  "begin -> start b\n"
	  "? a undefined down\n"
	  "start a -> start a" },
	{ "S60: stopping an instance that is restarting forgets it",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "add n x[backoff,late] -> start x\n"
	  "started x -> ok x\n"
	  "exit x 1\n"
	  "stop x -> ok x\n"
	  "? x gone" },
	{ "S77: an invalid spec is refused",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "add root b[transient,sig] -> !invalid\n"
	  "add a b -> !not_found" },
	{ "S78: nothing is added or started under a supervisor that is ending",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "shutdown -> term a\n"
	  "add root b -> !noproc\n"
	  "start a -> !noproc\n"
	  "exit a TERM -> ok root, finish ordered shutdown" },
	{ "S79: operations act on one child under every strategy",
	  "one_for_all(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "restart a -> term a\n"
	  "exit a TERM -> start a\n"
	  "? b running" },
	{ "S80: stop and start keep the position, remove and add move the id to the end",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "start a -> start a\n"
	  "? root = a b\n"
	  "remove a -> term a\n"
	  "exit a TERM -> not_found a, ok a\n"
	  "add root a -> start a\n"
	  "? root = b a" },
	{ "9: start of what runs is ok at once; of what is being stopped, when it is up again",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start a -> ok a\n"
	  "stop a -> term a\n"
	  "start a\n"
	  "? a stopping up\n"
	  "exit a TERM -> ok a, start a\n"
	  "started a -> ok a" },
	{ "9: while a group goes down nothing of it is started: it comes with its group",
	  "rest_for_one(a[backoff,late] b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> term b\n"
	  "start c -> restarting c\n"
	  "add root d -> restarting d\n"
	  "exit b TERM\n"
	  "200ms wait -> restart a, restart b, restart c, start d" },
	{ "9: stop while it is being restarted wins",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "restart a -> term a\n"
	  "stop a\n"
	  "exit a TERM -> ok a, start_error a\n"
	  "? a undefined down" },
	{ "S74: every waiting command is answered",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "stop a\n"
	  "exit a TERM -> ok a, ok a" },
	{ "S85: a changed spec counts for policy at once, and the incarnation stays",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "change a a[transient] -> ok a\n"
	  "? a running starts=1\n"
	  "exit a 0\n"
	  "? a undefined\n"
	  "change a b -> !invalid\n"
	  "change a a:one_for_one() -> !invalid" },
	{ "S85: a new intensity keeps what has been counted",
	  "one_for_one(s:one_for_one[intensity=5](a))",
	  "begin -> start a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> restart a\n"
	  "change s s:one_for_one[intensity=3](a) -> ok s\n"
	  "? s window=2\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> start a\n"
	  "? s starts=2" },
	{ "9: a supervisor can be stopped and started by hand",
	  "one_for_one(s:one_for_one(a b) c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "stop s -> term b, term a\n"
	  "exit b TERM\n"
	  "exit a TERM -> ok s\n"
	  "? s undefined down\n"
	  "start b -> !noproc\n"
	  "start s -> start a, start b, ok s" },
	{ "9: a child under a supervisor that is down is added, and comes up with it",
	  "one_for_one(s:one_for_one[stopped](a))",
	  "begin\n"
	  "add s b -> ok b\n"
	  "? b undefined\n"
	  "start s -> start a, start b, ok s" },
};

const struct script_table rules_operations = RULES_TABLE(operations);

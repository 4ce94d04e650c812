/*
 * The supervision rules, one row each: a sentence that begins with the rule's
 * number, a tree, and what happens to it (core_script.h).
 */
#include "core_script.h"
#include "unit.h"

/* Starting: S23-S33 with architecture 11. */
static const struct script_row starting[] = {
	{ "S23: children are started in start order, and those that are ready by exec are not waited for",
	  "one_for_one(a b c)",
	  "begin -> start a, start b, start c\n"
	  "? a starting\n"
	  "started a\n"
	  "? a running\n"
	  "? b starting" },
	{ "S23: one that says when it is ready holds up those behind it",
	  "one_for_one(a b[notify] c)",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "started b -> start c" },
	{ "S23: a nested supervisor holds up those behind it for as long as it holds up its own",
	  "one_for_one(n:one_for_one(x[notify] y) c)",
	  "begin -> start x\n"
	  "? n starting\n"
	  "started x -> start y, start c\n"
	  "? n running" },
	{ "S23, 11: a child whose start fails is retried later and holds nobody up",
	  "one_for_one(a[notify,backoff,late] b)",
	  "begin -> start a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} 200ms, start b\n"
	  "? a restarting due=200ms\n"
	  "200ms wait -> restart a" },
	{ "S25: an exit before readiness is a start error, code 0 too",
	  "one_for_one(a[notify,backoff,late])",
	  "begin -> start a\n"
	  "exit a 0 ->> start_error a {start_error,exited} 200ms" },
	{ "S25: but the loss of its node is what it is",
	  "one_for_one(a[notify,transient,backoff,late])",
	  "begin -> start a\n"
	  "lost a ->> child_terminated a noconnection 200ms" },
	{ "S25: start_timeout ends the child, and that is a start error",
	  "one_for_one(a[notify,timeout=2s,backoff,late,ms=1000] b)",
	  "begin -> start a\n"
	  "1999999us wait\n"
	  "2s wait -> term a, start b\n"
	  "? a stopping\n"
	  "3s wait -> kill a\n"
	  "3s exit a KILL ->> start_error a {start_error,timeout} 200ms\n"
	  "? a restarting" },
	{ "S25: readiness that comes after the timeout is too late",
	  "one_for_one(a[notify,timeout=2s])",
	  "begin -> start a\n"
	  "2s wait -> term a\n"
	  "2s started a\n"
	  "? a stopping" },
	{ "S26: a child that says so is left undefined, and nothing is counted",
	  "one_for_one[intensity=0](a[notify] b)",
	  "begin -> start a\n"
	  "ignored a -> term a, start b\n"
	  "exit a 0 ->> stopped a shutdown none\n"
	  "? a undefined up\n"
	  "? root window=0" },
	{ "S26: the spec of a temporary one is dropped",
	  "one_for_one(a[notify,temporary] b)",
	  "begin -> start a\n"
	  "ignored a -> term a, start b\n"
	  "exit a 0\n"
	  "? a gone" },
	{ "S27: init = strict: a start error ends what was started, in reverse order",
	  "one_for_one[strict,serial](a b c d)",
	  "begin -> start a\n"
	  "started a -> start b\n"
	  "started b -> start c\n"
	  "failed c exec -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM ->> stopped a shutdown none, shutdown root {start_error,exec,ENOENT} none, "
	  "finish init_failed {start_error,exec,ENOENT}\n"
	  "? d undefined starts=0" },
	{ "S28: a start error in a restart leaves the supervisor up",
	  "one_for_one(a[backoff])",
	  "begin -> start a\n"
	  "started a\n"
	  "1s exit a 1 -> restart a\n"
	  "1s failed a exec ->> start_error a {start_error,exec,ENOENT} 200ms\n"
	  "? root running\n"
	  "2s wait -> restart a" },
	{ "S29: a start error in restart_child is the command's: undefined, uncounted",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "start a -> start a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} none, start_error a\n"
	  "? a undefined\n"
	  "? root running window=0" },
	{ "S29: under init = strict an added child that does not start is discarded",
	  "one_for_one[strict](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "add root b -> start b\n"
	  "failed b exec -> start_error b\n"
	  "? b gone" },
	{ "S29, 11: else it is kept and retried, and the command is told",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "add root b[backoff,late] -> start b\n"
	  "failed b exec -> start_error b\n"
	  "? b restarting\n"
	  "1s wait -> restart b" },
	{ "S30: the start error of a strict nested supervisor is a start error of that child",
	  "one_for_one(n:one_for_one[strict,backoff,late](x y) z)",
	  "begin -> start x\n"
	  "started x -> start y\n"
	  "failed y exec -> term x, start z\n"
	  "exit x TERM ->> stopped x shutdown none, shutdown n {start_error,exec,ENOENT} none, "
	  "start_error n {start_error,exec,ENOENT} 200ms\n"
	  "? n restarting\n"
	  "200ms wait -> start x" },
	{ "S30: and under init = strict above it, the end of that init",
	  "one_for_one[strict](a n:one_for_one[strict](x))",
	  "begin -> start a\n"
	  "started a -> start x\n"
	  "failed x exec -> term a\n"
	  "exit a TERM -> finish init_failed {start_error,exec,ENOENT}" },
	{ "S31: a child that dies while later ones are being started is not forgotten",
	  "one_for_one(a b[notify] c)",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "exit a 1 -> restart a\n"
	  "started b -> start c" },
	{ "S31: one_for_all: a death during init takes the started ones along, and all are started",
	  "one_for_all(a b[notify] c)",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM -> restart a, start b\n"
	  "all -> start c\n"
	  "all\n"
	  "? root running" },
	{ "S32: a stop order during a start ends the starting child at once and starts nothing more",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "shutdown -> term a\n"
	  "exit a TERM -> ok root, finish ordered shutdown\n"
	  "? b undefined" },
	{ "4: adopted children run as they are, the others are started",
	  "one_for_one(a b n:one_for_one(x y))",
	  "5s adopt a 77\n"
	  "5s adopt y 78\n"
	  "5s begin -> start b, start x\n"
	  "? a running starts=1\n"
	  "? n running\n"
	  "exit y 1 -> restart y" },
	{ "5: never two: an incarnation that turns up beside a live one is killed",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "adopt a 77 -> kill a\n"
	  "? a starting" },
	{ "5: an adopted child that is not wanted is told to end",
	  "one_for_one(a[stopped])",
	  "adopt a 77 -> term a\n"
	  "begin\n"
	  "exit a TERM\n"
	  "? a undefined down" },
	{ "4: an adopted child that ends before the beginning is judged by its restart type",
	  "one_for_one(a[transient] b[transient] c[temporary] d)",
	  "adopt a 11\n"
	  "adopt b 12\n"
	  "adopt c 13\n"
	  "exit a 0\n"
	  "exit b 1\n"
	  "exit c 1\n"
	  "begin -> start b, start d\n"
	  "? a undefined\n"
	  "? c gone" },
	{ "11: a child that was stopped by hand is not started, one without the wish is",
	  "one_for_one(a[stopped] b)",
	  "begin -> start b\n"
	  "? a undefined down\n"
	  "start a -> start a\n"
	  "started a -> ok a\n"
	  "? a running up" },
};

/* Deciding: S34-S36. */
static const struct script_row deciding[] = {
	{ "S34: permanent is restarted after any exit",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 0 ->> child_terminated a normal 0s, restart a\n"
	  "exit a KILL ->> child_terminated a killed 0s, restart a" },
	{ "S34: transient is restarted after an abnormal exit only; its spec is kept",
	  "one_for_one(a[transient])",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 -> restart a\n"
	  "started a\n"
	  "exit a TERM ->> child_terminated a shutdown none\n"
	  "? a undefined up" },
	{ "S34: temporary is never restarted; its spec goes",
	  "one_for_one(a[temporary] b)",
	  "begin -> start a, start b\n"
	  "exit a 1 ->> child_terminated a {exit,1} none\n"
	  "? a gone\n"
	  "? root = b" },
	{ "S15: success_codes make an exit normal",
	  "one_for_one(a[transient,ok=3])",
	  "begin -> start a\n"
	  "exit a 3\n"
	  "? a undefined last={shutdown,3}" },
	{ "S35: the exit of an incarnation that is no longer current has no effect",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "started b\n"
	  "exit a 1 -> restart a\n"
	  "exit b 1 -> restart b\n"
	  "started a\n"
	  "old a 1\n"
	  "? a running starts=2\n"
	  "? b starting starts=2" },
	{ "S36: what is not restarted takes no sibling along",
	  "one_for_all(a[transient] b[temporary] c)",
	  "begin -> start a, start b, start c\n"
	  "exit a 0\n"
	  "exit b 1\n"
	  "? c starting" },
	{ "S5: a supervisor stays up when its children have run out",
	  "one_for_one(a[temporary])",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 0\n"
	  "? root running" },
};

/* Strategies: S38-S48. */
static const struct script_row strategies[] = {
	{ "S38: one_for_one restarts the failed child alone, in its place",
	  "one_for_one(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> restart b\n"
	  "? root = a b c" },
	{ "S39: one_for_all ends the others in reverse order, then starts all in order",
	  "one_for_all(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> restart a, restart b, restart c" },
	{ "S40: rest_for_one does so with those after it; earlier ones are untouched",
	  "rest_for_one(a b c d)",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "exit b 1 -> term d\n"
	  "exit d TERM -> term c\n"
	  "exit c TERM -> restart b, restart c, restart d\n"
	  "? a running starts=1" },
	{ "S40: the last one goes alone",
	  "rest_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit b 1 -> restart b" },
	{ "S41: the group start covers finished and ignored members; temporary ones are forgotten",
	  "one_for_all(a b[transient] c[temporary] d[notify])",
	  "begin -> start a, start b, start c, start d\n"
	  "ignored d -> term d\n"
	  "exit d 0\n"
	  "all\n"
	  "exit b 0\n"
	  "? b undefined\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> restart a, restart b, restart d\n"
	  "? c gone" },
	{ "9: but one that an operator has stopped stays stopped",
	  "one_for_all(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "exit a 1 -> restart a\n"
	  "? b undefined down" },
	{ "S42: a member that dies by itself in the teardown is consumed",
	  "one_for_all[intensity=1](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit a 1\n"
	  "exit c TERM -> restart a, restart b, restart c\n"
	  "? root window=1" },
	{ "S43: the restart of a whole group is one count",
	  "one_for_all[intensity=1](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit c 1 -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> restart a, restart b, restart c\n"
	  "? root window=1" },
	{ "S44: when a member fails to start, those behind it are undefined and those before it run",
	  "rest_for_one(a b[backoff] c[notify] d)",
	  "begin -> start a, start b, start c\n"
	  "all -> start d\n"
	  "all\n"
	  "exit b 1 -> term d\n"
	  "exit d TERM -> term c\n"
	  "exit c TERM -> restart b, restart c\n"
	  "failed b exec -> term c\n"
	  "exit c TERM\n"
	  "? b restarting due=200ms\n"
	  "? c undefined\n"
	  "? d undefined\n"
	  "? a running\n"
	  "200ms wait -> restart b, restart c\n"
	  "all -> restart d" },
	{ "S45: one_for_all: the retry ends those that were started meanwhile",
	  "one_for_all(a b[notify,backoff,late] c)",
	  "begin -> start a, start b\n"
	  "all -> start c\n"
	  "all\n"
	  "exit c 1 -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> restart a, restart b\n"
	  "started a\n"
	  "failed b exec\n"
	  "? a running\n"
	  "? c undefined\n"
	  "200ms wait -> term a\n"
	  "exit a TERM -> restart a, restart b\n"
	  "started b -> restart c" },
	{ "S45: each retry is counted, so a child that cannot start escalates",
	  "one_for_one[intensity=2,exit](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec -> restart a\n"
	  "failed a exec -> term b\n"
	  "exit b TERM -> finish escalated shutdown" },
	{ "S46: a stop order is served between two attempts",
	  "one_for_one(a[backoff] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec\n"
	  "stop a -> ok a\n"
	  "10s wait\n"
	  "? a undefined down" },
	{ "S47: a retry is void when a sibling's group restart has revived the child",
	  "rest_for_one(a b[backoff,late])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit b 1\n"
	  "? b restarting due=200ms\n"
	  "100ms exit a 1 -> restart a, restart b\n"
	  "? b starting\n"
	  "all\n"
	  "1s wait\n"
	  "? b running starts=2" },
	{ "S48: exits of other children during a retry are handled at once, with their own count",
	  "one_for_one[intensity=5](a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1\n"
	  "exit b 1 -> restart b\n"
	  "? root window=2\n"
	  "1s wait -> restart a" },
	{ "15: two die together: one_for_one counts two, the leftmost leads under rest_for_one",
	  "one_for_one[intensity=9](n:rest_for_one[intensity=9](x y z) a b)",
	  "begin -> start x, start y, start z, start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "exit b 1 -> restart b\n"
	  "? root window=2\n"
	  "exit x 1 -> term z\n"
	  "exit y 1\n"
	  "exit z TERM -> restart x, restart y, restart z\n"
	  "? n window=1" },
	{ "15: an earlier one that dies while later ones are torn down takes over the lead",
	  "rest_for_one(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit a 1\n"
	  "exit c TERM -> restart a, restart b, restart c" },
	{ "S6: simple_one_for_one starts nothing by itself",
	  "one_for_one(n:simple_one_for_one(t) a)",
	  "begin -> start a\n"
	  "? n running\n"
	  "add n t1 -> start t1\n"
	  "started t1 -> ok t1\n"
	  "exit t1 1 -> restart t1\n"
	  "stop t1 -> term t1\n"
	  "exit t1 TERM -> ok t1\n"
	  "? t1 gone" },
};

/* Intensity and escalation: S50-S57. */
static const struct script_row intensity[] = {
	{ "S50: the window slides: what is older than the period does not count",
	  "one_for_one[intensity=1,period=5s,exit](a)",
	  "begin -> start a\n"
	  "1s exit a 1 -> restart a\n"
	  "6000001us exit a 1 -> restart a\n"
	  "? root window=1\n"
	  "11000002us exit a 1 -> restart a" },
	{ "S52: a restart aged exactly the period still counts",
	  "one_for_one[intensity=1,period=5s,exit](a)",
	  "begin -> start a\n"
	  "1s exit a 1 -> restart a\n"
	  "6s exit a 1 -> finish escalated shutdown" },
	{ "S50: intensity 0 escalates on the first",
	  "one_for_one[intensity=0,exit](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 ->> child_terminated a {exit,1} none, escalated root {exit,1} none, shutdown root shutdown none, "
	  "finish escalated shutdown" },
	{ "S51: what is asked for is not counted",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "restart a -> term a\n"
	  "exit a TERM -> start a\n"
	  "started a -> ok a\n"
	  "? root window=0 running" },
	{ "S53: the child that trips it is not restarted, the others end in reverse order, and the parent decides",
	  "one_for_one(s:one_for_one[intensity=1,serial](a b c) z)",
	  "begin -> start a, start b, start c, start z\n"
	  "all\n"
	  "exit b 1 -> restart b\n"
	  "exit b 1 -> term c\n"
	  "? b undefined\n"
	  "? s stopping\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM ->> stopped a shutdown none, shutdown s shutdown none, child_terminated s shutdown 0s, "
	  "start a, start b, start c\n"
	  "? z running\n"
	  "? s window=0 starts=2" },
	{ "S54: a transient supervisor that escalates is not restarted",
	  "one_for_one(s:one_for_one[intensity=0,transient](a) z)",
	  "begin -> start a, start z\n"
	  "all\n"
	  "exit a 1 ->> child_terminated a {exit,1} none, escalated s {exit,1} none, shutdown s shutdown none, "
	  "child_terminated s shutdown none\n"
	  "? s undefined\n"
	  "? root running" },
	{ "S54: a temporary one is dropped",
	  "one_for_one(s:one_for_one[intensity=0,temporary](a) z)",
	  "begin -> start a, start z\n"
	  "all\n"
	  "exit a 1\n"
	  "? s gone\n"
	  "? a gone" },
	{ "S55: a supervisor that begins again has its static children, all of them and no others",
	  "one_for_one(s:one_for_one[intensity=0](a b[temporary] c))",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "add s d -> start d\n"
	  "started d -> ok d\n"
	  "exit b 0\n"
	  "remove c -> term c\n"
	  "exit c TERM -> ok c\n"
	  "? s = a d\n"
	  "exit a 1 -> term d\n"
	  "exit d TERM -> start a, start b, start c\n"
	  "? s = a b c" },
	{ "S55: the wish of an operator outlives the restart of the supervisor",
	  "one_for_one(s:one_for_one[intensity=0](a b))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "exit a 1 -> start a\n"
	  "? b undefined down" },
	{ "S56: levels multiply: (I_child+1)*(I_parent+1) starts in all",
	  "one_for_one[intensity=1,exit](s:one_for_one[intensity=2](a))",
	  "begin -> start a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> start a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> restart a\n"
	  "? a starts=6\n"
	  "exit a 1 -> finish escalated shutdown" },
	{ "7: at the root the culprit is set aside for cool_down, and its siblings go on",
	  "one_for_one[intensity=1,cool=5m](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 ->> child_terminated a {exit,1} 5m, cool_down a {exit,1} 5m\n"
	  "? a restarting due=5m\n"
	  "? b running\n"
	  "exit b 1 -> restart b\n"
	  "5m wait -> restart a\n"
	  "? root running" },
	{ "7: a sibling's group restart does not bring it back early; its own restart takes the group along",
	  "one_for_all[intensity=0,cool=5m,period=1s](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1\n"
	  "change root n:one_for_all[intensity=9,cool=5m](a b) -> ok n\n"
	  "10s exit b 1 -> restart b\n"
	  "? a restarting due=5m\n"
	  "all\n"
	  "5m wait -> term b\n"
	  "5m exit b TERM -> restart a, restart b" },
	{ "7: start cuts it short",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "exit a 1\n"
	  "? a restarting due=5m\n"
	  "start a -> restart a\n"
	  "started a -> ok a" },
	{ "7: a nested supervisor that trips its parent, the root, is set aside whole",
	  "one_for_one[intensity=0,cool=1m](s:one_for_one[intensity=0](a b) c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM\n"
	  "? s restarting due=1m\n"
	  "? a undefined\n"
	  "start a -> !noproc\n"
	  "1m wait -> start a, start b" },
};

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
	{ "S79: cancelling a retry leaves later members undefined, and start starts that one only",
	  "rest_for_one(a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM\n"
	  "stop a -> ok a\n"
	  "? b undefined\n"
	  "start a -> start a\n"
	  "started a -> ok a\n"
	  "? b undefined" },
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

/* Nodes: S108-S115 as far as they go here. */
static const struct script_row nodes[] = {
	{ "S115: a child whose node is down is restarting, uncounted, holds nobody up and starts when there is one",
	  "rest_for_one[intensity=0](a[notify] b)",
	  "node down 0\n"
	  "begin\n"
	  "? a restarting due=never\n"
	  "? root running window=0\n"
	  "1h wait\n"
	  "1h node up 0 -> start a, start b" },
	{ "S115: under init = strict the init waits for the node",
	  "one_for_one(n:one_for_one[strict](a b) c)",
	  "node down 0\n"
	  "begin\n"
	  "? a restarting\n"
	  "? b undefined\n"
	  "? n starting\n"
	  "node up 0 -> start a\n"
	  "started a -> start b\n"
	  "started b -> start c\n"
	  "? n running" },
	{ "S115: a restart that falls due while its node is down waits for it",
	  "one_for_one(a[backoff,late])",
	  "begin -> start a\n"
	  "exit a 1\n"
	  "node down 0\n"
	  "1s wait\n"
	  "? a restarting due=never\n"
	  "2s node up 0 -> restart a" },
	{ "S108: what one lost node costs is counted once in a supervisor",
	  "one_for_one[intensity=1](a b c n:one_for_one[intensity=0](x))",
	  "begin -> start a, start b, start c, start x\n"
	  "all\n"
	  "node down 0\n"
	  "lost a\n"
	  "lost b\n"
	  "lost c\n"
	  "? root window=1\n"
	  "? a restarting\n"
	  "node up 0 -> restart a, restart b, restart c\n"
	  "all\n"
	  "node down 0\n"
	  "1s lost a ->> child_terminated a noconnection 5m, cool_down a noconnection 5m\n"
	  "? root window=0" },
	{ "S108: exits that come after the node is back belong to the same loss",
	  "one_for_one[intensity=1](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "node down 0\n"
	  "lost a\n"
	  "node up 0 -> restart a\n"
	  "lost b -> restart b\n"
	  "? root window=1" },
	{ "S108: a noconnection without the loss of a node counts by itself",
	  "one_for_one[intensity=9](a b)",
	  "begin -> start a, start b\n"
	  "lost a -> restart a\n"
	  "lost b -> restart b\n"
	  "? root window=2" },
	{ "S107: children of another node are adopted and restarted there",
	  "one_for_one(a b)",
	  "node up 3\n"
	  "adopt a 70 3\n"
	  "begin -> start b\n"
	  "exit a 1 -> restart a@3\n"
	  "started a\n"
	  "node down 3\n"
	  "? a running\n"
	  "lost a\n"
	  "exit b 1 -> restart b\n"
	  "node up 3 -> restart a@3" },
	{ "S114: a start that is refused for want of a lease is not counted",
	  "one_for_one[intensity=0](a[backoff,late])",
	  "begin -> start a\n"
	  "failed a lease\n"
	  "? root window=0\n"
	  "1s wait -> restart a" },
	{ "S60, S61: the end of a supervisor cancels the wait for a node",
	  "one_for_one(a)",
	  "node down 0\n"
	  "begin\n"
	  "shutdown -> ok root, finish ordered shutdown\n"
	  "node up 0" },
	{ "11: start of a child that waits for its node says so",
	  "one_for_one(a)",
	  "node down 0\n"
	  "begin\n"
	  "start a -> restarting a\n"
	  "stop a -> ok a\n"
	  "node up 0\n"
	  "? a undefined" },
};

/* Delays: S122-S124. */
static const struct script_row delays[] = {
	{ "S122, 4: at once, then min doubling to max, and anew after reset_after of life",
	  "one_for_one(a[backoff,min=200ms,max=500ms,reset=10s])",
	  "begin -> start a\n"
	  "started a\n"
	  "1s exit a 1 ->> child_terminated a {exit,1} 0s, restart a\n"
	  "1s exit a 1 ->> child_terminated a {exit,1} 200ms\n"
	  "1200ms wait -> restart a\n"
	  "1200ms exit a 1 ->> child_terminated a {exit,1} 400ms\n"
	  "1600ms wait -> restart a\n"
	  "1600ms exit a 1 ->> child_terminated a {exit,1} 500ms\n"
	  "? a row=4\n"
	  "3s wait -> restart a\n"
	  "3s started a\n"
	  "12999999us exit a 1 ->> child_terminated a {exit,1} 500ms\n"
	  "20s wait -> restart a\n"
	  "20s started a\n"
	  "30s exit a 1 ->> child_terminated a {exit,1} 0s, restart a\n"
	  "? a row=1" },
	{ "S123: a restart is counted when the exit is handled, and escalation never waits",
	  "one_for_one[intensity=1,exit](a[backoff,late,min=1m,max=1m] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1\n"
	  "? root window=1\n"
	  "exit b 1 -> finish escalated shutdown" },
	{ "S124: the teardown of the group comes before the delay, its start after it",
	  "one_for_all(a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM\n"
	  "199999us wait\n"
	  "200ms wait -> restart a, restart b" },
	{ "S124: a delay that ends while the group is still going down",
	  "one_for_all(a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "1s wait\n"
	  "? a restarting\n"
	  "2s exit b TERM -> restart a, restart b" },
	{ "S124: stop and start begin at once and anew",
	  "one_for_one(a[backoff,late])",
	  "begin -> start a\n"
	  "exit a 1\n"
	  "stop a -> ok a\n"
	  "start a -> start a\n"
	  "? a row=0\n"
	  "started a -> ok a" },
	{ "S124: start cuts a delay short, for its group too",
	  "one_for_all(a[backoff,late] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM\n"
	  "start a -> restart a, restart b\n"
	  "started a -> ok a\n"
	  "? a row=0" },
};

#define TABLE(name) { #name, name, sizeof(name) / sizeof(*(name)) }

static const struct {
	const char *name;
	const struct script_row *rows;
	size_t n;
} tables[] = {
	TABLE(starting),
	TABLE(deciding),
	TABLE(strategies),
	TABLE(intensity),
	TABLE(ending),
	TABLE(significant),
	TABLE(operations),
	TABLE(nodes),
	TABLE(delays),
};

/* One test function for all tables: the loop index is that of the row over all. */
START_TEST(rule)
{
	size_t i = 0, row = (size_t)_i;

	while (row >= tables[i].n)
		row -= tables[i++].n;
	script_run(&tables[i].rows[row]);
}
END_TEST

static Suite *
core_rules_suite(void)
{
	Suite *s = suite_create("core_rules");
	int at = 0;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		TCase *tc = tcase_create(tables[i].name);

		tcase_add_loop_test(tc, rule, at, at + (int)tables[i].n);
		at += (int)tables[i].n;
		suite_add_tcase(s, tc);
	}
	return s;
}

int
main(void)
{
	return unit_run(core_rules_suite());
}

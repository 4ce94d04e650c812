/* Rules of starting, deciding and strategies: see core_script.h. */
#include "core_rules.h"

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
	{ "S27, S30: init = strict: what stands behind a nested supervisor that fails its init waits until that is down",
	  "one_for_one[strict,serial](a n:one_for_all[strict](x y) b)",
	  "begin -> start a\n"
	  "started a -> start x\n"
	  "started x -> start y\n"
	  "failed y exec -> term x\n"
	  "exit x TERM -> term a\n"
	  "exit a TERM -> finish init_failed {start_error,exec,ENOENT}\n"
	  "? b undefined starts=0" },
	{ "S45: one that has not come to life in the init is a member of the group when the group is restarted",
	  "one_for_all(a b[notify])",
	  "begin -> start a, start b\n"
	  "ignored b -> term b\n"
	  "exit b 0\n"
	  "all\n"
	  "exit a 1 -> restart a, restart b\n"
	  "failed b exec -> term a\n"
	  "exit a TERM -> restart a, restart b" },
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

const struct script_table rules_starting = RULES_TABLE(starting);

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

const struct script_table rules_deciding = RULES_TABLE(deciding);

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

const struct script_table rules_strategies = RULES_TABLE(strategies);

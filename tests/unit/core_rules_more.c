/* What the rules say in passing, and chapter 15's corner cases: see core_script.h. */
#include "core_rules.h"

static const struct script_row more_starting[] = {
	{ "S6: the template's id is no address",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "? t gone\n"
	  "? n =" },
	{ "S6: the root may be one as well",
	  "simple_one_for_one(t)",
	  "begin\n"
	  "start_child root x -> start x\n"
	  "started x -> ok x\n"
	  "? root = x" },
	{ "4: what is adopted while all is to end already, is told so at once",
	  "one_for_one(a n:one_for_one(x))",
	  "adopt x 77\n"
	  "shutdown -> term x\n"
	  "adopt a 78 -> term a\n"
	  "exit a TERM\n"
	  "exit x TERM -> ok root, finish ordered shutdown" },
	{ "S24: a child that is ready by exec has started when exec has succeeded, another one when it says so",
	  "one_for_one(a b[notify] c)",
	  "begin -> start a, start b\n"
	  "? a starting\n"
	  "started a ->>> progress a none none\n"
	  "? a running\n"
	  "? b starting\n"
	  "started b ->>> progress b none none, start c, progress root none none" },
	{ "S24: and it is no news twice",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a ->>> progress a none none\n"
	  "started a\n"
	  "ignored a\n"
	  "? a running" },
	{ "S25: a signal before readiness is a start error as well, also of what would not be restarted",
	  "one_for_one(a[notify,transient,backoff,late] b[notify,temporary] c)",
	  "begin -> start a\n"
	  "exit a TERM ->> start_error a {start_error,exited} 200ms, start b\n"
	  "exit b SEGV ->> start_error b {start_error,exited} 0s, restart b\n"
	  "started b -> start c\n"
	  "200ms wait -> restart a" },
	{ "S25: start_timeout holds for what is ready by exec, too",
	  "one_for_one(a[timeout=2s])",
	  "begin -> start a\n"
	  "2s wait -> term a\n"
	  "2s exit a TERM ->> start_error a {start_error,timeout} 0s, restart a" },
	{ "S26: an ignored start in a restart: undefined, no retry, and the count stands",
	  "one_for_one[intensity=1](a[notify])",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 -> restart a\n"
	  "ignored a -> term a\n"
	  "exit a TERM ->> stopped a shutdown none\n"
	  "? a undefined up due=never\n"
	  "? root window=1" },
	{ "S26: an instance whose restart is ignored is forgotten",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "add n x[notify] -> start x\n"
	  "started x -> ok x\n"
	  "exit x 1 -> restart x\n"
	  "ignored x -> term x\n"
	  "exit x TERM\n"
	  "? x gone" },
	{ "S27: no retry, no backoff, and intensity is not consulted",
	  "one_for_one[strict,intensity=0](a[backoff,late])",
	  "begin -> start a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} none, shutdown root {start_error,exec,ENOENT} none, "
	  "finish init_failed {start_error,exec,ENOENT}" },
	{ "S27: an exit before readiness and a timeout are start errors at init, too",
	  "one_for_one(n:one_for_one[strict,backoff,late](a b[notify]) m:one_for_one[strict,backoff,late](c[notify,timeout=1s]))",
	  "begin -> start a\n"
	  "started a -> start b\n"
	  "exit b 0 -> term a, start c\n"
	  "exit a TERM ->> stopped a shutdown none, shutdown n {start_error,exited} none, "
	  "start_error n {start_error,exited} 200ms\n"
	  "200ms wait -> start a\n"
	  "1s wait -> term c\n"
	  "1s exit c KILL ->> start_error c {start_error,timeout} none, shutdown m {start_error,timeout} none, "
	  "start_error m {start_error,timeout} 200ms" },
	{ "S28: it is retried again and again, each time later",
	  "one_for_one(a[backoff])",
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} 200ms\n"
	  "200ms wait -> restart a\n"
	  "200ms failed a exec ->> start_error a {start_error,exec,ENOENT} 400ms\n"
	  "600ms wait -> restart a\n"
	  "started a\n"
	  "? a running row=3" },
	{ "S30: a restart of a nested supervisor that fails in its init is retried",
	  "one_for_one(n:one_for_one[strict,intensity=0,backoff](x))",
	  "begin -> start x\n"
	  "started x\n"
	  "exit x 1 ->> child_terminated x {exit,1} none, escalated n {exit,1} none, shutdown n shutdown none, "
	  "child_terminated n shutdown 0s, start x\n"
	  "failed x exec ->> start_error x {start_error,exec,ENOENT} none, shutdown n {start_error,exec,ENOENT} none, "
	  "start_error n {start_error,exec,ENOENT} 200ms\n"
	  "? n restarting\n"
	  "200ms wait -> start x\n"
	  "started x\n"
	  "? n running" },
	{ "S31: a death while later ones start is consumed when the sequence aborts",
	  "one_for_one(n:one_for_one[strict,serial,temporary](a b c[notify]) z)",
	  "begin -> start a\n"
	  "started a -> start b\n"
	  "started b -> start c\n"
	  "failed c exec -> term b, start z\n"
	  "exit a 1 ->> child_terminated a {exit,1} none\n"
	  "exit b TERM ->> stopped b shutdown none, shutdown n {start_error,exec,ENOENT} none, "
	  "start_error n {start_error,exec,ENOENT} 0s, start a" },
	{ "S32: a group whose supervisor is told to stop starts nothing more",
	  "one_for_one(n:one_for_all(a b[notify] c) z)",
	  "begin -> start a, start b\n"
	  "started b -> start c, start z\n"
	  "all\n"
	  "exit c 1 -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> restart a, restart b\n"
	  "stop n -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> ok n\n"
	  "? c undefined" },
};

const struct script_table rules_more_starting = RULES_TABLE(more_starting);

static const struct script_row more_deciding[] = {
	{ "S13: success_codes and success_signals count for a stop as well",
	  "one_for_one(a[ok=3] b[transient,ok=3])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a 3 ->> shutdown_error a {shutdown,3} none, ok a\n"
	  "stop b -> term b\n"
	  "exit b 3 ->> stopped b {shutdown,3} none, ok b" },
	{ "S15: noconnection is an abnormal end",
	  "one_for_one(a[transient])",
	  "begin -> start a\n"
	  "started a\n"
	  "lost a ->> child_terminated a noconnection 0s, restart a" },
	{ "S15: 128 + the stop signal is a normal end only where it was told to",
	  "one_for_one(a[transient] b[transient])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 143 -> restart a\n"
	  "stop b -> term b\n"
	  "exit b 143 ->> stopped b shutdown none, ok b" },
	{ "S21: of two that end together, each is judged in its turn",
	  "one_for_one[intensity=1](n:rest_for_one[intensity=0](x y) z)",
	  "begin -> start x, start y, start z\n"
	  "all\n"
	  "exit x 1 -> term y\n"
	  "exit y 1 -> start x, start y\n"
	  "? root window=1" },
	{ "S34: a normal end of each kind, for each restart type",
	  "one_for_one(a b[transient] c[temporary] d e[transient,ok=9] f[temporary])",
	  "begin -> start a, start b, start c, start d, start e, start f\n"
	  "all\n"
	  "exit a TERM -> restart a\n"
	  "exit b 0\n"
	  "exit c 0\n"
	  "exit d 0 -> restart d\n"
	  "exit e 9\n"
	  "exit f KILL\n"
	  "? b undefined last=normal\n"
	  "? e undefined last={shutdown,9}\n"
	  "? root = a b d e" },
	{ "S35: neither the start nor the failure of what is no longer current has an effect",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "exit a 1 -> restart a\n"
	  "old a 1\n"
	  "? a starting starts=2" },
	{ "S35: the report comes before the restart, and before what a significant child ends",
	  "one_for_one(n:one_for_one[any,transient](a[transient,sig] b) z)",
	  "begin -> start a, start b, start z\n"
	  "all\n"
	  "exit a 0 ->> child_terminated a normal none, term b\n"
	  "exit z 1 ->> child_terminated z {exit,1} 0s, restart z" },
	{ "S36: rest_for_one: a normal end of a transient child, and any of a temporary one, touch nobody",
	  "rest_for_one(a[transient] b[temporary] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 0\n"
	  "exit b SEGV\n"
	  "? c running starts=1" },
};

const struct script_table rules_more_deciding = RULES_TABLE(more_deciding);

static const struct script_row more_strategies[] = {
	{ "S39: a nested supervisor in the group ends before what stands before it, with all below it",
	  "one_for_all(a n:one_for_all(x y) b)",
	  "begin -> start a, start x, start y, start b\n"
	  "all\n"
	  "exit b 1 -> term y\n"
	  "exit y TERM -> term x\n"
	  "exit x TERM -> term a\n"
	  "exit a TERM -> restart a, start x, start y, restart b" },
	{ "S40: a temporary child behind the failed one is ended and forgotten, one before it stays",
	  "rest_for_one(t[temporary] a u[temporary] b)",
	  "begin -> start t, start a, start u, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM -> term u\n"
	  "exit u TERM -> restart a, restart b\n"
	  "? root = t a b\n"
	  "? t running" },
	{ "S42: what ends by itself in a teardown is reported, without a restart of its own",
	  "rest_for_one[intensity=1](a b[transient] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit b SEGV ->> child_terminated b {signal,SIGSEGV} none\n"
	  "exit c TERM -> restart a, restart b, restart c\n"
	  "? b restarts=1\n"
	  "? root window=1" },
	{ "S43: the restart types of siblings play no part",
	  "one_for_all[intensity=1](a b[transient] c[temporary])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> restart a, restart b\n"
	  "? root window=1" },
	{ "S44: one_for_one: the others do not care",
	  "one_for_one(a b[backoff] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> restart b\n"
	  "failed b exec\n"
	  "? a running\n"
	  "? c running" },
	{ "S45: rest_for_one: the retry takes those behind along, and no other",
	  "rest_for_one[intensity=9](a b[notify] c)",
	  "begin -> start a, start b\n"
	  "all -> start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit c TERM -> restart b\n"
	  "failed b exec -> restart b\n"
	  "? root window=2\n"
	  "started b -> restart c\n"
	  "? a starts=1" },
	{ "S46: deaths of others and a start of a new child are served between two attempts",
	  "one_for_one(a[backoff] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec\n"
	  "exit b 1 -> restart b\n"
	  "start_child root c -> start c\n"
	  "started c -> ok c\n"
	  "200ms wait -> restart a" },
	{ "S47: a retry is void when the child was terminated, also when it was started anew",
	  "one_for_one(a[backoff,late])",
	  "begin -> start a\n"
	  "exit a 1\n"
	  "terminate_child a -> ok a\n"
	  "restart_child a -> start a\n"
	  "started a -> ok a\n"
	  "1s wait\n"
	  "? a running starts=2" },
	{ "S48: one_for_all: a sibling that ends during a delay restarts the group at once, the waiting one with it",
	  "one_for_all[intensity=9](a[backoff,late] b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> term b\n"
	  "exit b TERM\n"
	  "start b -> start b\n"
	  "started b -> ok b\n"
	  "exit b 1 -> restart a, restart b, restart c\n"
	  "? root window=2\n"
	  "1s wait" },
};

const struct script_table rules_more_strategies = RULES_TABLE(more_strategies);

static const struct script_row more_limits[] = {
	{ "S51: init starts, start_child, restart_child and exits that need no restart are not counted",
	  "one_for_one[intensity=0](a b[transient] c[temporary])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 0\n"
	  "exit c 1\n"
	  "restart_child b -> start b\n"
	  "started b -> ok b\n"
	  "start_child root d -> start d\n"
	  "started d -> ok d\n"
	  "terminate_child d -> term d\n"
	  "exit d KILL -> ok d\n"
	  "? root running window=0" },
	{ "S51: a start error at a patient init is a retry to be made, and counts",
	  "one_for_one[intensity=1](n:one_for_one[intensity=1](a) z)",
	  "begin -> start a, start z\n"
	  "failed a exec -> restart a\n"
	  "? n window=1\n"
	  "failed a exec -> start a\n"
	  "? root window=1" },
	{ "S50: what is looked at is as of now, though nothing has happened since",
	  "one_for_one[intensity=2,period=5s](a)",
	  "begin -> start a\n"
	  "1s exit a 1 -> restart a\n"
	  "2s exit a 1 -> restart a\n"
	  "6s ? root window=2\n"
	  "6000001us ? root window=1\n"
	  "1h ? root window=0" },
	{ "S53: a child that is restarting is cancelled, and the others end in reverse order",
	  "one_for_one(n:one_for_one[intensity=1,serial](a[backoff,late] b c) z)",
	  "begin -> start a, start b, start c, start z\n"
	  "all\n"
	  "exit a 1\n"
	  "exit b 1 -> term c\n"
	  "? b undefined\n"
	  "exit c TERM -> start a, start b, start c" },
	{ "S55, S85: what has become of another type is made anew",
	  "one_for_one(s:one_for_one[intensity=0](a b))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "change s s:one_for_one[intensity=0](a:one_for_one(x) b) -> ok s\n"
	  "? a running\n"
	  "exit b 1 -> term a\n"
	  "exit a TERM -> start x, start b\n"
	  "? s = a b" },
	{ "S74, S78: a start_child that waits for a supervisor which is forgotten meanwhile",
	  "one_for_all(z)",
	  "begin -> start z\n"
	  "all\n"
	  "node down 0\n"
	  "add root n:one_for_one[strict,temporary](x)\n"
	  "? x restarting\n"
	  "start_child n w\n"
	  "exit z 1 -> restarting n, noproc w\n"
	  "? n gone" },
	{ "S54: a permanent one is counted by its parent",
	  "one_for_one[intensity=2](n:one_for_one[intensity=0](a))",
	  "begin -> start a\n"
	  "exit a 1 -> start a\n"
	  "? root window=1\n"
	  "? n restarts=1 window=0" },
	{ "S54: a nested supervisor that had to be killed ended abnormally",
	  "one_for_one(n:one_for_one[ms=1000,transient](a[inf]) z)",
	  "begin -> start a, start z\n"
	  "all\n"
	  "stop n -> term a\n"
	  "1s wait -> kill a\n"
	  "1s exit a KILL ->> shutdown_error a killed none, shutdown n killed none, shutdown_error n killed none, ok n" },
	{ "S57: an ordered end, an escalation and a failed init are told apart",
	  "one_for_one[intensity=0,exit](a)",
	  "begin -> start a\n"
	  "lost a -> finish escalated shutdown" },
	{ "S57: the root that gave up while it was ending in order ends in order",
	  "one_for_one[intensity=0,exit,serial](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "shutdown -> term b\n"
	  "exit a 1\n"
	  "exit b TERM -> ok root, finish ordered shutdown" },
	{ "S109: an end with its node is an ordinary one for its strategy",
	  "rest_for_one[intensity=1](a b[transient] c[temporary])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "lost b -> term c\n"
	  "exit c TERM -> restart b\n"
	  "? root = a b\n"
	  "? root window=1" },
	{ "S124: n is the failed child's, not the group's",
	  "one_for_all(a[backoff,late,min=1s] b[backoff,late,min=10s,max=20s])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "exit b TERM\n"
	  "? a row=1 due=1s\n"
	  "? b row=0\n"
	  "1s wait -> restart a, restart b\n"
	  "all\n"
	  "1s exit b 1 ->> child_terminated b {exit,1} 10s, term a" },
	{ "S124: a stop order ends the wait at once",
	  "one_for_one(n:one_for_one(a[backoff,late]) z)",
	  "begin -> start a, start z\n"
	  "all\n"
	  "exit a 1\n"
	  "stop n -> ok n\n"
	  "? a undefined due=never\n"
	  "1m wait" },
};

const struct script_table rules_more_limits = RULES_TABLE(more_limits);

static const struct script_row more_ending[] = {
	{ "S58: after SIGKILL there is no limit",
	  "one_for_one(a[ms=100])",
	  "begin -> start a\n"
	  "stop a -> term a\n"
	  "100ms wait -> kill a\n"
	  "24h wait\n"
	  "? a stopping" },
	{ "S60: whatever it ends with while it is told to, it is down, with its true reason; so is the loss of its node",
	  "one_for_one(a b c[brutal])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a SEGV ->> shutdown_error a {signal,SIGSEGV} none, ok a\n"
	  "stop b -> term b\n"
	  "lost b ->> shutdown_error b noconnection none, ok b\n"
	  "? b undefined last=noconnection\n"
	  "stop c -> kill c\n"
	  "exit c 1 ->> shutdown_error c {exit,1} none, ok c" },
	{ "S60: terminating one that waits for its node cancels that",
	  "one_for_one(a)",
	  "node down 0\n"
	  "begin\n"
	  "? a restarting\n"
	  "terminate_child a -> ok a\n"
	  "? a undefined\n"
	  "node up 0" },
	{ "S60: terminating before the beginning: the init passes a child over, a temporary one and an instance are forgotten",
	  "one_for_one(a b[temporary] n:simple_one_for_one(t))",
	  "add n x -> ok x\n"
	  "terminate_child a -> ok a\n"
	  "terminate_child b -> ok b\n"
	  "terminate_child x -> ok x\n"
	  "begin\n"
	  "? a undefined up\n"
	  "? b gone\n"
	  "? x gone" },
	{ "S64: instances end all together, and one timer each kills them together",
	  "one_for_one(n:simple_one_for_one(t) z)",
	  "begin -> start z\n"
	  "add n x[ms=1000] -> start x\n"
	  "add n y[ms=1000] -> start y\n"
	  "all -> ok x, ok y\n"
	  "stop n -> term y, term x\n"
	  "1s wait -> kill x, kill y\n"
	  "1s exit x KILL\n"
	  "1s exit y KILL -> ok n" },
	{ "S65: one that does not end is not replaced, and blocks whom it has to",
	  "rest_for_one(a b[ms=1000] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> term b\n"
	  "1s wait -> kill b\n"
	  "24h wait\n"
	  "? a restarting\n"
	  "? b stopping\n"
	  "shutdown\n"
	  "24h exit b KILL -> ok root, finish ordered shutdown" },
	{ "S65: infinity blocks the end of its supervisor; others end meanwhile",
	  "one_for_one(a[inf] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "shutdown -> term b, term a\n"
	  "exit b TERM\n"
	  "24h wait\n"
	  "24h exit a TERM -> ok root, finish ordered shutdown" },
	{ "S67: a child that is not permanent may also end normally, one that is to be killed too",
	  "one_for_one(a[transient,ok=3] b[transient,brutal] c[brutal])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a 3 ->> stopped a {shutdown,3} none, ok a\n"
	  "stop b -> kill b\n"
	  "exit b 0 ->> stopped b shutdown none, ok b\n"
	  "stop c -> kill c\n"
	  "exit c 0 ->> shutdown_error c shutdown none, ok c" },
	{ "S70: a significant child that is stopped in its start, or ends there, triggers nothing",
	  "one_for_one[any](a[transient,sig,notify,backoff,late] b)",
	  "begin -> start a\n"
	  "exit a 0 ->> start_error a {start_error,exited} 200ms, start b\n"
	  "? root running" },
	{ "S70: temporary, by any reason; transient, by a normal one only",
	  "one_for_one[any](a[transient,sig] n:one_for_one[any,transient](x[temporary,sig] y))",
	  "begin -> start a, start x, start y\n"
	  "all\n"
	  "exit a SEGV -> restart a\n"
	  "exit x SEGV -> term y\n"
	  "exit y TERM\n"
	  "? n undefined\n"
	  "? root running" },
	{ "S71: undefined ones do not hold it up; instances do until none is left",
	  "one_for_one(n:simple_one_for_one[all,transient](t) s:one_for_one[all,transient](a[transient,sig] b[transient,sig]))",
	  "begin -> start a, start b\n"
	  "start_child n x[transient,sig] -> start x\n"
	  "start_child n y[temporary,sig] -> start y\n"
	  "all -> ok x, ok y\n"
	  "exit x 0\n"
	  "? n running\n"
	  "exit y 1\n"
	  "? n undefined\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "? s running\n"
	  "exit a 0\n"
	  "? s undefined" },
	{ "S72: a group teardown, an ignored start, a start error, and others' ends do not trigger it",
	  "one_for_all[any](a b[temporary,sig] c[transient,sig,notify] d[temporary])",
	  "begin -> start a, start b, start c\n"
	  "ignored c -> term c, start d\n"
	  "exit c 0\n"
	  "all\n"
	  "exit d 1\n"
	  "? root running\n"
	  "exit a 1 -> term b\n"
	  "exit b 0 -> restart a, restart c\n"
	  "? root running\n"
	  "failed c exec -> term a\n"
	  "exit a TERM -> restart a, restart c\n"
	  "? root running" },
	{ "S73: a permanent supervisor that ends so is restarted by its parent, and counted",
	  "one_for_one[intensity=5](n:one_for_one[any](a[transient,sig] b) z)",
	  "begin -> start a, start b, start z\n"
	  "all\n"
	  "exit a 0 -> term b\n"
	  "exit b TERM ->> stopped b shutdown none, shutdown n shutdown none, child_terminated n shutdown 0s, start a, start b\n"
	  "? root window=1" },
	{ "S75: a child that is being stopped is seen with what it was, one being started too",
	  "one_for_one(a b[notify])",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "stop a -> term a\n"
	  "? a stopping starts=1\n"
	  "? b starting starts=1\n"
	  "shutdown -> term b\n"
	  "? root stopping\n"
	  "? a stopping" },
	{ "S126: each start is told, each end with its context",
	  "one_for_one(a b[transient] c[temporary] n:one_for_one[intensity=0](x))",
	  "begin -> start a, start b, start c, start x\n"
	  "all ->>> progress a none none, progress b none none, progress c none none, progress x none none\n"
	  "exit a 0 ->>> child_terminated a normal 0s, restart a\n"
	  "started a ->>> progress a none none\n"
	  "exit c KILL ->>> child_terminated c killed none\n"
	  "exit x 1 ->>> child_terminated x {exit,1} none, escalated n {exit,1} none, shutdown n shutdown none, "
	  "child_terminated n shutdown 0s, start x, progress n none none\n"
	  "stop b -> term b\n"
	  "exit b 1 ->>> shutdown_error b {exit,1} none, ok b\n"
	  "stop x -> term x\n"
	  "exit x TERM ->>> stopped x shutdown none, ok x" },
};

const struct script_table rules_more_ending = RULES_TABLE(more_ending);

/* The rows of chapter 15, in its order; two are of processes alone (S68, S69). */
static const struct script_row corner_cases[] = {
	{ "15, S42: a child dies while its group is being torn down: consumed, one count in all",
	  "one_for_all[intensity=1,exit](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit b 1\n"
	  "exit c 1 -> restart a, restart b, restart c\n"
	  "? root window=1" },
	{ "15, S46-S48: a child dies while another one is retrying, or delayed: at once, by its own count",
	  "one_for_one[intensity=9](a[backoff] b c[backoff,late])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec\n"
	  "exit c 1\n"
	  "exit b 1 -> restart b\n"
	  "? root window=4" },
	{ "15, S21, S42: two die together under one_for_one: two counts",
	  "one_for_one[intensity=9](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a KILL -> restart a\n"
	  "exit b KILL -> restart b\n"
	  "? root window=2" },
	{ "15, S21, S42: under one_for_all: one",
	  "one_for_all[intensity=9](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a KILL -> term c\n"
	  "exit b KILL\n"
	  "exit c TERM -> restart a, restart b, restart c\n"
	  "? root window=1" },
	{ "15, S21, S42: under rest_for_one: one, and the leftmost leads",
	  "rest_for_one[intensity=9](a b c d)",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "exit b KILL -> term d\n"
	  "exit c KILL\n"
	  "exit d TERM -> restart b, restart c, restart d\n"
	  "? a running starts=1\n"
	  "? root window=1" },
	{ "15, S31: a child dies while later siblings start at init: it is restarted",
	  "one_for_one(a b[notify] c)",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "exit a KILL -> restart a\n"
	  "started b -> start c" },
	{ "15, S27, S31: or consumed, when the init aborts",
	  "one_for_one[strict,serial](a b c)",
	  "begin -> start a\n"
	  "started a -> start b\n"
	  "started b -> start c\n"
	  "failed c exec -> term b\n"
	  "exit a KILL ->> child_terminated a killed none\n"
	  "exit b TERM -> finish init_failed {start_error,exec,ENOENT}" },
	{ "15, S60: terminating a dead, an ignored or a finished child is a success without effect",
	  "one_for_one(a b[notify] c[transient])",
	  "begin -> start a, start b\n"
	  "ignored b -> term b, start c\n"
	  "exit b 0\n"
	  "all\n"
	  "exit c 0\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "terminate_child a -> ok a\n"
	  "terminate_child b -> ok b\n"
	  "terminate_child c -> ok c" },
	{ "15, S61, S124: a stop order during a delay, a retry or the wait for a node: the child never starts",
	  "one_for_one(a[backoff,late] b[backoff] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1\n"
	  "exit b 1 -> restart b\n"
	  "failed b exec\n"
	  "node down 0\n"
	  "lost c\n"
	  "? c restarting due=never\n"
	  "shutdown -> ok root, finish ordered shutdown\n"
	  "node up 0\n"
	  "1h wait" },
	{ "15, S62, S67: a child ends otherwise than told during an ordered stop: it stays down",
	  "one_for_one[serial](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "shutdown -> term b\n"
	  "exit b 3 ->> shutdown_error b {exit,3} none, term a\n"
	  "exit a KILL ->> shutdown_error a killed none, shutdown root shutdown none, ok root, finish ordered shutdown" },
	{ "15, S36: a temporary child of one_for_all dies: nobody restarts",
	  "one_for_all(a b[temporary] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b SEGV\n"
	  "? a running starts=1\n"
	  "? root = a c" },
	{ "15, S41: a sibling of it dies: it is ended and forgotten",
	  "one_for_all(a b[temporary] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> term b\n"
	  "exit b TERM -> restart a, restart c\n"
	  "? root = a c" },
	{ "15, S41: a finished transient child and a terminated one are started when a sibling fails in their group",
	  "rest_for_one(a b[transient] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 0\n"
	  "terminate_child c -> term c\n"
	  "exit c TERM -> ok c\n"
	  "exit a 1 -> restart a, restart b, restart c" },
	{ "15, S5, S71: the last child is gone: its supervisor idles",
	  "one_for_one(n:one_for_one(a[temporary]) m:one_for_one[all,transient](b[temporary,sig]))",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 0\n"
	  "? n running\n"
	  "exit b 0\n"
	  "? m undefined" },
	{ "15, S108, S109: a host is lost that held many: one count",
	  "one_for_one[intensity=1](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "node down 0\n"
	  "lost a\n"
	  "lost b\n"
	  "lost c\n"
	  "? root window=1\n"
	  "node up 0 -> restart a, restart b, restart c" },
};

const struct script_table rules_corner_cases = RULES_TABLE(corner_cases);

/* Rules of links, exit signals and monitors: see core_script.h. */
#include "core_rules.h"

/* Links and exit signals: S90-S98. */
static const struct script_row links[] = {
	{ "S92: whoever is linked to one that dies ends with its reason (S93, S98)",
	  "one_for_one(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 3 -> term b, restart a\n"
	  "? b stopping\n"
	  "exit b TERM ->> child_terminated b {exit,3} 0s, restart b\n"
	  "? c running" },
	{ "S90: a link is one both ways: the linked one ends the linker",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit b SEGV -> term a, restart b\n"
	  "exit a TERM ->> child_terminated a {signal,SIGSEGV} 0s, restart a" },
	{ "S90: one link a pair: repeats have no effect, from neither side",
	  "one_for_one(a b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link a b -> ok a\n"
	  "link b a -> ok b\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a" },
	{ "S90: once is enough to undo repeated links, from either side",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link a b -> ok a\n"
	  "unlink b a -> ok b\n"
	  "exit a 1 -> restart a\n"
	  "? b running" },
	{ "S90: to undo what is not there is a success",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "unlink a b -> ok a" },
	{ "S90: a link dies with the incarnation and is not made again",
	  "one_for_one(a b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a\n"
	  "started a\n"
	  "exit a 1 -> restart a" },
	{ "S90: one to oneself has no effect",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "all\n"
	  "link a a -> ok a\n"
	  "exit a 1 -> restart a" },
	{ "S91: a link to one that is gone sends noproc at once",
	  "one_for_one(a c[stopped])",
	  "begin -> start a\n"
	  "all\n"
	  "link a c -> term a, ok a\n"
	  "exit a TERM ->> child_terminated a noproc 0s, restart a" },
	{ "S91: one that traps is told so",
	  "one_for_one(a[trap] c[stopped])",
	  "begin -> start a\n"
	  "all\n"
	  "link a c -> a gets EXIT c noproc, ok a\n"
	  "? a running" },
	{ "S91: one on a node that is down: noconnection",
	  "one_for_one(a[trap] c)",
	  "begin -> start a, start c\n"
	  "all\n"
	  "node down 0\n"
	  "lost c\n"
	  "? c restarting\n"
	  "link a c -> a gets EXIT c noconnection, ok a" },
	{ "S91: who is gone itself cannot link",
	  "one_for_one(a c[stopped])",
	  "begin -> start a\n"
	  "all\n"
	  "link c a -> !noproc\n"
	  "? a running" },
	{ "S92: the loss of a node is an end like others",
	  "one_for_one(a b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "lost a -> b gets EXIT a noconnection, restart a" },
	{ "S92: each peer gets it once",
	  "one_for_one(a b[trap] c d)",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link c a -> ok c\n"
	  "link b c -> ok b\n"
	  "exit a 1 -> term c, b gets EXIT a {exit,1}, restart a\n"
	  "exit c TERM -> b gets EXIT c {exit,1}, restart c" },
	{ "S92: what is no longer current sends nothing",
	  "one_for_one(a b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "old a 1" },
	{ "S93: normal is ignored by those that do not trap",
	  "one_for_one(a[transient] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 0\n"
	  "? b running\n"
	  "? a undefined" },
	{ "S93: shutdown is not",
	  "one_for_one(a b[transient])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> term b, ok a\n"
	  "exit b TERM ->> child_terminated b shutdown none\n"
	  "? b undefined last=shutdown" },
	{ "S93: nor is {shutdown,Code}; its class is normal (S98)",
	  "one_for_one(a[transient,ok=7] b[transient])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 7 -> term b\n"
	  "exit b KILL ->> child_terminated b {shutdown,7} none\n"
	  "? b undefined" },
	{ "S94: one that traps lives on, and is told of normal too",
	  "one_for_one(a[transient] b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 0 -> b gets EXIT a normal\n"
	  "? b running" },
	{ "S94: trap_exit holds from the next start on",
	  "one_for_one(b)",
	  "begin -> start b\n"
	  "all\n"
	  "change b b[trap] -> ok b\n"
	  "send b shutdown -> term b, ok b\n"
	  "exit b TERM -> restart b\n"
	  "started b\n"
	  "send b shutdown -> b gets EXIT - shutdown, ok b" },
	{ "S95: kill cannot be trapped, gives killed, and peers can trap that",
	  "one_for_one(a[trap] b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "send a kill -> kill a, ok a\n"
	  "exit a KILL ->> b gets EXIT a killed, child_terminated a killed 0s, restart a" },
	{ "S95: killed, as a reason, is a reason like others",
	  "one_for_one(a[trap])",
	  "begin -> start a\n"
	  "all\n"
	  "send a killed -> a gets EXIT - killed, ok a\n"
	  "? a running" },
	{ "S95: normal does nothing to one that does not trap, and one that does is told",
	  "one_for_one(a b[trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "send a normal -> ok a\n"
	  "? a running\n"
	  "send b normal a -> b gets EXIT a normal, ok b" },
	{ "S95: any other reason acts as a link signal",
	  "one_for_one(a[transient] b[transient])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "send a {exit,9} -> term a, ok a\n"
	  "exit a 0 ->> child_terminated a {exit,9} 0s, restart a\n"
	  "send b shutdown -> term b, ok b\n"
	  "exit b 1 ->> child_terminated b shutdown none" },
	{ "S95: nobody is there, or nothing is meant",
	  "one_for_one(a c[stopped] s:one_for_one(x))",
	  "begin -> start a, start x\n"
	  "all\n"
	  "send c shutdown -> !noproc\n"
	  "send a none -> !badarg\n"
	  "send s shutdown -> !badarg\n"
	  "link a s -> !badarg\n"
	  "link s a -> !badarg\n"
	  "monitor a s -> !badarg\n"
	  "send root kill -> !badarg" },
	{ "S95: kill hurries one that is ending",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "all\n"
	  "stop a -> term a\n"
	  "send a kill -> kill a, ok a\n"
	  "send a kill -> ok a\n"
	  "exit a KILL ->> shutdown_error a killed none, ok a" },
	{ "S96: the link to the supervisor cannot be removed: there is none to be seen",
	  "one_for_one(s:one_for_one(x))",
	  "begin -> start x\n"
	  "all\n"
	  "unlink x s -> !badarg\n"
	  "exit x 1 -> restart x" },
	{ "S97: EXIT and DOWN go out before the restart of the dead one, and before a delay",
	  "one_for_one(a[backoff,late,min=1s] b[trap] c[brutal])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link a c -> ok a\n"
	  "monitor b a -> ok b 1\n"
	  "exit a 1 ->> b gets DOWN 1 a {exit,1}, kill c, b gets EXIT a {exit,1}, child_terminated a {exit,1} 1s" },
	{ "S97: and before its group is touched",
	  "one_for_all(a b[trap] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, term c\n"
	  "exit c TERM -> term b\n"
	  "exit b TERM -> restart a, restart b, restart c" },
	{ "S98: S58 with its own shutdown",
	  "one_for_one(a b[ms=2000] c[brutal] d[inf] e[signal=1])",
	  "begin -> start a, start b, start c, start d, start e\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link a c -> ok a\n"
	  "link a d -> ok a\n"
	  "link a e -> ok a\n"
	  "1s exit a 1 -> signal e, term d, kill c, term b, restart a\n"
	  "3s wait -> kill b\n"
	  "3s exit b KILL ->> child_terminated b {exit,1} 0s, restart b\n"
	  "3s exit c KILL ->> child_terminated c {exit,1} 0s, restart c\n"
	  "3s exit d 0 ->> child_terminated d {exit,1} 0s, restart d" },
	{ "S98: its supervisor decides on the reason: counted, and with its group",
	  "one_for_one(a s:rest_for_one[intensity=0](x y) t:one_for_all[intensity=1](u v))",
	  "begin -> start a, start x, start y, start u, start v\n"
	  "all\n"
	  "link a u -> ok a\n"
	  "exit a 1 -> term u, restart a\n"
	  "exit u TERM -> term v\n"
	  "exit v TERM -> restart u, restart v\n"
	  "? t window=1\n"
	  "started a\n"
	  "link a x -> ok a\n"
	  "exit a 1 -> term x, restart a\n"
	  "exit x TERM ->> child_terminated x {exit,1} none, escalated s {exit,1} none, term y" },
	{ "S98: an order to end that came first stands",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "stop b -> term b\n"
	  "exit a 1 -> restart a\n"
	  "exit b TERM ->> stopped b shutdown none, ok b" },
	{ "S98: one that comes later is obeyed, and the reason stays",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 1 -> term b, restart a\n"
	  "stop b\n"
	  "exit b TERM ->> shutdown_error b {exit,1} none, ok b\n"
	  "? b undefined down last={exit,1}" },
	{ "S98: who is asked for while it ends comes back without being counted",
	  "one_for_one[intensity=5](a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 1 -> term b, restart a\n"
	  "start b\n"
	  "exit b TERM -> start b\n"
	  "started b -> ok b\n"
	  "? root window=1" },
	{ "S98: one that is starting is ended as well, whether it has come to life or not",
	  "one_for_one(a[trap] b[notify] c)",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "link b a -> ok b\n"
	  "exit a 1 -> term b, restart a, start c\n"
	  "exit b 0 ->> child_terminated b {exit,1} 0s, restart b\n"
	  "send b {exit,2} -> term b, ok b\n"
	  "failed b exec ->> child_terminated b {exit,2} 0s, restart b" },
	{ "S98: a second signal changes nothing",
	  "one_for_one(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "link c b -> ok c\n"
	  "exit a 1 -> term b, restart a\n"
	  "exit c 2 -> restart c\n"
	  "exit b TERM ->> child_terminated b {exit,1} 0s, restart b" },
	{ "S63: a signal that comes before its turn in its group's end: skipped then",
	  "one_for_one[serial](a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "link a c -> ok a\n"
	  "shutdown -> term c\n"
	  "exit c TERM -> term a, term b\n"
	  "exit a TERM ->> child_terminated a shutdown none\n"
	  "exit b TERM -> ok root, finish ordered shutdown" },
	{ "S26: an ignored start ends nobody",
	  "one_for_one(a b[notify])",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "link b a -> ok b\n"
	  "ignored b -> term b\n"
	  "exit b TERM\n"
	  "? a running" },
	{ "S25: one that fails to come to life ends who is linked to it",
	  "one_for_one(a b[notify])",
	  "begin -> start a, start b\n"
	  "started a\n"
	  "link b a -> ok b\n"
	  "exit b 0 -> term a, restart b\n"
	  "exit a TERM ->> child_terminated a {start_error,exited} 0s, restart a" },
	{ "S90: a configured link joins the two whenever both run",
	  "one_for_one(a b[link=a])",
	  "begin -> start a, start b\n"
	  "exit a 1 -> restart a\n"
	  "all\n"
	  "exit a 1 -> term b, restart a\n"
	  "started a\n"
	  "exit b TERM -> restart b\n"
	  "? a running\n"
	  "started b\n"
	  "exit b 2 -> term a, restart b\n"
	  "exit a TERM ->> child_terminated a {exit,2} 0s, restart a" },
	{ "S90: it is no link to one that is ending: a pair does not end for ever",
	  "one_for_one(a b[link=a])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b, restart a\n"
	  "started a\n"
	  "exit b TERM -> restart b\n"
	  "started b\n"
	  "exit b 1 -> term a, restart b" },
	{ "S90: configured by both it is still one, and one more at run time changes nothing",
	  "one_for_one(a[link=b] b[link=a,trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "link a b -> ok a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a" },
	{ "S90: unlink holds for the incarnations; the next ones are linked again",
	  "one_for_one(a b[link=a,trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "unlink a b -> ok a\n"
	  "exit a 1 -> restart a\n"
	  "started a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a" },
	{ "S90: a sibling's name comes first, then a path; /path is from the root",
	  "one_for_one(a s:one_for_one(c x[link=a,trap] y[link=/a,trap] z[link=t/b,trap]) t:one_for_one(b a))",
	  "begin -> start a, start c, start x, start y, start z, start b, start a\n"
	  "all\n"
	  "exit a 1 -> y gets EXIT a {exit,1}, x gets EXIT a {exit,1}, restart a\n"
	  "exit b 1 -> z gets EXIT b {exit,1}, restart b" },
	{ "S90: a sibling's name comes before a path",
	  "one_for_one(s:one_for_one(a x[link=a,trap]) a)",
	  "begin -> start a, start x, start a\n"
	  "all\n"
	  "exit a 1 -> restart a" },
	{ "S90, S85: a change of spec links and unlinks at once, without a restart",
	  "one_for_one(a b[trap] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "change b b[trap,link=a+c] -> ok b\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a\n"
	  "started a\n"
	  "change b b[trap,link=c] -> ok b\n"
	  "exit a 1 -> restart a\n"
	  "exit c 1 -> b gets EXIT c {exit,1}, restart c\n"
	  "started c\n"
	  "change b b[trap] -> ok b\n"
	  "exit c 1 -> restart c" },
	{ "S90: a name that means nobody, a supervisor or the child itself joins nobody",
	  "one_for_one(a[link=a+s+nobody+/nobody+s/nobody+nobody/a+/s/x/y,trap] s:one_for_one(x))",
	  "begin -> start a, start x\n"
	  "all\n"
	  "exit x 1 -> restart x\n"
	  "exit a 1 -> restart a" },
	{ "S90: configured by both, and then by one, it holds",
	  "one_for_one(a[link=b] b[link=a,trap])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "change b b[trap] -> ok b\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a\n"
	  "started a\n"
	  "change a a -> ok a\n"
	  "exit a 1 -> restart a" },
	{ "S90: who is removed under a supervisor that is down is killed, and those linked to it hear of that",
	  "one_for_one(s:one_for_one(x) y[trap])",
	  "begin -> start x, start y\n"
	  "all\n"
	  "stop s -> term x\n"
	  "exit x TERM -> ok s\n"
	  "adopt x 9 -> term x\n"
	  "link x y -> ok x\n"
	  "remove s -> kill x, y gets EXIT x killed, ok s" },
	{ "S90: who is configured may come later, go, and come again",
	  "one_for_one(b[trap,link=a])",
	  "begin -> start b\n"
	  "all\n"
	  "add root a -> start a\n"
	  "started a -> ok a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a\n"
	  "started a\n"
	  "remove a -> term a\n"
	  "exit a TERM -> b gets EXIT a shutdown, ok a\n"
	  "add root a -> start a\n"
	  "started a -> ok a\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a" },
	{ "S55, S90: and it may come again with its supervisor",
	  "one_for_one(b[trap,link=s/a] s:one_for_one[intensity=1](a x))",
	  "begin -> start b, start a, start x\n"
	  "all\n"
	  "remove a -> term a\n"
	  "exit a TERM -> b gets EXIT a shutdown, ok a\n"
	  "exit x 1 -> restart x\n"
	  "exit x 1 -> start a, start x\n"
	  "all\n"
	  "exit a 1 -> b gets EXIT a {exit,1}, restart a" },
	{ "S90: adopted incarnations are linked as configured",
	  "one_for_one(a b[trap,link=a])",
	  "adopt a 5\n"
	  "adopt b 6\n"
	  "exit a 1 -> b gets EXIT a {exit,1}\n"
	  "begin -> start a" },
};

/* Monitors: S99. */
static const struct script_row monitors[] = {
	{ "S99: it fires once",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit a 1 -> w gets DOWN 1 a {exit,1}, restart a\n"
	  "started a\n"
	  "exit a 1 -> restart a" },
	{ "S99: several fire separately",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "monitor w a -> ok w 2\n"
	  "exit a 1 -> w gets DOWN 2 a {exit,1}, w gets DOWN 1 a {exit,1}, restart a" },
	{ "S99: one way: the end of the watcher does nothing to the target",
	  "one_for_one(w a[trap])",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit w 1 -> restart w\n"
	  "started w\n"
	  "exit a 1 -> restart a" },
	{ "S99: normal is told, too",
	  "one_for_one(w a[transient])",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit a 0 -> w gets DOWN 1 a normal" },
	{ "S99: a gone target gives noproc at once, and once",
	  "one_for_one(w a[stopped])",
	  "begin -> start w\n"
	  "all\n"
	  "monitor w a -> ok w 1, w gets DOWN 1 a noproc\n"
	  "start a -> start a\n"
	  "started a -> ok a\n"
	  "exit a 1 -> restart a" },
	{ "S99: a lost node gives noconnection",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "node down 0\n"
	  "lost a -> w gets DOWN 1 a noconnection\n"
	  "monitor w a -> ok w 2, w gets DOWN 2 a noconnection" },
	{ "S99: after demonitor nothing arrives",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "monitor w a -> ok w 2\n"
	  "demonitor 1 -> ok monitor\n"
	  "demonitor 1 -> !not_found\n"
	  "exit a 1 -> w gets DOWN 2 a {exit,1}, restart a\n"
	  "demonitor 2 -> !not_found" },
	{ "S99: it does not follow a restart; a watcher may watch again",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit a 1 -> w gets DOWN 1 a {exit,1}, restart a\n"
	  "monitor w a -> ok w 2\n"
	  "started a\n"
	  "exit a 1 -> w gets DOWN 2 a {exit,1}, restart a" },
	{ "S99: who is gone cannot watch, and nobody watches himself",
	  "one_for_one(w a[stopped])",
	  "begin -> start w\n"
	  "all\n"
	  "monitor a w -> !noproc\n"
	  "monitor w w -> !badarg" },
	{ "S99: of one that an exit signal has ended it says that reason",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "send a {exit,4} -> term a, ok a\n"
	  "exit a TERM -> w gets DOWN 1 a {exit,4}, restart a" },
	{ "S99: a configured one watches whatever runs; its ref is 0",
	  "one_for_one(w[monitor=a] a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "exit a 1 -> w gets DOWN 0 a {exit,1}, restart a\n"
	  "started a\n"
	  "exit a 2 -> w gets DOWN 0 a {exit,2}, restart a\n"
	  "exit w 1 -> restart w\n"
	  "started a\n"
	  "exit a 3 -> restart a\n"
	  "all\n"
	  "exit a 4 -> w gets DOWN 0 a {exit,4}, restart a" },
	{ "S99: a configured one and one made at run time are two",
	  "one_for_one(w[monitor=a] a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit a 1 -> w gets DOWN 1 a {exit,1}, w gets DOWN 0 a {exit,1}, restart a" },
	{ "S99: one that is configured later is another one than those made at run time",
	  "one_for_one(w a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "change w w[monitor=a] -> ok w\n"
	  "exit a 1 -> w gets DOWN 0 a {exit,1}, w gets DOWN 1 a {exit,1}, restart a\n"
	  "started a\n"
	  "change w w -> ok w\n"
	  "exit a 2 -> restart a" },
	{ "S99: each may watch the other",
	  "one_for_one(w[monitor=a] a[monitor=w])",
	  "begin -> start w, start a\n"
	  "all\n"
	  "exit a 1 -> w gets DOWN 0 a {exit,1}, restart a\n"
	  "started a\n"
	  "exit w 1 -> a gets DOWN 0 w {exit,1}, restart w" },
	{ "S99: the watched one is forgotten, and so is the monitor",
	  "one_for_one(w a[temporary])",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit a 1 -> w gets DOWN 1 a {exit,1}\n"
	  "? a gone" },
	{ "S99: the watcher is forgotten, and so is the monitor",
	  "one_for_one(w[temporary] a)",
	  "begin -> start w, start a\n"
	  "all\n"
	  "monitor w a -> ok w 1\n"
	  "exit w 1\n"
	  "demonitor 1 -> !not_found\n"
	  "exit a 1 -> restart a" },
};

const struct script_table rules_links = RULES_TABLE(links);
const struct script_table rules_monitors = RULES_TABLE(monitors);

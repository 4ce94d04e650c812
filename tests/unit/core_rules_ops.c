/* OTP's operations with OTP's results, S74-S86: see core_script.h. */
#include "core_rules.h"

static const struct script_row otp_static[] = {
	{ "S76: start_child places last, starts, and answers when the child is up",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "start_child root c[notify] -> start c\n"
	  "started c -> ok c\n"
	  "? root = a b c" },
	{ "S76: start_child of an id that lives is already_started, otherwise already_present",
	  "one_for_one(a b[transient] c[backoff,late])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "start_child root a -> !already_started\n"
	  "exit b 0\n"
	  "start_child root b -> !already_present\n"
	  "exit c 1\n"
	  "? c restarting\n"
	  "start_child root c -> !already_present" },
	{ "S76: terminate_child: ok for one that lives, is restarting or is undefined",
	  "one_for_one(a b[backoff,late])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "? a stopping up\n"
	  "exit a TERM -> ok a\n"
	  "? a undefined up\n"
	  "terminate_child a -> ok a\n"
	  "exit b 1\n"
	  "? b restarting\n"
	  "terminate_child b -> ok b\n"
	  "? b undefined due=never\n"
	  "1h wait\n"
	  "? b undefined" },
	{ "S41, S79: terminated in an earlier daemon's time: passed over by init, revived with its group",
	  "one_for_all(a b c[temporary])",
	  "adopt a 7\n"
	  "terminate_child b -> ok b\n"
	  "terminate_child c -> ok c\n"
	  "begin\n"
	  "? b undefined up\n"
	  "? c gone\n"
	  "exit a 1 -> restart a, start b\n"
	  "? b starting" },
	{ "S76: terminated in an earlier daemon's time, but found alive: it is up",
	  "one_for_one(a b)",
	  "terminate_child a -> ok a\n"
	  "adopt a 7\n"
	  "begin -> start b\n"
	  "? a running" },
	{ "S76: terminate_child of a temporary child drops its spec",
	  "one_for_one(a[temporary] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "? a gone" },
	{ "S76: restart_child: running, restarting, or started",
	  "one_for_one(a b[backoff,late])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "restart_child a -> !running\n"
	  "exit b 1\n"
	  "restart_child b -> !restarting\n"
	  "terminate_child b -> ok b\n"
	  "restart_child b -> start b\n"
	  "started b -> ok b\n"
	  "? b running row=0" },
	{ "S76: delete_child: running, restarting, or forgotten",
	  "one_for_one(a b[backoff,late])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "delete_child a -> !running\n"
	  "exit b 1\n"
	  "delete_child b -> !restarting\n"
	  "terminate_child b -> ok b\n"
	  "delete_child b -> ok b\n"
	  "? b gone\n"
	  "? root = a" },
	{ "S76: the operations hold for a nested supervisor as for a worker",
	  "one_for_one(n:one_for_one(x y))",
	  "begin -> start x, start y\n"
	  "all\n"
	  "start_child root n -> !already_started\n"
	  "restart_child n -> !running\n"
	  "terminate_child n -> term y, term x\n"
	  "exit x TERM\n"
	  "exit y TERM -> ok n\n"
	  "? n undefined\n"
	  "restart_child n -> start x, start y, ok n\n"
	  "all\n"
	  "? n running\n"
	  "terminate_child n -> term y, term x\n"
	  "exit x TERM\n"
	  "exit y TERM -> ok n\n"
	  "delete_child n -> ok n\n"
	  "? x gone" },
	{ "S76: the root is nobody's child",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "terminate_child root -> !not_found\n"
	  "restart_child root -> !not_found\n"
	  "delete_child root -> !not_found" },
	{ "S76: a worker has no children to start",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "start_child a b -> !not_found" },
	{ "S77: an invalid spec fails first",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root a[sig] -> !invalid" },
	{ "S78: a change asked of a supervisor that is stopping, or is down, is noproc",
	  "one_for_one(n:one_for_one(x y))",
	  "begin -> start x, start y\n"
	  "all\n"
	  "terminate_child n -> term y, term x\n"
	  "start_child n z -> !noproc\n"
	  "terminate_child x -> !noproc\n"
	  "restart_child x -> !noproc\n"
	  "delete_child x -> !noproc\n"
	  "exit x TERM\n"
	  "exit y TERM -> ok n\n"
	  "start_child n z -> !noproc" },
	{ "S29: a start error in start_child is the answer, and the spec is discarded",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b -> start b\n"
	  "failed b exec ->> start_error b {start_error,exec,ENOENT} none, start_error b\n"
	  "? b gone\n"
	  "? root running window=0" },
	{ "S29: so is an exit before readiness, and a start_timeout",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b[notify] -> start b\n"
	  "exit b 0 -> start_error b\n"
	  "? b gone\n"
	  "start_child root c[notify,timeout=1s] -> start c\n"
	  "1s wait -> term c\n"
	  "exit c TERM -> start_error c\n"
	  "? c gone" },
	{ "S29: a node that is lost during the start fails the command; nothing stays behind",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b -> start b\n"
	  "lost b -> start_error b\n"
	  "? b gone" },
	{ "S29: one that was executed and ends at once has been started",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b[transient] -> start b\n"
	  "exit b 0 -> ok b\n"
	  "? b undefined" },
	{ "S29: a start error in restart_child leaves the spec, undefined, and nothing is counted",
	  "one_for_one[intensity=0](a)",
	  "begin -> start a\n"
	  "started a\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "restart_child a -> start a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} none, start_error a\n"
	  "? a undefined\n"
	  "? root window=0" },
	{ "S29, S30: under init = strict a nested supervisor that cannot start is discarded, too",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root n:one_for_one[strict](x) -> start x\n"
	  "failed x exec -> start_error n\n"
	  "? n gone" },
	{ "S26: an ignored start is {ok,undefined}: the spec of a temporary child goes, others stay",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b[notify] -> start b\n"
	  "ignored b -> term b\n"
	  "exit b 0 -> undefined b\n"
	  "? b undefined\n"
	  "restart_child b -> start b\n"
	  "ignored b -> term b\n"
	  "exit b 0 -> undefined b\n"
	  "start_child root c[notify,temporary] -> start c\n"
	  "ignored c -> term c\n"
	  "exit c 0 -> undefined c\n"
	  "? c gone" },
	{ "S115: start_child and restart_child with no node up are no_node, and nothing is owed",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "node down 0\n"
	  "start_child root b -> !no_node\n"
	  "? b gone\n"
	  "restart_child a -> !no_node\n"
	  "? a undefined\n"
	  "node up 0" },
	{ "S79: an operation acts on that one child under every strategy",
	  "one_for_all(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "terminate_child b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "restart_child b -> start b\n"
	  "started b -> ok b\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "delete_child a -> ok a\n"
	  "? b running\n"
	  "? c running" },
	{ "S79: cancelling the retry of k leaves later members undefined; restart_child of k starts k only",
	  "rest_for_one(a b[backoff,late] c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit c TERM\n"
	  "? b restarting\n"
	  "terminate_child b -> ok b\n"
	  "1m wait\n"
	  "? c undefined\n"
	  "restart_child b -> start b\n"
	  "started b -> ok b\n"
	  "? c undefined" },
	{ "S41: a child that was terminated is started again with its group; one stopped by wish is not",
	  "one_for_all(a b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b\n"
	  "exit c 1 -> restart a, restart c\n"
	  "? b undefined down" },
	{ "S80: terminate and restart keep the position; delete and start move the id to the end",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "restart_child a -> start a\n"
	  "started a -> ok a\n"
	  "? root = a b\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "delete_child a -> ok a\n"
	  "start_child root a -> start a\n"
	  "started a -> ok a\n"
	  "? root = b a" },
	{ "S55: a supervisor that begins again has its own list: additions are lost, deleted ones are back",
	  "one_for_one(n:one_for_one[intensity=0](x y) z)",
	  "begin -> start x, start y, start z\n"
	  "all\n"
	  "start_child n w -> start w\n"
	  "started w -> ok w\n"
	  "terminate_child y -> term y\n"
	  "exit y TERM -> ok y\n"
	  "delete_child y -> ok y\n"
	  "exit x 1 -> term w\n"
	  "exit w TERM -> start x, start y\n"
	  "? w gone" },
};
const struct script_table rules_otp_static = RULES_TABLE(otp_static);

/* S74: in OTP a call finds the supervisor between two steps. */
static const struct script_row otp_serial[] = {
	{ "S74: what is asked while a group is torn down waits until it stands again",
	  "one_for_all(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit a 1 -> term b\n"
	  "start_child root c\n"
	  "terminate_child b\n"
	  "exit b TERM -> restart a, restart b, start c, term b\n"
	  "all -> ok c\n"
	  "exit b TERM -> ok b\n"
	  "? a running\n"
	  "? b undefined" },
	{ "S74: start_child waits for the end of an init, too",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "start_child root c\n"
	  "started a -> start b, start c\n"
	  "all -> ok c\n"
	  "? root = a b c" },
	{ "S74: what waited is judged when its turn comes",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "start_child root c\n"
	  "start_child root c[temporary]\n"
	  "delete_child b\n"
	  "started a -> start b, start c\n"
	  "started b -> running b\n"
	  "started c -> ok c, already_started c" },
	{ "S74: an operation on a child that is stopping waits until it is down",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "restart_child a\n"
	  "delete_child a\n"
	  "exit a TERM -> ok a, start a\n"
	  "started a -> ok a, running a" },
	{ "S74: the same id may be taken as soon as the old child is gone",
	  "one_for_one(a[temporary] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "start_child root a[transient]\n"
	  "exit a TERM -> ok a, start a\n"
	  "started a -> ok a" },
	{ "S32: terminate_child does not wait for a start: it ends it, and start_child has failed",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "start_child root b[notify] -> start b\n"
	  "terminate_child b -> term b\n"
	  "exit b TERM -> ok b, start_error b\n"
	  "? b gone" },
	{ "S32: a starting child that is terminated during an init stays down",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "terminate_child a -> term a, start b\n"
	  "exit a TERM -> ok a\n"
	  "? a undefined" },
	{ "S74: terminate_child of one whose turn has not come takes effect when the group stands",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "terminate_child b\n"
	  "started a -> start b, term b\n"
	  "exit b TERM -> ok b\n"
	  "? b undefined" },
	{ "S78: what waits is noproc when its supervisor ends instead",
	  "one_for_one[exit](a[notify] b)",
	  "begin -> start a\n"
	  "start_child root c\n"
	  "delete_child b\n"
	  "shutdown -> term a, noproc c, noproc b\n"
	  "exit a TERM -> ok root, finish ordered shutdown" },
	{ "S78: what waits for a child that is forgotten meanwhile is not_found, or for a supervisor noproc",
	  "one_for_one(n:one_for_one(x[notify] y) z)",
	  "begin -> start x\n"
	  "start_child n w\n"
	  "delete_child y\n"
	  "remove n -> start z, term x, noproc w, noproc y\n"
	  "exit x TERM -> ok n" },
	{ "S74: restart_child takes a stop back; a stop that comes while it waits counts as the later order",
	  "one_for_one(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "stop a -> term a\n"
	  "restart_child a\n"
	  "? a stopping up\n"
	  "exit a TERM -> ok a, start a\n"
	  "started a -> ok a\n"
	  "terminate_child a -> term a\n"
	  "restart_child a\n"
	  "stop a\n"
	  "exit a TERM -> ok a, ok a, start_error a\n"
	  "? a undefined down" },
	{ "S74: a start by wish overtakes a terminate_child that still waits",
	  "one_for_one(a[notify] b)",
	  "begin -> start a\n"
	  "terminate_child b\n"
	  "start b -> ok b\n"
	  "started a -> start b\n"
	  "started b -> ok b\n"
	  "? b running" },
	{ "S74: a start by wish takes a terminate_child back",
	  "one_for_one(a[temporary] b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "terminate_child a -> term a\n"
	  "start a\n"
	  "exit a TERM -> ok a, start a\n"
	  "started a -> ok a" },
	{ "S29: a start_child that is torn down with its group has failed, and nothing stays behind",
	  "one_for_all(a b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "start_child root c[notify] -> start c\n"
	  "exit a 1 -> term c\n"
	  "exit c TERM -> restarting c, term b\n"
	  "? c gone\n"
	  "exit b TERM -> restart a, restart b" },
};
const struct script_table rules_otp_serial = RULES_TABLE(otp_serial);

static const struct script_row otp_simple[] = {
	{ "S81: start_child adds an instance; the template is not one",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "? n running\n"
	  "? t gone\n"
	  "start_child n t1 -> start t1\n"
	  "started t1 -> ok t1\n"
	  "start_child n t2 -> start t2\n"
	  "started t2 -> ok t2\n"
	  "? n = t1 t2" },
	{ "S81: a start error of an instance is the answer, and it is forgotten",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1 -> start t1\n"
	  "failed t1 exec -> start_error t1\n"
	  "? t1 gone" },
	{ "S81: terminate_child forgets the instance; restart_child and delete_child are not for instances",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1 -> start t1\n"
	  "started t1 -> ok t1\n"
	  "restart_child t1 -> !simple_one_for_one\n"
	  "delete_child t1 -> !simple_one_for_one\n"
	  "terminate_child t1 -> term t1\n"
	  "exit t1 TERM -> ok t1\n"
	  "? t1 gone" },
	{ "S60, S81: terminate_child of an instance that is restarting cancels that and forgets it",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1[backoff,late] -> start t1\n"
	  "started t1 -> ok t1\n"
	  "exit t1 1\n"
	  "? t1 restarting\n"
	  "terminate_child t1 -> ok t1\n"
	  "? t1 gone" },
	{ "S49: an instance restarts alone, as a new incarnation of itself",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1 -> start t1\n"
	  "start_child n t2 -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "exit t1 1 -> restart t1\n"
	  "? t2 running" },
	{ "S34, S81: an instance that ended for good is forgotten, whatever its type",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1[transient] -> start t1\n"
	  "start_child n t2[temporary] -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "exit t1 0\n"
	  "exit t2 1\n"
	  "? t1 gone\n"
	  "? t2 gone\n"
	  "? n running" },
	{ "S26: an ignored instance is not recorded",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1[notify] -> start t1\n"
	  "ignored t1 -> term t1\n"
	  "exit t1 0 -> undefined t1\n"
	  "? t1 gone" },
	{ "S53: restarts of instances are counted together",
	  "one_for_one(n:simple_one_for_one[intensity=1](t))",
	  "begin\n"
	  "start_child n t1 -> start t1\n"
	  "start_child n t2 -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "exit t1 1 -> restart t1\n"
	  "started t1\n"
	  "exit t2 1 ->> child_terminated t2 {exit,1} none, escalated n {exit,1} none, term t1\n"
	  "exit t1 TERM\n"
	  "? n running\n"
	  "? t1 gone" },
	{ "S64: instances are stopped all at once, with one timer",
	  "one_for_one(n:simple_one_for_one(t))",
	  "begin\n"
	  "start_child n t1[ms=1000] -> start t1\n"
	  "start_child n t2[ms=1000] -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "shutdown -> term t2, term t1\n"
	  "1s wait -> kill t1, kill t2\n"
	  "exit t1 KILL\n"
	  "exit t2 KILL -> ok root, finish ordered shutdown" },
	{ "S86: beyond max_children start_child is max_children; one that is restarting counts",
	  "one_for_one(n:simple_one_for_one[most=2](t))",
	  "begin\n"
	  "start_child n t1[backoff,late] -> start t1\n"
	  "start_child n t2 -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "start_child n t3 -> !max_children\n"
	  "exit t1 1\n"
	  "start_child n t3 -> !max_children\n"
	  "terminate_child t1 -> ok t1\n"
	  "start_child n t3 -> start t3\n"
	  "started t3 -> ok t3" },
	{ "S71: all_significant under simple_one_for_one: the supervisor ends with the last instance",
	  "one_for_one(n:simple_one_for_one[all](t[transient,sig]))",
	  "begin\n"
	  "start_child n t1[transient,sig] -> start t1\n"
	  "start_child n t2[transient,sig] -> start t2\n"
	  "all -> ok t1, ok t2\n"
	  "exit t1 0\n"
	  "? n running\n"
	  "exit t2 0 ->> child_terminated t2 normal none, shutdown n shutdown none, child_terminated n shutdown 0s\n"
	  "? n running starts=2" },
};
const struct script_table rules_otp_simple = RULES_TABLE(otp_simple);

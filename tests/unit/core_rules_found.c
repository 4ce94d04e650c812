/* What the simulator (tests/sim) has found: each row is a run of it, shrunk. */
#include "core_rules.h"

static const struct script_row found[] = {
	{ "S29, S115: a start that waits for its node is no command's any more: when it fails it is retried",
	  "one_for_one(a[notify,backoff,late])",
	  "begin -> start a\n"
	  "started a\n"
	  "stop a -> term a\n"
	  "exit a 0 -> ok a\n"
	  "node down 0\n"
	  "start a -> restarting a\n"
	  "node up 0 -> start a\n"
	  "exit a 0 ->> start_error a {start_error,exited} 200ms\n"
	  "? a restarting up" },
	{ "S29: a start that was lost with its node has been answered: when its retry fails it is retried again",
	  "one_for_one(a[notify,backoff,late])",
	  "begin -> start a\n"
	  "started a\n"
	  "stop a -> term a\n"
	  "exit a 0 -> ok a\n"
	  "start a -> start a\n"
	  "lost a ->> start_error a, child_terminated a noconnection 200ms\n"
	  "1s wait -> restart a\n"
	  "1s failed a exec ->> start_error a {start_error,exec,ENOENT} 400ms\n"
	  "? a restarting up" },
	{ "S29: a start that is refused while its group goes down leaves nothing behind",
	  "one_for_all(a[notify,backoff,late] b[notify,backoff,late])",
	  "begin -> start a\n"
	  "started a -> start b\n"
	  "started b\n"
	  "exit b 1 -> term a\n"
	  "start a\n"
	  "exit a 0 -> restarting a\n"
	  "1s wait -> restart a\n"
	  "1s exit a 0 ->> start_error a {start_error,exited} 200ms\n"
	  "? a restarting up" },
	{ "S124: a restart that overtakes a start is carried out, also if the start never was",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "restart a -> term a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} none, start a\n"
	  "started a -> ok a" },
	{ "S41, S124: a group that is down for the sake of one that is stopped by hand comes back without it",
	  "one_for_all(a b[backoff,late] c[temporary] d)",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "exit b 1 -> term d\n"
	  "exit d 0 -> term c\n"
	  "exit c 0 -> term a\n"
	  "exit a 0\n"
	  "? a undefined up\n"
	  "stop b -> ok b, restart a, restart d\n"
	  "? b undefined down" },
	{ "S41, S124: it does so if the stop comes while the group goes down",
	  "rest_for_one(a b[backoff,late] c d)",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "exit b 1 -> term d\n"
	  "stop b -> ok b\n"
	  "exit d 0 -> term c\n"
	  "exit c 0 -> restart c, restart d\n"
	  "? b undefined down" },
	{ "S41, S124: it does so if the one that it waits for is removed",
	  "one_for_all(a b[backoff,late])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "exit b 1 -> term a\n"
	  "exit a 0\n"
	  "remove b -> ok b, restart a\n"
	  "? b gone" },
};

const struct script_table rules_found = RULES_TABLE(found);

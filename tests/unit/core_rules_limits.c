/* Rules of intensity, delays and nodes: see core_script.h. */
#include "core_rules.h"

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

const struct script_table rules_intensity = RULES_TABLE(intensity);

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

const struct script_table rules_delays = RULES_TABLE(delays);

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

const struct script_table rules_nodes = RULES_TABLE(nodes);

/* Rules of nodes, failover and takeover (S105-S118, architecture 7): see core_script.h. */
#include "core_rules.h"

/* Where a child starts, and where it starts again. */
static const struct script_row placing[] = {
	{ "S105: the local node is there from the beginning",
	  "one_for_one(a[nodes=0/1])",
	  "begin -> start a" },
	{ "S107: a node that comes up before the beginning is there, too",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "? a node=1" },
	{ "S111: the first of the list that is up",
	  "one_for_one(a[nodes=3/2/1/0])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@2" },
	{ "S111: among equals the one with the fewest children, then list order",
	  "one_for_one(a[nodes=2+1] b[nodes=2+1] c[nodes=1+2] d[nodes=1+2])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@2, start b@1, start c@1, start d@2" },
	{ "S111: children of other lists count as well",
	  "one_for_one(x[nodes=1] a[nodes=1+2])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start x@1, start a@2" },
	{ "S111: a node of better rank is taken, however many children it has",
	  "one_for_one(x[nodes=1] y[nodes=1] a[nodes=1/2])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start x@1, start y@1, start a@1" },
	{ "11: a node that is full is passed over; where all are full a child waits, and starts when one has ended",
	  "one_for_one(a[nodes=1/2] b[nodes=1/2] c[nodes=1/2] d[nodes=1/2])",
	  "node up 1 1\n"
	  "node up 2 2\n"
	  "begin -> start a@1, start b@2, start c@2\n"
	  "all\n"
	  "? d restarting waits=1 due=never\n"
	  "stop b -> term b\n"
	  "exit b TERM -> ok b, start d@2" },
	{ "11: a larger capacity lets those start that wait, one after the other",
	  "one_for_one(a[nodes=1] b[nodes=1] c[nodes=1])",
	  "node up 1 1\n"
	  "begin -> start a@1\n"
	  "node up 1 2 -> start b@1\n"
	  "node up 1 -> start c@1" },
	{ "11: a child that is restarted at once keeps its place from those that wait",
	  "one_for_one(a[nodes=1] b[nodes=1])",
	  "node up 1 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "exit a 1 -> restart a@1\n"
	  "? b waits=1" },
	{ "S112: an exit on a node that is up is restarted there, though a better one has come",
	  "one_for_one(a[nodes=1/0])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "exit a 1 -> restart a" },
	{ "S112: but who is stopped and started by hand is placed anew",
	  "one_for_one(a[nodes=1/0])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "restart a -> term a\n"
	  "exit a TERM -> start a\n"
	  "started a -> ok a\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "start a -> start a@1" },
	{ "S112: and so is a child whose supervisor begins again",
	  "one_for_one(n:one_for_one[intensity=0](a[nodes=1/0]) b)",
	  "begin -> start a, start b\n"
	  "all\n"
	  "node up 1\n"
	  "exit a 1 -> start a@1" },
	{ "7: failover_after = 1: every death moves, from box to box and round again",
	  "one_for_one(a[nodes=0/1/2,after=1])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 -> failover a@1 from 0\n"
	  "started a\n"
	  "exit a 1 -> failover a@2 from 1\n"
	  "started a\n"
	  "exit a 0 -> failover a@0 from 2" },
	{ "7: failover_after = 2: the second failure in a row on a node moves",
	  "one_for_one(a[nodes=0/1,after=2])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "exit a 1 -> restart a\n"
	  "failed a exec -> failover a@1 from 0\n"
	  "started a\n"
	  "exit a 1 -> restart a@1\n"
	  "exit a 1 -> failover a@0 from 1" },
	{ "7: on one node: what failed on another one does not count",
	  "one_for_one(a[nodes=0/1/2,after=2])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a\n"
	  "exit a 1 -> restart a\n"
	  "node down 0\n"
	  "lost a -> failover a@1 from 0\n"
	  "exit a 1 -> restart a@1\n"
	  "exit a 1 -> failover a@2 from 1" },
	{ "7: without reset_after no life is long enough",
	  "one_for_one(a[nodes=0/1,after=2,reset=0s])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "9s exit a 1 -> restart a\n"
	  "9s started a\n"
	  "99s exit a 1 -> failover a@1 from 0" },
	{ "7: in a row: who has lived for long enough begins anew",
	  "one_for_one(a[nodes=0/1,after=2,reset=60s])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "1s exit a 1 -> restart a\n"
	  "1s started a\n"
	  "61s exit a 1 -> restart a\n"
	  "61s started a\n"
	  "62s exit a 1 -> failover a@1 from 0" },
	{ "7: the next node is waited for as a restart is, and the delay grows on",
	  "one_for_one(a[nodes=0/1,after=1,backoff,late])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} 200ms\n"
	  "200ms wait -> failover a@1 from 0\n"
	  "200ms failed a exec ->> start_error a {start_error,exec,ENOENT} 400ms\n"
	  "600ms wait -> failover a@0 from 1" },
	{ "7: among equals it goes to one that it was not on",
	  "one_for_one(a[nodes=1+2+3/0,after=1])",
	  "node up 1\n"
	  "node up 2\n"
	  "node up 3\n"
	  "begin -> start a@1\n"
	  "exit a 1 -> failover a@2 from 1\n"
	  "exit a 1 -> failover a@3 from 2\n"
	  "exit a 1 -> failover a@0 from 3\n"
	  "exit a 1 -> failover a@1 from 0" },
	{ "7: with nowhere to go it stays",
	  "one_for_one(a[nodes=0/1,after=1] b[after=1])",
	  "begin -> start a, start b\n"
	  "exit a 1 -> restart a\n"
	  "exit b 1 -> restart b" },
	{ "7: failover_after = 0 is S112 to the letter",
	  "one_for_one(a[nodes=0/1])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> restart a\n"
	  "exit a 1 -> restart a" },
	{ "7: every failure counts in the window, wherever it was",
	  "one_for_one[intensity=2,period=5s](a[nodes=0/1,after=1])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "exit a 1 -> failover a@1 from 0\n"
	  "exit a 1 -> failover a@0 from 1\n"
	  "exit a 1 ->> child_terminated a {exit,1} 5m, cool_down a {exit,1} 5m" },
	{ "7: under one_for_all the group starts again, each where it was but the one that moves",
	  "one_for_all(a b[nodes=0/1,after=1] c)",
	  "node up 1\n"
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "exit b 1 -> term c\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> restart a, failover b@1 from 0, restart c" },
	{ "7: a node where three children gave up one after the other is sick, and avoided",
	  "one_for_one(a[nodes=1/2,after=1] b[nodes=1/2,after=1] c[nodes=1/2,after=1] d[nodes=1/2,stopped])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@1, start b@1, start c@1\n"
	  "failed a exec -> failover a@2 from 1\n"
	  "failed b exec -> failover b@2 from 1\n"
	  "failed c exec ->> node_sick c {start_error,exec,ENOENT} 1m, start_error c {start_error,exec,ENOENT} 0s, "
	  "failover c@2 from 1\n"
	  "at 1 sick=1m\n"
	  "at 2 load=3 sick=0s\n"
	  "59s start d -> start d@2\n"
	  "59s started d -> ok d\n"
	  "59s stop d -> term d\n"
	  "59s exit d TERM -> ok d\n"
	  "60s start d -> start d@1\n"
	  "at 1 up permitted load=1 capacity=0 sick=0s" },
	{ "7: one child that fails everywhere makes no node sick",
	  "one_for_one(a[nodes=1/2,after=1])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@1\n"
	  "failed a exec -> failover a@2 from 1\n"
	  "failed a exec -> failover a@1 from 2\n"
	  "failed a exec -> failover a@2 from 1\n"
	  "failed a exec -> failover a@1 from 2\n"
	  "failed a exec -> failover a@2 from 1\n"
	  "failed a exec -> failover a@1 from 2" },
	{ "7: a sick node is better than none",
	  "one_for_one(a[nodes=1/2,after=1] b[nodes=1/2,after=1] c[nodes=1/2,after=1])",
	  "node up 1\n"
	  "begin -> start a@1, start b@1, start c@1\n"
	  "failed a exec -> restart a@1\n"
	  "failed b exec -> restart b@1\n"
	  "failed c exec -> restart c@1" },
	{ "7: permit makes a sick node well",
	  "one_for_one(a[nodes=1/2,after=1] b[nodes=1/2,after=1] c[nodes=1/2,after=1] d[nodes=1/2,stopped])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@1, start b@1, start c@1\n"
	  "failed a exec -> failover a@2 from 1\n"
	  "failed b exec -> failover b@2 from 1\n"
	  "failed c exec -> failover c@2 from 1\n"
	  "permit root 1 -> ok root\n"
	  "start d -> start d@1" },
};

const struct script_table rules_placing = RULES_TABLE(placing);

/* A node is lost; a node refuses; there is none. */
static const struct script_row losing[] = {
	{ "S109, S110: the loss of a node ends nobody by itself; the tree waits for the word that all is dead there",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "? a running\n"
	  "1h wait\n"
	  "1h lost a -> failover a@0 from 1" },
	{ "S109: a noconnection is abnormal: a transient child fails over, a temporary one is gone",
	  "one_for_one(a[transient,nodes=1/0] b[temporary,nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1, start b@1\n"
	  "all\n"
	  "node down 1\n"
	  "lost a -> failover a@0 from 1\n"
	  "lost b\n"
	  "? b gone" },
	{ "S107: a node that was never heard of, or is lost twice, is lost once",
	  "one_for_one[intensity=1](a[nodes=1/0] b[nodes=1/0])",
	  "node down 1\n"
	  "node up 1\n"
	  "begin -> start a@1, start b@1\n"
	  "all\n"
	  "node down 1\n"
	  "lost a -> failover a@0 from 1\n"
	  "node down 1\n"
	  "lost b -> failover b@0 from 1\n"
	  "? root window=1\n"
	  "at 1 down load=0" },
	{ "S107: exits that came before the loss are restarts like any other",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "exit a 1 -> restart a@1\n"
	  "node down 1\n"
	  "lost a -> failover a@0 from 1" },
	{ "5: a node that is back in time: its children go on",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "5s node up 1\n"
	  "? a running node=1 starts=1" },
	{ "S108: what a lost node costs counts once, also when its children go elsewhere",
	  "one_for_one[intensity=1](a[nodes=1/0] b[nodes=1/0] c[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1, start b@1, start c@1\n"
	  "all\n"
	  "node down 1\n"
	  "lost a -> failover a@0 from 1\n"
	  "lost b -> failover b@0 from 1\n"
	  "lost c -> failover c@0 from 1\n"
	  "? root window=1" },
	{ "S108: it does not count for failover_after, and makes no node sick",
	  "one_for_one(a[nodes=0/1,after=2])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "lost a -> restart a\n"
	  "lost a -> restart a\n"
	  "lost a -> restart a" },
	{ "S113: failover_timeout waits for the node; if it returns the child starts there",
	  "one_for_one(a[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "2s lost a ->> child_terminated a noconnection 0s, no_node a noconnection 8s\n"
	  "? a restarting waits=1 due=10s\n"
	  "9s node up 1 -> restart a@1" },
	{ "S113: else it starts at the pick, counted from the loss of the node",
	  "one_for_one(a[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "2s lost a\n"
	  "9999ms wait\n"
	  "10s wait -> failover a@0 from 1" },
	{ "S113: a loss that was told late has been waited for",
	  "one_for_one(a[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "10s lost a -> failover a@0 from 1" },
	{ "S113: with no other node it goes on waiting, and starts where the first one comes",
	  "one_for_one(a[nodes=1/2,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "node down 1\n"
	  "lost a\n"
	  "10s wait\n"
	  "? a restarting due=never waits=1\n"
	  "20s node up 2 -> failover a@2 from 1" },
	{ "S113: an operator's start does not wait for the node",
	  "one_for_one(a[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "lost a\n"
	  "1s start a -> failover a@0 from 1\n"
	  "started a -> ok a" },
	{ "S113: a stop ends the wait, S61: and so does the end of the supervisor",
	  "one_for_one(a[nodes=1/0,wait=10s] b[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1, start b@1\n"
	  "all\n"
	  "node down 1\n"
	  "lost a\n"
	  "lost b\n"
	  "stop a -> ok a\n"
	  "? a undefined waits=0\n"
	  "shutdown -> ok root, finish ordered shutdown\n"
	  "10s wait\n"
	  "10s node up 1" },
	{ "S113: under one_for_all the others do not wait, and go on when it follows",
	  "one_for_all(a b[nodes=1/0,wait=10s] c)",
	  "node up 1\n"
	  "begin -> start a, start b@1, start c\n"
	  "all\n"
	  "node down 1\n"
	  "lost b -> term c\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> restart a, restart c\n"
	  "all\n"
	  "10s wait -> failover b@0 from 1" },
	{ "S113: a node that is forbidden meanwhile is not waited for",
	  "one_for_one(a[nodes=1/0,wait=10s])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "node down 1\n"
	  "forbid a 1 -> term a\n"
	  "lost a -> takeover a@0 from 1\n"
	  "started a -> ok a" },
	{ "S114: a node without a lease: the next candidate at once, uncounted, whatever the delay",
	  "one_for_one[intensity=0](a[nodes=1/2/0,backoff,late])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@1\n"
	  "failed a lease ->> start_error a {start_error,lease,ENOENT} 0s, start a@2\n"
	  "failed a lease -> start a\n"
	  "started a\n"
	  "? a node=0 row=0 restarts=0\n"
	  "? root window=0" },
	{ "S114: when all have refused, the delay, and again",
	  "one_for_one[intensity=0](a[nodes=1/0,backoff,late])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "failed a lease -> start a\n"
	  "failed a lease ->> start_error a {start_error,lease,ENOENT} 200ms\n"
	  "200ms wait -> restart a\n"
	  "? root window=0" },
	{ "S114, S28: because of the child: the same node",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "failed a exec -> restart a@1" },
	{ "S115: no candidate: restarting, uncounted, said once, and started where one comes first",
	  "one_for_one[intensity=0](a[nodes=1/2] b)",
	  "begin ->> no_node a none none, start b\n"
	  "? a restarting waits=1 due=never\n"
	  "? root running window=0\n"
	  "1h node up 2 -> start a@2" },
	{ "S115: under init = strict the init waits for a node",
	  "one_for_one(n:one_for_one[strict](a[nodes=1/2] b) c)",
	  "begin\n"
	  "? n starting\n"
	  "node up 2 -> start a@2\n"
	  "started a -> start b\n"
	  "started b -> start c" },
	{ "S115: start_child: no_node, and nothing is left; add: kept, and started later",
	  "one_for_one()",
	  "begin\n"
	  "start_child root a[nodes=1] -> !no_node\n"
	  "? a gone\n"
	  "add root b[nodes=1] -> restarting b\n"
	  "? b restarting waits=1\n"
	  "node up 1 -> start b@1" },
	{ "S115: restart_child: no_node",
	  "one_for_one(a[nodes=1])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "terminate_child a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "node down 1\n"
	  "restart_child a -> !no_node\n"
	  "? a undefined" },
	{ "S115: start of one that waits says so; what fails after the wait is retried",
	  "one_for_one(a[nodes=1,backoff,late])",
	  "begin\n"
	  "start a -> restarting a\n"
	  "stop a -> ok a\n"
	  "start a -> restarting a\n"
	  "node up 1 -> start a@1\n"
	  "failed a exec ->> start_error a {start_error,exec,ENOENT} 200ms" },
	{ "S115: those that wait come in their order, one list after the other",
	  "one_for_one(a[nodes=1/2] b[nodes=2/1] c[nodes=1] d[nodes=1/2])",
	  "begin\n"
	  "node up 1 -> start a@1, start d@1, start b@1, start c@1" },
	{ "S115: a changed list counts for one that waits",
	  "one_for_one(a[nodes=1])",
	  "begin\n"
	  "node up 2\n"
	  "change a a[nodes=2] -> ok a, start a@2" },
	{ "S115: one that keeps its list keeps its place among those that wait, and its time",
	  "one_for_one(a[nodes=1] b[nodes=1] c[nodes=2/0,wait=10s])",
	  "node up 2\n"
	  "begin -> start c@2\n"
	  "started c\n"
	  "node down 2\n"
	  "lost c\n"
	  "change a a[nodes=1,ms=1] -> ok a\n"
	  "change c c[nodes=2/0,wait=5s] -> ok c\n"
	  "? c due=10s\n"
	  "node up 1 -> start a@1, start b@1" },
	{ "S115: and for the next start of one that runs",
	  "one_for_one(a[nodes=0])",
	  "node up 2\n"
	  "begin -> start a\n"
	  "started a\n"
	  "change a a[nodes=2] -> ok a\n"
	  "exit a 1 -> failover a@2 from 0" },
	{ "5, S115: adopted while it waits: its node came back with it",
	  "one_for_one(a[nodes=1])",
	  "begin\n"
	  "? a waits=1\n"
	  "adopt a 70 1\n"
	  "? a running node=1 waits=0\n"
	  "node up 1" },
	{ "5: adopted on a node of its list it stays there, with others it counts for the load",
	  "one_for_one(a[nodes=0+1] b[nodes=0+1])",
	  "node up 1\n"
	  "adopt a 70 1\n"
	  "begin -> start b\n"
	  "exit a 1 -> restart a@1" },
};

const struct script_table rules_losing = RULES_TABLE(losing);

/* Back to a better node, and away from one by order. */
static const struct script_row moving[] = {
	{ "S116: takeover: a better node that has been up for failover_timeout gets the child, stopped first (S117)",
	  "one_for_one(a[nodes=1/0,wait=10s,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "1s node up 1\n"
	  "10999ms wait\n"
	  "11s wait -> term a\n"
	  "? a stopping\n"
	  "11s exit a TERM -> takeover a@1 from 0\n"
	  "11s started a\n"
	  "? root window=0\n"
	  "1h wait" },
	{ "S116: off unless asked for",
	  "one_for_one(a[nodes=1/0])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "1h wait\n"
	  "? a node=0" },
	{ "S116: between equals it never moves by itself",
	  "one_for_one(a[nodes=1+0,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "1h wait\n"
	  "? a running node=0" },
	{ "S116: a node that is lost again before its time is not moved to",
	  "one_for_one(a[nodes=1/0,wait=10s,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "5s node down 1\n"
	  "6s node up 1\n"
	  "15s wait\n"
	  "16s wait -> term a" },
	{ "S116: without a timeout at once",
	  "one_for_one(a[nodes=1/0,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "0s wait -> term a" },
	{ "S116: a restart in between does not lose it",
	  "one_for_one(a[nodes=1/0,wait=10s,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "5s exit a 1 -> restart a\n"
	  "5s started a\n"
	  "10s wait -> term a\n"
	  "10s exit a TERM -> takeover a@1 from 0" },
	{ "S116: who left the better node because it failed there does not go back to it by itself",
	  "one_for_one(a[nodes=1/0,after=1,back])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "exit a 1 -> failover a@0 from 1\n"
	  "started a\n"
	  "1h wait\n"
	  "1h node down 1\n"
	  "1h node up 1\n"
	  "1h wait -> term a\n"
	  "1h exit a TERM -> takeover a@1 from 0" },
	{ "S116: a change that takes the takeover away, or the list, is obeyed",
	  "one_for_one(a[nodes=1/0,wait=10s,back] b[nodes=1/0,wait=10s,back] c[nodes=1/0,wait=10s,back])",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "node up 1\n"
	  "change a a[nodes=1/0,wait=10s] -> ok a\n"
	  "change b b[back] -> ok b\n"
	  "5s change c c[back] -> ok c\n"
	  "5s exit c 1 -> restart c\n"
	  "5s started c\n"
	  "1h wait" },
	{ "S114, S115: one that is refused, with no other node up, waits for one",
	  "one_for_one(a[nodes=1/2])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "node down 1\n"
	  "failed a lease\n"
	  "? a restarting waits=1\n"
	  "node up 2 -> start a@2" },
	{ "S29, S114, S115: a start_child that no node takes leaves nothing behind",
	  "one_for_one(a)",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "start_child root x[nodes=1/2] -> start x@1\n"
	  "node down 1\n"
	  "failed x lease ->> start_error x {start_error,lease,ENOENT} none, start_error x\n"
	  "node up 1\n"
	  "? x gone\n"
	  "start_child root y[nodes=1/0] -> start y@1\n"
	  "node down 1\n"
	  "failed y lease -> start y\n"
	  "started y -> ok y" },
	{ "S116: of a better node hear those that have it in their list by then, and no others",
	  "one_for_one(a[nodes=1/0,back] b[nodes=1/0,back] c[nodes=2/0,back] d[nodes=1/0,back])",
	  "begin -> start a, start b, start c, start d\n"
	  "all\n"
	  "change c c[nodes=1/0,back] -> ok c\n"
	  "change b b[nodes=2/0,back] -> ok b\n"
	  "remove a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "node up 1\n"
	  "wait -> term c, term d\n"
	  "exit c TERM -> takeover c@1 from 0\n"
	  "exit d TERM -> takeover d@1 from 0\n"
	  "? b running node=0" },
	{ "S116: takeover without a list is nothing",
	  "one_for_one(a[back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "permit a 0 -> ok a\n"
	  "1h wait" },
	{ "S116: what falls due while its group is stopped is forgotten for its restart",
	  "one_for_all(a[nodes=1/0,wait=10s,back] b c)",
	  "begin -> start a, start b, start c\n"
	  "all\n"
	  "node up 1\n"
	  "9s exit b 1 -> term c\n"
	  "11s wait\n"
	  "11s exit c TERM -> term a\n"
	  "11s exit a TERM -> restart a, restart b, restart c\n"
	  "11s started a\n"
	  "11s wait -> term c\n"
	  "11s exit c TERM -> term b\n"
	  "11s exit b TERM -> term a\n"
	  "11s exit a TERM -> takeover a@1 from 0, restart b, restart c" },
	{ "S116: nor if it could not even start there",
	  "one_for_one(a[nodes=1/0,after=1,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "0s wait -> term a\n"
	  "exit a TERM -> takeover a@1 from 0\n"
	  "failed a exec -> failover a@0 from 1\n"
	  "started a\n"
	  "1h wait" },
	{ "S116, S118: nor if an operator has moved it",
	  "one_for_one(a[nodes=1/0/2,wait=10s,back])",
	  "node up 2\n"
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "1s move a 2 -> term a\n"
	  "1s exit a TERM -> takeover a@2 from 0\n"
	  "1s started a -> ok a\n"
	  "1h wait" },
	{ "S116: the best of several that are better",
	  "one_for_one(a[nodes=1/2/0,wait=10s,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 2\n"
	  "3s node up 1\n"
	  "10s wait -> term a\n"
	  "10s exit a TERM -> takeover a@2 from 0\n"
	  "10s started a\n"
	  "13s wait -> term a\n"
	  "13s exit a TERM -> takeover a@1 from 2" },
	{ "S116: adopted on a worse node it goes back after the beginning",
	  "one_for_one(a[nodes=1/0,wait=10s,back])",
	  "node up 1\n"
	  "adopt a 70 0\n"
	  "5s begin\n"
	  "10s wait -> term a" },
	{ "S116, S39: under one_for_all the move is a planned restart of the group, and counts nothing",
	  "one_for_all[intensity=0](x a[nodes=1/0,back] y)",
	  "begin -> start x, start a, start y\n"
	  "all\n"
	  "node up 1\n"
	  "0s wait -> term y\n"
	  "exit y TERM -> term a\n"
	  "exit a TERM -> term x\n"
	  "exit x TERM -> restart x, takeover a@1 from 0, restart y\n"
	  "all\n"
	  "? root window=0" },
	{ "S116, S40: under rest_for_one of those behind it",
	  "rest_for_one[intensity=0](x a[nodes=1/0,back] y)",
	  "begin -> start x, start a, start y\n"
	  "all\n"
	  "node up 1\n"
	  "0s wait -> term y\n"
	  "exit y TERM -> term a\n"
	  "exit a TERM -> takeover a@1 from 0, restart y" },
	{ "S116: a member of the group that dies while it is stopped for a move is consumed (S42)",
	  "one_for_all[intensity=0](x a[nodes=1/0,back])",
	  "begin -> start x, start a\n"
	  "all\n"
	  "node up 1\n"
	  "0s wait -> term a\n"
	  "exit x 1\n"
	  "exit a TERM -> restart x, takeover a@1 from 0\n"
	  "? root window=0" },
	{ "S117: on the new node it fails as anywhere (S28)",
	  "one_for_one(a[nodes=1/0,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "0s wait -> term a\n"
	  "exit a TERM -> takeover a@1 from 0\n"
	  "failed a exec -> restart a@1\n"
	  "? root window=0" },
	{ "S117: if the new node is lost while the old one stops, it starts where it can",
	  "one_for_one(a[nodes=1/0,back])",
	  "begin -> start a\n"
	  "started a\n"
	  "node up 1\n"
	  "0s wait -> term a\n"
	  "node down 1\n"
	  "exit a TERM -> restart a" },
	{ "S117: if the old one is lost while it stops, it starts when it is known to be dead",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "move a 0 -> term a\n"
	  "node down 1\n"
	  "5s wait -> kill a\n"
	  "lost a -> takeover a@0 from 1\n"
	  "started a -> ok a" },
	{ "S118: takeover(id, node) moves, also between equals and to a worse one",
	  "one_for_one(a[nodes=1+2/0])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a@1\n"
	  "started a\n"
	  "move a 2 -> term a\n"
	  "exit a TERM -> takeover a@2 from 1\n"
	  "started a -> ok a\n"
	  "move a 0 -> term a\n"
	  "exit a TERM -> takeover a@0 from 2\n"
	  "started a -> ok a\n"
	  "? root window=0" },
	{ "S118: a list that changes on the way is obeyed",
	  "one_for_one(a[nodes=0/1/2])",
	  "node up 1\n"
	  "node up 2\n"
	  "begin -> start a\n"
	  "started a\n"
	  "move a 1 -> term a\n"
	  "change a a[nodes=2/0] -> ok a\n"
	  "exit a TERM -> takeover a@2 from 0" },
	{ "S118: an adoption ends a move that was meant",
	  "one_for_one(a[nodes=0/1/2])",
	  "begin -> start a\n"
	  "started a\n"
	  "forbid a 0 -> term a\n"
	  "exit a TERM -> restarting a\n"
	  "adopt a 70 2\n"
	  "node up 2\n"
	  "node up 1\n"
	  "exit a 1 -> restart a@2" },
	{ "S118: its errors, none of which does anything",
	  "one_for_one(a[nodes=1/2/0] b[stopped,nodes=1/2] n:one_for_one())",
	  "node up 1 1\n"
	  "node up 3\n"
	  "begin -> start a@1\n"
	  "move a 0 -> !not_running\n"
	  "started a\n"
	  "move b 1 -> !not_running\n"
	  "move a 1 -> !already_running\n"
	  "move a 2 -> !nodedown\n"
	  "move a 77 -> !nodedown\n"
	  "at 77 unknown\n"
	  "move a 3 -> !not_permitted\n"
	  "forbid a 0 -> ok a\n"
	  "move a 0 -> !not_permitted\n"
	  "move n 1 -> !invalid\n"
	  "permit n 1 -> !invalid\n"
	  "node up 2 1\n"
	  "start b -> start b@2\n"
	  "started b -> ok b\n"
	  "move a 2 -> !no_node\n"
	  "? a running node=1" },
	{ "S118: a move under one_for_all is answered when the child is there",
	  "one_for_all(x a[nodes=0/1])",
	  "node up 1\n"
	  "begin -> start x, start a\n"
	  "all\n"
	  "move a 1 -> term a\n"
	  "exit a TERM -> term x\n"
	  "exit x TERM -> restart x, takeover a@1 from 0\n"
	  "started a -> ok a" },
	{ "S118: a temporary child moves alone, as its group would forget it (S41)",
	  "one_for_all(x a[temporary,nodes=0/1])",
	  "node up 1\n"
	  "begin -> start x, start a\n"
	  "all\n"
	  "move a 1 -> term a\n"
	  "exit a TERM -> takeover a@1 from 0" },
	{ "S118: a stop that follows a move is obeyed",
	  "one_for_one(a[nodes=0/1])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "move a 1 -> term a\n"
	  "stop a\n"
	  "exit a TERM -> ok a, start_error a\n"
	  "? a undefined down\n"
	  "start a -> start a" },
	{ "S118: permit(id, node, false) moves the child off",
	  "one_for_one(a[nodes=0/1])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "forbid a 0 -> term a\n"
	  "exit a TERM -> takeover a@1 from 0\n"
	  "started a -> ok a\n"
	  "exit a 1 -> restart a@1" },
	{ "S118: or leaves it waiting (S115), and true starts it",
	  "one_for_one(a[nodes=0/1] b[nodes=0/1])",
	  "begin -> start a, start b\n"
	  "all\n"
	  "forbid a 0 -> term a\n"
	  "exit a TERM -> restarting a\n"
	  "? a restarting waits=1\n"
	  "? b running\n"
	  "permit a 0 -> ok a, restart a" },
	{ "S118: and true allows a takeover",
	  "one_for_one(a[nodes=0/1,back])",
	  "node up 1\n"
	  "begin -> start a\n"
	  "started a\n"
	  "forbid a 0 -> term a\n"
	  "exit a TERM -> takeover a@1 from 0\n"
	  "started a -> ok a\n"
	  "permit a 0 -> ok a\n"
	  "0s wait -> term a\n"
	  "exit a TERM -> takeover a@0 from 1" },
	{ "S118: forbidden while its group is stopped, or its supervisor ends, it is not moved",
	  "one_for_all(a[nodes=0/1] b c n:one_for_all(x[nodes=0/1] y))",
	  "node up 1\n"
	  "begin -> start a, start b, start c, start x, start y\n"
	  "all\n"
	  "exit b 1 -> term y\n"
	  "forbid a 0 -> ok a\n"
	  "forbid x 0 -> ok x\n"
	  "exit y TERM -> term x\n"
	  "exit x TERM -> term c\n"
	  "exit c TERM -> term a\n"
	  "exit a TERM -> failover a@1 from 0, restart b, restart c, start x@1, start y" },
	{ "S118: any number of them",
	  "one_for_one(a[nodes=1/2/3/4/5/6/7/0] b[nodes=7/0])",
	  "forbid a 7 -> ok a\n"
	  "forbid a 2 -> ok a\n"
	  "forbid b 7 -> ok b\n"
	  "forbid a 2 -> ok a\n"
	  "forbid a 3 -> ok a\n"
	  "forbid a 5 -> ok a\n"
	  "forbid a 1 -> ok a\n"
	  "permit a 5 -> ok a\n"
	  "permit b 5 -> ok b\n"
	  "bans a@1 a@2 a@3 a@7 b@7\n"
	  "node up 1\n"
	  "node up 2\n"
	  "node up 3\n"
	  "node up 7\n"
	  "begin -> start a, start b\n"
	  "node up 5\n"
	  "all\n"
	  "stop a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "start a -> start a@5" },
	{ "S118: what is forbidden to one that does not run there is kept for its next start",
	  "one_for_one(a[nodes=0/1,stopped])",
	  "begin\n"
	  "node up 1\n"
	  "forbid a 0 -> ok a\n"
	  "start a -> start a@1" },
	{ "S118: what was forbidden to a child is forgotten with it",
	  "one_for_one()",
	  "begin\n"
	  "node up 1\n"
	  "add root a[nodes=0/1] -> start a\n"
	  "started a -> ok a\n"
	  "forbid a 1 -> ok a\n"
	  "bans a@1\n"
	  "remove a -> term a\n"
	  "exit a TERM -> ok a\n"
	  "bans\n"
	  "add root a[nodes=1/0] -> start a@1" },
	{ "S118: a node forbidden to all is drained: whoever can goes elsewhere, the others wait",
	  "one_for_one(a[nodes=1/0] b[nodes=1] c n:one_for_one(d[nodes=1/0]))",
	  "node up 1\n"
	  "begin -> start a@1, start b@1, start c, start d@1\n"
	  "all\n"
	  "forbid root 1 -> ok root, term a, term b, term d\n"
	  "exit a TERM -> takeover a@0 from 1\n"
	  "exit b TERM\n"
	  "? b restarting waits=1\n"
	  "exit d TERM -> takeover d@0 from 1\n"
	  "permit root 1 -> ok root, restart b@1" },
	{ "S118: who serves the others stays",
	  "one_for_one(a r[last])",
	  "node up 0\n"
	  "begin -> start a, start r\n"
	  "all\n"
	  "forbid root 0 -> ok root, term a\n"
	  "exit a TERM\n"
	  "? a restarting waits=1\n"
	  "exit r 1 -> restart r\n"
	  "started r\n"
	  "forbid r 0 -> term r\n"
	  "exit r TERM -> restarting r" },
	{ "S118: so does who comes to serve them, and who no longer does leaves",
	  "one_for_one(a[nodes=0] r[last])",
	  "begin -> start a, start r\n"
	  "all\n"
	  "forbid root 0 -> ok root, term a\n"
	  "exit a TERM\n"
	  "change r r -> ok r, term r\n"
	  "exit r TERM\n"
	  "change a a[last,nodes=0] -> ok a, restart a" },
	{ "S118: one that is still starting goes when it has started",
	  "one_for_one(a[nodes=1/0,notify])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "forbid root 1 -> ok root\n"
	  "? a starting\n"
	  "started a -> term a\n"
	  "exit a TERM -> takeover a@0 from 1" },
	{ "S118: or fails to start there, and is started elsewhere",
	  "one_for_one(a[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1\n"
	  "forbid root 1 -> ok root\n"
	  "failed a exec -> failover a@0 from 1" },
	{ "S118: a group on a node that is drained is restarted once",
	  "one_for_all[intensity=0](a[nodes=1/0] b[nodes=1/0] c[nodes=1/0])",
	  "node up 1\n"
	  "begin -> start a@1, start b@1, start c@1\n"
	  "all\n"
	  "forbid root 1 -> ok root, term c\n"
	  "exit c TERM -> term b\n"
	  "exit b TERM -> term a\n"
	  "exit a TERM -> takeover a@0 from 1, failover b@0 from 1, failover c@0 from 1\n"
	  "? root window=0" },
};

const struct script_table rules_moving = RULES_TABLE(moving);

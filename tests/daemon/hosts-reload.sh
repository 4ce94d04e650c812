#!/bin/sh
# A reload and hosts: one that comes, one that goes, another place, another lease,
# another list; and what is told before (`trapexit reload --plan`).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/hosts.sh"

kid=$top_builddir/tests/helpers/kid
make_hosts box2 box3 elsewhere

# nodes_conf 'SECTIONS' LIST_OF_A: the rest stays
nodes_conf() {
	configure <<END
store = none
hold = 20s
$1
child a { command = "$kid --lock $T/a"  nodes = $2 }
child here { command = "sleep 1000" }
END
}

knows_node() {
	[ -n "$(node_of "$1" state)" ]
}

plan() {
	tx reload --plan >"$T/plan"
}

box2=$(host_conf box2 'lease = 1s')
nodes_conf '' local
check 'the daemon starts, with this host alone' start_daemon
check 'all run here' retry 5 runs_on a local
here=$(pid_of here)

nodes_conf "$box2" '{box2, local}'
plan
check 'the plan tells of a new node' file_has "$T/plan" 'node box2: new'
check 'a node comes' tx reload
check 'it is attached' retry 10 node_is box2 up
check 'whose list allows where it is, stays there' runs_on a local
check 'it can be moved there' tx move a box2
old=$(pid_of a)

nodes_conf "$(host_conf box2 'lease = 2s capacity = 7')" '{box2, local}'
plan
check 'the plan tells of another lease' file_has "$T/plan" 'node box2: lease: 1s -> 2s, capacity: unlimited -> 7'
check 'a lease changes' tx reload
check 'it is written' retry 5 has_records 1 'select(.type == "node" and .event == "lease" and .node == "box2" and .lease_ms == 2000)'
check 'the capacity, too' [ "$(node_of box2 capacity)" = 7 ]
is 'nobody is touched' "$(pid_of a)" "$old"
# shellcheck disable=SC2317
has_more_left() { [ "$(node_of box2 lease_left_ms)" -gt 1100 ]; }
check 'it is granted' retry 5 has_more_left
cut_link box2
check 'its node is lost' retry 5 node_is box2 down
nodes_conf "$box2" '{box2, local}'
check 'a lease becomes shorter while the node is away' tx reload
from=$(date +%s%3N)
check 'after its lease' retry 10 runs_on a local
took=$(($(date +%s%3N) - from))
check "as it was granted, the child runs elsewhere ($took ms)" [ "$took" -gt 2000 ]
refute_overlap "$T/a" 'and never are there two'
join_link box2
check 'the node is back' retry 10 node_is box2 up
check 'with the lease that is configured' [ "$(node_of box2 lease_ms)" = 1000 ]
check 'the child moves there' tx move a box2

nodes_conf "$box2" local
plan
check 'the plan tells who leaves its node' file_has "$T/plan" 'restart a: nodes: \{box2, local\} -> \(none\), leaves node box2'
check 'with another list' tx reload
check 'a child leaves its node' retry 5 runs_on a local

nodes_conf "$box2" box2
check 'and comes back with another one' tx reload
check 'to where it may be' retry 5 runs_on a box2

agent=$(node_of box2 agent_pid)
nodes_conf "$(host_conf box3 'lease = 1s')" '{box3, local}'
plan
check 'the plan tells which node goes' file_has "$T/plan" 'node box2: no longer there'
check 'and who leaves it' file_has "$T/plan" 'restart a: .*leaves node box2'
check 'a node goes, another one comes' tx reload
check 'its child leaves it' retry 10 child_is a running
check 'its agent is told to leave' retry 10 gone "$agent"
refute 'and it is not shown any more' knows_node box2
check 'the new one is attached' retry 10 node_is box3 up
refute_overlap "$T/a"

# Another place for the same name.
check 'the child is on the new node' tx move a box3
agent=$(node_of box3 agent_pid)
nodes_conf "node box3 { ssh = elsewhere ssh_program = \"$fake_ssh\" lease = 1s }" box3
plan
check 'the plan tells where a node is now' file_has "$T/plan" 'node box3: ssh: "box3" -> "elsewhere"'
check 'and who leaves the place where it was' file_has "$T/plan" 'restart a: .*leaves node box3'
check 'a node is elsewhere' tx reload
check 'what ran at the old place has ended' retry 10 gone "$agent"
check 'and the child runs at the new one' retry 10 runs_on a box3
is 'which is another host' "$(node_of box3 address)" elsewhere
like 'indeed' "$(tr '\0' '\n' <"/proc/$(pid_of a)/environ" | grep '^HOME=')" '/elsewhere/home$'
refute_overlap "$T/a"

# The same while no daemon is there: what is at the old place cannot be asked.
kill -KILL "$daemon"
retry 5 gone "$daemon"
nodes_conf "$(host_conf box3 'lease = 1s')" '{box3, local}'
check 'a daemon begins, and the node is where it was first' start_daemon
check 'the child is waited for, until its lease at the other place is over' retry 10 child_is a running
refute_overlap "$T/a" 'never are there two, wherever'
check 'the node is attached where it is now' retry 10 node_is box3 up
is 'who runs here was never touched' "$(pid_of here)" "$here"
is 'of two places of one name the journal has one at a time' \
    "$(records 'select(.type == "node" and .node == "box3" and (.event == "lease" or .event == "gone")) | .event + " " + .ssh' |
        tail -n 3 | tr '\n' ' ')" '"lease elsewhere" "gone elsewhere" "lease box3" '
check 'the daemon stops in order' stop_daemon
# The agent at the place that was left keeps what it has to tell for a day, for a daemon that comes back to it.
kill_all
done_testing

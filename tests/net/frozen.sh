#!/bin/sh
# A frozen agent: for less than the lease nothing happens; for more its guard ends it and its children, the child moves; a thaw at any
# time changes nothing of that. A frozen child is the agent's to end.
# shellcheck disable=SC2034 # fault_at: for moved_within
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/failover.sh"

start_failover 3s
strike box2 STOP agent
sleep 1
strike box2 CONT agent
check 'an agent frozen for less than the lease: the node is up' retry 10 node_is box2 up
same 'and nothing is restarted'
fault_at=$(wall)
agent=$(pids box2 agent)
strike box2 STOP agent
moved_within 'an agent frozen for more than the lease' 5400
kill -CONT "$agent" 2>/dev/null
check 'the node comes back' retry 20 node_is box2 up
check 'and the child' home_again
# Agent and its guard: then the child lives on until one of them is thawed, and nothing else may run: but the
# judge would not know. So the guard is thawed when the lease is over.
strike box2 STOP agent
strike box2 STOP guard
sleep 1
strike box2 CONT guard
strike box2 CONT agent
check 'both frozen for less than the lease: the node is up' retry 10 node_is box2 up
same 'and nothing is restarted, either'
strike box2 STOP sleep
check 'a frozen child can be moved away from' tx move c box3
check 'and is gone there' is_on c box3
check 'never two ran at once' never_twice
net_done

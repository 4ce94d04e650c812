#!/bin/sh
# The cable to a host: a short cut restarts nothing, a long one moves the child when its lease is over there and never
# before; whichever direction is lost.
# shellcheck disable=SC2034 # fault_at: for moved_within
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/failover.sh"

start_failover 3s
# 1.2 L + 0.75 s, counted from the last ping that was answered (up to L/3 before the fault), and 1 s for the start.
bound=5400

for cut in link_down link_mute link_deaf; do
	"$cut" box2
	sleep 1
	link_up box2
	check "$cut for less than the lease: the node is up afterwards" retry 15 node_is box2 up
	same "$cut for less than the lease restarts nothing"

	fault_at=$(wall)
	"$cut" box2
	check "$cut: the node is known to be out of reach" retry 5 node_isnt box2 up
	moved_within "$cut for more than the lease" "$bound"
	is "$cut: nothing runs where it ran" "$(pids box2 sleep)" ''
	link_up box2
	check "$cut: the host is back" retry 20 node_is box2 up
	check "$cut: and the child where it likes to be" home_again
done
# Five times, each shorter than the lease.
# shellcheck disable=SC2034 # a count
for n in 1 2 3 4 5; do
	link_down box2
	sleep 0.4
	link_up box2
	sleep 0.3
done
check 'a flapping link: the node is up in the end' retry 20 node_is box2 up
check 'and one of the child runs' retry 20 child_is c running
check 'never two ran at once' never_twice
net_done

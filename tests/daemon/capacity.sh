#!/bin/sh
# A node has room for so many children: the others wait, say so, and start when there is a place (S111, S115).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# room N
room() {
	configure <<END
store = none
node local { capacity = $1 }
child a { command = "sleep 1000" }
child b { command = "sleep 1000" }
child c { command = "sleep 1000"  restart = transient }
child d { command = "sleep 1000" }
END
}

# At most so many processes, whatever the daemon says.
running() {
	[ "$(tx status --json | jq '[.tree.children[] | select(.state == "running" and .pid != null)] | length')" -eq "$1" ]
}

# They have no due time: nobody knows when there is a place.
waits() {
	child_is "$1" restarting && [ "$(child_of "$1" due)" = null ]
}

room 2
check 'the daemon starts' start_daemon
check 'two children run' retry 5 running 2
check 'the first two' retry 5 child_is b running
check 'the third waits (S115)' waits c
check 'so does the fourth' waits d
old=$(pid_of a)
kill -KILL "$old"
# shellcheck disable=SC2317
is_new() { pid=$(pid_of a) && [ "$pid" != null ] && [ "$pid" != "$old" ]; }
check 'one that is restarted keeps its place (S112)' retry 5 is_new
check 'nobody else has taken it' waits c
check 'one is stopped' tx stop a
check 'the one that has waited longest has its place' retry 5 child_is c running
check 'and that is all' waits d
tx start a >"$T/start.out" 2>&1
is 'a start that has to wait is told so' $? 1
check 'by name' grep -q -e 'a' -e restarting "$T/start.out"
check 'it stands behind those that came first' waits a
room 3
check 'a larger room, by a reload' tx reload
check 'takes in the next one' retry 5 child_is d running
check 'but not all' waits a
room 1
check 'a smaller one ends nobody' tx reload
check 'who runs goes on' running 3
check 'after a crash of the daemon' kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'it starts again' start_daemon
check 'those that ran go on, more than there is room for' retry 5 running 3
check 'one is stopped then' tx stop b
check 'nobody comes for it' waits a
room unlimited
check 'without a bound' tx reload
check 'there is a place for all' retry 5 child_is a running
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Many starts at once, with much to say about each: more than the agent takes at a time. What
# it cannot take yet waits, and the connection holds.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

n=400
configure <<END
store = none
hold = 20s
child many {
	command = "sleep 1000"
	instances = $n
	environment { BIG = "$(head -c 20000 /dev/zero | tr '\0' x)" }
}
END
all_run() {
	[ "$(tx status --json | jq '[.tree.children[] | select(.state == "running")] | length')" -eq "$n" ]
}
check 'the daemon starts' start_daemon
check 'all children run' retry 30 all_run
check 'all are stopped together' tx stop 'many:*'
check 'and started together' tx start 'many:*'
check 'they run' all_run
is 'under one connection' "$(grep -c 'attached to the agent' trapexitd.log)" 1
is 'and nothing was tried twice' "$(record_count 'select(.type == "start")')" $((2 * n))
check 'the daemon stops in order' stop_daemon
done_testing

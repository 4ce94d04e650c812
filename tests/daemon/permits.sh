#!/bin/sh
# What operators say of nodes holds, on the only one that there is here (S118): who may not run
# waits, and says why; it is a wish, which outlives a crash of the daemon and its ordered end.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
hold = 10s
store = "sqlite:$T/prices.db"
supervisor group {
	child a { command = "sleep 1000" }
	child b { command = "sleep 1000" }
}
child c { command = "sleep 1000" }
END

waits() {
	child_is "$1" restarting && [ "$(child_of "$1" waits_for | jq -c .)" = "$2" ]
}

crash() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
}

node_is() {
	tx nodes --json | jq -e ".nodes[0] | $1"
}

check 'the daemon starts' start_daemon
check 'all run' retry 5 tx status group/a group/b c recorder
recorder=$(pid_of recorder)

check 'a child is kept off its node' tx forbid group/a local
like 'and it is told that it waits' "$(last_output)" 'group/a waits: no other node can be had'
check 'it waits, with the reason' waits group/a '[{"node":"local","why":"forbidden"}]'
tx status >"$T/status.out"
check 'for people, too' grep -q 'group/a: waits for a node: local is forbidden' "$T/status.out"
check 'its sibling runs' child_is group/b running
is 'what is forbidden is shown' "$(child_of group/a forbidden | jq -c .)" '["local"]'
status_is 1 'a start that has to wait is refused' tx start group/a
crash
check 'a new daemon starts' start_daemon
check 'it is still forbidden' waits group/a '[{"node":"local","why":"forbidden"}]'
check 'and its sibling was not touched' child_is group/b running
check 'permitted, it starts' tx permit @group local
check 'and runs' retry 5 child_is group/a running
crash
check 'a new daemon starts' start_daemon
check 'which sees it the same way' retry 5 child_is group/a running

check 'a node is drained: the command waits until all have left' tx drain local
is 'nobody runs there' "$(child_of group/a state) $(child_of group/b state) $(child_of c state)" 'restarting restarting restarting'
check 'but for the recorder' [ "$(pid_of recorder)" = "$recorder" ]
check 'nodes shows it' node_is '.permitted == false and .to_leave == 0 and .load == 1 and .state == "up"'
tx nodes >"$T/nodes.out"
check 'for people, too' file_has "$T/nodes.out" '^local +drained '
check 'why they wait' waits c '[{"node":"local","why":"drained"}]'
check 'draining it again is no error' tx drain --no-wait local
crash
check 'a new daemon starts' start_daemon
check 'it is still drained' waits c '[{"node":"local","why":"drained"}]'
check 'a daemon ends in order' stop_daemon
check 'and another starts' start_daemon
check 'still drained' waits c '[{"node":"local","why":"drained"}]'
check 'undrained' tx undrain local
check 'all run again' retry 5 tx status group/a group/b c
crash
check 'a new daemon starts' start_daemon
check 'and they run on' retry 5 tx status group/a group/b c

status_is 1 'a node that is not there is an error' tx drain loca
like 'with what was meant' "$(last_output)" 'there is no node loca; did you mean .local.[?]'
status_is 1 'also for a child' tx forbid c nowhere
like 'that names it' "$(last_output)" 'there is no node nowhere; trapexit nodes lists them'
status_is 1 'a child that is not there is one' tx move nobody local
like 'that names it' "$(last_output)" 'nobody'
status_is 1 'nobody moves to where it is' tx move c local
like 'which is said' "$(last_output)" 'c: runs on local already'
status_is 1 'the recorder stays' tx forbid recorder local
like 'which is said, too' "$(last_output)" "recorder: it is trapexit's own"
tx events >"$T/events.out"
check 'events tell it' file_has "$T/events.out" 'group/a +may not run on local any more, by '
check 'all of it' file_has "$T/events.out" 'node local is to be drained: its children leave, and none is started there, by '
check 'with who did it' file_has "$T/events.out" 'node local takes children again, by '
tx events --type order >"$T/orders.out"
check 'also the order to move' file_has "$T/orders.out" 'c +is ordered to move to local, by '
check 'a daemon stops in order' stop_daemon
done_testing

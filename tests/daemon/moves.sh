#!/bin/sh
# Orders about nodes, with several of them (S118): moves, forbidden and drained nodes, with the reasons in
# `status` and `events`; and that all of it outlives the daemon.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

make_hosts box2 box3
: >"$FAKE_SSH/box3/down" # so that all begin on box2
configure <<END
store = none
hold = 10s
node box2 { ssh = box2 ssh_program = "$fake_ssh" lease = 10s }
node box3 { ssh = box3 ssh_program = "$fake_ssh" lease = 10s capacity = 3 }
supervisor group {
	child a { command = "sleep 1000" nodes = {box2, box3} }
	child b { command = "sleep 1000" nodes = {box2, box3} }
}
child only { command = "sleep 1000" nodes = {box2} }
child back { command = "sleep 1000" nodes = {box2, box3} takeover = yes failover_timeout = 0s }
child home { command = "sleep 1000" }
END

runs_on() {
	[ "$(child_of "$1" node) $(child_of "$1" state)" = "$2 running" ]
}

node_is() {
	tx nodes --json | jq -e --arg n "$1" ".nodes[] | select(.name == \$n) | $2"
}

moved() {
	[ "$(child_of "$1" moved | jq -r '.from + " " + .why')" = "$2" ]
}

crash() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
	start_daemon
}

check 'the daemon starts' start_daemon
for c in group/a group/b only back; do
	check "$c runs on the best node" retry 10 runs_on "$c" box2
done
rm "$FAKE_SSH/box3/down"
check 'the other node is there' retry 20 node_is box3 '.state == "up"'
check 'nodes counts them' node_is box2 '.load == 4 and .children == 4 and .capacity == null and .load1 != null and .address == "box2"'

old=$(pid_of group/a)
check 'a child is moved' tx move group/a box3
check 'it runs there when the command comes back' runs_on group/a box3
refute 'and not here any more' kill -0 "$old"
is 'it is not counted as a restart' "$(child_of group/a restarts)" 0
check 'why it is there is known' moved group/a 'box2 ordered'
status_is 1 'where it is not to run it does not go' tx move group/a local
like 'with its list' "$(last_output)" 'group/a: is not to run on local: "nodes" of its configuration has box2 or box3'
check 'it goes back, too' tx move group/a box2
check 'to where it was' runs_on group/a box2

check 'a child is kept off a node' tx forbid back box2
check 'it has gone to the next one' retry 5 runs_on back box3
check 'with the reason' moved back 'box2 forbidden'
status_is 1 'and is not moved there' tx move back box2
like 'which says what to do' "$(last_output)" 'back: box2 is forbidden to it; trapexit permit back box2 ends that'
check 'after a crash' crash
check 'it is still there' retry 10 runs_on back box3
check 'permitted again' tx permit back box2
check 'it comes back by itself, as configured' retry 10 runs_on back box2
check 'with that reason' moved back 'box3 better'

check 'a node is drained' tx drain box2
like 'and who has nowhere to go is told' "$(last_output)" '^trapexit: only waits: no other node can be had for it'
is 'nobody is there' "$(tx nodes --json | jq -r '.nodes[] | select(.name == "box2") | [.load, .to_leave, .permitted] | join(" ")')" '0 0 false'
for c in group/a group/b back; do
	check "$c has gone" retry 5 runs_on "$c" box3
	check "with the reason" moved "$c" 'box2 drained'
done
check 'who has no other node waits' child_is only restarting
is 'and says why' "$(child_of only waits_for | jq -c .)" '[{"node":"box2","why":"drained"}]'
check 'who is at home stays' runs_on home local
tx status >"$T/status.out"
check 'status tells of the node' file_has "$T/status.out" '^node box2: up, drained$'
check 'and of who waits' file_has "$T/status.out" '^only: waits for a node: box2 is drained$'
check 'and why others are where they are' file_has "$T/status.out" 'a .* from box2, which is drained'
status_is 1 'nobody goes there' tx move group/a box2
like 'which says what to do' "$(last_output)" 'group/a: node box2 is drained; trapexit undrain box2 ends that'
check 'after a crash' crash
check 'all are where they were' retry 10 runs_on group/a box3
check 'and the node is still drained' retry 5 node_is box2 '.state == "up" and .permitted == false and .load == 0'
check 'who waited still does' child_is only restarting
check 'who waits can be stopped' tx stop only
status_is 1 'the other one is drained, too: nowhere to go' tx move home box3
check 'both are drained' tx drain box3
is 'then all wait' "$(child_of group/a waits_for | jq -c .)" '[{"node":"box2","why":"drained"},{"node":"box3","why":"drained"}]'
check 'one is there again' tx undrain box3
check 'and takes those that wait' retry 5 runs_on group/a box3
check 'as many as it may' node_is box3 '.load == 3'
check 'the other one, too' tx undrain box2
check 'who likes it better comes back' retry 10 runs_on back box2
tx start only
check 'and who has been stopped meanwhile can be started' retry 5 runs_on only box2

# The order stands, though nobody waits for it.
: >"$FAKE_SSH/box2/down"
relay=$(started_here | while read -r p; do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- '--attach .*--node box2 ' && echo "$p"; done)
kill -KILL "$relay"
check 'a node is out of reach' retry 5 node_is box2 '.state != "up"'
status_is 1 'nobody goes there' tx move group/a box2
like 'with what is the matter' "$(last_output)" 'group/a: node box2 is down: '
check 'it can be drained all the same' tx drain --no-wait box2
check 'its children are still to leave' node_is box2 '.to_leave == 2'
tx nodes >"$T/nodes.out"
check 'for how long, is known' node_is box2 '.lease_left_ms > 0 and .lease_left_ms < 14000'
check 'which is seen' file_has "$T/nodes.out" '^box2 +(down|attaching), draining, 2 left'
rm "$FAKE_SSH/box2/down"
check 'they leave when it is back, or given up' retry 30 node_is box2 '.to_leave == 0'
check 'and are elsewhere' retry 10 runs_on back box3

tx events >"$T/events.out"
check 'events tell of the order' file_has "$T/events.out" 'group/a +is ordered to move to box3, by '
check 'and what came of it' file_has "$T/events.out" 'group/a +started on box3 \(pid [0-9]+\), takeover from box2, as ordered'
check 'of the drain' file_has "$T/events.out" 'started on box3 \(pid [0-9]+\), takeover from box2, which is drained'
check 'a daemon stops in order' stop_daemon
check 'nothing is left' retry 20 nothing_is_left
done_testing

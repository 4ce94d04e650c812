#!/bin/sh
# Several hosts: where children start, how they move when they fail, and what is told
# of it (S111, S112, S115, S119); capacity, drain, and a host that is not there.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/hosts.sh"

kid=$top_builddir/tests/helpers/kid
make_hosts box2 box3

# The starts of a child, as "NODE START_TYPE FROM".
starts_of() {
	records "select(.type == \"start\" and .child == \"$1\") | [.node, .start_type, .from // \"-\"] | join(\" \")" | tr -d '"'
}

# starts_are CHILD 'LINE' …: these, at least, in this order
starts_are() {
	tap_c=$1
	shift
	[ "$(starts_of "$tap_c" | head -n $#)" = "$(printf '%s\n' "$@")" ]
}

configure <<END
store = none
$(host_conf box2)
$(host_conf box3 'capacity = 1')
child far { command = "$kid"  nodes = box2 }
child mover { command = "$kid --exit 1 --after 50ms"  nodes = {box2, box3, local}  failover_after = 1
    backoff { min = 20ms max = 20ms } }
child stayer { command = "$kid --exit 1 --after 50ms --lock $T/stayer"  nodes = {box2, local}  failover_after = 3
    backoff { min = 20ms max = 20ms } }
child equal { command = "sleep 1000"  nodes = {{box2, box3}, local} }
child here { command = "sleep 1000" }
END

check 'the daemon starts' start_daemon
check 'all nodes are attached' retry 10 nodes_are_up local box2 box3
check 'a child runs on another host' retry 5 runs_on far box2
check 'one without a list runs here' retry 5 runs_on here local
check 'among equals one starts where fewest are (S111)' retry 5 runs_on equal box3
like 'a child knows where it is and why' "$(cat "$T/log/far.log")" '^far normal '
check 'with failover_after = 1 every death moves it, round its list' retry 20 starts_are mover 'box2 normal -' \
    'local failover box2' 'box2 failover local'
check 'a full node is passed over' test -z "$(starts_of mover | grep box3)"
check 'it is told from where it comes' retry 5 file_has "$T/log/mover.log" '^mover failover:box2 '
check 'a child stays, until it has failed often enough (S112)' retry 20 starts_are stayer 'box2 normal -' \
    'box2 restart -' 'box2 restart -' 'local failover box2'
refute_overlap "$T/stayer" 'never are there two of it'

is 'its environment is that of the agent there' \
    "$(tr '\0' '\n' <"/proc/$(pid_of far)/environ" | grep '^HOME=')" "HOME=$FAKE_SSH/box2/home"
like 'its node is told' "$(tr '\0' '\n' <"/proc/$(pid_of far)/environ" | grep NODE)" '^TRAPEXIT_NODE=box2$'

tx stop mover stayer
check 'a node is drained' tx drain box2
check 'nobody is left there' retry 5 node_is_empty box2
check 'who cannot, waits (S115)' child_is far restarting
like 'and says so' "$(tx events --type report:no_node)" 'far waits for a node'
check 'a node is permitted again' tx undrain box2
check 'and starts who waited' retry 5 runs_on far box2

old=$(pid_of far)
kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'after a crash the daemon' start_daemon
check 'finds all nodes' retry 10 nodes_are_up local box2 box3
check 'and who runs there' runs_on far box2
is 'it was not touched' "$(pid_of far)" "$old"
check 'an upgrade' tx upgrade
check 'finds all nodes, too' retry 10 nodes_are_up local box2 box3
is 'and touches nobody' "$(pid_of far)" "$old"

check 'the daemon stops in order' stop_daemon
check 'and nothing is left on any host' retry 10 nothing_is_left

: >"$FAKE_SSH/box2/down"
before=$(date +%s%3N)
check 'with a host that refuses, a daemon starts' start_daemon
check 'without waiting for it' [ $(($(date +%s%3N) - before)) -lt 4000 ]
check 'who likes it best starts elsewhere' retry 5 runs_on equal box3
check 'who can only run there waits' child_is far restarting
join_link box2
check 'and starts when it is there' retry 20 runs_on far box2
check 'the daemon stops in order again' stop_daemon
done_testing

#!/bin/sh
# `trapexit nodes`, and agents that speak another version of the protocol: the
# highest that both have is chosen; with none in common both say so, and no child
# starts.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

node_has() {
	tx nodes --json | jq -e ".nodes[0] | $1"
}

# The agent that the daemon finds in $TRAPEXIT_BINDIR from now on.
use_agent() {
	ln -sf "$1" "$T/bin/trapexit-agent"
}

configure <<END
store = none
hold = 20s
child web { command = "sleep 1000" }
END

check 'the daemon starts' start_daemon
check 'the child runs' retry 5 child_is web running
check 'the newest protocol is spoken' node_has '.protocol == .protocol_max and .protocol == 3 and .state == "up"'
check 'it tells pids, boot and lease' node_has ".agent_pid == $(agent_pid) and .guard_pid == $(guard_pid) and
    (.boot_id | length) == 36 and .lease_ms == 20000 and .lease_left_ms > 10000 and .lease_left_ms <= 20000"
check 'and how many children run there' node_has '.children == 1 and .error == null and .kind == "local"'
check 'and the round trip of the last ping' retry 20 node_has '.round_trip_us > 0'
tx nodes >"$T/table.out"
check 'as a table' file_has "$T/table.out" '^local +up +[^ ]+ +[0-9.]+ \(protocol 3\) +[0-9]+ +[0-9]+ +1 +20s'
check 'a daemon stops in order' stop_daemon

use_agent "$top_builddir/tests/helpers/agent-v1"
check 'a daemon starts with an agent of version 1' start_daemon
check 'the child runs under it' retry 5 child_is web running
check 'version 1 is spoken' node_has '.protocol == 1 and .state == "up"'
before=$(pid_of web)
kill -KILL "$daemon"
retry 5 gone "$daemon"
use_agent "$top_builddir/src/agent/trapexit-agent"
check 'another daemon begins' start_daemon
is 'and goes on with this agent and its child' "$(pid_of web)" "$before"
check 'in its version' node_has '.protocol == 1'
check 'it stops in order' stop_daemon
check 'and the old agent ends' retry 10 nothing_is_left

use_agent "$top_builddir/tests/helpers/agent-v45"
# An agent that nobody can speak to leaves when hold is over.
sed -i 's/^hold = .*/hold = 2s/' "$T/t.conf"
trapexitd -v -c "$T/t.conf" >"$T/third.log" 2>&1 &
daemon=$!
own "$daemon"
check 'with nothing in common the daemon says so' retry 10 file_has "$T/third.log" \
    'node local: speaks agent protocol 4-5, we speak 1-3'
check 'nodes shows it' node_has '.state != "up" and .error == "speaks agent protocol 4-5, we speak 1-3"'
is 'once, not at every try' "$(grep -c 'speaks agent protocol' "$T/third.log")" 1
is 'no child was started' "$(pid_of web)" null
stop_daemon
done_testing

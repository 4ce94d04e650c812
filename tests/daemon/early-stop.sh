#!/bin/sh
# An order to stop that comes before the daemon is attached: what the agent holds ends all the
# same, and where no agent comes the daemon leaves in time.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
store = none
hold = 60s
child a { command = "sleep 1000" }
END
daemon_is_attaching() {
	[ "$(daemon_state)" = attaching ]
}

check 'the daemon starts' start_daemon
check 'its child runs' retry 5 child_is a running
a=$(pid_of a) agent=$(agent_pid)
kill -KILL "$daemon"
retry 5 gone "$daemon"
# So that the next one cannot be attached when it is told to stop.
kill -STOP "$agent"
trapexitd -v -c "$T/t.conf" >>"$T/trapexitd.log" 2>&1 &
daemon=$!
own "$daemon"
retry 5 test -S "$T/run/control.sock"
check 'it is waiting for the agent' retry 5 daemon_is_attaching
kill -TERM "$daemon"
kill -CONT "$agent"
check 'it stops' retry 5 gone "$daemon"
check 'the child of its predecessor has ended' retry 2 gone "$a"
check 'and the agent' retry 2 gone "$agent"

rm "$T/bin/trapexit-agent"
trapexitd -v -c "$T/t.conf" >>"$T/trapexitd.log" 2>&1 &
daemon=$!
own "$daemon"
check 'without an agent a daemon waits for one' retry 5 daemon_is_attaching
kill -TERM "$daemon"
check 'and stops when told' retry 6 gone "$daemon"
done_testing

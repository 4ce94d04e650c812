#!/bin/sh
# Kill or freeze any one process: nothing runs twice, and a replacement runs as
# soon as that is safe (architecture: lease, guard, hold).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
hold = 1s
child a { command = "sleep 1000" }
child b { command = {"sh", "-c", "setsid sleep 1000 & exec sleep 1000"} }
END
export TRAPEXIT_TEST_MARK="$T"

sleeps() {
	started_here | while read -r p; do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" = sleep ] && echo "$p"
	done | wc -l
}

three_sleep() {
	[ "$(sleeps)" -eq 3 ]
}

none_sleeps() {
	[ "$(sleeps)" -eq 0 ]
}

changed() {
	new=$(pid_of "$1") && [ "$new" != null ] && [ "$new" != "$2" ] && child_is "$1" running
}

check 'the daemon starts' start_daemon
check 'three processes sleep' retry 5 three_sleep

a=$(pid_of a) agent=$(agent_pid)
kill -KILL "$agent"
check 'agent killed: its children end' retry 5 gone "$a"
check 'and run again under a new agent' retry 10 changed a "$a"
check 'with their strays, once each' retry 5 three_sleep

a=$(pid_of a)
kill -KILL "$(guard_pid)"
check 'guard killed: the agent ends its children' retry 5 gone "$a"
check 'and they run again' retry 10 changed a "$a"
check 'once each' retry 5 three_sleep

a=$(pid_of a)
kill -STOP "$(agent_pid)"
check 'agent frozen: its children are ended at the end of the lease' retry 5 gone "$a"
check 'and run again' retry 10 changed a "$a"
check 'once each' retry 5 three_sleep

guard=$(guard_pid) a=$(pid_of a)
kill -STOP "$guard"
kill -KILL "$(agent_pid)"
check 'guard frozen, agent killed: the next agent has the guard finish' retry 15 changed a "$a"
check 'once each' retry 5 three_sleep

a=$(pid_of a)
kill -STOP "$daemon"
check 'daemon frozen for longer than hold: the children end' retry 5 none_sleeps
kill -CONT "$daemon"
check 'thawed, it starts them again' retry 10 changed a "$a"
check 'once each' retry 5 three_sleep

kill -KILL "$daemon"
check 'daemon away for longer than hold: the children end' retry 5 none_sleeps
check 'a new daemon starts' start_daemon
check 'and so do they' retry 5 three_sleep

started=$(child_of a token)
check 'a daemon stops in order' stop_daemon
check 'and nothing sleeps' retry 2 none_sleeps
check 'tokens grow' [ "$started" -gt 0 ]
done_testing

#!/bin/sh
# When the system says no: no descriptors (EMFILE), no processes (EAGAIN). What runs goes
# on, what does not start is told why and tried again, and starts when there is room.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
store = none
hold = 20s
child many { command = "sleep 1000"  instances = 120  backoff { min = 100ms  max = 500ms } }
END

running() {
	tx status --json | jq '[.tree | recurse(.children[]?) | select(.type == "child" and .state == "running")] | length'
}

some_run() {
	n=$(running) && [ "$n" -gt 10 ] && [ "$n" -lt 120 ]
}

# Half of them are stopped; the other 61 have room.
other_half_runs() {
	[ "$(running)" -eq 61 ]
}

stop_half() {
	tx stop 'many:[1-9]' 'many:[1-5][0-9]'
}

failed_with() {
	has_records 1 "select(.type == \"start_failed\" and (.reason | test(\"$1\")))"
}

is_answered() {
	tx status --json "$@" | jq -e '[.tree | recurse(.children[]?) | select(.type == "child")] | length == 2' >/dev/null
}

# The limit is the agent's, which inherits it.
(
	# shellcheck disable=SC3045 # dash has -n, -H and -S
	ulimit -n 120
	exec trapexitd -v -c "$T/t.conf" >>"$T/trapexitd.log" 2>&1
) &
daemon=$!
own "$daemon"
check 'a daemon with 120 descriptors starts' retry 10 daemon_answers
check 'as many children run as there are descriptors for' retry 10 some_run
check 'the others say why they do not' retry 5 failed_with EMFILE
victim=$(tx status --json | jq -r '[.tree | recurse(.children[]?) | select(.type == "child" and .state == "running")][0].name')
old=$(pid_of "$victim")
kill -KILL "$old"
check 'one that dies gives its place to somebody' retry 10 some_run
check 'operators are answered, whether these two have a descriptor at the moment or not' is_answered many:1 many:2
check 'half of them are stopped' stop_half
check 'then there are descriptors for all others' retry 20 other_half_runs
check 'the daemon stops in order' stop_daemon

if [ "$(id -u)" -ne 0 ] || ! open_to_others; then
	skip 'fork fails with EAGAIN' 'needs root, and another user who reaches the programs'
	done_testing
fi
# RLIMIT_NPROC does not bind root: so as a user that nobody else is.
uid=$((50000 + $$ % 10000))
rm -rf "$T/state" "$T/run" "$T/log"
mkdir "$T/state" "$T/run" "$T/log"
chown "$uid" "$T/state" "$T/run" "$T/log" "$T"
setpriv --reuid="$uid" --regid="$uid" --clear-groups prlimit --nproc=90 \
    trapexitd -v -c "$T/t.conf" >>"$T/trapexitd2.log" 2>&1 &
daemon=$!
own "$daemon"
check 'a daemon with 90 processes starts' retry 10 daemon_answers
check 'as many children run as there are processes for' retry 10 some_run
check 'the others say why they do not' retry 5 failed_with EAGAIN
check 'half of them are stopped' stop_half
check 'then there are processes for all others' retry 20 other_half_runs
check 'the daemon stops in order' stop_daemon
done_testing

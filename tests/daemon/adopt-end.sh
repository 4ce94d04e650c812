#!/bin/sh
# What a daemon that was killed has left half done its successor brings to an end: an exit that is
# recorded is acknowledged, and a child that was told to end ends in its own time, and before it is
# started again (S58, architecture 5).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
store = none
hold = 30s
journal { sync = 5s }
child dies { restart = temporary  command = {"sh", "-c", "while ! [ -e $T/die ]; do sleep 0.05; done; exit 37"} }
child slow {
	command = {"sh", "-c", "mkdir $T/lock || echo two >>$T/two; trap 'echo told >>$T/told; sleep 2; rmdir $T/lock; exit 0' TERM; while :; do sleep 0.05; done"}
	shutdown = 20s
}
END

check 'the daemon starts' start_daemon
check 'both run' retry 5 tx status dies slow
check 'one has begun' retry 5 test -d "$T/lock"
tx stop slow >"$T/stop.out" 2>&1 &
own $!
check 'one is told to end, and takes its time' retry 5 test -e "$T/told"
touch "$T/die"
check 'the other one ends, which is recorded' retry 5 has_records 1 'select(.type == "exit" and .child == "dies")'
kill -KILL "$daemon"
retry 5 gone "$daemon"
is 'but not acknowledged' "$(record_count 'select(.type == "done" and .child == "dies")')" 0
check 'a new daemon starts' start_daemon
check 'the one that was told to end is asked for again' tx start slow
check 'it runs' retry 5 child_is slow running
check 'it was not started beside itself, nor killed' test ! -e "$T/two"
check 'the recorded end is acknowledged' retry 5 has_records 1 'select(.type == "done" and .child == "dies")'
is 'it was recorded once' "$(record_count 'select(.type == "exit" and .child == "dies")')" 1
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# A child that has ended for good (S34) stays so over a crash of the daemon; an ordered start
# begins everything anew.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
store = none
hold = 20s
journal { segment = 64K }
child once { command = "true"  restart = temporary }
child task { command = "true"  restart = transient }
child broken { command = "false"  restart = transient  backoff { min = 50ms } }
child job { command = "true"  backoff { min = 50ms  max = 50ms } }
supervisor group {
	strategy = one_for_all
	child leader { command = "sleep 1000"  backoff { min = 100s  max = 100s } }
	child member { command = "sleep 1000"  restart = transient }
}
child talker { command = {"sh", "-c", "while :; do echo '{\"type\":\"observation\",\"status\":\"ok\"}'; sleep 0.01; done"}  output = observations }
END
ended() {
	has_records 1 "select(.type == \"exit\" and .child == \"$1\")"
}

starts_recorded() {
	record_count "select(.type == \"start\" and .child == \"$1\")"
}

crash() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
	start_daemon
}

check 'the daemon starts' start_daemon
check 'the temporary child has ended' retry 5 ended once
check 'the transient one, too' retry 5 ended task
check 'after a crash' crash
check 'what is to be restarted is' retry 5 child_count job starts 4
check 'also what failed' retry 5 child_count broken starts 3
is 'the temporary child is not run again' "$(starts_recorded once)" 1
is 'nor the transient one that ended normally' "$(starts_recorded task)" 1
check 'the journal goes on in a new segment' retry 30 test -e "$T/state/journal/$(printf %08x "$(cat "$T/state/epoch")")-000002.jsonl"
check 'after one more crash' crash
is 'they still are not' "$(starts_recorded once) $(starts_recorded task)" '1 1'

# It was told to end, for the sake of its group: that is no end of its own.
for i in 1 2; do
	retry 5 child_is group/member running
	kill -KILL "$(pid_of group/leader)"
	retry 5 child_count group/leader restarts "$i"
done
retry 5 child_is group/leader restarting
check 'a group is down for a while' retry 5 child_is group/member undefined
check 'the daemon dies meanwhile' crash
check 'the transient one comes back with its group (S41)' retry 5 child_is group/member running

check 'by hand the transient one runs' tx start task
is 'once more' "$(starts_recorded task)" 2
check 'the daemon stops in order' stop_daemon
check 'an ordered start' start_daemon
retry 5 has_records 3 'select(.type == "start" and .child == "task")'
is 'begins everything anew' "$(starts_recorded once) $(starts_recorded task)" '2 3'
check 'the daemon stops in order' stop_daemon
done_testing

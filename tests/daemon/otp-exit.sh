#!/bin/sh
# The root's end is the daemon's (S57): 0 ordered or by auto_shutdown, 1 a start that failed, 2 a configuration that
# is none, 3 more restarts than intensity; and auto_shutdown from a significant child up to there (S70-S73).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

kid=$top_builddir/tests/helpers/kid
# Every signal that a kid is sent comes after its line.
is_up() {
	child_is "$1" running && file_has "$T/log/$1.log" " $(pid_of "$1")\$"
}

die() {
	retry 10 is_up "$2" && kill "-$1" "$(pid_of "$2")"
}

ends_with() {
	retry 20 gone "$daemon" && wait "$daemon"
	[ $? -eq "$1" ]
}

root() {
	rm -rf "$T/log"
	configure <<-END
		store = none
		$1
	END
	start_daemon
}

check 'a daemon' root "child a { command = \"$kid\" }"
kill -TERM "$daemon"
check 'an ordered stop: 0' ends_with 0
check 'told by the command' root "child a { command = \"$kid\" }"
check 'that waits' tx shutdown
check 'the same' ends_with 0

check 'any_significant at the root' root "auto_shutdown = any_significant
child a { command = \"$kid --on USR1=0 --on USR2=3\"  restart = transient  significant = yes }
child b { command = \"$kid\" }"
check 'its end, if it is restarted' die USR2 a
check 'is none (S72)' retry 5 child_count a starts 2
check 'nor is that of another child' die KILL b
check 'which is restarted' retry 5 child_count b starts 2
answers 'nor one by hand' ok terminate-child / a
answers 'taken back' '{ok,PID}' restart-child / a
check 'but one that it is done' die USR1 a
check 'ends the daemon with 0 (S71, S57)' ends_with 0

check 'all_significant at the root' root "auto_shutdown = all_significant
child a { command = \"$kid --on USR1=0\"  restart = transient  significant = yes }
child b { command = \"$kid --on USR1=0\"  restart = temporary  significant = yes }
child c { command = \"$kid\" }"
answers 'one more is added' '{ok,PID}' start-child / "child d { command = \"$kid\"  restart = temporary  significant = yes }"
check 'one of three' die USR1 a
check 'is done' retry 5 child_is a undefined
check 'two of three' die KILL b
check 'is not all, after kill -9 of the daemon, too' crash_daemon
is 'what is done stays so' "$(child_of a state)$(child_of b state)" undefined
check 'the last of them' die KILL d
check 'ends the daemon with 0' ends_with 0

check 'a supervisor that shuts itself down is significant above (S54, S73)' root "auto_shutdown = any_significant
supervisor s { auto_shutdown = any_significant  restart = transient  significant = yes
	child a { command = \"$kid --on USR1=0\"  restart = transient  significant = yes } }"
check 'its child is done' die USR1 s/a
check 'and the daemon ends with 0' ends_with 0

check 'intensity at the root' root "root = exit intensity = 1 period = 60s
child a { command = \"$kid\"  backoff = off }"
check 'once' die KILL a
check 'is borne' retry 5 child_count a starts 2
is 'one restart is left' "$(tx status --json | jq -c '[.tree.window, .tree.left]')" '[1,0]'
like 'as the status says' "$(tx status)" '^root: one_for_one, 0 restarts left in 1m$'
check 'twice' die KILL a
check 'is 3 (S53)' ends_with 3

configure <<END
store = none
init = strict
child a { command = "/nonexistent" }
END
status_is 1 'init = strict, and a child does not start: 1 (S27)' timeout 20 trapexitd -c t.conf
configure <<END
child a { comand = "x" }
END
status_is 2 'a configuration that is none: 2' timeout 20 trapexitd -c t.conf
status_is 2 'also where it is only checked' trapexitd -t -c t.conf
done_testing

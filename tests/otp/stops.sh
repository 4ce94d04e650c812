#!/bin/sh
# How children end when they are told to: the time that each has, what ends it after that, who is told when, and what
# is said of one that ends otherwise (S58-S67).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

configure <<END
store = none
child polite { command = "$kid --on TERM=0" }
child plain { command = "$kid" }
child coded { command = "$kid --on TERM=143" }
child other { command = "$kid --on USR1=0" stop_signal = USR1 }
child rude { command = "$kid --on TERM=5" }
child soft { command = "$kid --on TERM=3" restart = transient success_codes = {3} }
child deaf { command = "$kid --on TERM=ignore" shutdown = 300ms }
child brutal { command = "$kid --on TERM=0" shutdown = brutal_kill }
child none { command = "$kid --on TERM=ignore" shutdown = 0s }
child patient { command = "$kid --on TERM=0 --linger 700ms" shutdown = infinity }
child strays { command = "$kid --fork stay --fork leave --on TERM=0" }
child frozen { command = "$kid --on TERM=0" }
supervisor limited { shutdown = 300ms child x { command = "$kid --on TERM=ignore" shutdown = infinity } child y { command = "$kid" } }
supervisor par { child a { command = "$kid --on TERM=0 --linger-file $T/go" shutdown = infinity } child b { command = "$kid" } child c { command = "$kid" } }
supervisor ser { stop = serial child a { command = "$kid" } child b { command = "$kid --on TERM=0 --linger-file $T/go" shutdown = infinity } child c { command = "$kid" } }
supervisor rest { strategy = rest_for_one child a { command = "$kid" } child b { command = "$kid --on TERM=0 --linger 200ms" }
	supervisor n { strategy = one_for_all child x { command = "$kid" } child y { command = "$kid --on TERM=0 --linger-file $T/go2" shutdown = infinity } } }
END
all='polite plain coded other rude soft deaf brutal none patient strays frozen limited/x limited/y par/a par/b par/c
	ser/a ser/b ser/c rest/a rest/b rest/n/x rest/n/y'

# ended NAME REASON REPORT: by a stop
ended() {
	tx stop "$1" && retry 5 has_report "$1" "$3 $2" && [ "$(states "$1")" = undefined ]
}
check 'the daemon starts' start_daemon
# shellcheck disable=SC2086 # a list
check 'all children run' retry 20 kids_are_up $all
check 'code 0 is shutdown (S15)' ended polite shutdown stopped
check 'so is death by the signal' ended plain shutdown stopped
check 'and 128 + the signal' ended coded shutdown stopped
check 'the signal is its own (S13)' ended other shutdown stopped
check 'another code is an error, and it stays down (S67)' ended rude '{exit,5}' shutdown_error
check 'not for one that is not permanent and ends normally (S67)' ended soft '{shutdown,3}' stopped
tap_clock
before=$tap_now
check 'one that is deaf is killed after its time (S58)' ended deaf killed shutdown_error
tap_clock
check 'and not before' [ $((tap_now - before)) -ge 290 ]
check 'brutal_kill: at once, and that is as it should be (S67)' ended brutal killed stopped
check 'no time at all: killed as well, but that is an error (S10)' ended none killed shutdown_error
check 'infinity: it is waited for (S58, S65)' ended patient shutdown stopped
strays=$(sed -n 's/^stray //p' log/strays.log)
check 'one with strays' ended strays shutdown stopped
# shellcheck disable=SC2086 # a list
are_gone() {
	for s in $strays; do gone "$s" || return 1; done
}
check 'is down when they are, too (S22)' are_gone
pid=$(pid_of frozen)
kill -STOP "$pid"
check 'one that is frozen is thawed, and takes its signal (S58)' ended frozen shutdown stopped
check 'a supervisor whose time is limited is killed with all below it' tx stop limited
check 'which is said of it and of them' retry 5 has_report limited 'shutdown_error killed'
is 'of those that had to be killed' "$(reports limited/x) $(reports limited/y)" 'shutdown_error killed stopped shutdown'
check 'what is down already is a success (S60)' tx stop polite rude limited

### Order
is_last() {
	[ "$(trace | tail -n 1)" = "$1" ]
}
mark
tx stop par >stop.out 2>&1 &
stopper=$!
own $stopper
check 'parallel: all at once, none waits for another' retry 10 states_are 'stopping undefined undefined' par/a par/b par/c
touch go
check 'it is done when the last is' wait $stopper
retry 5 is_last -par/a
like 'the slowest is the last (S59)' "$(happened)" ' -par/a $'
mark
check 'serial' tx stop ser
traced 'one after the other, in reverse order (S59)' '-ser/c -ser/b -ser/a'
tx stop rest >stop.out 2>&1 &
own $!
check 'rest_for_one: while one is waited for' retry 5 child_is rest/n/y stopping
kill -KILL "$(pid_of rest/a)"
retry 5 is_last -rest/a
touch go2
retry 20 child_is rest undefined
traced 'one that ends before its turn is skipped (S63), and nothing is started again (S62)' \
    '-rest/a -rest/n/y -rest/n/x -rest/b'
is 'nobody has been restarted' "$(records 'select(.type == "start" and .start_type == "restart")')" ''

### Hurry
rm go go2
check 'all are started again' tx start '*'
# shellcheck disable=SC2086
check 'and run' retry 20 kids_are_up $all
kill -TERM "$daemon"
check 'the daemon is told to stop: some take their time' retry 5 child_is ser/b stopping
kill -TERM "$daemon"
check 'told again, it hurries' retry 10 gone "$daemon"
wait "$daemon"
is 'and ends with status 0 (S57)' $? 0
check 'each start has had its end' sh -c '[ "$(grep -c "\"type\":\"start\"" "$1")" -eq "$(grep -c "\"type\":\"exit\"" "$1")" ]' - state/journal/*.jsonl
done_testing

#!/bin/sh
# When a child counts as started, whom that holds up, and starts that are ignored, late, or never come, in each
# strategy and in restarts as well (S23-S26, S44).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

mkdir counts
configure <<END
store = none
supervisor rest { strategy = rest_for_one intensity = 100 period = 1h
	child a { command = "$kid" }
	child n { command = "$kid --ready notify --status=warm --ready-file $T/go" ready = notify backoff = off }
	child l { command = "$kid --ready newline --ready-file $T/go2" ready = newline backoff = off }
	child z { command = "$kid" backoff = off } }
supervisor all { strategy = one_for_all intensity = 100 period = 1h
	child n { command = "$kid --count $T/counts/n --at 1 --ready notify --at 2- --ready notify --ready-file $T/go3" ready = notify backoff = off }
	child z { command = "$kid" backoff = off } }
supervisor ignored { intensity = 100 period = 1h
	child first { command = "$kid --ready ignore" ready = notify }
	child later { command = "$kid --count $T/counts/later --at 1 --ready notify --at 2- --ready ignore" ready = notify backoff = off }
	child temp { command = "$kid --ready ignore --ready-after 100ms" ready = notify restart = temporary }
	child z { command = "$kid" } }
supervisor never { intensity = 3 period = 1h restart = transient
	child once { command = "$kid --count $T/counts/once --at 1 --ready notify" ready = notify start_timeout = 300ms backoff = off }
	child z { command = "$kid" } }
supervisor quick { child n { command = "$kid --quiet --ready notify" ready = notify instances = 50 } }
supervisor early { intensity = 100 period = 1h
	child ends { command = "$kid --count $T/counts/ends --at 1 --exit 0 --at 2 --die SEGV --at 3- --ready newline" ready = newline restart = transient backoff = off }
	child z { command = "$kid" } }
END
sed -i 's/--status=warm/--status warm/' t.conf
check 'the daemon starts' start_daemon
check 'one that is to say so is starting' retry 10 states_are 'running starting undefined undefined' rest/a rest/n rest/l rest/z
is 'and those behind it wait, in supervisors behind its own too (S23)' "$(states all all/n ignored/z)" 'undefined undefined undefined'
touch go
check 'READY=1: the next one begins (S24)' retry 10 states_are 'running starting undefined' rest/n rest/l rest/z
check 'what it said of itself is kept' retry 5 has_records 1 'select(.type == "ready" and .child == "rest/n" and .info == "warm")'
touch go2
check 'a newline: the rest follows (S24)' retry 20 kids_are_up rest/z all/n all/z ignored/z early/z

### In restarts
rm go go2
check 'rest_for_one: its first member dies' die KILL rest/a
check 'the restart waits as the start did' retry 10 states_are 'running starting undefined undefined' rest/a rest/n rest/l rest/z
check 'one that dies before it is ready' kill -KILL "$(pid_of rest/n)"
check 'is a start error, and tried again (S25, S45)' retry 10 child_count rest/n starts 3
is 'alone: nothing behind it has been started' "$(child_of rest/l starts) $(child_of rest/z starts)" '1 1'
check 'it is counted' [ "$(child_of rest window)" -eq 2 ]
touch go go2
check 'then all come up' retry 10 kids_are_up rest/a rest/n rest/l rest/z
check 'one_for_all: the second start is later than the first' die KILL all/z
check 'its sibling waits for it' retry 10 states_are 'starting restarting' all/n all/z
touch go3
check 'and comes' retry 10 kids_are_up all/n all/z

### Ignored
is 'an ignored start: undefined, and no failure (S26)' "$(states ignored/first) $(child_of ignored/first starts)" 'undefined 1'
is 'of a temporary child: forgotten (S26)' "$(states ignored/temp)" -
is 'nothing of it is left' "$(child_of ignored/first pid) $(reports ignored/first)" 'null stopped shutdown'
is 'it was not counted' "$(child_of ignored window)" 0
check 'a child that ignores its restart' die KILL ignored/later
check 'is undefined, and not tried again (S26)' retry 10 states_are undefined ignored/later
is 'but the restart stays counted (S26)' "$(child_of ignored window)" 1

### Never
check 'never ready: ended in time, tried again, and one too many at last (S25, S53)' die KILL never/once
check 'its supervisor gives up' retry 20 child_is never undefined
retry 5 has_report never 'shutdown shutdown'
# (The agent and the daemon both look at the time; the one says ETIMEDOUT, too.)
is 'after each attempt had its time' "$(reports never/once | sed 's/,ETIMEDOUT//' | tr '\n' ' ')" \
    'child_terminated killed start_error {start_error,timeout} start_error {start_error,timeout} start_error {start_error,timeout} '

### Early
is 'an end before readiness is a start error, whatever the restart type: it was started three times (S25)' \
    "$(states early/ends) $(child_of early/ends starts)" 'running 3'
is 'by whatever it was' "$(records 'select(.type == "report" and .child == "early/ends" and .report == "start_error") | .reason' | sort | uniq -c | tr -s ' ')" \
    ' 2 "{start_error,exited}"'

# The word may overtake the news that the program was executed.
check 'fifty that are ready in no time' tx start quick
check 'are all heard, one after the other (S24)' retry 30 states_are 'running running running' quick quick/n:1 quick/n:50
is 'at their first start' "$(record_count 'select(.type == "start" and (.child | startswith("quick/")))')" 50
check 'the daemon stops in order' stop_daemon
done_testing

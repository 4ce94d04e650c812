#!/bin/sh
# Start errors when a supervisor starts, patient and strict, nested and at the root, and what status the daemon ends
# with (S23, S27, S30, S31, S57).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

# As a start script would see it.
run_daemon() {
	rm -rf state run log
	mkdir state run log
	trapexitd -v -c "$T/t.conf" >trapexitd.log 2>&1 &
	daemon=$!
	own $daemon
}

ended_by() {
	reports '' | sed 's/,ETIMEDOUT//' | grep -qxF "$1" # the agent says it so, the daemon without
}

configure <<END
store = none
init = strict stop = serial
child a { command = "$kid" }
supervisor n { strategy = rest_for_one child x { command = "$kid" } child y { command = "$kid" } }
child c { command = "$kid --ready notify" ready = notify }
child d { command = "/no/such/program" }
child e { command = "$kid" }
END
run_daemon
check 'strict: a child that cannot start ends the daemon with status 1 (S27, S57)' daemon_ends_with 1
is 'those before it were started in order and ended in reverse, those behind it not at all' "$(happened)" \
    '+a +n/x +n/y +c +d !d -c -n/y -n/x -a '
check 'the reason is said' has_report '' 'shutdown {start_error,exec,ENOENT}'
for how in '--exit 0:exited' '--die SEGV:exited' ':timeout'; do
	configure <<-END
		store = none
		init = strict
		child a { command = "$kid" }
		child b { command = "$kid --quiet ${how%:*}" ready = notify start_timeout = 200ms }
	END
	run_daemon
	check "strict: one that ends before it is ready, or never is (${how%:*})" daemon_ends_with 1
	check "is a start error as well: ${how#*:} (S25, S27)" retry 5 ended_by "shutdown {start_error,${how#*:}}"
done

configure <<END
store = none
init = strict
child a { command = "$kid --ready ignore" ready = notify }
child b { command = "$kid" }
END
run_daemon
check 'strict: an ignored start is no error (S26)' retry 10 states_are 'undefined running' a b
check 'the daemon stops in order' stop_daemon
wait $daemon
is 'with status 0 (S57)' $? 0

configure <<END
store = none
strategy = sometimes
END
run_daemon
check 'a configuration that is wrong: status 2, and nothing was started (S3, S57)' daemon_ends_with 2
is 'no journal was written' "$(find state -name '*.jsonl')" ''

configure <<END
store = none
intensity = infinity
child a { command = "$kid" }
child b { command = "/no/such/program" backoff { min = 100ms max = 100ms } }
supervisor strict {
	init = strict strategy = one_for_all intensity = 0 period = 1h
	backoff { min = 300ms max = 300ms jitter = 0% }
	child x { command = "$kid" }
	child y { command = "$T/y" }
	child z { command = "$kid" }
}
supervisor deep { init = strict supervisor deeper { init = strict supervisor deepest { init = strict child x { command = "$T/y" } } } }
child c { command = "$kid" }
END
rm -rf state run log
check 'patient: the daemon starts' start_daemon
check 'a child that cannot start is owed, and holds nobody up (S23)' retry 10 states_are 'running restarting running' a b c
check 'it is tried again' retry 10 child_count b starts 3
check 'strict below the root: its supervisor is what is owed (S30)' retry 10 child_count strict restarts 1
check 'it ended what it had started, and started nothing behind it' has_records 1 'select(.type == "exit" and .child == "strict/x")'
is 'nothing behind it' "$(record_count 'select(.child == "strict/z" and .type == "start")')" 0
check 'that was a start error of the supervisor' has_report strict 'start_error {start_error,exec,ENOENT}'
is 'and no escalation: intensity is not consulted (S27)' "$(reports strict | grep -c escalated)" 0
check 'three levels: the error goes up to the first that is patient' retry 10 has_report deep 'start_error {start_error,exec,ENOENT}'
check 'through each' has_report deep/deeper/deepest 'start_error {start_error,exec,ENOENT}'
ln -s "$kid" y
check 'when the program is there all come up' retry 10 kids_are_up strict/x strict/y strict/z deep/deeper/deepest/x
is 'nobody else was touched' "$(child_of a starts) $(child_of c starts)" '1 1'
check 'the daemon stops in order' stop_daemon

# S31: a death while later siblings are being started.
configure <<END
store = none
child a { command = "$kid --on USR1=1" backoff = off }
child b { command = "$kid --ready notify --ready-file $T/go" ready = notify }
child c { command = "$kid" }
END
rm -rf state run log
mark
check 'the daemon starts' start_daemon
check 'one is starting' retry 10 states_are 'running starting undefined' a b c
check 'one before it dies' die USR1 a
check 'and is restarted (S31)' retry 10 child_count a starts 2
touch go
check 'the others start in their turn' retry 10 kids_are_up a b c
is 'each once' "$(child_of b starts) $(child_of c starts)" '1 1'
check 'the daemon stops in order' stop_daemon
done_testing

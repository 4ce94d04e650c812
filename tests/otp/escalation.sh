#!/bin/sh
# One too many: escalation through nested supervisors, its reasons, what each restart type makes of it, and the end of
# the daemon (S50, S53-S57), with cool_down at the root as the default.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

starts_are() {
	[ "$(record_count "select(.type == \"start\" and .child == \"$1\")")" -eq "$2" ]
}

configure <<END
store = none
root = exit intensity = 1 period = 1h
supervisor outer {
	intensity = 1 period = 1h backoff = off
	supervisor inner {
		intensity = 2 period = 1h backoff = off
		child bad { command = "$kid --exit 7" backoff = off }
		child good { command = "$kid --on TERM=0" }
	}
	child beside { command = "$kid" }
}
child other { command = "$kid" }
END
mkdir -p state run log
trapexitd -v -c "$T/t.conf" >trapexitd.log 2>&1 &
daemon=$!
own $daemon
check 'three levels: the daemon ends with status 3 (S53, S57)' daemon_ends_with 3
is 'the child was started (2+1)*(1+1)*(1+1) times: levels multiply (S56)' \
    "$(record_count 'select(.type == "start" and .child == "outer/inner/bad")')" 12
is 'the inner supervisor gave up four times' "$(reports outer/inner | grep -c '^escalated {exit,7}$')" 4
is 'and ended with shutdown each time, which its parent saw (S53, S54)' \
    "$(reports outer/inner | grep -c '^child_terminated shutdown$')" 4
is 'the outer one twice' "$(reports outer | grep -c '^escalated shutdown$')" 2
check 'the root once' has_report '' 'escalated shutdown'
is 'its siblings were ended and started with their supervisor (S53, S55)' \
    "$(reports outer/inner/good | grep -c '^stopped shutdown$')" 4
check 'who stands beside it ends with the daemon' has_report other 'stopped shutdown'

# Each restart type; what is left running is alone.
configure <<END
store = none
supervisor permanent { intensity = 0 period = 1h backoff = off child a { command = "$kid --on USR1=1" } child b { command = "$kid" } }
supervisor transient { intensity = 0 restart = transient child a { command = "$kid --on USR1=1" } child b { command = "$kid" } }
supervisor temporary { intensity = 0 restart = temporary child a { command = "$kid --on USR1=1" } child b { command = "$kid" } }
supervisor sliding { intensity = 1 period = 600ms child a { command = "$kid --on USR1=1" backoff = off } }
child other { command = "$kid" }
END
rm -rf state log
mark
check 'the daemon starts' start_daemon
check 'permanent: a supervisor that gives up' die USR1 permanent/a
check 'begins again (S54)' retry 10 child_count permanent restarts 1
check 'with all its children' retry 10 kids_are_up permanent/a permanent/b
is 'and an empty window (S55)' "$(child_of permanent window)" 0
check 'transient: it' die USR1 transient/a
check 'is done: that is a normal end (S54)' retry 10 child_is transient undefined
is 'with all its children' "$(states transient/a transient/b)" 'undefined undefined'
check 'which is reported as what it is' has_report transient 'child_terminated shutdown'
check 'by hand it begins again' tx start transient
check 'with its children' retry 10 kids_are_up transient/a transient/b
check 'temporary: it' die USR1 temporary/a
check 'is forgotten, with its children (S54)' retry 10 states_are '- -' temporary temporary/b
check 'the window slides: one restart' die USR1 sliding/a
check 'is counted' retry 5 child_count sliding/a restarts 1
# Longer than the period: what is counted must be forgotten by then.
window_is_empty() {
	[ "$(child_of sliding window)" -eq 0 ]
}
check 'until it is older than the period (S50)' retry 5 window_is_empty
check 'then another one' die USR1 sliding/a
check 'is borne as well' retry 5 child_count sliding/a restarts 2
is 'the supervisor never gave up' "$(child_of sliding restarts) $(child_of other starts)" '0 1'
check 'the daemon stops in order' stop_daemon

# The root sets aside what is hopeless, a whole supervisor too; its siblings go on.
configure <<END
store = none
intensity = 0 period = 1h cool_down = 1h
supervisor s { intensity = 0 period = 1h child a { command = "$kid --on USR1=1" } child b { command = "$kid" } }
child other { command = "$kid" }
END
rm -rf state log
check 'the daemon starts' start_daemon
sibling=$(retry 5 kid_is_up other && pid_of other)
check 'a supervisor that gives up below a root that cannot bear it' die USR1 s/a
check 'is set aside whole' retry 10 states_are 'restarting undefined undefined' s s/a s/b
check 'with an alarm' retry 5 has_report s 'cool_down shutdown'
is 'its sibling goes on' "$(pid_of other)" "$sibling"
check 'a start by hand cuts it short' tx start s
check 'it runs' retry 5 kids_are_up s/a s/b
check 'the daemon stops in order' stop_daemon
wait $daemon
is 'with status 0: it was told to (S57)' $? 0
done_testing

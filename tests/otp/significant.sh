#!/bin/sh
# Significant children: when their end is that of their supervisor, and what that is for the one above (S70-S73).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

child() {
	echo "child $1 { command = \"$kid --on USR1=0 --on USR2=7\" backoff = off restart = $2 ${3:+significant = yes} }"
}
configure <<END
store = none
supervisor any { auto_shutdown = any_significant restart = transient strategy = rest_for_one
	$(child a transient yes) $(child b transient yes) $(child c permanent) }
supervisor every { auto_shutdown = all_significant restart = transient
	$(child a transient yes) $(child b temporary yes) $(child c permanent) }
supervisor again { auto_shutdown = any_significant $(child a temporary yes) $(child b permanent) }
supervisor gone { auto_shutdown = any_significant restart = temporary $(child a transient yes) }
supervisor up { auto_shutdown = any_significant restart = transient
	supervisor down { auto_shutdown = any_significant restart = transient significant = yes $(child a transient yes) } $(child b permanent) }
supervisor untouched { auto_shutdown = any_significant strategy = one_for_all
	$(child a permanent) $(child t temporary yes) $(child n transient)
	child i { command = "$kid --ready ignore" ready = notify restart = transient significant = yes }
	child f { command = "/no/such/program" restart = transient significant = yes backoff { min = 1h max = 1h first = delayed } }
	$(child z transient yes) }
END
check 'the daemon starts' start_daemon
check 'all children run' retry 10 kids_are_up any/a any/b any/c every/a every/b every/c again/a again/b gone/a up/down/a up/b \
    untouched/a untouched/t untouched/n untouched/z
mark
check 'a significant child is killed' die KILL any/b
traced 'and restarted with its group: nothing else (S70, S72)' '-any/b -any/c +any/b +any/c'
check 'it ends normally' die USR1 any/b
retry 10 child_is any undefined
traced 'which ends its supervisor, in order (S71, S73)' '-any/b -any/c -any/a'
check 'by shutdown: transient, it stays down (S73, S54)' has_report any 'child_terminated shutdown'

check 'all_significant: one is done' die USR1 every/a
check 'its supervisor is up' retry 5 states_are 'running undefined running running' every every/a every/b every/c
check 'the last one, temporary, dies by a signal' die KILL every/b
check 'then it ends (S70, S71)' retry 10 states_are 'undefined undefined' every every/c

check 'under a permanent supervisor' die USR2 again/a
check 'it begins again, as one that gave up (S73)' retry 10 child_count again restarts 1
check 'with all its children' retry 10 kids_are_up again/a again/b
check 'a temporary supervisor' die USR1 gone/a
check 'is forgotten' retry 10 states_are - gone
check 'a significant supervisor takes the one above along' die USR1 up/down/a
check 'up to where it is not significant' retry 10 states_are 'undefined undefined undefined' up up/down up/b

is 'neither an ignored start nor one that failed has ended anything (S72)' "$(states untouched untouched/i untouched/f)" \
    'running undefined restarting'
check 'a stop by hand' tx stop untouched/z
check 'the end of one that is not significant' die USR1 untouched/n
retry 5 child_is untouched/n undefined
n=$(child_of untouched restarts)
check 'and a teardown of the group' die KILL untouched/a
check 'that takes a significant temporary one along' retry 10 states_are '- running' untouched/t untouched/a
is 'have not, either (S72)' "$(states untouched) $(child_of untouched restarts)" "running $n"
check 'the daemon stops in order' stop_daemon

configure <<END
store = none
auto_shutdown = any_significant
$(child a transient yes) $(child b permanent)
END
rm -rf state log
check 'the daemon starts' start_daemon
check 'at the root: a significant child is done' die USR1 a
check 'so is the daemon, with status 0 (S57, S73)' daemon_ends_with 0
check 'all was ended in order' has_report b 'stopped shutdown'
done_testing

#!/bin/sh
# What an operator said holds: a child that was stopped by hand stays stopped, over
# a crash of the daemon, too, until it is started by hand (S60, S79, S80).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
hold = 10s
supervisor group {
	strategy = one_for_all
	child a { command = "sleep 1000" }
	child b { command = "sleep 1000" }
}
child c { command = "sleep 1000" }
END

check 'the daemon starts' start_daemon
check 'all run' retry 5 tx status group/a group/b c
check 'stop answers when the child is down' tx stop c
is 'it is down' "$(child_of c state)" undefined
check 'stopping what is stopped is no error (S60)' tx stop c
status_is 3 'status tells scripts' tx status c
kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'a new daemon starts' start_daemon
is 'it is still down' "$(child_of c state)" undefined
check 'started by hand, it runs' tx start c
check 'and again after a crash' retry 5 child_is c running
old=$(pid_of group/b)
kill -KILL "$(pid_of group/a)"
check 'one_for_all: its sibling is restarted with it (S39)' retry 5 child_count group/b starts 2
check 'under a new pid' retry 5 gone "$old"
old=$(pid_of c)
check 'restart by hand' tx restart c
refute 'gives a new process' [ "$(pid_of c)" = "$old" ]
is 'and is not counted (S51)' "$(child_of c restarts)" 0
status_is 1 'an unknown name is an error' tx stop nobody
like 'that names it' "$(last_output)" 'nobody'
check 'a glob reaches both' tx stop 'group/?'
is 'both are down' "$(child_of group/a state) $(child_of group/b state)" 'undefined undefined'
check 'a whole supervisor starts' tx start @group
check 'both run' retry 5 tx status group/a group/b
check 'c is stopped by hand' tx stop c
cp "$T/t.conf" "$T/with.conf"
grep -v '^child c ' "$T/with.conf" >"$T/t.conf"
check 'and taken out of the configuration' tx reload
cp "$T/with.conf" "$T/t.conf"
check 'and put in again' tx reload
check 'it is a new child, of which nothing was wished' retry 5 child_is c running
kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'a new daemon starts' start_daemon
check 'which sees it the same way' retry 5 child_is c running
check 'signal reaches the child' tx signal TERM c
check 'it is restarted, being permanent (S34)' retry 5 child_count c restarts 1
check 'a daemon stops in order' stop_daemon
done_testing

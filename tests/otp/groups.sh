#!/bin/sh
# Who goes with a child that failed, and in which order: one_for_one, rest_for_one, one_for_all with real processes,
# as the journal tells it (S38-S43, S21), and with what was stopped or finished before (S41).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

ends="--on USR1=0 --on USR2=7"
child() {
	echo "child $1 { command = \"$kid $ends\" backoff = off $2 }"
}
sup() {
	printf 'supervisor %s { strategy = %s intensity = 100 period = 1h\n' "$1" "$2"
	child a
	child b 'restart = transient'
	child t 'restart = temporary'
	child c
	printf 'supervisor n { strategy = rest_for_one\n'
	child x
	child y
	echo '} }'
}
{
	sup one one_for_one
	sup rest rest_for_one
	sup all one_for_all
} | configure

window_is() {
	[ "$(child_of "$1" window)" -eq "$2" ]
}

check 'the daemon starts' start_daemon
check 'all children run' retry 10 kids_are_up one/a one/b one/t one/c one/n/x one/n/y rest/a rest/b rest/t rest/c \
    rest/n/x rest/n/y all/a all/b all/t all/c all/n/x all/n/y
is 'they were started in start order, those of nested supervisors in their place (S23)' "$(happened)" \
    '+recorder +one/a +one/b +one/t +one/c +one/n/x +one/n/y +rest/a +rest/b +rest/t +rest/c +rest/n/x +rest/n/y +all/a +all/b +all/t +all/c +all/n/x +all/n/y '
mark

die USR2 one/b
traced 'one_for_one: alone (S38)' '-one/b +one/b'
die KILL one/n/x
traced 'rest_for_one in a nested supervisor: it and what is behind it (S40)' '-one/n/x -one/n/y +one/n/x +one/n/y'

die KILL rest/b
traced 'rest_for_one: those behind it end in reverse order, nested ones before it, then all start in order (S40)' \
    '-rest/b -rest/n/y -rest/n/x -rest/c -rest/t +rest/b +rest/c +rest/n/x +rest/n/y'
is 'the temporary one has been forgotten (S41)' "$(states rest/a rest/t)" 'running -'
is 'that was one count, whatever the group (S43)' "$(child_of rest window)" 1
die KILL rest/n/y
traced 'the last of a nested one goes alone' '-rest/n/y +rest/n/y'

die USR1 all/c
traced 'one_for_all: all others end in reverse order and start in order, whoever failed (S39)' \
    '-all/c -all/n/y -all/n/x -all/t -all/b -all/a +all/a +all/b +all/c +all/n/x +all/n/y'
is 'which is one count as well (S43)' "$(child_of all window)" 1

die USR1 rest/b
traced 'a transient one that is done touches nobody (S36)' '-rest/b'
is 'it stays in the list' "$(states rest/b rest/c)" 'undefined running'
die USR2 rest/a
traced 'but comes back with its group (S41)' \
    '-rest/a -rest/n/y -rest/n/x -rest/c +rest/a +rest/b +rest/c +rest/n/x +rest/n/y'
check 'one that is stopped by hand' tx stop all/b
traced 'ends alone (S79)' '-all/b'
die USR2 all/c
traced 'and stays so when its group restarts: that is the wish of an operator' \
    '-all/c -all/n/y -all/n/x -all/a +all/a +all/c +all/n/x +all/n/y'
is 'so it is seen' "$(states all/b)" undefined
check 'until it is told to start' tx start all/b
traced 'alone' '+all/b'

# Two end at one moment: the agent, frozen meanwhile, finds both. (Its children's lease is the hold: 60 s.)
together() {
	agent=$(agent_pid)
	retry 10 kids_are_up "$@" || return 1
	together_pids=$(for one; do pid_of "$one"; done)
	kill -STOP "$agent"
	# shellcheck disable=SC2086 # a list
	kill -KILL $together_pids
	retry 5 all_are_zombies
	kill -CONT "$agent"
}
all_are_zombies() {
	for z in $together_pids; do
		tap_stat "$z" && [ "$tap_state" = Z ] || return 1
	done
}
check 'two of one_for_one end at one moment' together one/c one/a
retry 5 window_is one 3
is 'each has its count (S21)' "$(child_of one window)" 3
is 'and its restart' "$(happened | tr ' ' '\n' | sort | tr '\n' ' ')" '+one/a +one/c -one/a -one/c '
mark
before=$(child_of rest window)
check 'two of rest_for_one end at one moment, the later one first' together rest/c rest/b
traced 'the leftmost leads (S21, S42)' '-rest/b -rest/c -rest/n/y -rest/n/x +rest/b +rest/c +rest/n/x +rest/n/y'
is 'in one count' "$(child_of rest window)" $((before + 1))
check 'two of one_for_all' together all/a all/c
traced 'the other one is consumed (S42)' \
    '-all/a -all/c -all/n/y -all/n/x -all/b +all/a +all/b +all/c +all/n/x +all/n/y'

kill -TERM "$daemon"
check 'the daemon stops in order' retry 20 gone "$daemon"
# Only what stands in one supervisor is compared: below the root (one_for_one) all end together.
order_of() {
	happened | tr ' ' '\n' | grep "^-$1" | tr '\n' ' '
}
is 'rest_for_one ends in reverse order, one after the other (S59)' "$(order_of rest)" '-rest/n/y -rest/n/x -rest/c -rest/b -rest/a '
is 'one_for_all too' "$(order_of all)" '-all/n/y -all/n/x -all/c -all/b -all/a '
is 'all are down' "$(happened | tr ' ' '\n' | grep -c .)" 17
done_testing

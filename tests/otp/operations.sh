#!/bin/sh
# supervisor(3)'s operations in each strategy: what they leave alone, what a group restart makes of them, and what they
# meet while a group is torn down or a retry is owed (S29, S41, S45-S47, S55, S74, S79, S80). Their results as such are
# in tests/daemon/otp-operations.sh.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"
. "$top_srcdir/tests/lib/otp.sh"

new() {
	echo "child $1 { command = \"$kid\" backoff = off ${2:-} }"
}
{
	echo 'store = none'
	for s in one_for_one rest_for_one one_for_all; do
		ln -s "$kid" "$T/$s"
		echo "supervisor $s { strategy = $s intensity = 100 period = 1h"
		new a
		echo "child b { command = \"$T/$s\" backoff { min = 1h max = 1h first = delayed } }"
		new c
		new slow ''
		echo '}'
	done
	echo "supervisor pool { strategy = simple_one_for_one intensity = 100 period = 1h"
	echo "child w { command = \"$kid --on USR1=0 --on USR2=7\" restart = transient backoff = off } }"
	echo "supervisor small { strategy = one_for_all intensity = 0 period = 1h backoff = off"
	new a
	new b
	echo '}'
} | configure
sed -i "s,^child slow.*,child slow { command = \"$kid --on TERM=0 --linger-file $T/go\" shutdown = 60s backoff = off }," t.conf

touch go
check 'the daemon starts' start_daemon
for s in one_for_one rest_for_one one_for_all; do
	check "$s: all children run" retry 10 kids_are_up $s/a $s/b $s/c $s/slow

	### One child alone, whatever the strategy.
	mark
	answers "$s: terminate_child" ok terminate-child $s a
	answers 'start_child' "{ok,PID}" start-child $s "$(new d)"
	answers 'restart_child' "{ok,PID}" restart-child $s a
	answers 'terminate_child of one in the middle' ok terminate-child $s c
	answers 'delete_child' ok delete-child $s c
	answers 'start_child of the same id' "{ok,PID}" start-child $s "$(new c)"
	traced 'each acts on that child alone (S79)' "-$s/a +$s/d +$s/a -$s/c +$s/c"
	is 'restart_child keeps the place, start_child takes the last one (S80)' "$(ids $s)" 'c d slow b a'
	refused 'a start that fails is the answer' '{error,{{start_error,exec,ENOENT},child x { command = {/nonexistent} }}}' \
	    start-child $s 'child x { command = "/nonexistent" }'
	is 'and nobody else has seen it (S29)' "$(states $s/a $s/b $s/c $s/slow $s/d $s/x)" 'running running running running running -'
	is 'nothing of all that is counted (S51)' "$(child_of $s window)" 0

	### A retry that is owed: 1 h.
	retry 10 kids_are_up $s/a $s/b $s/c $s/d
	mark
	check 'one fails whose restart is delayed' die KILL $s/b
	retry 10 child_is $s/b restarting
	case $s in
	one_for_one)
		others='running running running running'
		traced 'one_for_one: no other' "-$s/b"
		;;
	rest_for_one)
		others='running undefined undefined undefined'
		traced 'rest_for_one: those behind it end at once (S124)' "-$s/b -$s/c -$s/d -$s/slow"
		;;
	one_for_all)
		others='undefined undefined undefined undefined'
		traced 'one_for_all: all others end at once (S124)' "-$s/b -$s/c -$s/d -$s/slow -$s/a"
		;;
	esac
	retry 5 states_are "$others" $s/a $s/slow $s/d $s/c
	is 'so they wait' "$(states $s/a $s/slow $s/d $s/c)" "$others"
	refused 'restart_child of what is owed' '{error,restarting}' restart-child $s b
	refused 'delete_child' '{error,restarting}' delete-child $s b
	refused 'start_child' '{error,already_present}' start-child $s "$(new b)"
	answers 'terminate_child cancels it (S47, S60)' ok terminate-child $s b
	is 'those behind it stay as they are (S79)' "$(states $s/b $s/a $s/slow $s/d $s/c)" "undefined $others"
	mark
	answers 'restart_child starts it' "{ok,PID}" restart-child $s b
	traced 'alone (S79)' "+$s/b"

	### The next group restart.
	answers 'and is terminated again' ok terminate-child $s b
	for c in a slow d c; do
		case $(states $s/$c) in
		undefined) answers "$c is restarted" "{ok,PID}" restart-child $s $c ;;
		esac
	done
	retry 10 kids_are_up $s/a $s/slow $s/c $s/d
	mark
	check 'the first one dies' die KILL $s/a
	case $s in
	one_for_one) traced 'one_for_one: who was terminated stays down' "-$s/a +$s/a" ;;
	*) traced 'its group comes back, the terminated one with it (S41)' \
		"-$s/a -$s/c -$s/d -$s/slow +$s/a +$s/b +$s/slow +$s/d +$s/c" ;;
	esac
done

### What comes while a group is torn down waits for it (S74).
# meanwhile WORD…: the command is given while `slow` is still ending; its answer is in meanwhile.out.
meanwhile() {
	rm go
	die KILL one_for_all/a && retry 10 child_is one_for_all/slow stopping || return 1
	tx "$@" >meanwhile.out 2>&1 &
	own $!
	meanwhile_pid=$!
	# It has been taken, and waits: whatever is asked after it is answered.
	tx status >/dev/null
	kill -0 $meanwhile_pid
	touch go
	wait $meanwhile_pid
}
s=one_for_all
retry 10 kids_are_up $s/a $s/b $s/c $s/d $s/slow
mark
check 'start_child while a group is torn down (S74)' meanwhile start-child $s "$(new late)"
traced 'is done when the group stands again' "-$s/a -$s/c -$s/d -$s/slow -$s/b +$s/a +$s/b +$s/slow +$s/d +$s/c +$s/late"
like 'and says so then' "$(cat meanwhile.out)" '^\{ok,[0-9]+\}$'
retry 10 kids_are_up $s/a $s/b $s/c $s/d $s/slow $s/late
check 'terminate_child meanwhile (S74)' meanwhile terminate-child $s d
check 'takes effect on the group that stands again' retry 10 states_are 'running running running running running undefined' \
    $s/a $s/b $s/c $s/slow $s/late $s/d

### A supervisor begins again with its own list (S55).
answers 'one is deleted: terminated' ok terminate-child small b
answers 'and deleted' ok delete-child small b
answers 'another one is added' "{ok,PID}" start-child small "$(new x)"
retry 10 kids_are_up small/a small/x
check 'their supervisor gives up' die KILL small/a
check 'the deleted one is back (S55)' retry 10 kids_are_up small/a small/b
is 'the added one is lost (S55)' "$(ids small)" 'b a'

### simple_one_for_one: the same, for instances.
for n in 1 2 3; do
	answers "instance $n" "{ok,PID}" start-child pool -- --say "instance $n"
done
retry 10 kids_are_up pool/w:1 pool/w:2 pool/w:3
mark
check 'one fails' die USR2 pool/w:2
traced 'it is restarted alone (S49)' '-pool/w:2 +pool/w:2'
check 'with its own arguments (S49)' retry 5 sh -c '[ "$(grep -c "instance 2" log/pool/w:2.log)" -eq 2 ]'
check 'one is done' die USR1 pool/w:1
check 'it is forgotten (S34)' retry 5 states_are '- running running' pool/w:1 pool/w:2 pool/w:3
answers 'one is terminated' ok terminate-child pool w:3
is 'and forgotten' "$(states pool/w:2 pool/w:3)" 'running -'
is 'restarts of instances are counted together (S49)' "$(child_of pool window)" 1
check 'the daemon stops in order' stop_daemon
done_testing

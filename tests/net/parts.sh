#!/bin/sh
# The parts at the far end and of the connection, killed and frozen one by one. What only carries the connection restarts
# nothing; an agent or a guard that is gone is replaced at once, as the host is alive and says so: nobody waits for a
# lease (which is long here, so that it would be seen).
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/failover.sh"

start_failover 20s

# Never by chance: each is told of by the pid that it had.
carrier() {
	before=$(pids home ssh | paste -sd ' ')
	strike "$2" "$3" "$4"
	check "$1: the node is up again" retry 20 up_anew box2 "$before"
	same "$1 restarts nothing"
}

# up_anew NODE PIDS: up, by an ssh that was not there
up_anew() {
	node_is "$1" up && [ "$(pids home ssh | wc -l)" -eq 3 ] && [ "$(pids home ssh | paste -sd ' ')" != "$2" ]
}

carrier 'the far end of the ssh killed' box2 KILL attach
carrier 'a session of sshd killed' box2 KILL session
carrier 'the ssh clients killed' home KILL ssh
strike box2 KILL sshd
same 'the listener of sshd killed restarts nothing'

# replaced SENTENCE SIGNAL ROLE: it is, and at once
replaced() {
	fault_at=$(wall)
	strike box2 "$2" "$3"
	check "$1: another one runs" retry 15 has_other_token
	check "$1: at once" test "$(($(next_began "$token") - fault_at))" -le $((2000 * TRAPEXIT_SLOW))
	diag "$1: the replacement began $(($(next_began "$token") - fault_at)) ms after the fault"
	check "$1: the node is up again" retry 20 node_is box2 up
	check "$1: back" home_again
}

replaced 'the agent killed' KILL agent
replaced 'the guard killed' KILL guard
replaced 'the child killed' KILL sleep

strike box2 STOP guard
sleep 1
same 'the guard frozen restarts nothing'
strike box2 CONT guard
same 'nor does its thaw'
check 'never two ran at once' never_twice
net_done

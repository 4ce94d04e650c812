#!/bin/sh
# An upgrade with hosts: each process of the daemon has its own ssh, none is left over, no child is touched.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

node_is() {
	[ "$(tx nodes --json | jq -r --arg n "$1" '.nodes[] | select(.name == $n) | .state')" = "$2" ]
}

make_hosts box2 box3
configure <<END
store = none
node box2 { ssh = box2 ssh_program = "$fake_ssh" }
node box3 { ssh = box3 ssh_program = "$fake_ssh" }
child here { command = "sleep 1000" }
child far { command = "sleep 1000" nodes = {box2} }
child away { command = "sleep 1000" nodes = {box3} }
END
pids() {
	echo "$(pid_of here) $(pid_of far) $(pid_of away)"
}
all_run() {
	child_is here running && child_is far running && child_is away running && node_is box2 up && node_is box3 up
}
# What is below the daemon: its ssh (which became the relay, here), and what it has not reaped.
below() {
	ps -o stat=,args= --ppid "$daemon"
}

check 'the daemon starts' start_daemon
check 'all run' retry 15 all_run
before=$(pids)
for i in 1 2 3; do
	check "upgrade $i" tx upgrade
	check 'all run after it' retry 15 all_run
done
is 'as the processes that they were' "$(pids)" "$before"
two_below() {
	[ "$(below | grep -c -- --attach)" -eq 2 ]
}
check 'there is one ssh for each host' retry 10 two_below
is 'and no dead one that nobody has reaped' "$(below | grep '^Z')" ''
is 'nor any besides' "$(started_here | while read -r p; do tr '\0' ' ' <"/proc/$p/cmdline" | grep -e ' --attach '; done | wc -l)" 2
check 'it stops in order' stop_daemon
done_testing

#!/bin/sh
# Each party of both handovers is killed, ends, freezes or says nothing, at each of its words:
# somebody is in charge afterwards, one alone, no child was touched, nothing is lost. With -d, where
# the agent starts a daemon when none is left.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/upgrade.sh"

configure <<END
store = none
hold = 6s
$(load_children)
END
mkdir "$T/faults"
faults=$top_builddir/tests/helpers/handover_fault.so

in_charge() {
	daemon_answers && one_daemon
}

daemon_pid() {
	tx status --json | jq .daemon.pid
}

# fault WORD N ACTION WHO: WHO is the daemon's pid afterwards: same, other, any
fault() {
	pid=$(daemon_pid)
	echo "$2 $3" >"$T/faults/$1"
	tx upgrade --timeout 1s >"$T/$1-$2-$3.out" 2>&1
	check "$1 $2 $3: somebody is in charge, alone" retry 15 in_charge
	is "$1 $2 $3: no child was touched" "$(steady_pids)" "$before"
	refute "$1 $2 $3: it has happened" [ -e "$T/faults/$1" ]
	case $4 in
	same) is "$1 $2 $3: the process is the same" "$(daemon_pid)" "$pid" ;;
	other) refute "$1 $2 $3: the process is another one" [ "$(daemon_pid)" = "$pid" ] ;;
	esac
	is "$1 $2 $3: the pid file names it" "$(cat "$T/pid")" "$(daemon_pid)"
}

# A word is said by P (offer, go), by N (prepared, up; and in the second handover offer, go) or by the
# process that P was (prepared, up, for the second time).
FAULT_DIR=$T/faults LD_PRELOAD=$faults ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
    trapexitd -v -d -c "$T/t.conf" -p "$T/pid" >"$T/start.log" 2>&1
check 'the daemon runs' retry 10 daemon_answers
check 'all run' retry 10 child_count dies starts 3
before=$(steady_pids)

# The new program, in the first handover: the old one goes on.
for action in kill said-kill exit stop mute; do
	fault prepared 1 $action same
done
for action in kill exit stop mute; do
	fault up 1 $action same
done
# It has said that it is up: its place is not given up again.
fault up 1 said-kill any
fault up 1 said-stop any
# It hands over to the process that was before.
for action in kill said-kill mute; do
	fault kind 2 $action any
done
for action in kill said-kill; do
	fault go 2 $action same
done
fault go 2 mute other
# The daemon itself, in the first handover.
for action in kill said-kill; do
	fault kind 1 $action any
	fault go 1 $action any
done
fault go 1 said-stop other
fault go 1 mute same
fault go 1 stop other
# The process that it was, in the second: the new program stays where it is.
for action in kill said-kill exit stop mute; do
	fault prepared 2 $action other
done
for action in kill exit stop mute; do
	fault up 2 $action other
done
fault up 2 said-kill any

check 'an upgrade without a fault' tx upgrade
is 'no child was touched' "$(steady_pids)" "$before"
check 'the children stop' load_stops
check 'no line is lost, none is there twice' lines_are_whole
check 'no observation is lost, none is there twice' observations_are_whole
check 'no exit status is lost, none is there twice' statuses_are_whole
check 'the daemon stops in order' tx shutdown
done_testing

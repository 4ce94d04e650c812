# shellcheck shell=sh
# The fault campaign: what is done to whom, and when it is undone (campaign.sh is the test).
#
# A choice is made from the seed alone; how it hits depends on the moment. faults.log gets a line for each:
#	MS KIND HOST CHILD TEXT…	(- where it is nobody's in particular)
# which gaps.awk lays beside the prices.

boxes='box2 box3 box4 box5'
pending=   # TIME,ACTION,ARGUMENT of what is to be undone
n_faults=0
kinds_done=

# A number below $1, from the seed, in $picked. (Each step depends on all bits of the one before, the upper ones are used.)
pick() {
	rng=$(((rng * 1103515245 + 12345) & 0x7fffffffffff))
	picked=$(((rng >> 16) % $1))
}

# One of the words, in $picked.
pick_word() {
	pick $#
	shift "$picked"
	picked=$1
}

# note KIND HOST CHILD TEXT…
note() {
	n_faults=$((n_faults + 1))
	kinds_done="$kinds_done $1"
	echo "$(wall) $*" >>"$T/faults.log"
}

# later MS ACTION ARGUMENT
later() {
	tap_clock
	pending="$pending $((tap_now + $1)),$2,$3"
}

# Do what is due; with `all`, everything.
undo_due() {
	tap_clock
	undo_now=$tap_now undo_list=$pending pending=
	for undo in $undo_list; do
		if [ "${1:-}" = all ] || [ "${undo%%,*}" -le "$undo_now" ]; then
			undo=${undo#*,}
			"undo_${undo%%,*}" "${undo#*,}"
		else
			pending="$pending $undo"
		fi
	done
}

# ---- undoing ----

undo_thaw() {
	kill -CONT "$1" 2>/dev/null
}

undo_link() {
	link_up "$1"
	host_set "$1" cut ''
}

undo_flap() {
	ip link set "lan-$1" up
}

undo_flapdown() {
	ip link set "lan-$1" down
}

undo_boot() {
	host_boot "$1" || bail "$1 does not come up again"
	[ "$1" != home ] || respawn_daemon
}

# All of a host at once, as where a virtual machine is paused.
undo_thawhost() {
	is_up "$1" || return 0
	host_get "$1" init
	kill -CONT "$net_value"
	strike "$1" CONT
}

undo_proxy() {
	: >"$T/hosts/home/home/tx/proxy/$1.set"
	tell_proxy "$1" resume 'rate both 0' 'delay both 0' "cut up $no_cut" "cut down $no_cut" >/dev/null
	host_set "$1" proxied ''
}

no_cut=999999999999

tell_proxy() {
	proxy_of=$1
	shift
	"$net_helpers/netproxy" --tell "$T/hosts/home/home/tx/proxy/$proxy_of" "$@" 2>/dev/null
}

# ---- whom ----

is_up() {
	host_get "$1" off
	[ -z "$net_value" ]
}

# One of these hosts that is up, in $host; fails if there is none.
pick_host() {
	up=
	for pick_h; do
		! is_up "$pick_h" || up="$up $pick_h"
	done
	[ -n "$up" ] || return
	# shellcheck disable=SC2086 # a list
	pick_word $up
	host=$picked
}

# The same, whose link is as it should be.
pick_linked() {
	linked=
	for pick_h; do
		host_get "$pick_h" cut
		[ -n "$net_value" ] || linked="$linked $pick_h"
	done
	# shellcheck disable=SC2086 # a list
	pick_host $linked
}

# One process with this role on the host, in $pid.
pick_pid() {
	# shellcheck disable=SC2046 # a list
	set -- $(pids "$@" | sort -n)
	[ $# -gt 0 ] || return
	pick_word "$@"
	pid=$picked
}

# Whose incarnation a process is.
child_of_pid() {
	tr '\000' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^TRAPEXIT_ID=//p'
}

# ---- faults ----

kill_role() {
	pick_pid "$2" "$3" || return
	kill -KILL "$pid" 2>/dev/null || return
	note "$1" "$2" - "kill -9 $3 $pid"
}

# freeze_role KIND HOST ROLE LONGEST_MS [forever]: sometimes for ever, if that may be
freeze_role() {
	pick_pid "$2" "$3" || return
	kill -STOP "$pid" 2>/dev/null || return
	pick "$4"
	note "$1" "$2" - "freeze $3 $pid for $picked ms"
	freeze_ms=$picked
	pick 4
	if [ "$picked" -ne 0 ] || [ -z "${5:-}" ]; then
		later "$freeze_ms" thaw "$pid"
	fi
}

fault_child() {
	pick_host home $boxes && pick_pid "$host" pricescrape || return
	child=$(child_of_pid "$pid")
	kill -KILL "$pid" 2>/dev/null && note "child_$1" "$host" "${child:--}" "kill -9 $pid"
}

fault_child_freeze() {
	pick_host home $boxes && pick_pid "$host" pricescrape || return
	child=$(child_of_pid "$pid")
	kill -STOP "$pid" 2>/dev/null || return
	pick 6000
	note child_freeze "$host" "${child:--}" "freeze $pid for $picked ms"
	later "$picked" thaw "$pid"
}

# link KIND DONE_BY HOST MS
fault_link() {
	"$2" "$3"
	host_set "$3" cut yes
	note "$1" "$3" - "$2 for $4 ms"
	later "$4" link "$3"
}

short_or_long() {
	if [ "$1" = short ]; then
		pick 1000
		ms=$((200 + picked))
	else
		pick 4000
		ms=$((lease_ms * 2 + picked))
	fi
}

fault_flap() {
	pick_linked $boxes || return
	host_set "$host" cut yes
	for at in 0 600 1200 1800 2400; do
		later $at flapdown "$host"
		pick 400
		later $((at + 100 + picked)) flap "$host"
	done
	later 3200 link "$host"
	note flap "$host" - 'five times down and up'
}

# fault_host KIND HOST…
fault_host() {
	host_kind=$1
	shift
	pick_linked "$@" || return
	pick 5000
	note "$host_kind" "$host" - "off for $picked ms"
	host_kill "$host"
	later "$picked" boot "$host"
}

# Agent and guard are one fault then, so something may run beside its replacement for a moment when it is thawed: the store
# holds, and the judge is told (unexplained() of campaign.sh).
fault_host_freeze() {
	pick_linked "$@" || return
	pick 7000
	note host_freeze "$host" - "all of it for $picked ms"
	host_get "$host" init
	kill -STOP "$net_value"
	strike "$host" STOP
	strike "$host" STOP
	later "$picked" thawhost "$host"
}

fault_proxy() {
	pick_linked $boxes || return
	host_get "$host" proxied
	[ -z "$net_value" ] || return
	case $1 in
	cut)
		pick_word up down
		way=$picked
		stats=$(tell_proxy "$host" stats) || return
		# shellcheck disable=SC2086 # three numbers
		set -- $stats
		pick 2000
		[ "$way" = up ] && at=$(($2 + picked + 1)) || at=$(($3 + picked + 1))
		tell_proxy "$host" "cut $way $at" >/dev/null || return
		note cut "$host" - "$way at byte $at"
		return
		;;
	slow)
		tell_proxy "$host" 'rate both 20000' 'delay both 150' >/dev/null || return
		printf 'rate both 20000\ndelay both 150\n' >"$T/hosts/home/home/tx/proxy/$host.set"
		pick 5000
		ms=$((1000 + picked))
		;;
	silence_*)
		tell_proxy "$host" 'silence both' >/dev/null || return
		short_or_long "${1#silence_}"
		;;
	esac
	host_set "$host" proxied yes
	note "$1" "$host" - "for $ms ms"
	later "$ms" proxy "$host"
}

# The kinds, and how often each is chosen.
fault_kinds='child_kill:8 child_freeze:3 agent_kill:4 agent_freeze:4 guard_kill:3 guard_freeze:3 attach_kill:3 attach_freeze:2
	ssh_kill:3 ssh_freeze:2 session_kill:3 session_freeze:2 sshd_kill:1 sshd_freeze:1 daemon_kill:3 daemon_freeze:2 recorder_kill:2
	host_kill:3 home_kill:1 link_short:3 link_long:3 deaf_short:1 deaf_long:2 mute_short:1 mute_long:2 uplink_short:1 uplink_long:1
	host_freeze:1 flap:2 cut:3 slow:2 silence_short:2 silence_long:2'

# shellcheck disable=SC2034 # for the test
pick_kind() {
	if [ -z "${fault_total:-}" ]; then
		fault_total=0
		for k in $fault_kinds; do
			fault_total=$((fault_total + ${k#*:}))
		done
	fi
	pick "$fault_total"
	for k in $fault_kinds; do
		picked=$((picked - ${k#*:}))
		[ "$picked" -ge 0 ] || break
	done
	kind=${k%:*}
}

# One fault of the kind; fails if there is nobody that it could be done to.
fault() {
	case $1 in
	child_kill) fault_child kill ;;
	child_freeze) fault_child_freeze ;;
	agent_kill | guard_kill) pick_host home $boxes && kill_role "$1" "$host" "${1%_*}" ;;
	agent_freeze | guard_freeze) pick_host home $boxes && freeze_role "$1" "$host" "${1%_*}" 6000 forever ;;
	attach_kill | session_kill | sshd_kill) pick_host $boxes && kill_role "$1" "$host" "${1%_*}" ;;
	attach_freeze | session_freeze) pick_host $boxes && freeze_role "$1" "$host" "${1%_*}" 6000 ;;
	sshd_freeze) pick_host $boxes && freeze_role "$1" "$host" sshd 4000 ;;
	ssh_kill) is_up home && kill_role "$1" home ssh ;;
	ssh_freeze) is_up home && freeze_role "$1" home ssh 6000 ;;
	daemon_kill) is_up home && kill_role "$1" home daemon ;;
	daemon_freeze) is_up home && freeze_role "$1" home daemon 5000 ;;
	recorder_kill) is_up home && kill_role "$1" home trapexit-record ;;
	host_kill) fault_host host_kill $boxes ;;
	home_kill) fault_host home_kill home ;;
	link_short | link_long) short_or_long "${1#*_}" && pick_linked $boxes && fault_link "$1" link_down "$host" "$ms" ;;
	deaf_short | deaf_long) short_or_long "${1#*_}" && pick_linked $boxes && fault_link "$1" link_deaf "$host" "$ms" ;;
	mute_short | mute_long) short_or_long "${1#*_}" && pick_linked $boxes && fault_link "$1" link_mute "$host" "$ms" ;;
	uplink_short | uplink_long) short_or_long "${1#*_}" && pick_linked home && fault_link "$1" link_down "$host" "$ms" ;;
	host_freeze) fault_host_freeze $boxes ;;
	flap) fault_flap ;;
	*) fault_proxy "$1" ;;
	esac
}

#!/bin/sh
# Strategies, counting, restart types and ends with real processes, as an operator sees
# them from the command line (S34-S67, S70-S73).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# A child that ends by USR1 with status 0, by USR2 with 7.
cat >kid <<'END'
#!/bin/sh
trap 'kill $!; exit 0' USR1
trap 'kill $!; exit 7' USR2
echo "$TRAPEXIT_ID $TRAPEXIT_START"
sleep 1000 &
while :; do wait; done
END
chmod +x kid

# Signals before the traps are set would be another test: it has printed its line.
is_up() {
	child_is "$1" running && [ -n "$(pid_of "$1")" ] && file_has "/proc/$(pid_of "$1")/task/$(pid_of "$1")/children" .
}

die() {
	retry 5 is_up "$2" && kill "-$1" "$(pid_of "$2")"
}

pids() {
	for c; do
		printf '%s ' "$(pid_of "$c")"
	done
}

# Of two lists of pids: which differ, as a line of = and x.
changed() {
	# shellcheck disable=SC2086 # lists
	set -- $1 / $2
	echo "$@" | awk '{ n = (NF - 1) / 2; for (i = 1; i <= n; i++) printf "%s", $i == $(i + n + 1) ? "=" : "x" }'
}

ended_with() {
	wait "$daemon"
	[ $? -eq "$1" ]
}

configure <<END
store = none
hold = 20s
supervisor one {
	child a { command = "$T/kid" } child b { command = "$T/kid" } child c { command = "$T/kid" }
}
supervisor all {
	strategy = one_for_all
	child a { command = "$T/kid" }
	child b { command = "$T/kid" restart = temporary }
	child c { command = "$T/kid" restart = transient }
}
supervisor rest {
	strategy = rest_for_one
	child a { command = "$T/kid" }
	child b { command = "$T/kid" }
	supervisor c { child d { command = "$T/kid" } }
}
supervisor named {
	intensity = 0
	child t1 { command = "$T/kid" restart = temporary }
	child t2 { command = "$T/kid" restart = temporary }
	child t3 { command = "$T/kid" restart = temporary }
	child p { command = "$T/kid" }
}
supervisor any {
	auto_shutdown = any_significant restart = transient
	child a { command = "$T/kid" restart = transient significant = yes }
	child b { command = "$T/kid" restart = transient }
}
supervisor every {
	auto_shutdown = all_significant restart = transient
	child a { command = "$T/kid" restart = transient significant = yes }
	child b { command = "$T/kid" restart = temporary significant = yes }
	child c { command = "$T/kid" restart = transient }
}
child transient { command = "$T/kid" restart = transient }
child codes { command = "$T/kid" restart = transient success_codes = {7} }
child signals { command = "$T/kid" restart = transient success_signals = {KILL} }
child brutal { command = {"sh", "-c", "trap 'touch $T/warned' TERM; while :; do sleep 0.05; done"} shutdown = brutal_kill }
child patient { command = {"sh", "-c", "trap 'until [ -e $T/may-end ]; do sleep 0.02; done; exit 0' TERM; touch $T/trapped; while :; do sleep 0.02; done"} shutdown = infinity }
END
check 'the daemon starts' start_daemon
check 'all children run' retry 10 tx status '*'

before=$(pids one/a one/b one/c)
die KILL one/b
check 'one_for_one: the child is restarted' retry 5 child_count one/b starts 2
is 'and no other (S38)' "$(changed "$before" "$(pids one/a one/b one/c)")" '=x='

before=$(pids all/a all/c)
die USR1 all/a
check 'one_for_all: a normal end of a permanent child restarts its siblings' retry 5 child_count all/c starts 2
is 'all of them (S39)' "$(changed "$before" "$(pids all/a all/c)")" 'xx'
is 'and forgets the temporary one (S41)' "$(child_of all/b state)" ''
die USR1 all/c
check 'a normal end of a transient one' retry 5 child_is all/c undefined
is 'restarts nobody (S36)' "$(child_of all/a starts)" 2

before=$(pids rest/a rest/b rest/c/d)
die USR2 rest/b
check 'rest_for_one: those behind, in nested supervisors, too' retry 5 child_count rest/c/d starts 2
is 'but not those before (S40)' "$(changed "$before" "$(pids rest/a rest/b rest/c/d)")" '=xx'

for c in t2 t1 t3; do
	die USR1 named/$c
	# shellcheck disable=SC2016
	retry 5 sh -c '[ -z "$(trapexit -c "$1/t.conf" status --json | jq -r ".. | objects | select(.name == \"named/$2\") | .name")" ]' - "$T" "$c"
done
die KILL named/p
check 'a supervisor over its intensity begins again (S53, S54)' retry 5 child_count named/t3 starts 1
named_right() {
	tx status --json | jq -e '[.. | objects | select(.name? // "" | startswith("named/")) | .name == "named/" + .id] |
	    length == 4 and all' >/dev/null
}
check 'it has its forgotten children back (S55), under their names' named_right
logs_right() {
	for c in t1 t2 t3 p; do
		[ "$(cat "$T/log/named/$c.log")" = "named/$c normal
named/$c normal" ] || return 1
	done
}
check 'and each writes to its own log' retry 5 logs_right

die USR1 any/a
check 'any_significant: one that is done ends its supervisor (S71)' retry 5 child_is any undefined
is 'with all in it' "$(child_of any/b state)" undefined
die USR1 every/a
check 'all_significant: one of two is done' retry 5 child_is every/a undefined
is 'which is not all' "$(child_of every state)" running
die KILL every/b
check 'a temporary one is done however it ended (S70)' retry 5 child_is every undefined

die USR2 transient
check 'transient: status 7 is abnormal (S34)' retry 5 child_count transient starts 2
die USR1 transient
check 'and 0 is normal' retry 5 child_is transient undefined
die USR2 codes
check 'unless success_codes has it' retry 5 child_is codes undefined
die KILL signals
check 'or success_signals' retry 5 child_is signals undefined

check 'brutal_kill: stopped' tx stop brutal
refute 'without a warning (S58)' test -e "$T/warned"
retry 5 test -e "$T/trapped"
tx stop patient >stop.out 2>&1 &
stopper=$!
own "$stopper"
check 'infinity: it is being stopped' retry 5 child_is patient stopping
check 'and whoever said so waits' alive "$stopper"
touch may-end
check 'until it has ended by itself (S58)' wait "$stopper"
check 'the daemon stops in order' stop_daemon

# The root: what happens when it is one too many.
root_of() {
	configure <<END
store = none
hold = 20s
intensity = 1 period = 60s $1
child a { command = "$T/kid" backoff = off }
child b { command = "$T/kid" }
END
	check "$1: the daemon starts" start_daemon
	check 'its children run' retry 5 tx status a b
	sibling=$(pid_of b)
	die KILL a
	check 'one restart is borne' retry 5 child_count a starts 2
	die KILL a
}
root_of 'root = exit'
check 'a second one ends the daemon with status 3 (S53, S57)' ended_with 3
root_of 'root = cool_down cool_down = 1s'
check 'a second one sets the child aside' retry 5 child_is a restarting
check 'with an alarm' retry 5 has_records 1 'select(.type == "report" and .report == "cool_down")'
is 'its sibling goes on' "$(pid_of b)" "$sibling"
check 'and it is tried again later' retry 5 child_count a starts 3
check 'the daemon stops in order' stop_daemon

configure <<END
store = none
hold = 20s
init = strict
child a { command = "$T/kid" }
child b { command = "/no/such/program" }
END
status_is 1 'init = strict: a child that cannot start ends the daemon (S27, S57)' timeout 20 trapexitd -c t.conf
configure <<END
store = none
hold = 20s
child x { command = "$T/kid" }
supervisor s {
	init = strict intensity = infinity
	child a { command = "$T/kid" }
	child b { command = "/no/such/program" }
}
END
check 'below the root' start_daemon
check 'it is a start error of the supervisor (S30)' retry 5 child_is s restarting
check 'tried again as a whole' retry 10 child_count s/a starts 2
is 'which harms nobody else' "$(child_of x state) $(child_of x starts)" 'running 1'
check 'the daemon stops in order' stop_daemon
done_testing

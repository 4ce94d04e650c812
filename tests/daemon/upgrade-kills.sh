#!/bin/sh
# Whatever takes part in an upgrade is killed at random moments; and told to stop, to read its
# configuration, at random moments, too. With -d, where the agent starts a daemon when none is left.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/upgrade.sh"

rounds=${TRAPEXIT_UPGRADE_ROUNDS:-12}
seed=${TRAPEXIT_SEED:-$$}

# A number below $1, in $number.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	number=$((seed / 65536 % $1))
}

configure <<END
store = none
hold = 6s
$(load_children)
END

start_detached() {
	trapexitd -v -d -c "$T/t.conf" -p "$T/pid" >"$T/start.log" 2>&1
}

in_charge() {
	daemon_answers && one_daemon
}

# Which of the processes there are then, whoever that is.
kill_one() {
	daemons >"$T/daemons"
	random "$(wc -l <"$T/daemons")"
	victim=$(sed -n "$((number + 1))p" "$T/daemons")
	[ -z "$victim" ] || kill "-$1" "$victim" 2>/dev/null
}

diag "seed $seed (TRAPEXIT_SEED), $rounds rounds"
check 'the daemon starts' start_detached
check 'all run' retry 10 child_count dies starts 3
before=$(steady_pids)
bad=0
i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	tx upgrade --timeout 2s >"$T/upgrade.out" 2>&1 &
	asking=$!
	random 8
	sleep "0.0$number"
	kill_one KILL
	wait "$asking"
	retry 15 in_charge || { diag "round $i: nobody is in charge, or not alone: $(daemons)"; bad=$((bad + 1)); break; }
	[ "$(steady_pids)" = "$before" ] || { diag "round $i: a child was touched"; bad=$((bad + 1)); break; }
done
is 'somebody is in charge, alone, with every child, whoever is killed' "$bad" 0

check 'an upgrade that nobody disturbs' tx upgrade
bad=0
i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	name=more$i
	tx upgrade >"$T/upgrade.out" 2>&1 &
	asking=$!
	random 8
	sleep "0.0$number"
	# In a rename: a configuration that is half written would be refused.
	{ cat "$T/t.conf"; echo "child $name { command = \"sleep 1000\" }"; } >"$T/new.conf" && mv "$T/new.conf" "$T/t.conf"
	kill -HUP "$(cat "$T/pid")"
	wait "$asking" || { diag "round $i: the upgrade failed: $(cat "$T/upgrade.out")"; bad=$((bad + 1)); }
	retry 10 child_is "$name" running || { diag "round $i: SIGHUP was lost"; bad=$((bad + 1)); }
done
is 'a reload in the middle of an upgrade is not lost' "$bad" 0
is 'no child was touched' "$(steady_pids)" "$before"

check 'the children stop' load_stops
check 'no line is lost, none is there twice' lines_are_whole
check 'no observation is lost, none is there twice' observations_are_whole
check 'no exit status is lost, none is there twice' statuses_are_whole

bad=0
i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	retry 10 in_charge || bad=$((bad + 1))
	pid=$(cat "$T/pid")
	tx upgrade >"$T/upgrade.out" 2>&1 &
	asking=$!
	random 8
	sleep "0.0$number"
	kill -TERM "$pid"
	wait "$asking"
	retry 10 gone "$pid" || { diag "round $i: SIGTERM was lost"; bad=$((bad + 1)); }
	retry 10 nothing_is_left || { diag "round $i: $(started_here) is left"; bad=$((bad + 1)); }
	[ ! -e "$T/pid" ] || { diag "round $i: the pid file is left"; bad=$((bad + 1)); }
	start_detached
done
is 'SIGTERM in the middle of an upgrade stops everything, in order' "$bad" 0
check 'the daemon stops in order' tx shutdown
done_testing

#!/bin/sh
# trapexit upgrade under load: ten new daemons in a row, the last of another version. No child
# is touched, every line and every exit status is there once, and the process stays the same.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/upgrade.sh"

configure <<END
store = "sqlite:$T/prices.db"
hold = 30s
journal { sync = 50ms }
$(load_children)
END

upgraded() {
	[ "$(record_count 'select(.type == "daemon" and .event == "upgrade")')" -ge "$1" ]
}

check 'the daemon starts' start_daemon
check 'all run' retry 10 child_count dies starts 3
before=$(steady_pids)
agent=$(agent_pid)
failed=0
i=0
while [ $i -lt 10 ]; do
	i=$((i + 1))
	tx upgrade >"$T/upgrade-$i.out" 2>&1 || failed=$((failed + 1))
	# Something happens in between, sometimes more, sometimes less.
	retry 10 child_count dies starts $((3 * i))
	[ "$(steady_pids)" = "$before" ] || failed=$((failed + 1))
done
is 'ten upgrades succeed, and no pid changes' "$failed" 0
like 'each tells from which version to which' "$(cat "$T/upgrade-10.out")" \
    "^trapexitd [0-9.]+ -> [0-9.]+ \(pid $daemon\); nobody was in charge for [0-9]+ms"
is 'each is in the journal' "$(record_count 'select(.type == "daemon" and .event == "upgrade")')" 10
is 'the process is the one that was started' "$(tx status --json | jq .daemon.pid)" "$daemon"
is 'the agent, too' "$(agent_pid)" "$agent"
is 'and there is no other' "$(daemons)" "$daemon"

kill -USR2 "$daemon"
check 'SIGUSR2 is an upgrade' retry 10 upgraded 11
check 'the daemon answers' retry 10 daemon_answers
is 'the pids are the same' "$(steady_pids)" "$before"

install_daemon "$top_builddir/tests/helpers/trapexitd-next"
like 'the daemon still has its version' "$(tx version)" '^trapexitd .* 0\.'
tx upgrade --json >"$T/next.out"
is 'another version takes over' "$(jq -c '[.ok, .result.to, .result.pid, .result.note]' "$T/next.out")" \
    "[true,\"9.9.9\",$daemon,null]"
check 'it says so' sh -c "trapexit -c '$T/t.conf' version | grep -q 'trapexitd .* 9\.9\.9'"
like 'in the events, too' "$(tx events)" 'trapexitd has taken over \(pid [0-9]+, version 9\.9\.9\) from version [0-9.]+'
is 'the pids are the same, still' "$(steady_pids)" "$before"

check 'the children stop' load_stops
check 'no line is lost, none is there twice' lines_are_whole
check 'no observation is lost, none is there twice' observations_are_whole
check 'no exit status is lost, none is there twice' statuses_are_whole
check 'nothing was started that did not happen' nothing_is_unseen
check 'the store has every observation' retry 10 sql_at_least "$(wc -l <"$T/journaled")" 'SELECT count(*) FROM observation'
is 'once' "$(sql 'SELECT count(*) FROM observation')" "$(wc -l <"$T/journaled")"
check 'the daemon stops in order' stop_daemon
done_testing

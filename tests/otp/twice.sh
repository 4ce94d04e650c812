#!/bin/sh
# Nothing runs twice: kids and all their strays hold a lock each, through deaths of every kind, group restarts, stops
# and starts by hand (S20, S22, S97).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

mkdir locks
child() {
	name=$1
	shift
	echo "child $name { command = \"$kid --lock $T/locks/$name $*\" backoff = off }"
}
configure <<END
store = none
supervisor all { strategy = one_for_all
	$(child a) $(child b --fork leave --on TERM=ignore) $(child c --fork stay --fork leave --fork leave)
}
supervisor rest { strategy = rest_for_one
	$(child x --fork leave --on USR1=0) $(child y --fork leave --on TERM=0 --linger 100ms)
}
$(child often --fork leave --exit 0 --after 10ms)
$(child loop --fork stay --die SEGV --after 10ms)
supervisor burst {
	child n { command = {"sh", "-c", "exec $kid --lock $T/locks/\$TRAPEXIT_ID.burst --fork leave"} instances = 30 backoff = off shutdown = 1s }
}
END
sed -i 's,--lock '"$T"'/locks/\$TRAPEXIT_ID.burst,--lock '"$T"'/locks/\${TRAPEXIT_ID#burst/},; s/shutdown = 1s/shutdown = brutal_kill/' t.conf
sed -i 's/ --on TERM=ignore" backoff/ --on TERM=ignore" shutdown = 100ms backoff/' t.conf

burst_is_up() {
	[ "$(tx status --json | jq '[.. | objects | select(.name? // "" | startswith("burst/n:")) | select(.state == "running" and .starts >= '"$1"')] | length')" -eq 30 ]
}
check 'the daemon starts' start_daemon
check 'all children run' retry 20 kids_are_up all/a all/b all/c rest/x rest/y
for c in all/a all/b all/c rest/x rest/y all/a all/b all/c rest/x rest/y all/a all/b all/c rest/x rest/y; do
	die KILL "$c" || : # it may be ending with its group at this moment
done
check 'deaths, each with its group' retry 20 kids_are_up all/a all/b all/c rest/x rest/y
check 'stops and starts by hand' tx restart all/a all/b all/c rest/x rest/y
check 'a stop, and a start while it is still going on' sh -c 'trapexit -c "$1" stop rest/y & trapexit -c "$1" start rest/y; wait' - t.conf
tx start rest/y >/dev/null
check 'all run' retry 20 kids_are_up all/a all/b all/c rest/x rest/y

### S20: one SIGCHLD for many
check 'thirty more' retry 20 burst_is_up 1
agent=$(agent_pid)
pids=$(tx status --json | jq '.. | objects | select(.name? // "" | startswith("burst/n:")) | .pid')
kill -STOP "$agent"
# shellcheck disable=SC2086 # a list
kill -KILL $pids
kill -CONT "$agent"
check 'that end while the agent is frozen are all restarted (S20)' retry 20 burst_is_up 2
is 'each once' "$(tx status --json | jq -c '[.. | objects | select(.name? // "" | startswith("burst/n:")) | .starts] | unique')" '[2]'
is 'under their reasons' "$(records 'select(.type == "exit" and (.child | startswith("burst/"))) | .reason' | sort | uniq -c | tr -s ' ')" ' 30 "killed"'

check 'two that end all the time have done so often' retry 20 child_count often starts 30
check 'the other one, too' retry 20 child_count loop starts 30
check 'the daemon stops in order' stop_daemon
is 'never was one started while anything of its predecessor lived (S22, S97)' "$(cat locks/*.violations 2>/dev/null)" ''
# (As text: jq takes numbers for fractions.)
tokens() {
	cat state/journal/*.jsonl | grep -E "^.\"type\":\"($1)\"" | sed 's/.*"token":\([0-9]*\).*/\1/' | sort
}
is 'each start has one end, or has failed (as those do that the stop overtakes)' "$(tokens 'exit|start_failed')" "$(tokens start)"
is 'and no token came twice' "$(tokens start | uniq -d)" ''
done_testing

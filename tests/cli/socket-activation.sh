#!/bin/sh
# Daemon and agent as two services, as the systemd units have them: the agent's socket is made by the service
# manager and has another name; the agent comes when the daemon knocks, and outlives it.
. "$top_srcdir/tests/lib/tap.sh"

# Its own, as an agent ends what it finds of the same installation: the test may run more than once at a time.
id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
mkdir -m 755 "$T/state" "$T/run"
echo $id >"$T/state/installation"
cat >"$T/trapexit.conf" <<END
store = none
state_dir = "$T/state"
run_dir = "$T/run"
log_dir = "$T/log"
child one { command = {"/bin/sleep", "1000"} }
END
TRAPEXIT_CONFIG=$T/trapexit.conf
export TRAPEXIT_CONFIG

pid_of() {
	trapexit status --json "$1" 2>/dev/null |
	    jq -r --arg name "$1" 'first(.tree | recurse(.children[]?) | select(.name == $name)).pid // empty'
}

runs() {
	[ -n "$(pid_of one)" ] && alive "$(pid_of one)"
}

agent() {
	trapexit status --json | tr '{},' '[\n*]' | sed -n 's/^ *"guard_pid": *\([0-9]*\).*/\1/p'
}

# The agent's environment is the service manager's; so it carries the name of this test by hand.
systemd-socket-activate -E TX_TEST -l "$T/run/agent.sock" \
    "$T/bin/trapexit-agent" --foreground --installation $id --node local --run-dir "$T/run" >"$T/agent.log" 2>&1 &
service=$!
own $service
ln -s agent.sock "$T/run/agent-$(printf %.16s "$id")-local.sock"
check 'the service manager listens' retry 5 test -S "$T/run/agent.sock"

trapexitd >"$T/daemon1.log" 2>&1 &
daemon=$!
own $daemon
check 'the child runs' retry 20 runs
is 'the agent is the service, and none that the daemon started' "$(agent)" $service
child=$(pid_of one)

kill -KILL $daemon
wait $daemon 2>/dev/null
check 'the daemon was killed; the agent is there' alive $service
check '... and so is the child' alive "$child"
trapexitd >"$T/daemon2.log" 2>&1 &
daemon=$!
own $daemon
check 'the next daemon has the child' retry 20 runs
is '... under its old pid' "$(pid_of one)" "$child"
is '... at the same agent' "$(agent)" $service

check 'an ordered end' trapexit shutdown
check '... ends the child' retry 5 gone "$child"
check '... and the agent, whose socket the service manager keeps' retry 10 gone $service
done_testing

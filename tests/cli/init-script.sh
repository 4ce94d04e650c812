#!/bin/sh
# The init script, for real: LSB's actions and exit codes, with the daemon, its agent and a child.
. "$top_srcdir/tests/lib/tap.sh"

cat >"$T/trapexit.conf" <<END
store = none
state_dir = "$T/state"
run_dir = "$T/run"
log_dir = "$T/log"
child one { command = {"/bin/sleep", "1000"} }
END
cat >"$T/defaults" <<END
DAEMON=$T/bin/trapexitd
CONTROL=$T/bin/trapexit
CONFIG=$T/trapexit.conf
PIDFILE=$T/trapexitd.pid
STOP_TIMEOUT=20
END
TRAPEXIT_DEFAULTS=$T/defaults TRAPEXIT_CONFIG=$T/trapexit.conf
export TRAPEXIT_DEFAULTS TRAPEXIT_CONFIG

init() {
	sh "$top_srcdir/scripts/init/trapexit" "$@"
}

daemon() {
	cat "$T/trapexitd.pid"
}

# The pid of a child
pid_of() {
	trapexit status --json "$1" 2>/dev/null |
	    jq -r --arg name "$1" 'first(.tree | recurse(.children[]?) | select(.name == $name)).pid // empty'
}

runs() {
	[ -n "$(pid_of "$1")" ] && alive "$(pid_of "$1")"
}

# A daemon that is not $1 has taken over
daemon_is_not() {
	[ -s "$T/trapexitd.pid" ] && [ "$(daemon)" != "$1" ] && init status && runs one
}

status_is 3 'status: not running' init status
status_is 0 'stop of a stopped one succeeds' init stop
status_is 7 'reload needs a running one' init reload
status_is 7 'upgrade needs a running one' init upgrade
status_is 7 'force-reload needs a running one' init force-reload
status_is 0 'try-restart of a stopped one succeeds' init try-restart
status_is 3 '... and starts nothing' init status
status_is 2 'an unknown action is a usage error' init frobnicate
status_is 2 'no action is a usage error' init

status_is 0 'start' init start
own "$(daemon)"
status_is 0 'status: running' init status
check 'the pid file names a process' alive "$(daemon)"
check 'the child runs' retry 10 runs one
first=$(daemon)
status_is 0 'start of a running one succeeds' init start
is '... and it is the same one' "$(daemon)" "$first"

child=$(pid_of one)
echo 'child two { command = {"/bin/sleep", "1000"} }' >>"$T/trapexit.conf"
status_is 0 'reload' init reload
check '... brings the new child' retry 10 runs two
is '... and leaves the other alone' "$(pid_of one)" "$child"
status_is 0 'force-reload' init force-reload
cp "$T/trapexit.conf" "$T/good.conf"
echo 'chidl three { }' >>"$T/trapexit.conf"
status_is 6 'reload of a wrong configuration fails' init reload
like '... and says why' "$(last_output)" 'trapexit.conf:.*chidl'
is '... and the daemon goes on' "$(daemon)" "$first"
cp "$T/good.conf" "$T/trapexit.conf"

status_is 0 'upgrade' init upgrade
is '... and the process is the same' "$(daemon)" "$first"
is '... as is the child' "$(pid_of one)" "$child"
status_is 0 '... and it is known as before' init status
mv "$T/bin/trapexitd" "$T/bin/kept"
ln -s /bin/false "$T/bin/trapexitd"
status_is 1 'an upgrade that fails' init upgrade
mv "$T/bin/kept" "$T/bin/trapexitd"
status_is 0 '... leaves the old one running' init status

# The agent is the heart of a detached daemon (S121).
kill -KILL "$first"
check 'a daemon that was killed is started again' retry 30 daemon_is_not "$first"
own "$(daemon)"
is '... and has adopted the child' "$(pid_of one)" "$child"

second=$(daemon)
status_is 0 'restart' init restart
own "$(daemon)"
check '... is another daemon' retry 10 daemon_is_not "$second"
check '... whose children are others' [ "$(pid_of one)" != "$child" ]
second=$(daemon)
status_is 0 'try-restart of a running one' init try-restart
own "$(daemon)"
check '... is another daemon' retry 10 daemon_is_not "$second"

child=$(pid_of one) last=$(daemon)
status_is 0 'stop' init stop
check '... has ended the daemon' gone "$last"
check '... and its children' gone "$child"
status_is 3 'status: not running any more' init status
status_is 0 'stop again' init stop

echo "$last" >"$T/trapexitd.pid"
status_is 1 'status: dead, and the pid file exists' init status
status_is 0 'start with a stale pid file' init start
own "$(daemon)"
status_is 0 '... and stop' init stop

echo "CONFIG=$T/nowhere.conf" >>"$T/defaults"
status_is 6 'start without a configuration' init start
printf 'CONFIG=%s\nDAEMON=%s\n' "$T/trapexit.conf" "$T/bin/nothing" >>"$T/defaults"
status_is 5 'start of a program that is not installed' init start
done_testing

#!/bin/sh
# Nodes over ssh, without a network: one ssh a host, the words of a node in its
# command line, noise of logins, what goes wrong in words, and that no ssh is left behind.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

node_is() {
	[ "$(node_has "$1" state)" = "$2" ]
}

node_has() {
	tx nodes --json | jq -r --arg n "$1" --arg k "$2" '.nodes[] | select(.name == $n) | .[$k]'
}

error_is() {
	[ "$(node_has "$1" error)" = "$2" ]
}

make_hosts box2 box3 box4 box5 box6
echo 'echo "Last login: today"; echo "no newline at its end, and $HOME" | tr -d "\n"' >"$FAKE_SSH/box3/says"
echo 'yes "a long greeting of box4" | head -c 70000; sleep 1000' >"$FAKE_SSH/box4/says"
echo 'echo "exec: trapexit-agent: not found" >&2; exit 127' >"$FAKE_SSH/box5/says"
: >"$FAKE_SSH/box6/down"
configure <<END
store = none
node box2 { ssh = "me@box2" ssh_program = "$fake_ssh" lease = 12s port = 2222 identity = "~/.ssh/id_x"
    ssh_options = {"ProxyJump=gate", "Compression yes"} accept_new = yes }
node box3 { ssh = box3 ssh_program = "$fake_ssh" }
node box4 { ssh = box4 ssh_program = "$fake_ssh" }
node box5 { ssh = box5 ssh_program = "$fake_ssh" }
node box6 { ssh = box6 ssh_program = "$fake_ssh" }
node box7 { ssh = box7 ssh_program = "$T/no-such-ssh" }
child web { command = "sleep 1000" }
child far { command = "sleep 1000" nodes = {box2} }
END

check 'the daemon starts' start_daemon
check 'a node over ssh comes up' retry 10 node_is box2 up
check 'so does one whose login prints something' retry 10 node_is box3 up
check 'a child runs here' retry 5 child_is web running
is 'one ssh was started' "$(wc -l <"$FAKE_SSH/box2/calls")" 1
like 'it asks nobody' "$(cat "$FAKE_SSH/box2/calls")" '^-o BatchMode=yes '
like 'the words of the node are in its command line' "$(cat "$FAKE_SSH/box2/calls")" \
    ' -o StrictHostKeyChecking=accept-new -o ProxyJump=gate -o Compression yes .* -o ConnectTimeout=12 -o ServerAliveInterval=3 -o ServerAliveCountMax=3 -p 2222 -i ~/.ssh/id_x -- me@box2 exec /bin/sh -c '
refute 'keys of unknown hosts are else not for us to take' grep -q StrictHostKeyChecking "$FAKE_SSH/box3/calls"
check 'endless noise is shown' retry 10 error_is box4 \
    'something there prints at login, and no agent answers: "a long greeting of box4?a long greeting of box4?a long greeting of box4?a long g..."'
check 'a missing agent is told with what to do' retry 10 error_is box5 'agent not found: run trapexit deploy box5'
check 'a host that refuses' retry 10 error_is box6 'ssh: connect to host box6 port 22: Connection refused'
check 'a missing ssh' retry 10 error_is box7 "$T/no-such-ssh: exec: No such file or directory"
check 'the log says so with the name of the node' file_has "$T/trapexitd.log" 'node box5: agent not found: run trapexit deploy box5'

rm "$FAKE_SSH/box6/down"
check 'it comes up when the host is back' retry 20 node_is box6 up

# The agent is killed and its host lives: the guard's word comes over the ssh that is there, long before the lease ends.
check 'a child runs there' retry 10 child_is far running
first=$(pid_of far)
kill -KILL "$(node_has box2 agent_pid)"
another_runs() {
	child_is far running && [ "$(pid_of far)" != "$first" ]
}
check 'when the agent is killed another child runs at once' retry 5 another_runs
check 'the first is dead' gone "$first"
is 'no further ssh was needed' "$(wc -l <"$FAKE_SSH/box2/calls")" 1
is 'the exit is that of a lost node' "$(records 'select(.type == "exit" and .child == "far") | .reason')" '"noconnection"'
like 'the log says why' "$(cat "$T/trapexitd.log")" 'node box2: the agent is gone, and its guard says that nothing of it is left'

# The connection is lost.
first=$(pid_of far)
relay=$(started_here | while read -r p; do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- '--attach .*--node box2 ' && echo "$p"; done)
like 'there is one relay' "$relay" '^[0-9]+$'
kill -KILL "$relay"
check 'another ssh is started' retry 10 has_lines "$FAKE_SSH/box2/calls" 2
check 'and the node is up again' retry 10 node_is box2 up
is 'its child goes on' "$(pid_of far)" "$first"

# The end of the daemon, however it comes, is that of every ssh.
relays() {
	started_here | while read -r p; do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- '--attach ' && echo "$p"; done
}
kill -KILL "$daemon"
retry 5 gone "$daemon"
no_relays() {
	[ -z "$(relays)" ]
}
check 'no ssh outlives a daemon that was killed' retry 10 no_relays
check 'another daemon starts' start_daemon
check 'and attaches' retry 10 node_is box2 up
stop_daemon
check 'nothing is left when it stops in order' retry 10 nothing_is_left
done_testing

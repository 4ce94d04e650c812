#!/bin/sh
# A host whose login hangs behind its greeting, one that never says a word, and one whose agent is found late:
# how long is waited, and what is said then.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

node_has() {
	tx nodes --json | jq -r --arg n "$1" --arg k "$2" '.nodes[] | select(.name == $n) | .[$k]'
}

error_is() {
	[ "$(node_has "$1" error)" = "$2" ]
}

node_is() {
	[ "$(node_has "$1" state)" = "$2" ]
}

make_hosts talks silent slow
echo 'echo "Do you accept? [y/n]"; exec sleep 1000' >"$FAKE_SSH/talks/says"
echo 'echo "nothing is wrong." >&2; exec sleep 1000' >"$FAKE_SSH/silent/says"
echo 'sleep 8' >"$FAKE_SSH/slow/says"
configure <<END
store = none
connects = 3
node talks { ssh = talks ssh_program = "$fake_ssh" lease = 1s }
node silent { ssh = silent ssh_program = "$fake_ssh" lease = 1s }
node slow { ssh = slow ssh_program = "$fake_ssh" lease = 3s }
child web { command = "sleep 1000" }
END
check 'the daemon starts' start_daemon
check 'a child runs here meanwhile' retry 10 child_is web running
check 'a login that takes longer than a lease is waited for' retry 30 node_is slow up
is 'by one ssh' "$(wc -l <"$FAKE_SSH/slow/calls")" 1
# ConnectTimeout is 5 s then, and a login gets 30 s.
check 'one that hangs is given up, and what it said is shown' retry 60 error_is talks \
    'something there prints at login, and no agent answers: "Do you accept? [y/n]?"'
check 'as is one that says nothing, with what ssh said' retry 30 error_is silent 'ssh: nothing is wrong'
check 'and it is tried again' retry 10 has_lines "$FAKE_SSH/talks/calls" 2
stop_daemon
done_testing

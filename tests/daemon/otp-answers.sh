#!/bin/sh
# What start_child says of children that say themselves when they are ready (S24-S26, S32), what clients get while
# others are served or all is stopping (S74, S75, S78), and requests that are no requests.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

kid=$top_builddir/tests/helpers/kid
configure <<END
store = none
hold = 20s
supervisor s { child a { command = "sleep 1000" } }
supervisor strict { strategy = rest_for_one  child a { command = "$kid --ready notify --ready-file $T/go"  ready = notify } }
supervisor pool { strategy = simple_one_for_one  child k { command = "$kid"  ready = notify  start_timeout = 1s } }
END
touch go
check 'the daemon starts' start_daemon
check 'and its children' retry 10 tx status s/a strict/a

answers 'READY with a STATUS (S24): {ok,Pid,Info}' '{ok,PID,"serves \"all\""}' \
    start-child s "child info { command = {\"$kid\", \"--ready\", \"notify\", \"--status\", 'serves \"all\"'}  ready = notify }"
is 'as JSON' "$(tx terminate-child s info && tx restart-child s info --json | jq -c '[.ok.name, .ok.info]')" 'ok
["s/info","serves \"all\""]'
answers 'without one' "{ok,PID}" start-child s "child ready { command = \"$kid --ready newline\"  ready = newline }"
answers 'ignored (S26)' '{ok,undefined}' start-child s "child idle { command = \"$kid --ready ignore\"  ready = notify }"
check 'it is kept' retry 5 child_is s/idle undefined
refused 'so its id is taken' '{error,already_present}' start-child s 'child idle { command = "true" }'
answers 'restart_child asks once more' '{ok,undefined}' restart-child s idle
answers 'a temporary one that is ignored' '{ok,undefined}' start-child s \
    "child brief { command = \"$kid --ready ignore\"  ready = notify  restart = temporary }"
is 'is dropped' "$(child_of s/brief state)" ''
answers 'an instance that is ignored' '{ok,undefined}' start-child pool -- --ready ignore
is 'is not recorded' "$(counts pool)" 'specs 1 active 0 supervisors 0 workers 0 '
check 'after kill -9' crash_daemon
is 'the one that was kept is there, and down' "$(child_of s/idle state)$(child_of s/brief state)" undefined
is 'it was not asked again' "$(record_count 'select(.type == "start" and .child == "s/idle")')" 2

# S25, S29: not in time, gone before, in each case discarded.
refused 'one that ends before it is ready' '{error,{start_error,exited}}' start-child pool -- --exit 0
refused 'one that is not ready in time' '{error,{start_error,timeout}}' start-child pool -- --ready notify --ready-after 60s
is 'leave nothing' "$(counts pool)" 'specs 1 active 0 supervisors 0 workers 0 '
check 'and no process' retry 5 gone "$(records 'select(.type == "started" and (.child | startswith("pool/"))).pid' | tail -n 1)"

# Two clients want the same id; one hears who was first.
for n in 1 2; do
	tx start-child s "child twin { command = \"$kid --ready notify --ready-after 300ms\"  ready = notify }" >"$T/twin.$n" 2>&1 &
	own $!
	eval "twin$n=$!"
done
# shellcheck disable=SC2154 # by eval
wait "$twin1"
# shellcheck disable=SC2154
wait "$twin2"
pid=$(pid_of s/twin)
is 'two start_child of one id: one started, one told so' "$(cat "$T/twin.1" "$T/twin.2" | sed 's/: s.*//' | sort | paste -sd ' ')" \
    "trapexit: {error,{already_started,$pid}} {ok,$pid}"

# S75: while a supervisor is starting, who looks is answered; what changes waits.
rm go
answers 'a supervisor is terminated' ok terminate-child / strict
tx restart-child / strict >"$T/strict.out" 2>&1 &
starter=$!
own "$starter"
check 'and is starting' retry 5 child_is strict/a starting
is 'which_children shows the previous state (S75)' "$(tx which-children strict --json | jq -c '[.children[] | [.id, .child, .pid]]')" '[["a","undefined",null]]'
tx start-child strict 'child b { command = "sleep 1000" }' >"$T/b.out" 2>&1 &
waiter=$!
own "$waiter"
check 'the order is there' retry 5 has_records 1 'select(.type == "order" and .child == "strict/b")'
is 'but it waits (S74)' "$(child_of strict/b state)$(cat "$T/b.out")" ''
touch go
wait "$starter"
wait "$waiter"
is 'then both are answered' "$(cat "$T/strict.out") $(otp_said "$T/b.out")" '{ok,strict} {ok,PID}'
is 'the new one is last' "$(ids strict)" 'b a'

# A request that is too long is refused with the reason, and the connection ends; others are not touched.
big() {
	printf '{"jsonrpc":"2.0","id":1,"method":"start_child","params":{"supervisor":"s","spec":"child x { command = '
	head -c 1100000 /dev/zero | tr '\0' x
	printf ' }"}}\n'
}
ask() {
	timeout 20 perl -MIO::Socket::UNIX -e '
	    my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "connect: $!";
	    $SIG{PIPE} = "IGNORE";
	    local $/; print $s <STDIN>; $s->flush; shutdown($s, 1); print scalar <$s> // "";' "$T/run/control.sock"
}
like 'a request that is too long is told so' "$(big | ask)" '"code":-32600,"message":"a request is at most 1048576 bytes long"'
head -c 1100000 /dev/zero | tr '\0' x >"$T/long"
status_is 1 'the command does not even send it' tx start-child s --file "$T/long"
like 'and says the bound' "$(last_output)" "$T/long: longer than 1048576 bytes"
is 'dashes will do in a method' "$(echo '{"jsonrpc":"2.0","id":7,"method":"count-children","params":{"supervisor":"/"}}' | ask)" \
    '{"jsonrpc":"2.0","id":7,"result":{"version":1,"specs":3,"active":3,"supervisors":3,"workers":0}}'
like 'a bad parameter is no error of supervisor(3)' "$(echo '{"jsonrpc":"2.0","id":7,"method":"delete_child","params":{"supervisor":"s"}}' | ask)" '"code":-32602'
like 'an error has its term and its name' "$(echo '{"jsonrpc":"2.0","id":7,"method":"delete_child","params":{"supervisor":"s","child":"zz"}}' | ask)" \
    '"error":\{"code":1,"message":"\{error,not_found\}","data":\{"term":"\{error,not_found\}","error":"not_found","text":"no child'
echo '{"jsonrpc":"2.0","method":"start_child","params":{"supervisor":"s","spec":"child silent { command = \"sleep 1000\" }"}}' | ask >"$T/silent.out"
check 'a notification is carried out' retry 5 child_is s/silent running
is 'and not answered' "$(cat "$T/silent.out")" ''
check 'after kill -9' crash_daemon
is 'and kept' "$(child_of s/silent state)" running

# While all is stopping.
answers 'one that ignores TERM' "{ok,PID}" start-child s "child stubborn { command = \"$kid --on TERM=ignore\"  shutdown = 2s }"
retry 5 file_has "$T/log/s/stubborn.log" .
kill -TERM "$daemon"
check 'the daemon is stopping' retry 5 child_is s/stubborn stopping
refused 'start_child is noproc (S78)' '{error,noproc}' start-child s 'child late { command = "true" }'
refused 'delete_child, too' '{error,noproc}' delete-child s a
is 'who looks is answered (S75): it still shows its pid' "$(tx which-children s --json | jq -c '[.children[] | select(.id == "stubborn") | .child, (.pid | type)]')" '["running","number"]'
check 'then all is down' retry 10 gone "$daemon"
done_testing

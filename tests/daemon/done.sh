#!/bin/sh
# A daemon that is killed when an end is recorded as done, but the agent has not heard it yet: the next one
# is told of that end again, with all output, and takes neither for new.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v strace >/dev/null || skip_all 'strace is not installed'
strace -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'
[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'valgrind is not traced'

configure <<END
store = none
hold = 20s
journal { sync = 50ms }
child dies {
	command = {"sh", "-c", "while ! [ -e $T/die ]; do sleep 0.05; done; rm $T/die; echo last words; exit 37"}
	backoff { min = 100ms }
}
child talks {
	output = observations
	command = {"sh", "-c", "while ! [ -e $T/talk ]; do sleep 0.05; done; rm $T/talk; echo '{\"type\":\"observation\",\"source\":\"a\",\"status\":\"ok\"}'; exit 38"}
	backoff { min = 100ms }
}
END

# From here on each message to the agent begins a second later.
slow_messages() {
	strace -p "$daemon" -o /dev/null -e trace=sendto -e inject=sendto:delay_enter=1000000 2>"$T/strace.err" &
	own $!
	retry 5 file_has "$T/strace.err" attached
}

is_done() {
	token=$(sed -n 's/.*"type":"exit".*"child":"'"$1"'","token":\([0-9]*\),.*/\1/p' "$T"/state/journal/*.jsonl | tail -n 1)
	[ -n "$token" ] && cat "$T"/state/journal/*.jsonl | grep '"type":"done"' | grep -Eq "\"token\":${token}(,|})"
}

ends() {
	check "$1 runs" retry 5 child_is "$1" running
	check 'messages become slow' slow_messages
	touch "$T/$2"
	check "$1 ends, and that is done" retry 20 is_done "$1"
	kill -KILL "$daemon"
	check 'the daemon is killed' retry 5 gone "$daemon"
	check 'a new daemon starts' start_daemon
	check "$1 runs again" retry 10 child_is "$1" running
	# (Its successor may have been killed with the daemon before it was started.)
	is 'its exit was recorded once' "$(record_count "select(.type == \"exit\" and .reason == \"{exit,$3}\")")" 1
}

check 'the daemon starts' start_daemon
ends dies die 37
ends talks talk 38
check 'the daemon stops in order' stop_daemon
is 'its last words are in the log once' "$(cat "$T/log/dies.log")" 'last words'
is 'the observation is in the journal once' "$(record_count 'select(.type == "observation")')" 1
is 'no child was unknown to any daemon' "$(grep -c 'not known' "$T/trapexitd.log")" 0
done_testing

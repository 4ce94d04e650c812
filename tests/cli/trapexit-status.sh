#!/bin/sh
# trapexit(1) with a real daemon: the tree and its exit codes (LSB), start, stop, restart, signal, reload, names that mean
# several children or none, watching, completion, shutdown.
. "$top_srcdir/tests/lib/tap.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

cat >"$T/x.conf" <<-END
	state_dir = "$T/state"
	run_dir = "$T/run"
	log_dir = "$T/log"
	supervisor suppliers {
	    child ebuyer { command = "/bin/sleep 1000" }
	    child argos { command = "/bin/sleep 1000" }
	    supervisor deep { child ebuyer { command = "/bin/sleep 1000" } }
	}
	child worker { command = "/bin/sleep 1000"  instances = 3 }
	child chatty { command = "/bin/sh -c 'echo hello from the child; exec sleep 1000'" }
END
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG
trapexitd >"$T/daemon.log" 2>&1 &
daemon=$!
own $daemon

# FIELD of the child PATH in the status.
field() {
	trapexit status --json 2>/dev/null | jq -r --arg name "$1" '.tree | .. | objects | select(.name? == $name and .type != null) | .'"$2"
}

check 'all of it runs' retry 30 trapexit status @
status_is 0 'status is 0 while the daemon runs' trapexit status
last_output >"$T/status.out"
like 'the first line is the daemon' "$(head -n 1 "$T/status.out")" "^trapexitd [0-9.]+, pid $daemon, up "
like 'the tree is drawn' "$(cat "$T/status.out")" '(├─|\|-)argos +running'
is 'every child and supervisor has a line' "$(grep -c running "$T/status.out")" 10
like 'with its pid' "$(cat "$T/status.out")" "argos +running +local +$(field suppliers/argos pid) "
for width in 60 80 200; do
	COLUMNS=$width trapexit status >"$T/wide.out"
	is "it fits $width columns" "$(LC_ALL=C.UTF-8 awk -v w="$width" 'length > w' "$T/wide.out")" ''
done
refute 'no colour into a file' grep -q "$(printf '\033')" "$T/status.out"

is '--json has a version' "$(trapexit status --json | jq .version)" 1
is 'with a name, that child alone' "$(trapexit status --json worker:2 | jq -c '[.tree.children[].name]')" '["worker:2"]'
status_is 0 'status of a child that runs' trapexit status argos
status_is 0 'by path' trapexit status suppliers/deep/ebuyer
status_is 4 'status of nobody is unknown' trapexit status argus
like 'with a guess' "$(last_output)" 'no child "argus"; did you mean "suppliers/argos"'
status_is 4 'an id of two children is none' trapexit status ebuyer
like 'they are named' "$(last_output)" 'ambiguous: suppliers/ebuyer, suppliers/deep/ebuyer'

status_is 0 'stop comes back when it is down' trapexit stop argos
is 'and it is' "$(field suppliers/argos pid)" null
status_is 3 'status of a stopped child is 3' trapexit status argos
like 'which is shown' "$(last_output)" 'argos +stopped'
status_is 3 'of a supervisor: 3 if one below it is down' trapexit status suppliers
like 'and it shows all below' "$(last_output)" 'deep +running'
status_is 3 'of several: 3 if one is down' trapexit status argos chatty
status_is 0 'start' trapexit start argos
status_is 0 'and it runs' trapexit status argos
before=$(field suppliers/argos pid)
status_is 0 'restart' trapexit restart argos
refute 'is a new process' test "$(field suppliers/argos pid)" = "$before"

status_is 1 'nothing is done if one of the names is wrong' trapexit stop chatty nobody
like 'it is named' "$(last_output)" 'no child "nobody"'
status_is 0 'the others are as they were' trapexit status chatty
status_is 0 'globs' trapexit stop 'worker:[12]'
is 'mean what they fit' "$(field worker:1 state) $(field worker:2 state) $(field worker:3 state)" 'undefined undefined running'
status_is 0 'a supervisor means all below' trapexit restart @suppliers/deep

before=$(field chatty pid)
status_is 0 'signal' trapexit signal KILL chatty
another() { test "$(field chatty pid)" != "$before" && trapexit status chatty; }
check 'a child that is killed comes back' retry 10 another
check 'the event says so' retry 5 sh -c \
    "trapexit events chatty | grep -q 'chatty exited: killed (pid $before, ran .*), restart at once\$'"
like 'who ordered is told' "$(trapexit events)" "suppliers/argos is ordered to stop, by .*uid $(id -u)"
check 'logs show what it wrote' retry 5 sh -c 'trapexit logs chatty | grep -q "hello from the child"'

is 'completion knows the children' "$(trapexit complete -- status suppliers/deep | paste -sd ' ')" suppliers/deep/ebuyer
is 'also by id' "$(trapexit complete -- stop ar)" argos
is 'and behind a signal' "$(trapexit complete -- signal HUP cha)" chatty

like 'version knows both' "$(trapexit version | paste -sd ' ')" '^trapexit .trapexit. [0-9.]+ trapexitd .trapexit. [0-9.]+$'
is '--json of an order' "$(trapexit start chatty --json | jq -c '[.version, .ok]')" '[1,true]'
is '--json of one that fails' "$(trapexit start nobody --json 2>/dev/null | jq -c '[.version, .ok, .error.code, .error.failures[0].name]')" \
    '[1,false,2,"nobody"]'
status_is 0 'reopen' trapexit reopen

sed -i '/child chatty/d' "$T/x.conf"
status_is 0 'reload --plan' trapexit reload --plan
like 'says what would go' "$(last_output)" '^remove chatty: '
like 'and how many' "$(last_output)" '^0 to add, 1 to remove, 0 to restart, 0 to change in place, [0-9]+ kept as they are$'
status_is 0 'and does nothing' trapexit status chatty
status_is 0 'reload' trapexit reload
like 'says what it did' "$(last_output)" '^0 added, 1 removed, '
check 'and the child goes' retry 10 sh -c 'trapexit status chatty; [ $? -eq 4 ]'
is 'a second time nothing changes' "$(trapexit reload)" 'nothing changes'
echo 'nonsense {' >>"$T/x.conf"
status_is 1 'a configuration with errors is refused' trapexit reload
like 'with the reason' "$(last_output)" 'x\.conf'
status_is 0 'all goes on' trapexit status argos

if command -v script >/dev/null; then
	# Watch on a terminal of its own, and leave it as it was.
	cat >"$T/watch" <<-'END'
		trapexit status --watch=0.2 &
		watcher=$!
		sleep 1
		kill -INT $watcher
		wait $watcher
		echo "ended with $?"
	END
	# Without job control a background process ignores SIGINT; bash in interactive ways would not.
	TERM=xterm script -qec "stty rows 30 cols 100; bash -m '$T/watch'" /dev/null </dev/null >"$T/watch.out" 2>&1
	like 'watch ends well on SIGINT' "$(tr -d '\r' <"$T/watch.out")" 'ended with 0'
	is 'it takes the other screen and gives it back' \
	    "$(tr '\033' '@' <"$T/watch.out" | grep -o '@\[?1049[hl]' | paste -sd ' ')" '@[?1049h @[?1049l'
	is 'it hides the cursor and shows it again' \
	    "$(tr '\033' '@' <"$T/watch.out" | grep -o '@\[?25[hl]' | paste -sd ' ')" '@[?25l @[?25h'
	check 'it draws more than once' test "$(tr '\033' '@' <"$T/watch.out" | grep -o '@\[H' | wc -l)" -ge 2
	refute 'it never clears the whole screen, which flickers' sh -c "tr '\033' '@' <'$T/watch.out' | grep -q '@\[2J'"
else
	for what in 'watch ends well on SIGINT' 'it takes the other screen and gives it back' \
	    'it hides the cursor and shows it again' 'it draws more than once' \
	    'it never clears the whole screen, which flickers'; do
		skip "$what" 'no script(1)'
	done
fi

kill -STOP "$daemon"
status_is 4 'a daemon that does not answer is unknown, after 10 s' trapexit status
like 'and says so' "$(last_output)" 'does not answer'
kill -CONT "$daemon"

status_is 0 'shutdown' trapexit shutdown
check 'comes back when the daemon is gone' gone "$daemon"
status_is 3 'then status is 3' trapexit status
like 'the journal tells the end' "$(trapexit events -n 1)" 'trapexitd has ended, as it was told to'
done_testing

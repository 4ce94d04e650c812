#!/bin/sh
# simple_one_for_one: a template, of which instances are started at run time (S6, S26, S49, S64, S81-S86).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

# An instance that says what it was given, and what it found of its past.
cat >worker <<'END'
#!/bin/sh
echo "$TRAPEXIT_ID $TRAPEXIT_START: $*"
[ "$1" != stubborn ] || trap 'echo "$TRAPEXIT_ID: not yet"' TERM
[ "$1" != done ] || exit 0
while :; do sleep 0.05; done
END
chmod +x worker

configure <<END
store = none
hold = 20s
child other { command = "sleep 1000" }
supervisor pool {
	strategy = simple_one_for_one  max_children = 3
	child worker { command = {"$T/worker", "fixed"} }
}
supervisor tasks {
	strategy = simple_one_for_one
	child task { command = {"$T/worker"}  restart = transient  shutdown = 1s }
}
supervisor shy { strategy = simple_one_for_one  child s { command = {"sh", "-c", "exit 0"}  ready = notify } }
END
log_has() {
	file_has "$T/log/$1.log" "$2"
}

check 'the daemon starts' start_daemon
is 'a simple_one_for_one starts with nothing (S6)' "$(counts pool)" 'specs 1 active 0 supervisors 0 workers 0 '
is 'and is up all the same (S5)' "$(child_of pool state)" running
answers 'start_child with arguments' "{ok,PID}" start-child pool -- 'two words' '' --last
check 'they stand behind the arguments of the template (S81)' retry 5 log_has pool/worker:1 'worker:1 normal: fixed two words  --last'
first=$(pid_of pool/worker:1)
answers 'without any' "{ok,PID}" start-child pool
answers 'and a third one' "{ok,PID}" start-child pool -- 3
refused 'max_children (S86)' '{error,max_children}' start-child pool -- 4
is 'which_children: no id, but a handle' "$(tx which-children pool --json | jq -c '[.children[] | [.id, .name, .child, .type]]')" \
    '[[null,"pool/worker:3","running","worker"],[null,"pool/worker:2","running","worker"],[null,"pool/worker:1","running","worker"]]'
is 'count_children: one spec' "$(counts pool)" 'specs 1 active 3 supervisors 0 workers 3 '
kill -KILL "$first"
check 'one that dies is restarted, with its own arguments (S49)' retry 5 log_has pool/worker:1 'worker:1 restart: fixed two words  --last'
is 'and no other' "$(child_of pool/worker:2 starts) $(child_of pool/worker:3 starts)" '1 1'
is 'under a new handle' "$([ "$(pid_of pool/worker:1)" = "$first" ] || echo new)" new

# Addresses.
handle() {
	tx which-children pool --json | jq -r --arg n "$1" '.children[] | select(.name == $n).handle'
}
h=$(handle pool/worker:2)
answers 'terminate_child takes a handle' ok terminate-child pool "$h"
is 'the instance is forgotten' "$(child_of pool/worker:2 state)" ''
answers 'one that has ended already is ok' ok terminate-child pool "$h"
answers 'also by its name' ok terminate-child pool worker:2
answers 'also by its pid' ok terminate-child pool "${h%/*}"
refused 'a live process of somebody else is not_found' '{error,not_found}' terminate-child pool $$
refused 'also one of ours that is no instance' '{error,not_found}' terminate-child pool "$(pid_of other)"
refused 'a handle that nobody had is not_found' '{error,not_found}' terminate-child pool "$(pid_of pool/worker:3)/9000000000000000000"
refused 'the id of the template is no address (S6)' '{error,simple_one_for_one}' terminate-child pool worker
refused 'nor is a number that nobody had' '{error,simple_one_for_one}' terminate-child pool worker:77
refused 'restart_child' '{error,simple_one_for_one}' restart-child pool worker:1
refused 'delete_child' '{error,simple_one_for_one}' delete-child pool worker:1
is 'get_childspec takes a handle' "$(tx get-childspec pool "$(handle pool/worker:3)" --json | jq -c '.spec.command[1:]')" '["fixed","3"]'
refused 'but not the template' '{error,not_found}' get-childspec pool worker
answers 'the pid alone will do' ok terminate-child pool "$(pid_of pool/worker:3)"
is 'add prints the name; no number is used twice' "$(tx add pool -- x)" pool/worker:4
refused 'a text is not what it takes' '{error,badarg}' start-child pool 'child x { command = "true" }'
check 'everyday words go by the path' tx restart pool/worker:4
check 'also those that stop it' tx stop pool/worker:4
is 'which is the end of an instance' "$(child_of pool/worker:4 state)" ''

# One that does not come to be, or is done.
refused 'a start error is {error,R} (S81)' '{error,{start_error,exited}}' start-child shy
is 'and leaves nothing' "$(counts shy)" 'specs 1 active 0 supervisors 0 workers 0 '
answers 'one that ends normally' "{ok,PID}" start-child tasks -- "done"
is_empty() {
	[ "$(counts tasks)" = 'specs 1 active 0 supervisors 0 workers 0 ' ]
}
check 'is forgotten, being transient' retry 5 is_empty
check 'which the journal knows' retry 5 has_records 1 'select(.type == "removed" and .child == "tasks/task:1")'

# S64: all at once, with one timer.
for _ in 1 2 3 4; do
	tx add tasks -- stubborn >"$T/added"
done
check 'four that ignore SIGTERM' retry 5 log_has tasks/task:5 stubborn
retry 5 log_has tasks/task:2 stubborn
tap_clock
before=$tap_now
answers 'their supervisor is terminated' ok terminate-child / tasks
tap_clock
took=$((tap_now - before))
check 'in the time of one (S64)' [ "$took" -lt $((2500 * TRAPEXIT_SLOW)) ]
check 'but not before' [ "$took" -ge 900 ]
check 'all were told to end' log_has tasks/task:2 'not yet'
answers 'it begins anew' '{ok,tasks}' restart-child / tasks
is 'with nothing (S55)' "$(counts tasks)" 'specs 1 active 0 supervisors 0 workers 0 '
is 'the numbers go on' "$(tx add tasks -- x)" tasks/task:6
check 'the daemon stops in order' stop_daemon
check 'and starts' start_daemon
is 'without the instances' "$(counts pool)$(counts tasks)" 'specs 1 active 0 supervisors 0 workers 0 specs 1 active 0 supervisors 0 workers 0 '
is 'but it remembers their numbers' "$(tx add pool -- x) $(tx add tasks -- y)" 'pool/worker:5 tasks/task:7'

# What makes no sense as a template is refused.
wrong() {
	configure <<-END
		$2
	END
	status_is 2 "a configuration is refused: $1" trapexitd -t -c "$T/t.conf"
	like 'with the reason' "$(last_output)" "$3"
}
stop_daemon
wrong 'no template' 'supervisor p { strategy = simple_one_for_one }' 'one .child. here, not 0'
wrong 'two of them' 'supervisor p { strategy = simple_one_for_one child a { command = "x" } child b { command = "x" } }' 'not 2'
wrong 'instances' 'supervisor p { strategy = simple_one_for_one child a { command = "x" instances = 2 } }' "no 'instances'"
wrong 'a scraper' 'supervisor p { strategy = simple_one_for_one scraper a { } }' 'all fetch the same sources'
wrong 'a supervisor' 'supervisor p { strategy = simple_one_for_one supervisor a { } }' "'child' and not 'supervisor'"
wrong 'at the root' 'strategy = simple_one_for_one child a { command = "x" }' "in a 'supervisor' section"
wrong 'max_children elsewhere' 'supervisor p { max_children = 3 }' "strategy = simple_one_for_one"
done_testing

#!/bin/sh
# No event is lost, whatever is killed: the handlers in the middle of a command, the daemon, the agent. What
# is given twice has the same id.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# Says when it begins, and ends when it may.
cat >"$T/wait" <<'END'
#!/bin/sh
echo "$TRAPEXIT_EVENT_ID $$ $TRAPEXIT_PID" >>"$1"
while [ ! -e "$1.go" ]; do sleep 0.02; done
echo "$TRAPEXIT_EVENT_ID" >>"$1.done"
END
cat >"$T/note" <<'END'
#!/bin/sh
echo "$TRAPEXIT_EVENT_ID $TRAPEXIT_PID $TRAPEXIT_EVENT_MISSED" >>"$1"
END
chmod +x "$T/wait" "$T/note"

configure <<END
store = none
hold = 20s
journal { sync = 20ms }
on_event long { match = exit  child = web  command = {"$T/wait", "$T/long"} }
on_event count { match = exit  child = web  command = {"$T/note", "$T/count"} }
child web { command = "sleep 1000"  backoff = off }
END

# Kill web and wait until it runs again; its pid goes to web.pids.
kill_web() {
	web=$(pid_of web)
	echo "$web" >>"$T/web.pids"
	kill -KILL "$web"
	retry 10 web_is_another
}

web_is_another() {
	now=$(pid_of web)
	[ -n "$now" ] && [ "$now" != null ] && [ "$now" != "$web" ]
}

# The pids that an event has told of, each once.
told() {
	cut -d' ' -f2 "$T/count" | sort -n | uniq
}

all_told() {
	[ "$(told)" = "$(sort -n "$T/web.pids" | uniq)" ]
}

mark_has_moved() {
	! grep -qxF "$mark" "$T/state/events"
}

check 'the daemon starts' start_daemon
check 'the handlers run' retry 10 file_has "$T/state/events" '^count '
check 'something happens' kill_web
check 'a command runs' retry 10 has_lines "$T/long" 1
read -r id command _ <"$T/long"
kill -KILL "$(pid_of events)"
check 'the handlers are killed in the middle of it: it goes with them' retry 10 gone "$command"
check 'they are started again' retry 10 child_count events starts 2
check 'and the event is given again' retry 10 has_lines "$T/long" 2
is 'under the id that it had' "$(sed -n 2p "$T/long" | cut -d' ' -f1)" "$id"
mark=$(grep '^long ' "$T/state/events")
touch "$T/long.go"
check 'now its command ends' retry 10 has_lines "$T/long.done" 1
# Until this is written, it would be given once more.
check 'that is kept' retry 10 mark_has_moved
check 'the other handler has heard of it' retry 10 all_told

i=0
while [ $i -lt 3 ]; do
	kill_web || break
	kill -KILL "$(pid_of events)" || break
	kill_web || break
	retry 20 child_count events starts $((i + 3)) || break
	retry 20 child_is events running || break
	i=$((i + 1))
done
is 'children and handlers are killed in turn' $i 3
check 'each of these exits is told of' retry 20 all_told

check 'something happens again' kill_web
kill -KILL "$daemon"
check 'the daemon is killed' retry 10 gone "$daemon"
kill -KILL "$now"
echo "$now" >>"$T/web.pids"
check 'something happens meanwhile; another daemon starts' start_daemon
web=$now
check 'the child runs again' retry 10 web_is_another
check 'and all that happened is told of' retry 20 all_told
kill_web
kill -KILL "$(agent_pid)"
echo "$(pid_of web)" >>"$T/web.pids"
web=$now
check 'the agent is killed; the child runs again' retry 20 web_is_another
check 'the exit before that is told of' retry 20 file_has "$T/count" " $(tail -n 2 "$T/web.pids" | head -n 1) "
check 'the daemon stops in order' stop_daemon
exits=$(records 'select(.type == "exit" and .child == "web")' | wc -l)
start_daemon
# The last exit is that of the ordered end, told now if not then.
all_exits_told() {
	[ "$(cut -d' ' -f1 "$T/count" | sort | uniq | wc -l)" -eq "$exits" ]
}
check 'in the end each exit was told of, under an id of its own' retry 20 all_exits_told
is 'the one that was cut off was given twice, and no more' "$(grep -c "^$id " "$T/long")" 2
is 'and none was missed' "$(cut -d' ' -f3 "$T/count" | sort | uniq)" 0
check 'the daemon stops in order, once more' stop_daemon
done_testing

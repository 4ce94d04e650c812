#!/bin/sh
# A reload that adds, changes or takes away handlers of events (S85): the plan says so, nothing else is touched,
# and those that stay go on where they were.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

cat >"$T/note" <<'END'
#!/bin/sh
echo "$TRAPEXIT_HANDLER $TRAPEXIT_CHILD $TRAPEXIT_EVENT_ID" >>"$1"
END
chmod +x "$T/note"

# The configuration with these handlers.
with() {
	configure <<END
store = none
journal { sync = 20ms }
$1
child web { command = "sleep 1000"  backoff = off }
END
}

given() {
	[ "$(grep -c "^$1 web " "$T/noted" 2>/dev/null)" -ge "$2" ]
}

one="on_event one { match = exit child = web command = {\"$T/note\", \"$T/noted\"} }"
two="on_event two { match = exit child = web command = {\"$T/note\", \"$T/noted\"} }"
with ''
check 'the daemon starts, without handlers' start_daemon
web=$(pid_of web)
with "$one"
like 'the plan says that there will be some' "$(tx reload --plan 2>&1)" 'add +events'
check 'a reload brings the first' tx reload
check 'it runs' retry 10 file_has "$T/state/events" '^one '
is 'no other child was touched' "$(pid_of web)" "$web"
kill -KILL "$web"
check 'and is given what happens from now on' retry 10 given one 1

with "$one $two"
like 'the plan says which comes' "$(tx reload --plan 2>&1)" 'restart +events.*on_event two: new'
check 'a reload brings one more' tx reload
check 'both run' retry 10 file_has "$T/state/events" '^two '
kill -KILL "$(pid_of web)"
check 'both are given what happens' retry 10 given two 1
check 'the first one, too' retry 10 given one 2
is 'neither is given the past' "$(grep -c '^two' "$T/noted") $(grep -c '^one' "$T/noted")" '1 2'

with 'on_event one { match = exti command = x }'
status_is 1 'a mistake changes nothing' tx reload
like 'and is told with what was meant' "$(tx reload 2>&1)" "there is no event 'exti'; did you mean 'exit'"
kill -KILL "$(pid_of web)"
check 'the handlers go on' retry 10 given two 2

with "$two"
check 'one is taken away' tx reload
check 'its place is forgotten' retry 10 sh -c "! grep -q '^one ' '$T/state/events'"
kill -KILL "$(pid_of web)"
check 'the other one goes on' retry 10 given two 3
with ''
like 'the plan says that there will be none' "$(tx reload --plan 2>&1)" 'remove +events'
check 'all are taken away' tx reload
check 'and are gone' retry 10 sh -c "trapexit -c '$T/t.conf' status --json | jq -e '[.tree | recurse(.children[]?) | .name] | index(\"events\") == null'"
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Handlers of events: what happens is given to a command, once, with its JSON and what it is about (S126).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# What a run was given: its environment in NAME.env, its standard input in NAME.in; one line a run.
cat >"$T/note" <<'END'
#!/bin/sh
printf '%s %s %s %s %s %s %s\n' "$TRAPEXIT_HANDLER" "$TRAPEXIT_EVENT${TRAPEXIT_EVENT_KIND:+:$TRAPEXIT_EVENT_KIND}" \
    "$TRAPEXIT_CHILD" "$TRAPEXIT_REASON" "$TRAPEXIT_EVENT_ID" "${TRAPEXIT_ID:-none}" "$TRAPEXIT_EVENT_MISSED" >>"$1.env"
cat >>"$1.in"
echo "noted by $TRAPEXIT_HANDLER"
END
chmod +x "$T/note"

configure <<END
store = none
journal { sync = 20ms }
on_event died { match = exit  reason = failure  command = {"$T/note", "$T/died"} }
on_event reports { match = {"report:child_terminated", alarm}  child = "@group"  command = {"$T/note", "$T/reports"} }
on_event none { match = exit  child = {"!web", "!group/*"}  command = {"$T/note", "$T/none"} }
on_event broken { match = exit  child = web  command = "/nonexistent/program" }
on_event fails { match = exit  child = web  command = "sh -c 'exit 7'" }
supervisor group { child job { command = "sleep 1000" } }
child web { command = "sleep 1000"  backoff = off }
END
check 'the daemon starts' start_daemon
check 'the handlers are a child of their own' retry 10 child_is events running
is 'of a type of its own' "$(child_of events type)" events
check 'they have begun with what comes' retry 10 file_has "$T/state/events" '^died '
refute 'nothing of the past is given to them' test -s "$T/died.env"

kill -KILL "$(pid_of web)"
check 'an exit is given to its handler' retry 10 file_has "$T/died.env" '^died exit web killed [0-9a-f]{8}-[0-9a-f]{6}:[0-9]+ none 0$'
is 'as the record of the journal' "$(jq -c . <"$T/died.in")" "$(records 'select(.type == "exit" and .child == "web")')"
id=$(cut -d' ' -f5 "$T/died.env")
is 'whose place in it is the id of the event' \
    "$(tail -c +"$((${id#*:} + 1))" "$T/state/journal/${id%:*}.jsonl" | head -n 1)" "$(cat "$T/died.in")"
check 'what the command prints is in the log, with its name' \
    retry 10 file_has "$T/log/events.log" 'died: noted by died$'
check 'a command that fails is told of' retry 10 file_has "$T/log/events.log" 'fails: exit of web: ended with status 7$'
check 'and one that cannot be run' retry 10 file_has "$T/log/events.log" \
    'broken: exit of web: /nonexistent/program cannot be run: exec: No such file'
kill -TERM "$(pid_of group/job)"
check 'another handler has its own conditions' \
    retry 10 file_has "$T/reports.env" '^reports report:child_terminated group/job shutdown '
is 'each event is given once' "$(wc -l <"$T/died.env") $(wc -l <"$T/reports.env")" '1 1'

# What happens to the handlers themselves is nobody's: it would go round.
kill -KILL "$(pid_of events)"
check 'killed, they are started again' retry 10 child_count events starts 2
kill -KILL "$(pid_of web)"
check 'and go on' retry 10 has_lines "$T/died.env" 2
is 'without hearing of themselves' "$(grep -c ' events ' "$T/died.env")" 0
refute 'a condition that is turned around holds' test -e "$T/none.env"
check 'the daemon stops in order' stop_daemon
done_testing

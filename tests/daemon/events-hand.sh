#!/bin/sh
# trapexit-event by hand, without a daemon: where it begins, what it does when the journal or its own file is
# not as it was, and how it leaves.
. "$top_srcdir/tests/lib/tap.sh"

LOAD=$top_builddir/tests/helpers/record-load
[ -x "$LOAD" ] || skip_all 'no record-load'
ME=0123456789abcdef0123456789abcdef

# Lines of standard input as the journal of epoch $1.
write() {
	"$LOAD" lines "$T/journal" "$1" "$ME"
}

exit_of() {
	printf '{"type":"exit","t":1795600000123,"child":"%s","token":7,"node":"local","reason":"%s","pid":42}\n' "$1" "$2"
}

cat >"$T/note" <<'END'
#!/bin/sh
echo "$TRAPEXIT_CHILD $TRAPEXIT_EVENT_TIME $TRAPEXIT_NODE $TRAPEXIT_PID $TRAPEXIT_EVENT_MISSED" >>"$1"
END
chmod +x "$T/note"
h="on_event h { match = exit reason = failure command = {\"$T/note\", \"$T/noted\"} }"

once() {
	trapexit-event --journal "$T/journal" --position "$T/position" --once "$@"
}

mkdir "$T/state"
status_is 1 'without a journal it fails' once "$h"
{ exit_of old killed; } | write 1
check 'the first time it does nothing' once "$h"
refute 'of the past' test -e "$T/noted"
{ exit_of a killed; exit_of b normal; } | write 2
check 'the second time it does what has happened since' once "$h"
is 'what meets its conditions, and no more' "$(cat "$T/noted")" 'a 2026-11-25T09:46:40.123Z local 42 0'
check 'there is nothing to do' once "$h"
is 'so nothing is done' "$(wc -l <"$T/noted")" 1

{ exit_of c killed; } | write 3
printf '%s\n' "$h" 'child x { command = y }' >"$T/x.conf"
check 'the handlers of a configuration are the same' once --config "$T/x.conf"
like 'it goes on where it was' "$(tail -n 1 "$T/noted")" '^c .* 0$'

{ exit_of d killed; } | write 4
rm "$T"/journal/00000003-*.jsonl "$T"/journal/00000004-*.jsonl
{ exit_of e killed; } | write 5
check 'files of the journal went away before they were read' once "$h"
like 'that is told of' "$(last_output)" 'what follows our position is gone: events were missed'
like 'and told to the next run' "$(tail -n 1 "$T/noted")" '^e .* 1$'

cp "$T/position" "$T/position.good"
echo 'h 1 2' >"$T/position"
status_is 1 'a file of positions that is damaged is not guessed about' once "$h"
like 'and named' "$(last_output)" 'position: not a list of positions'
cp "$T/position.good" "$T/position"
echo 'h 9 1 5 0' >"$T/position"
check 'one that lies behind the end of the journal' once "$h"
like 'is told of' "$(last_output)" "h: its position lies behind the journal's end"

status_is 2 'a handler that is wrong is a usage error' once 'on_event h { match = exti command = x }'
like 'with what was meant' "$(last_output)" "did you mean 'exit'"
status_is 2 'no handler, too' once 'child x { command = y }'
status_is 2 'and no journal' trapexit-event --position x "$h"

# Leaving: what hangs is cut off after 5 s, deaf or not, and comes again; and so does what waits.
hang="on_event h { match = exit timeout = 1h command = {sh, -c, \"trap '' TERM; echo \$TRAPEXIT_CHILD >>$T/hung; sleep 1000; sleep 1000\"} }"
# Where the journal ends.
once "$h" >/dev/null 2>&1
trapexit-event -j "$T/journal" -p "$T/position" "$hang" >"$T/hang.log" 2>&1 &
own $!
hangs=$!
{ exit_of f killed; exit_of g killed; } | write 6
check 'a command hangs' retry 10 test -s "$T/hung"
tap_clock
began=$tap_now
kill -TERM "$hangs"
check 'told to leave, it leaves all the same' retry 15 gone "$hangs"
tap_clock
check "in time ($((tap_now - began)) ms)" test $((tap_now - began)) -lt $((9000 * TRAPEXIT_SLOW))
like 'what was cut off is told of' "$(cat "$T/hang.log")" 'h: exit of f: ended, as we leave; it will be run again'
check 'run again' once "on_event h { match = exit command = {\"$T/note\", \"$T/again\"} }"
is 'both are given' "$(cut -d' ' -f1 "$T/again" | paste -sd ' ')" 'f g'
done_testing

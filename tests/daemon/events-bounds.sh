#!/bin/sh
# Handlers of events are bounded in time and in number, and nobody waits for them: one that hangs is ended
# while children are restarted as ever; what a slow one cannot take is dropped, counted and told of.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# Hangs with a child of its own, deaf to SIGTERM; reads nothing.
cat >"$T/hang" <<'END'
#!/bin/sh
trap '' TERM
echo "$TRAPEXIT_EVENT_ID $$" >>"$1"
sleep 1000 &
echo $! >>"$1.grandchildren"
wait
sleep 1000
END
# Takes its time. One line a run: where the event is, and how many were missed before it.
cat >"$T/slow" <<'END'
#!/bin/sh
sleep 0.1
echo "${TRAPEXIT_EVENT_ID#*:} $TRAPEXIT_EVENT_MISSED" >>"$1"
END
chmod +x "$T/hang" "$T/slow"

configure <<END
store = none
journal { sync = 20ms }
on_event hang { match = exit  child = crash  timeout = 500ms  queue = 5  command = {"$T/hang", "$T/hung"} }
on_event slow { match = exit  child = crash  queue = 20  command = {"$T/slow", "$T/runs"} }
on_event prints { match = exit  child = noise  command = "sh -c 'yes | head -c 1000000'" }
on_event quick { match = exit  child = quick  command = {touch, "$T/quick"} }
child crash { command = "true"  restart = permanent  backoff = off }
child noise { command = "sleep 1000"  backoff = off }
child quick { command = "sleep 1000"  backoff = off }
END
check 'the daemon starts, with a child that ends at once, again and again' start_daemon
check 'a handler hangs' retry 10 has_lines "$T/hung" 1
n=$(child_of crash starts)
check 'meanwhile restarts go on as ever' retry 5 child_count crash starts $((n + 300))
kill -KILL "$(pid_of quick)"
check 'and so do other handlers' retry 5 test -e "$T/quick"
check 'the one that hangs is killed, and comes to the next' retry 20 has_lines "$T/hung" 2
read -r _ first <"$T/hung"
check 'all of it' gone "$first"
read -r first <"$T/hung.grandchildren"
check 'with what it had started' retry 5 gone "$first"
check 'that is told of' retry 10 file_has "$T/log/events.log" 'hang: exit of crash: not done after 500ms, killed'
check 'what is too much is told of' retry 20 file_has "$T/log/events.log" 'slow: 20 events wait, and more come; these are dropped'
check 'a later run is told how many' retry 20 file_has "$T/runs" ' [1-9][0-9]*$'
check 'of a flood' retry 30 child_count crash starts 3000
rss=$(awk '/^VmHWM/ { print $2 }' "/proc/$(pid_of events)/status")
check "it takes $rss kB of memory, however many come" test "$rss" -lt 60000
check 'the flood is stopped' tx stop crash
# All exits up to the last one that was handled are either handled or counted.
cp "$T/runs" "$T/counted"
last=$(tail -n 1 "$T/counted" | cut -d' ' -f1)
handled=$(awk '{ n += 1 + $2 } END { print n }' "$T/counted")
first=$(head -n 1 "$T/counted" | cut -d' ' -f1)
# shellcheck disable=SC2012 # one file, of a name without blanks
total=$(head -c "$last" "$(ls "$T"/state/journal/*.jsonl)" | tail -c +"$((first + 1))" |
    grep -c '"type":"exit".*"child":"crash"')
is 'each event was given, or counted as missed' "$handled" "$((total + 1))"
kill -KILL "$(pid_of noise)"
check 'a command that prints much is cut short' retry 10 file_has "$T/log/events.log" 'prints: it prints more than 64 KiB'
check 'the daemon stops in order, hanging handler or not' stop_daemon
done_testing

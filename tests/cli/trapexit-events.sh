#!/bin/sh
# trapexit events: the journal in sentences, without a daemon.
. "$top_srcdir/tests/lib/tap.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

LOAD=$top_builddir/tests/helpers/record-load
ME=0123456789abcdef0123456789abcdef
mkdir "$T/state"
printf 'state_dir = "%s"\nrun_dir = "%s"\n' "$T/state" "$T/run" >"$T/x.conf"
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG

status_is 1 'without a journal it fails' trapexit events
like 'and says where it looked' "$(last_output)" "no journal in $T/state/journal"

# Lines of standard input into the journal, as one epoch more.
epoch=1
write() {
	"$LOAD" lines "$T/state/journal" "$epoch" "$ME"
	epoch=$((epoch + 1))
}

now=$(($(date +%s) * 1000))
old=$((now - 7200000))
write <<-END
	{"type":"daemon","t":$old,"event":"begin","pid":12,"version":"0.1"}
	{"type":"start","t":$old,"child":"suppliers/ebuyer","token":9,"node":"local","start_type":"normal"}
	{"type":"started","t":$old,"child":"suppliers/ebuyer","token":9,"pid":4711}
	{"type":"observation","t":$old,"child":"suppliers/ebuyer","token":9,"n":1,"source":"webcam","data":{"type":"observation","source":"webcam","status":"ok","amount":"24.99","currency":"GBP"}}
	{"type":"exit","t":$((old + 192000)),"child":"suppliers/ebuyer","token":9,"reason":"killed","status":9}
	{"type":"report","t":$((old + 192000)),"child":"suppliers/ebuyer","token":9,"report":"child_terminated","reason":"killed","delay_ms":0}
	{"type":"started","t":$((old + 192001)),"child":"suppliers/ebuyer","token":10,"pid":4712}
END
write <<-END
	{"type":"started","t":$now,"child":"suppliers/argos","token":11,"pid":5000}
	{"type":"alarm","t":$now,"alarm":"stale","object":"suppliers/argos","text":"no \u001b[2Jprice"}
	{"type":"exit","t":$((now + 1)),"child":"suppliers/argos","token":11,"reason":"{exit,3}","delay_ms":200}
	{"type":"line","t":$now,"child":"suppliers/argos","token":11,"n":5,"text":"hello"}
END

check 'all of it is told' sh -c "trapexit events >'$T/all.out'"
is 'one line an event' "$(wc -l <"$T/all.out")" 7
like 'an exit says the pid, how long it ran, and what is done' "$(cat "$T/all.out")" \
    '^[0-9 :-]* suppliers/ebuyer exited: killed \(pid 4711, ran 3m12s\), restart at once$'
refute 'the report that says the same has no line of its own' grep -q 'has ended' "$T/all.out"
like 'a delay is told' "$(cat "$T/all.out")" 'suppliers/argos exited: exit 3 \(pid 5000, ran 0s|1ms\), restart in 200ms$'
like 'times are local: of today without a date' "$(cat "$T/all.out")" \
    "^$(date -d "@$((now / 1000))" +%H:%M:%S) suppliers/argos started"
refute 'observations are not shown' grep -q observed "$T/all.out"
refute 'nothing in it moves a terminal' grep -q "$(printf '\033')" "$T/all.out"

check '--all shows what children printed' sh -c "trapexit events --all >'$T/more.out'"
like 'observations' "$(cat "$T/more.out")" 'suppliers/ebuyer observed webcam: ok, 24.99 GBP$'
like 'and lines' "$(cat "$T/more.out")" 'suppliers/argos printed: hello$'

is 'by id' "$(trapexit events argos | wc -l)" 2
is 'by path' "$(trapexit events suppliers/ebuyer | wc -l)" 3
is 'by glob' "$(trapexit events 'eb*' | wc -l)" 3
is 'by supervisor' "$(trapexit events @suppliers | wc -l)" 5
is 'of somebody unknown: nothing' "$(trapexit events nobody | wc -l)" 0

is '--type shows some' "$(trapexit events --type exit | wc -l)" 2
like 'with what became of it' "$(trapexit events --type exit eb*)" 'exited: killed .*, restart at once$'
is 'several' "$(trapexit events --type exit,started | wc -l)" 5
is 'kinds' "$(trapexit events --type report:child_terminated | wc -l) $(trapexit events -e report:progress | wc -l)" '1 0'
is 'details, too, when they are named' "$(trapexit events --type line,observation | wc -l)" 2
status_is 2 'none that does not exist' trapexit events --type exit,xeit
like 'and says what was meant' "$(last_output)" "--type: there is no event 'xeit'; did you mean 'exit'"

is '--since leaves out what is older' "$(trapexit events --since 1h | wc -l)" 3
is '--since knows dates' "$(trapexit events --since "$(date -d '3 hours ago' '+%F %T')" | wc -l)" 7
is '--lines shows the last ones' "$(trapexit events -n 2)" "$(tail -n 2 "$T/all.out")"
is '--lines goes back over segments' "$(trapexit events -n 5)" "$(tail -n 5 "$T/all.out")"
is '--lines 0 shows none' "$(trapexit events -n 0)" ''

check '--json is an object a line' sh -c "trapexit events --json --all >'$T/all.json'"
is 'with a version, the sentence and the record' \
    "$(jq -c 'select(.record.type == "exit" and .record.token == 11) | [.version, .text, .record.delay_ms]' "$T/all.json")" \
    '[1,"exited: exit 3 (pid 5000, ran 1ms), restart in 200ms",200]'
is '--json has every record that is told' "$(grep -c . "$T/all.json")" \
    "$(($(jq -r 'select(.record.type != "journal") | .record.type' "$T/all.json" | wc -l) + $(grep -c '"type":"journal"' "$T/all.json")))"
check 'a child that is not there makes no --json' sh -c '[ -z "$(trapexit events --json nobody)" ]'

# Follow: from the end on, as the journal grows.
trapexit events -f >"$T/follow.out" 2>&1 &
follower=$!
own $follower
check '-f begins with the last lines' retry 5 file_has "$T/follow.out" 'ALARM stale'
write <<-END
	{"type":"started","t":$now,"child":"suppliers/new","token":20,"pid":6000}
END
check '-f shows what comes, over a new epoch' retry 5 file_has "$T/follow.out" 'suppliers/new started \(pid 6000\)'
write <<-END
	{"type":"exit","t":$((now + 60000)),"child":"suppliers/new","token":20,"reason":"normal"}
END
check '-f knows what it saw start' retry 5 file_has "$T/follow.out" 'suppliers/new exited: normal \(pid 6000, ran 1m\)$'
is 'nothing comes twice' "$(grep -c 'suppliers/new started' "$T/follow.out")" 1
kill "$follower"
check 'the follower ends when told to' retry 5 gone "$follower"

mkfifo "$T/pipe"
trapexit events -f >"$T/pipe" 2>&1 &
follower=$!
own $follower
head -n 1 <"$T/pipe" >"$T/head.out"
check 'a reader that leaves ends it' retry 5 gone "$follower"
is 'and it got what it read' "$(wc -l <"$T/head.out")" 1
done_testing

#!/bin/sh
# Links, monitors, exit signals and trapped exits between real processes (S90-S99).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# Ends with the code that somebody writes to NAME.end; TERM ends it with 0.
cat >ends <<'END'
#!/bin/sh
trap 'exit 0' TERM
rm -f "$T/$TRAPEXIT_ID.end"
until [ -s "$T/$TRAPEXIT_ID.end" ]; do sleep 0.02; done
read -r code <"$T/$TRAPEXIT_ID.end"
exit "$code"
END
# Writes down all lines of its control descriptor.
cat >hears <<'END'
#!/bin/sh
while read -r line; do
	echo "$line" >>"$T/$TRAPEXIT_ID.heard"
done <&"$TRAPEXIT_CONTROL_FD"
END
# Links itself, as a program would in its first line.
cat >links-itself <<'END'
#!/bin/sh
trapexit link "$TRAPEXIT_ID" free && touch "$T/linked"
exec sleep 1000
END
# The example of trapexit(7), as it stands there.
awk '/^\.\\" EXAMPLE nurse/ { on = 1; next } /^\.\\" END/ { on = 0 } on && !/^\.[BE]d/' \
    "$top_srcdir/man/trapexit.7" | sed 's/\\e/\\/g; s/\\&//g' >nurse
chmod +x ends hears links-itself nurse

configure <<END
store = none
hold = 20s
child feed { command = "$T/ends" backoff = off }
child pair { command = "$T/ends" link = feed restart = transient backoff = off }
child once { command = "$T/ends" restart = transient backoff = off }
child nurse { command = "$T/nurse" trap_exit = yes link = {feed, once} backoff = off }
child ears { command = "$T/hears" trap_exit = yes link = {feed, once} backoff = off }
child watcher { command = "$T/hears" monitor = feed backoff = off }
child free { command = "$T/ends" backoff = off }
child friend { command = "$T/ends" restart = transient backoff = off }
child plain { command = "sleep 1000" backoff = off }
child slow { command = {"sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"} shutdown = 1s backoff = off }
child itself { command = "$T/links-itself" backoff = off }
child deaf { command = "sleep 1000" trap_exit = yes backoff = off }
supervisor below { child stopped { command = "sleep 1000" } }
END

end_with() { # CHILD CODE
	echo "$2" >"$T/$1.end"
}
ended_by() { # CHILD REASON TIMES
	[ "$(record_count "select(.type == \"exit\" and .child == \"$1\" and .reason == \"$2\")")" -eq "${3:-1}" ]
}
heard() { # CHILD TIMES LINE
	[ "$(grep -cxF "$3" "$T/$1.heard" 2>/dev/null)" = "$2" ]
}
all_run() {
	[ "$(tx status --json | jq '[.tree.children[] | select(.state == "running")] | length')" -eq "$1" ]
}
says() { # TEXT COMMAND...: it fails and says so
	text=$1
	shift
	! "$@" >"$T/said" 2>&1 && grep -qF -- "$text" "$T/said"
}

check 'the daemon starts' start_daemon
check 'all run' retry 5 all_run 13

pair=$(pid_of pair)
end_with feed 3
check 'a trapping child is told of the end of one that it is linked to (S92, S97)' retry 5 heard ears 1 'EXIT feed {exit,3}'
check 'and one that watches, by a configured monitor (S99)' retry 5 heard watcher 1 'DOWN 0 feed {exit,3}'
check 'one that does not trap ends, for the same reason (S93, S98)' retry 5 ended_by pair '{exit,3}'
check 'as told, whatever it made of that (S58)' has_records 1 'select(.type == "exit" and .child == "pair" and .status == 0)'
check 'and is restarted by its own rule, which {exit,3} is' retry 5 all_run 13
refute 'as another process' test "$(pid_of pair)" = "$pair"
check 'the example of the manual says what it saw' retry 5 file_has log/nurse.log '^feed ended with {exit,3}: somebody else'

end_with once 0
check 'normal is told, too (S94)' retry 5 heard ears 1 'EXIT once normal'
check 'and the example knows it' retry 5 file_has log/nurse.log '^once is done$'
check 'who is not there gets no exit signal' says 'no-such-child' tx exit no-such-child kill
check 'kill (S95)' tx exit ears kill
check 'cannot be trapped, and ends it as killed (S95)' retry 5 ended_by ears killed
check 'and it is back' retry 5 all_run 12

# At run time.
check 'a link is made' tx link free friend
ref=$(tx monitor watcher free)
first=$ref
other=$(tx monitor watcher free)
check 'a monitor has a number (S99)' test "$ref" -gt 0
refute 'of its own' test "$ref" = "$other"
check 'demonitor' tx demonitor "$other"
check 'once' says 'there is no monitor' tx demonitor "$other"
is 'status shows the link' "$(tx status --json free | jq -c '.tree.children[0].links | map(select(.name == "friend"))')" \
    '[{"name":"friend","configured":false,"joined":true}]'
is 'the monitor at both ends' "$(tx status --json watcher free | jq -c '[.tree.children[] | .monitors, .monitored_by | values | .[] | select(.ref != null) | [.name, .ref == '"$ref"']]')" \
    '[["free",true],["watcher",true]]'
is 'and who traps' "$(tx status --json | jq -c '[.tree.children[] | select(.trap_exit) | .name]')" '["nurse","ears","deaf"]'

check 'what is not there cannot be linked to (S91)' says 'no-such-child' tx link free no-such-child
check 'nor a supervisor' says 'badarg: below is a supervisor' tx link free below
check 'stop' tx stop below/stopped
check 'who does not run cannot link (S91)' says 'noproc: below/stopped does not run' tx link below/stopped free
check 'who has no descriptor cannot watch (S99)' says 'plain has no control descriptor' tx monitor plain free
check 'a pattern is no child' says 'badarg: f* means' tx link 'f*' plain
check 'a reason is a term' says 'badarg: {exit,300} is no reason' tx exit plain '{exit,300}'
late=$(tx monitor watcher below/stopped)
check 'one that is gone: noproc at once (S99)' retry 5 heard watcher 1 "DOWN $late below/stopped noproc"

# The daemon dies; nobody has told the children otherwise.
kill -9 "$daemon"
retry 5 gone "$daemon"
check 'a daemon comes back' start_daemon
check 'and takes them over' retry 5 all_run 12
is 'with the link' "$(tx status --json friend | jq -c '[.tree.children[0].links[] | [.name, .joined]]')" '[["free",true]]'
end_with free 4
check 'which holds (S90)' retry 5 ended_by friend '{exit,4}'
check 'as does the monitor (S99)' retry 5 heard watcher 1 "DOWN $ref free {exit,4}"
check 'both are restarted' retry 5 all_run 12
end_with free 5
check 'a link ends with the incarnation (S90)' retry 5 ended_by free '{exit,5}'
check 'one that was made at run time is not made again' retry 5 all_run 12
refute 'nobody else has ended' ended_by friend '{exit,5}'

# One dies while there is no daemon.
check 'link' tx link free friend
ref=$(tx monitor watcher friend)
kill -9 "$daemon"
retry 5 gone "$daemon"
end_with free 6
check 'a daemon comes back' start_daemon
check 'who was linked to one that died meanwhile ends (S92)' retry 5 ended_by friend '{exit,6}'
check 'and who watched is told (S99)' retry 5 heard watcher 1 "DOWN $ref friend {exit,6}"
is 'and no monitor has fired twice (S99)' "$(grep -c "^DOWN $first " watcher.heard)" 1
check 'all are back' retry 5 all_run 12

# S98: the daemon dies while it waits for one that an exit signal ends.
check 'an exit signal' tx exit slow '{exit,9}'
kill -9 "$daemon"
retry 5 gone "$daemon"
check 'a daemon comes back' start_daemon
refute 'one that takes its time has not ended yet' ended_by slow '{exit,9}'
check 'the reason is still that of the signal (S98)' retry 10 ended_by slow '{exit,9}'

# A line is on its way to an agent that stands still when the daemon dies.
agent=$(agent_pid)
kill -STOP "$agent"
check 'an exit signal' tx exit ears noproc
kill -9 "$daemon"
retry 5 gone "$daemon"
kill -CONT "$agent"
check 'a daemon comes back' start_daemon
check 'the line arrives' retry 5 heard ears 1 'EXIT - noproc'
check 'another one' tx exit ears '{exit,11}'
check 'so do those behind it' retry 5 heard ears 1 'EXIT - {exit,11}'
check 'once (S94)' heard ears 1 'EXIT - noproc'

# A child's own word.
check 'a child links itself by its own name' retry 5 test -e linked
end_with free 7
check 'and ends with it' retry 5 ended_by itself '{exit,7}'

# One that never reads what it is told.
set --
n=0
while [ $n -lt 1000 ]; do
	set -- "$@" deaf
	n=$((n + 1))
done
n=0
while [ $n -lt 10 ]; do
	tx exit "$@" "{start_error,exec,EINPROGRESS}" >>exits 2>&1 || echo failed >>exits
	n=$((n + 1))
done
refute 'ten thousand lines for one that does not read' grep -q failed exits
check 'it is said' retry 5 file_has trapexitd.log 'child deaf: does not read its control descriptor'
is 'it lives on' "$(child_of deaf state)" running
before=$(grep -cxF 'EXIT feed {exit,8}' ears.heard)
end_with feed 8
check 'and nobody else waits for it (S94)' retry 5 heard ears $((before + 1)) 'EXIT feed {exit,8}'

# A changed file links in place.
free=$(pid_of free)
retry 5 all_run 12
sed -i 's/^child free .*/child free { command = "'"$(printf %s "$T" | sed 's,/,\\/,g')"'\/ends" link = plain backoff = off }/' t.conf
is 'a reload changes a link in place' "$(tx reload --json | jq -c '[.result.plan[] | [.action, .name]]')" '[["change","free"]]'
is 'without a restart' "$(pid_of free)" "$free"
end_with free 2
check 'and it holds' retry 5 ended_by plain '{exit,2}'
check 'the daemon stops in order' stop_daemon
done_testing

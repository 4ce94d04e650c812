#!/bin/sh
# What a service manager hears of an upgrade: that one is going on, who is in charge when, that it is
# done; and signs of life all the time, each from the process that it takes for the main one.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/upgrade.sh"

configure <<END
store = none
hold = 6s
child quiet { command = "sleep 1000" }
END
mkdir "$T/faults"

# What counted, from line $1 on, without the signs of life: "who what" with the daemon's pid as D, another's as N.
heard() {
	tail -n "+$1" "$T/told" | awk -v d="$daemon" '$NF == "yes" && $3 != "WATCHDOG=1" {
		who = $2 == d ? "D" : "N"; what = $3
		if (what ~ /^MAINPID=/) what = "MAINPID=" (what == "MAINPID=" d ? "D" : "N")
		printf "%s %s;", who, what }'
}

next_line() {
	echo $(($(wc -l <"$T/told") + 1))
}

# heard_at_last FROM TEXT
heard_at_last() {
	[ "$(heard "$1")" = "$2" ]
}

"$top_builddir/tests/helpers/manager" "$T/name" "$T/told" &
own $!
check 'a service manager listens' retry 5 test -s "$T/name"
read -r name <"$T/name"
NOTIFY_SOCKET=$name WATCHDOG_USEC=1500000 FAULT_DIR=$T/faults LD_PRELOAD=$top_builddir/tests/helpers/handover_fault.so \
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
    sh -c 'WATCHDOG_PID=$$ exec "$0" "$@"' trapexitd -v -c "$T/t.conf" -p "$T/pid" >>"$T/trapexitd.log" 2>&1 &
daemon=$!
own "$daemon"
check 'the daemon starts' retry 10 daemon_answers
check 'and is ready' retry 5 heard_at_last 1 'D READY=1;'
child=$(pid_of quiet)

from=$(next_line)
check 'an upgrade' tx upgrade
check 'begins as a reload, and whoever is in charge names the next' retry 5 heard_at_last "$from" \
    'D RELOADING=1;D MAINPID=N;N MAINPID=D;D READY=1;'

from=$(next_line)
install_daemon /bin/false
status_is 1 'one that fails' tx upgrade
check 'is over then' retry 5 heard_at_last "$from" 'D RELOADING=1;D READY=1;'
good_daemon

from=$(next_line)
echo '1 said-stop' >"$T/faults/prepared"
status_is 1 'one that freezes' tx upgrade --timeout 3s
check 'is over then, too' retry 5 heard_at_last "$from" 'D RELOADING=1;D READY=1;'

from=$(next_line)
echo '1 kill' >"$T/faults/up"
status_is 1 'one that dies in charge' tx upgrade
check 'gives its place back' retry 5 heard_at_last "$from" 'D RELOADING=1;D READY=1;'

from=$(next_line)
echo '2 kill' >"$T/faults/prepared"
check 'if the process itself dies on its way the new one stays' tx upgrade
check 'which has been named' retry 5 heard_at_last "$from" 'D RELOADING=1;D MAINPID=N;N READY=1;'
refute 'it is another' alive "$daemon"
daemon=$(tx status --json | jq .daemon.pid)
is 'its pid is in the file' "$(cat "$T/pid")" "$daemon"
is 'the child is the same' "$(pid_of quiet)" "$child"
# It feeds the watchdog from now on.
from=$(next_line)
fed() {
	tail -n "+$from" "$T/told" | grep -q "^[0-9]* $daemon WATCHDOG=1 yes$"
}
check 'it gives signs of life' retry 5 fed
from=$(next_line)
check 'and is upgraded itself' tx upgrade
check 'as any other' retry 5 heard_at_last "$from" 'D RELOADING=1;D MAINPID=N;N MAINPID=D;D READY=1;'

is 'no sign of life was late' "$(awk '$NF == "yes" && /WATCHDOG=1/ { if (last && $1 - last > 1500) print $1 - last; last = $1 }' "$T/told")" ''
check 'it stops in order' tx shutdown
check 'which is told' retry 5 file_has "$T/told" ' STOPPING=1 yes$'
done_testing

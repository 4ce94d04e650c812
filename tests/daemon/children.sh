#!/bin/sh
# Children that misbehave: each is supervised as the configuration says, and none
# harms another.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

big=1000000000
[ "$TRAPEXIT_SLOW" -le 1 ] || big=100000000
configure <<END
store = none
hold = 20s
child deaf { command = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}  shutdown = 300ms }
child closes { command = {"sh", "-c", "exec >&- 2>&-; while :; do sleep 1; done"} }
child strays { command = {"sh", "-c", "setsid sh -c 'setsid sleep 4242 & sleep 4242' & while ! [ -e $T/go ]; do sleep 0.02; done; rm $T/go; exit 3"} }
child hasty { command = "true"  stdin = pipe  restart = temporary }
child nothere { command = "/no/such/program"  backoff { min = 50ms } }
child notdir { command = "sleep 1000"  cwd = "/no/such/directory" }
child endless {
	output = observations
	restart = temporary
	log { size = unlimited }
	command = {"sh", "-c", "head -c $big /dev/zero | tr '\\\\0' x; touch $T/written; exec sleep 1000"}
}
child neighbour { command = {"sh", "-c", "while :; do echo x; sleep 0.05; done"} }
END

strays() {
	grep -lz '^sleep$' /proc/[0-9]*/cmdline 2>/dev/null | while read -r f; do
		tr '\0' ' ' <"$f" 2>/dev/null | grep -q '^sleep 4242' &&
		    grep -qzx "TX_TEST=$T" "${f%cmdline}environ" 2>/dev/null && echo "$f"
	done | wc -l
}

strays_are() {
	[ "$(strays)" -eq "$1" ]
}

has_died_with() {
	has_records 1 "select((.type == \"exit\" or .type == \"start_failed\") and .child == \"$1\" and .reason == \"$2\")"
}

check 'the daemon starts' start_daemon
check 'what can run runs' retry 5 tx status deaf closes strays neighbour

old=$(pid_of deaf)
check 'one that ignores SIGTERM is stopped all the same (S58)' tx stop deaf
check 'it is gone' gone "$old"
check 'and reported, for it did not end as told (S67)' retry 5 has_records 1 \
    'select(.type == "report" and .child == "deaf" and .report == "shutdown_error")'
is 'by SIGKILL' "$(records 'select(.type == "exit" and .child == "deaf") | .reason')" '"killed"'

is 'one that closed its output runs' "$(child_of closes state) $(child_of closes starts)" 'running 1'

check 'a child that forked away has two strays' retry 5 strays_are 2
first=$(pid_of strays)
touch "$T/go"
check 'when it ends its strays end before it runs again (S22)' retry 10 child_count strays starts 2
check 'so there are two again' retry 5 strays_are 2
check 'its exit says why' has_died_with strays '{exit,3}'
refute 'under another pid' [ "$(pid_of strays)" = "$first" ]

check 'one that ends before it reads its stdin ends normally' retry 5 has_died_with hasty normal
check 'a missing program is said by name (S18)' retry 5 has_died_with nothere '{start_error,exec,ENOENT}'
check 'and tried again' retry 5 has_records 3 'select(.type == "start_failed" and .child == "nothere")'
check 'a missing directory is said by step' retry 5 has_died_with notdir '{start_error,chdir,ENOENT}'

check 'a line that never ends is taken' retry 60 test -e "$T/written"
log_has_all() {
	[ "$(stat -c %s "$T/log/endless.log" 2>/dev/null)" = "$big" ]
}
check 'all of it, as log' retry 30 log_has_all
for p in "$daemon" "$(agent_pid)"; do
	is "in bounded memory: $(cat "/proc/$p/comm")" \
	    "$(awk -v slow="$TRAPEXIT_SLOW" '/^VmHWM/ { print ($2 < 100000 * (slow > 1 ? 20 : 1)) ? "below 100 MB" : $2 }' "/proc/$p/status")" 'below 100 MB'
done
is 'its neighbour was never restarted' "$(child_of neighbour starts)" 1
check 'the daemon stops in order' stop_daemon
check 'and takes all strays along' strays_are 0
done_testing

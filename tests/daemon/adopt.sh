#!/bin/sh
# A daemon that is killed and started again adopts every running child under its
# old pid, with no exit status and no line of output lost (S68, S69 as changed).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

configure <<END
hold = 20s
child stays { command = {"sh", "-c", "i=0; while :; do i=\$((i+1)); echo line \$i; sleep 0.02; done"} }
child dies {
	command = {"sh", "-c", "while ! [ -e $T/die ]; do sleep 0.05; done; rm $T/die; exit 37"}
	backoff { min = 100ms }
}
child quiet { command = "sleep 1000" }
END

check 'the daemon starts' start_daemon
check 'all run' retry 5 tx status stays dies quiet
before="$(pid_of stays) $(pid_of quiet)"
died=$(pid_of dies)
kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'its children outlive it' alive "${before%% *}"
touch "$T/die"
check 'one dies while no daemon is there' retry 5 gone "$died"
check 'a new daemon starts' start_daemon
is 'the others are adopted under their old pids' "$(pid_of stays) $(pid_of quiet)" "$before"
check 'the exit status was not lost' retry 5 has_records 1 \
    'select(.type == "exit" and .child == "dies" and .reason == "{exit,37}")'
check 'and the child was started again' retry 5 child_is dies running
is 'the exit was recorded once' "$(record_count 'select(.type == "exit" and .child == "dies")')" 1
i=0
while [ $i -lt 5 ]; do
	i=$((i + 1))
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
	start_daemon
done
is 'also after five more' "$(pid_of stays) $(pid_of quiet)" "$before"
check 'a daemon stops in order' stop_daemon
check 'and no child is left' gone "${before%% *}"
awk '{ if ($0 != "line " NR) { print "line " NR " is: " $0; exit 1 } } END { print NR " lines" }' \
    "$T/log/stays.log" >"$T/lines.out"
rc=$?
is 'no line is lost, none is there twice, over six daemons' "$rc" 0
done_testing

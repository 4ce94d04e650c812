#!/bin/sh
# Reports (S126) as records of the journal: progress on every start; OTP's supervisor reports with their
# context, supervisor and offender, for those exits that OTP reports.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

long=$(printf '%0300d' 0)
configure <<END
store = none
journal { sync = 20ms }
child well { command = "true"  restart = transient  significant = no }
child once { command = {sh, -c, "exit 3"}  restart = temporary  shutdown = infinity }
child gone { command = "/nonexistent/program"  restart = temporary  shutdown = brutal_kill }
child deaf { command = {sh, -c, "trap '' TERM; touch $T/deaf; sleep 1000; sleep 1000", "ü$long", more}  shutdown = 100ms }
supervisor s {
	intensity = 1  period = 1m  restart = temporary
	child crash { command = "sh -c 'exit 4'"  backoff = off }
}
END

# Reports on a child, without what differs from run to run.
reports() {
	records "select(.type == \"report\" and .child == \"$1\") | del(.t, .token, .type, .delay_ms)"
}

reported() {
	reports "$1" | grep -q "\"report\":\"$2\""
}

check 'the daemon starts' start_daemon
check 'a child ends well' retry 10 reported well child_terminated
is 'its start is progress; that it ended is nothing that OTP reports' "$(reports well)" \
    '{"child":"well","report":"progress","supervisor":""}
{"child":"well","report":"child_terminated","reason":"normal","supervisor":""}'
check 'a child fails' retry 10 reported once child_terminated
is 'that is a supervisor report, with the offender' "$(reports once | tail -n 1 | jq -c 'del(.offender.pid)')" \
    '{"child":"once","report":"child_terminated","reason":"{exit,3}","supervisor":"","context":"child_terminated","offender":{"id":"once","argv":["sh","-c","exit 3"],"restart":"temporary","shutdown":"infinity","type":"worker","significant":false}}'
is 'under its pid' "$(reports once | tail -n 1 | jq .offender.pid)" \
    "$(records 'select(.type == "exit" and .child == "once") | .pid')"
check 'a child cannot be started' retry 10 reported gone start_error
is 'that is a start_error, of a child that has no pid' "$(reports gone | head -n 1)" \
    '{"child":"gone","report":"start_error","reason":"{start_error,exec,ENOENT}","supervisor":"","context":"start_error","offender":{"id":"gone","argv":["/nonexistent/program"],"restart":"temporary","shutdown":"brutal_kill","type":"worker","significant":false}}'
check 'a supervisor gives up' retry 10 reported s escalated
is 'its report is of itself, on its last offender' \
    "$(reports s | grep '"escalated"' | jq -c '[.context, .supervisor, .offender.id, .offender.argv[2]]')" \
    '["shutdown","s","crash","exit 4"]'
is 'the children below report to it' "$(reports s/crash | jq -r .supervisor | sort | uniq -c | tr -s ' ')" ' 4 s'
like 'people are told who it was' "$(tx events s)" 's gives up: its children fail too often, last of all crash$'
check 'a child is deaf' retry 10 test -e "$T/deaf"
check 'it is stopped' tx stop deaf
check 'which is reported' retry 10 reported deaf shutdown_error
is 'that is a shutdown_error' "$(reports deaf | tail -n 1 | jq -c '[.report, .context, .reason, .offender.shutdown]')" \
    '["shutdown_error","shutdown_error","killed",100]'
is 'of a long command the beginning is told' \
    "$(reports deaf | tail -n 1 | jq -c '.offender.argv | [length, (map(utf8bytelength) | add < 210), .[-1]]')" \
    '[5,true,"..."]'
is 'they can be asked for' "$(tx events --type report:shutdown_error,report:escalated --json | jq -r .record.report | sort | paste -sd ' ')" \
    'escalated shutdown_error'
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Who is told to end, for the sake of its group, does not end of its own choice: also when the daemon that told it is
# killed before the end (S34, S41). And of one that nobody knows there is no second one beside it.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

mkdir locks
# $1 options. Its lock is its own and its strays'.
locked() {
	echo "command = \"$kid --lock $T/locks/$1 $2\" backoff = off"
}
configure <<END
store = none
hold = 20s
supervisor group { strategy = one_for_all
	child leader { $(locked leader '') }
	child slow { $(locked slow '--on TERM=0 --linger 300ms') restart = transient }
}
supervisor second { strategy = one_for_all
	child leader { $(locked leader2 '') }
	child deaf { $(locked deaf '--on TERM=ignore') restart = transient shutdown = 2s }
}
child gone { $(locked gone '--on TERM=0 --linger 300ms') restart = transient }
END
crash() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
}
told() {
	has_records "$1" "select(.type == \"ending\" and .child == \"$2\")"
}

has_started() {
	has_records "$1" "select(.type == \"start\" and .child == \"$2\")"
}

check 'the daemon starts' start_daemon
check 'all run' retry 10 kids_are_up group/leader group/slow second/leader second/deaf gone
die KILL group/leader second/leader
check 'their groups are told to end' retry 5 told 1 second/deaf
check 'both of them' retry 5 told 1 group/slow
crash
check 'a daemon begins that has not told them' start_daemon
check 'who ends with status 0 meanwhile is back with its group (S41)' retry 10 has_started 2 group/slow
check 'so is who did not hear' retry 10 has_started 2 second/deaf
check 'and all run' retry 10 kids_are_up group/leader group/slow second/leader second/deaf gone

starts=$(record_count 'select(.type == "start")')
crash
check 'a crash when nobody was told' start_daemon
check 'is none for the children' retry 10 kids_are_up group/leader group/slow second/leader second/deaf gone
is 'which are not restarted' "$(record_count 'select(.type == "start")')" "$starts"

### A stop is a stop.
tx stop gone >/dev/null 2>&1 &
check 'one is told to stop' retry 5 told 1 gone
crash
wait
check 'the next daemon begins' start_daemon
check 'and it stays down (S79)' retry 5 child_is gone undefined
check 'until it is started' tx start gone

### Whom the journal does not know
tx stop gone >/dev/null
pid=$(pid_of group/leader)
crash
# The last words of the journal are lost: the start of the leader, and of those with it.
for f in state/journal/*.jsonl; do
	grep -v '"child":"group/leader"' "$f" >lost && cp lost "$f"
done
check 'a daemon begins that knows nothing of one that runs' start_daemon
check 'it is taken for what it says that it is, and started anew' retry 10 grep -q 'group/leader (pid .*) is not known here; restarting it' "$T/trapexitd.log"
check 'under another pid' retry 10 sh -c 'p=$(trapexit -c t.conf status --json | jq ".. | objects | select(.name? == \"group/leader\") | .pid"); [ "$p" != null ] && [ "$p" != "$1" ]' - "$pid"
check 'the daemon stops' stop_daemon
is 'never was one started while anything of its predecessor lived (S22)' "$(cat locks/*.violations 2>/dev/null)" ''
done_testing

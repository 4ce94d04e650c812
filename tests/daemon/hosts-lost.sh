#!/bin/sh
# A host that is lost: nothing takes the place of its children before it is safe, and
# then at once; who is back in time is adopted, what comes late is taken in once.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/hosts.sh"

kid=$top_builddir/tests/helpers/kid
make_hosts box2

# Counts, each line with its token.
cat >"$T/count" <<'END'
i=0
while :; do
	echo "$TRAPEXIT_TOKEN $i"
	i=$((i + 1))
	sleep 0.02
done
END

# Each token's lines are there from 0 on, in order, once.
counts_are_whole() {
	awk '/^[0-9]+ [0-9]+$/ { if ($2 != n[$1] + 0) bad = 1; n[$1]++ } END { exit bad }' "$T/log/$1.log"
}

counted_by() {
	grep -c "^$2 " "$T/log/$1.log"
}

now_ms() {
	date +%s%3N
}

configure <<END
store = none
hold = 20s
$(host_conf box2 'lease = 3s')
child locked { command = "$kid --lock $T/lock"  nodes = {box2, local}  backoff = off }
child count { command = "sh $T/count"  nodes = {box2, local} }
child bound { command = "$kid --lock $T/bound"  nodes = box2 }
child here { command = "sleep 1000" }
END

check 'the daemon starts' start_daemon
check 'the children run on the other host' retry 10 runs_on locked box2
check 'all of them' retry 10 runs_on count box2
check 'and those that stay here' retry 5 runs_on here local

# is_another CHILD PID: it runs there, and is not that one
is_another() {
	runs_on "$1" box2 && [ "$(pid_of "$1")" != "$2" ] && [ "$(pid_of "$1")" != null ]
}

# A short cut.
old=$(pid_of locked)
cut_link box2
check 'a cut link is seen' retry 5 node_is box2 down
check 'nobody is taken for dead' runs_on locked box2
join_link box2
check 'the node is back' retry 5 node_is box2 up
is 'a short cut touches nobody' "$(pid_of locked)" "$old"
is 'no exit is recorded' "$(record_count 'select(.type == "exit")')" 0

# A child ends while the link is cut.
cut_link box2
kill -KILL "$old"
join_link box2
check 'who has ended meanwhile' retry 10 is_another locked "$old"
is 'is restarted where it was, for how it ended (S107, S112)' \
    "$(records 'select(.type == "exit" and .child == "locked") | .node + " " + .reason' | tail -n 1)" '"box2 killed"'

# The agent dies, its host lives: that is proof.
kill -KILL "$(node_of box2 agent_pid)"
check 'when the agent is killed its children are replaced' retry 5 runs_on locked local
is 'without waiting for the lease' "$(record_count 'select(.type == "node" and .event == "over" and .reason == null)')" 0
refute_overlap "$T/lock"
check 'the node is back with another agent' retry 5 node_is box2 up
check 'who can only run there does' retry 5 runs_on bound box2
check 'the others move back' tx move locked count box2

# A long cut.
# jq would round it.
token=$(grep -h '"type":"start".*"child":"count"' "$T"/state/journal/*.jsonl | sed -n '$s/.*"token":\([0-9]*\).*/\1/p')
check 'it counts' retry 5 file_has "$T/log/count.log" "^$token 5\$"
cut_link box2
from=$(now_ms)
check 'after the end of its lease' retry 10 runs_on locked local
took=$(($(now_ms) - from))
# The last answered ping was up to a third of a lease before the cut: 1.2 leases + 750 ms after it all is dead.
check "the child runs here, and not sooner ($took ms)" [ "$took" -gt 3300 ]
check 'as soon as it may' [ "$took" -lt 7000 ]
is 'it is told why' "$(records 'select(.type == "start" and .child == "locked") | .start_type + " " + .from' | tail -n 1)" '"failover box2"'
is 'noconnection is the reason' "$(records 'select(.type == "exit" and .child == "locked") | .reason' | tail -n 1)" '"noconnection"'
check 'who can only run there waits' child_is bound restarting
check 'who runs here was not touched' runs_on here local
refute_overlap "$T/lock" 'never are there two'
before=$(counted_by count "$token")
join_link box2
check 'the host is back' retry 10 node_is box2 up
check 'who waited for it starts' retry 5 runs_on bound box2
check 'how the others ended comes late' retry 5 has_records 1 'select(.type == "late_exit" and .child == "count" and .reason == "killed")'
check 'with what they had said' [ "$(counted_by count "$token")" -gt "$before" ]
check 'which is whole, and there once' counts_are_whole count
check 'all of it is acknowledged' retry 5 grep -q "\"type\":\"done\".*\"token\":$token}" "$T"/state/journal/*.jsonl
check 'who has moved stays' runs_on locked local

# The daemon dies while the host is out of reach.
check 'the children move back' tx move locked count box2
kept=$(pid_of here)
cut_link box2
kill -KILL "$daemon"
retry 5 gone "$daemon"
from=$(now_ms)
check 'another daemon begins at once' start_daemon
is 'with who runs here' "$(pid_of here)" "$kept"
check 'who may run elsewhere counts as running' runs_on locked box2
check 'until its lease is surely over' retry 10 runs_on locked local
took=$(($(now_ms) - from))
check "which counts from the daemon's own start ($took ms)" [ "$took" -gt 4300 ]
refute_overlap "$T/lock" 'never are there two, over a crash of the daemon, too'
join_link box2
check 'the host is back again' retry 10 node_is box2 up
check 'what was said there is whole' retry 5 counts_are_whole count

# Frozen.
check 'the child moves once more' tx move locked box2
agent=$(node_of box2 agent_pid)
losses=$(record_count 'select(.type == "node" and .event == "down")')
kill -STOP "$agent"
check 'a frozen agent is lost' retry 10 has_records $((losses + 1)) 'select(.type == "node" and .event == "down")'
check 'its guard ends its children' retry 10 gone "$agent"
check 'they are replaced' retry 10 child_is locked running
refute_overlap "$T/lock" 'never beside each other'

# An ordered stop does not wait for a host that is not there.
check 'the node is there' retry 10 node_is box2 up
check 'who can only run there is there, too' retry 5 runs_on bound box2
there=$(pid_of bound)
cut_link box2
check 'a cut link is seen, again' retry 5 node_is box2 down
check 'the daemon stops in order' stop_daemon
# On a slow machine its lease may be over before.
check 'and does not wait for who is away' file_has "$T/trapexitd.log" \
    'node box2: (out of reach; not waiting for|its lease is over)'
check 'what is there ends by itself' retry 10 gone "$there"
check 'the next daemon begins' start_daemon
join_link box2
check 'and takes home what is left of it' retry 10 has_records 1 'select(.child == "bound" and .reason == "killed")'
check 'who can only run there does so again' retry 10 runs_on bound box2
refute_overlap "$T/lock"
refute_overlap "$T/bound"
check 'it stops in order' stop_daemon
check 'and nothing is left on any host' retry 10 nothing_is_left
done_testing

#!/bin/sh
# What runs on a host that is out of reach, and is no longer configured, is nobody's; but as long as it may run nothing is
# started in its place, whoever asks for it (S22, S76, S110).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/hosts.sh"

kid=$top_builddir/tests/helpers/kid
make_hosts box2
write() {
	configure <<-END
	store = none
	$(host_conf box2 'lease = 4s')
	child here { command = "sleep 1000" }
	$1
	END
}
x="command = \"$kid --lock $T/x\""

write "child x { $x nodes = box2 }"
check 'the daemon starts' start_daemon
check 'a child runs on another host' retry 10 runs_on x box2
kill -KILL "$daemon"
retry 5 gone "$daemon"
cut_link box2
write ''
check 'a daemon begins that does not have it, and cannot reach that host' start_daemon
write "child x { $x nodes = {local, box2} }"
check 'a reload adds it again' tx reload
refute 'it is not started while its predecessor may live' has_records 2 'select(.type == "start" and .child == "x")'
status_is 1 'nor is one of that name that is added by hand' tx start-child / "child x { command = \"sleep 1000\" }"
like 'which is said' "$(tx start-child / "child x { command = \"sleep 1000\" }" 2>&1)" 'may still run on node box2'
check 'when the lease there is over it is' retry 20 runs_on x local
refute_overlap "$T/x"
join_link box2
check 'the host comes back' retry 20 nodes_are_up box2
check 'and tells how the first one ended' retry 10 has_records 1 'select(.type == "late_exit")'
is 'which moves nobody' "$(child_of x node)" local
check 'the daemon stops' stop_daemon
check 'and nothing is left on any host' retry 20 nothing_is_left
done_testing

#!/bin/sh
# Hosts that do not let one in: what is wrong is said in words, a child that may run there waits, and starts when it is mended. Many
# nodes that come up at once do not run into sshd's MaxStartups.
. "$top_srcdir/tests/net/lib.sh"

hosts home box2 box3 box4
start_lockserver || bail 'no lock server'
# The wrong key, a host that is off, an account that is not known, no agent.
known=$T/hosts/home/home/tx/.ssh/known_hosts
cp "$known" "$T/good"
grep -v '^box2' "$T/good" >"$known"
sed -n 's/^box3[^ ]*/box2,10.77.0.2/p' "$T/good" >>"$known"
host_kill box3
net_configure <<END
hold = 2s
node box2 { ssh = box2  lease = 3s  agent = "/opt/trapexit/bin/trapexit-agent" }
node box3 { ssh = box3  lease = 3s  agent = "/opt/trapexit/bin/trapexit-agent" }
node box4 { ssh = "nobody-here@box4"  lease = 3s  agent = "/opt/trapexit/bin/trapexit-agent" }
node deep { ssh = box4  lease = 3s  agent = "/opt/nothing/trapexit-agent" }
child c { nodes = box2  command = {"/opt/trapexit/bin/held", "sleep", "100000"} }
END
check 'the daemon comes up all the same' start_home

error_has() {
	node_of "$1" error | grep -q "$2"
}
check 'the wrong key is said in words' retry 20 error_has box2 'Host key verification failed'
check 'an account that is not known, too' retry 20 error_has box4 'Permission denied'
check 'a host that is off, too' retry 30 error_has box3 'imed out\|No route'
check 'an agent that is not there, too' retry 20 error_has deep 'agent'
for h in box2 box3 box4 deep; do
	diag "$h: $(node_of "$h" error)"
done
is 'the child waits' "$(child_of c state)" restarting
refute 'and nothing of it ran' runs c
cp "$T/good" "$known"
host_boot box3
check 'with the right key it starts' retry 60 is_on c box2
check 'the host that is on again is found' retry 60 node_is box3 up
check 'stop' stop_home

# 40 nodes behind one sshd that lets in 5 at a time that have not said who they are, and refuses more.
echo 'MaxStartups 5:50:10' >>"$T/hosts/box2/etc/sshd_config"
host_halt box2
host_boot box2
for n in $(seq 40); do
	echo "node n$n { ssh = box2  lease = 10s  agent = \"/opt/trapexit/bin/trapexit-agent\" }"
done | { echo 'hold = 2s'; cat; } | net_configure
: >"$T/hosts/box2/sshd.log"
check 'the daemon of many nodes' start_home

all_up() {
	[ "$(tx status --json | jq '[.nodes[] | select(.state == "up")] | length')" -ge 41 ]
}
check 'all of them come up' retry 60 all_up
drops=$(grep -c 'drop connection' "$T/hosts/box2/sshd.log")
diag "sshd refused $drops connections"
check 'sshd had to refuse few' test "$drops" -le 10
check 'and that' stop_home
net_done

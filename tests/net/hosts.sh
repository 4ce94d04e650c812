#!/bin/sh
# The hosts of tests/net are hosts: what the other tests here stand on.
. "$top_srcdir/tests/net/lib.sh"

reach() {
	on home ssh -o BatchMode=yes -o ConnectTimeout="${2:-5}" "$1" true
}

hosts home box2 box3 box4
start_lockserver || bail 'no lock server'

for h in box2 box3 box4; do
	is "ssh takes one to $h" "$(on home ssh -o BatchMode=yes "$h" hostname 2>&1)" "$h"
done
is 'the account is not root' "$(on home ssh box2 id -un)" tx
is 'what is in /tmp of one is not in that of another' "$(on box2 touch /tmp/x; on box3 ls /tmp)" ''
ids=$(for h in home box2 box3 box4; do on "$h" cat /proc/sys/kernel/random/boot_id /etc/machine-id; done | sort | uniq -d)
is 'boot ids and machine ids differ' "$ids" ''
# Processes.
on box2 sleep 1000 &
own $!
check 'a process on a host is seen from here' retry 5 has_pids box2 sleep 1
is 'and not from another host' "$(on box3 pgrep sleep)" ''
check 'it can be struck' strike box2 KILL sleep
check 'and is gone then' retry 5 has_pids box2 sleep 0
# Links.
link_down box2
refute 'a host whose cable is out is not reached' reach box2 1
check 'another one is' reach box3
check 'the other link is still there' on box2 perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "10.78.0.254", PeerPort => $ARGV[0], Timeout => 2)' \
    "$(cat "$T/lock.port")"
link_up box2
check 'with its cable in again, it is' retry 5 reach box2 1
link_deaf box3
refute 'a host that hears nothing is not reached' reach box3 1
link_up box3
link_mute box3
refute 'a host that nobody hears is not, either' reach box3 1
link_up box3
check 'and then it is' retry 5 reach box3 1
# Sessions of sshd.
on home ssh box3 sleep 1000 2>/dev/null &
ssh=$!
own "$ssh"
check 'a session is there' retry 5 has_pids box3 sleep 1
check 'it is killed as a session' strike box3 KILL session
check 'the client sees that' retry 5 gone "$ssh"
check 'the listener lives' reach box3
strike box3 KILL sshd
check 'init starts the listener again' retry 10 reach box3 1
# Switched off and on.
boot=$(on box4 cat /proc/sys/kernel/random/boot_id)
on box4 env TRAPEXIT_ID=c TRAPEXIT_TOKEN=1 TRAPEXIT_NODE=box4 held sleep 1000 &
own $!
check 'the lock server knows who runs' retry 5 runs c box4
host_kill box4
refute 'a host that is off is not reached' reach box4 1
refute 'and nothing runs there' runs c box4
check 'it can be switched on' host_boot box4
check 'and is reached' reach box4
is 'it is another boot' "$(on box4 cat /proc/sys/kernel/random/boot_id | grep -c "$boot")" 0
# The judge sees what it is there to see.
check 'so far nothing ran twice' never_twice
on box2 env TRAPEXIT_ID=d TRAPEXIT_TOKEN=2 TRAPEXIT_NODE=box2 held sleep 1000 &
own $!
check 'one runs' retry 5 runs d box2
on box3 env TRAPEXIT_ID=d TRAPEXIT_TOKEN=3 TRAPEXIT_NODE=box3 held sleep 1000 &
own $!
check 'a second one is seen' retry 5 test -s "$T/violations.log"
refute 'and judged' never_twice
like 'by its name' "$(cat "$T/violations.log")" '^[0-9]+ d: token 3 on box3 began while token 2 ran on box2$'
strike box2 KILL sleep
check 'and for how long' retry 5 file_has "$T/violations.log" 'd: token 3 on box3 and token 2 on box2 ran together for [0-9]+ ms'
net_done

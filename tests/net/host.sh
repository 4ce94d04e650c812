#!/bin/sh
# A host whose power is cut: the child moves when the lease is over, or as soon as the host is there again, as another boot is
# proof that nothing of the last one lives.
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/failover.sh"

start_failover 3s
fault_at=$(wall)
host_kill box2
moved_within 'a host switched off' 5400
check 'it is switched on' host_boot box2
check 'and taken in' retry 30 node_is box2 up
check 'the child goes back when told to' home_again

sed -i 's/lease = 3s/lease = 30s/' "$T/t.conf"
check 'the lease becomes a long one' tx reload
lease_is_long() {
	[ "$(node_of box2 lease_ms)" = 30000 ]
}
check 'and is used' retry 20 lease_is_long
fault_at=$(wall)
host_kill box2
host_boot box2
check 'a host that is there again at once: the child runs' retry 25 has_other_token
check 'without a wait for the lease' test $(($(next_began "$token") - fault_at)) -le $((20000 * TRAPEXIT_SLOW))
check 'never two ran at once' never_twice
net_done

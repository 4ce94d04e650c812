#!/bin/sh
# The daemon killed, frozen and started again, with children on other hosts: what is back within the lease finds them alive; what
# is away for longer finds them ended, and starts them when nothing of them can live.
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/failover.sh"

start_failover 3s
strike home KILL daemon
check 'a daemon killed and started again' start_home
check 'finds its node' retry 20 node_is box2 up
same 'and the child as it was'

strike home STOP daemon
sleep 1
strike home CONT daemon
check 'a daemon frozen for less than the lease: the node is up' retry 10 node_is box2 up
same 'and nothing is restarted'

strike home STOP daemon
check 'a daemon frozen for longer: the child ends at its lease' retry 10 none_runs
strike home CONT daemon
check 'and thawed, it starts another' retry 20 has_other_token
check 'the nodes are up' nodes_are_up
check 'and all is as before' home_again

strike home KILL daemon
check 'a daemon away for longer than the lease: the child ends' retry 10 none_runs
check 'and a new one' start_home
check 'starts it' retry 20 has_other_token
check 'the nodes are up, still' nodes_are_up

# Switched off as a whole, and on.
home_again
host_kill home
host_boot home
check 'the host of the daemon switched off and on: the daemon starts' start_home
check 'its nodes are up' nodes_are_up
check 'the child runs' retry 20 child_is c running
check 'never two ran at once' never_twice
check 'an ordered stop ends all of it' stop_home
check 'everywhere' retry 10 none_runs
net_done

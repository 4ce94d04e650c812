# shellcheck shell=sh
# What the tests of failover have in common, on top of lib.sh: home and three boxes, one child c that likes box2 best,
# the judge, the daemon.

# start_failover LEASE [WORDS…]: the lease of all nodes; further words of the child
start_failover() {
	hosts home box2 box3 box4
	start_lockserver || bail 'no lock server'
	lease=$1
	shift
	net_configure <<-END
		hold = 2s
		node box2 { ssh = box2  lease = $lease  agent = "/opt/trapexit/bin/trapexit-agent" }
		node box3 { ssh = box3  lease = $lease  agent = "/opt/trapexit/bin/trapexit-agent" }
		node box4 { ssh = box4  lease = $lease  agent = "/opt/trapexit/bin/trapexit-agent" }
		child c {
			nodes = {box2, box3, box4}
			command = {"/opt/trapexit/bin/held", "sleep", "100000"}
			backoff { min = 10ms  max = 100ms }
			$*
		}
	END
	start_home || bail 'no daemon'
	# It starts on the first node that is up.
	check 'the child runs' retry 20 child_is c running
	check 'and is on the first of its nodes' home_again
}

nodes_are_up() {
	for net_h in box2 box3 box4; do
		retry 20 node_is "$net_h" up || return
	done
}

# same SENTENCE: the child has not been restarted, nor moved
same() {
	is "$1" "$(token_of c) $(child_of c node)" "$token box2"
}

# moved_within SENTENCE MS: it runs on box3, and that so long after $fault_at at most
moved_within() {
	check "$1: it runs on another host" retry $(($2 / 1000 + 5)) is_on c box3
	moved=$(($(next_began "$token") - fault_at))
	diag "the replacement began $moved ms after the fault, $(pause_after "$token") ms after the end of the old one"
	check "$1: within $2 ms" test "$moved" -le $(($2 * TRAPEXIT_SLOW))
	check "$1: when the old one was gone" test "$(pause_after "$token")" -ge 0
}

# home_again: the child is on box2 again, with all nodes up
home_again() {
	nodes_are_up || return
	is_on c box2 || tx move c box2 >/dev/null
	retry 10 is_on c box2 || return
	token=$(token_of c)
}

# Another one runs than $token.
has_other_token() {
	now_token=$(token_of c)
	[ -n "$now_token" ] && [ "$now_token" != "$token" ]
}

none_runs() {
	[ -z "$(token_of c)" ]
}

# shellcheck shell=sh
# Sentences about several hosts, on top of daemon.sh: each has an agent of its own, and
# tests/lib/fake-ssh in the place of ssh. host_conf NAME ['words'] writes its section.

host_conf() {
	printf 'node %s { ssh = %s ssh_program = "%s" %s }\n' "$1" "$1" "$fake_ssh" "${2:-}"
}

# node_of NODE KEY
node_of() {
	tx nodes --json 2>/dev/null | jq -r --arg n "$1" --arg k "$2" '.nodes[] | select(.name == $n) | .[$k]'
}

node_is() {
	[ "$(node_of "$1" state)" = "$2" ]
}

nodes_are_up() {
	for tap_h; do
		node_is "$tap_h" up || return 1
	done
}

node_is_empty() {
	[ "$(node_of "$1" load)" = 0 ]
}

# runs_on CHILD NODE
runs_on() {
	child_is "$1" running && [ "$(child_of "$1" node)" = "$2" ]
}

# What stands for the connection to a host: the end there of its ssh.
relays() {
	started_here | while read -r tap_p; do
		tr '\0' ' ' <"/proc/$tap_p/cmdline" 2>/dev/null | grep -q -- "--attach .*--node $1 " && echo "$tap_p"
	done
}

# The link to a host is gone: what is there is cut, and nothing gets through.
cut_link() {
	: >"$FAKE_SSH/$1/down"
	for tap_p in $(relays "$1"); do
		kill -KILL "$tap_p" 2>/dev/null
	done
}

join_link() {
	rm -f "$FAKE_SSH/$1/down"
}

# Nobody may run beside another: kid --lock FILE
refute_overlap() {
	refute "${2:-never two at once}" test -e "$1.violations"
}

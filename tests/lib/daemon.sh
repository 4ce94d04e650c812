# shellcheck shell=sh
# Sentences for tests of the running system, on top of tap.sh. The configuration
# of a test is $T/t.conf: `configure <<END …` writes the directories and what is
# given; `start_daemon` runs trapexitd in the foreground, as a service manager would.

configure() {
	mkdir -p "$T/state" "$T/run" "$T/log"
	{
		printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\nlog_dir = "%s/log"\n' "$T" "$T" "$T"
		cat
	} >"$T/t.conf"
}

# The pid is in $daemon.
start_daemon() {
	trapexitd -v -c "$T/t.conf" "$@" >>"$T/trapexitd.log" 2>&1 &
	daemon=$!
	own "$daemon"
	retry 10 daemon_answers
}

daemon_answers() {
	[ "$(daemon_state)" = running ]
}

daemon_state() {
	tx status --json 2>/dev/null | jq -r '.daemon.state // empty'
}

tx() {
	trapexit -c "$T/t.conf" "$@"
}

# In order, as an operator would; all that it supervised is gone afterwards.
stop_daemon() {
	kill -TERM "$daemon"
	retry 20 gone "$daemon"
}

# One member of a child, by its path: child_has web pid
child_of() {
	tx status --json 2>/dev/null | jq -r --arg n "$1" --arg k "$2" \
	    'first(.tree | recurse(.children[]?) | select(.name == $n)) | .[$k] | if type == "object" then tojson else . end'
}

pid_of() {
	child_of "$1" pid
}

child_is() {
	[ "$(child_of "$1" state)" = "$2" ]
}

# child_count NAME KEY AT_LEAST
child_count() {
	[ "$(child_of "$1" "$2")" -ge "$3" ] 2>/dev/null
}

agent_pid() {
	tx status --json | jq -r '.nodes[0].agent_pid'
}

guard_pid() {
	tx status --json | jq -r '.nodes[0].guard_pid'
}

# Records of the journal: records 'select(.type == "exit")'
records() {
	cat "$T"/state/journal/*.jsonl | jq -c "$1"
}

record_count() {
	records "$1" | wc -l
}

# has_records AT_LEAST FILTER
has_records() {
	[ "$(record_count "$2")" -ge "$1" ]
}

# The small shop on 127.0.0.1: its port is in $port, its log in $T/access.log.
# shellcheck disable=SC2034 # for the test
start_shop() {
	"$top_builddir/tests/helpers/shop" --port-file "$T/port" --access-log "$T/access.log" "$@" >"$T/shop.log" 2>&1 &
	own $!
	retry 10 test -s "$T/port" && read -r port <"$T/port"
}

# fetched PATH AT_LEAST: the shop has seen it so often
fetched() {
	[ "$(fetches "$1")" -ge "$2" ]
}

fetches() {
	awk -v p="$1" '$2 == p' "$T/access.log" | wc -l
}

# Rows of the store: sql 'SELECT …'
sql() {
	sqlite3 -cmd '.timeout 5000' "$T/prices.db" "$1"
}

# sql_at_least N 'SELECT count(*) …'
sql_at_least() {
	[ "$(sql "$2" 2>/dev/null)" -ge "$1" ] 2>/dev/null
}

# has_lines FILE AT_LEAST
has_lines() {
	[ -f "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# Hosts without a network (tests/lib/fake-ssh): make_hosts box2 box3. In the configuration:
#	node box2 { ssh = box2 ssh_program = "$fake_ssh" }
# shellcheck disable=SC2034 # for the test
fake_ssh=$top_srcdir/tests/lib/fake-ssh
FAKE_SSH=$T/hosts
export FAKE_SSH
make_hosts() {
	for tap_h; do
		mkdir -p "$FAKE_SSH/$tap_h"
	done
}

#!/bin/sh
# What an agent holds when its link is cut comes once when it is back, also after another host took over: first records
# of a slot are accepted and marked late, second ones and those without a slot are kept in quarantine; nothing is
# lost, nothing comes twice, and the newest state is the successor's.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/hosts.sh"

make_hosts box2
# A slot every 200 ms of the wall clock; who begins catches up with the last two seconds, as a scraper may. What was
# printed is noted behind it, so what is noted must come.
cat >"$T/observe" <<'END'
slot=$(($(date +%s%3N) / 200 - 10))
while :; do
	printf '{"type":"observation","source":"s","slot":%s,"status":"ok","amount":"1"}\n{"type":"observation","source":"g","status":"ok","amount":"2"}\n{"type":"state","key":"done/s","value":{"slot":%s}}\n' "$slot" "$slot"
	echo "$slot" >>"$1/$TRAPEXIT_TOKEN"
	slot=$((slot + 1))
	while [ $(($(date +%s%3N) / 200)) -lt "$slot" ]; do
		sleep 0.05
	done
done
END
mkdir "$T/notes"
configure <<END
store = "sqlite:$T/prices.db"
hold = 20s
$(host_conf box2 'lease = 2s')
child o { command = "sh $T/observe $T/notes"  output = observations  nodes = {box2, local} }
END

rows() {
	sql "SELECT count(*) FROM observation WHERE token = $1 $2"
}


# all_has_come TOKEN: accepted or kept apart, of what it noted
all_has_come() {
	noted=$(wc -l <"$T/notes/$1")
	got=$(sql "SELECT (SELECT count(*) FROM observation WHERE token = $1) + (SELECT count(*) FROM quarantine WHERE token = $1)")
	[ "$got" -ge $((2 * noted)) ]
}

# The token of the n-th that ran; jq would round it.
token_of() {
	ls "$T/notes" | sort -n | sed -n "$1p"
}

two_have_observed() {
	[ -n "$(token_of 2)" ]
}

# raw TYPE [TOKEN]: records as they stand in the journal
raw() {
	cat "$T"/state/journal/*.jsonl | grep "^{[^}]*\"type\":\"$1\"" | grep "\"token\":${2:-}"
}

has_record() {
	raw "$1" "$2" | grep -q "${3:-}"
}

check 'the daemon starts' start_daemon
check 'the child runs on the other host' retry 10 runs_on o box2
old=$(token_of 1)
check 'its prices are in the store' retry 10 sql_at_least 5 "SELECT count(*) FROM observation WHERE token = $old"
cut_link box2
check 'when the lease is over it runs here' retry 10 runs_on o local
check 'and observes' retry 10 two_have_observed
new=$(token_of 2)
check 'and its prices are in the store' retry 10 sql_at_least 20 "SELECT count(*) FROM observation WHERE token = $new"
on_time=$(rows "$old" '')
join_link box2
check 'the other host is back' retry 10 node_is box2 up
# In the middle of it, perhaps.
cut_link box2
join_link box2
check 'it is back again' retry 10 node_is box2 up
check 'all that was held has come' retry 10 all_has_come "$old"
check 'some of it fills slots that were empty' [ "$(rows "$old" 'AND late')" -gt 0 ]
is 'what comes now is late' "$(rows "$old" 'AND NOT late')" "$on_time"
check 'some of it was a second one' sql_at_least 1 "SELECT count(*) FROM quarantine WHERE token = $old AND source = 's'"
check 'what has no slot is kept apart' sql_at_least 1 "SELECT count(*) FROM quarantine WHERE token = $old AND source = 'g'"
is 'a slot counts once' "$(sql "SELECT slot FROM observation WHERE slot IS NOT NULL GROUP BY source, slot HAVING count(*) > 1")" ''
raw '\(observation\|state\|line\)' | grep -o '"token":[0-9]*,"n":[0-9]*' >names
check 'records have names' [ "$(wc -l <names)" -ge $((2 * $(cat "$T"/notes/* | wc -l))) ]
is 'no record is in the journal twice' "$(sort names | uniq -d)" ''
check 'how the old one ended is known: it was killed when its lease was over' retry 5 has_record late_exit "$old" killed
check 'the host holds nothing any more' retry 10 has_record 'done' "$old"
is 'its successor is still there' "$(ls "$T/notes" | wc -l)" 2
check 'the daemon stops' stop_daemon
check 'all of the successor has come, too' all_has_come "$new"
done_testing

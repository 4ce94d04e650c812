#!/bin/sh
# What a scraper on a host found out while the host was cut off comes home when it is back, each price once: also what came
# after its successor had begun elsewhere, which is marked late, or stands in quarantine where the slot was filled meanwhile.
. "$top_srcdir/tests/net/lib.sh"

hosts home box2 box3
start_lockserver || bail 'no lock server'
start_shop --address 10.78.0.254
net_configure <<END
hold = 2s
store = "sqlite:$T/state/prices.db"
journal { sync = 100ms }
node box2 { ssh = box2  lease = 3s  agent = "/opt/trapexit/bin/trapexit-agent" }
node box3 { ssh = box3  lease = 3s  agent = "/opt/trapexit/bin/trapexit-agent" }
scraper s {
	nodes = {box2, box3}
	every = 1s  gap = 0s  jitter = 10%  allow_private = yes  robots = no  backoff { max = 500ms }
	source a { url = "http://10.78.0.254:$port/p/a" }
	source b { url = "http://10.78.0.254:$port/p/b" }
}
END
start_home || bail 'no daemon'
retry 20 node_is box2 up
retry 10 is_on s box2 || tx move s box2 >/dev/null
check 'the scraper runs on box2' retry 10 is_on s box2
rows() {
	sqlite3 -cmd '.timeout 5000' "$T/state/prices.db" "SELECT count(*) FROM $1"
}
rows_at_least() {
	[ "$(rows "$2")" -ge "$1" ]
}
check 'prices come' retry 20 rows_at_least 4 observation

# Short: it goes on there, and what it found comes when it can.
token=$(token_of s)
link_down box2
sleep 1
link_up box2
seen=$(fetches /p/a)
check 'cut off for less than the lease: all that was fetched is there' retry 20 rows_at_least "$((seen * 2 - 1))" observation
is 'and it is the same incarnation' "$(token_of s)" "$token"

# Long: another one runs on box3 before box2 is back.
link_down box2
check 'cut off for longer: another one runs' retry 20 is_on s box3
check 'never two at once' never_twice
check 'its prices come' retry 20 rows_at_least "$(($(rows observation) + 6))" observation
before=$(fetches /p/a)
# (As text: jq(1) has no numbers of this size.)
from_box2() {
	cat "$T"/state/journal/*.jsonl | grep '^{"type":"observation"' | grep -c "\"token\":$token,"
}
old=$(from_box2)
link_up box2
check 'box2 is back' retry 20 node_is box2 up
came() {
	[ "$(from_box2)" -gt "$old" ]
}
check 'and what was found there comes' retry 20 came
diag "$(($(from_box2) - old)) observations came late"
check 'more is fetched' retry 20 fetched /p/a $((before + 3))
check 'stop' stop_home
trapexit-recorder --once --journal "$T/state/journal" --store "sqlite:$T/state/prices.db" >"$T/once.log" 2>&1
check 'each is in the store once' "$net_helpers/verify-store" --journal "$T/state/journal" --store "$T/state/prices.db"
check 'with those that were late marked so, or in quarantine' test $(($(rows 'observation WHERE late') + $(rows quarantine))) -gt 0
diag "late: $(rows 'observation WHERE late'), quarantine: $(rows quarantine)"
# Of each incarnation that was ended (by its lease, and the last by the stop), one fetch a source may have been under way.
all=$(($(fetches /p/a) + $(fetches /p/b)))
got=$(cat "$T"/state/journal/*.jsonl | jq -c 'select(.type == "observation")' | wc -l)
diag "$all fetches, $got observations"
check 'nothing that was fetched is lost, but what was under way when it was ended' test $((all - got)) -le 4
check 'nothing came that was not fetched' test "$got" -le "$all"
net_done

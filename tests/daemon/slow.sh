#!/bin/sh
# A host behind 1 Mbit/s, with room on the way for four leases if somebody fills it: ten children that flood their
# logs, a scraper with a job of a megabyte, and one that observes. Neither heartbeats nor observations are late, nobody
# is restarted, and the job arrives whole.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

make_hosts box2
mkdir -p "$FAKE_SSH/box2/bin"
printf '#!/bin/sh\nexec "%s" --run-dir "%s/run" "$@"\n' "$(command -v trapexit-agent)" "$FAKE_SSH/box2" >"$FAKE_SSH/box2/bin/trapexit-agent"
# Its price is how many sources its job has, when that is whole.
cat >"$FAKE_SSH/box2/bin/pricescrape" <<'END'
#!/bin/sh
n=0
while read -r line; do
	case $line in
	*'"type":"source"'*) n=$((n + 1)) ;;
	*'"type":"end"'*) echo "{\"type\":\"observation\",\"source\":\"whole\",\"slot\":1,\"status\":\"ok\",\"amount\":\"$n\"}" ;;
	esac
done
END
chmod +x "$FAKE_SSH/box2/bin/trapexit-agent" "$FAKE_SSH/box2/bin/pricescrape"
printf 'rate both 125000\ndelay both 10\nqueue both 1500000\n' >slow
cat >slow-ssh <<END
#!/bin/sh
exec "$top_builddir/tests/helpers/netproxy" --settings "$T/slow" --exec "$fake_ssh" "\$@"
END
{
	echo id,url
	awk 'BEGIN { for (i = 0; i < 5000; i++) printf "source%d,http://127.0.0.1:1/a/page/of/a/shop/%d\n", i, i }'
} >sources.csv
cat >flood <<'END'
#!/bin/sh
exec yes 'a line of a log that is of no great interest to anybody, but there are many of them' >&2
END
# What it observes is when that was.
cat >observer <<'END'
#!/bin/sh
while :; do
	i=$((i + 1))
	echo "{\"type\":\"observation\",\"source\":\"s\",\"slot\":$i,\"status\":\"ok\",\"made\":$(date +%s%3N)}"
	sleep 0.5
done
END
chmod +x slow-ssh flood observer
configure <<END
store = none
node box2 { ssh = box2 ssh_program = "$T/slow-ssh" lease = 3s }
child flood { command = "$T/flood" instances = 10 nodes = {box2} }
child observer { command = "$T/observer" output = observations nodes = {box2} }
scraper big { nodes = {box2} allow_private = yes gap = 0s sources_from = "$T/sources.csv" }
END

node() {
	tx nodes --json | jq -r --arg k "$1" '.nodes[] | select(.name == "box2") | .[$k]'
}

node_is_up() {
	[ "$(node state)" = up ]
}

# Of each observation of the observer: how late it was in the journal, in ms.
lateness() {
	records 'select(.type == "observation" and .child == "observer") | .t - .data.made'
}

has_observed() {
	[ "$(lateness | wc -l)" -ge "$1" ]
}

job_is_whole() {
	[ "$(records 'select(.type == "observation" and .source == "whole") | .data.amount | tonumber')" = 5000 ]
}

check 'the daemon starts' start_daemon
check 'the host comes up' retry 20 node_is_up
check 'observations come' retry 20 has_observed 3
check 'a job of a megabyte gets there' retry 60 job_is_whole
check 'and observations go on' retry 30 has_observed 20
is 'the host was up all the time' "$(records 'select(.type == "node" and .node == "box2" and .event != "lease") | .event')" '"up"'
check 'no heartbeat takes a third of the lease' [ "$(node round_trip_us)" -lt 1000000 ]
worst=$(lateness | sort -n | tail -n 1)
check "no observation is late by a third of the lease" [ "$worst" -lt 1000 ] || diag "$worst ms"
is 'nobody was started twice' "$(records 'select(.type == "start") | .child' | sort | uniq -d)" ''
check 'the floods got through, too' [ "$(cat "$T"/log/flood:*.log | wc -c)" -gt 200000 ]
check 'the daemon stops' stop_daemon
done_testing

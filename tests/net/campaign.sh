#!/bin/sh
# The fault campaign: real scrapers on five hosts fetch from a real nginx, while at random processes are killed and frozen,
# hosts are switched off, cables are pulled out. At the end: nothing ever ran twice at once, every observation is
# in the store once, nobody was asked more often than the schedule says but for one extra a fault, and all is fresh again.
#
# The short form; scripts/fault-campaign runs the long one. $TRAPEXIT_CRASH_SECONDS, $TRAPEXIT_SEED: how long; the choices.
# shellcheck disable=SC2034 # variables that the words of faults.sh use
. "$top_srcdir/tests/net/lib.sh"
. "$top_srcdir/tests/net/faults.sh"

command -v nginx >/dev/null || skip_all 'there is no nginx(8): scripts/deps test installs it'
seconds=${TRAPEXIT_CRASH_SECONDS:-60}
seed=${TRAPEXIT_SEED:-$(date +%s)}
rng=$seed
# --kinds 'cut:2 slow:1': only these, so often.
[ "${1:-}" != --kinds ] || fault_kinds=$2
lease_ms=2000
scrapers='s0 s1 s2 s3 s4 s5 s6 s7'

# ---- the world ----

# The shop: a host without a part in this, whose log has the times of all fetches.
start_shop_host() {
	host_get shop n
	shop_ip=10.78.0.$net_value
	mkdir -p "$T/shop/p"
	for s in $scrapers; do
		for n in a b; do
			cat >"$T/shop/p/$s$n" <<-END
				<!doctype html><html><head><title>Thing $s$n</title><script type="application/ld+json">{"@context":"https://schema.org",
				"@type":"Product","name":"Thing $s$n","offers":{"@type":"Offer","price":"24.99","priceCurrency":"EUR",
				"availability":"https://schema.org/InStock"}}</script></head><body><h1>Thing $s$n</h1></body></html>
			END
		done
	done
	cat >"$T/shop/nginx.conf" <<-END
		daemon off;
		worker_processes 1;
		pid $T/shop/nginx.pid;
		error_log $T/shop/error.log;
		events { worker_connections 512; }
		http {
			default_type text/html;
			log_format times '\$msec \$uri \$status';
			access_log $T/shop/access times;
			client_body_temp_path $T/shop/tmp; proxy_temp_path $T/shop/tmp; fastcgi_temp_path $T/shop/tmp;
			uwsgi_temp_path $T/shop/tmp; scgi_temp_path $T/shop/tmp;
			server { listen $shop_ip:80; root $T/shop; }
		}
	END
	on_root shop nginx -c "$T/shop/nginx.conf" -e "$T/shop/error.log" >"$T/shop/nginx.log" 2>&1 &
	own $!
	retry 10 test -s "$T/shop/nginx.pid"
}

write_config() {
	{
		echo 'hold = 2s'
		echo "store = \"sqlite:$T/state/prices.db\""
		echo 'journal { sync = 100ms  segment = 64K }'
		for h in $boxes; do
			echo "node $h { ssh = \"$h\"  lease = 2s  agent = \"/opt/trapexit/bin/trapexit-agent\" }"
		done
		i=0
		for s in $scrapers; do
			case $((i % 4)) in
			0) nodes='{{box2, box3, box4, box5}}' ;;
			1) nodes='{box2, box3, box4}' ;;
			2) nodes='{local, {box4, box5}}  takeover = yes' ;;
			3) nodes='{{box3, box5}, local}  failover_timeout = 1s' ;;
			esac
			i=$((i + 1))
			cat <<-END
				scraper $s {
					nodes = $nodes
					every = 1s  gap = 0s  jitter = 10%  allow_private = yes  robots = no
					hang_after = 4s  timeout = 2s  backoff { max = 500ms  reset_after = 2s }
					source a { url = "http://$shop_ip/p/${s}a" }
					source b { url = "http://$shop_ip/p/${s}b" }
				}
			END
		done
	} | net_configure
	mkdir -p "$T/hosts/home/home/tx/proxy"
	for h in $boxes; do
		host_get "$h" n
		: >"$T/hosts/home/home/tx/proxy/$h.set"
		cat >>"$T/hosts/home/home/tx/.ssh/config" <<-END
			Host $h
				ProxyCommand /opt/trapexit/bin/netproxy --settings /home/tx/proxy/$h.set --control /home/tx/proxy/$h --connect 10.77.0.$net_value:22
		END
	done
	chown -R "$NET_UID:$NET_UID" "$T/hosts/home/home/tx" "$T/state" "$T/run" "$T/log"
}

# As a service manager would, on the host that has the daemon.
respawn_daemon() {
	on home sh -c "while [ ! -e '$T/stop' ]; do trapexitd -v -c '$T/t.conf' >>'$T/log/trapexitd.log' 2>&1; sleep 0.3; done" >/dev/null 2>&1 &
	own $!
}

all_running() {
	tx status --json 2>/dev/null | jq -e '[.tree | recurse(.children[]?) | select(.type != "supervisor")] |
	    length == 9 and all(.state == "running")' >/dev/null
}

# ---- the verdict ----

# Each source was fetched three times since $1 (ms).
fetched_since() {
	[ "$(awk -v since="$1" '$1 * 1000 >= since { n[$2]++ } END { for (u in n) if (n[u] >= 3) k++; print k + 0 }' "$T/shop/access")" -eq 16 ]
}

judged() {
	[ "$(running_count)" -eq 8 ]
}

is_fresh() {
	fetched_since "$undone" && all_running && judged
}

# Two fetches of one source closer than half its schedule: each wants an incarnation that began (also the first does not wait
# for the next slot), or one that was frozen.
print_close() {
	awk -v locks="$T/locks" -v faults="$T/faults.log" 'BEGIN {
	    while ((getline line <locks) > 0) { split(line, w, " "); if (w[2] == "+") allowed[w[3]]++ }
	    while ((getline line <faults) > 0) { split(line, w, " "); if (w[2] == "child_freeze") allowed[w[4]]++; else if (w[2] == "host_freeze") paused++ }
	} {
		child = substr($2, 4, length($2) - 4)
		if (($2 in last) && $1 - last[$2] < 0.5) close_by[$2]++
		last[$2] = $1
		fetches++
	} END {
		for (u in close_by) { child = substr(u, 4, length(u) - 4); n += close_by[u]
			if (close_by[u] > allowed[child] + paused) print "too many: " u " " close_by[u] " of " allowed[child] }
		print "# " fetches " fetches, " n + 0 " of them closer to the one before than half the schedule" >"/dev/stderr"
	}' "$T/shop/access"
}

# Violations, but those where a host that was frozen as a whole had the older one.
unexplained() {
	awk -v faults="$T/faults.log" 'BEGIN {
	    while ((getline line <faults) > 0) { split(line, w, " "); if (w[2] == "host_freeze") frozen[w[3]] = frozen[w[3]] " " w[1] "," w[9] }
	} {
		host = $NF; explained = 0
		if (/ ran together for /) host = $11
		n = split(frozen[host], f, " ")
		for (i = 1; i <= n; i++) { split(f[i], at, ","); if ($1 >= at[1] && $1 <= at[1] + at[2] + 3000) explained = 1 }
		if (!explained) print
	}' "$T/violations.log"
}

fetches_and_slots() {
	fetched=$(wc -l <"$T/shop/access")
	reported=$(cat "$T"/state/journal/*.jsonl | tr -d '\000' | grep '^{"type":"observation"' |
	    jq -r '[.child, .source, .slot] | @tsv' 2>/dev/null | sort -u | wc -l)
	[ "$reported" -gt 0 ] && [ "$fetched" -le $((reported + n_extra)) ]
}

print_gaps() {
	sqlite3 -separator ' ' "$T/state/prices.db" "SELECT c.path, s.name, o.time FROM observation o JOIN source s ON s.id = o.source
	    JOIN child c ON c.id = s.child WHERE o.status IN ('ok', 'unavailable', 'not_modified') ORDER BY c.path, s.name, o.time" |
	    awk -v locks="$T/locks" -v faults="$T/faults.log" -f "$top_srcdir/tests/net/gaps.awk" | sort -k 2 | sed 's/^/# /'
}

nobody_left() {
	for h in home $boxes; do
		[ -z "$(pids "$h" daemon agent guard attach ssh pricescrape trapexit-record netproxy)" ] || return 1
	done
}

keep_if_failed() {
	[ "$tap_failed" -gt 0 ] || return 0
	kept=$KEEP_DIR/trapexit-faults.$seed
	rm -rf "${T:?}/opt" "${T:?}/bin" "$kept"
	cp -a "$T" "$kept"
	diag "the run is kept in $kept; again: scripts/fault-campaign --seconds $seconds --seed $seed${1:+ $1 '$2'}"
}

# ---- the run ----

diag "seed $seed, $seconds s"
# shellcheck disable=SC2086 # a list
hosts home $boxes shop
start_lockserver || bail 'no lock server'
start_shop_host || bail 'no shop'
write_config
check 'the configuration is good' trapexitd -t -c "$T/t.conf"
: >"$T/faults.log"
respawn_daemon
check 'everything runs' retry 30 all_running
check 'and the judge sees all of it' retry 10 judged

tap_clock
until_ms=$((tap_now + seconds * 1000)) next_ms=$tap_now
while [ "$tap_now" -lt "$until_ms" ]; do
	undo_due
	tap_clock
	if [ "$tap_now" -ge "$next_ms" ]; then
		for try in 1 2 3 4 5; do
			pick_kind
			! fault "$kind" || break
		done
		pick 1800
		tap_clock
		next_ms=$((tap_now + 200 + picked))
	fi
	sleep 0.05
	tap_clock
done
check 'there were faults' test "$n_faults" -ge $((seconds / 4))
undo_due all
for h in home $boxes; do
	strike "$h" CONT daemon agent guard attach ssh sshd session netproxy trapexit-record || :
done
undone=$(wall)
check 'every source is fresh again, everything runs again' retry 60 is_fresh
diag "fresh $((($(wall) - undone) / 100)) tenths of a second after the last fault was undone"
: >"$T/stop"
check 'an ordered stop is accepted' tx shutdown
check 'and leaves no process on any host' retry 30 nobody_left
is 'nothing ever ran twice at once' "$(unexplained)" ''
diag "$(grep -c began "$T/violations.log") times something on a host that was frozen as a whole ran beside its replacement"
trapexit-recorder --once --journal "$T/state/journal" --store "sqlite:$T/state/prices.db" >"$T/once.log" 2>&1
check 'every observation of the journal is in the store exactly once, no slot counts twice' \
    "$net_helpers/verify-store" --journal "$T/state/journal" --store "$T/state/prices.db"
is 'no source was asked closer together than its schedule allows, but for one extra an incarnation' "$(print_close)" ''
n_extra=$(($(grep -c ' + ' "$T/locks") * 2))
check 'every fetch was reported, but for those that a fault ended' fetches_and_slots
diag "$n_faults faults, $(grep -c ' + ' "$T/locks") incarnations, $fetched fetches, $reported slots reported"
# shellcheck disable=SC2086 # a list
diag "kinds: $(printf '%s\n' $kinds_done | sort | uniq -c | awk '{ printf "%s %d, ", $2, $1 }')"
diag 'gaps between good prices of a source, in s, by what happened meanwhile to its child, its host or its daemon:'
print_gaps
keep_if_failed ${1+"$@"}
net_done

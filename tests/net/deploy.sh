#!/bin/sh
# trapexit deploy over real ssh, to an account that has nothing but sshd: afterwards a daemon runs its scraper
# there, with the agent that was put there; and what ssh complains about is told by the name of the node.
. "$top_srcdir/tests/net/lib.sh"

hosts home box2 box3
start_shop_at_safe() {
	"$net_helpers/shop" --address 10.78.0.254 --port-file "$T/port" --access-log "$T/access.log" >"$T/shop.log" 2>&1 &
	own $!
	retry 10 test -s "$T/port"
}
check 'a shop is there' start_shop_at_safe
read -r port <"$T/port"
version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$top_builddir/config.h")
place=/home/tx/.local/lib/trapexit/$version
mkdir "$T/hosts/home/home/tx/d"
cat >"$T/hosts/home/home/tx/t.conf" <<END
state_dir = "/home/tx/d/state"
run_dir = "/home/tx/d/run"
log_dir = "/home/tx/d/log"
store = none
hold = 10s
node box2 { ssh = "tx@box2" lease = 10s }
node box3 { ssh = "tx@10.77.0.3" lease = 10s ssh_options = {"PubkeyAuthentication=no"} }
node root { ssh = "root@box2" }
scraper shop {
	nodes = {box2}
	every = 1s
	gap = 0s
	jitter = 0
	allow_private = yes
	source camera { product = "Camera" url = "http://10.78.0.254:$port/steady/1" pattern = "([0-9]+\\\\.[0-9]+)" currency = GBP }
}
END
chown -R 4711:4711 "$T/hosts/home/home/tx"
far() {
	on home env PATH=/opt/trapexit/bin:/usr/bin:/bin:/usr/sbin:/sbin TRAPEXIT_BINDIR=/opt/trapexit/bin trapexit -c /home/tx/t.conf "$@"
}
# The hosts have the programs in /opt; here only home is to have them.
for h in box2 box3; do
	on_root "$h" umount -l /opt/trapexit
done
check 'it is deployed' far deploy box2
like 'and that is said' "$(last_output)" "^box2: $version is installed in $place \\("
is 'both programs are there' "$(on box2 ls "$place" | paste -sd ' ')" 'pricescrape trapexit-agent'
is 'and run' "$(on box2 "$place/trapexit-agent" --version)" "trapexit-agent (trapexit) $version"
check 'again' far deploy box2
like 'is no work' "$(last_output)" "^box2: $version is there already"
status_is 1 'a key that is not known there is an error' far deploy box3
like 'which ssh tells' "$(last_output)" 'node box3: ssh: .*Permission denied'
on_root box2 mount -t tmpfs -o mode=755 none /usr/local
check 'to root' far deploy root
like 'it goes where all can read it' "$(last_output)" "^root: $version is installed in /usr/local/lib/trapexit/$version \\("
# A host that is not known is not trusted.
sed -i '/^box2,/d' "$T/hosts/home/home/tx/.ssh/known_hosts"
status_is 1 'a host whose key is not known is not talked to' far deploy box2
like 'which is told' "$(last_output)" 'node box2: ssh: Host key verification failed'
cp "$T/net/known_hosts" "$T/hosts/home/home/tx/.ssh/known_hosts"
# The far side is killed in the middle: nothing is half.
on box2 rm -r "$place"
strike_soon() {
	retry 10 has_pids box2 session 1
	strike box2 KILL session
}
strike_soon &
strike=$!
own "$strike"
far deploy box2 >"$T/killed.out" 2>&1
wait "$strike"
refute 'killed in the middle, no half of it is there' on box2 sh -c "[ -e $place/trapexit-agent ] && ! $place/trapexit-agent --version"
check 'it is deployed then' far deploy box2
on home env PATH=/opt/trapexit/bin:/usr/bin:/bin:/usr/sbin:/sbin TRAPEXIT_BINDIR=/opt/trapexit/bin trapexitd -v -c /home/tx/t.conf >"$T/trapexitd.log" 2>&1 &
own $!
runs_far() {
	far status --json | jq -e 'first(.tree | recurse(.children[]?) | select(.name == "shop")) | .state == "running" and .node == "box2"'
}
check 'a daemon runs its scraper there' retry 20 runs_far
check 'which fetches prices' retry 20 test -s "$T/access.log"
is 'with the program that was deployed' "$(on box2 sh -c 'for p in /proc/[0-9]*/exe; do readlink $p; done 2>/dev/null' | grep -c "^$place/pricescrape$")" 1
check 'observations come home' retry 20 sh -c "grep -q '\"type\":\"observation\"' $T/hosts/home/home/tx/d/state/journal/*.jsonl"
check 'the daemon is stopped' far shutdown
net_done

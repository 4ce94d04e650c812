# shellcheck shell=sh
# Hosts for tests, as network namespaces on this machine. A test looks like this:
#
#	#!/bin/sh
#	# What this test shows, and which rules.
#	. "$top_srcdir/tests/net/lib.sh"
#
#	hosts home box2 box3			# booted, with sshd, when this returns
#	check 'box2 can be reached' on home ssh box2 true
#	link_down box2
#	net_done
#
# The whole test lives in a world of namespaces of its own (processes, mounts, network), whose process 1 is the
# test's shell. Whatever ends the test, SIGKILL too, ends the world, and the kernel clears all of it away: processes,
# bridges, mounts, and the files, which are in a tmpfs that only the world sees.
#
# A host has its own processes (it is switched off by killing its process 1), its own boot time, boot id and machine
# id, host name, /run, /tmp, /home, and /opt/trapexit/bin with copies of the programs. It has two links:
#
#	lan0   10.77.0.N	for ssh; this is what the faults below are done to
#	safe0  10.78.0.N	for the lock server and the shop, 10.78.0.254 in the world itself; never disturbed
#
# N is 1 for the first of `hosts`, which is where a test runs the daemon. The account is tx, with /home/tx; it may log in
# from any host to any other with its key, and the hosts' keys are known. Names are in /etc/hosts.
#
#	on HOST COMMAND…	run it there as tx		on_root HOST COMMAND…	as root
#	pids HOST [ROLE…]	processes, as the world sees them; roles: daemon agent guard attach (the far end of an ssh)
#				sshd (the listener) session (of sshd) ssh pricescrape, or any program's name
#	strike HOST SIGNAL ROLE…	kill them: strike box2 KILL agent
#	host_kill HOST		switch it off at once		host_boot HOST		switch it on (new boot id)
#	link_down HOST		the cable is out		link_up HOST		nothing is disturbed any more
#	link_deaf HOST		nothing comes to it any more; link_mute HOST	nothing comes from it any more

# The way into the world: one time through here, one through tap.sh with an empty environment.
if [ -z "${TX_TEST_CLEAN:-}${NET_WORLD:-}" ]; then
	net_no() {
		echo "1..0 # SKIP $*"
		exit 0
	}
	: "${top_srcdir:?must be set: run tests through make check, or see HACKING.md}"
	PATH=$PATH:/usr/sbin:/sbin
	export PATH
	[ "$(id -u)" -eq 0 ] || net_no 'namespaces with a network in them need root here'
	for net_p in ip nft sshd ssh ssh-keygen unshare nsenter setpriv; do
		command -v "$net_p" >/dev/null || net_no "there is no $net_p(8): scripts/deps test installs it"
	done
	[ -z "${TRAPEXIT_VALGRIND:-}" ] || net_no 'valgrind is not for whole hosts'
	net_why=$(unshare --mount --net --pid --fork --kill-child --mount-proc sh -c 'mount -t tmpfs none /run &&
	    ip link add br0 type bridge && ip link add veth0 type veth peer name veth1 && nft add table netdev t' 2>&1) ||
	    net_no "namespaces are not permitted: $(echo "$net_why" | tail -n 1)"
	# A folder that no program and no source of this test is in.
	for net_tmp in /mnt /media /srv; do
		case $top_srcdir/:$top_builddir/:$0 in
		*$net_tmp/*) ;;
		*) break ;;
		esac
	done
	NET_WORLD=$net_tmp
	export NET_WORLD
	# Who is told to end tells the world's process 1, which clears up, and waits.
	# shellcheck disable=SC2046 # a list
	trap 'kill -TERM $(cat "/proc/$net_p/task/$net_p/children") 2>/dev/null' HUP INT TERM
	setpriv --pdeathsig KILL unshare --mount --net --pid --fork --kill-child --mount-proc /bin/sh "$0" ${1+"$@"} <&0 &
	net_p=$!
	while :; do
		net_rc=0
		wait "$net_p" || net_rc=$?
		kill -0 "$net_p" 2>/dev/null || exit "$net_rc"
	done
elif [ -z "${TX_TEST_CLEAN:-}" ]; then
	mount -t tmpfs -o mode=755 trapexit-test "$NET_WORLD" && mount -t tmpfs -o mode=755 trapexit-test /run && mkdir /run/netns || exit 1
	echo "${TMPDIR:-/tmp}" >"$NET_WORLD/keep"
	TMPDIR=$NET_WORLD
	export TMPDIR
fi
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

NET_UID=4711
# Outside of the world: for what shall be there when the test is over.
read -r KEEP_DIR <"$TMPDIR/keep"
export KEEP_DIR
net_helpers=$top_builddir/tests/helpers
hostinit=$top_builddir/tests/net/hostinit
net_hosts=
chmod 755 "$T"

# ---- building hosts ----

# host_var NAME KEY: what is known of a host (n: its number; init: its process 1; off: it is off)
host_get() {
	eval "net_value=\${net_$2_$1:-}"
}

host_set() {
	eval "net_$2_$1=\$3"
}

net_prepare() {
	mkdir -p "$T/net" "$T/opt/bin" "$T/opt/real"
	ip link set lo up
	for net_b in lan safe; do
		ip link add "$net_b" type bridge
		ip link set "$net_b" up
	done
	ip addr add 10.78.0.254/24 dev safe
	nft add table netdev faults
	net_programs
	ssh-keygen -q -t ed25519 -N '' -C tx -f "$T/net/id"
	sed '/^tx:/d' /etc/passwd >"$T/net/passwd"
	echo "tx:x:$NET_UID:$NET_UID::/home/tx:/bin/sh" >>"$T/net/passwd"
	grep -q '^sshd:' "$T/net/passwd" || echo "sshd:x:4712:65534::/run/sshd:/usr/sbin/nologin" >>"$T/net/passwd"
	sed '/^tx:/d' /etc/group >"$T/net/group"
	echo "tx:x:$NET_UID:" >>"$T/net/group"
	sed 's/:.*/:*:19000:0:99999:7:::/' "$T/net/passwd" >"$T/net/shadow"
	chmod 600 "$T/net/shadow"
	echo '127.0.0.1 localhost' >"$T/net/hosts"
	: >"$T/net/known_hosts"
}

# What every host has in /opt/trapexit: copies, as the folders of the build may not be there.
net_programs() {
	for net_p in "$T"/bin/*; do
		cp -L "$net_p" "$T/opt/bin/"
	done
	for net_p in kid held netproxy ../net/hostinit; do
		cp "$net_helpers/$net_p" "$T/opt/bin/"
	done
	chmod -R a+rX "$T/opt"
}

# host_add NAME: its network, its keys, its folders.
host_add() {
	net_hosts="$net_hosts $1"
	# shellcheck disable=SC2086 # a list
	set -- "$1" $net_hosts
	host_set "$1" n $(($# - 1))
	net_n=$(($# - 1))
	ip netns add "$1"
	for net_b in lan safe; do
		ip link add "$net_b-$1" type veth peer name "${net_b}0" netns "$1"
		ip link set "$net_b-$1" master "$net_b" up
		ip -n "$1" link set "${net_b}0" up
	done
	ip -n "$1" link set lo up
	ip -n "$1" addr add "10.77.0.$net_n/24" dev lan0
	ip -n "$1" addr add "10.78.0.$net_n/24" dev safe0
	nft add chain netdev faults "mute_$1" "{ type filter hook ingress device lan-$1 priority 0; policy accept; }"
	nsenter --net="/run/netns/$1" nft "add table netdev faults; add chain netdev faults deaf { type filter hook ingress device lan0 priority 0; policy accept; }"
	mkdir -p "$T/hosts/$1/home/tx/.ssh" "$T/hosts/$1/tmp" "$T/hosts/$1/etc"
	chmod 1777 "$T/hosts/$1/tmp"
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$T/hosts/$1/etc/host_key"
	echo "10.77.0.$net_n $1" >>"$T/net/hosts"
	echo "$1,10.77.0.$net_n $(cut -d ' ' -f 1,2 "$T/hosts/$1/etc/host_key.pub")" >>"$T/net/known_hosts"
	tr -d - </proc/sys/kernel/random/uuid >"$T/hosts/$1/etc/machine-id"
	cat >"$T/hosts/$1/etc/sshd_config" <<-END
		ListenAddress 10.77.0.$net_n
		HostKey $T/hosts/$1/etc/host_key
		AuthorizedKeysFile /home/tx/.ssh/authorized_keys
		PidFile none
		UsePAM no
		UseDNS no
		StrictModes no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
	END
}

# hosts NAME…: all of these, switched on.
hosts() {
	net_prepare
	for net_h; do
		host_add "$net_h"
	done
	for net_h; do
		cp "$T/net/id" "$T/net/known_hosts" "$T/hosts/$net_h/home/tx/.ssh/"
		cp "$T/net/id.pub" "$T/hosts/$net_h/home/tx/.ssh/authorized_keys"
		mv "$T/hosts/$net_h/home/tx/.ssh/id" "$T/hosts/$net_h/home/tx/.ssh/id_ed25519"
		chown -R "$NET_UID:$NET_UID" "$T/hosts/$net_h/home/tx"
		host_boot "$net_h" || bail "$net_h does not come up"
	done
}

# host_boot NAME: switch it on. Waits for its sshd.
host_boot() {
	host_get "$1" n
	net_n=$net_value
	cat /proc/sys/kernel/random/uuid >"$T/hosts/$1/etc/boot_id"
	rm -f "$T/hosts/$1/booted"
	# A boot time of its own: whoever compares clocks of two hosts is found out.
	net_time=
	[ ! -e /proc/self/ns/time ] || net_time="--time --boottime $((net_n * 10000 + $(od -An -N2 -tu2 /dev/urandom)))"
	# shellcheck disable=SC2086 # options
	nsenter --net="/run/netns/$1" unshare --mount --uts --pid --fork --kill-child $net_time --mount-proc \
	    sh "$top_srcdir/tests/net/boot.sh" "$1" "$T" >>"$T/hosts/$1/sshd.log" 2>&1 &
	net_p=$!
	own "$net_p"
	retry 10 test -e "$T/hosts/$1/booted" || return
	net_value=$(cat "/proc/$net_p/task/$net_p/children") || return
	net_value=${net_value%% *}
	host_set "$1" init "$net_value"
	host_set "$1" off ''
	ip link set "lan-$1" up
	retry 10 host_listens "$1" "$net_n"
}

# From the host itself, whatever is the matter with its cable.
host_listens() {
	nsenter --net="/run/netns/$1" \
	    perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 22, Timeout => 1)' "10.77.0.$2"
}

# As if its power had been cut: nobody hears that its connections have ended, but the judge, on the other link.
host_kill() {
	ip link set "lan-$1" down
	host_get "$1" init
	kill -KILL "$net_value"
	host_set "$1" off yes
	retry 10 gone "$net_value"
}

# Switch it off in order.
host_halt() {
	host_get "$1" off
	[ -z "$net_value" ] || return 0
	host_get "$1" init
	kill -TERM "$net_value" 2>/dev/null
	host_set "$1" off yes
	retry 10 gone "$net_value" || kill -KILL "$net_value"
}

# ---- on a host ----

net_enter() {
	host_get "$1" init
	shift
	nsenter --target "$net_value" --mount --uts --pid --net ${net_time:+--time} "$@"
}

on() {
	net_h=$1
	shift
	net_enter "$net_h" setpriv --reuid "$NET_UID" --regid "$NET_UID" --clear-groups --no-new-privs \
	    env -u XDG_RUNTIME_DIR HOME=/home/tx USER=tx LOGNAME=tx TMPDIR=/tmp TRAPEXIT_BINDIR=/opt/trapexit/bin \
	    PATH="/opt/trapexit/bin:$PATH" "$@"
}

on_root() {
	net_h=$1
	shift
	net_enter "$net_h" "$@"
}

pids() {
	host_get "$1" init
	shift
	"$hostinit" --list "$net_value" "$@" | cut -d ' ' -f 1
}

# count HOST ROLE N: for retry
has_pids() {
	[ "$(pids "$1" "$2" | wc -l)" -eq "$3" ]
}

strike() {
	host_get "$1" init
	net_signal=$2
	shift 2
	"$hostinit" --signal "$net_signal" "$net_value" "$@" >/dev/null
}

# ---- faults of the link for ssh ----

link_down() {
	ip link set "lan-$1" down
}

link_mute() {
	nft "add chain netdev faults mute_$1 { policy drop; }"
}

link_deaf() {
	nsenter --net="/run/netns/$1" nft 'add chain netdev faults deaf { policy drop; }'
}

link_up() {
	ip link set "lan-$1" up
	nft "add chain netdev faults mute_$1 { policy accept; }"
	nsenter --net="/run/netns/$1" nft 'add chain netdev faults deaf { policy accept; }'
}

# ---- the judge ----

# The lock server in the world; pricescrape of every host, and what is started by `held`, holds to it.
start_lockserver() {
	"$net_helpers/lockserver" --listen 10.78.0.254 --log "$T/locks" --violations "$T/violations.log" --port-file "$T/lock.port" \
	    >"$T/lockserver.log" 2>&1 &
	own $!
	retry 10 test -s "$T/lock.port" || return
	read -r net_p <"$T/lock.port"
	echo "10.78.0.254 $net_p" >"$T/opt/bin/held.conf"
	mv "$T/opt/bin/pricescrape" "$T/opt/real/"
	cp "$net_helpers/held" "$T/opt/bin/pricescrape"
}

# runs CHILD [HOST]: an incarnation of it runs now, says the lock server
runs() {
	awk -v c="$1" -v n="${2:-}" '$3 == c && $2 == "+" && (n == "" || $5 == n) { up[$4] = 1 } $3 == c && $2 == "-" { delete up[$4] }
	    END { for (t in up) exit 0; exit 1 }' "$T/locks"
}

never_twice() {
	[ -e "$T/violations.log" ] && [ ! -s "$T/violations.log" ]
}

# ---- the daemon, on home ----

net_configure() {
	configure
	chown -R "$NET_UID:$NET_UID" "$T/state" "$T/run" "$T/log"
}

# In the foreground of `on`; it ends with the test, or by: strike home KILL daemon
start_home() {
	on home trapexitd -v -c "$T/t.conf" >>"$T/trapexitd.log" 2>&1 &
	own $!
	retry 10 daemon_answers
}

# In order; all that it supervised is gone then.
stop_home() {
	tx shutdown && retry 20 has_pids home daemon 0
}

node_of() {
	tx status --json 2>/dev/null | jq -r --arg n "$1" --arg k "$2" '.nodes[] | select(.name == $n) | .[$k]'
}

# node_is NAME STATE: for retry
node_is() {
	[ "$(node_of "$1" state)" = "$2" ]
}

node_isnt() {
	! node_is "$@"
}

# is_on CHILD NODE: it runs there, for the daemon and for the judge
is_on() {
	[ "$(child_of "$1" state) $(child_of "$1" node)" = "running $2" ] && runs "$1" "$2"
}

# How many incarnations run, by the judge.
running_count() {
	awk '$2 == "+" { n++ } $2 == "-" { n-- } END { print n + 0 }' "$T/locks"
}

# The token of what runs of a child, by the judge.
token_of() {
	awk -v c="$1" '$3 == c && $2 == "+" { up[$4] = 1 } $3 == c && $2 == "-" { delete up[$4] } END { for (t in up) print t }' "$T/locks"
}

# has_token CHILD TOKEN
has_token() {
	[ "$(token_of "$1")" = "$2" ]
}

# From the end of the incarnation TOKEN to the beginning of the next one of its child: ms
pause_after() {
	awk -v t="$1" '$2 == "-" && "t" $4 == "t" t { end = $1; c = $3; next } end && $2 == "+" && $3 == c { print $1 - end; exit }' "$T/locks"
}

# When the incarnation after TOKEN began: ms since 1970
next_began() {
	awk -v t="$1" '$2 == "+" && "t" $4 == "t" t { c = $3; next } c && $2 == "+" && $3 == c { print $1; exit }' "$T/locks"
}

wall() {
	date +%s%3N
}

# The end of a test here: hosts are switched off first.
net_done() {
	for net_h in $net_hosts; do
		host_halt "$net_h"
	done
	# nsenter(1) stops together with what it was called for, and does not go on with it.
	for net_p in $(started_here); do
		kill -CONT "$net_p" 2>/dev/null
	done
	done_testing
}

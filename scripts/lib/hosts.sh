# shellcheck shell=sh disable=SC2034 # much is for those who source this
# A few hosts on this machine: each has a network, a process table, a name, mounts, an account and an
# sshd with a host key of its own. For scripts/demo-failover and the benches; needs root.
#
# They live in namespaces below one outer one, so that the end of its first process, however it comes about,
# is the end of everything: processes, interfaces, mounts. Nothing of it is seen outside, and nothing reaches
# the outside from there.
#
#	hosts_need			in the outer script: say why it is impossible here, status 1
#	hosts_run COMMAND…		run it as the first process in there, in the background; its pid, for
#					hosts_end, is then in $hosts_pid
#	hosts_end			and everything in there is gone
#
# And in there, where there is a directory $W for what is kept:
#
#	hosts_begin			the network, the keys; we are the host `monitor`
#	host_on NAME NUMBER		a host at 10.77.0.NUMBER (from 2), which `ssh NAME` and others reach by its name
#	host_start NAME NUMBER, host_wait NAME	the two halves of it
#	host_off NAME			power off: it and all in it is gone at once, and nobody is told
#	host_cut NAME, host_mend NAME	the cable
#	host_pids NAME			all processes in it, as seen from here
#	host_pid NAME PID		the process that calls itself PID there, as seen from here
#	host_sh NAME COMMAND		a command there, in the way of `sh -c`

hosts_need() {
	if [ "$(id -u)" -ne 0 ]; then
		echo 'hosts of their own need root'
		return 1
	fi
	for hosts_p in ip ssh ssh-keygen unshare nsenter setpriv; do
		command -v "$hosts_p" >/dev/null || { echo "$hosts_p is missing"; return 1; }
	done
	[ -x /usr/sbin/sshd ] || { echo 'sshd is missing'; return 1; }
	unshare -n -m -p -u --fork --kill-child --mount-proc ip link add type veth >/dev/null 2>&1 ||
	    { echo 'namespaces are not permitted here'; return 1; }
}

hosts_run() {
	# It ends with us, even if we are killed.
	setpriv --pdeathsig KILL unshare -n -m -p -u --fork --kill-child --mount-proc "$@" &
	hosts_pid=$!
}

# The child of a process, which has one.
hosts_child() {
	sed -sn "/^Pid:/h; /^PPid:[[:space:]]*$1\$/{ x; s/^Pid:[[:space:]]*//p; q }" /proc/[0-9]*/status 2>/dev/null
}

hosts_end() {
	[ -n "$hosts_pid" ] || return 0
	# Its child gets KILL when it ends, and then the kernel ends whoever is in there.
	hosts_first=$(hosts_child "$hosts_pid")
	kill -KILL "$hosts_pid" 2>/dev/null
	wait "$hosts_pid" 2>/dev/null
	hosts_pid=
	for hosts_p in $hosts_first; do
		while [ -e "/proc/$hosts_p" ]; do
			sleep 0.02
		done
	done
}

# /etc as a host has it: root's home and shell, and an account that is not locked.
hosts_etc() {
	mkdir -p "$W/hosts/$1/home/.ssh" "$W/hosts/$1/etc"
	sed "s|^root:.*|root:x:0:0:root:$W/hosts/$1/home:/bin/sh|" /etc/passwd >"$W/hosts/$1/etc/passwd"
	sed 's|^root:[^:]*|root:*|' /etc/shadow >"$W/hosts/$1/etc/shadow"
	ln -f "$W/hosts/names" "$W/hosts/$1/etc/hosts"
	# By these a host is the same one, and the same boot of it.
	[ -e "$W/hosts/$1/etc/machine-id" ] || tr -d - </proc/sys/kernel/random/uuid >"$W/hosts/$1/etc/machine-id"
	cat /proc/sys/kernel/random/uuid >"$W/hosts/$1/etc/boot_id"
}

hosts_mount() {
	for hosts_p in passwd shadow hosts; do
		mount --bind "$W/hosts/$1/etc/$hosts_p" "/etc/$hosts_p" || return
	done
	[ ! -e /etc/machine-id ] || mount --bind "$W/hosts/$1/etc/machine-id" /etc/machine-id || return
	mount --bind "$W/hosts/$1/etc/boot_id" /proc/sys/kernel/random/boot_id &&
	    mount -t tmpfs -o mode=755 none /run && mkdir -m 755 /run/sshd /run/user && mkdir -m 700 /run/user/0 && hostname "$1"
}

hosts_begin() {
	# Others of the same kind look for their bridge in namespaces of their own.
	: "${W:?is not set}"
	mkdir -p "$W/hosts"
	printf '127.0.0.1 localhost\n10.77.0.1 monitor\n' >"$W/hosts/names"
	hosts_etc monitor && hosts_mount monitor || return
	HOME=$W/hosts/monitor/home
	export HOME
	ssh-keygen -q -t ed25519 -N '' -C trapexit -f "$HOME/.ssh/id_ed25519" || return
	ip link set lo up && ip link add hosts type bridge && ip addr add 10.77.0.1/16 dev hosts && ip link set hosts up
}

# The key that it had when it was last on, as hosts do.
hosts_key() {
	[ ! -e "$W/hosts/$1/key" ] || return 0
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$W/hosts/$1/key" || return
	read -r hosts_type hosts_key _ <"$W/hosts/$1/key.pub"
	echo "$1,$2 $hosts_type $hosts_key" >>"$HOME/.ssh/known_hosts"
	echo "$2 $1" >>"$W/hosts/names"
}

hosts_sshd_config() {
	cat >"$W/hosts/$1/sshd_config" <<-END
		Port 22
		HostKey $W/hosts/$1/key
		PidFile none
		AuthorizedKeysFile $W/hosts/monitor/home/.ssh/id_ed25519.pub
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		StrictModes no
		UsePAM no
		UseDNS no
		PrintMotd no
		PrintLastLog no
		MaxStartups 100
		AcceptEnv TRAPEXIT_* BENCH_*
		SetEnv PATH=$PATH
	END
}

host_on() {
	host_start "$1" "$2" && host_wait "$1"
}

# Does not wait until it is up, as host_wait does.
host_start() {
	host_number=$2
	host_address=10.77.$((host_number / 256)).$((host_number % 256))
	hosts_etc "$1" && hosts_key "$1" "$host_address" && hosts_sshd_config "$1" || return
	rm -f "$W/hosts/$1/up"
	mkfifo "$W/hosts/$1/up" || return
	# Waits until its cable is there; then its first process is sshd, which reaps what it inherits.
	W=$W NAME=$1 unshare -n -m -p -u --fork --kill-child --mount-proc sh -c '
	    . "$1" && hosts_mount "$NAME" && read -r address <"$W/hosts/$NAME/up" && ip link set lo up &&
	    ip addr add "$address/16" dev eth0 && ip link set eth0 up && exec /usr/sbin/sshd -D -e -f "$W/hosts/$NAME/sshd_config"
	    ' - "$hosts_lib" >>"$W/hosts/$1/sshd.log" 2>&1 &
	echo $! >"$W/hosts/$1/unshare"
	hosts_tries=200
	until hosts_first=$(hosts_child $!) && [ -n "$hosts_first" ]; do
		hosts_tries=$((hosts_tries - 1))
		[ $hosts_tries -gt 0 ] || return 1
		sleep 0.02
	done
	echo "$hosts_first" >"$W/hosts/$1/init"
	# What a host that was on before has left, if the kernel is still at it.
	ip link del "h$host_number" 2>/dev/null
	ip link add "h$host_number" type veth peer name eth0 netns "$hosts_first" \
	    address "$(printf '02:00:00:00:%02x:%02x' $((host_number / 256)) $((host_number % 256)))" &&
	    ip link set "h$host_number" master hosts && ip link set "h$host_number" up || return
	echo "h$host_number" >"$W/hosts/$1/cable"
	echo "$host_address" >"$W/hosts/$1/up"
}

host_wait() {
	hosts_tries=200
	until ssh -o ConnectTimeout=1 -o LogLevel=ERROR "$1" true 2>/dev/null; do
		hosts_tries=$((hosts_tries - 1))
		[ $hosts_tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# First the cable, so that the kernel, which lives on here, tells nobody of the sockets that end.
host_off() {
	host_cut "$1" 2>/dev/null
	read -r hosts_p <"$W/hosts/$1/unshare" || return
	for hosts_first in $(hosts_child "$hosts_p"); do
		kill -KILL "$hosts_first"
	done
	wait "$hosts_p" 2>/dev/null
	:
}

host_cut() {
	read -r hosts_p <"$W/hosts/$1/cable" && ip link set "$hosts_p" down
}

host_mend() {
	read -r hosts_p <"$W/hosts/$1/cable" && ip link set "$hosts_p" up
}

host_pids() {
	read -r hosts_p <"$W/hosts/$1/init"
	hosts_space=$(readlink "/proc/$hosts_p/ns/pid")
	for hosts_p in /proc/[0-9]*; do
		[ "$(readlink "$hosts_p/ns/pid" 2>/dev/null)" != "$hosts_space" ] || echo "${hosts_p#/proc/}"
	done
}

host_pid() {
	for hosts_each in $(host_pids "$1"); do
		if grep -Eq "^NSpid:.*[[:space:]]$2\$" "/proc/$hosts_each/status" 2>/dev/null; then
			echo "$hosts_each"
			return
		fi
	done
	return 1
}

host_sh() {
	read -r hosts_p <"$W/hosts/$1/init" && nsenter -t "$hosts_p" -n -m -p -u sh -c "$2"
}

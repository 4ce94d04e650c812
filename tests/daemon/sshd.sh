#!/bin/sh
# Nodes over a real ssh, to a real sshd on a loopback port with keys of its own: what ssh's own configuration says
# holds, and what goes wrong is told in words.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v sshd >/dev/null && command -v ssh-keygen >/dev/null || skip_all 'there is no sshd(8): scripts/deps test installs it'
[ "$(id -u)" -eq 0 ] || skip_all 'sshd lets only root log in others (privilege separation)'
sshd=$(command -v sshd)
me=$(id -un)

node_is() {
	[ "$(node_has "$1" state)" = "$2" ]
}

node_has() {
	tx nodes --json | jq -r --arg n "$1" --arg k "$2" '.nodes[] | select(.name == $n) | .[$k]'
}

error_like() {
	node_has "$1" error | grep -Eq -- "$2"
}

for k in host other user stranger; do
	ssh-keygen -q -t ed25519 -N '' -f "$T/$k" || bail 'ssh-keygen'
done
mkdir -p /run/sshd
cp "$T/user.pub" "$T/authorized"
chmod 600 "$T/authorized"

# Its home is ours, and its PATH leads to what was built.
start_sshd() {
	cat >"$T/sshd.conf" <<-END
		ListenAddress 127.0.0.1
		Port $1
		HostKey $T/host
		PidFile none
		AuthorizedKeysFile $T/authorized
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		PermitRootLogin yes
		MaxStartups 10:100:10
		SetEnv HOME=$T/far PATH=$T/bin:/usr/bin:/bin TX_TEST=$T
	END
	"$sshd" -D -e -f "$T/sshd.conf" 2>>"$T/sshd.log" &
	sshd_pid=$!
	own "$sshd_pid"
	retry 10 knows_port "$1"
}

knows_port() {
	ssh-keyscan -t ed25519 -p "$1" 127.0.0.1 2>/dev/null | grep -q ed25519
}

port=$(free_port)
mkdir "$T/far"
check 'an sshd runs' start_sshd "$port"

# ssh's own configuration, as a user would write it. (ssh looks for ~ in passwd(5), not in HOME.)
known() {
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 <"$1.pub")"
}
known "$T/host" >"$T/known"
known "$T/other" >"$T/wrong"
: >"$T/none"
: >"$T/none9"
cat >"$T/ssh_config" <<END
Host box3
    UserKnownHostsFile $T/wrong
Host box4
    UserKnownHostsFile $T/none
Host box9
    UserKnownHostsFile $T/none9
Host box7
    Port 1
Host box10
    ProxyCommand "$T/bin/proxy" %h %p
Host *
    HostName 127.0.0.1
    Port $port
    User $me
    IdentitiesOnly yes
    IdentityFile $T/user
    UserKnownHostsFile $T/known
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking ask
    # None of these may come through.
    RequestTTY force
    RemoteCommand echo never
    ControlMaster auto
    ControlPath $T/master-%C
    LocalForward $((port + 1)) 127.0.0.1:1
END
# A -F for all of them.
cat >"$T/bin/my-ssh" <<END
#!/bin/sh
exec ssh -F "$T/ssh_config" "\$@"
END
cat >"$T/bin/my-ssh5" <<END
#!/bin/sh
exec ssh -F /dev/null -p $port -o HostName=127.0.0.1 -o UserKnownHostsFile=$T/known -o IdentitiesOnly=yes "\$@"
END
cat >"$T/bin/proxy" <<'END'
#!/usr/bin/perl
# A ProxyCommand: standard input and output to HOST PORT.
use strict; use warnings; use IO::Socket::INET;
my $s = IO::Socket::INET->new("$ARGV[0]:$ARGV[1]") or die;
while (1) {
	my $r = ''; vec($r, 0, 1) = 1; vec($r, fileno $s, 1) = 1;
	select $r, undef, undef, undef;
	for ([0, *STDIN, $s], [fileno $s, $s, *STDOUT]) {
		my ($fd, $from, $to) = @$_;
		next unless vec $r, $fd, 1;
		sysread($from, my $b, 65536) or exit;
		syswrite $to, $b;
	}
}
END
chmod +x "$T/bin/my-ssh" "$T/bin/my-ssh5" "$T/bin/proxy"
ln -s "$top_builddir/tests/helpers/agent-v1" "$T/bin/agent-v1"
ln -s "$top_builddir/tests/helpers/$(cd "$top_builddir/tests/helpers" && echo agent-v[4-9]?)" "$T/bin/agent-later"
common="ssh_program = \"$T/bin/my-ssh\" run_dir = \"$T/far/run\" lease = 10s"
configure <<END
store = none
node box2 { ssh = box2 ssh_program = "$T/bin/my-ssh" run_dir = "$T/far/run" lease = 1m }
node box3 { ssh = box3 $common }
node box4 { ssh = box4 $common }
node box5 { ssh = "$me@box5" ssh_program = "$T/bin/my-ssh5" identity = "$T/stranger" run_dir = "$T/far/run" }
node box6 { ssh = box6 $common agent = no-such-agent }
node box7 { ssh = box7 $common }
node box8 { ssh = box8 $common agent = agent-later }
node box9 { ssh = box9 $common accept_new = yes }
node box10 { ssh = box10 $common agent = agent-v1 }
child far { command = { sh, -c, 'echo "tty: \$(tty)"; exec sleep 1000' } nodes = {box2} }
END

check 'the daemon starts' start_daemon
check 'a host comes up by ssh alone' retry 20 node_is box2 up
check 'its child runs' retry 10 child_is far running
check 'so does one behind a ProxyCommand, with an agent of version 1' retry 20 node_is box10 up
is 'in that version' "$(node_has box10 protocol)" 1
check 'a key that has changed is refused' retry 20 error_like box3 '^ssh: Host key verification failed$'
check 'an unknown one, too' retry 20 error_like box4 '^ssh: Host key verification failed$'
check 'unless accept_new says so' retry 20 node_is box9 up
is 'which is kept' "$(cut -d' ' -f2 <"$T/none9")" ssh-ed25519
is 'that of the other is not' "$(cat "$T/none")" ''
check 'a key that is not known there' retry 20 error_like box5 "^ssh: $me@127\.0\.0\.1: Permission denied \(publickey\)$"
check 'no agent there' retry 20 error_like box6 '^agent not found: run trapexit deploy box6$'
check 'nobody listens' retry 20 error_like box7 '^ssh: connect to host 127\.0\.0\.1 port 1: Connection refused$'
check 'an agent that is too new' retry 20 error_like box8 '^speaks agent protocol [4-9]-[0-9]+, we speak 1-[0-9]+$'
check 'the log has it with the name of the node' file_has "$T/trapexitd.log" 'node box3: ssh: Host key verification failed'
is 'no connection was shared' "$(find "$T" -name 'master-*' | wc -l)" 0
refute 'nothing was forwarded' grep -qi ":$(printf %04x $((port + 1))) .* 0A " /proc/net/tcp
check 'no terminal there' retry 5 file_has "$T/log/far.log" 'tty: not a tty'

# The ssh is ours alone, and ends with us.
ssh_pids() {
	started_here | while read -r p; do
		[ "$(readlink "/proc/$p/exe")" != "$(readlink -f "$(command -v ssh)")" ] || echo "$p"
	done
}
is 'one ssh for a host that is up' "$(for p in $(ssh_pids); do tr '\0' ' ' <"/proc/$p/cmdline"; echo; done | grep -c -- '-- box2 exec')" 1
session_of() {
	ps -o sid= -p "$1" | tr -d ' '
}
p=$(for p in $(ssh_pids); do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- '-- box2 exec' && echo "$p"; done)
is 'in a session of its own' "$(session_of "$p")" "$p"

# The server goes away, and comes back.
first=$(pid_of far)
kill -KILL "$p"
node_again() {
	node_is box2 up && [ "$(pid_of far)" = "$first" ]
}
check 'a killed ssh is replaced, and the child goes on' retry 10 node_again

# Frozen, ssh cannot see the end of its input: the kernel ends it all the same.
p=$(for p in $(ssh_pids); do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- '-- box2 exec' && echo "$p"; done)
kill -STOP "$p"
kill -KILL "$daemon"
retry 5 gone "$daemon"
check 'a daemon that is killed takes its ssh with it, even a frozen one' retry 5 gone "$p"
no_ssh() {
	[ -z "$(ssh_pids)" ]
}
check 'all of them' retry 5 no_ssh
check 'another daemon begins' start_daemon
check 'and finds the child as it was' retry 20 node_again
check 'it stops in order' stop_daemon

# Many hosts behind one sshd that lets no more than ten be in the midst of logging in.
{
	echo 'store = none'
	for i in $(seq 30); do
		echo "node n$i { ssh = n$i $common }"
	done
} | configure
check 'a daemon with 30 nodes starts' start_daemon
nodes_up() {
	[ "$(tx nodes --json | jq '[.nodes[] | select(.state == "up")] | length')" -eq "$1" ]
}
check 'all of them come up' retry 60 nodes_up 31
refute 'and sshd never had too many at once' grep -q MaxStartups "$T/sshd.log"
check 'it stops in order, too' stop_daemon
no_agents() {
	! started_here | xargs -r -I % cat /proc/%/comm 2>/dev/null | grep -q '^trapexit-\|^agent-'
}
check 'agents that nobody spoke to at the end leave when hold is over' retry 30 no_agents
done_testing

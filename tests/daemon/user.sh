#!/bin/sh
# Who may do what, and where things are: root and an ordinary user, a group that may look,
# two installations beside each other, a service manager, rotation, starting over.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
open_to_others || skip_all 'other users cannot be had here, or do not reach the programs'
gid=$(getent group daemon | cut -d: -f3)
# What valgrind has to say of the daemons of others is written there.
[ ! -d valgrind ] || chmod 1777 valgrind

# as UID GID COMMAND…, from here, with nothing of root's
as() {
	as_u=$1 as_g=$2
	shift 2
	setpriv --reuid="$as_u" --regid="$as_g" --clear-groups "$@"
}

configure <<END
store = none
group = "daemon"
child a { command = "sleep 1000" }
child nobody { command = {"sh", "-c", "id -un; id -gn; exec sleep 1000"} user = "nobody" group = "daemon" }
child stranger { command = "sleep 1000" user = "no-such-user" backoff { min = 50s first = delayed } }
END
chmod 755 log
check 'the daemon starts' start_daemon
check 'a child runs as the user and group that it is given' retry 5 file_has log/nobody.log '^nobody'
is 'and as nobody else' "$(cat log/nobody.log)" 'nobody
daemon'
check 'a user that is not there is a start error (S18)' retry 5 has_records 1 \
    'select(.type == "start_failed" and .child == "stranger" and (.reason | startswith("{start_error,user,")))'
check 'a member of the group may look' as 65534 "$gid" trapexit -c t.conf status
for verb in 'stop a' 'restart a' 'signal TERM a' 'move a local' 'forbid a local' 'permit a local' 'drain local' 'undrain local' reload 'reload --plan' reopen shutdown; do
	# shellcheck disable=SC2086 # words
	refute "but not touch: $verb" as 65534 "$gid" trapexit -c t.conf $verb
	like 'and is told so' "$(last_output)" 'only root and the owner'
done
status_is 4 'others may not even look' as 65534 65534 trapexit -c t.conf status
is 'nothing was touched' "$(child_of a starts) $(child_of a state)" '1 running'

# A second daemon, on the same state directory and with the same run_dir.
status_is 1 'a second daemon on one state directory is refused' timeout 20 trapexitd -c t.conf
sed "s,^state_dir.*,state_dir = \"$T/other\"," t.conf >other.conf
status_is 1 'and one that would take the control socket' timeout 20 trapexitd -d -c other.conf
like 'with its reason' "$(last_output)" 'control.sock: another trapexitd listens there'
check 'the first one has lost nothing' tx status a
check 'it stops in order' stop_daemon

# As an ordinary user, with nothing but a home.
mkdir -m 700 home/user
cat >home/user/conf <<END
child a { command = "sleep 1000" }
child root { command = "sleep 1000" user = "root" backoff { min = 50s first = delayed } }
END
chown -R 65534:65534 home/user
user() {
	env -u XDG_RUNTIME_DIR HOME="$T/home/user" setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
chmod 755 home
check 'an ordinary user starts a daemon' user trapexitd -d -c home/user/conf
check 'whose child runs' retry 5 user trapexit -c home/user/conf status a recorder
user_state=$T/home/user/.local/state/trapexit
for f in lock journal run/control.sock prices.db log/trapexitd.log; do
	check "under the home: $f" retry 5 test -e "$user_state/$f"
done
is 'which others cannot read' "$(stat -c %a "$user_state")" 750
check 'it cannot make anybody root' retry 5 grep -q '"child":"root".*{start_error,user,EPERM}' "$user_state"/journal/*.jsonl
check 'it stops' user trapexit -c home/user/conf shutdown

# With relative names, to the background, and killed.
configure <<END
store = none
hold = 6s
child a { command = {"sh", "-c", "i=0; while :; do i=\$((i + 1)); echo \$i; sleep 0.02; done"} }
END
check 'to the background, by relative names' trapexitd -d -c t.conf -p pid
check 'it runs' retry 5 tx status a
old=$(cat pid) child=$(pid_of a)
own "$old"
is 'the pid file has its pid' "$(tx status --json | jq .daemon.pid)" "$old"
kill -KILL "$old"
back() {
	[ "$(cat pid)" != "$old" ] && daemon_answers
}
check 'killed, it is started again by the agent' retry 10 back
is 'and finds its child' "$(pid_of a)" "$child"

# logrotate(8): mv, then SIGUSR1.
mv log/a.log log/a.log.old
kill -USR1 "$(cat pid)"
check 'after SIGUSR1 it writes to the file of that name again' retry 5 test -s log/a.log
check 'no line is lost, and none is there twice' retry 5 sh -c \
    'cat log/a.log.old log/a.log | awk "\$1 != NR { exit 1 }"'
check 'shutdown' tx shutdown
refute 'takes the pid file away' test -e pid

# A service manager is told by the daemon alone.
cat >manager <<'END'
#!/usr/bin/perl
use Socket;
my ($path, $log) = (shift, shift);
open(STDOUT, '>>', $log) or die;
$| = 1;
socket(SOCK, AF_UNIX, SOCK_DGRAM, 0) or die;
bind(SOCK, pack_sockaddr_un($path)) or die;
my $text;
while (defined recv(SOCK, $text, 4096, 0)) { $text =~ s/\n/ /g; print "$text\n" }
END
chmod +x manager
./manager "$T/notify" "$T/told" &
own $!
check 'a service manager listens' retry 5 test -S notify
# (Not through start_daemon(): its word is for one process.)
NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=400000 trapexitd -v -c t.conf >>trapexitd.log 2>&1 &
daemon=$!
own "$daemon"
check 'it is told READY' retry 10 file_has told '^READY=1$'
check 'and that the daemon lives' retry 5 file_has told '^WATCHDOG=1$'
refute 'by nobody else' grep -q MAINPID told
refute 'nor do children know of it' grep -qz -e NOTIFY_SOCKET -e WATCHDOG "/proc/$(pid_of a)/environ"
kill -HUP "$daemon"
check 'a reload is told' retry 5 file_has told '^RELOADING=1$'
check 'it stops in order' stop_daemon
check 'which is told' retry 5 file_has told '^STOPPING=1$'

# What cannot be is said at once, also by -d.
long=$T/$(printf '%080d' 0)
sed "s,^run_dir.*,run_dir = \"$long\"," t.conf >long.conf
status_is 1 'a run_dir that is too long for a socket' timeout 20 trapexitd -d -c long.conf
like 'is said' "$(last_output)" 'too long'
done_testing

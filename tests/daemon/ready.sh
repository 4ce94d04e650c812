#!/bin/sh
# When a child counts as started (S13, S23-S26), how a start fails, and what a process is
# given: environment, streams, limits.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# sd_notify(3), by a process of the child's own.
cat >notify <<'END'
#!/usr/bin/perl
use Socket;
my $name = $ENV{NOTIFY_SOCKET} or die 'no NOTIFY_SOCKET';
$name =~ s/^@/\0/;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
send($s, join("\n", @ARGV), 0, pack_sockaddr_un($name)) or die "$!";
END
chmod +x notify
printf 'no program\n' >plain
mkdir folder

configure <<END
store = none
hold = 20s
child first {
	ready = notify
	command = {"sh", "-c", "until [ -e $T/go1 ]; do sleep 0.02; done; $T/notify STATUS=warm READY=1; exec sleep 1000"}
}
child second {
	ready = newline
	command = {"sh", "-c", "until [ -e $T/go2 ]; do sleep 0.02; done; echo >&3; exec 3>&-; exec sleep 1000"}
}
child third { command = "sleep 1000" }
child late { ready = notify start_timeout = 300ms command = "sleep 1000" backoff { min = 50ms } }
child ends { ready = newline restart = transient command = "true" backoff { min = 50s first = delayed } }
child idle { ready = notify restart = transient command = {"sh", "-c", "$T/notify X_TRAPEXIT=ignore; exec sleep 1000"} }
child plain { command = "$T/plain" backoff { min = 50s first = delayed } }
child folder { command = "$T/folder" backoff { min = 50s first = delayed } }
child missing { command = "no-such-program-anywhere" backoff { min = 50s first = delayed } }
child given {
	command = "$T/show"
	cwd = "$T/folder" umask = 027 nice = 5 limit { nofile = {100, 200} core = 0 }
	environment { PATH = "/usr/bin:/bin" TZ = "Asia/Tokyo" NEW = "a b" }
}
child reads { command = {"sh", "-c", "read line; echo \"end of input\"; exec sleep 1000"} stdin = pipe stop_signal = USR1 }
child apart { command = {"sh", "-c", "echo out; echo err >&2; exec sleep 1000"} stdout = null stderr = own }
child hangs { command = {"sh", "-c", "echo hello; exec sleep 1000"} hang_after = 1s }
END
# All that it was given; env(1) shows a name as often as it is there.
cat >show <<'END'
#!/bin/sh
streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 | sed 's/:.*//')
{
	tr '\0' '\n' </proc/$$/environ | grep -c '^PATH='
	echo "$PATH $TZ $NEW"
	pwd
	umask
	nice
	ulimit -Sn
	ulimit -Hn
	echo $streams
} >"$T/given.new"
mv "$T/given.new" "$T/given"
exec sleep 1000
END
chmod +x show

failed_by() {
	has_records 1 "select(.type == \"start_failed\" and .child == \"$1\" and .reason == \"$2\")"
}

check 'the daemon starts' start_daemon
check 'a child that will say so is starting' retry 5 child_is first starting
is 'those behind it wait (S23)' "$(child_of second state) $(child_of third state)" 'undefined undefined'
touch go1
check 'READY=1: it runs (S24)' retry 5 child_is first running
check 'with what it said' retry 5 has_records 1 'select(.type == "ready" and .child == "first" and .info == "warm")'
check 'and the next one begins' retry 5 child_is second starting
is 'alone' "$(child_of third state)" undefined
touch go2
check 'a newline on descriptor 3: it runs' retry 5 child_is second running
check 'and the rest follows' retry 5 child_is third running

check 'one that never says so is ended in time (S25)' retry 5 failed_by late '{start_error,timeout}'
check 'and tried again' retry 5 child_count late starts 2
check 'one that ends before it is ready has not started, whatever its status' retry 5 child_is ends restarting
is 'which is a start error' "$(child_of ends last_exit | jq -r .reason)" '{start_error,exited}'
check 'one that has nothing to do says so and is left alone (S26)' retry 5 child_is idle undefined

# Beside each other: the failure of one is not hidden by the start of another.
check 'a file that is no program (S18)' retry 5 failed_by plain '{start_error,exec,EACCES}'
check 'a folder' retry 5 failed_by folder '{start_error,exec,EACCES}'
check 'a program that is not there' retry 5 failed_by missing '{start_error,exec,ENOENT}'

check 'a child tells what it was given' retry 5 test -e given
is 'each variable once, its folder, umask, priority, limits and streams' "$(cat given)" "1
/usr/bin:/bin Asia/Tokyo a b
$T/folder
0027
5
100
200
/dev/null pipe pipe"
is 'stdin = pipe is open, and stays so' "$(child_of reads state) $(cat log/reads.log 2>/dev/null)" 'running '
check 'stderr = own without a standard output' retry 5 file_has log/apart.log '^err$'
refute 'which goes nowhere' grep -q out log/apart.log
check 'one that prints nothing for hang_after is restarted' retry 5 child_count hangs starts 2
check 'with an alarm' has_records 1 'select(.type == "alarm" and .alarm == "hung" and .object == "hangs")'
check 'the daemon stops in order' stop_daemon

# What it says may be read before its exec is seen, which waits for those that are being forked beside it.
for i in $(seq 100); do
	echo "child p$i { command = \"sleep 1000\" }"
	echo "child n$i { ready = notify  command = \"$top_builddir/tests/helpers/kid --ready notify --quiet\" }"
done >pairs
configure <<END
store = none
$(cat pairs)
END
all_run() {
	[ "$(tx status --json | jq '[.tree.children[] | select(.state == "running")] | length')" = 200 ]
}
check 'a hundred that are ready at once, each beside another start' start_daemon
check 'all are known to be' retry 30 all_run
check 'the daemon stops in order' stop_daemon
done_testing

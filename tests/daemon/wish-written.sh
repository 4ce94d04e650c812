#!/bin/sh
# An order is not acknowledged before what was wished is written: here the disk is slow, and the daemon is killed
# right after its answer (S74, S79). The child is between two starts, so nothing else has to be waited for.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v strace >/dev/null || skip_all 'strace is not installed'
strace -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'
[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'valgrind is not traced'

configure <<END
store = none
hold = 20s
child fails { command = "false"  backoff { min = 50s  max = 50s  first = delayed } }
END

# From here on each write of the journal's thread begins half a second later.
slow_disk() {
	for task in "/proc/$daemon/task/"*; do
		[ "${task##*/}" = "$daemon" ] || disk=${task##*/}
	done
	strace -p "$disk" -o /dev/null -e trace=write,pwrite64,writev,pwritev \
	    -e inject=pwrite64,writev,pwritev:delay_enter=500000 2>"$T/strace.err" &
	own $!
	retry 5 file_has "$T/strace.err" attached
}

crash() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
}

check 'the daemon starts' start_daemon
check 'a child that failed waits for its restart' retry 5 child_is fails restarting
check 'the disk becomes slow' slow_disk
check 'the child is stopped by hand' tx stop fails
check 'the daemon is killed right after its answer' crash
check 'a new daemon starts' start_daemon
is 'the child is still stopped' "$(child_of fails state) $(child_of fails wanted)" 'undefined false'
check 'the disk becomes slow' slow_disk
check 'the child is started by hand, which is answered though it fails again' tx start fails
check 'the daemon is killed right after its answer' crash
check 'a new daemon starts' start_daemon
is 'the child is still wanted' "$(child_of fails wanted)" true
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# The journal's writer killed at its first, second, third … call of each kind that it makes, in either of its
# threads, always in the same directory: what one leaves the next takes over.
. "$top_srcdir/tests/lib/tap.sh"

command -v strace >/dev/null || skip_all 'strace is not installed'
strace -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'
writer=$top_builddir/tests/helpers/journal_writer
mkdir "$T/top"

# strace counts each call by itself: kill at the first, second, third … of this one, until a run comes to its
# end. Sets killed; $lines goes on growing, since all is one journal.
kill_at_each() {
	n=1 killed=0
	while [ "$n" -lt 2000 ]; do
		lines=$((lines + 40))
		rc=0
		# LeakSanitizer does not work under ptrace.
		ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" strace -f -o "$T/trace" -e "trace=$1" \
		    -e "inject=$1:signal=KILL:when=$n" "$writer" write "$T/top" "$lines" 0 1 >"$T/write.out" 2>&1 || rc=$?
		[ "$rc" -ne 0 ] || return 0
		[ "$rc" -eq 137 ] || return 1
		killed=$((killed + 1))
		# The first ones one by one, then wider apart.
		n=$((n + 1 + n / 10))
	done
	return 1
}

lines=0
for call in mkdir openat fallocate pwrite64 writev fsync fdatasync ftruncate rename renameat unlink unlinkat close \
    fstat newfstatat futex write mmap munmap exit_group; do
	check "killed at each $call in turn, until it comes to its end" kill_at_each "$call"
	diag "killed $killed times"
done
check 'every line and byte is there once' "$writer" verify "$T/top"
last_output
done_testing

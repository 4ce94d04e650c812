#!/bin/sh
# Killed at every system call that it makes over a run, the first, the second and so on: each record arrives once.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/recorder/lib.sh"
need strace
strace -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'
# A sanitizer makes thousands of calls of its own, and leaks are all that is left of a killed process.
grep -q '^#define WITH_SANITIZERS 1' "$top_builddir/config.h" && skip_all 'a sanitizer makes calls of its own'

{
	price s/a 42949672961 10 1000 w 1
	price s/a 42949672961 20 2000 w 2
	price s/a 42949672962 10 2000 w 3
	observation s/a 42949672962 20 3000 w '"status":"ok","amount":"abc"'
} | append 10
{
	price s/b 47244640257 10 1000 w 1
	price s/a 42949672961 30 4000 w 2
	price feed 47244640258 30 '' w 2
} | append 11

# Every call by its name and its number among those of that name, in the order in which they come.
strace -f -o trace trapexit-recorder --journal "$J" --store "$S" --once
awk '{ sub(/^[0-9]+ +/, "") } /^[a-z_0-9]+\(/ { sub(/\(.*/, ""); if ($0 != "execve") print $0, ++n[$0] }' trace >calls
total=$(wc -l <calls)
check 'the run without a kill is right' verify
diag "$total system calls"

bad=0 killed=0
while read -r call n; do
	rm -f "$S" "$S-wal" "$S-shm" "$J/recorded"
	strace -f -o /dev/null -e "inject=$call:signal=KILL:when=$n" \
	    trapexit-recorder --journal "$J" --store "$S" --once >/dev/null 2>&1
	[ $? = 137 ] && killed=$((killed + 1))
	if ! record --once 2>again.err || ! verify >verify.out; then
		bad=$((bad + 1))
		diag "killed at $call number $n:"
		cat again.err verify.out | diag_file
	fi
done <calls
# What the run does depends a little on time (what SQLite finds in its files); the count need not be exact.
check "it was killed at nearly all of its $total calls ($killed)" [ "$killed" -ge $((total * 9 / 10)) ]
is 'whatever the call, each record is there once' "$bad" 0
done_testing

#!/bin/sh
# scripts/demo-failover tells the truth, twice in a row, and leaves nothing behind, whether it ends or is interrupted.
. "$top_srcdir/tests/lib/tap.sh"

demo=$top_srcdir/scripts/demo-failover
[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'valgrind is not for whole hosts'
for p in jq ps; do
	command -v "$p" >/dev/null || skip_all "there is no $p: scripts/deps test installs it"
done
# shellcheck disable=SC2034 # for hosts.sh
W=$T
. "$top_srcdir/scripts/lib/hosts.sh"
why=$(hosts_need) || skip_all "$why"

# In here, so that nobody else's is found.
TMPDIR=$T/tmp
TRAPEXIT_BUILD=$top_builddir
export TMPDIR TRAPEXIT_BUILD
mkdir "$TMPDIR"

no_file_is_left() {
	[ -z "$(ls "$TMPDIR")" ]
}

for time in first second; do
	check "the $time time it does what it promises" "$demo" --quick
	last_output >"$T/$time.out"
	like 'the scraper moved' "$(cat "$T/$time.out")" 'ebuyer +runs on box2, [0-9]+ ms later'
	like 'and when its host was off' "$(cat "$T/$time.out")" 'was switched off: its scrapers \([a-z, ]+\) ran elsewhere after [0-9.]+ s'
	is 'three promises are kept' "$(grep -c '^  yes  ' "$T/$time.out")" 3
	refute 'there are no colours, and no picture' grep -q "$(printf '\033')" "$T/$time.out"
	check 'no file is left' no_file_is_left
	check 'no process is left' nothing_is_left
done

# A terminal sends INT to all of its group.
# (What a shell starts in the background ignores INT, unless it is told.)
env --default-signal=INT setsid "$demo" --quick >"$T/interrupted.out" 2>&1 &
demo_pid=$!
own $demo_pid
check 'it is under way' retry 30 file_has "$T/interrupted.out" 'runs on box1'
kill -INT "-$demo_pid"
check 'interrupted, it ends' retry 20 gone $demo_pid
check 'no file is left then' no_file_is_left
check 'and no process' retry 5 nothing_is_left

done_testing

#!/bin/sh
# A test on hosts that is killed leaves nothing behind: no process, no mount, no link, no file.
. "$top_srcdir/tests/net/lib.sh"

# Inside of this world: another one, which this one can see all of.
cat >"$T/inner.sh" <<'END'
. "$top_srcdir/tests/net/lib.sh"
hosts home box2
on box2 sleep 1000 &
retry 10 has_pids box2 sleep 1
cat "$T/net/hosts" >"$KEEP_DIR/seen"
# A shell looks at its traps between two commands.
while :; do sleep 0.1; done
END

# The processes of the inner world.
inner() {
	grep -alsF "TRAPEXIT_SEED=inner-$$-$1" /proc/[0-9]*/environ
	grep -alsF "NET_MARK=inner-$$-$1" /proc/[0-9]*/environ
	ps ax -o args | grep -F 'sleep 1000' | grep -v grep
}

none_inner() {
	[ -z "$(inner "$1")" ]
}

run_inner() {
	rm -rf "$T/keep"
	mkdir "$T/keep"
	env -u TX_TEST_CLEAN -u NET_WORLD TMPDIR="$T/keep" TRAPEXIT_SEED="inner-$$-$1" NET_MARK="inner-$$-$1" sh "$T/inner.sh" >"$T/inner.out" 2>&1 &
	inner=$!
	own "$inner"
	retry 20 test -s "$T/keep/seen"
}

for signal in KILL TERM; do
	check "$signal: a world is there" run_inner "$signal"
	before=$(inner "$signal" | wc -l)
	check "$signal: with processes" test "$before" -gt 5
	kill "-$signal" "$inner"
	check "$signal: no process is left" retry 20 none_inner "$signal"
	is "$signal: no file is left, but what the test kept" "$(ls "$T/keep")" seen
	refute "$signal: no mount is left" grep -q "$T/keep" /proc/mounts
	is "$signal: no link is left" "$(ip -o link | grep -c 'lan-box2')" 0
done
net_done

#!/bin/sh
# Killed at random times, again and again: each record arrives once. The seed is printed; TRAPEXIT_SEED sets it.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/recorder/lib.sh"

kills=200
seed=${TRAPEXIT_SEED:-$(date +%s)}
diag "seed $seed"
random=$seed
# The next number, 0 to $1 - 1, in $r.
next() {
	random=$(((random * 1103515245 + 12345) & 0x7fffffff))
	r=$(((random >> 8) % $1))
}

# Two epochs with slots in common (quarantine), and a third that comes while the recorder dies.
"$helpers/record-load" journal "$J" 60000 500
"$helpers/record-load" journal "$J" 20000 500 50000
i=0 died=0
while [ $i -lt $kills ]; do
	if [ $i = $((kills / 2)) ]; then
		"$helpers/record-load" journal "$J" 200000 500 70000 &
		writer=$!
		own $writer
	fi
	next 40
	timeout -s KILL "0.$(printf %03d $((r + 3)))" trapexit-recorder --journal "$J" --store "$S" 2>>kill.err
	[ $? = 137 ] && died=$((died + 1))
	i=$((i + 1))
done
wait $writer
is "it was killed $kills times" "$died" "$kills"
check 'what is left is recorded' record --once
check 'each record is in the store once' verify
diag "$(last_output)"
like '... all 280,000' "$(last_output)" '^journal 280000 history 270000 quarantine 10000 .* differences 0$'
done_testing

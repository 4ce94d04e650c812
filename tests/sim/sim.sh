#!/bin/sh
# The simulator finds nothing wrong with the core, the lease and the codecs in many seeds; it plays
# a seed again exactly as it was; and it says how it is used. $TRAPEXIT_SEEDS, as A..B, takes others.
. "$top_srcdir/tests/lib/tap.sh"

run=$top_builddir/tests/sim/run
seeds=1..2000
if [ "$TRAPEXIT_SLOW" -gt 1 ]; then
	seeds=1..200
	diag "200 seeds instead of 2000: sanitizers or valgrind make each ten times as slow"
fi

check '--help says how to use it' sh -c '"$1" --help | grep -q -e --shrink' sh "$run"
check_not() { ! "$@"; }
check 'a range of seeds that is none is refused' check_not "$run" --seeds 5-9
check 'so is an unknown option' check_not "$run" --nonsense

"$run" --seed 7 --verbose >"$T/first.txt"
is 'seed 7 finds nothing' $? 0
"$run" --seed 7 --verbose >"$T/second.txt"
# The last line says how fast it was.
sed -i '$d' "$T/first.txt" "$T/second.txt"
check 'it is played again exactly as it was' cmp "$T/first.txt" "$T/second.txt"
check 'and it is told in full' test "$(wc -l <"$T/first.txt")" -gt 50

"$run" --seeds "$seeds" >"$T/seeds.out" 2>&1
is "seeds $seeds find nothing" $? 0
diag_file <"$T/seeds.out"
"$run" --seeds 1..3 --children 2000 --agents 12 --steps 1500 >"$T/large.out" 2>&1
is 'three large families with 2,000 children each find nothing' $? 0
diag_file <"$T/large.out"
"$run" --scale 60 6000 >"$T/scale.out" 2>&1
is 'sixty nodes with a hundred children each, of which every tenth is lost at once' $? 0
check 'are all there in the end' grep -q '^all that must be true is' "$T/scale.out"
diag_file <"$T/scale.out"
done_testing

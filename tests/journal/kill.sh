#!/bin/sh
# The journal's writer killed with SIGKILL at random, a hundred times, and opened again each time: no
# line and no log byte that was said to be safe is lost, none is there twice (architecture 6).
. "$top_srcdir/tests/lib/tap.sh"

writer=$top_builddir/tests/helpers/journal_writer
seed=${TRAPEXIT_SEED:-$$}
diag "seed $seed (TRAPEXIT_SEED)"
mkdir "$T/top"
check 'killed a hundred times, everything is there once' "$writer" torture "$T/top" 100 "$seed"
last_output
done_testing

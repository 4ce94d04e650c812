#!/bin/sh
# The helper program kid does what its arguments say: what the tests with real processes rest on.
. "$top_srcdir/tests/lib/tap.sh"

kid=$top_builddir/tests/helpers/kid

# For a moment: kid with these arguments; its lines are in kid.out.
begin() {
	rm -f kid.out
	"$kid" "$@" >kid.out 2>kid.err &
	pid=$!
	own $pid
}

ended_with() {
	rc=0
	wait $pid || rc=$?
	[ $rc -eq "$1" ]
}

status_is 0 'kid --help' "$kid" --help
for option in $(sed -n 's/^	{ "\(--[a-z-]*\)".*/\1/p' "$top_srcdir/tests/helpers/kid.c") --count --at; do
	like "its help has $option" "$("$kid" --help)" " $option "
done
status_is 2 'a word that it does not know is refused' "$kid" --exist
status_is 2 'so is a status that is none' "$kid" --exit 256
status_is 2 'and an option without its value' "$kid" --exit

status_is 0 'exit 0 after a time' "$kid" --after 10ms
status_is 3 'another one at once' "$kid" --exit 3
status_is 139 'death by a signal' "$kid" --die SEGV
status_is 137 'which may be KILL' "$kid" --die 9 --after 10ms

begin --on USR1=0 --on USR2=7 --on TERM=ignore
check 'its line tells that it is ready for signals' retry 5 test -s kid.out
kill -TERM $pid
kill -USR2 $pid
check 'one that it ignores, one that ends it' ended_with 7
begin --on TERM=5 --linger 300ms --after 60s
retry 5 test -s kid.out
kill -TERM $pid
check 'an end by a signal, later' ended_with 5
begin --on TERM=6 --linger-file may-end
retry 5 test -s kid.out
kill -TERM $pid
check 'or when there is a file: not before' sh -c 'sleep 0.1; kill -0 "$1"' - $pid
touch may-end
check 'but then' ended_with 6
begin
retry 5 test -s kid.out
kill -TERM $pid
check 'what is not named has its default action' ended_with 143

n=0
while [ $n -lt 3 ]; do
	rc=0
	"$kid" --quiet --count starts --at 1 --exit 1 --at 2- --exit 2 --at 3 --say third >kid.out || rc=$?
	printf '%s ' "$rc$(cat kid.out)" >>lives
	n=$((n + 1))
done
is 'another life each time' "$(cat lives)" '1 2 2third '

begin --ready newline --ready-fd 1 --quiet --ready-file go
retry 1 test -s kid.out && echo early >>kid.out
touch go
check 'a newline when it may' retry 5 file_has kid.out '^$'
is 'and nothing before' "$(cat kid.out)" ''
kill -KILL $pid

begin --fork stay --fork leave --lock lock
check 'it forks' retry 5 file_has kid.out '^stray [0-9]+$'
check 'twice, and says whom' retry 5 sh -c '[ "$(grep -c ^stray kid.out)" -eq 2 ]'
strays=$(sed -n 's/^stray //p' kid.out)
# shellcheck disable=SC2086 # a list
own $strays
stray_groups() {
	for p in $strays; do
		ps -o pgid= -p "$p" | tr -d ' '
	done | awk -v stray="${strays##*
}" '{ printf "%s ", $1 == stray ? "own" : "kept" }'
}
is 'one stays in its group' "$(stray_groups)" 'kept own '
kill -KILL $pid
retry 5 gone $pid
status_is 77 'a second one is not let in while a stray of the first lives' "$kid" --lock lock --exit 0
check 'and says so' file_has lock.violations '^a second incarnation'

"$kid" --quiet --observe webcam --every 20ms --after 200ms >kid.out
check 'observations are JSON' jq -e . kid.out
is 'no slot comes twice' "$(jq -r 'select(.type == "observation") | .slot' kid.out | sort | uniq -d)" ''
printf 'EXIT a killed\nDOWN 1 b normal\n' >control
TRAPEXIT_CONTROL_FD=9 "$kid" --trap --after 100ms 9<control >kid.out
is 'it prints what the control descriptor says' "$(sed '1s/[0-9]*$/PID/' kid.out)" '- - - PID
EXIT a killed
DOWN 1 b normal'
done_testing

#!/bin/sh
# trapexit logs: the last lines, over rotated files, and following over rotation without losing or doubling a line.
. "$top_srcdir/tests/lib/tap.sh"

mkdir -p "$T/log/suppliers"
cat >"$T/x.conf" <<-END
	state_dir = "$T/state"
	run_dir = "$T/run"
	log_dir = "$T/log"
	supervisor suppliers {
	    child ebuyer { command = "/bin/true" }
	    child silent { command = "/bin/true" }
	}
END
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG
log=$T/log/suppliers/ebuyer.log

seq 1 25 >"$log.2"
seq 26 30 >"$log.1"
seq 31 34 >"$log"
is 'the last 10 lines, from rotated files, too' "$(trapexit logs suppliers/ebuyer)" "$(seq 25 34)"
is 'by id, and as many as wanted' "$(trapexit logs -n 2 ebuyer)" "$(seq 33 34)"
is 'exactly the newest file' "$(trapexit logs -n 4 ebuyer)" "$(seq 31 34)"
is 'one line of the one before' "$(trapexit logs -n 5 ebuyer)" "$(seq 30 34)"
is 'all of it' "$(trapexit logs -n all ebuyer)" "$(seq 1 34)"
is 'more than there is' "$(trapexit logs -n 1000 ebuyer)" "$(seq 1 34)"
is 'none' "$(trapexit logs -n 0 ebuyer)" ''
printf 'no newline' >>"$log"
is 'a last line without its newline is a line' "$(trapexit logs -n 2 ebuyer)" "34
no newline"
echo >>"$log"

status_is 1 'a child that has no log yet' trapexit logs silent
like 'is told from one that is not there' "$(last_output)" 'suppliers/silent has no log yet'
status_is 1 'a child that is not there' trapexit logs ebuyr
like 'is an error with a guess' "$(last_output)" 'no child "ebuyr"; did you mean "suppliers/ebuyer"'
echo one >"$T/log/retired.log"
is 'a log whose child is no longer configured is shown' "$(trapexit logs retired)" one
is 'several have their names in front' "$(trapexit logs -n 1 retired ebuyer)" "suppliers/ebuyer | no newline
retired          | one"
is 'a supervisor means all below' "$(trapexit logs -n 1 @suppliers 2>/dev/null)" 'suppliers/ebuyer | no newline'
printf 'a\033[2Jb\n' >"$T/log/evil.log"
is 'into a file, bytes are as they are' "$(trapexit logs evil)" "$(printf 'a\033[2Jb')"
if command -v script >/dev/null; then
	like 'on a terminal they cannot move it' "$(script -qec 'trapexit logs evil' /dev/null </dev/null)" 'a\\x1b\[2Jb'
else
	skip 'on a terminal they cannot move it' 'no script(1)'
fi

# Follow while the file is rotated again and again by somebody who writes 2,000 lines.
echo ready >>"$log"
trapexit logs -f -n 1 ebuyer >"$T/follow.out" 2>"$T/follow.err" &
own $!
check 'it begins with the last line' retry 5 file_has "$T/follow.out" '^ready$'
rotate() {
	n=5
	while [ $n -gt 1 ]; do
		[ -f "$log.$((n - 1))" ] && mv "$log.$((n - 1))" "$log.$n"
		n=$((n - 1))
	done
	mv "$log" "$log.1"
	: >"$log"
}
echo first >>"$log"
check 'what comes is shown' retry 5 file_has "$T/follow.out" '^first$'
i=0
while [ $i -lt 2000 ]; do
	i=$((i + 1))
	echo "line $i" >>"$log"
	[ $((i % 100)) -ne 0 ] || rotate
	# It may fall behind, but not by more files than are kept.
	[ $((i % 300)) -ne 0 ] || retry 20 file_has "$T/follow.out" "^line $i\$"
done
check 'the last line arrives' retry 20 file_has "$T/follow.out" '^line 2000$'
is 'every line arrived once, in order, over 20 rotations' "$(grep -c . "$T/follow.out")" 2002
{ echo ready; echo first; i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); echo "line $i"; done; } >"$T/want"
check 'none other' cmp "$T/want" "$T/follow.out"
: >"$log"
echo truncated >>"$log"
check 'a log that is cut off is followed from its start' retry 5 file_has "$T/follow.out" '^truncated$'
is 'and nothing is said' "$(cat "$T/follow.err")" ''

# A log, and a folder, that are not there yet.
rm -r "$T/log"
trapexit logs -f silent >"$T/later.out" 2>&1 &
own $!
retry 5 alive $!
mkdir -p "$T/log/suppliers"
echo 'here I am' >"$T/log/suppliers/silent.log"
check 'a log that comes later is followed' retry 5 file_has "$T/later.out" '^here I am$'
done_testing

#!/bin/sh
# The daemon, its disk thread and the recorder killed at their n-th system call of each kind, over a scripted
# run: start-up, attach, adoption, starts, output, exits, rotation, orders, reload, ordered stop. After each
# kill a daemon is started again, and
#
#  - adopts what runs, under the old pids, and everything runs that is to run, never twice at once;
#  - has forgotten no order that it had acknowledged;
#
# and at the end of each round of kills, which all work on the same journal and store,
#
#  - each observation is in the store exactly once, no slot counts twice;
#  - each exit status is in the journal once, and no line of a log is lost or doubled.
#
# A run under strace(1) that nobody kills says which calls there are, and how often each is made. These are
# visited in an order that the seed (TRAPEXIT_SEED) chooses: one number of each call, then another of each …,
# until all were visited or the time (TRAPEXIT_INJECT_SECONDS, 0: unlimited) is over.
#
# To look into one: inject.sh VICTIM CALL N does only that, until the time is over.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

for tool in strace perl jq; do
	command -v $tool >/dev/null || skip_all "$tool is not installed"
done
strace -o /dev/null true 2>/dev/null || skip_all 'strace may not trace here'
strace -b execve -o /dev/null true 2>/dev/null || skip_all 'this strace has no --detach-on=execve'
[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'valgrind is not traced'

seconds=${TRAPEXIT_INJECT_SECONDS:-60}
seed=${TRAPEXIT_SEED:-$(date +%s)}
round_kills=25
helpers=$top_builddir/tests/helpers
# LeakSanitizer does not work under ptrace.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
LOCKED_SCOPE=$T LOCKED_VIOLATIONS=$T/violations LOCKED_BINDIR=$T/real
export ASAN_OPTIONS LOCKED_SCOPE LOCKED_VIOLATIONS LOCKED_BINDIR
: >"$LOCKED_VIOLATIONS"

# What the daemon and the agent start goes through the lock; a recorder through strace, too, if that was ordered.
mkdir "$T/real"
for p in "$T"/bin/*; do
	cp -P "$p" "$T/real/"
done
rm "$T/bin/pricescrape" "$T/bin/trapexit-recorder"
ln -s "$helpers/locked" "$T/bin/pricescrape"
mkdir "$T/lock"
ln -s "$helpers/locked" "$T/lock/trapexit-recorder"
cat >"$T/bin/trapexit-recorder" <<END
#!/bin/sh
[ "\$1" = --print-epoch ] || echo "\$\$" >>"$T/said/starts.recorder"
if [ "\$1" != --print-epoch ] && mv "$T/recorder.plan" "$T/recorder.options" 2>/dev/null; then
	read -r options <"$T/recorder.options"
	exec strace -DDD -f \$options "$T/lock/trapexit-recorder" "\$@"
fi
exec "$T/lock/trapexit-recorder" "\$@"
END
chmod +x "$T/bin/trapexit-recorder"

### What is supervised.

configure_round() {
	rm -rf "$T/state" "$T/run" "$T/log" "$T"/prices.db* "$T/said"
	mkdir "$T/said"
	child="{\"$helpers/locked\", \"perl\", \"$top_srcdir/tests/e2e/inject_child.pl\""
	configure <<-END
		store = "sqlite:$T/prices.db"
		hold = 30s
		journal { sync = 50ms  segment = 64K }
		scraper s {
			every = 1s  gap = 0s  jitter = 0%  allow_private = yes  robots = no  backoff { max = 200ms }
			source a { url = "http://127.0.0.1:$port/p/a" }
			source b { url = "http://127.0.0.1:$port/p/b" }
		}
		child writer { command = $child, "writer", "$T/said"}  log { size = 32K  keep = 1000 } }
		child talker { command = $child, "talker", "$T/said"}  output = observations }
		child mortal { command = $child, "mortal", "$T/said"}  backoff { min = 50ms  max = 100ms } }
		child idle { command = $child, "idle", "$T/said"} }
	END
	cp "$T/t.conf" "$T/without.conf"
	{
		cat "$T/t.conf"
		echo "child extra { command = $child, \"extra\", \"$T/said\"} }"
	} >"$T/with.conf"
	extra=without
	idle=running
}

said() {
	wc -l <"$T/said/$1" 2>/dev/null || echo 0
}

has_said() {
	[ "$(said "$1")" -ge "$2" ]
}

### The scripted run. Each step ends early when the daemon is dead.

dead() {
	gone "$daemon"
}

dead_or() {
	dead || "$@"
}

# traced OPTIONS: a daemon under strace, which is not its parent.
traced() {
	# shellcheck disable=SC2086 # options
	strace -D -f -b execve $1 "$T/real/trapexitd" -v -c "$T/t.conf" >>"$T/trapexitd.log" 2>&1 &
	daemon=$!
	own "$daemon"
}

# An order that was acknowledged holds; one that was not may have come through or not.
order_idle() {
	idle=either
	if tx "$1" idle >"$T/order.out" 2>&1; then
		idle=$2
		return
	fi
	retry 2 dead && return 1
	trouble "$1 idle was refused: $(cat "$T/order.out")"
	return 1
}

reload_other() {
	if [ "$extra" = with ]; then extra=without; else extra=with; fi
	cp "$T/$extra.conf" "$T/t.conf.new" && mv "$T/t.conf.new" "$T/t.conf"
	tx reload >"$T/order.out" 2>&1 || retry 2 dead || trouble "the reload was refused: $(cat "$T/order.out")"
}

step() {
	retry 10 dead_or "$@" || trouble "no success within 10 s: $*"
	! dead
}

orders() {
	n=$(said starts.mortal)
	order_idle stop undefined || return
	reload_other
	step has_said starts.mortal $((n + 1)) || return
	order_idle start running || return
	n=$(said starts.mortal)
	step has_said starts.mortal $((n + 1))
}

ordered_stop() {
	stopping=yes
	kill -TERM "$daemon" 2>/dev/null
	retry 20 dead || trouble 'it did not stop'
}

### What must hold after each kill.

# Something is wrong: say it, with what was going on.
trouble() {
	bad=$((bad + 1))
	diag "$what: $*"
	tail -n 12 "$T/trapexitd.log" | diag_file
}

all_as_wished() {
	tx status --json >"$T/status.json" 2>/dev/null || return
	jq -e --arg idle "$idle" --arg extra "$extra" '
	    [.tree.children[] | {key: .name, value: .state}] | from_entries |
	    .writer == "running" and .talker == "running" and .s == "running" and .recorder == "running" and
	    ($idle == "either" or .idle == $idle) and .extra == (if $extra == "with" then "running" else null end)
	' "$T/status.json" >/dev/null
}

# The children that nobody stops.
incarnations() {
	jq -r '[.tree.children[] | select(.name == ("writer", "talker", "s")).pid] | join(" ")' "$T/status.json"
}

recover() {
	start_daemon || trouble 'no daemon can be started'
	retry 10 all_as_wished || trouble "not all is as wished (idle $idle, extra $extra): $(jq -c \
	    '[.tree.children[] | {(.name): .state}] | add' "$T/status.json" 2>&1)"
	now=$(incarnations)
	[ -n "$stopping" ] || [ -z "$before" ] || [ "$now" = "$before" ] ||
	    trouble "not adopted: the pids of s, writer and talker were $before, are $now"
	before=$now
	[ ! -s "$LOCKED_VIOLATIONS" ] || trouble "twice at once: $(cat "$LOCKED_VIOLATIONS")"
	: >"$LOCKED_VIOLATIONS"
}

### One kill.

kill_daemon() {
	kill -KILL "$daemon" 2>/dev/null
	retry 5 dead
}

inject() {
	echo "-e trace=$1 -e inject=$1:signal=KILL:when=$2"
}

inject_daemon() {
	kill_daemon
	stopping=
	run_traced "$1" "$2"
	# The agent was there already; now it is not, so the daemon starts it, too.
	[ $rc -ne 0 ] || run_traced "$1" "$2"
}

run_traced() {
	traced "$(inject "$1" "$2") -o /dev/null"
	step daemon_answers && orders && ordered_stop
	account
}

# Was it killed, or did it come to its ordered end?
account() {
	dead || trouble 'it still lives'
	rc=0
	wait "$daemon" || rc=$?
	case $rc in
	137) killed=$((killed + 1)) ;;
	0) ;;
	*) trouble "it ended with $rc" ;;
	esac
}

disk_thread() {
	for task in "/proc/$daemon/task/"*; do
		task=${task##*/}
		[ "$task" = "$daemon" ] || echo "$task"
	done
}

inject_disk() {
	stopping=
	# shellcheck disable=SC2046 # options
	strace $(inject "$1" "$2") -o /dev/null -p "$(disk_thread)" 2>"$T/strace.err" &
	tracer=$!
	own $tracer
	retry 2 file_has "$T/strace.err" attached || trouble 'strace does not attach'
	orders && ordered_stop
	account
	wait $tracer
}

inject_recorder() {
	stopping=
	n=$(said starts.recorder)
	echo "$(inject "$1" "$2") -o /dev/null" >"$T/recorder.plan"
	tx restart recorder >"$T/order.out" 2>&1
	retry 5 [ ! -e "$T/recorder.plan" ] || trouble 'the recorder did not start'
	# The traced one, and the one that came after it.
	if retry 2 has_said starts.recorder $((n + 2)); then
		killed=$((killed + 1))
		retry 10 child_is recorder running || trouble 'no recorder came after it'
	fi
}

### What must hold at the end of a round.

# shellcheck disable=SC2317 # called by trouble's caller
logs_are_whole() {
	find "$T/log" -name 'writer.log*' | sed 's/.*writer\.log\.\{0,1\}//' | sort -rn | while read -r n; do
		cat "$T/log/writer.log${n:+.$n}"
	done >"$T/lines.all"
	# The newest is last; its name has no number.
	awk -v ends="$T/said/ends" '
	    $2 == "out" || $2 == "err" {
		step = $2 == "out" ? 1 : 5
		if ($3 != last[$1 $2] + step) { print NR ": " $1, $2, $3, "follows", last[$1 $2] + 0; bad++ }
		last[$1 $2] = $3
		next
	    }
	    { print NR ": " $0; bad++ }
	    END {
		while ((getline <ends) > 0)
			if ($2 == "writer" && last[$1 "out"] != $3) {
				print $1 " wrote " $3 " lines, the log ends with " last[$1 "out"]; bad++
			}
		exit bad > 0
	    }' "$T/lines.all" >"$T/bad.out"
}

# TOKEN VALUE of each record of a child. (jq(1) knows no numbers of 64 bits.)
said_by() {
	cat "$T"/state/journal/*.jsonl | sed -n \
	    's/^{"type":"'"$2"'","t":[0-9]*,"child":"'"$1"'","token":\([0-9]*\),.*"'"$3"'":"\([^"]*\)".*/\1 \2/p'
}

observations_are_whole() {
	said_by talker observation amount | awk -v ends="$T/said/ends" '
	    $2 != last[$1] + 1 { print $1, $2, "follows", last[$1] + 0; bad++ }
	    { last[$1] = $2 }
	    END {
		while ((getline <ends) > 0)
			if ($2 == "talker" && last[$1] != $3) {
				print $1 " observed " $3 " times, the journal ends with " last[$1]; bad++
			}
		exit bad > 0
	    }' >"$T/bad.out"
}

exits_are_whole() {
	said_by mortal exit reason | tr -d '{}' | awk -v said="$T/said/exits" '
	    { if (seen[$1]++) { print $1 " ended twice"; bad++ }; reason[$1] = $2 }
	    END {
		while ((getline <said) > 0)
			if (reason[$1] != "exit," $2) {
				print $1 " exited with " $2 ", the journal says: " reason[$1]; bad++
			}
		exit bad > 0
	    }' >"$T/bad.out"
}

verify_store() {
	"$T/real/trapexit-recorder" --once --journal "$T/state/journal" --store "sqlite:$T/prices.db" >"$T/bad.out" 2>&1 &&
	    "$helpers/verify-store" --journal "$T/state/journal" --store "$T/prices.db" >>"$T/bad.out" 2>&1
}

end_round() {
	what='the end of the round'
	kill -TERM "$daemon"
	retry 20 dead || trouble 'it did not stop'
	retry 5 all_gone || trouble "something is left:$left"
	for proof in verify_store logs_are_whole observations_are_whole exits_are_whole; do
		$proof || {
			trouble "$proof:"
			head -n 20 "$T/bad.out" | diag_file
		}
	done
}

# Nothing of the system is alive. (Other programs are the test's own, or its shop.)
all_gone() {
	left=
	for p in $(started_here); do
		case $(cat "/proc/$p/comm" 2>/dev/null) in
		trapexit* | pricescrape | perl | locked | strace) left="$left $(tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null)($p)" ;;
		esac
	done
	[ -z "$left" ]
}

begin_round() {
	configure_round
	before='' stopping=
	start_daemon || bail 'no daemon can be started'
	retry 10 all_as_wished || bail 'not all starts'
	before=$(incarnations)
}

### The calls, from a run that nobody kills.

# The calls of a trace by its threads, of which the first is the main one: THREAD CALL COUNT
count_calls() {
	awk '$2 ~ /^[a-z_0-9]+\(/ {
		sub(/\(.*/, "", $2)
		if (main == "") main = $1
		n[($1 == main ? "main" : $1) " " $2]++
	    }
	    END { for (k in n) print k, n[k] }' "$1"
}

reference_run() {
	what='the run that nobody kills'
	configure_round
	stopping='' before=''
	traced "-o $T/trace"
	retry 20 daemon_answers || bail 'a daemon under strace does not start'
	retry 10 all_as_wished || bail 'not all starts under strace'
	disk=$(disk_thread)
	orders || trouble 'the orders'
	echo "-o $T/recorder.trace" >"$T/recorder.plan"
	tx restart recorder >"$T/order.out" 2>&1
	sql_at_least $(($(sql 'SELECT count(*) FROM observation') + 200)) 'SELECT count(*) FROM observation' ||
	    retry 10 recorder_goes_on
	ordered_stop
	count_calls "$T/trace" >"$T/calls.daemon"
	count_calls "$T/recorder.trace" >"$T/calls.recorder"
}

recorder_goes_on() {
	file_has "$T/recorder.trace" 'inotify|epoll_wait|poll'
}

# VICTIM CALL COUNT, of those that strace can kill at. (It comes too late for what a thread begins with.)
list_calls() {
	awk -v disk="$disk" '$2 ~ /^(execve|exit_group|rt_sigreturn|restart_syscall|exit)$/ { next }
	    $1 == "main" { main[$2] = $3 }
	    $1 == disk && $2 !~ /^(rseq|set_robust_list)$/ { print "disk", $2, $3 }
	    END { for (c in main) print "daemon", c, main[c] }' "$T/calls.daemon"
	awk '$2 !~ /^(execve|exit_group|rt_sigreturn|restart_syscall|exit)$/ && $3 > most[$2] { most[$2] = $3 }
	    END { for (c in most) print "recorder", c, most[c] }' "$T/calls.recorder"
}

# Each number of each call once: k VICTIM CALL N, the k-th visit of each call before the next one of any.
make_visits() {
	list_calls | sort | awk -v seed="$seed" '
	    function gcd(a, b) { return b == 0 ? a : gcd(b, a % b) }
	    { victim[NR] = $1; call[NR] = $2; max[NR] = $3 }
	    END {
		srand(seed)
		for (i = 1; i <= NR; i++) {
			first = int(rand() * max[i])
			step = int(max[i] * 0.618) + 1
			while (gcd(step, max[i]) != 1)
				step++
			for (k = 0; k < max[i]; k++)
				printf "%d %.6f %s %s %d\n", k, rand(), victim[i], call[i], 1 + (first + k * step) % max[i]
		}
	    }' | sort -k1,1n -k2,2n
}

bad=0 killed=0 visits=0
check 'the shop opens' start_shop
diag "seed $seed, $seconds s"
reference_run
what='the run that nobody kills' bad_before=$bad
if [ $# -eq 3 ]; then
	yes "0 0 $*" | head -n 1000
else
	make_visits
fi >"$T/visits"
all=$(wc -l <"$T/visits")
diag "$(list_calls | wc -l) kinds of call, $all calls:"
list_calls | sort | awk '{ line[$1] = line[$1] " " $2 ":" $3 } END { for (v in line) print "#   " v line[v] }' | fold -sw 110 |
    sed 's/^[^#]/#     &/'
is 'a run that nobody kills is right' "$bad_before" 0
tap_clock
until=$((tap_now + seconds * 1000))
in_round=0
while read -r _ _ victim call n <&3; do
	tap_clock
	[ "$seconds" -eq 0 ] || [ "$tap_now" -lt "$until" ] || break
	[ $in_round -gt 0 ] || begin_round
	in_round=$((in_round + 1)) visits=$((visits + 1))
	what="$victim killed at $call number $n"
	was=$killed
	"inject_$victim" "$call" "$n"
	[ "$victim" = recorder ] || recover
	diag "$what$([ $killed -gt $was ] || echo ': not reached')"
	if [ $in_round -ge $round_kills ]; then
		end_round
		in_round=0
	fi
done 3<"$T/visits"
[ $in_round -eq 0 ] || end_round
check "calls were killed at: $killed, of $visits tried, of $all that there are" [ "$killed" -ge $((visits / 2)) ]
is 'nothing is lost, nothing doubled, everything runs again' "$bad" 0
done_testing

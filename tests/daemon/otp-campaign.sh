#!/bin/sh
# No order that was acknowledged is forgotten: children are added, terminated, deleted, started again and stopped at
# random while the daemon is killed at random; what an answer said is so under the next daemon, and a child that was
# not touched keeps its process. A round is one life of the daemon. (OTP_SEED, OTP_ROUNDS)
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

seed=${OTP_SEED:-$(date +%N | sed 's/^0*//')}
rounds=${OTP_ROUNDS:-6}
diag "seed $seed"
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	pick=$((seed / 65536 % $1))
}

configure <<END
store = none
hold = 30s
journal { segment = 64K }
supervisor s { child keep { command = "sleep 1000" } }
supervisor pool { strategy = simple_one_for_one  child w { command = "sleep"  shutdown = 1s } }
END

# state/NAME holds what the last answer said of it: PID up, down, or gone. An order that was not answered leaves "any".
mkdir -p said
said() {
	echo "$2" >"$T/said/$1"
}

one() {
	random 7
	op=$pick
	random 4
	id=c$pick
	echo any >"$T/said/$id.new"
	case $op in
	0 | 1 | 2) set -- start-child s "child $id { command = \"sleep 1000\" }" ;;
	3) set -- terminate-child s "$id" ;;
	4) set -- restart-child s "$id" ;;
	5) set -- delete-child s "$id" ;;
	6) set -- start-child pool -- 1000 ;;
	esac
	[ "$op" -eq 6 ] || cp "$T/said/$id" "$T/said/$id.old" 2>/dev/null || echo gone >"$T/said/$id.old"
	[ "$op" -eq 6 ] || said "$id" any
	if answer=$(tx "$@" 2>&1); then
		case $op in
		0 | 1 | 2 | 4) said "$id" "up $(echo "$answer" | tr -dc '0-9')" ;;
		3) said "$id" down ;;
		5) said "$id" gone ;;
		6) echo "$answer" | tr -dc '0-9\n' >>"$T/instances" ;;
		esac
	elif [ "$op" -ne 6 ]; then
		case $answer in
		*'{error,'*) cp "$T/said/$id.old" "$T/said/$id" ;; # refused: nothing has changed
		esac
	fi
}

# What there is, against what was said.
right() {
	tx status --json >"$T/now" || return 1
	wrong=
	for id in c0 c1 c2 c3; do
		is_now=$(jq -r --arg n "s/$id" '[.. | objects | select(.name? == $n) | if .pid then "up \(.pid)" else "down" end][0] // "gone"' "$T/now")
		was=$(cat "$T/said/$id" 2>/dev/null || echo gone)
		[ "$was" = any ] || [ "$was" = "$is_now" ] || wrong="$wrong $id was said to be $was, is $is_now;"
	done
	jq -r '.. | objects | select((.name? // "") | startswith("pool/")) | .pid' "$T/now" | sort >"$T/pool"
	[ ! -e "$T/instances" ] || sort "$T/instances" | comm -23 - "$T/pool" >"$T/lost"
	[ ! -s "$T/lost" ] || wrong="$wrong instances lost: $(paste -sd ' ' "$T/lost")"
	[ "$(jq -r '[.. | objects | select(.name? == "s/keep") | .pid][0]' "$T/now")" = "$keep" ] || wrong="$wrong s/keep was touched"
	[ -z "$wrong" ] && return
	echo "$wrong"
	return 1
}

check 'the daemon starts' start_daemon
retry 5 child_is s/keep running
keep=$(pid_of s/keep)
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	random 400
	(sleep "0.$(printf %03d $((pick + 50)))" && kill -KILL "$daemon") &
	killer=$!
	while alive "$daemon"; do
		one
	done
	wait "$killer"
	check "round $round: the next daemon starts" start_daemon
	check "round $round: all is as was said" retry 5 right
	# What was not answered is whatever it is now.
	for id in c0 c1 c2 c3; do
		said "$id" "$(jq -r --arg n "s/$id" '[.. | objects | select(.name? == $n) | if .pid then "up \(.pid)" else "down" end][0] // "gone"' "$T/now")"
	done
done
is 'each instance had a number of its own' "$(records 'select(.type == "start" and (.child | startswith("pool/"))) | .child' | sort | uniq -d)" ''
check 'the daemon stops in order' stop_daemon
done_testing

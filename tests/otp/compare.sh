#!/bin/sh
# Random scenarios played by the core and by OTP's own supervisor(3) end in the same answers, starts, stops and
# trees, step by step: rules S1-S86 as far as OTP has them. With arguments: sh compare.sh FROM TO, by number.
#
# What is not compared, since the core departs there on purpose: times (backoff, shutdown), parallel stops under
# one_for_one, init = patient, cool_down; and an automatic restart of an instance of a simple_one_for_one that
# is ignored, which leaves an entry without a process in OTP and nothing here (S26).
. "$top_srcdir/tests/lib/tap.sh"

from=${1:-1} to=${2:-60}
scenario=$top_builddir/tests/otp/otp_scenario

command -v escript >/dev/null || skip_all 'escript is missing (Debian: erlang-base)'

# The lines of scenario $1 in file $2.
one_of() {
	awk -v n="$1" '/^scenario / { show = $2 == n } show' "$2"
}

play_both() {
	"$scenario" generate "$from" "$to" >"$T/scenarios" && "$scenario" play <"$T/scenarios" >"$T/core.played" &&
	    escript "$top_srcdir/tests/otp/supervisor.escript" <"$T/scenarios" >"$T/otp.played"
}

check "scenarios $from to $to are played by both" play_both
is 'all of them, to their ends' "$(grep -c '^scenario ' "$T/otp.played")" "$((to - from + 1))"
is 'and each with its lines' "$(wc -l <"$T/otp.played")" "$(wc -l <"$T/core.played")"
n=$from
while [ "$n" -le "$to" ]; do
	one_of "$n" "$T/otp.played" >"$T/otp"
	one_of "$n" "$T/core.played" >"$T/core"
	diff "$T/otp" "$T/core" >"$T/$n.diff"
	check "scenario $n: as in OTP" cmp -s "$T/otp" "$T/core"
	if [ -s "$T/$n.diff" ]; then
		one_of "$n" "$T/scenarios" | sed 's,^,# ,'
		sed 's/^/# OTP < > core: /' "$T/$n.diff"
	fi
	n=$((n + 1))
done
done_testing

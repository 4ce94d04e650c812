# shellcheck shell=sh
# Sentences about supervisor(3)'s operations, on top of daemon.sh.

# What the command said, with every pid that is not part of the wanted term as PID.
otp_said() {
	sed 's/{ok,[0-9][0-9]*\([,}]\)/{ok,PID\1/' "$1"
}

# answers SENTENCE TERM WORD…: trapexit WORD… succeeds, and prints this term; PID stands for a pid.
answers() {
	otp_sentence=$1 otp_term=$2
	shift 2
	if tx "$@" >"$T/.tap/out" 2>"$T/.tap/err" </dev/null; then
		is "$otp_sentence" "$(otp_said "$T/.tap/out")" "$otp_term"
	else
		not_ok "$otp_sentence"
		diag_file <"$T/.tap/err"
	fi
}

# The pid in the last answer.
answered_pid() {
	sed -n 's/^{ok,\([0-9][0-9]*\)[,}].*/\1/p' "$T/.tap/out"
}

# refused SENTENCE TERM WORD…: status 1, nothing on standard output, and on standard error the term, then words.
refused() {
	otp_sentence=$1 otp_term=$2 otp_rc=0
	shift 2
	tx "$@" >"$T/.tap/out" 2>"$T/.tap/err" </dev/null || otp_rc=$?
	otp_got=$(head -n 1 "$T/.tap/err")
	case $otp_got in
	"trapexit: $otp_term" | "trapexit: $otp_term: "*) otp_got="$otp_rc $otp_term" ;;
	esac
	is "$otp_sentence" "$otp_got$(cat "$T/.tap/out")" "1 $otp_term"
}

# The ids of a supervisor's children, as which_children has them: the newest first.
ids() {
	tx which-children "$1" --json | jq -r '[.children[] | .id // "undefined"] | join(" ")'
}

# counts SUPERVISOR: specs, active, supervisors, workers
counts() {
	tx count-children "$1" | tr '\n' ' '
}

crash_daemon() {
	kill -KILL "$daemon"
	retry 5 gone "$daemon"
	start_daemon
}

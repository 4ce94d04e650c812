# shellcheck shell=sh
# Sentences for the supervision rules with real processes, on top of tap.sh and daemon.sh: children that do as they
# are told (tests/helpers/kid), and what has happened to them as a line of words.

# shellcheck disable=SC2034 # for the tests
kid=$top_builddir/tests/helpers/kid

# Of the journal, in its order: +a is a start of a, -a its end, !a a start that failed.
trace() {
	records 'if .type == "start" then "+" + .child elif .type == "exit" then "-" + .child
	    elif .type == "start_failed" then "!" + .child else empty end' | tr -d '"'
}

# From here on …
mark() {
	trace_from=$(($(trace | wc -l) + 1))
}

# … this has happened, on one line.
happened() {
	trace | tail -n "+${trace_from:-1}" | tr '\n' ' '
}

# has_happened WORDS: this and no more, in this order.
has_happened() {
	[ "$(happened)" = "$* " ]
}

# traced SENTENCE WORDS: a check that this happens from the mark on, and no more; sets the next mark.
traced() {
	if retry 10 has_happened "$2"; then
		ok "$1"
	else
		is "$1" "$(happened)" "$2 "
	fi
	mark
}

# A kid has said that it is there: it can be sent the signals that it knows.
kid_is_up() {
	child_is "$1" running && file_has "$T/log/$1.log" " $(pid_of "$1")\$"
}

kids_are_up() {
	for up_kid; do
		kid_is_up "$up_kid" || return 1
	done
}

# die SIGNAL NAME…: send it to each, when all are up.
die() {
	die_signal=$1
	shift
	retry 10 kids_are_up "$@" || return 1
	for die_kid; do
		kill "-$die_signal" "$(pid_of "$die_kid")" || return 1
	done
}

# states NAME…: their states, on one line; - of one that is not there.
states() {
	tx status --json | jq -r '[.tree | recurse(.children[]?) | {key: .name, value: .state}] | from_entries as $s |
	    [$ARGS.positional[] | $s[.] // "-"] | join(" ")' --args "$@"
}

# states_are 'STATES' NAME…
states_are() {
	states_wanted=$1
	shift
	[ "$(states "$@")" = "$states_wanted" ]
}

# reports NAME: what was reported of it, "REPORT REASON", a line each.
reports() {
	records "select(.type == \"report\" and .child == \"$1\" and .report != \"progress\") | .report + \" \" + .reason" | tr -d '"'
}

# has_report NAME 'REPORT REASON'
has_report() {
	reports "$1" | grep -qxF -- "$2"
}

# The daemon ends by itself, with this status.
daemon_ends_with() {
	retry 20 gone "$daemon" || return 1
	ended_rc=0
	wait "$daemon" || ended_rc=$?
	[ "$ended_rc" -eq "$1" ]
}

# shellcheck shell=sh
# TAP for tests in POSIX sh. A test looks like this:
#
#	#!/bin/sh
#	# What this test shows, and which rules.
#	. "$top_srcdir/tests/lib/tap.sh"
#
#	check 'the configuration is accepted' trapexitd -t -c "$T/x.conf"
#	trapexitd -c "$T/x.conf" >"$T/daemon.log" 2>&1 &
#	own $!
#	check 'the child is up within 5 s' retry 5 child_is_running web
#	is 'it was started once' "$(starts_of web)" 1
#	done_testing
#
# The script runs in an empty environment (env -i) but for what a tool needs
# (TZ is UTC, HOME and the XDG directories are below $T). $T is a private
# directory, removed at the end. The programs are in the PATH, through $T/bin,
# which is also $TRAPEXIT_BINDIR; with TRAPEXIT_VALGRIND set, what is there
# runs the daemons under valgrind. The umask is 022, whatever the user's is.
#
# What the test has started in the background it registers: own PID. At the end
# (or when the test is interrupted) these processes are ended: CONT and TERM,
# then KILL. A pid that meanwhile belongs to another process is left alone.
# done_testing then looks whether anything that the test started, however far
# away from it, is still alive: that fails the test, and is killed.
#
# When a check has failed, the files $T/*.log, *.out and *.err (also in
# directories below) are shown as diagnostics.
#
# Without done_testing at its end a test has no plan and counts as failed.

if [ -z "${TX_TEST_CLEAN:-}" ]; then
	: "${top_srcdir:?must be set: run tests through make check, or see HACKING.md}"
	: "${top_builddir:?must be set: run tests through make check, or see HACKING.md}"
	exec env -i TX_TEST_CLEAN=1 PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8 TZ=UTC SHELL=/bin/sh \
	    TMPDIR="${TMPDIR:-/tmp}" top_srcdir="$top_srcdir" top_builddir="$top_builddir" \
	    TRAPEXIT_VALGRIND="${TRAPEXIT_VALGRIND:-}" TRAPEXIT_SLOW="${TRAPEXIT_SLOW:-}" \
	    TRAPEXIT_SEED="${TRAPEXIT_SEED:-}" TRAPEXIT_CRASH_SECONDS="${TRAPEXIT_CRASH_SECONDS:-}" \
	    TRAPEXIT_INJECT_SECONDS="${TRAPEXIT_INJECT_SECONDS:-}" \
	    ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" LSAN_OPTIONS="${LSAN_OPTIONS:-}" \
	    /bin/sh "$0" ${1+"$@"}
fi

tap_count=0
tap_failed=0
tap_pids=
tap_ended=
tap_at_end=

umask 022
T=$(mktemp -d "${TMPDIR:-/tmp}/tx.XXXXXX") || { echo 'Bail out! no private directory'; exit 99; }
# Every process that this test starts carries the name of its directory.
TX_TEST=$T
HOME=$T/home
XDG_RUNTIME_DIR=$T/home/run
TRAPEXIT_BINDIR=$T/bin
PATH=$T/bin:$PATH
mkdir "$T/bin" "$T/home" "$T/.tap"
mkdir -m 700 "$T/home/run"
export T TX_TEST HOME XDG_RUNTIME_DIR TRAPEXIT_BINDIR PATH
if [ -n "$TRAPEXIT_VALGRIND" ]; then
	TRAPEXIT_SLOW=${TRAPEXIT_SLOW:-8}
fi
TRAPEXIT_SLOW=${TRAPEXIT_SLOW:-1}
export TRAPEXIT_SLOW

# What valgrind shall watch. Not the agent: it shares its memory with children that are about to exec
# (CLONE_VM), which valgrind cannot follow. The sanitizers look at it.
tap_link_programs() {
	for tap_p in daemon/trapexitd agent/trapexit-agent scrape/pricescrape recorder/trapexit-recorder \
	    event/trapexit-event cli/trapexit; do
		tap_real=$top_builddir/src/$tap_p
		tap_name=${tap_p#*/}
		[ -x "$tap_real" ] || continue
		case ${TRAPEXIT_VALGRIND:+$tap_name} in
		trapexitd | trapexit-recorder | trapexit-event | pricescrape)
			mkdir -p "$T/valgrind"
			cat >"$T/bin/$tap_name" <<-END
				#!/bin/sh
				exec valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \\
				    --child-silent-after-fork=yes --log-file='$T/valgrind/$tap_name.%p' \\
				    --suppressions='$top_srcdir/tests/lib/valgrind.supp' '$tap_real' "\$@"
			END
			chmod +x "$T/bin/$tap_name"
			;;
		*)
			ln -s "$tap_real" "$T/bin/$tap_name"
			;;
		esac
	done
}

# Lines of standard input as TAP diagnostics, with control characters made visible.
diag_file() {
	tr -c '[:print:]\n\t\200-\377' '?' | sed 's/^/#   /'
}

# A diagnostic line.
diag() {
	echo "# $*"
}

ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $*"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $*"
}

# check SENTENCE COMMAND…: the command succeeds. Its output is shown if not.
check() {
	tap_sentence=$1
	shift
	if "$@" >"$T/.tap/last" 2>&1; then
		ok "$tap_sentence"
	else
		tap_rc=$?
		not_ok "$tap_sentence"
		diag "status $tap_rc of: $*"
		diag_file <"$T/.tap/last"
	fi
}

# refute SENTENCE COMMAND…: the command fails.
refute() {
	tap_sentence=$1
	shift
	if "$@" >"$T/.tap/last" 2>&1; then
		not_ok "$tap_sentence"
		diag "succeeded: $*"
		diag_file <"$T/.tap/last"
	else
		ok "$tap_sentence"
	fi
}

# status_is N SENTENCE COMMAND…: the command ends with status N.
status_is() {
	tap_want=$1 tap_sentence=$2 tap_rc=0
	shift 2
	"$@" >"$T/.tap/last" 2>&1 || tap_rc=$?
	if [ "$tap_rc" -eq "$tap_want" ]; then
		ok "$tap_sentence"
	else
		not_ok "$tap_sentence"
		diag "status $tap_rc, not $tap_want, of: $*"
		diag_file <"$T/.tap/last"
	fi
}

# is SENTENCE GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" | diag_file
	fi
}

# like SENTENCE TEXT ERE: a line of the text matches.
like() {
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		ok "$1"
	else
		not_ok "$1"
		printf 'text:   %s\nwanted: %s\n' "$2" "$3" | diag_file
	fi
}

# What the last check's command printed.
last_output() {
	cat "$T/.tap/last"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# skip_all REASON: before the first check.
skip_all() {
	echo "1..0 # SKIP $*"
	tap_ended=1
	exit 0
}

bail() {
	echo "Bail out! $*"
	tap_failed=$((tap_failed + 1))
	exit 99
}

# Milliseconds of a clock that nobody sets, without a fork, in tap_now.
tap_clock() {
	read -r tap_now _ </proc/uptime
	tap_now=${tap_now%.*}${tap_now#*.}0
	tap_now=${tap_now#"${tap_now%%[!0]*}"}
}

# retry SECONDS COMMAND…: again and again until it succeeds or the time is over.
# (TRAPEXIT_SLOW stretches the time, for valgrind and sanitizers.)
retry() {
	tap_clock
	tap_until=$((tap_now + $1 * 1000 * TRAPEXIT_SLOW))
	shift
	while ! "$@"; do
		tap_clock
		[ "$tap_now" -lt "$tap_until" ] || return 1
		sleep 0.05
	done
}

# The state (R, S, T, Z, …) and the start time of a process, which with the pid names it for ever.
tap_stat() {
	tap_state='' tap_birth=''
	[ -r "/proc/$1/stat" ] && { read -r tap_line <"/proc/$1/stat"; } 2>/dev/null || return 1
	tap_line=${tap_line##*) }
	tap_state=${tap_line%% *}
	# shellcheck disable=SC2086 # split on purpose: the fields of proc(5)
	set -- $tap_line
	shift 19
	tap_birth=$1
}

# Is this process alive (a zombie is not)?
alive() {
	tap_stat "$1" && [ "$tap_state" != Z ] && [ "$tap_state" != X ]
}

gone() {
	! alive "$1"
}

# own PID…: end these processes with the test.
own() {
	for tap_pid; do
		tap_stat "$tap_pid" && tap_pids="$tap_pids $tap_pid:$tap_birth"
	done
	:
}

# Is PID:BIRTH still the process that was registered, and alive?
tap_owned() {
	alive "${1%:*}" && [ "$tap_birth" = "${1#*:}" ]
}

tap_none_owned() {
	for tap_p in $tap_pids; do
		! tap_owned "$tap_p" || return 1
	done
}

tap_signal_owned() {
	for tap_p in $tap_pids; do
		if tap_owned "$tap_p"; then
			kill "-$1" "${tap_p%:*}" 2>/dev/null
		fi
	done
	:
}

# End all that is registered, before the end of the test. Stopped or not, they get 10 s.
end_owned() {
	tap_none_owned && return
	tap_signal_owned TERM
	tap_signal_owned CONT
	if ! retry 10 tap_none_owned; then
		tap_signal_owned KILL
		retry 5 tap_none_owned
	fi
	tap_pids=
}

# The pids of all processes that this test started, other than the test itself. (No further program in the
# pipe: it would find itself.)
started_here() {
	env -u TX_TEST grep -lzx "TX_TEST=$T" /proc/[0-9]*/environ 2>/dev/null | while read -r tap_p; do
		tap_p=${tap_p#/proc/}
		tap_p=${tap_p%/environ}
		alive "$tap_p" && [ "$tap_p" != "$$" ] && echo "$tap_p"
	done
}

nothing_is_left() {
	[ -z "$(started_here)" ]
}

# Kill at once what this test started and what is still alive, frozen or not.
kill_all() {
	tap_tries=0
	while tap_left=$(started_here) && [ -n "$tap_left" ] && [ "$tap_tries" -lt 100 ]; do
		# shellcheck disable=SC2086 # a list of pids
		kill -KILL $tap_left 2>/dev/null
		tap_tries=$((tap_tries + 1))
		sleep 0.05
	done
	tap_pids=
}

# A TCP port on 127.0.0.1 that was free a moment ago. (Better: let the program take port 0.)
free_port() {
	perl -MIO::Socket::INET -e \
	    'print IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1)->sockport, "\n"'
}

# For tests that become other users, as root only: those must reach $T and the programs, which may have been
# built where nobody else gets to (below /root, with a umask of 077). Fails if they cannot: there is no setpriv,
# root may become nobody else (in a container), the directory for temporary files is our own.
open_to_others() {
	chmod 755 "$T" || return
	for tap_p in "$T"/bin/*; do
		[ ! -L "$tap_p" ] || { cp -L "$tap_p" "$tap_p.copy" && chmod 755 "$tap_p.copy" && mv "$tap_p.copy" "$tap_p"; } || return
	done
	# By a shell: what setpriv itself starts, it looks for with the rights of root.
	# (Under valgrind, the daemon is run from where it was built.)
	setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c '"$1" --version && { [ -z "$2" ] || [ -x "$3" ]; }' \
	    - "$T/bin/trapexit" "$TRAPEXIT_VALGRIND" "$top_builddir/src/daemon/trapexitd" >/dev/null 2>&1
}

# file_has FILE ERE: for retry.
file_has() {
	[ -f "$1" ] && grep -Eq -- "$2" "$1"
}

tap_show_logs() {
	find "$T" -type f \( -name '*.log' -o -name '*.out' -o -name '*.err' -o -path '*/valgrind/*' \) \
	    -size +0 2>/dev/null | sort | head -n 20 | while read -r tap_f; do
		# What a sanitizer says is longer, and its beginning tells where.
		if grep -q 'ERROR: [A-Za-z]*Sanitizer\|: runtime error: ' "$tap_f"; then
			diag "--- ${tap_f#"$T"/} (what the sanitizer says)"
			sed -n '/ERROR: [A-Za-z]*Sanitizer\|: runtime error: /,/SUMMARY: /p' "$tap_f" | head -n 60 |
			    cut -c 1-500 | diag_file
		fi
		diag "--- ${tap_f#"$T"/} (last 40 lines)"
		tail -n 40 "$tap_f" | cut -c 1-500 | diag_file
	done
}

# The end of every test: ends what it owns, shows that nothing is left, prints the plan.
done_testing() {
	end_owned
	if retry 5 nothing_is_left; then
		ok 'nothing that the test started is left running'
	else
		not_ok 'nothing that the test started is left running'
		# shellcheck disable=SC2046 # a list of pids
		ps -o pid,ppid,stat,args -p "$(started_here | paste -sd, -)" 2>&1 | diag_file
	fi
	if [ -n "$TRAPEXIT_VALGRIND" ]; then
		if grep -qrE '^==[0-9]+== ' "$T/valgrind" 2>/dev/null; then
			not_ok 'valgrind has nothing to say'
		else
			ok 'valgrind has nothing to say'
		fi
	fi
	[ "$tap_failed" -eq 0 ] || tap_show_logs
	echo "1..$tap_count"
	tap_ended=1
	[ "$tap_failed" -eq 0 ]
	exit
}

# at_end COMMAND: done (by eval) before the private directory is removed, however the test ends.
at_end() {
	tap_at_end="$tap_at_end$1;"
}

tap_cleanup() {
	tap_rc=$?
	trap - EXIT HUP INT TERM
	trap '' PIPE
	if [ -z "$tap_ended" ]; then
		diag "the test ended early, with status $tap_rc"
		end_owned
		tap_show_logs
		[ "$tap_rc" -ne 0 ] || tap_rc=1
	fi
	kill_all
	eval "$tap_at_end"
	rm -rf "$T"
	exit "$tap_rc"
}
trap tap_cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 141' PIPE

tap_link_programs
cd "$T" || bail 'the private directory has gone'

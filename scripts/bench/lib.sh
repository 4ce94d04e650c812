# shellcheck shell=sh disable=SC2034 # much is for those who source this
# What the benches share: building, a private directory, starting and ending what is measured, tables.
# Sourced by the scripts beside it, which have set $here to this folder.
#
# Everything that a bench starts is registered by its pid (own) and ended by it, at the end or when it is
# interrupted. A trapexitd is ended in order.

top=$(cd "$here/../.." && pwd)
build=${TRAPEXIT_BUILD:-$top/build}
programs='daemon/trapexitd agent/trapexit-agent scrape/pricescrape recorder/trapexit-recorder cli/trapexit'

W=
pids=
daemon=

# Build what is missing; without a configured build folder make one.
prepare() {
	"$top/scripts/deps" "$@" || exit 1
	if [ ! -e "$build/config.status" ]; then
		[ -e "$top/configure" ] || "$top/bootstrap" >/dev/null 2>&1 || exit 1
		mkdir -p "$build" && (cd "$build" && "$top/configure" -q) || exit 1
	fi
	# shellcheck disable=SC2046,SC2086 # a list
	make -s -C "$build" -j"$(nproc)" $(printf 'src/%s ' $programs) bench-programs >/dev/null || exit 1
	W=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mkdir "$W/bin"
	for p in $programs; do
		ln -s "$build/src/$p" "$W/bin/"
	done
	TRAPEXIT_BINDIR=$W/bin PATH=$W/bin:$build/scripts/bench:$PATH HOME=$W
	export TRAPEXIT_BINDIR PATH HOME
	stamp=$build/scripts/bench/stamp
	spew=$build/scripts/bench/spew
	floor=$build/scripts/bench/floor
	board=$W/board
}

own() {
	pids="$pids $1"
}

# Is the process there, and more than a zombie?
alive() {
	grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

# wait_gone PID SECONDS
wait_gone() {
	tries=$(($2 * 20))
	while alive "$1" && [ $tries -gt 0 ]; do
		sleep 0.05
		tries=$((tries - 1))
	done
	! alive "$1"
}

# End a process that we started: TERM, after 30 s KILL.
end() {
	if alive "$1"; then
		kill -TERM "$1" 2>/dev/null
		wait_gone "$1" 30 || kill -KILL "$1" 2>/dev/null
	fi
	wait "$1" 2>/dev/null
	:
}

end_all() {
	[ -z "$daemon" ] || stop_trapexit
	for p in $pids; do
		end "$p"
	done
	pids=
}

cleanup() {
	rc=$?
	trap - EXIT INT TERM HUP
	end_all
	[ -z "$W" ] || rm -rf "$W"
	exit $rc
}

# start_trapexit: with the configuration on standard input, in a folder of its own; comes back when it is ready.
start_trapexit() {
	run=$W/trapexit
	rm -rf "$run"
	mkdir -p "$run"
	TRAPEXIT_CONFIG=$run/trapexit.conf
	export TRAPEXIT_CONFIG
	{
		printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\nlog_dir = "%s/log"\n' "$run" "$run" "$run"
		cat
	} >"$TRAPEXIT_CONFIG"
	trapexitd -c "$TRAPEXIT_CONFIG" >"$run/daemon.err" 2>&1 &
	daemon=$!
	tries=400
	until trapexit status --json 2>/dev/null | grep -q '"state": *"up"'; do
		tries=$((tries - 1))
		if [ $tries -eq 0 ] || ! alive "$daemon"; then
			echo "trapexitd does not start:" >&2
			cat "$run/daemon.err" >&2
			exit 1
		fi
		sleep 0.05
	done
	agents=$(trapexit status --json | tr ',{}' '[\n*]' | sed -n 's/^"\(agent\|guard\)_pid": *//p' | tr '\n' ' ')
}

# Its agent goes with it, in order; if not, it is ended by its pid.
stop_trapexit() {
	end "$daemon"
	daemon=
	for p in $agents; do
		wait_gone "$p" 10 || kill -KILL "$p" 2>/dev/null
	done
	agents=
}

# The value at the percentage $1 of the numbers on standard input, one a line.
percentile() {
	sort -n | awk -v p="$1" '{ v[NR] = $1 } END { if (NR) print v[int((NR - 1) * p / 100 + 1.5)]; else print "?" }'
}

# calc EXPRESSION FORMAT; "?" if one of the operands was missing
calc() {
	case $1 in
	*'?'*) echo '?' ;;
	*) awk "BEGIN { printf \"$2\", $1 }" ;;
	esac
}

have() {
	command -v "$1" >/dev/null
}

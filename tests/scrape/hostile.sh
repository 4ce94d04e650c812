# shellcheck shell=sh
# What the hostile tests share. Source it behind tests/scrape/lib.sh.

# The server is at $hostile then; files of $T/files are at /file/NAME.
start_hostile() {
	mkdir -p "$T/files"
	"$top_builddir/tests/helpers/hostile" --port-file "$T/hostile.port" --folder "$T/files" >"$T/hostile.log" 2>&1 &
	own $!
	retry 10 test -s "$T/hostile.port" || bail 'the hostile server does not open'
	# shellcheck disable=SC2034 # for the test
	hostile=http://127.0.0.1:$(cat "$T/hostile.port")
}

# measured COMMAND…: output in $T/hostile.out, what it took in $T/measured.
measured() {
	"$top_builddir/tests/helpers/measure" "$T/measured" "$((60 * TRAPEXIT_SLOW))" "$@" >"$T/hostile.out" 2>"$T/hostile.err"
}

# Sanitizers and valgrind need many times the memory.
memory_counts() {
	[ "$TRAPEXIT_SLOW" -eq 1 ]
}

took() {
	sed -n "s/^$1=//p" "$T/measured"
}

# None dies of it; but where all takes many times as long, a page may have had its time twice over (P38, P41).
lived() {
	[ "$(took signal)" -eq 0 ] || { [ "$TRAPEXIT_SLOW" -gt 1 ] && [ "$(took signal)" -eq 24 ]; }
}

within_bounds() {
	cat "$T/measured" "$T/hostile.err"
	lived && [ "$(took cpu_ms)" -le "$(($1 * TRAPEXIT_SLOW))" ] &&
	    [ "$(took wall_ms)" -le "$(($3 * TRAPEXIT_SLOW))" ] || return
	! memory_counts || [ "$(took rss_kb)" -le "$2" ]
}

# bounded WHAT CPU_MS RSS_KB WALL_MS
bounded() {
	what=$1
	shift
	check "P38: $what: time and memory" within_bounds "$@"
}

# shellcheck shell=sh
# Words for the tests of the recorder: a journal made by hand, a store, a judge.
helpers=$top_builddir/tests/helpers
J=$T/journal
S=$T/store.db
INSTALLATION=0123456789abcdef0123456789abcdef

# A line for the journal: observation CHILD TOKEN N SLOT SOURCE DATA-MEMBERS (SLOT '': none).
observation() {
	printf '{"type":"observation","t":1795350000000,"child":"%s","token":%s,"n":%s,%s"source":"%s","data":{"type":"observation",%s}}\n' \
	    "$1" "$2" "$3" "${4:+\"slot\":$4,}" "$5" "$6"
}

# price CHILD TOKEN N SLOT SOURCE AMOUNT
price() {
	observation "$1" "$2" "$3" "$4" "$5" "\"status\":\"ok\",\"product\":\"Webcam\",\"amount\":\"$6\",\"currency\":\"GBP\""
}

# Append standard input to the journal, as epoch $1 (0: the next) of installation $2.
append() {
	"$helpers/record-load" lines "$J" "${1:-0}" "${2:-$INSTALLATION}"
}

record() {
	trapexit-recorder --journal "$J" --store "$S" "$@"
}

# For the background, so that $! is the recorder itself: become_recorder … &
become_recorder() {
	exec trapexit-recorder --journal "$J" --store "$S" "$@"
}

verify() {
	"$helpers/verify-store" --journal "$J" --store "$S" "$@"
}

# What does the store say? (sqlite3 is for tests only, and not everywhere.)
sql() {
	sqlite3 -readonly "$S" "$1"
}

history_has() {
	[ "$(sql 'SELECT count(*) FROM observation' 2>/dev/null)" = "$1" ]
}

need() {
	for tool; do
		command -v "$tool" >/dev/null || skip_all "$tool is not installed"
	done
}

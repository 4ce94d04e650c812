# shellcheck shell=sh
# What the tests of pricescrape share: a shop, jobs, and what came out.
# Source it behind tests/lib/tap.sh.

# start_shop [OPTION…]: the shop is at $shop then, its access log is $T/access.
start_shop() {
	rm -f "$T/port"
	"$top_builddir/tests/helpers/shop" --port-file "$T/port" --access-log "$T/access" "$@" >"$T/shop.log" 2>&1 &
	shop_pid=$!
	own "$shop_pid"
	retry 10 test -s "$T/port" || bail 'the shop does not open'
	shop=http://127.0.0.1:$(cat "$T/port")
}

# has_lines FILE N
has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# Fetches that the shop has seen of one path.
fetches_of() {
	grep -c " $1 " "$T/access"
}

# member NAME <LINES: the value of a member of each line, without its quotes.
member() {
	sed -n "s/.*\"$1\":\"\\{0,1\\}\\([^,\"}]*\\).*/\\1/p"
}

# job_head EVERY_MS GAP_MS [MEMBERS]; with robots=true it asks for robots.txt.
job_head() {
	printf '{"type":"job","version":1,"child":"test","token":1,"start":"normal","every_ms":%d,"jitter_permille":100,"gap_ms":%d,"timeout_ms":5000,"max_body":8388608,"user_agent":null,"allow_private":true,"robots":%s,"die_after":0%s}\n' \
	    "$1" "$2" "${robots:-false}" "${3:+,$3}"
}

# job_source ID PATH [MEMBERS]
job_source() {
	printf '{"type":"source","id":"%s","url":"%s%s"%s}\n' "$1" "$shop" "$2" "${3:+,$3}"
}

job_end() {
	printf '{"type":"end"}\n'
}

# The newest state of each key in the complete lines of a file, as job lines.
states_of() {
	awk '/^\{"type":"state".*\}$/ { k = $0; sub(/.*"key":"/, "", k); sub(/".*/, "", k); s[k] = $0 }
	    END { for (k in s) print s[k] }' "$1"
}

# start_job FILE OUT [OPTION…]: pricescrape at $scraper with the job, its input open, output appended to OUT.
# The reader of its output is $reader. Close the input with end_input.
start_job() {
	job_file=$1 job_out=$2
	shift 2
	rm -f "$T/in" "$T/pipe"
	mkfifo "$T/in" "$T/pipe"
	cat "$T/pipe" >>"$job_out" &
	reader=$!
	own "$reader"
	pricescrape --job "$@" <"$T/in" >"$T/pipe" 2>>"$T/scraper.err" &
	scraper=$!
	own "$scraper"
	exec 7>"$T/in"
	cat "$job_file" >&7
}

end_input() {
	exec 7>&-
}

# The status that pricescrape ended with, in $status, once it has.
# shellcheck disable=SC2034 # for the test
scraper_ended() {
	status=0
	retry "${1:-5}" gone "$scraper" || return 1
	wait "$scraper" || status=$?
}

has_observations() {
	[ "$(grep -c '"type":"observation"' "$1")" -ge "$2" ]
}

#!/bin/sh
# The rest that a site asks for is the program's, not one scraper's (P49, P51): a scraper that comes to that site later, by
# another name or in place of the first one, leaves it alone, too, whoever was killed meanwhile (P52).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

# state_is CHILD SOURCE 'STATE REASON'
state_is() {
	[ "$(tx status --json --sources "$1" | jq -r --arg s "$2" '.. | objects | select(.source? == $s and .checked? != false and .state?) |
	    "\(.state) \(.reason)"' | head -n 1)" = "$3" ]
}

asked_for() {
	grep -q " $1 " "$T/access.log"
}

# shops NAME PATH …: scrapers of one source each; those that have nothing to say from their start on would soon count as hung.
shops() {
	echo 'store = none'
	while [ $# -gt 0 ]; do
		case $2 in
		/p/*) hang=1500ms ;;
		*) hang=auto ;;
		esac
		cat <<END
scraper $1 {
	allow_private = yes  every = 1s  gap = 0s  jitter = 0%  hang_after = $hang
	source s { url = "http://127.0.0.1:$port$2" }
}
END
		shift 2
	done
}

check 'the shop opens' start_shop
shops first '/status/429?retry_after=600' | configure
check 'the daemon starts' start_daemon
check 'P51: a site asks for a rest' retry 20 state_is first s 'blocked http-429'

shops first '/status/429?retry_after=600' second /p/2 | configure
check 'another scraper of it is added' tx reload
check 'P49: it knows of the rest' retry 20 state_is second s 'blocked site-rest'
shops third /p/3 | configure
check 'a third one takes the place of both' tx reload
check 'P49: it knows, too' retry 20 state_is third s 'blocked site-rest'
kill -KILL "$(pid_of third)"
check 'it is killed, and runs again' retry 20 child_count third restarts 1
check 'P52: it still knows' retry 20 state_is third s 'blocked site-rest'
kill -KILL "$daemon"
retry 10 gone "$daemon"
check 'the daemon is killed, and starts' start_daemon
check 'P52: so does its successor' retry 20 state_is third s 'blocked site-rest'
first=$(pid_of third)
kill -KILL "$first"
restarted() {
	[ -n "$(pid_of third)" ] && [ "$(pid_of third)" != "$first" ] && child_is third running
}
check 'killed again, it runs again' retry 20 restarted
refute 'P51: nobody has asked the site meanwhile, which is nobody hung' retry 3 asked_for '/p/[23]'
is 'nor again for the first page' "$(grep -c '/status/429' "$T/access.log")" 1
refute 'and nobody was restarted for being silent' sh -c 'trapexit -c "$1/t.conf" events | grep -q "ALARM hung"' - "$T"
check 'the daemon stops in order' stop_daemon
done_testing

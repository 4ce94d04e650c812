#!/bin/sh
# Pages that want to hurt: each costs bounded time and memory, and gives one line with a status.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"
. "$top_srcdir/tests/scrape/hostile.sh"

# one_line: exactly one JSON line, with one of the statuses.
one_line() {
	cat "$T/hostile.out"
	[ "$(wc -l <"$T/hostile.out")" -eq 1 ] &&
	    grep -Eq '^\{"type":"observation".*"status":"(ok|unavailable|no_match|ambiguous|blocked|too_large|limit)".*\}$' \
	        "$T/hostile.out"
}

# read_page NAME [OPTION…]
read_page() {
	page=$1
	shift
	measured pricescrape extract --url=http://shop.example/p/1 "$@" "$T/page"
	check "$page${1:+ $*}: a line" one_line
	bounded "$page${1:+ $*}" 4000 262144 30000
}

for name in $("$top_builddir/tests/helpers/hostile" --pages); do
	"$top_builddir/tests/helpers/hostile" --page "$name" >"$T/page"
	# Longer than the limit of a body, so that the other limits show.
	read_page "$name" --max-body=128M
	case $name in
	nuls | json-offers)
		is "$name: the price is found (P33, P36)" "$(member amount <"$T/hostile.out")" 24.99
		;;
	catastrophe)
		read_page "$name" '--regex=(a+)+$'
		is "$name: over the limit of a pattern (P39)" "$(member reason <"$T/hostile.out")" limit
		read_page "$name" '--regex=(a|aa)+b'
		read_page "$name" '--regex=(?:(?:a*)*)*c'
		read_page "$name" '--regex=(.*)(.*)(.*)(.*)x'
		;;
	digits | blanks)
		read_page "$name" '--regex=price>\s*(.+?)<'
		;;
	deep-div | deep-table | attributes-many | candidates | misnested | endless-select | big-tag)
		read_page "$name" '--css=div div > p.price:nth-of-type(2)'
		read_page "$name" '--xpath=//p[count(.//a)=0 and not(following::p)]'
		;;
	esac
done
"$top_builddir/tests/helpers/hostile" --page deep-div >"$T/page"
measured pricescrape extract --max-body=1M "$T/page"
is 'P38: a page that is too large' "$(member reason <"$T/hostile.out")" too-large
done_testing

#!/bin/sh
# Rules of every kind on pages that are fetched: on the command line, and in a job.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop

# scrape ARGUMENT…: output in $out, exit status in $status.
scrape() {
	status=0
	out=$(pricescrape --allow-private "$@" 2>"$T/scrape.err") || status=$?
}

# from KIND: the amount is there, and it is by this kind of rule.
from() {
	is "$1 finds the price (P21)" "$status $(echo "$out" | member rule)" "0 $1"
	like "$1: there is an amount (P21)" "$out" '"amount":"[0-9]+\.[0-9][0-9]"'
}
scrape --css '[property="v:price"]' "$shop/original/1"
from css
scrape --xpath '//span[@property="v:price"]' "$shop/original/1"
from xpath
scrape --css h5 --regex 'v:price">(.*?)<' "$shop/original/1"
from regex
scrape --pointer /price "$shop/original/1"
is 'a page is no JSON (P21)' "$status $(echo "$out" | member reason)" '1 no-match'
scrape --sources json-ld "$shop/original/1"
is 'sources can be pinned (P20)' "$(echo "$out" | member reason)" no-match
status_is 2 'a bad selector is a usage error (P21)' pricescrape --css 'p..' http://x/
status_is 2 'a bad separator is a usage error (P9)' pricescrape --decimal x http://x/

{
	job_head 3600000 0
	job_source css /original/1 '"css":"[property=\"v:price\"]","currency":"USD"'
	job_source xpath /original/2 '"xpath":"//*[@property=\"v:price\"]/text()"'
	job_source second /original/3 '"pattern":"no such","css":"[property=\"v:price\"]","decimal":"."'
	job_source pinned /original/4 '"sources":"json-ld heuristic"'
	job_source bad /original/5 '"css":"p.."'
	job_source worse /original/6 '"group":"xy"'
	job_source encoded /original/7 '"css":"[property=\"v:price\"]","charset":"klingon"'
	job_end
} >"$T/job"
start_job "$T/job" "$T/out"
check 'observations come' retry 10 has_observations "$T/out" 7
end_input
check 'it leaves' scraper_ended
# of SOURCE MEMBER
of() {
	grep "\"source\":\"$1\"" "$T/out" | member "$2"
}
is 'a selector in a job (P21)' "$(of css rule) $(of css currency)" 'css USD'
is 'a path in a job (P21)' "$(of xpath rule)" xpath
is 'the second rule of a source (P21)' "$(of second rule)" css
refute 'pinned sources in a job (P20)' test "$(of pinned method)" = v-rdfa
is 'a bad rule in a job costs one source (P21)' "$(of bad reason)" bad-rule
is 'so does what cannot be a separator (P9)' "$(of worse reason)" bad-rule
like 'the told encoding in a job (P32)' "$(grep '"source":"encoded"' "$T/out")" unknown-charset
check 'a bad rule in a job has its place (P21)' file_has "$T/scraper.err" 'source bad: css: line 1, column 3: '
done_testing

#!/bin/sh
# robots.txt as it is fetched and obeyed: by a fetch, by `pricescrape URL …` and by a job.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --robots "$T/robots"
host=${shop#http://}
port=${host#*:}

# says [LINE…]: the shop's robots.txt from now on, in a program that knows nothing of an older one.
says() {
	printf '%s\n' "$@" >"$T/robots"
}
# fetch ARGUMENT…: the lines in $out, hops and states in $T/hops.
fetch() {
	out=$("$top_builddir/tests/helpers/fetch_one" --allow-private --robots "$@" 2>"$T/hops")
}
got() {
	echo "$out" | member "$1" | paste -sd' ' -
}
# The paths that the shop has seen behind the first $1 lines of its log.
seen() {
	tail -n "+$(($1 + 1))" "$T/access" | awk '{ print $2 }' | paste -sd' ' -
}
n_seen() {
	if [ -e "$T/access" ]; then wc -l <"$T/access"; else echo 0; fi
}

says 'User-agent: fetch_one' 'Crawl-delay: 0.25' 'Disallow: /p/2' 'User-agent: *' 'Disallow: /'
n=$(n_seen)
fetch "$shop/p/1" "$shop/p/2" "$shop/p/3"
is 'rules of our own name are obeyed (P47)' "$(got reason)" 'null robots null'
is 'robots.txt is asked for once (P47)' "$(seen "$n")" '/robots.txt /p/1 /p/3'
is 'the line that forbids is told (P47)' "$(got robots_line)" 'null 3: Disallow: /p/2 null'
is 'the Crawl-delay is told (P48)' "$(got crawl_delay)" '250 250 250'
is 'each request is one of its host (P47, P49)' "$(grep -v ^state "$T/hops" | paste -sd' ' -)" \
    "hop $host robots $host hop $host hop $host"
state=$(sed -n 's/^state [^ ]* //p' "$T/hops")
n=$(n_seen)
fetch --robots-state "$shop=$state" "$shop/p/2" "$shop/p/1"
is 'a successor knows what was learnt (P47, P52)' "$(got reason)" 'robots null'
is 'and does not ask again' "$(seen "$n")" /p/1
is 'with the lines as they were' "$(got robots_line)" '3: Disallow: /p/2 null'
fetch --robots-state "$shop=$(echo "$state" | sed 's/"agent":"fetch_one"/"agent":"other"/')" "$shop/p/1"
is 'what another agent has learnt is not for us' "$(sed -n '/^state/!p' "$T/hops" | head -1)" "hop $host"
fetch --robots-state "$shop=$(echo "$state" | sed 's/"at":[0-9]*/"at":1000/;s/"until":[0-9]*/"until":99999999999999/')" "$shop/p/1"
check 'what is older than a day is asked again (P47)' grep -q "^robots $host" "$T/hops"

n=$(n_seen)
fetch --parallel "$shop/p/1" "$shop/p/2" "$shop/p/3" "$shop/p/4"
is 'those that wait share one request (P47)' "$(seen "$n" | tr ' ' '\n' | grep -c robots.txt)" 1
is 'and each has its answer' "$(got reason | tr ' ' '\n' | sort | paste -sd' ' -)" 'null null null robots'
n=$(n_seen)
fetch --parallel --abort 2 "$shop/p/1" "$shop/p/3" "$shop/p/4"
is 'who gives up leaves it to the others' "$(got reason) $(seen "$n")" 'null /robots.txt /p/4'
fetch --parallel --abort 3 "$shop/p/1" "$shop/p/3" "$shop/p/4"
is 'when all give up there is nothing to wait for' "$out" ''

fetch "$shop/to?location=/p/2"
is 'a redirect to what is forbidden (P53)' "$(got reason) $(got robots_line)" 'robots 3: Disallow: /p/2'
n=$(n_seen)
fetch "$shop/to?location=http://localhost:$port/p/2"
is 'to another host: it has a robots.txt of its own (P53)' "$(got reason)" robots
is 'which is asked for' "$(seen "$n" | tr ' ' '\n' | grep -c robots.txt)" 2
fetch "$shop/robots.txt"
is '/robots.txt itself is allowed (P47)' "$(got reason)" null

for status in 400 401 403 404 410 451; do
	says "!$status" '' 'User-agent: *' 'Disallow: /'
	fetch "$shop/p/1" "$shop/p/1"
	is "$status: no limits (P47)" "$(got reason)" 'null null'
done
rm "$T/robots"
fetch "$shop/p/1"
is 'there is none: no limits (P47)' "$(got reason)" null
for status in 500 502 503; do
	says "!$status" '' 'User-agent: *' 'Allow: /'
	n=$(n_seen)
	fetch "$shop/p/1" "$shop/p/2"
	is "$status: all is forbidden (P47)" "$(got reason)" 'robots robots'
	is "$status: and it is asked once" "$(seen "$n")" /robots.txt
	is "$status: why" "$(got robots_line)" "robots.txt: http-$status robots.txt: http-$status"
done
is '503 rests the host (P51)' "$(echo "$out" | head -1 | member site_rest)" true
says '!503' 'Retry-After: 77' '' ''
fetch "$shop/p/1"
is 'as long as it says (P51)' "$(got retry_after)" 77
says '!429' 'Retry-After: 55' '' ''
n=$(n_seen)
fetch "$shop/p/1" "$shop/p/1"
is '429 rests the host, and says nothing of rules (P51)' "$(got reason) $(got site_rest) $(got retry_after)" \
    'http-429 http-429 true true 55 55'
is '429: it is asked again' "$(seen "$n")" '/robots.txt /robots.txt'
fetch http://127.0.0.1:1/p/1 http://127.0.0.1:1/p/2
is 'a host that is out of reach is just that' "$(got reason) $(got passing)" 'connect connect true false'

says '!302' 'Location: /echo' '' ''
fetch "$shop/p/1"
is 'a redirect of robots.txt is followed (P47)' "$(got reason)" null
says '!301' "Location: http://localhost:$port/validated" '' ''
n=$(n_seen)
fetch "$shop/p/1"
is 'to another host, too (P47)' "$(got reason) $(seen "$n")" 'null /robots.txt /validated /p/1'
says '!302' 'Location: /redirect?n=4&to=/p/1' '' ''
fetch "$shop/p/1"
is 'five redirects (P47)' "$(got reason)" null
says '!302' 'Location: /robots.txt' '' ''
n=$(n_seen)
fetch "$shop/p/1"
is 'endless ones: it cannot be had, so no limits (P47)' "$(got reason) $(seen "$n" | wc -w)" 'null 7'
{
	printf 'User-agent: *\n'
	i=0
	while [ $i -lt 17000 ]; do
		printf 'Disallow: /path/that/is/not/%d\n' $i
		i=$((i + 1))
	done
	printf 'Disallow: /p/2\n'
} >"$T/robots"
fetch "$shop/path/that/is/not/9" "$shop/p/2"
is '500 KiB are read, and the rest is ignored (P47)' "$(got reason)" 'robots null'

# pricescrape with URLs.
says 'User-agent: trapexit' 'Crawl-delay: 1' 'Disallow: /p/2'
status=0
out=$(pricescrape --allow-private "$shop/p/1" "$shop/p/2" "$shop/p/3" 2>"$T/err") || status=$?
is 'URLs: the statuses (P47)' "$(got status)" 'ok robots ok'
is 'URLs: exit 1' "$status" 1
like 'URLs: the line (P47)' "$out" '"reason":"robots",.*"robots_line":"3: Disallow: /p/2"'
is 'URLs: the Crawl-delay is kept between pages (P48)' "$(tail -2 "$T/access" | awk 'last && $1 - last < 990 { print } { last = $1 }')" ''
n=$(n_seen)
check '--no-robots' pricescrape --allow-private --no-robots "$shop/p/2"
is '--no-robots: robots.txt is not asked for' "$(seen "$n")" /p/2
says 'User-agent: shopbot' 'Disallow: /p/2'
out=$(pricescrape --allow-private --user-agent 'shopbot/1 (+http://example.org/)' "$shop/p/2" 2>"$T/err")
is 'the name is that of the User-Agent (P47, P54)' "$(got status)" robots

# A job.
says 'User-agent: a' 'Crawl-delay: 0.5' 'User-agent: trapexit' 'Disallow: /jsonld/2'
{
	robots=true job_head 100000 100
	for i in 1 2 3; do job_source "s$i" "/jsonld/$i"; done
	job_end
} >"$T/job"
n=$(n_seen)
start_job "$T/job" "$T/out"
check 'a job has all sources' retry 10 has_observations "$T/out" 3
end_input
check 'it ends' scraper_ended
retry 5 gone "$reader"
is 'a job: statuses (P47)' "$(grep '"type":"observation"' "$T/out" | sort | member status | paste -sd' ' -)" 'ok robots ok'
like 'a Crawl-delay that joins groups is told (P48)' "$(cat "$T/out")" \
    '"robots_line":"4: Disallow: /jsonld/2 \(the Crawl-delay in line 2 does not end its group\)"'
is 'a job asks for robots.txt once (P47)' "$(seen "$n" | tr ' ' '\n' | grep -c robots.txt)" 1
is 'never two requests within the Crawl-delay, robots.txt among them (P48, P49)' \
    "$(tail -n "+$((n + 1))" "$T/access" | awk 'last && $1 - last < 495 { print } { last = $1 }')" ''
check 'its state is kept (P52)' grep -q "^{\"type\":\"state\",\"key\":\"robots/$shop\"" "$T/out"
{
	robots=true job_head 1000 0
	job_source s1 /jsonld/1
	states_of "$T/out"
	job_end
} >"$T/job2"
n=$(n_seen)
start_job "$T/job2" "$T/out2"
check 'a successor' retry 10 has_observations "$T/out2" 1
end_input
scraper_ended
is 'does not ask again (P47, P52)' "$(seen "$n" | tr ' ' '\n' | sort -u | paste -sd' ' -)" /jsonld/1
done_testing

#!/bin/sh
# What is known of a page from check to check, over deaths: validators, the last price, doubts, pages that are gone.
# Each check is a life of its own: the scraper is killed behind it, and its successor has only what it printed, but not
# that the slot is done. (A slot lasts ten years here, so that no test meets the end of one.)
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

mkdir "$T/pages"
start_shop --files "$T/pages"
: >"$T/out"

# page NAME AMOUNT [AVAILABILITY]; head NAME LINE…
page() {
	printf '<script type="application/ld+json">{"@type":"Product","name":"thing","offers":{"price":"%s","priceCurrency":"EUR","availability":"%s"}}</script>' \
	    "$2" "${3:-InStock}" >"$T/pages/$1.new"
	mv "$T/pages/$1.new" "$T/pages/$1"
}
head_of() {
	name=$1
	shift
	printf '%s\n' "$@" >"$T/pages/$name.head"
}
observed() {
	has_observations "$T/out" "$want"
}

# one_check NAME [MEMBERS]: the observation in $line.
one_check() {
	want=$(($(grep -c '"type":"observation"' "$T/out") + 1))
	{
		job_head 315360000000 0
		job_source "$1" "/file/$1" "$2"
		states_of "$T/out" | grep -v '"done/'
		job_end
	} >"$T/job"
	start_job "$T/job" "$T/out"
	retry 10 observed || bail "no observation of $1"
	kill -KILL "$scraper"
	end_input
	retry 5 gone "$reader"
	line=$(grep '"type":"observation"' "$T/out" | sed -n "${want}p")
}
status_of() {
	echo "$line" | member status
}
amount_of() {
	echo "$line" | member amount
}
reason_of() {
	echo "$line" | member reason
}
# The code of the newest answer that the shop gave for a page.
answer_of() {
	awk -v path="/file/$1" '$2 == path { code = $3 } END { print code }' "$T/access"
}

# Plausibility.
page a 10.00
one_check a
is 'the first price is accepted (P43)' "$(status_of) $(amount_of)" 'ok 10.00'
page a 1000
one_check a
is 'a hundredfold price is suspect, and shown (P42)' "$(status_of) $(amount_of) $(reason_of)" 'suspect 1000.00 factor-100'
one_check a
is 'so it is for the first further check that agrees (P42)' "$(status_of)" suspect
one_check a
is 'the second one makes it current (P42)' "$(status_of) $(amount_of)" 'ok 1000.00'
page a 999.90
one_check a
is 'then it is what the next is compared with (P42)' "$(status_of)" ok
page a 9.99
one_check a '"confirm":1'
page a 950
one_check a '"confirm":1'
is 'the old price is accepted at once (P42)' "$(status_of)" ok
page a 9.99
one_check a '"confirm":1'
is 'and ends the suspicion (P42)' "$(status_of) $(reason_of)" 'suspect jump'
one_check a '"confirm":1'
is 'one further check, when told (P42)' "$(status_of)" ok
one_check a '"min":"10"'
is 'a bound rejects, with its reason (P43)' "$(status_of) $(reason_of)" 'suspect below-min'
page a 0
one_check a '"allow_zero":true,"pattern":"price\":\"(.*?)\""'
is 'nothing after something is suspect (P42)' "$(status_of) $(amount_of)" 'suspect 0.00'
one_check a
is 'zero is no price unless allowed (P31)' "$(status_of)" no_match

# Conditional requests.
page b 10.00
head_of b 'ETag: "v1"'
one_check b
is 'the first answer is whole' "$(status_of) $(answer_of b)" 'ok 200'
one_check b
is 'an unchanged page is not fetched again (P50)' "$(status_of) $(answer_of b)" 'not_modified 304'
is 'it has no amount (P1)' "$(amount_of)" ''
one_check b '"currency":"GBP"'
is 'another rule forgets the validators (P50)' "$(status_of) $(answer_of b)" 'suspect 200'
is 'and so does a suspect result (P50)' "$(one_check b '"currency":"GBP"' && status_of) $(answer_of b)" 'suspect 200'
one_check b
is 'back again' "$(status_of) $(answer_of b)" 'ok 200'
page b 100.00
head_of b 'ETag: "v2"'
one_check b
is 'a suspect price has validators (P50)' "$(status_of) $(answer_of b)" 'suspect 200'
one_check b
is 'which are not used: it is looked at again (P50)' "$(status_of) $(answer_of b)" 'suspect 200'
one_check b
is 'until it is confirmed' "$(status_of) $(answer_of b)" 'ok 200'
one_check b
is 'then they are (P50)' "$(status_of) $(answer_of b)" 'not_modified 304'
page b 100.00 OutOfStock
head_of b 'ETag: "v3"'
one_check b
is 'sold out' "$(status_of) $(answer_of b)" 'unavailable 200'
one_check b
is 'not modified, and still sold out (P30)' "$(status_of) $(echo "$line" | member availability) $(answer_of b)" \
    'unavailable out_of_stock 304'
echo '<p>nothing here' >"$T/pages/b"
head_of b 'ETag: "v4"'
one_check b
is 'no price any more' "$(status_of)" no_match
one_check b
is 'a page without a price is never "not modified"' "$(status_of) $(answer_of b)" 'no_match 200'
page b 101.00
one_check b
is 'the last accepted price outlives all that (P42)' "$(status_of)" ok

# Gone.
page c 5.00
one_check c
head_of c 404
one_check c
is '404 once is an error (P51)' "$(status_of) $(reason_of)" 'error http-404'
head_of c 410
one_check c
is 'twice (P51)' "$(status_of)" error
one_check c
is 'three times: it is gone (P51)' "$(status_of) $(reason_of)" 'gone http-410'
one_check c
is 'and stays so' "$(status_of)" gone
rm "$T/pages/c.head"
one_check c
is 'a page again' "$(status_of)" ok
head_of c 404
one_check c
is 'is counted anew (P51)' "$(status_of)" error

# What comes out is in one write where it fits: no death stands between an observation and its states.
is 'each observation is followed by the state of its slot' "$(awk '
    /"type":"observation"/ { if (owed != "") print owed; s = $0; sub(/.*"source":"/, "", s); sub(/".*/, "", s); owed = s; next }
    /"key":"done\// { k = $0; sub(/.*done\//, "", k); sub(/".*/, "", k); if (k == owed) owed = "" }
    END { if (owed != "") print owed }' "$T/out")" ''
done_testing

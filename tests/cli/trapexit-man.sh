#!/bin/sh
# The scraper in trapexit(7) is tried as it stands in the page: what it prints is what trapexit-observation(5) asks for.
. "$top_srcdir/tests/lib/tap.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'
page=$top_srcdir/man/trapexit.7

# The example, out of its mdoc.
sed -n '/^\.Sh EXAMPLES$/,$p' "$page" | sed -n '/^#!\/bin\/sh$/,/^\.Ed$/p' | sed '/^\.Ed$/d; s/\\e/\\/g' >"$T/scraper"
check 'the page has the example' test -s "$T/scraper"
check 'it is good shell' sh -n "$T/scraper"
if command -v shellcheck >/dev/null; then
	check 'shellcheck finds nothing' shellcheck "$T/scraper"
else
	skip 'shellcheck finds nothing' 'no shellcheck(1)'
fi

# A curl that answers what stands in a file, and a sleep that ends the scraper.
mkdir "$T/fake"
printf '#!/bin/sh\ncat "%s/page"\n' "$T" >"$T/fake/curl"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\nkill $PPID\n' >"$T/fake/sleep"
chmod +x "$T/fake/curl" "$T/fake/sleep"

# once WHAT: the page, and one round over it.
once() {
	(PATH=$T/fake:$PATH sh "$T/scraper" http://shop.example/webcam >"$T/line" 2>"$T/scraper.err" || :)
	jq -c "$1" "$T/line"
}

echo '<p><span class="price">£24.99</span>' >"$T/page"
is 'a price is an observation' "$(once '[.type, .source, .status, .amount, .currency, .url]')" \
    '["observation","webcam","ok","24.99","GBP","http://shop.example/webcam"]'
is 'in a slot of five minutes' "$(jq '.slot % 300000' "$T/line")" 0
is 'of now' "$(jq '(now * 1000 - .slot) as $d | $d >= 0 and $d < 360000' "$T/line")" true
like 'with the time of its fetch' "$(jq -r .time "$T/line")" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
echo '<p>nothing' >"$T/page"
is 'a page without a price is one, too' "$(once '[.status, .reason, .amount]')" '["no_match","no-match",null]'
rm "$T/page"
is 'and one that cannot be fetched' "$(once '[.status, .reason]')" '["error","fetch-failed"]'
is 'one line each' "$(wc -l <"$T/line")" 1

# What the page says of exit reasons is what the programs know.
for word in normal shutdown killed noconnection; do
	check "the reason $word is explained" grep -qE "^\.It Cm $word\$" "$page"
done
done_testing

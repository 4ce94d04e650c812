#!/bin/sh
# trapexit test-rules: rules tried before a reload, on saved and on live pages, and compared with what is stored.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

mkdir -p "$T/pages/suppliers/shop" "$T/pages/shop2"
printf '<html lang=en-GB><p class=now>&pound;24.99</p>' >"$T/pages/suppliers/shop/webcam.html"
printf '{"price":19.99,"currency":"EUR"}' >"$T/pages/shop2/api.json"
printf '<html lang=en-GB><p>&pound;2.50</p>' >"$T/pages/kettle.html"
cat >"$T/lines" <<'EOF'
{"type":"observation","source":"webcam","status":"ok","amount":"25.99","currency":"GBP"}
{"type":"observation","source":"kettle","status":"ok","amount":"25.00","currency":"GBP"}
EOF

# tests ARGUMENT…: test-rules of the new configuration; output in $out, exit status in $status.
tests() {
	status=0
	out=$(tx -c "$T/new.conf" test-rules "$@" 2>"$T/err") || status=$?
}

# of SOURCE MEMBER: of the JSON in $out.
of() {
	printf '%s' "$out" | jq -r --arg s "$1" ".sources[] | select(.source == \$s) | .$2"
}

# The last prices, as they would have come from scrapers of these names.
configure <<END
store = "sqlite:$T/prices.db"
supervisor suppliers { child shop { command = {tail, "-n", "+1", "-f", "$T/lines"}  output = observations } }
END
cat >"$T/new.conf" <<END
store = "sqlite:$T/prices.db"
supervisor suppliers {
    scraper shop {
        source webcam { url = "https://shop.example/webcam" css = ".now" }
        source kettle { url = "https://shop.example/kettle" xpath = "//p" }
    }
}
scraper shop2 {
    source api { url = "https://api.example/1" pointer = /price }
    source lost { url = "https://api.example/2" pattern = '(\d+)' }
}
END
tests --saved "$T/pages" --json webcam
is 'without a store nothing is compared' "$status $(of webcam amount) $(of webcam last_amount)" '0 24.99 null'

check 'the daemon starts' start_daemon
stored() {
	[ "$(tx prices --json 2>/dev/null | jq '.prices | length')" = 2 ]
}
check 'prices are stored' retry 20 stored

tests --saved "$T/pages" --json
is 'one is not good: exit 1' "$status" 1
is 'a price by the rule' "$(of webcam good) $(of webcam amount) $(of webcam currency) $(of webcam rule)" 'true 24.99 GBP css'
is 'and the last one' "$(of webcam last_amount)" 25.99
is 'a price that would not be believed (P42)' "$(of kettle good) $(of kettle reason)" 'false factor-10'
is 'JSON, with its own currency' "$(of api amount) $(of api currency) $(of api rule)" '19.99 EUR pointer'
is 'a page that is not there' "$(of lost good) $(of lost reason)" 'false no-saved-page'
tests --saved "$T/pages"
like 'a table for people' "$out" '!! .*kettle .*2\.50 GBP .*25\.00 GBP .*xpath .*factor-10'
like 'with what is good' "$out" 'ok .*webcam .*24\.99 GBP'

tests --saved "$T/pages" shop/webcam shop2/api
is 'by names: exit 0' "$status" 0
is 'by names: these' "$(printf '%s\n' "$out" | grep -c '^ok')" 2
tests --saved "$T/pages" --json '@suppliers'
is 'by a supervisor' "$(printf '%s' "$out" | jq '.sources | length')" 2
tests --saved "$T/pages" --limit 1 --json
is 'at most so many' "$(printf '%s' "$out" | jq '.sources | length')" 1
tests --saved "$T/pages/kettle.html" --json webcam
is 'one page: the rule finds nothing in it' "$status $(of webcam reason)" '1 no-match'
tests --saved "$T/nothing" webcam
is 'no such page' "$status" 1
check 'it is named' file_has "$T/err" "$T/nothing: No such file"
tests --saved "$T/pages" nobody
is 'a name that fits nothing: exit 1' "$status" 1
check 'it is told' file_has "$T/err" 'is called "nobody"'
tests --saved evidence --json webcam
is 'the store keeps no page of it' "$(of webcam reason)" no-saved-page
status_is 2 'no number' tx -c "$T/new.conf" test-rules --limit none
sed 's/\.now/p../' "$T/new.conf" >"$T/bad.conf"
status_is 2 'a bad rule is an error of the configuration (P21)' tx -c "$T/bad.conf" test-rules

# Live, politely.
"$top_builddir/tests/helpers/shop" --port-file "$T/port" --access-log "$T/access" >"$T/shop.log" 2>&1 &
own $!
retry 10 test -s "$T/port" || bail 'the shop does not open'
cat >"$T/new.conf" <<END
store = none
scraper live {
    allow_private = yes gap = 700ms
    source a { url = "http://127.0.0.1:$(cat "$T/port")/original/1" css = '[property="v:price"]' }
    source b { url = "http://127.0.0.1:$(cat "$T/port")/original/2" css = 'h5' }
}
END
tests --json
is 'live pages: one rule finds nothing' "$status $(of a good) $(of b reason)" '1 true no-match'
gap=$(awk '/ \/original\// { t[n++] = $1 } END { print t[1] - t[0] }' "$T/access")
check 'a site is asked no sooner than its gap (P49)' test "$gap" -ge 700
done_testing

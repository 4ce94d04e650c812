#!/bin/sh
# `pricescrape learn`: from a price to rules that find it.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

# learn ARGUMENT…: output in $out, exit status in $status, messages in $T/learn.err.
learn() {
	status=0
	out=$(pricescrape learn "$@" 2>"$T/learn.err") || status=$?
}

cd "$T" || bail 'no folder'
cat >page.html <<'EOF'
<html lang=en-GB><body><div id="main"><div class="x9f3kQz7"><p>Our offer: <b class="sc-1a2b3c">&euro;24<sup>99</sup></b></p>
<p class="old-price"><del>&euro;30.00</del></p><span data-price="24.99">ask</span></div></div>
<script>var product = {"id": 7, "salePrice": "24.99"};</script></body></html>
EOF
cat >stated.html <<'EOF'
<html lang=en-GB><p class="price">&pound;24.99</p>
<script type="application/ld+json">{"@type":"Product","offers":{"price":"24.99","priceCurrency":"GBP"}}</script>
EOF
echo '{"items":[{"a/b":{"price":24.99}}]}' >api.json

learn --price 24.99 stated.html
is 'it is found' "$status" 0
like 'that no rule is needed is said first' "$out" '^No rule is needed: the page states it \(json-ld\)'
like 'the source has none then' "$out" 'source page|source [a-zA-Z-]* \{ url = "https://URL/OF/THE/PAGE" \}$'

echo '<h1>Cup</h1><p class="price">&euro;24,99</p>' >looks.html
learn --price '24,99' looks.html
like 'of what only looks like the price that is said' "$out" '^A rule is better: .*\(heuristic\)'
like 'the source has a rule then' "$out" 'css = "\.price"'

learn --price '24,99 €' --url 'https://shop.example/cam/b525.html?x=1' page.html
is 'split cents are found' "$status" 0
like 'a rule is needed' "$out" '^A rule is needed'
like 'by the attribute that is of a price' "$out" 'css  *24.99  *1  \[data-price\]::attr\(data-price\)'
like 'as a path' "$out" 'xpath .*//\*\[@data-price\]/@data-price'
like 'in the script' "$out" 'regex .*salePrice'
refute 'no rule is made of hashes' sh -c "echo '$(echo "$out" | tr -d "'")' | grep -E 'sc-1a|x9f3'"
like 'a source for the configuration' "$out" \
    'source b525 \{ url = "https://shop.example/cam/b525.html\?x=1" [a-z]* = '

# What it proposes does what it says.
echo "$out" | sed -n "s/^source/scraper s { source/;s/\$/ }/;/^scraper/p" >learned.conf
check 'the configuration takes it' trapexitd -t -c learned.conf
learn --price 24.99 --json page.html
rule=$(echo "$out" | sed -n 's/.*"rules":\[{"kind":"css","rule":"\(\([^"\\]\|\\.\)*\)".*/\1/p')
is 'the first rule finds it' "$(pricescrape extract --css "$rule" page.html | member amount)" 24.99
like 'JSON: the others' "$out" '"kind":"regex","rule":"'

learn --price 24.99 --currency EUR api.json
like 'a pointer for JSON' "$out" 'pointer  24.99 EUR  *1  /items/0/a~1b/price'
learn --price 19.99 page.html
is 'a price that is not there: exit 1' "$status" 1
check 'it says what is there' file_has learn.err '24.99 EUR'
echo '<script>a = {price: 5.25}; b = {price: 6.25}</script>' >second.html
learn --price 6.25 second.html
is 'a price that no rule tells apart: exit 1' "$status" 1
check 'it says that it is there' file_has learn.err '6.25 stands on the page'
learn --price 24.99 --currency USD page.html
check 'a told currency is the currency of the page' test "$status" = 0
learn --price '$24.99' --json stated.html
status_is 1 'no such file' pricescrape learn --price 1 nofile
status_is 2 'no price' pricescrape learn page.html
status_is 2 'a price that is none' pricescrape learn --price cheap page.html
status_is 2 'two pages' pricescrape learn --price 1 page.html page.html
check '--help' pricescrape learn --help

# Its prices count requests, of which robots.txt is the first.
start_shop --serial-prices
learn --price 1.02 --allow-private "$shop/original/1"
is 'a page that is fetched' "$status" 0
like 'by what it is for' "$out" 'css .*\[property="v:price"\]'
learn --price 1.04 "$shop/original/1"
is 'no page: exit 1' "$status" 1
done_testing

#!/bin/sh
# `pricescrape extract`: saved pages, rules, batches, and what is wrong with them.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

# extract ARGUMENT…: output in $out, exit status in $status, messages in $T/extract.err.
extract() {
	status=0
	out=$(pricescrape extract "$@" 2>"$T/extract.err") || status=$?
}

cd "$T" || bail 'no folder'
cat >ld.html <<'EOF'
<html lang=en-GB><title>Camera</title><p class=price>&pound;30<sup>50</sup> <s>&pound;40</s></p>
<script type="application/ld+json">{"@type":"Product","name":"Cam","offers":{"price":"24.99","priceCurrency":"GBP"}}</script>
EOF
cat >api.json <<'EOF'
{"items":[{"price":{"value":1.5e1,"currency":"EUR"},"a/b~c":"19,90 kr","":[7.10]},{"price":12345678901234567890}],"zero":0}
EOF
printf '<p>\2435.20</p>' >latin1.html

extract ld.html
is 'what the page states: exit 0' "$status" 0
is 'what the page states' "$(echo "$out" | member amount) $(echo "$out" | member method)" '24.99 json-ld'
is 'the source is the file' "$(echo "$out" | member source)" ld.html
is 'no URL is known, none is told' "$(echo "$out" | member url)" ''
extract --url http://shop.example/cam - <ld.html
is 'standard input' "$(echo "$out" | member source) $(echo "$out" | member amount)" '- 24.99'
is '--url' "$(echo "$out" | member url)" http://shop.example/cam

extract --regex 'class=price>(.*?)</p>' ld.html
is 'a rule is the price, nothing else (P20)' "$(echo "$out" | member amount) $(echo "$out" | member method)" '30.50 rule'
is 'what it selects is read as markup (P21)' "$(echo "$out" | member list_price)" 40.00
extract --regex 'no such' --regex 'class=price>(.*?)</p>' ld.html
is 'the first rule that yields an amount wins (P21)' "$(echo "$out" | member amount)" 30.50
extract --regex 'no such' ld.html
extract --locale '!' ld.html
is 'no locale: exit 2 (P16)' "$status" 2
extract --regex 'no such' ld.html
is 'a rule that finds nothing: exit 1 (P20)' "$status $(echo "$out" | member reason)" '1 no-match'
extract --regex '(a+)+$' --regex '(?<price>4)0' ld.html
is 'the second one counts' "$(echo "$out" | member amount)" 4.00

extract --xpath '//p[@class="price"]' ld.html
is 'a path (P21)' "$(echo "$out" | member amount) $(echo "$out" | member rule)" '30.50 xpath'
extract --xpath '//p[1' ld.html
is 'a bad path: exit 2 (P21)' "$status" 2
check 'a bad path has its place (P21)' file_has extract.err 'xpath: line 1, column 6: '
extract --css 'p.price' ld.html
is 'a selector (P21)' "$(echo "$out" | member amount) $(echo "$out" | member rule)" '30.50 css'
extract --css 'p.%' ld.html
is 'a bad selector: exit 2 (P21)' "$status" 2
check 'a bad selector has its place (P21)' file_has extract.err 'css: line 1, column 3: '

extract --pointer /items/0/price/value api.json
is "a JSON number by its digits, with the object's currency (P21, P25)" \
    "$(echo "$out" | member amount) $(echo "$out" | member currency) $(echo "$out" | member raw)" '15.00 EUR 1.5e1'
extract --pointer '/items/0/a~1b~0c' --locale sv-SE api.json
is 'names with / and ~ (P21)' "$(echo "$out" | member amount) $(echo "$out" | member currency)" '19.90 SEK'
extract --pointer '/items/0//0' api.json
is 'an empty name, an index (P21)' "$(echo "$out" | member amount)" 7.10
extract --pointer /items/1/price api.json
is 'more digits than fit (P2)' "$status $(echo "$out" | member reason)" '1 too-many-digits'
extract --pointer /zero api.json
is 'a zero is no price (P31)' "$(echo "$out" | member reason)" no-match
extract --allow-zero --pointer /zero api.json
is 'unless it is told (P31)' "$(echo "$out" | member amount)" 0
extract --pointer /items ld.html
is 'a page is no JSON (P21)' "$(echo "$out" | member reason)" no-match
like 'and that is said' "$out" '"warnings":\["bad-json"\]'

extract --charset latin1 --regex '<p>(.*?)</p>' latin1.html
is 'the told encoding (P32)' "$(echo "$out" | member raw)" '£5.20'
extract --content-type 'text/html; charset=koi8-r' --regex '<p>(.*?)</p>' latin1.html
refute 'the encoding of the header (P32)' test "$(echo "$out" | member raw)" = '£5.20'
extract --sources microdata,rdfa ld.html
is 'sources can be pinned (P20)' "$(echo "$out" | member reason)" no-match
extract --decimal , --regex 'x(\S+)' - <<'EOF'
x1.500
EOF
is 'a told separator (P9)' "$(echo "$out" | member amount)" 1500
extract --max-body 1K - <<EOF
$(printf '%2000s' '')
EOF
is 'a page that is too large (P38)' "$status $(echo "$out" | member reason)" '1 too-large'

extract --explain --regex 'no such' --regex '(?<price>4)0' ld.html
like 'each rule is named (P39)' "$out" '"place":"regex no such".*"place":"regex \(\?<price>4\)0"'
like 'each rule is explained' "$out" '"candidates":\[{"source":"rule",.*"why":"selects nothing"},{.*"verdict":"won"'

extract ld.html nofile ld.html
is 'a file that is not there: exit 1' "$status" 1
is 'it is named' "$(echo "$out" | sed -n 2p | member error)" 'nofile: No such file or directory'
is 'the others go on' "$(echo "$out" | grep -c 24.99)" 2
extract .
is 'a folder is none' "$status $(echo "$out" | member reason)" '1 cannot-read'

extract --regex 'a
(b' ld.html
is 'a bad rule: exit 2 (P21)' "$status" 2
check 'with its line and column (P21)' file_has extract.err 'regex: line 2, column 3: '
extract --pointer '/a~2' api.json
is 'a bad pointer: exit 2 (P21)' "$status" 2
check 'a bad pointer has its place (P21)' file_has extract.err 'pointer: line 1, column 3: '
status_is 2 'no file' pricescrape extract
status_is 2 'a file and a batch' pricescrape extract --batch ld.html
status_is 2 'no separator' pricescrape extract --decimal x ld.html
status_is 2 'no source' pricescrape extract --sources microfiche ld.html
status_is 2 'no currency' pricescrape extract --currency XXY ld.html
check '--help' pricescrape extract --help

status=0
pricescrape extract --batch >batch.out 2>extract.err <<'EOF' || status=$?
{"file":"ld.html","url":"http://shop.example/cam"}
{"file":"ld.html","rule":{"regex":"class=price>(.*?)</p>","currency":"USD","note":7}}
{"file":"latin1.html","charset":"latin1","rule":{"regex":"<p>(.*?)</p>"}}
no JSON

{"file":"ld.html","rule":{"regex":"a(b"}}
{"url":"http://shop.example/cam"}
{"file":"nofile"}
{"file":"api.json","rule":[{"pointer":"/none"},{"pointer":"/zero","allow_zero":true}]}
{"file":"ld.html","rule":{"regex":7}}
EOF
is 'a batch: exit 1' "$status" 1
is 'a batch: a line for each' "$(grep -c '^{.*}$' batch.out)" 9
is 'a batch: what the page states' "$(sed -n 1p batch.out | member amount)" 24.99
is 'a batch: with its own rule' "$(sed -n 2p batch.out | member amount)$(sed -n 2p batch.out | member currency)" 30.50USD
is 'a batch: with its own encoding' "$(sed -n 3p batch.out | member raw)" '£5.20'
like 'a batch: a bad line' "$(sed -n 4p batch.out)" '^\{"line":4,"error":"no JSON object: .*, at byte 2"\}$'
is 'a batch: a bad rule (P21)' "$(sed -n 5p batch.out | member reason)" bad-rule
like 'a batch: where it is bad (P21)' "$(sed -n 5p batch.out)" '"error":"regex: line 1, column 4: '
like 'a batch: no file' "$(sed -n 6p batch.out)" '"error":"a line needs the member file"'
is 'a batch: a file that is not there' "$(sed -n 7p batch.out | member reason)" cannot-read
is 'a batch: several rules' "$(sed -n 8p batch.out | member amount)" 0
is 'a batch: a rule that is no text' "$(sed -n 9p batch.out | member reason)" bad-rule
status=0
{
	printf '\357\273\277{"file":"ld.html","rule":{"pattern":">(.*?)</p>","sources":["json-ld"]}}\r\n'
	cat <<'EOF'
{"file":"-"}
{"file":"ld.html","rule":{"ccs":".price"}}
{"file":"ld.html","rule":{"css":true}}
{"file":"ld.html","rule":{"sources":["microdata","rdfa"],"allow_zero":true}}
{"file":""}
{"file":"ld.html"
EOF
	printf '{"file":"%1100000s"}\n{"file":"ld.html"}\n' x
} | pricescrape extract --batch >batch.out 2>extract.err || status=$?
is 'a batch: a mark in front, a pattern by its other name' "$(sed -n 1p batch.out | member amount)" 30.50
like 'a batch: the lines are no page' "$(sed -n 2p batch.out)" '^\{"line":2,"error":"file: '
is 'a batch: a rule that is misspelt (P21)' "$(sed -n 3p batch.out | member reason)" bad-rule
like 'a batch: its word is named (P21)' "$(sed -n 3p batch.out)" "'ccs'"
is 'a batch: a rule that is true (P21)' "$(sed -n 4p batch.out | member reason)" bad-rule
is 'a batch: a list of sources (P20)' "$(sed -n 5p batch.out | member reason)" no-match
like 'a batch: a file without a name' "$(sed -n 6p batch.out)" '^\{"line":6,'
like 'a batch: a line that is cut' "$(sed -n 7p batch.out)" 'ends too early'
like 'a batch: a line that is too long' "$(sed -n 8p batch.out)" '^\{"line":8,"error":"longer than'
is 'a batch: it goes on behind all of them' "$status $(sed -n 9p batch.out | member amount)" '1 24.99'

if [ -c /dev/full ]; then
	for command in 'extract ld.html' 'robots robots.txt /' 'learn --price 24.99 ld.html' 'read 5' --version --help; do
		: >robots.txt
		status=0
		# shellcheck disable=SC2086
		pricescrape $command >/dev/full 2>extract.err || status=$?
		is "a full disk: exit 1: $command" "$status" 1
		check "a full disk is named: $command" file_has extract.err 'standard output: No space left on device'
	done
	status=0
	yes '{"file":"ld.html"}' | pricescrape extract --batch >/dev/full 2>extract.err || status=$?
	is 'a batch: a full disk ends it' "$status" 1
fi
printf '{"file":"ld.html"}\n{"file":"ld.html"}' | pricescrape extract --batch >batch.out
is 'a batch: a last line without an end' "$?$(grep -c 24.99 batch.out)" 02
done_testing

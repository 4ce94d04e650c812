#!/bin/sh
# `pricescrape read`: texts from arguments, lines and JSON lines; one object each whatever stands in them.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

# reads ARGUMENT…: output in $out, exit status in $status.
reads() {
	status=0
	out=$(pricescrape read "$@" 2>"$T/read.err") || status=$?
}

reads '24,99 €' 'ab 1.299,00 EUR' </dev/null
is 'all were read: exit 0' "$status" 0
is 'one object a text' "$(echo "$out" | wc -l)" 2
is 'the text as given' "$(echo "$out" | head -n 1 | jq -r .input)" '24,99 €'
is 'the amount' "$(echo "$out" | head -n 1 | member amount)" 24.99
is 'the currency' "$(echo "$out" | head -n 1 | member currency)" EUR
is 'the sign as found (P17)' "$(echo "$out" | head -n 1 | member currency_text)" '€'
like 'flags' "$out" '"amount":"1299.00".*"flags":\["from"\]'

reads 'call us' '5 EUR' </dev/null
is 'one was not read: exit 1' "$status" 1
like 'its reason' "$out" '"amount":null,.*"reason":"no-match"'
like 'the others are' "$out" '"amount":"5.00"'

reads --locale en-AU '$5' --negative '-$6' </dev/null
is 'options between texts, and a text that begins with a minus' "$(echo "$out" | member amount)" '5.00
-6.00'
is 'the locale decides the sign (P18)' "$(echo "$out" | tail -n 1 | member currency)" AUD
reads --currency=NOK 'kr 5' </dev/null
is 'the told currency (P17)' "$(echo "$out" | member currency)" NOK
reads --decimal=, --locale=en-US 1.234 </dev/null
is 'the told separator (P9)' "$(echo "$out" | member amount)" 1234.00
reads '<del>&euro;30</del> &#8364;25<sup>99</sup>' </dev/null
is 'pasted HTML: the price' "$(echo "$out" | member amount)" 25.99
is 'pasted HTML: what was struck out' "$(echo "$out" | member list_price)" 30.00

for bad in --currency=XQX --decimal=x --group=xx --no-such-option; do
	status_is 2 "usage: $bad" pricescrape read "$bad" 5
done
status_is 2 'usage: --batch with a text' pricescrape read --batch 5
status_is 0 'help' pricescrape read --help

printf '1 EUR\r\n\n\377 2 EUR\0\n3 EUR' >"$T/lines"
reads <"$T/lines"
is 'one object a line, also for an empty one and one without its end' "$(echo "$out" | wc -l)" 4
is 'all lines' "$(echo "$out" | member amount)" '1.00
null
2.00
3.00'
check 'what is no UTF-8 makes no bad JSON' sh -c "pricescrape read <'$T/lines' | jq -e .input >/dev/null"
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "9"; print ""; print "7 EUR" }' >"$T/long"
reads <"$T/long"
like 'a line without measure: limit' "$(echo "$out" | head -n 1 | cut -c 262140-)" '"truncated":true.*"reason":"limit"'
is 'the next line is read' "$(echo "$out" | tail -n 1 | member amount)" 7.00
reads </dev/null
is 'no lines: exit 0' "$status" 0

cat >"$T/batch" <<'END'
{"input":"kr 1.299,50","hint":"SEK"}
{"input":"$5","hint":"EUR","locale":"en-NZ"}
{"input":"1.234","decimal":"."}
{"input":1.500,"currency":"KWD"}
{"input":"15k","magnitudes":true}
not json
{"input":["5"]}
{"input":"5","decimal":"x"}
{"input":"5","currency":"nothing"}
{"input":"5","hint":null,"locale":null,"decimal":null,"more":1}
{"input":"\u0000 6 \u20ac"} x
{"input":"7\u00a0000 \u20ac"}
END
reads --batch <"$T/batch"
is 'batch: exit 1 where one was not read' "$status" 1
is 'batch: one object a line' "$(echo "$out" | wc -l)" 12
is 'batch: a hint decides a sign (P18)' "$(echo "$out" | sed -n 1p | member currency)" SEK
is 'batch: a locale does (P18)' "$(echo "$out" | sed -n 2p | member currency)" NZD
is 'batch: a separator (P9)' "$(echo "$out" | sed -n 3p | member amount)" 1.234
is 'batch: a number in its own digits (P9)' "$(echo "$out" | sed -n 4p | member amount)" 1.500
is 'batch: bad lines name themselves and the reason' "$(echo "$out" | member line | tr '\n' ' ')" '6 7 8 9 11 '
like 'batch: what is no separator' "$out" '"line":8,"error":"decimal:'
like 'batch: what is no currency' "$out" '"line":9,"error":"currency:'
is 'batch: null is as absent' "$(echo "$out" | sed -n 10p | member amount)" 5
is 'batch: escapes' "$(echo "$out" | sed -n 12p | member amount)" 7000.00
done_testing

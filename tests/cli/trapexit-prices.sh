#!/bin/sh
# trapexit prices and history, from a store that the recorder made of a journal: exact amounts (P2, P4), the cheapest in
# each currency by itself, none that is sold out, suspect or stale (P30, P46); tables, JSON, CSV.
. "$top_srcdir/tests/lib/tap.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

LOAD=$top_builddir/tests/helpers/record-load
ME=0123456789abcdef0123456789abcdef
mkdir "$T/state"
cat >"$T/x.conf" <<-END
	state_dir = "$T/state"
	run_dir = "$T/run"
	log_dir = "$T/log"
	store = "sqlite:$T/prices.db"
	scraper ebuyer {
	    every = 5m
	    stale_after = 1h
	    source webcam { url = "http://127.0.0.1/" }
	    source v1 { url = "http://127.0.0.1/v" }
	}
END
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG

status_is 1 'without a store it fails' trapexit prices
like 'and says which' "$(last_output)" "$T/prices.db"

now=$(date +%s)
n=0
# observe SUPPLIER SOURCE PRODUCT AGE MEMBERS: an observation so many seconds ago.
observe() {
	n=$((n + 1))
	slot=$(((now - $4) * 1000))
	printf '{"type":"observation","t":%s,"child":"%s","token":%s,"n":%s,"slot":%s,"source":"%s","data":' \
	    "$slot" "$1" 9 "$n" "$slot" "$2"
	printf '{"type":"observation","source":"%s","slot":%s,"time":"%s","product":"%s","url":"http://x/",%s}}\n' \
	    "$2" "$slot" "$(date -u -d "@$((now - $4))" +%Y-%m-%dT%H:%M:%SZ)" "$3" "$5"
}

{
	observe ebuyer webcam 'B525 HD webcam' 600 '"status":"ok","amount":"26","currency":"GBP","availability":"in_stock"'
	observe ebuyer webcam 'B525 HD webcam' 300 '"status":"ok","amount":"24.9","currency":"GBP","availability":"in_stock"'
	observe argos a525 'B525 HD webcam' 300 '"status":"ok","amount":"19.99","currency":"GBP","availability":"out_of_stock"'
	observe dell d525 'B525 HD webcam' 300 '"status":"ok","amount":"25.000","currency":"GBP","availability":"in_stock"'
	observe paris f525 'B525 HD webcam' 300 '"status":"ok","amount":"22.50","currency":"EUR","availability":"in_stock"'
	observe old o525 'B525 HD webcam' 7200 '"status":"ok","amount":"1.00","currency":"GBP","availability":"in_stock"'
	observe tokyo j1 'Kettle, 1 \"litre\"' 300 '"status":"ok","amount":"1234","currency":"JPY","availability":"in_stock"'
	observe ebuyer v1 'Vase' 1200 '"status":"ok","amount":"9","currency":"GBP"'
	observe ebuyer u1 'Urn' 60 '"status":"unavailable","amount":"9","currency":"GBP"'
	observe paris s1 'Spoon' 300 '"status":"ok","amount":"2","currency":"EUR"'
	observe paris s1 'Spoon' 60 '"status":"suspect","reason":"jump","amount":"0.02","currency":"EUR"'
	observe dell s2 'Spoon' 60 '"status":"ok","amount":"3","currency":"EUR"'
	observe tokyo j2 'Teapot' 300 '"status":"no_match","reason":"pattern"'
} | "$LOAD" lines "$T/state/journal" 1 "$ME"
check 'the recorder records them' trapexit-recorder --journal "$T/state/journal" --store "sqlite:$T/prices.db" --once

check 'prices are shown' sh -c "trapexit prices >'$T/prices.out'"
is 'one line a source, and the titles' "$(wc -l <"$T/prices.out")" 12
like 'the cheapest that can be bought is marked, with the decimals of its currency' "$(cat "$T/prices.out")" \
    '^\* *B525 HD webcam +ebuyer +webcam +24\.90 GBP +in_stock +5m'
like 'in each currency one' "$(cat "$T/prices.out")" '^\* *B525 HD webcam +paris +f525 +22\.50 EUR'
like 'every digit that was read is shown' "$(cat "$T/prices.out")" '^ *B525 HD webcam +dell +d525 +25\.000 GBP'
like 'what is sold out is never the cheapest' "$(cat "$T/prices.out")" '^ *B525 HD webcam +argos +a525 +19\.99 GBP +out_of_stock'
like 'nor what is stale' "$(cat "$T/prices.out")" '^ *B525 HD webcam +old +o525 +1\.00 GBP'
like 'yen have no decimals' "$(cat "$T/prices.out")" '1234 JPY'
like 'where there is no price, why not' "$(cat "$T/prices.out")" 'Teapot +tokyo +j2 +- .*late +pattern since 5m'
is 'each has a state' "$(trapexit prices --json | jq -c '[.prices[] | select(.source == ("webcam", "o525", "j2", "s1", "u1", "v1")) | [.source, .state, .state_reason]] | sort')" \
    '[["j2","late","pattern"],["o525","stale","overdue"],["s1","suspect","jump"],["u1","unavailable","unavailable"],["v1","late","overdue"],["webcam","fresh",null]]'
is 'and says since when' "$(trapexit prices --json | jq '.prices[] | select(.source == "o525") | .since')" "$(((now - 7200 + 3600) * 1000))"
is 'in CSV, too' "$(trapexit prices --csv | tr -d '\r' | awk -F, '$3 == "o525" { print $15, $16 }')" 'stale overdue'
is 'what is suspect is not the cheapest (P46)' "$(trapexit prices --json | jq -c '[.prices[] | select(.source == ("s1", "s2")) | [.source, .cheapest]] | sort')" \
    '[["s1",false],["s2",true]]'
is 'without a limit nothing is stale' "$(trapexit prices -o 0 webcam --json | jq -r '.prices[] | select(.cheapest) | .supplier' | sort | paste -sd ' ')" 'old paris'

is 'a part of the name will do' "$(trapexit prices kettle | wc -l)" 2
status_is 1 'one that fits nothing is an error' trapexit prices bicycle
status_is 1 'one that fits several is an error' trapexit prices '*e*'
like 'that names them' "$(last_output)" 'Kettle'

check 'prices --json is JSON' sh -c "trapexit prices --json | jq . >'$T/prices.json'"
is 'with a version, and amounts as text' "$(jq -c '[.version, (.prices[] | select(.source == "webcam") | .amount, .currency, .cheapest, .status)]' "$T/prices.json")" \
    '[1,"24.90","GBP",true,"ok"]'
is 'times are milliseconds' "$(jq '.prices[] | select(.source == "webcam") | .priced' "$T/prices.json")" "$(((now - 300) * 1000))"
is 'what is absent is null' "$(jq -c '.prices[] | select(.source == "j2") | [.amount, .currency, .priced]' "$T/prices.json")" '[null,null,null]'

check 'prices --csv is CSV' sh -c "trapexit prices --csv >'$T/prices.csv'"
is 'as RFC 4180: CRLF at every line' "$(grep -c "$(printf '\r')\$" "$T/prices.csv")" 12
like 'and quotes' "$(cat "$T/prices.csv")" '^"Kettle, 1 ""litre""",tokyo,j1,1234,JPY,in_stock,'
like 'with RFC 3339 times' "$(cat "$T/prices.csv")" \
    ",24\\.90,GBP,in_stock,$(date -u -d "@$((now - 300))" +%Y-%m-%dT%H:%M:%S)(\.000)?Z,ok,"

check 'history is shown, newest first' sh -c "trapexit history webcam >'$T/history.out'"
is 'of all suppliers' "$(wc -l <"$T/history.out")" 8
is 'under its whole name' "$(head -n 1 "$T/history.out")" 'B525 HD webcam'
is '--since' "$(trapexit history webcam --since 400s --json | jq -c '[.history[].amount] | sort')" '["19.99","22.50","24.90","25.000"]'
is '--lines' "$(trapexit history webcam -n 1 --csv | wc -l)" 2
is 'history --json' "$(trapexit history webcam --json | jq -c '[.version, .product, (.history | length), (.history[-1].amount)]')" \
    '[1,"B525 HD webcam",6,"1.00"]'
status_is 2 'history needs a product' trapexit history

# At every width it fits.
for width in 60 80 120 200; do
	COLUMNS=$width trapexit prices >"$T/wide.out"
	is "prices fit $width columns" "$(awk -v w="$width" 'length > w' "$T/wide.out")" ''
done
COLUMNS=80 trapexit prices >"$T/narrow.out"
like 'at 80 columns product, supplier and price are there' "$(cat "$T/narrow.out")" 'B525 HD webcam +ebuyer .*24\.90 GBP'
refute 'there is no colour where there is no terminal' grep -q "$(printf '\033')" "$T/prices.out"
if command -v script >/dev/null; then
	like 'there is on one' "$(TERM=xterm script -qec 'trapexit prices' /dev/null </dev/null | tr '\033' '@')" '@\[1m'
	refute 'unless NO_COLOR is set' sh -c "NO_COLOR=1 TERM=xterm script -qec 'trapexit prices' /dev/null </dev/null | grep -q '\[1m'"
	refute 'or --no-color given' sh -c "TERM=xterm script -qec 'trapexit prices -M' /dev/null </dev/null | grep -q '\[1m'"
else
	skip 'there is on one' 'no script(1)'
	skip 'unless NO_COLOR is set' 'no script(1)'
	skip 'or --no-color given' 'no script(1)'
fi
done_testing

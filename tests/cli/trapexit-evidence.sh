#!/bin/sh
# trapexit evidence: pages on their way from a child's line to a person, byte for byte, by way of journal, recorder and
# store; which is meant, what a terminal is spared, and what is said when there is none.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

# keep FILE SOURCE REASON [MEMBERS]: the page in FILE, as a scraper prints it.
keep() {
	printf '{"type":"observation","source":"%s","status":"no_match","reason":"%s"}\n' "$2" "$3"
	printf '{"type":"evidence","source":"%s","status":"no_match","reason":"%s","url":"https://shop.example/%s","bytes":%s,"body":"%s"%s}\n' \
	    "$2" "$3" "$2" "$(wc -c <"$1")" "$(base64 -w 0 <"$1")" "${4:+,$4}"
}

printf '<html>\0\377\033[2J no price</html>' >"$T/page"
head -c 65536 /dev/urandom >"$T/large"
{
	keep "$T/page" webcam no-match
	keep "$T/large" kettle captcha '"http_status":200,"content_type":"text/html"'
	printf '{"type":"evidence","source":"webcam","body":"no base64"}\n'
} >"$T/lines"
check 'the shop opens' start_shop
configure <<END
store = "sqlite:$T/prices.db"
supervisor suppliers { child shop { command = {tail, "-n", "+1", "-f", "$T/lines"}  output = observations } }
scraper real { allow_private = yes  every = 1s  gap = 0s  source plain { url = "http://127.0.0.1:$port/status/200" } }
child other { command = {cat, "$T/others"}  output = observations  restart = temporary }
END
keep "$T/page" kettle other-kettle >"$T/others"
check 'the daemon starts' start_daemon
page_is() {
	tx evidence "$1" >"$T/got" 2>"$T/err" && cmp "$T/got" "$2"
}
check 'a page comes to the store, and to a pipe, byte for byte' retry 20 page_is webcam "$T/page"
check 'a large one, too' retry 20 page_is shop/kettle "$T/large"
is 'the journal has it as a record of its own' "$(record_count 'select(.type == "evidence" and .child != "real")')" 4
is 'which is no line of the log' "$(grep -c '"type":"evidence"' "$T"/log/suppliers/*.log 2>/dev/null)" ''
is 'what is no base64 is in quarantine' "$(sql "SELECT count(*) FROM quarantine WHERE reason = 'malformed-body'" 2>/dev/null || echo 1)" 1
is 'events do not show it' "$(tx events | grep -c evidence)" 0
like 'unless all are asked for' "$(tx events --all)" 'keeps the page of webcam as evidence: no-match'
check 'supplier and source name it, too' page_is suppliers/shop/kettle "$T/large"
status_is 1 'an id of several is none' tx evidence kettle
like 'they are named' "$(last_output)" 'other/kettle, suppliers/shop/kettle'
status_is 1 'nor is one of which nothing is kept' tx evidence nothing
like 'and that is said' "$(last_output)" 'no page of a source "nothing" is kept'
status_is 1 'there is only one' tx evidence webcam 2
like 'of it' "$(last_output)" 'of webcam only 1 page is kept'
status_is 2 'a number is a number' tx evidence webcam x
status_is 2 'nothing is saved of nothing' tx evidence --save "$T/x"
curl -s "http://127.0.0.1:$port/status/200" >"$T/plain"
check 'pricescrape keeps the page on which it finds no price' retry 20 page_is real/plain "$T/plain"
check 'it looks again and again' retry 20 fetched /status/200 4
is 'and keeps the same page once' "$(tx evidence --json --list plain | jq '.evidence | length')" 1
check 'it can be saved' tx evidence --save "$T/saved" webcam
check 'byte for byte' cmp "$T/saved" "$T/page"
like 'the list has all' "$(COLUMNS=200 tx evidence)" 'suppliers/shop +kettle +1 .*no_match +captcha +65536 +https://shop.example/kettle'
is 'of one source only that' "$(tx evidence --list webcam | wc -l)" 2
is 'JSON has the bytes' "$(tx evidence --json webcam | jq -r '.evidence[0].body' | base64 -d | cksum)" "$(cksum <"$T/page")"
is 'and all else' "$(tx evidence --json shop/kettle | jq -c '.evidence[0] | [.supplier, .status, .reason, .http_status, .content_type, .truncated, .bytes]')" \
    '["suppliers/shop","no_match","captcha",200,"text/html",false,65536]'
is 'a list has no bytes' "$(tx evidence --json --list | jq -c '[.version, (.evidence | length), (.evidence | map(has("body")) | any)]')" '[1,4,false]'
is 'sources are completed' "$(trapexit complete -- -c "$T/t.conf" evidence we)" webcam
if command -v script >/dev/null; then
	TERM=xterm script -qec "trapexit -c '$T/t.conf' evidence webcam" /dev/null </dev/null >"$T/tty" 2>&1
	is 'a terminal is spared the bytes' "$(tr '\033' '@' <"$T/tty" | grep -c '@.2J')" 0
	like 'and gets a summary' "$(cat "$T/tty")" 'reason +no-match'
fi
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Files of sources: a line that is wrong takes no other down, neither at the start nor in a reload, and is told of by
# status and by the reload.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

# ids of the sources there are
sources() {
	tx status --json --sources shop | jq -c '.tree.children[0].source_list | map(.source)'
}

sources_are() {
	[ "$(sources)" = "$1" ]
}

check 'the shop opens' start_shop
printf 'id, url ,product\r\na,http://127.0.0.1:%s/p/a,"A ""good"" one,\r\nof two lines"\r\nbad,nowhere,\r\nb,http://127.0.0.1:%s/p/b,\r\n' \
    "$port" "$port" >"$T/shop.csv"
configure <<END
store = none
scraper shop {
	allow_private = yes  every = 1s  gap = 0s
	sources_from = "shop.csv"
}
END
check 'with a bad line the daemon starts' start_daemon
is 'and has the other sources' "$(sources)" '["a","b"]'
check 'which are fetched' retry 20 fetched /p/a 1
check 'all of them' retry 20 fetched /p/b 1
is 'status counts what was left out' "$(tx status --json | jq -c '.tree.children[0].left_out | map([.lines, .first])')" '[[1,4]]'
like 'and tells' "$(tx status)" 'shop: 1 line of .*shop\.csv was left out, the first is line 4'

printf 'c,http://127.0.0.1:%s/p/c,\n"d,http://127.0.0.1:%s/p/d,\ne,http://127.0.0.1:%s/p/e,\n' "$port" "$port" "$port" >>"$T/shop.csv"
tx reload >"$T/reload.out" 2>"$T/reload.err"
is 'a reload with another one' $? 0
like 'says what there is more' "$(cat "$T/reload.out")" 'restart shop: sources: 2 added'
like 'and warns' "$(cat "$T/reload.err")" 'shop\.csv:7:1: warning: a quoted field is not closed'
check 'the new sources are there' retry 10 sources_are '["a","b","c","e"]'
check 'and fetched' retry 20 fetched /p/e 1
is 'the count follows' "$(tx status --json | jq -c '.tree.children[0].left_out | map([.lines, .first])')" '[[2,4]]'

sed -i '1s/url/uri/' "$T/shop.csv"
status_is 1 'a file without its columns is refused' tx reload
like 'with the reason' "$(last_output)" 'shop\.csv:1:[0-9]+: unknown column .uri.'
like 'on a line of its own' "$(last_output)" '^[^ ]*shop\.csv:1:'
is 'and nothing has changed' "$(sources)" '["a","b","c","e"]'
check 'the daemon stops in order' stop_daemon
done_testing

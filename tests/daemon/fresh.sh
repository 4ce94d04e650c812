#!/bin/sh
# How fresh prices are (architecture 7), in the running system: states of sources with reason and since when, over a
# crash of the daemon, too; alarms once a child, not once a source, and again when all is well.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

# say SOURCE STATUS [REASON]: an observation of the child feed.
say() {
	printf '{"type":"observation","source":"%s","status":"%s"%s}\n' "$1" "$2" "${3:+,\"reason\":\"$3\"}" >>"$T/lines"
}

# state_of CHILD SOURCE: "late no-match"
state_of() {
	tx status --json --sources "$1" | jq -r --arg s "$2" '.. | objects | select(.source? == $s and .checked?) |
	    "\(.state) \(.reason)"' | head -n 1
}

state_is() {
	[ "$(state_of "$1" "$2")" = "$3" ]
}

# alarms KIND CHILD: count of each of its alarms
alarms() {
	records 'select(.type == "alarm" and .alarm == "'"$1"'" and .object == "'"$2"'")'
}

alarmed() {
	[ "$(alarms "$1" "$2" | wc -l)" -ge "$3" ]
}

crash_daemon() {
	kill -KILL "$daemon"
	retry 10 gone "$daemon" && start_daemon
}

: >"$T/lines"
check 'the shop opens' start_shop
cat >"$T/handler" <<END
#!/bin/sh
jq -c .alarm >>"$T/handled"
END
chmod +x "$T/handler"
configure <<END
store = none
hold = 30s
child feed { command = {tail, "-n", "+1", "-f", "$T/lines"}  output = observations }
scraper shop {
	allow_private = yes  every = 1s  gap = 0s  jitter = 0%  stale_after = 4s
	source there { url = "http://127.0.0.1:$port/p/a" }
	source missing { url = "http://127.0.0.1:$port/status/404" }
}
scraper resting {
	allow_private = yes  every = 1s  gap = 0s  jitter = 0%  hang_after = 2s
	source there { url = "http://127.0.0.1:$port/p/b" }
	source busy { url = "http://127.0.0.1:$port/status/429?retry_after=600" }
}
scraper lazy { allow_private = yes  every = 1h  gap = 0s  source a { url = "http://127.0.0.1:$port/slow?ms=60000" } }
on_event told { match = {"alarm:stale", "alarm:fresh"}  child = feed  command = "$T/handler" }
END
check 'the daemon starts' start_daemon
is 'before the first answer a source is new' "$(tx status --json lazy | jq -c '.tree.children[0] | [.freshness.new, .worst]')" '[1,null]'

say a ok
say b unavailable
say c no_match no-match
check 'a price is fresh' retry 10 state_is feed a 'fresh null'
check 'sold out is unavailable' retry 10 state_is feed b 'unavailable unavailable'
check 'no price is late, with its reason' retry 10 state_is feed c 'late no-match'
say d suspect jump
say e blocked captcha
check 'P42: a price that is not believed' retry 10 state_is feed d 'suspect jump'
check 'P44: a captcha' retry 10 state_is feed e 'blocked captcha'
is 'they are counted' "$(tx status --json feed | jq -c '.tree.children[0].freshness')" \
    '{"fresh":1,"new":0,"unavailable":1,"late":1,"suspect":1,"blocked":1,"stale":0}'
is 'and the worst is told' "$(tx status --json feed | jq -c '.tree.children[0].worst | [.state, .reason, .source]')" '["blocked","captcha","e"]'
like 'in words' "$(COLUMNS=250 tx status feed)" '1 fresh, 1 blocked .captcha (since [0-9]+s|just now)., 1 suspect, 1 late, 1 unavailable'
like 'or each' "$(COLUMNS=250 tx status feed --sources)" 'c +late .*no-match (since [0-9]+s|just now)'
check 'an alarm is raised' retry 10 alarmed blocked feed 1
check 'for each of the two' retry 10 alarmed suspect feed 1
is 'which names the source' "$(alarms blocked feed | jq -c '[.reason, .count, .sources, .now, .all, .text]')" \
    '["captcha",1,["e"],1,5,"e: captcha"]'
since=$(tx status --json feed | jq '.tree.children[0].worst.since')

check 'a scraper without a price for stale_after is stale' retry 20 state_is shop missing 'stale http-404'
check 'with an alarm' retry 10 alarmed stale shop 1
is 'the other one is fresh' "$(state_of shop there)" 'fresh null'
is 'it was not restarted: that would not help' "$(child_of shop restarts)" 0
like 'events say it' "$(tx events)" 'ALARM stale shop: missing: http-404'

check 'P51: what the site does not want is blocked' retry 20 state_is resting busy 'blocked http-429'
check 'and with it all that is not fetched meanwhile' retry 20 state_is resting there 'blocked site-rest'

check 'the daemon is killed' crash_daemon
is 'states survive' "$(state_of feed d), $(state_of feed e), $(state_of feed c), $(state_of feed b)" \
    'suspect jump, blocked captcha, late no-match, unavailable unavailable'
near() {
	now=$(tx status --json feed | jq '.tree.children[0].worst.since')
	[ $((now - since)) -ge -1500 ] && [ $((now - since)) -le 1500 ]
}
check 'and since when' near
check 'a rest of a site is remembered' retry 10 state_is resting there 'blocked site-rest'
say e ok
check 'what is well again is told' retry 20 alarmed fresh feed 1
is 'of the right one' "$(alarms fresh feed | jq -c .sources)" '["e"]'
is 'what was told before is not told again' "$(alarms stale shop | wc -l) $(alarms suspect feed | wc -l) $(alarms blocked feed | wc -l)" '1 1 1'

i=0
while [ $i -lt 3000 ]; do
	echo "{\"type\":\"observation\",\"source\":\"s$i\",\"status\":\"blocked\",\"reason\":\"login\"}"
	i=$((i + 1))
done >>"$T/lines"
all_told() {
	[ "$(alarms blocked feed | jq -s 'map(.count) | add')" -eq 3001 ]
}
check 'when 3,000 sources are blocked at once all are told of' retry 40 all_told
check 'in few records' test "$(alarms blocked feed | wc -l)" -le 4
is 'of which none names all' "$(alarms blocked feed | jq '.sources | length' | sort -rn | head -n 1)" 10
check 'on_event is given what it asked for' retry 10 test -s "$T/handled"
is 'and nothing else' "$(sort -u "$T/handled")" '"fresh"'

check 'the scraper is frozen' kill -STOP "$(pid_of shop)"
check 'then its good source is late, and stale in the end' retry 20 state_is shop there 'stale overdue'
kill -CONT "$(pid_of shop)"
check 'and fresh again by itself' retry 20 state_is shop there 'fresh null'

is 'a scraper whose sites rest says nothing, and is not hung' "$(child_of resting restarts)" 0

sed -i '/source missing/d' "$T/t.conf"
check 'a source that is no longer configured' tx reload
check 'is not counted any more' retry 10 sh -c 'trapexit -c "$1/t.conf" status --json shop | jq -e ".tree.children[0].freshness | add == 1"' - "$T"
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Which scrapers are shut in, and how, as the daemon and trapexit status tell it; and a page that kills one of them.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"
. "$top_srcdir/tests/scrape/hostile.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

start_hostile
printf '<script type="application/ld+json">{"@type":"Product","offers":{"price":"24.99","priceCurrency":"GBP"}}</script>' \
    >"$T/files/page"
cat >"$T/x.conf" <<END
state_dir = "$T/state"
run_dir = "$T/run"
log_dir = "$T/log"
scraper inside {
	every = 300ms  gap = 0s  jitter = 0%  allow_private = yes  robots = no
	source page { url = "$hostile/file/page" }
}
scraper outside {
	every = 300ms  gap = 0s  jitter = 0%  allow_private = yes  robots = no  sandbox = no
	source page2 { url = "$hostile/file/page" }
}
END
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG
trapexitd >"$T/daemon.log" 2>&1 &
own $!

# FIELD of the child PATH in the status.
field() {
	trapexit status --json 2>/dev/null | jq -r --arg name "$1" '.tree | .. | objects | select(.name? == $name and .type != null) | .'"$2"
}
has_mode() {
	field "$1" sandbox.mode | grep -Eq "^($2)\$"
}
check 'status --json: inside' retry 20 has_mode inside 'full|partial'
check 'status --json: outside' retry 20 has_mode outside off
trapexit status >"$T/status.out"
like 'status: who has no sandbox' "$(grep outside "$T/status.out")" 'no sandbox'
if [ "$(field inside sandbox.mode)" = full ]; then
	refute 'status: who has one is not told of' grep -q 'inside.*sandbox' "$T/status.out"
	is 'status --json: nothing was denied' "$(field inside sandbox.denied)" 0
	like 'status --json: who it is' "$(field inside sandbox.user)" '^[a-z]'
else
	like 'status: what is missing' "$(grep inside "$T/status.out")" 'sandbox without'
fi
check 'prices come all the same' retry 20 sh -c "trapexit events --all --type observation --json | grep -q '\"source\":\"page\".*24.99'"
trapexit shutdown
done_testing

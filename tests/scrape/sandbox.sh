#!/bin/sh
# pricescrape in its sandbox: what it says of it, that it can be turned off, and that everything works inside.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices

# What the kernel of this machine can do, by what pricescrape says. Under valgrind, or built with sanitizers, it
# is a part of it only.
pricescrape --allow-private -v "$shop/jsonld/1" >"$T/one.out" 2>"$T/one.err"
is 'a page in the sandbox' "$(member status <"$T/one.out")" ok
like 'a page in the sandbox: told when asked' "$(cat "$T/one.err")" 'sandbox: (full|partial)'
pricescrape --allow-private "$shop/jsonld/1" >"$T/quiet.out" 2>"$T/quiet.err"
is 'a page in the sandbox: silent otherwise' "$(cat "$T/quiet.err")" ''
full=
grep -q 'sandbox: full' "$T/one.err" && full=yes
pricescrape --allow-private -v --sandbox=off "$shop/jsonld/1" >"$T/off.out" 2>"$T/off.err"
is 'a page without a sandbox' "$(member status <"$T/off.out")" ok
like 'a page without a sandbox: told' "$(cat "$T/off.err")" 'sandbox: off'
status_is 2 'a bad word for the sandbox is a usage error' pricescrape --sandbox=maybe "$shop/jsonld/1"

# proc_status NAME: of the scraper.
proc_status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$scraper/status"
}

# A job: what it says, and what the kernel says of it.
{
	job_head 200 0
	job_source a /jsonld/1
	job_source named /jsonld/2
	job_end
} | sed 's|http://127.0.0.1\(.*jsonld/2\)|http://localhost\1|' >"$T/job"
start_job "$T/job" "$T/out"
check 'a job in the sandbox' retry 10 has_observations "$T/out" 6
is 'a job says it once, at first' "$(grep -n '"key":"sandbox"' "$T/out" | cut -d: -f1)" 1
like 'a job says how it is' "$(head -n 1 "$T/out")" '"value":\{"mode":"(full|partial)","landlock":[0-9]+,"user":"[^"]+","denied":0'
is 'a job: names are resolved inside' "$(grep '"source":"named"' "$T/out" | member status | sort -u)" ok
if [ -n "$full" ]; then
	is 'a job: no new privileges' "$(proc_status NoNewPrivs)" 1
	is 'a job: a filter of system calls' "$(proc_status Seccomp)" 2
	like 'P38: its memory is bounded' "$(grep 'Max address space' "/proc/$scraper/limits")" 'space  *2[67][0-9]{7} '
	like 'a job: no core' "$(grep 'Max core file size' "/proc/$scraper/limits")" 'size  *0  *0 '
	if [ "$(id -u)" -eq 0 ]; then
		refute 'a job: not as root' sh -c "grep -Eq '^Uid:.*[[:space:]]0([[:space:]]|\$)' /proc/$scraper/status"
	else
		skip 'a job: not as root' 'not started as root'
	fi
else
	skip 'a job in full mode' "$(head -n 1 "$T/out" | sed 's/.*"missing":"\([^"]*\).*/\1/')"
fi
end_input
scraper_ended
is 'a job in the sandbox: exit 0' "$status" 0

# Off, by the job and by the option.
sed '1s/}$/,"sandbox":false}/' "$T/job" >"$T/job.off"
start_job "$T/job.off" "$T/out.off"
check 'a job without a sandbox' retry 10 has_observations "$T/out.off" 4
is 'a job without a sandbox: told' "$(head -n 1 "$T/out.off")" '{"type":"state","key":"sandbox","value":{"mode":"off"}}'
is 'a job without a sandbox: no filter' "$(proc_status Seccomp)" 0
end_input
scraper_ended
start_job "$T/job" "$T/out.off2" --sandbox=off
check 'the option stands above the job' retry 10 file_has "$T/out.off2" '"mode":"off"'
end_input
scraper_ended
done_testing

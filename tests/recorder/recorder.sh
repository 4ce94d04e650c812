#!/bin/sh
# The recorder alone: what it records, when it leaves, what it says when it cannot work.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/recorder/lib.sh"
need sqlite3

# Words of the command line.
check '--help' trapexit-recorder --help
like '... names its options' "$(last_output)" '--print-epoch'
check '--version' trapexit-recorder --version
like '... names the program' "$(last_output)" '^trapexit-recorder \(trapexit\) [0-9]'
status_is 2 'no store is a usage error' trapexit-recorder --journal "$J"
status_is 2 'no journal is a usage error' trapexit-recorder --store "$S"
status_is 2 'an unknown option is a usage error' trapexit-recorder --bogus
status_is 2 'PostgreSQL is not in this build' trapexit-recorder -j "$J" -s postgresql://host/db
like '... which is said' "$(last_output)" 'no PostgreSQL store'
status_is 1 'a journal that is not there is an error' record --once

# Architecture 5: what is history, what is late, what goes to quarantine.
{
	price s/a 42949672961 10 1000 w 24.90
	price s/a 42949672961 20 2000 w 24.95
	price s/a 42949672962 10 2000 w 99
	price s/a 42949672962 20 3000 w 25
	price s/a 42949672961 30 4000 w 26
	price feed 42949672964 10 '' w 7
	price feed 42949672963 10 '' w 8
	observation s/a 42949672962 40 5000 w '"status":"ok","amount":"abc"'
	observation s/a 42949672962 50 6000 w '"status":"ok","amount":"1234567890123456789"'
	observation s/a 42949672962 60 7000 w '"status":"no_match","reason":"no-match"'
	observation s/a 42949672962 70 8000 w '"status":"error","reason":"timeout"'
	echo '{"type":"exit","t":1795350000000,"child":"s/a","token":1,"reason":"killed"}'
} | append 10
check 'a journal is recorded' record --once
is '... without a word on standard output' "$(record --once 2>/dev/null)" ''
check '... each record once' verify
is 'history' "$(sql 'SELECT count(*) FROM observation')" 7
is 'a first record from an older token is late' "$(sql 'SELECT slot FROM observation WHERE late')" 4000
is 'quarantine, with reasons' "$(sql 'SELECT group_concat(reason) FROM (SELECT reason FROM quarantine ORDER BY reason)')" \
    'amount-range,duplicate-slot,malformed-amount,old-token'
is 'P2: an amount keeps its digits' \
    "$(sql "SELECT coefficient, scale FROM observation WHERE slot = 1000")" '2490|2'
is 'what happened to a source is history too' \
    "$(sql "SELECT group_concat(status) FROM observation WHERE slot >= 7000")" 'no_match,error'
is 'nothing in it is a float' \
    "$(sql "SELECT count(*) FROM observation WHERE typeof(coefficient) NOT IN ('integer', 'null')")" 0

# It follows a journal that grows, and is idle when there is nothing to do.
become_recorder 2>follow.err &
pid=$!
own $pid
price s/a 47244640257 10 9000 w 27 | append 0
check 'a new record arrives' retry 10 history_has 8
is_asleep() {
	tap_stat $pid && [ "$tap_state" = S ]
}
switches() {
	sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/$pid/status
}
sleeps_for_a_second() {
	before=$(switches)
	sleep 1
	[ "$(switches)" = "$before" ]
}
check 'it sleeps when there is nothing' retry 10 is_asleep
check 'it wakes for nothing (one whole second)' retry 10 sleeps_for_a_second
for i in 1 2 3; do
	price s/a 47244640257 $((i * 10 + 10)) $((i * 1000 + 9000)) w 27 | append 0
done
kill -TERM $pid
wait $pid
is 'SIGTERM: it records what is there and leaves with 0' "$?:$(sql 'SELECT count(*) FROM observation')" 0:11
check 'each record once' verify

mkfifo held
become_recorder <held 2>stdin.err &
pid=$!
own $pid
exec 3>held
price s/a 47244640257 90 20000 w 27 | append 0
check 'it follows while standard input is held' retry 10 history_has 12
echo 'words on standard input mean nothing' >&3
price s/a 47244640257 100 21000 w 27 | append 0
check '... also when something is written there' retry 10 history_has 13
exec 3>&-
wait $pid
is 'the end of standard input: it leaves with 0' "$?" 0

become_recorder </dev/null 2>null.err &
pid=$!
own $pid
price s/a 47244640257 110 22000 w 27 | append 0
check '/dev/null as standard input says nothing' retry 10 history_has 14
kill -INT $pid
wait $pid
is 'SIGINT: it leaves with 0' "$?" 0

# What the daemon asks at its start.
is '--print-epoch' "$(trapexit-recorder --print-epoch --store "$S")" "$(sql 'SELECT max(epoch) FROM position')"
is '... of no store is 0' "$(trapexit-recorder --print-epoch --store "$T/none.db")" 0
: >empty.db
is '... of an empty one too' "$(trapexit-recorder --print-epoch --store "$T/empty.db")" 0

# The journal may go once it is recorded.
like 'the journal is told how far the store has it' "$(cat "$J/recorded" 2>/dev/null)" '^[0-9]+ [0-9]+ [0-9]+$'

# A state directory that was wiped: another installation, smaller tokens, the same store.
rm -rf "$J"
{
	price s/a 21474836481 10 30000 w 31
	price s/a 21474836481 20 9000 w 32
	price s/a 21474836481 30 31000 w 33
} | append 5 fedcba9876543210fedcba9876543210
check 'a new journal is recorded into the old store' record --once
check '... its records are there' verify --trimmed
is '... slots that are new are history, marked late' \
    "$(sql 'SELECT slot, late FROM observation WHERE slot >= 30000' | tr '\n' ' ')" '30000|1 31000|1 '
is '... one that counted already is in quarantine' \
    "$(sql "SELECT reason FROM quarantine WHERE token = 21474836481")" duplicate-slot
is '... the newest price is the new one' \
    "$(sql 'SELECT o.coefficient FROM source s JOIN observation o ON o.id = s.price JOIN child c ON c.id = s.child WHERE c.path = '"'s/a'")" 33
price s/a 25769803777 10 40000 w 34 | append 6 fedcba9876543210fedcba9876543210
check 'and it goes on from its own position' record --once
is '... each once' "$(sql 'SELECT count(*) FROM observation WHERE slot >= 30000')" 3

# Lines that are no JSON are kept, byte by byte.
printf '{"type":"observation","child":"x\200\n' | append 0 fedcba9876543210fedcba9876543210
check 'a line that is no JSON' record --once
is '... is in quarantine' "$(sql "SELECT hex(line) FROM quarantine WHERE reason = 'unreadable'")" \
    "$(printf '{"type":"observation","child":"x\200' | od -An -tx1 | tr -d ' \n' | tr a-f A-F)"
check '... once' verify --trimmed

done_testing

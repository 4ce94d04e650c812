#!/bin/sh
# Children that were added, terminated or deleted at run time: after kill -9 of the daemon all is as it was,
# with the same processes; after an ordered stop there is what the configuration says.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

configure <<END
store = none
hold = 20s
journal { segment = 64K }
supervisor s {
	strategy = one_for_all
	child a { command = "sleep 1000" }
	child b { command = "sleep 1000" }
	child c { command = "sleep 1000" }
	child d { command = "sleep 1000" }
}
supervisor pool { strategy = simple_one_for_one  child w { command = "sleep"  restart = transient } }
supervisor brittle { intensity = 0  child x { command = "sleep 1000"  backoff = off } }
child talker { command = {"sh", "-c", "while test -e $T/talk; do echo '{\"type\":\"observation\",\"status\":\"ok\"}'; sleep 0.01; done; exec sleep 1000"}  output = observations }
END
# All that there is, with the pids.
tree() {
	tx status --json | jq -c '[.tree | recurse(.children[]?) | [.name, .state, .pid]]'
}

check 'the daemon starts' start_daemon
answers 'a child is added' "{ok,PID}" start-child s "child plain { command = {\"sleep\", \"1000\"}  environment { A = \"b 'c' \\\"d\\\"\" } }"
answers 'a supervisor with children' '{ok,sup}' start-child / 'supervisor sup { child x { command = "sleep 1000" } }'
answers 'a child below that' "{ok,PID}" start-child sup 'child y { command = "sleep 1000"  restart = transient }'
answers 'a pool' '{ok,more}' start-child / 'supervisor more { strategy = simple_one_for_one  child i { command = "sleep" } }'
answers 'an instance' "{ok,PID}" start-child pool -- 1000
answers 'an instance of the added pool' "{ok,PID}" start-child more -- 1001
answers 'one that is temporary' "{ok,PID}" start-child s 'child temp { command = "sleep 1000"  restart = temporary }'
answers 'a child is terminated' ok terminate-child s b
answers 'another one, too' ok terminate-child s c
answers 'and deleted' ok delete-child s c
answers 'an id deleted' ok terminate-child s d
answers 'is' ok delete-child s d
answers 'given to another child' "{ok,PID}" start-child s 'child d { command = "sleep 1002" }'
answers 'one that was added is terminated' ok terminate-child sup y
check 'one is added and removed again' sh -c "trapexit -c '$T/t.conf' add s brief -- sleep 1000 && trapexit -c '$T/t.conf' remove s/brief"
before=$(tree)
order=$(ids s)
check 'after kill -9 a new daemon' crash_daemon
is 'has all of it, with the same processes' "$(tree)" "$before"
is 'in the same order' "$(ids s)" "$order"
is 'the text is as it was' "$(tx get-childspec s plain | grep ' A = ')" "        A = \"b 'c' \\\"d\\\"\""
is 'nothing was started a second time' "$(records 'select(.type == "start" and .start_type != "normal")')" ''
check 'after an upgrade' tx upgrade
is 'too' "$(tree)" "$before"
tx start-child s 'child slow { command = "sleep 1000"  ready = newline }' >"$T/stands.out" 2>&1 &
own $!
check 'one is still being started' retry 5 child_is s/slow starting
slow=$(pid_of s/slow)
check 'at an upgrade' tx upgrade
check 'its order stands' retry 5 file_has "$T/stands.out" 'the order stands'
is 'with its process' "$(pid_of s/slow)" "$slow"
check 'it is removed' tx remove s/slow
kill -KILL "$(pid_of pool/w:1)"
check 'an instance is supervised as before' retry 5 child_count pool/w:1 starts 2

# A new segment begins with a snapshot: old ones could go.
segment=$T/state/journal/$(printf %08x "$(cat "$T/state/epoch")")
touch "$T/talk"
check 'a child that talks' tx restart talker
check 'fills a segment' retry 30 test -e "$segment-000002.jsonl"
rm "$T/talk"
answers 'an instance after that' "{ok,PID}" start-child pool -- 1003
is 'has the next number' "$(child_of pool/w:2 state)" running
retry 5 child_is talker running
before=$(tree)
check 'after one more kill -9' crash_daemon
is 'all is as it was' "$(tree)" "$before"
mkdir "$T/old"
for f in "$T"/state/journal/*-000001.jsonl; do
	[ "$f" != "$segment-000001.jsonl" ] || mv "$f" "$T/old/"
done
check 'also from the snapshot alone' crash_daemon
is 'all is as it was' "$(tree)" "$before"
mv "$T"/old/* "$T/state/journal/"

# What has ended for good stays so; what rules revive is revived (S34, S41).
ended() {
	has_records 1 "select(.type == \"exit\" and .child == \"$1\" and .reason == \"$2\")"
}
kill -TERM "$(pid_of pool/w:2)"
check 'an instance that is done' retry 5 has_records 1 'select(.type == "removed" and .child == "pool/w:2")'
kill -KILL "$(pid_of s/temp)"
check 'and a temporary child that died' retry 5 has_records 1 'select(.type == "removed" and .child == "s/temp")'
check 'after kill -9' crash_daemon
is 'are not there' "$(child_of pool/w:2 state)$(child_of s/temp state)" ''
is 'a terminated child is down' "$(child_of s/b state) $(child_of s/b wanted)" 'undefined true'
kill -KILL "$(pid_of s/a)"
check 'until its group is restarted (S41)' retry 5 child_is s/b running
check 'after kill -9' crash_daemon
is 'it is up' "$(child_of s/b state)" running

# A child that died while no daemon was there.
old=$(pid_of s/plain)
kill -KILL "$daemon"
retry 5 gone "$daemon"
kill -KILL "$old"
check 'a child dies while there is no daemon' start_daemon
check 'it is restarted' retry 5 child_count s/plain starts 3
is 'with its group' "$(child_of s/b state)" running

# S55: a supervisor that begins anew has lost what was added, and over a crash, too.
answers 'added to one that gives up at once' "{ok,PID}" start-child brittle 'child y { command = "sleep 1000"  backoff = off }'
answers 'and one of the list deleted' ok terminate-child brittle x
answers 'there' ok delete-child brittle x
kill -KILL "$(pid_of brittle/y)"
check 'it begins anew: the deleted one is back' retry 5 child_is brittle/x running
is 'the added one is lost' "$(child_of brittle/y state)" ''
check 'which is so' retry 5 has_records 1 'select(.type == "removed" and .child == "brittle/y")'
check 'after kill -9, too' crash_daemon
is 'the one' "$(child_of brittle/x state)" running
is 'and the other' "$(child_of brittle/y state)" ''

# A supervisor that was terminated, and is up again, is so over a crash.
answers 'a supervisor is terminated' ok terminate-child / brittle
check 'after kill -9' crash_daemon
is 'it is down' "$(child_of brittle state)" undefined
answers 'it is restarted' '{ok,brittle}' restart-child / brittle
check 'nothing of it lives that would say so' tx stop brittle/x
check 'after one more kill -9' crash_daemon
is 'it is up' "$(child_of brittle state)" running
check 'and takes orders' tx start brittle/x

# A wish is kept for an addition as for any child; what was added below a supervisor that is down is lost (S55).
answers 'one that is added' "{ok,PID}" start-child s 'child wish { command = "sleep 1000" }'
check 'and stopped' tx stop s/wish
answers 'one below an added supervisor' "{ok,PID}" start-child sup 'child z { command = "sleep 1000" }'
check 'which is stopped' tx stop sup
check 'after kill -9' crash_daemon
is 'they are down' "$(child_of s/wish state) $(child_of s/wish wanted) $(child_of sup state)" 'undefined false undefined'
check 'the supervisor is started' tx start sup
is 'as it was added' "$(ids sup)" x
check 'the one that was stopped' tx remove s/wish
answers 'is added anew' "{ok,PID}" start-child s 'child wish { command = "sleep 1000" }'
check 'after kill -9' crash_daemon
is 'it runs: nobody stopped this one' "$(child_of s/wish state)" running

# A stop is taken back while it is still carried out (S74, S79).
answers 'one that does not end when it is told to' "{ok,PID}" start-child s \
    'child deaf { command = {"sh", "-c", "trap : TERM; while :; do sleep 0.1; done"}  shutdown = 1s }'
tx stop s/deaf >/dev/null &
own $!
check 'it is being stopped' retry 5 child_is s/deaf stopping
answers 'then restart_child' "{ok,PID}" restart-child s deaf
check 'after kill -9' crash_daemon
is 'it runs: the stop does not count any more' "$(child_of s/deaf state) $(child_of s/deaf wanted)" 'running true'
check 'it is removed' tx remove s/deaf

# A client that goes away in the middle: the order stands (S74).
tx start-child s 'child slow { command = "sleep 1000"  ready = newline }' >"$T/slow.out" 2>&1 &
client=$!
own "$client"
check 'a child that is slow to be ready' retry 5 child_is s/slow starting
check 'a second client is answered meanwhile' tx which-children s
kill -KILL "$client"
tx start-child s 'child after { command = "sleep 1000"  ready = newline }' >"$T/after.out" 2>&1 &
second=$!
own "$second"
check 'a third one asks for one more' retry 5 child_is s/after starting
check 'the daemon is killed before either is there' crash_daemon
is 'neither was acknowledged, neither is there' "$(child_of s/slow state)$(child_of s/after state)" ''
retry 5 gone "$second"
is 'nor did the second client hear that it was' "$(grep -c '{ok' "$T/after.out")" 0

# An ordered stop is the end of it all.
check 'the daemon stops in order' stop_daemon
check 'and starts' start_daemon
is 'with what the configuration says' "$(tx status --json | jq -c '[.tree | recurse(.children[]?) | .name]')" \
    '["","s","s/a","s/b","s/c","s/d","pool","brittle","brittle/x","talker"]'
check 'all of it up' retry 5 tx status s/a s/b s/c s/d brittle/x
check 'after kill -9, too' crash_daemon
is 'there is no more' "$(tx status --json | jq -c '[.tree | recurse(.children[]?) | .name] | length')" 10
check 'the daemon stops in order' stop_daemon
done_testing

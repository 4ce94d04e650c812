#!/bin/sh
# A restart that does not come off: who runs meanwhile, what each retry takes along, what is served in between, and
# when it is one too many, for each strategy (S28, S44-S48, S51, S122-S124). The program is taken away and put back.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

mkdir bin
for sup in one rest all; do
	ln -s "$kid" "bin/$sup"
done
sup() {
	cat <<-END
		supervisor $1 {
			strategy = $2 intensity = 100 period = 1h
			child a { command = "$kid" backoff = off }
			child b { command = "$T/bin/$1" backoff { min = 400ms max = 400ms jitter = 0% } }
			child c { command = "$kid" backoff = off }
			child d { command = "$kid" backoff = off }
		}
	END
}
{
	sup one one_for_one
	sup rest rest_for_one
	sup all one_for_all
	cat <<-END
		supervisor hopeless {
			intensity = 2 period = 1h restart = transient
			child a { command = "$kid" }
			child b { command = "$T/bin/hopeless" backoff = off }
		}
		child slow { command = "$kid --exit 1" backoff { min = 1h max = 1h first = delayed } }
	END
} | configure
ln -s "$kid" bin/hopeless

failed() {
	has_records "$2" "select(.type == \"start_failed\" and .child == \"$1\" and .reason == \"{start_error,exec,ENOENT}\")"
}
check 'the daemon starts' start_daemon
check 'all children run' retry 10 kids_are_up one/a one/b one/c one/d rest/a rest/b rest/c rest/d all/a all/b all/c all/d hopeless/b

### one_for_one
mark
rm bin/one
die KILL one/b
check 'one_for_one: it cannot be started again: the supervisor goes on (S28)' retry 10 failed one/b 2
is 'it is owed, and its siblings do not care' "$(states one one/a one/b one/c)" 'running running restarting running'
check 'each attempt is counted (S45, S51)' retry 5 child_count one window 3
check 'a stop of another child is served between two attempts (S46)' tx stop one/c
check 'the death of another one, too' die KILL one/d
check 'at once (S48)' retry 5 child_count one/d starts 2
n=$(record_count 'select(.type == "start_failed" and .child == "one/b")')
check 'meanwhile it is tried again and again' retry 10 failed one/b $((n + 1))
check 'a stop of itself ends that (S46, S60)' tx stop one/b
is 'nothing is owed' "$(states one/b) $(child_of one/b due)" 'undefined null'
n=$(record_count 'select(.type == "start" and .child == "one/b")')
status_is 1 'a start by hand that fails is an error' tx start one/b
like 'which names the reason' "$(last_output)" 'one/b: did not start: \{start_error,exec,ENOENT\}'
is 'it is not tried again, and not counted (S29)' "$(states one/b)" undefined
ln -s "$kid" bin/one
check 'when the program is back it starts' tx start one/b
is 'once each' "$(record_count 'select(.type == "start" and .child == "one/b")')" $((n + 2))

### rest_for_one
check 'rest_for_one: all run' retry 5 kids_are_up rest/a rest/b rest/c rest/d
mark
rm bin/rest
die KILL rest/b
check 'the start of the group fails at its first' retry 10 failed rest/b 1
check 'those behind it are down, those before it run (S44)' retry 5 states_are 'running restarting undefined undefined' \
    rest/a rest/b rest/c rest/d
n=$(record_count 'select(.type == "start_failed" and .child == "rest/b")')
check 'it is tried again' retry 10 failed rest/b $((n + 1))
check 'and those behind it are down again when that fails, too (S44)' retry 10 states_are 'running restarting undefined undefined' \
    rest/a rest/b rest/c rest/d
ln -s "$kid" bin/rest
check 'it comes back with those behind it (S45)' retry 10 kids_are_up rest/a rest/b rest/c rest/d
is 'and without those before it' "$(child_of rest/a starts)" 1

### one_for_all
check 'one_for_all: all run' retry 5 kids_are_up all/a all/b all/c all/d
rm bin/all
die KILL all/c
check 'the start of the group fails in the middle' retry 10 failed all/b 1
check 'the one before it runs, those behind it do not (S44)' retry 5 states_are 'running restarting undefined undefined' \
    all/a all/b all/c all/d
n=$(child_of all/a starts)
check 'the retry ends and starts those that were up meanwhile (S45)' retry 10 child_count all/a starts $((n + 1))
# The death of another one while it is owed: with the group, at once.
n=$(child_of all window)
check 'meanwhile another one dies, between two retries' retry 10 die KILL all/a
check 'which is counted for itself (S48)' retry 5 child_count all window $((n + 1))
ln -s "$kid" bin/all
check 'all of them are back' retry 10 kids_are_up all/a all/b all/c all/d

### Intensity
rm bin/hopeless
check 'a child that cannot start escalates (S45, S53)' die KILL hopeless/b
check 'its supervisor has ended' retry 10 child_is hopeless undefined
is 'after three attempts: intensity 2, and the exit was the first' \
    "$(record_count 'select(.type == "start_failed" and .child == "hopeless/b")')" 2
check 'and said why' has_report hopeless 'escalated {start_error,exec,ENOENT}'
check 'its other child was ended' has_report hopeless/a 'stopped shutdown'

### Delays
is 'a child whose first restart is delayed is owed (S122)' "$(states slow)" restarting
check 'a start by hand begins at once (S124)' tx start slow
check 'and the row anew' retry 5 sh -c '[ "$(trapexit -c "$1" status --json | jq ".tree.children[] | select(.id == \"slow\") | .row")" = 1 ]' - "$T/t.conf"
check 'the daemon stops in order, with what is owed' stop_daemon
done_testing

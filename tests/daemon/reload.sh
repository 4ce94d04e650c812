#!/bin/sh
# A changed configuration under running children (S85): what is the same goes on under
# its pid, what is new, gone, changed or of another kind becomes so, and a broken file
# changes nothing.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

# What all configurations here begin with; the rest is on standard input.
shop() {
	{
		printf 'store = none\nhold = 20s\nchild stays { command = "sleep 1000" }\n'
		cat
	} | configure
}

names() {
	tx status --json | jq -r '[.tree | recurse(.children[]?) | select(.name != "") | .name] | sort | join(" ")'
}

names_are() {
	[ "$(names)" = "$1" ]
}

is_new() {
	[ -n "$(pid_of "$1")" ] && [ "$(pid_of "$1")" != "$2" ]
}

planned() {
	tx reload --plan --json | jq -r '[.result.plan[] | .action + " " + .name] | sort | join(",")'
}

started_with() {
	tr '\0' ' ' <"/proc/$(pid_of "$1")/cmdline" | grep -qx "$2 "
}

shop <<END
supervisor s { child a { command = "sleep 1001" } child b { command = "sleep 1001" } }
child goes { command = "sleep 1001" }
child many { command = "sleep 1001" instances = 3 }
child policy { command = "sleep 1001" restart = transient }
END
check 'the daemon starts' start_daemon
check 'all run' retry 5 tx status '*'
stays=$(pid_of stays) a=$(pid_of s/a) many=$(pid_of many:2) policy=$(pid_of policy) goes=$(pid_of goes)

shop <<END
supervisor s { child a { command = "sleep 1002" } child c { command = "sleep 1001" } }
child many { command = "sleep 1001" instances = 5 }
child policy { command = "sleep 1001" restart = permanent shutdown = 1s }
END
is 'a plan tells all' "$(planned)" 'add many:4,add many:5,add s/c,change ,change policy,remove goes,remove s/b,restart s/a'
is 'and does nothing' "$(names)" 'goes many:1 many:2 many:3 policy s s/a s/b stays'
check 'reload' tx reload
check 'what is gone is gone' retry 5 names_are 'many:1 many:2 many:3 many:4 many:5 policy s s/a s/c stays'
check 'its process, too' retry 5 gone "$goes"
check 'what is new runs' retry 5 tx status s/c many:4 many:5
check 'what has another command was restarted' retry 5 is_new s/a "$a"
check 'with it' retry 5 started_with s/a 'sleep 1002'
is 'which counts as no failure' "$(child_of s/a restarts)" 0
is 'what is the same kept its pid' "$(pid_of stays) $(pid_of many:2) $(pid_of policy)" "$stays $many $policy"

for broken in 'child x { command = ' 'child x { comand = "true" }' 'supervisor s { strategy = two_for_one }'; do
	printf '%s\n' "$broken" | shop
	status_is 1 "a broken file is refused: $broken" tx reload
	like 'by line' "$(last_output)" 't.conf:7'
done
kill -HUP "$daemon"
check 'by SIGHUP, too' retry 5 file_has trapexitd.log 'error: reload: nothing was changed'
is 'and changed nothing' "$(names) $(pid_of stays)" "many:1 many:2 many:3 many:4 many:5 policy s s/a s/c stays $stays"

shop <<END
supervisor t { child a { command = "sleep 1002" } }
child many { command = "sleep 1001" instances = 2 }
END
a=$(pid_of s/a)
kill -HUP "$daemon"
check 'SIGHUP: fewer instances, a child moved to another supervisor' retry 5 names_are 'many:1 many:2 stays t t/a'
check 'the moved one runs there' retry 5 child_is t/a running
check 'and not any more where it was' gone "$a"

# Another kind in the same place; and back while the old one is still on its way out.
slow='command = {"sh", "-c", "trap : TERM; while :; do sleep 0.05; done"} shutdown = 500ms'
shop <<END
supervisor many { child x { command = "sleep 1001" } }
child t { command = "sleep 1001" }
child slow { $slow }
END
check 'a supervisor becomes a child and the other way round' tx reload
check 'both run' retry 5 names_are 'many many/x slow stays t'
check 'as what they are now' retry 5 tx status t many/x slow
slow_pid=$(pid_of slow)
shop </dev/null
check 'a child that ends slowly is removed' tx reload
shop <<END
child slow { $slow }
END
check 'and wanted again before it is gone' tx reload
check 'it runs again' retry 5 is_new slow "$slow_pid"
check 'when the first is gone, not before' gone "$slow_pid"
check 'nothing else is there' retry 5 names_are 'slow stays'

# Temporary children that are forgotten already.
shop <<END
child once { command = "true" restart = temporary }
END
check 'a child that ends at once' tx reload
check 'is forgotten' retry 5 names_are 'stays'
shop <<END
child once { command = "true" restart = temporary nice = 1 }
END
check 'changed' tx reload
shop </dev/null
check 'and removed' tx reload
refute 'that is no trouble' grep -q 'reload: .*not_found' trapexitd.log

printf 'id,url\none,http://127.0.0.1:9/1\n' >s.csv
shop <<END
scraper pages { allow_private = yes every = 1h sources_from = "$T/s.csv" }
END
check 'a scraper' tx reload
check 'has one source' retry 5 child_is pages running
pages=$(pid_of pages)
printf 'two,http://127.0.0.1:9/2\n' >>s.csv
is 'a line more in the file of its sources' "$(planned)" 'restart pages'
check 'gives it' tx reload
check 'a new job' retry 5 is_new pages "$pages"
is 'of two' "$(child_of pages sources)" 2

# A client that half-closes gets its answer all the same.
half_closed() {
	printf '%s\n' "$1" | perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; print $s <STDIN>; $s->flush; shutdown($s, 1); print <$s>' \
	    "$T/run/control.sock"
}
like 'a client that closes its side is answered' \
    "$(half_closed '{"jsonrpc":"2.0","id":7,"method":"restart","params":{"names":["stays"]}}')" '"id":7,"result"'
is 'one of all is left that never changed, but by that' "$(child_of stays starts)" 2
check 'the daemon stops in order' stop_daemon
done_testing

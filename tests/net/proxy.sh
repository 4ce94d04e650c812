#!/bin/sh
# The proxy of the tests (helpers/netproxy.c) does to bytes what it is told.
. "$top_srcdir/tests/lib/tap.sh"

proxy=$top_builddir/tests/helpers/netproxy

# milliseconds COMMAND…: how long it took, in $took
milliseconds() {
	tap_clock
	begun=$tap_now
	"$@"
	tap_clock
	took=$((tap_now - begun))
}

through() {
	head -c "$1" /dev/zero | "$proxy" --settings "$T/settings" --exec cat | wc -c
}

tell() {
	"$proxy" --tell "$T/control" "$@"
}

is 'without a word, all passes' "$(: >"$T/settings"; through 1000000)" 1000000
printf 'rate down 100000\n' >"$T/settings"
milliseconds through 100000 >"$T/count"
is 'with a rate, too' "$(cat "$T/count")" 100000
check 'but not faster than that' test "$took" -ge 900
printf 'delay both 200\n' >"$T/settings"
milliseconds through 5 >"$T/count"
is 'with a delay, too' "$(cat "$T/count")" 5
check 'but not sooner' test "$took" -ge 390
for n in 1 12345 100000; do
	printf 'cut down %s\n' "$n" >"$T/settings"
	is "cut at byte $n" "$(through 500000)" "$n"
done
printf 'cut up 7\n' >"$T/settings"
head -c 500000 /dev/zero | "$proxy" --settings "$T/settings" --exec sh -c "cat >'$T/far'"
far_has() {
	[ "$(cat "$T/far" 2>/dev/null | wc -c)" -eq "$1" ]
}
check 'cut the other way' retry 5 far_has 7
echo nonsense >"$T/settings"
status_is 2 'a word that it does not know is an error' "$proxy" --settings "$T/settings" --exec cat
like 'which it names' "$("$proxy" --settings "$T/settings" --exec cat 2>&1)" 'not understood: nonsense'

# Half-open: what was sent before passes, then nothing, and nothing is closed.
mkfifo "$T/in"
"$proxy" --control "$T/control" --exec cat <"$T/in" >"$T/out" 2>"$T/proxy.err" &
pid=$!
own "$pid"
exec 9>"$T/in"
echo one >&9
check 'a line passes' retry 5 file_has "$T/out" one
tell 'silence both' >/dev/null
echo two >&9
sleep 0.3
is 'in silence, none does' "$(cat "$T/out")" one
check 'and nothing is closed' alive "$pid"
tell resume >/dev/null
check 'then what was held passes' retry 5 file_has "$T/out" two
is 'it counts' "$(tell stats)" '1 8 8'
tell close >/dev/null
check 'told to close, it ends' retry 5 gone "$pid"
exec 9>&-

# Between two ports: a server that says what it gets.
perl -MIO::Socket::INET -e '
	$| = 1;
	my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 9, ReuseAddr => 1);
	open(my $p, ">", $ARGV[0]); print $p $l->sockport, "\n"; close $p;
	while (my $c = $l->accept) {
		while (defined(sysread($c, my $b, 4096))) { last if length($b) == 0; print $b; }
		print $! ? "ended: $!\n" : "ended\n"; $! = 0;
	}' "$T/server.port" >"$T/server.out" 2>"$T/server.err" &
own $!
retry 5 test -s "$T/server.port"
"$proxy" --control "$T/control" --listen 127.0.0.1:0 --port-file "$T/proxy.port" --connect "127.0.0.1:$(cat "$T/server.port")" 2>"$T/proxy2.err" &
own $!
retry 5 test -s "$T/proxy.port"

say() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or die "$!\n";
		syswrite($s, "$ARGV[1]\n"); $s->blocking(1);
		my $n = $ARGV[2] ? sysread($s, my $b, 1) : 0;
		print defined $n ? "end\n" : "$!\n"' "$(cat "$T/proxy.port")" "$@" 2>&1
}

say hello >/dev/null
check 'a port in between passes on' retry 5 file_has "$T/server.out" '^hello'
check 'and the end' retry 5 file_has "$T/server.out" '^ended$'
say wait 1 >"$T/say.out" &
own $!
check 'another connection' retry 5 file_has "$T/server.out" '^wait'
tell reset >/dev/null
check 'a reset is one for the client' retry 5 file_has "$T/say.out" 'Connection reset'
check 'and for the server' retry 5 file_has "$T/server.out" 'ended: Connection reset'
tell 'refuse yes' >/dev/null
say late 1 >/dev/null
refute 'nothing arrives of who is refused' grep -q late "$T/server.out"
tell 'refuse no' >/dev/null
say again >/dev/null
check 'and then it is' retry 5 file_has "$T/server.out" '^again'
done_testing

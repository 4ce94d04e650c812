#!/usr/bin/perl
# inject_child.pl KIND DIR: a child that can be held to what it said. In DIR it notes, beside its output, what
# the supervisor must know at the end:
#
#	writer	numbered lines on both streams, its token before each; notes how many when it is told to end
#	talker	numbered observations and states, the same
#	mortal	lives for a moment; notes its exit code right before it exits with it
#	idle	waits
#
# DIR/starts.KIND has a line for each incarnation.
use strict;
use warnings;
use IO::Handle;
use Time::HiRes qw(sleep time);

my ($kind, $dir) = @ARGV;
my $token = $ENV{TRAPEXIT_TOKEN};
my $ended = 0;

sub note {
	my ($file, @words) = @_;
	open(my $f, '>>', "$dir/$file") or die "$dir/$file: $!";
	syswrite($f, join(' ', @words) . "\n");
	close($f);
}

# One write a line, so that a line is there whole or not at all.
sub put {
	my ($handle, $line) = @_;
	syswrite($handle, "$line\n") // die "write: $!";
}

sub write_lines {
	my $i = 0;
	until ($ended) {
		$i++;
		put(*STDOUT, "$token out $i " . 'x' x 80);
		put(*STDERR, "$token err $i") if $i % 5 == 0;
		sleep(0.01) if $i % 4 == 0;
	}
	note('ends', $token, $kind, $i);
}

sub talk {
	my $i = 0;
	my $slot = 0;
	until ($ended) {
		my $now = int(time() * 1000);
		$i++;
		$slot = $slot < $now ? $now : $slot + 1;
		put(*STDOUT, qq({"type":"observation","source":"talk","slot":$slot,"status":"ok","product":"T",)
		    . qq("url":"http://talker.example/","amount":"$i","currency":"EUR","raw":") . 'y' x 200 . '"}');
		put(*STDOUT, qq({"type":"state","key":"done/talk","value":{"slot":$slot}})) if $i % 10 == 0;
		sleep(0.02) if $i % 5 == 0;
	}
	note('ends', $token, $kind, $i);
}

$SIG{TERM} = $kind eq 'mortal' ? 'IGNORE' : sub { $ended = 1 };
note("starts.$kind", $token, $$);
if ($kind eq 'writer') {
	write_lines();
} elsif ($kind eq 'talker') {
	talk();
} elsif ($kind eq 'mortal') {
	my $code = 1 + $token % 97;
	sleep(0.25);
	note('exits', $token, $code);
	exit($code);
} else {
	sleep(1000) until $ended;
}

#!/bin/sh
# trapexit(1) where there is no daemon: help, wrong command lines, what it says and how it ends. What works without a
# daemon has tests of its own.
. "$top_srcdir/tests/lib/tap.sh"

command -v jq >/dev/null || skip_all 'no jq(1)'

# Nothing here may look at what runs on this host.
cat >"$T/x.conf" <<-END
	state_dir = "$T/state"
	run_dir = "$T/run"
	log_dir = "$T/log"
	store = "sqlite:$T/prices.db"
	supervisor suppliers {
	    child ebuyer { command = "/bin/true" }
	}
END
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG

status_is 0 'help succeeds' trapexit help
like 'help lists the commands' "$(last_output)" '^  events +tell what happened'
is 'help is --help' "$(trapexit help)" "$(trapexit --help)"
for command in status start stop restart signal events logs prices history reload reopen shutdown version help; do
	status_is 0 "help $command succeeds" trapexit help "$command"
	is "help $command is $command --help" "$(last_output)" "$(trapexit "$command" --help)"
done

status_is 2 'no command is a usage error' trapexit
status_is 2 'an unknown command is a usage error' trapexit statsu
like 'which says what was meant' "$(last_output)" 'no such command: statsu; did you mean "status"'
status_is 2 'an unknown command for help is one, too' trapexit help xyzzy
status_is 2 'an unknown long option' trapexit status --frobnicate
like 'is named' "$(last_output)" 'no such option: --frobnicate; see trapexit help status'
status_is 2 'an unknown short option' trapexit status -x
like 'is named, too' "$(last_output)" 'no such option: -x'
status_is 2 'an option of another command' trapexit status --csv
like 'is refused by name' "$(last_output)" 'status has no option --csv'
status_is 2 'an option without its argument' trapexit status --socket
like 'is told' "$(last_output)" 'needs an argument'
status_is 2 'stop needs a name' trapexit stop
status_is 2 'signal needs two words' trapexit signal HUP
status_is 2 'signal needs a signal' trapexit signal XYZ a
like 'and says so' "$(last_output)" 'no such signal: XYZ'
status_is 2 'reload takes no words' trapexit reload now
status_is 2 '--json and --csv exclude each other' trapexit prices --json --csv
status_is 2 '--watch and --json exclude each other' trapexit status --watch --json
status_is 2 '--watch needs a time' trapexit status --watch=often
status_is 2 '--since needs a time' trapexit events --since later
status_is 2 '--lines needs a number' trapexit events --lines many

status_is 3 'status without a daemon is 3 (LSB: not running)' trapexit status
is 'status says what is missing and what to do' "$(last_output)" \
    "trapexit: trapexitd is not running (no socket $T/run/control.sock); start it with: trapexitd -d"
status_is 3 'with names, too' trapexit status ebuyer
for command in 'start a' 'stop a' 'restart a' 'signal HUP a' reload reopen shutdown version; do
	# shellcheck disable=SC2086 # words
	status_is 1 "$command without a daemon is 1" trapexit $command
	like "$command says so" "$(last_output)" "trapexitd is not running .no socket $T/run/control.sock"
done
is 'status --json has its members all the same' \
    "$(trapexit status --json 2>/dev/null | jq -c '[.version, .daemon, .nodes, .tree]')" '[1,null,[],null]'
like 'options stand before or behind the command' "$(trapexit --socket "$T/other.sock" status 2>&1)" 'no socket .*/other.sock'
like '--run-dir names the socket, too' "$(trapexit status --run-dir "$T/r2" 2>&1)" "no socket $T/r2/control.sock"

mkdir "$T/run"
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1)' "$T/run/control.sock"
status_is 3 'a socket that nobody listens on is not running' trapexit status
like 'and is told apart' "$(last_output)" 'nobody listens on'
rm "$T/run/control.sock"

# Root may reach all, but for one that has given up that right.
plainly=
[ "$(id -u)" -ne 0 ] || plainly='setpriv --bounding-set=-dac_override,-dac_read_search --'
chmod 0 "$T/run"
# shellcheck disable=SC2086 # no word, or several
status_is 4 'a socket that we may not reach is unknown (LSB: 4)' $plainly trapexit status
like 'and says who may' "$(last_output)" 'permission denied'
chmod 700 "$T/run"

# A server that hangs up, and one that talks nonsense.
cat >"$T/server" <<-'END'
	use IO::Socket::UNIX;
	my ($path, $answer) = @ARGV;
	# It has its name when it listens.
	my $l = IO::Socket::UNIX->new(Local => "$path.new", Listen => 1) or die;
	rename("$path.new", $path) or die;
	while (my $c = $l->accept) { my $line = <$c>; print $c $answer; close $c }
END
perl "$T/server" "$T/run/control.sock" '' &
own $!
retry 5 test -S "$T/run/control.sock"
status_is 4 'no answer is unknown' trapexit status
like 'and says so' "$(last_output)" 'hung up without a reply'
perl "$T/server" "$T/odd.sock" 'nonsense
' &
own $!
retry 5 test -S "$T/odd.sock"
status_is 4 'a server of another kind is unknown' trapexit status -s "$T/odd.sock"
like 'and what is wrong is told' "$(last_output)" 'reply that is not JSON'

# A path too long for the address of a socket.
long=$T/$(printf '%0100d' 0)
mkdir "$long"
(cd "$long" && exec perl "$T/server" control.sock '{"jsonrpc":"2.0","id":1,"result":{"version":"9.9"}}
') &
own $!
retry 5 test -S "$long/control.sock"
like 'a path longer than sun_path is reached' "$(trapexit version -R "$long")" '^trapexitd .trapexit. 9\.9'

# A broken configuration does not keep anybody from looking.
printf 'run_dir = "broken-run"\nsupervisor {\n' >"$T/broken.conf"
status_is 4 'with a broken configuration the options serve' \
    trapexit -c "$T/broken.conf" -s "$T/run/control.sock" status
like 'and it is said' "$(trapexit -c "$T/broken.conf" -s "$T/none.sock" status 2>&1)" \
    'has errors, so no more than its directories is used; trapexitd -t -c'
like 'its directories serve all the same' "$(trapexit -c "$T/broken.conf" status 2>&1)" "no socket $T/broken-run/control.sock"
like 'one that is not there is told' "$(trapexit -c "$T/none.conf" -s "$T/none.sock" status 2>&1)" \
    'none.conf: No such file or directory; the default directories are used'
is 'it is said once' "$(trapexit help 2>&1 >/dev/full | grep -c 'standard output')" 1
status_is 1 'output that is closed is a failure' sh -c 'trapexit --version >&-'
status_is 1 'that of trapexitd, too' sh -c 'trapexitd --help >&-'
status_is 1 'output that cannot be written is a failure' sh -c 'trapexit help >/dev/full'
done_testing

#!/bin/sh
# systemd has nothing to complain about in our units, and what they start has the options that they use.
. "$top_srcdir/tests/lib/tap.sh"

mkdir "$T/units"
for unit in trapexitd.service trapexit-agent.service trapexit-agent.socket; do
	# The programs that were built stand where the installed ones would.
	sed "s,/usr/sbin/,$T/bin/,g" "$top_srcdir/scripts/init/$unit" >"$T/units/$unit"
	chmod 644 "$T/units/$unit"
done
for unit in trapexitd.service trapexit-agent.service trapexit-agent.socket; do
	check "$unit: systemd-analyze verify" env SYSTEMD_UNIT_PATH="$T/units:" \
	    systemd-analyze verify --man=no "$T/units/$unit"
	is "$unit: ... without a word" "$(last_output)" ''
done
for option in $(sed -n 's/.*\(trapexitd\) \(-.*\)/\2/p' "$top_srcdir/scripts/init/trapexitd.service" | tr ' ' '\n' |
    grep '^-' | sort -u); do
	check "trapexitd knows $option" sh -c "trapexitd --help | grep -q -e '$option,'"
done
for option in $(sed -n '/bin\/trapexit-agent /p' "$top_srcdir/scripts/init/trapexit-agent.service" | tr ' ' '\n' |
    grep -e '^--'); do
	check "trapexit-agent knows $option" sh -c "trapexit-agent --help | grep -q -e '$option'"
done

# The installation's name is made as the daemon makes it, once, and the socket's other name leads to the first 16 digits.
command_of() {
	sed -n "/^$1=/,/[^\\\\]\$/p" "$top_srcdir/scripts/init/trapexit-agent.socket" | sed "1s/^$1=//; s/\\\\\$//" |
	    sed "s,/var/lib/trapexit,$T/state,g; s,/run/trapexit,$T/run,g; s,\\\$\\\$,\$,g; s,%%,%,g" | tr -d '\n'
}
mkdir "$T/run"
command_of ExecStartPre >"$T/pre"
command_of ExecStartPost >"$T/post"
check 'the socket unit makes an installation' sh "$T/pre"
like '... of 32 hex digits' "$(cat "$T/state/installation")" '^[0-9a-f]{32}$'
id=$(cat "$T/state/installation")
check 'the second time' sh "$T/pre"
is '... it stays' "$(cat "$T/state/installation")" "$id"
check 'the socket gets its other name' sh "$T/post"
is '... with the installation in it' "$(ls "$T/run")" "agent-$(printf %.16s "$id")-local.sock"
done_testing

#!/bin/sh
# Every way to end, for every restart type: the reason that it is given, and what becomes of the child
# (S15, S16, S34, S36).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/otp.sh"

# NAME, how kid ends, the reason, its class
cat >ends <<'END'
zero --exit=0 normal normal
one --exit=1 {exit,1} abnormal
three --exit=3 {shutdown,3} normal
c127 --exit=127 {exit,127} abnormal
c143 --exit=143 {exit,143} abnormal
c255 --exit=255 {exit,255} abnormal
term --die=TERM shutdown normal
usr1 --die=USR1 shutdown normal
int --die=INT shutdown normal
kill --die=KILL killed abnormal
segv --die=SEGV {signal,SIGSEGV} abnormal
hup --die=HUP {signal,SIGHUP} abnormal
pipe --die=PIPE {signal,SIGPIPE} abnormal
rt --die=40 {signal,40} abnormal
END
mkdir counts
for type in permanent transient temporary; do
	echo "supervisor $type {"
	while read -r name how reason class; do
		echo "child $name {"
		echo "command = \"$kid --count $T/counts/$type.$name --at 1 ${how%%=*} ${how#*=}\" restart = $type"
		echo 'success_codes = {3} success_signals = {USR1} backoff = off'
		[ "$name" != int ] || echo 'stop_signal = INT'
		echo '}'
		case $type.$class in
		permanent.* | transient.abnormal) echo "$type/$name running 2 $reason" >>wanted ;;
		transient.normal) echo "$type/$name undefined 1 $reason" >>wanted ;;
		esac
		echo "$type/$name $reason" >>wanted-reasons
	done <ends
	echo '}'
done >children
configure <children

now() {
	tx status --json | jq -r '.tree.children[] | .children[]? | "\(.name) \(.state) \(.starts) \(.last_exit.reason)"'
}
all_settled() {
	[ "$(now)" = "$(cat wanted)" ]
}
check 'the daemon starts' start_daemon
retry 20 all_settled
is 'each restart type makes of each end what it should (S34)' "$(now)" "$(cat wanted)"
is 'each end has its reason (S15, S16), those of the forgotten ones too' \
    "$(records 'select(.type == "exit") | .child + " " + .reason' | tr -d '"' | sort)" "$(sort wanted-reasons)"
is 'under one_for_one none touched another: each was started as often as it should (S36, S38)' \
    "$(records 'select(.type == "start") | .child' | tr -d '"' | sort | uniq -c | awk '$1 == 2' | wc -l)" "$(grep -c ' 2 ' wanted)"
check 'a permanent child that ends normally is reported (S126)' has_report permanent/zero 'child_terminated normal'
check 'the daemon stops in order' stop_daemon
done_testing

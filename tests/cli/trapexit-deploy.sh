#!/bin/sh
# trapexit deploy, to hosts without a network (tests/lib/fake-ssh): what is put where, what is refused and
# why, and that a copy which is cut off at any byte, or killed at any step, changes nothing.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'what valgrind watches are scripts, and no programs to deploy'
version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$top_builddir/config.h")

# host NAME: of an ordinary user, whoever runs the test.
host() {
	mkdir -p "$FAKE_SSH/$1/bin"
	printf '#!/bin/sh\necho 1000\n' >"$FAKE_SSH/$1/bin/id"
	chmod +x "$FAKE_SSH/$1/bin/id"
}

# wrap HOST PROGRAM SCRIPT: what a program does there.
wrap() {
	printf '#!/bin/sh\n%s\n' "$3" >"$FAKE_SSH/$1/bin/$2"
	chmod +x "$FAKE_SSH/$1/bin/$2"
}

# The versions on a host, as a list.
there() {
	(cd "$FAKE_SSH/$1/home/.local/lib/trapexit" 2>/dev/null && find . -mindepth 1 | sort | sed 's,^\./,,' | paste -sd ' ')
}

place_of() {
	echo "$FAKE_SSH/$1/home/.local/lib/trapexit/$version"
}

# What is there is what is here.
is_same() {
	cmp -s "$(place_of "$1")/trapexit-agent" "$TRAPEXIT_BINDIR/trapexit-agent" &&
	    cmp -s "$(place_of "$1")/pricescrape" "$TRAPEXIT_BINDIR/pricescrape"
}

# deployed HOST FILTER: what --json says of it.
deployed() {
	jq -e --arg n "$1" ".nodes[] | select(.node == \$n) | $2" "$T/deploy.json"
}

for h in box2 box3 noisy slow; do
	host "$h"
done
make_hosts down
: >"$FAKE_SSH/down/down"
# Logins that print, also without an end of line, and a shell that is told something at its start.
echo 'echo "Last login: today"; printf "no newline at its end"' >"$FAKE_SSH/noisy/says"
# A connection that is cut after so many bytes to the host.
cat >"$T/cut-ssh" <<END
#!/bin/sh
perl -e 'my \$left = shift; my \$n;
    while (\$left > 0 && (\$n = sysread(STDIN, \$_, \$left < 65536 ? \$left : 65536))) { syswrite(STDOUT, \$_); \$left -= \$n }' \
    "\$(cat "$T/cut")" | "$fake_ssh" "\$@"
END
chmod +x "$T/cut-ssh"
configure <<END
store = none
node box2 { ssh = "me@box2" ssh_program = "$fake_ssh" port = 2222 }
node box3 { ssh = box3 ssh_program = "$fake_ssh" agent = "~/opt/trapexit-agent" }
node cut { ssh = box2 ssh_program = "$T/cut-ssh" }
node down { ssh = down ssh_program = "$fake_ssh" }
node noisy { ssh = noisy ssh_program = "$fake_ssh" }
node odd { ssh = box3 ssh_program = "$fake_ssh" agent = "/opt/other-agent" }
node slow { ssh = slow ssh_program = "$fake_ssh" }
END

# Where, what, and twice.
check 'a dry run finds that all is well' tx deploy --dry-run box2
like 'and says what it would do' "$(last_output)" "box2: $version would be installed in .*/hosts/box2/home/.local/lib/trapexit/$version \\("
is 'nothing is there' "$(there box2)" ''
check 'it is installed' tx deploy box2
like 'and that is said' "$(last_output)" "^box2: $version is installed in .*/home/.local/lib/trapexit/$version \\([a-z0-9_]+, [0-9]+ KiB, "
is 'these two files are there, and nothing else' "$(there box2)" "$version $version/pricescrape $version/trapexit-agent"
check 'as they are here' is_same box2
is 'one connection was enough' "$(wc -l <"$FAKE_SSH/box2/calls")" 2
like 'with the words of the node' "$(tail -n 1 "$FAKE_SSH/box2/calls")" '^-o BatchMode=yes .* -p 2222 -- me@box2 exec /bin/sh -c '
inode=$(stat -c %i "$(place_of box2)/trapexit-agent")
check 'again' tx deploy box2 -j
last_output >"$T/deploy.json"
check 'is no work: unchanged' deployed box2 '.outcome == "unchanged" and .bytes == 0 and .error == null'
is 'the file is the same' "$(stat -c %i "$(place_of box2)/trapexit-agent")" "$inode"
check 'logins that print do no harm' tx deploy noisy
check 'all is there' is_same noisy
check 'where the configuration has the agent, it is put' tx deploy box3
is 'both' "$(ls "$FAKE_SSH/box3/home/opt")" 'pricescrape
trapexit-agent'

# What goes wrong.
status_is 1 'a host that refuses is an error' tx deploy down
like 'with the name of the node' "$(last_output)" '^trapexit: node down: ssh: connect to host down port 22: Connection refused$'
status_is 1 'others are done all the same' tx deploy --json down box2
tail -n 1 "$T/.tap/last" | grep '^{' >"$T/deploy.json" || grep '^{' "$T/.tap/last" >"$T/deploy.json"
check 'each with its outcome' deployed down '.outcome == "failed" and (.error | startswith("ssh: "))'
check 'in one answer' deployed box2 '.outcome == "unchanged"'
status_is 1 'a name that is none is an error' tx deploy bxo2
like 'with what was meant' "$(last_output)" 'there is no node bxo2; did you mean .box2.[?]'
status_is 1 'this host is none to deploy to' tx deploy local
status_is 2 'no name at all is wrong usage' tx deploy
status_is 1 'an agent of another name is not touched' tx deploy odd
like 'which is said' "$(last_output)" 'node odd: its "agent" is /opt/other-agent'
printf 'store = none\n' >"$T/none.conf"
status_is 1 'all of none are none' trapexit -c "$T/none.conf" deploy --all
like 'with where they would be' "$(last_output)" 'no node of the configuration is reached over ssh'
printf 'nodee box2 { }\n' >"$T/bad.conf"
status_is 1 'a configuration with errors is one' trapexit -c "$T/bad.conf" deploy box2
like 'which is all that is said' "$(last_output)" '^trapexit: .*bad.conf has errors, '
refute 'not that there is no such node' grep -q 'no node' "$T/.tap/last"
wrap slow dd 'sleep 1000'
status_is 1 'a host that says nothing is not waited for' tx deploy --timeout 1s slow
like 'which is said' "$(last_output)" 'node slow: ssh: no sign of life for 1 s'
wrap slow dd 'exec /bin/dd "$@"'
wrap slow uname 'case $1 in -m) echo sparc64 ;; *) echo Linux ;; esac'
check 'a machine of a type that nobody knows is tried' tx deploy slow
wrap slow uname 'case $1 in -m) echo s390x ;; *) echo Linux ;; esac'
status_is 1 'one of another type is refused' tx deploy slow
like 'with both' "$(last_output)" 'node slow: is a machine of type s390x, but this trapexit is built for '
wrap slow uname 'echo FreeBSD'
status_is 1 'another system, too' tx deploy slow
like 'by its name' "$(last_output)" 'node slow: runs FreeBSD, not Linux'

# Programs that do not run there: what is here is changed to want what nobody has.
mkdir "$T/other"
TRAPEXIT_OLD=$TRAPEXIT_BINDIR
other() {
	cp -L "$TRAPEXIT_OLD/trapexit-agent" "$TRAPEXIT_OLD/pricescrape" "$T/other/"
	LC_ALL=C sed -i "$2" "$T/other/$1"
	TRAPEXIT_BINDIR=$T/other
}
other pricescrape 's/libjson-c\.so\.5/libjson-q.so.5/g'
status_is 1 'a library that is missing there is an error' tx deploy box2
like 'by its name' "$(last_output)" 'node box2: lacks libjson-q.so.5$'
TRAPEXIT_BINDIR=$TRAPEXIT_OLD
check 'what was there stays' is_same box2
other trapexit-agent 's/libevent_core-2\.1\.so\.7/libevent_core-9.1.so.7/g'
status_is 1 'also of the agent' tx deploy --json box2
grep '^{' "$T/.tap/last" >"$T/deploy.json"
check 'and for programs' deployed box2 '.missing == [{"library": "libevent_core-9.1.so.7", "package": null}]'
other trapexit-agent 's/GLIBC_2\.\([0-9]\)/GLIBC_9.\1/g'
status_is 1 'a C library that is too old is one, too' tx deploy box2
like 'with what it would need' "$(last_output)" 'node box2: has older libraries: no GLIBC_9\.[0-9]'
TRAPEXIT_BINDIR=$TRAPEXIT_OLD
printf '#!/bin/sh\n' >"$T/other/trapexit-agent"
status_is 1 'what is no program is not sent' env TRAPEXIT_BINDIR="$T/other" trapexit -c "$T/t.conf" deploy box2
like 'which is said' "$(last_output)" 'is no program of this machine'
check 'what was there stays' is_same box2

# Cut off at any byte: what was there before stays as it was, and nothing else is left.
size=$(($(stat -L -c %s "$TRAPEXIT_BINDIR/trapexit-agent") + $(stat -L -c %s "$TRAPEXIT_BINDIR/pricescrape")))
echo 100000000 >"$T/cut"
rm -r "$(place_of box2)"
check 'a whole copy through the helper' tx deploy --timeout 10s cut
check 'is one' is_same box2
for p in trapexit-agent pricescrape; do
	echo before >"$(place_of box2)/$p"
done
script=$(($(LC_ALL=C sed '/^#/d' "$top_srcdir/src/cli/deploy.sh" | wc -c)))
failed=
for at in 0 1 5 100 $((script / 2)) $script $((script + 200)) $((script + 1000)) $((size / 3)) $((size / 2)) \
    $((size - 1)) "$size" $((size + script / 2)) $((size + script)); do
	echo "$at" >"$T/cut"
	tx deploy --timeout 10s cut >"$T/cut.out" 2>&1 && failed="$failed $at: succeeded;"
	[ "$(cat "$(place_of box2)/trapexit-agent" "$(place_of box2)/pricescrape")" = 'before
before' ] || failed="$failed $at: changed;"
	[ "$(there box2)" = "$version $version/pricescrape $version/trapexit-agent" ] || failed="$failed $at: left something;"
done
is 'cut off at any byte, it changes nothing' "$failed" ''
check 'the next one does' tx deploy box2
check 'as if nothing had been' is_same box2

# The shell there is killed at each step of the end.
for step in sync mv; do
	for p in trapexit-agent pricescrape; do
		echo before >"$(place_of box2)/$p"
	done
	wrap box2 "$step" 'kill -KILL $PPID'
	status_is 1 "killed at $step, it has failed" tx deploy box2
	rm "$FAKE_SSH/box2/bin/$step"
	is "killed at $step, nothing is changed" "$(cat "$(place_of box2)/trapexit-agent" "$(place_of box2)/pricescrape" | paste -sd ' ')" 'before before'
done
# Between the two: the scraper is new, the agent old, and both are whole.
wrap box2 mv '/bin/mv "$@"; kill -KILL $PPID'
status_is 1 'killed between the two, it has failed' tx deploy box2
rm "$FAKE_SSH/box2/bin/mv"
check 'one is new' cmp "$(place_of box2)/pricescrape" "$TRAPEXIT_BINDIR/pricescrape"
is 'one is as it was' "$(cat "$(place_of box2)/trapexit-agent")" before
check 'something is left of them' sh -c "ls -d '$(place_of box2)'/.new.*"
touch -d '2 hours ago' "$(place_of box2)"/.new.*
check 'the next one goes through' tx deploy box2
check 'all is there' is_same box2
is 'and what was left is gone' "$(there box2)" "$version $version/pricescrape $version/trapexit-agent"
wrap box2 cat 'echo "cat: write error: No space left on device" >&2; exit 1'
echo before >"$(place_of box2)/trapexit-agent"
status_is 1 'a full disk is an error' tx deploy box2
like 'which is told' "$(last_output)" 'node box2: cannot write to .*: cat: write error: No space left on device'
rm "$FAKE_SSH/box2/bin/cat"
is 'nothing is changed' "$(cat "$(place_of box2)/trapexit-agent")" before

# Two at once.
tx deploy box2 >"$T/one.out" 2>&1 &
one=$!
own "$one"
check 'two at once get on' tx deploy box2
check 'both' wait "$one"
check 'all is there' is_same box2

# Earlier versions: the last one stays, and those that somebody runs.
old=$FAKE_SSH/box2/home/.local/lib/trapexit
for v in 0.0.1 0.0.2 0.0.3; do
	mkdir "$old/$v"
	cp "$(command -v sleep)" "$old/$v/sleep"
	: >"$old/$v/trapexit-agent"
	touch -d "2020-01-0${v##*.}" "$old/$v"
done
mkdir "$old/mine"
"$old/0.0.2/sleep" 1000 &
runs=$!
own "$runs"
check 'deployed anew' tx deploy --json box2
last_output >"$T/deploy.json"
check 'those that are kept are told' deployed box2 '.kept == ["0.0.3 (the one before)", "0.0.2 (still runs)"] and .removed == ["0.0.1"]'
is 'the others are gone' "$(ls "$old" | paste -sd ' ')" "0.0.2 0.0.3 $version mine"
kill "$runs"
wait "$runs" 2>/dev/null
check 'and once nobody runs it' tx deploy box2
is 'it goes, too' "$(ls "$old" | paste -sd ' ')" "0.0.3 $version mine"

# And a daemon finds it.
grep -v '^node' "$T/t.conf" >"$T/d.conf"
printf 'node box2 { ssh = box2 ssh_program = "%s" run_dir = "%s" lease = 5s }\n' "$fake_ssh" "$T/box2run" >>"$T/d.conf"
printf 'hold = 5s\nchild far { command = {"readlink", "-f", "/proc/self/exe"} nodes = {box2} restart = temporary }\n' >>"$T/d.conf"
mv "$T/d.conf" "$T/t.conf"
printf '#!/bin/sh\necho no such agent >&2\nexit 1\n' >"$FAKE_SSH/box2/bin/trapexit-agent"
check 'a daemon starts' start_daemon
up() {
	tx nodes --json | jq -e '.nodes[] | select(.name == "box2") | .state == "up"'
}
check 'its node comes up' retry 15 up
agent=$(tx nodes --json | jq '.nodes[] | select(.name == "box2") | .agent_pid')
is 'with the agent that was deployed' "$(readlink "/proc/$agent/exe")" "$(cd "$(place_of box2)" && pwd -P)/trapexit-agent"
check 'a daemon stops in order' stop_daemon
check 'nothing is left' retry 20 nothing_is_left
done_testing

# shellcheck shell=sh
# Sentences for tests of `trapexit upgrade`, on top of daemon.sh.

# The trapexitd that is installed from now on.
install_daemon() {
	rm -f "$T/bin/trapexitd"
	ln -s "$1" "$T/bin/trapexitd"
}

# The same as a script; what it execs is still called trapexitd.
install_script() {
	rm -f "$T/bin/trapexitd"
	cat >"$T/bin/trapexitd"
	chmod +x "$T/bin/trapexitd"
}

good_daemon() {
	install_daemon "$top_builddir/src/daemon/trapexitd"
}

# Children that talk and die, and write down by another way what they said and how they died.
load_children() {
	cat <<END
child talks {
	command = {"sh", "-c", "i=0; while :; do i=\$((i+1)); echo line \$i; sleep 0.01; done"}
}
child observes {
	output = observations
	command = {"sh", "-c", "i=0; while :; do i=\$((i+1)); echo \$i >>$T/observed; echo '{\"type\":\"observation\",\"source\":\"s\",\"status\":\"ok\",\"amount\":\"'\$i'\",\"currency\":\"EUR\"}'; sleep 0.02; done"}
}
child dies {
	command = {"sh", "-c", "n=\$((\$\$ % 200 + 1)); sleep 0.0\$((\$\$ % 10)); echo \$TRAPEXIT_TOKEN \$n >>$T/died; exit \$n"}
	backoff { min = 10ms  max = 40ms }
}
child shot {
	command = {"sh", "-c", "sleep 0.1; echo \$TRAPEXIT_TOKEN >>$T/shot; kill -USR1 \$\$; sleep 10"}
	backoff { min = 10ms  max = 40ms }
}
child quiet { command = "sleep 1000" }
END
}

# Whoever ends is started anew at once, so it is a stop that shows what was lost.
load_stops() {
	tx stop talks observes dies shot
}

# Each line of the log once, in order, without a gap.
lines_are_whole() {
	awk '{ if ($0 != "line " NR) { print "line " NR " is: " $0; exit 1 } } END { exit NR < 10 }' "$T/log/talks.log"
}

# Each observation that was printed is in the journal once. (What was printed last may not have been taken.)
observations_are_whole() {
	records 'select(.type == "observation") | .data.amount' | tr -d '"' | sort -n >"$T/journaled"
	n=$(wc -l <"$T/journaled")
	seq 1 "$n" | cmp - "$T/journaled" || return 1
	[ "$n" -ge 10 ] && [ "$(wc -l <"$T/observed")" -le $((n + 1)) ]
}

# "TOKEN STATUS" of each exit of a child in the journal. (Not by jq, which may have no 64 bits.)
exits_of() {
	sed -n "s/.*\"type\":\"exit\",.*\"child\":\"$1\",\"token\":\([0-9]*\),.*\"status\":\([0-9]*\).*/\1 \2/p" \
	    "$T"/state/journal/*.jsonl
}

# same_ends CHILD FILE: each end that a child has written down ("TOKEN STATUS") is in the journal with this
# status, once, and no other. (The last may have been told to stop, status 15, between its word and its end.)
same_ends() {
	exits_of "$1" >"$T/$1.exits"
	awk -v file="$2" '
	    BEGIN { while ((getline <file) > 0) said[$1] = $2 }
	    seen[$1]++ { print $1 " is there twice"; bad = 1 }
	    $2 != 15 && said[$1] != $2 { print $1 " ended with " $2 ", not " said[$1]; bad = 1 }
	    $2 == 15 && ++stopped > 1 { print $1 " was stopped, too"; bad = 1 }
	    END {
		for (token in said)
			if (!seen[token]) { print token " is not there"; bad = 1 }
		exit bad || NR < 3
	    }' "$T/$1.exits"
}

statuses_are_whole() {
	awk '{ print $1, $2 * 256 }' "$T/died" >"$T/died.raw"
	awk '{ print $1, 10 }' "$T/shot" >"$T/shot.raw"
	same_ends dies "$T/died.raw" && same_ends shot "$T/shot.raw"
}

# No exit of which nobody saw the status: a start that was ordered and never happened, or a lost one.
nothing_is_unseen() {
	[ "$(record_count 'select(.type == "exit" and .status == null)')" = 0 ]
}

# The pids that must not change.
steady_pids() {
	echo "$(pid_of talks) $(pid_of observes) $(pid_of quiet)"
}

# The trapexitds of this test.
daemons() {
	for tap_p in $(started_here); do
		if [ "$(cat "/proc/$tap_p/comm" 2>/dev/null)" = trapexitd ] && alive "$tap_p"; then
			echo "$tap_p"
		fi
	done
}

one_daemon() {
	[ "$(daemons | wc -l)" = 1 ]
}

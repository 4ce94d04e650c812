#!/bin/sh
# A new trapexitd that does not come up leaves the old one in charge, whatever is wrong with
# it; who asked is told why, and the next good one takes over.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/upgrade.sh"

configure <<END
store = none
hold = 30s
$(load_children)
END

# refuses SENTENCE ERE [ARG…]: the upgrade fails, says why, and nothing has changed.
refuses() {
	sentence=$1 why=$2
	shift 2
	status_is 1 "$sentence: the upgrade fails" tx upgrade "$@"
	like "$sentence: it is told why" "$(last_output)" "did not come up, version [0-9.]* goes on: .*$why"
	is "$sentence: the daemon is the same" "$(tx status --json | jq .daemon.pid)" "$daemon"
	is "$sentence: as is its epoch" "$(cat "$T/state/epoch")" "$epoch"
	is "$sentence: and its children" "$(steady_pids)" "$before"
	check "$sentence: there is no other" one_daemon
}

check 'the daemon starts' start_daemon
check 'all run' retry 10 child_count dies starts 3
before=$(steady_pids)
read -r epoch <"$T/state/epoch"

install_daemon /bin/false
refuses 'a program that fails' 'ended with status 1, without a word'

rm -f "$T/bin/trapexitd"
cp "$top_builddir/config.h" "$T/bin/trapexitd"
chmod +x "$T/bin/trapexitd"
refuses 'a text' 'trapexitd: Exec format error'

rm -f "$T/bin/trapexitd"
refuses 'nothing at all' 'trapexitd: No such file or directory'

install_script <<END
#!/bin/sh
sleep 1000
END
refuses 'a program that hangs' 'it was not ready within 300ms' --timeout 300ms

install_script <<END
#!/bin/sh
echo 'trapexitd: libnew.so.7: cannot open shared object file' >&2
exit 127
END
refuses 'a program that complains' 'libnew.so.7: cannot open shared object file'

install_script <<END
#!/bin/sh
echo 'goodbye' >&2
kill -SEGV \$\$
END
refuses 'a program that crashes' 'killed by signal 11; its last words: goodbye'

install_daemon "$top_builddir/tests/helpers/trapexitd-v45"
refuses 'one that the agent does not understand' 'node local: speaks agent protocol 1-3, we speak 4-5'

good_daemon
cp t.conf good.conf
echo 'nonsense = yes' >>t.conf
refuses 'an invalid configuration' 't\.conf:[0-9]+:[0-9]+: unknown word .nonsense.*\(1 error\)'
cp good.conf t.conf
is 'each failure is in the journal' "$(record_count 'select(.type == "daemon" and .event == "upgrade_failed")')" 8
like 'and told' "$(tx events)" 'trapexitd goes on: a new one did not come up \(pid [0-9]+, version [0-9.]+\): .*libnew'

# What the new one reads is as after a restart: this is how a changed configuration comes with it.
echo 'child more { command = "sleep 1000" }' >>t.conf
sed -i "s|^log_dir = .*|log_dir = \"$T/elsewhere\"|" t.conf
check 'the next good one takes over' tx upgrade
check 'with the configuration that is there now' retry 5 child_is more running
is 'but in the places that were' "$(tx status --json | jq -r .daemon.log_dir)" "$T/log"
check 'which is said' file_has "$T/trapexitd.log" 'log_dir: .*/log -> .*/elsewhere'
is 'the process is the same' "$(tx status --json | jq .daemon.pid)" "$daemon"
is 'no child was touched' "$(steady_pids)" "$before"

status_is 2 'a timeout that is none is a usage error' tx upgrade --timeout soon
cp good.conf t.conf
check 'and another upgrade' tx upgrade
check 'the children stop' load_stops
check 'no line is lost, none is there twice' lines_are_whole
check 'no observation is lost, none is there twice' observations_are_whole
check 'no exit status is lost, none is there twice' statuses_are_whole
check 'the daemon stops in order' stop_daemon
done_testing

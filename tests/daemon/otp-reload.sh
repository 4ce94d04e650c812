#!/bin/sh
# A reload and what was added or deleted at run time (S85).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

conf() {
	configure <<-END
		store = none
		hold = 20s
		supervisor s {
			child a { command = "sleep 1000" }
			child b { command = "sleep 1000" }
			$1
		}
		supervisor pool { strategy = simple_one_for_one $2 }
		$3
	END
}

conf '' 'child w { command = "sleep" }' ''
check 'the daemon starts' start_daemon
for id in same other group; do
	answers "added: $id" "{ok,PID}" start-child s "child $id { command = \"sleep 1000\" }"
done
answers 'an instance' "{ok,PID}" start-child pool -- 1000
answers 'one of the list is terminated' ok terminate-child s b
answers 'and deleted' ok delete-child s b
for id in same other group; do
	eval "${id}_pid=$(pid_of s/$id)"
done
instance_pid=$(pid_of pool/w:1)
check 'nothing changed' tx reload --plan
is 'but that the file still has the deleted one' "$(last_output | head -n 1)" 'add s/b: was deleted by hand, but is in the file'
check 'reload' tx reload
is 'it is there again, behind the additions' "$(ids s)" 'b group other same a'
is 'which were left alone (S85)' "$(pid_of s/same) $(pid_of s/other) $(pid_of pool/w:1)" "$same_pid $other_pid $instance_pid"
check 'after kill -9' crash_daemon
is 'all are there, the listed ones first' "$(ids s)" 'group other same b a'

conf 'child same { command = "sleep 1000" } child other { command = "sleep 1001" } supervisor group { child x { command = "sleep 1000" } }' \
    'child w { command = {"sleep", "1"} shutdown = 7s }' ''
check 'the file lists what was added' tx reload --plan
like 'the same child becomes the file'"'"'s' "$(last_output)" '^change s/same: was added by hand, is the file.s from now on$'
like 'another one is restarted as the file says' "$(last_output)" '^restart s/other: was added by hand, is as the file says from now on$'
like 'one of another type is replaced' "$(last_output)" '^add s/group: takes the place of the one that was added by hand$'
like 'a changed template is told' "$(last_output)" '^change pool/w: .*command: .*\(instances: from their next start on\)$'
check 'reload' tx reload
is 'the first was not touched' "$(pid_of s/same)" "$same_pid"
check 'the second is another process' retry 5 child_is s/other running
refute 'now' [ "$(pid_of s/other)" = "$other_pid" ]
check 'the third is a supervisor' retry 5 child_is s/group/x running
check 'the child of that name has ended' retry 5 gone "$group_pid"
is 'an instance goes on (S85)' "$(pid_of pool/w:1)" "$instance_pid"
is 'policy counts for it at once, the rest from its next start on' "$(tx get-childspec pool w:1 --json | jq -c '[.spec.shutdown, .spec.command]')" \
    '["7s",["sleep","1","1000"]]'
check 'after kill -9, too,' crash_daemon
is 'it goes on' "$(pid_of pool/w:1)" "$instance_pid"
kill -KILL "$instance_pid"
check 'then' retry 5 child_count pool/w:1 starts 2
check 'it is as the template says' retry 5 sh -c "tr '\\0' ' ' </proc/\$(trapexit -c '$T/t.conf' status --json | jq '[.. | objects | select(.name? == \"pool/w:1\")][0].pid')/cmdline | grep -qx 'sleep 1 1000 '"
check 'after kill -9' crash_daemon
is 'the file has them' "$(ids s) $(pid_of s/same)" "group other same b a $same_pid"

# Supervisors that go take along what was added to them.
answers 'added to what will go' "{ok,PID}" start-child s 'child extra { command = "sleep 1000" }'
extra_pid=$(pid_of s/extra)
configure <<END
store = none
hold = 20s
child only { command = "sleep 1000" }
END
check 'a file without them' tx reload
check 'they are gone' retry 5 gone "$extra_pid"
check 'all of them' retry 5 sh -c "[ \"\$(trapexit -c '$T/t.conf' which-children / --json | jq -c '[.children[].id]')\" = '[\"only\"]' ]"
check 'after kill -9' crash_daemon
is 'nothing comes back' "$(ids /)" only

# A file that changed while no daemon was there.
conf '' 'child w { command = "sleep" }' ''
check 'another file' tx reload
retry 5 child_is s/a running
answers 'an addition' "{ok,PID}" start-child s 'child extra { command = "sleep 1000" }'
answers 'and one that the file will have' "{ok,PID}" start-child s 'child mine { command = "sleep 1000" }'
answers 'an instance' "{ok,PID}" start-child pool -- 1000
mine_pid=$(pid_of s/mine)
instance_pid=$(pid_of pool/w:2)
kill -KILL "$daemon"
retry 5 gone "$daemon"
conf 'child mine { command = "sleep 1000" }' 'child w { command = "sleep" } max_children = 5' ''
check 'the daemon starts with another file' start_daemon
is 'what the file has is the file'"'"'s, with its process' "$(ids s) $(pid_of s/mine)" "extra mine b a $mine_pid"
is 'the instance, too' "$(pid_of pool/w:2)" "$instance_pid"
kill -KILL "$daemon"
retry 5 gone "$daemon"
configure <<END
store = none
hold = 20s
supervisor s { child a { command = "sleep 1000" } }
supervisor pool { child w { command = "sleep 1000" } }
END
check 'and with one whose supervisor has another strategy' start_daemon
check 'what does not fit is stopped' retry 5 gone "$instance_pid"
is 'and forgotten' "$(ids pool) $(ids s)" 'w extra a'
check 'the log says why' file_has "$T/trapexitd.log" 'pool/w:2: added at run time, but its supervisor has another strategy now'
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# supervisor(3)'s operations through the command: each row of S76 in each of its columns, with OTP's results.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

# Where an id has no text of its own it is a sleep; `restarting` are those whose program fails, until it does not.
configure <<END
store = none
hold = 20s
supervisor s {
	child up { command = "sleep 1000" }
	child down { command = "sleep 1000" }
	child owed { command = {"sh", "-c", "test -e $T/well && exec sleep 1000; exit 3"}
		backoff { min = 1h  max = 1h  first = delayed } }
	child temp { command = "sleep 1000"  restart = temporary }
	child last { command = "sleep 1000" }
	supervisor nested { child x { command = "sleep 1000" } }
}
supervisor all {
	strategy = one_for_all
	child a { command = "sleep 1000" }
	child b { command = "sleep 1000" }
}
END
check 'the daemon starts' start_daemon
check 'and its children' retry 10 tx status s/up s/down s/last all/a all/b
check 'but one, whose restart is owed' retry 5 child_is s/owed restarting
answers 'terminate_child of one that is up' ok terminate-child s down
is 'it is down' "$(child_of s/down state) $(child_of s/down pid)" 'undefined null'

# start_child
answers 'start_child: a new id' "{ok,PID}" start-child s 'child new { command = "sleep 1000" }'
is 'its pid was told' "$(answered_pid)" "$(pid_of s/new)"
is 'it is placed last (S76)' "$(ids s)" 'new nested last temp owed down up'
refused 'start_child: one that is up' "{error,{already_started,$(pid_of s/up)}}" start-child s 'child up { command = "true" }'
refused 'one whose restart is owed' '{error,already_present}' start-child s 'child owed { command = "true" }'
refused 'one that is down' '{error,already_present}' start-child s 'child down { command = "true" }'
is 'none of them was touched' "$(child_of s/up starts) $(child_of s/owed state) $(child_of s/down state)" '1 restarting undefined'
refused 'a supervisor that is up shows its path for a pid' '{error,{already_started,s/nested}}' \
    start-child s 'child nested { command = "true" }'
refused 'one that does not start (S29, S77)' \
    '{error,{{start_error,exec,ENOENT},child bad { command = {/nonexistent} }}}' start-child s 'child bad { command = "/nonexistent" }'
is 'is not there' "$(child_of s/bad state)" ''
is 'and was neither counted nor tried again' "$(child_of s window) $(record_count 'select(.type == "start" and .child == "s/bad")')" '0 1'
answers 'a supervisor, with all below it' '{ok,s/sub}' start-child s \
    'supervisor sub { strategy = rest_for_one child a { command = "sleep 1000" } child b { command = "sleep 1000" } }'
check 'runs' retry 5 tx status s/sub/a s/sub/b
answers 'a child below that' "{ok,PID}" start-child s/sub 'child c { command = "sleep 1000" }'
answers 'the root is /' "{ok,PID}" start-child / 'child top { command = "sleep 1000" }'
is 'and its children have no other path' "$(child_of top state)" running

# terminate_child
refused 'terminate_child: no such id' '{error,not_found}' terminate-child s nobody
answers 'one whose restart is owed (S60)' ok terminate-child s owed
is 'nothing is owed any more' "$(child_of s/owed state) $(child_of s/owed due)" 'undefined null'
answers 'one that is down' ok terminate-child s down
answers 'a temporary one' ok terminate-child s temp
is 'is forgotten' "$(child_of s/temp state)" ''
refused 'and not found' '{error,not_found}' terminate-child s temp
refused 'a pid is no id (S78)' '{error,not_found}' terminate-child s "$(pid_of s/up)"

# restart_child
refused 'restart_child: no such id' '{error,not_found}' restart-child s nobody
refused 'one that is up' '{error,running}' restart-child s up
answers 'one that is down' "{ok,PID}" restart-child s down
is 'it keeps its place (S80)' "$(ids s)" 'sub new nested last owed down up'
answers 'one that fails at once has started' "{ok,PID}" restart-child s owed
check 'a restart is owed' retry 5 child_is s/owed restarting
refused 'then' '{error,restarting}' restart-child s owed
answers 'a supervisor: terminated' ok terminate-child s nested
is 'with all below it' "$(child_of s/nested state) $(child_of s/nested/x state)" 'undefined undefined'
answers 'and restarted' '{ok,s/nested}' restart-child s nested
check 'with all below it' retry 5 tx status s/nested/x
cp "$(command -v sleep)" "$T/prog"
answers 'one whose program goes' "{ok,PID}" start-child s "child gone { command = \"$T/prog 1000\" }"
answers 'terminated' ok terminate-child s gone
rm "$T/prog"
refused 'does not start again: the error is the answer (S29)' '{error,{start_error,exec,ENOENT}}' restart-child s gone
is 'it is kept, and nothing is owed' "$(child_of s/gone state) $(child_of s window)" 'undefined 0'

# delete_child
refused 'delete_child: no such id' '{error,not_found}' delete-child s nobody
refused 'one that is up' '{error,running}' delete-child s up
refused 'one whose restart is owed' '{error,restarting}' delete-child s owed
answers 'one that is down' ok delete-child s gone
is 'is forgotten' "$(child_of s/gone state)" ''
answers 'terminated, deleted' ok terminate-child s up
answers 'a child of the configuration, too' ok delete-child s up
answers 'and its id is free' "{ok,PID}" start-child s 'child up { command = "sleep 1000" }'
is 'for one that is last (S80)' "$(ids s)" 'up sub new nested last owed down'

# A wish and terminate_child are two things (S41, S79).
answers 'a member of a group is terminated' ok terminate-child all b
kill -KILL "$(pid_of all/a)"
check 'the group restart revives it' retry 5 child_is all/b running
check 'one that was stopped by wish' tx stop all/b
kill -KILL "$(pid_of all/a)"
retry 5 child_count all/a starts 3
is 'is not' "$(child_of all/b state)" undefined
answers 'until restart_child takes that back' "{ok,PID}" restart-child all b
kill -KILL "$(pid_of all/a)"
check 'then it is restarted with its group' retry 5 child_count all/b starts 4

# Looking.
is 'count_children (S83)' "$(counts s)" 'specs 7 active 6 supervisors 2 workers 5 '
is 'which_children (S82)' "$(tx which-children s --json | jq -c '[.children[] | [.id, (.pid | type), .child, .type]]')" \
    '[["up","number","running","worker"],["sub","null","running","supervisor"],["new","number","running","worker"],["nested","null","running","supervisor"],["last","number","running","worker"],["owed","null","restarting","worker"],["down","number","running","worker"]]'
is 'the table says it, too' "$(tx which-children s | awk '$1 == "owed"' | tr -s ' ')" 'owed restarting worker'
like 'get_childspec has what is written' "$(tx get-childspec s up)" 'command = \{sleep, 1000\}'
like 'and all defaults (S84)' "$(tx get-childspec s up)" 'start_timeout = 1m30s'
is 'as JSON' "$(tx get-childspec s up --json | jq -c '[.name, .spec.id, .spec.type, .spec.command, .spec.restart, .spec.shutdown, .spec.significant]')" \
    '["s/up","up","worker",["sleep","1000"],"permanent","5s",false]'
refused 'get_childspec: no such id' '{error,not_found}' get-childspec s nobody
check 'its text starts the same child' sh -c "trapexit -c '$T/t.conf' get-childspec s up | sed 's/^child up /child again /' |
    trapexit -c '$T/t.conf' start-child s -"
is 'the same' "$(tx get-childspec s again | sed 1d)" "$(tx get-childspec s up | sed 1d)"

# Specs that are wrong fail first (S77), by OTP's names, with all places.
refused 'no command' '{error,missing_start}' start-child s 'child up { }'
refused 'no name' '{error,missing_id}' start-child s 'child { command = "true" }'
refused 'an unknown restart type' '{error,invalid_restart_type}' start-child s 'child q { command = "true" restart = often }'
refused 'an unknown shutdown' '{error,invalid_shutdown}' start-child s 'child q { command = "true" shutdown = soon }'
refused 'significant, but permanent (S12)' '{error,bad_combination}' start-child s 'child q { command = "true" significant = yes }'
refused 'no child at all' '{error,invalid_child_type}' start-child s 'hold = 5s'
refused 'two of them' '{error,invalid_child_spec}' start-child s 'child p { command = "true" } child q { command = "true" }'
refused 'an unknown word' '{error,invalid_child_spec}' start-child s 'child q { command = "true" colour = red }'
printf 'child q {\n\tcommand = "true"\n\tresart = permanent\n}\n' >"$T/q"
refused 'a file' '{error,invalid_child_spec}' start-child s --file "$T/q"
like 'is named with the line and what was meant' "$(cat "$T/.tap/err")" "$T/q:3:2: unknown word 'resart' in child 'q'; did you mean 'restart'\\?"
answers 'check_childspecs of several (S84)' ok check-childspecs 'child p { command = "true" } scraper q { }'
refused 'of the same id twice' '{error,duplicate_child_name}' check-childspecs 'child p { command = "true" } child p { command = "true" }'
answers 'a significant child, as such' ok check-childspecs 'child p { command = "true" restart = transient significant = yes }'
refused 'and where nothing ends by it' '{error,bad_combination}' check-childspecs s \
    'child p { command = "true" restart = transient significant = yes }'
is 'none of these was started' "$(child_of s/p state)$(child_of s/q state)$(child_of p state)" ''

# Names.
refused 'a supervisor that is not there is noproc (S78)' '{error,noproc}' which-children nobody
refused 'with a hint' '{error,noproc}: no supervisor "al"; did you mean "all"?' which-children al
refused 'a child is no supervisor' '{error,noproc}: "s/up" is not a supervisor' start-child s/up 'child x { command = "true" }'
answers 'a supervisor by its id' "{ok,PID}" start-child sub 'child d { command = "sleep 1000" }'
refused 'arguments are for a simple_one_for_one' '{error,badarg}' start-child s -- 1 2
status_is 2 'too many words' tx start-child s a b
status_is 2 'too few' tx terminate-child s

# Completion.
candidates() {
	trapexit complete -- --config "$T/t.conf" "$@" | paste -sd ' '
}
is 'supervisors are candidates' "$(candidates start-child '')" '/ s s/nested s/sub all'
is 'and the ids below one' "$(candidates terminate-child s ne)" 'nested new'

# JSON, for programs.
is 'an answer' "$(tx start-child s 'child j { command = "sleep 1000" }' --json | jq -c '[.version, .ok.name, (.ok.pid | type), (.ok.pid | tostring) == (.ok.handle | split("/")[0]), .ok.info]')" \
    '[1,"s/j","number",true,null]'
is 'ok' "$(tx terminate-child s j --json)" '{"term":"ok","ok":true,"version":1}'
is 'an error' "$(tx delete-child s nobody --json 2>/dev/null | jq -c '[.version, .term, .error, has("ok")]')" '[1,"{error,not_found}","not_found",false]'
is 'with its pid' "$(tx start-child s 'child up { command = "true" }' --json 2>/dev/null | jq -c '[.error, .pid]')" "[\"already_started\",$(pid_of s/up)]"
is 'or its spec' "$(tx start-child s 'child n { command = "/nonexistent" }' --json 2>/dev/null | jq -c '[.error, .spec]')" \
    '["{start_error,exec,ENOENT}","child n {\n    command = {/nonexistent}\n}\n"]'

# In everyday words.
is 'add prints the path' "$(tx add s extra -- sleep 1000)" s/extra
is 'words are kept as they are' "$(tx add s odd -- sh -c 'exec sleep "$1"' 'a  "b' 1000 && tx get-childspec s odd --json | jq -c .spec.command)" \
    's/odd
["sh","-c","exec sleep \"$1\"","a  \"b","1000"]'
status_is 1 'add of what does not start' tx add s bad -- /nonexistent
like 'says so' "$(last_output)" '^trapexit: s/bad did not start: \{start_error,exec,ENOENT\}; it was not added$'
status_is 1 'add of what is there' tx add s extra -- true
like 'says so, too' "$(last_output)" '^trapexit: s/extra is there already, and up$'
check 'remove' tx remove s/extra s/odd
is 'stops and forgets' "$(child_of s/extra state)$(child_of s/odd state)" ''
check 'a whole supervisor' tx remove s/sub
is 'with all below it' "$(tx status --json | jq '[.. | objects | select(.name? // "" | startswith("s/sub"))] | length')" 0

# A supervisor that is down or stopping is noproc (S78).
answers 'a supervisor is terminated' ok terminate-child / s
refused 'start_child there' '{error,noproc}' start-child s 'child late { command = "true" }'
refused 'terminate_child' '{error,noproc}' terminate-child s up
refused 'restart_child' '{error,noproc}' restart-child s up
refused 'delete_child' '{error,noproc}' delete-child s up
answers 'it begins anew' '{ok,s}' restart-child / s
is 'with what the configuration says (S55)' "$(ids s)" 'nested last temp owed down up'
check 'all of it' retry 5 tx status s/up s/down s/temp s/last
check 'the daemon stops in order' stop_daemon
done_testing

#!/bin/sh
# Completion: candidates come from the tables of the program, and from the store; the bash script hands them on.
. "$top_srcdir/tests/lib/tap.sh"

printf 'state_dir = "%s/state"\nrun_dir = "%s/run"\n' "$T" "$T" >"$T/x.conf"
TRAPEXIT_CONFIG=$T/x.conf
export TRAPEXIT_CONFIG

candidates() {
	trapexit complete -- "$@" | paste -sd ' '
}

# The commands of the help are the commands of the completion.
trapexit --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | sort >"$T/help"
trapexit complete -- '' | sort >"$T/complete"
check 'all commands are candidates' diff "$T/help" "$T/complete"
is 'by their beginning' "$(candidates st)" 'status start stop start-child'
is 'also for help' "$(candidates help rel)" 'reload'
is 'options of a command, and of all' "$(candidates events --f) $(candidates events --js)" '--follow --json'
is 'not those of others' "$(candidates events --csv)" ''
is 'signals' "$(candidates signal HU)" HUP
is 'nodes, of the configuration where no daemon runs' "$(candidates drain '') $(candidates forbid x lo)" 'local local'
is 'types of events' "$(candidates events --type exit,rea) $(candidates events --type alarm:dis)" \
    'exit,ready alarm:disk_full'
is 'nothing where a file is meant' "$(candidates --config '')" ''
is 'nothing, and no word, without a daemon' "$(trapexit complete -- stop x 2>&1)" ''
is 'nothing with a broken configuration' "$(trapexit complete -- --config /nonexistent stop x 2>&1)" ''

command -v bash >/dev/null || { skip 'the bash script completes' 'no bash(1)'; done_testing; }
check 'the script is good' bash -n "$top_srcdir/scripts/completion/trapexit.bash"
cat >"$T/try" <<-'END'
	. "$top_srcdir/scripts/completion/trapexit.bash"
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_trapexit
	echo "${COMPREPLY[*]}"
END
is 'the bash script completes commands' "$(bash "$T/try" trapexit he)" help
is 'and options' "$(bash "$T/try" trapexit logs --fo)" --follow
is 'and words with colons as bash splits them' "$(bash "$T/try" trapexit prices a : b)" ''
is 'a command of many words' "$(bash "$T/try" trapexit --socket x.sock st)" 'status start stop start-child'
done_testing

# bash completion for pricescrape(1)                       -*- shell-script -*-
#
# Commands and options are those that --help shows, of the program or of the command.

_pricescrape()
{
	local cur=${COMP_WORDS[COMP_CWORD]} help
	local -a command=()

	if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* && ${COMP_WORDS[1]} != *[:/.]* ]]; then
		command=("${COMP_WORDS[1]}")
	fi
	help=$("${COMP_WORDS[0]}" "${command[@]}" --help 2>/dev/null) || return 0
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -- '(^|[ ,])--[a-z][a-z-]*' <<<"$help" | tr -d ' ,')" -- "$cur")
	elif ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^  pricescrape \([a-z-]*\) .*/\1/p' <<<"$help")" -- "$cur")
	fi
}

complete -o default -F _pricescrape pricescrape

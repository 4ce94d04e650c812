# bash completion for trapexit(1)                          -*- shell-script -*-
#
# The program itself knows its commands, options, children and products:
# `trapexit complete -- WORD...` prints candidates for the last word.

_trapexit()
{
	local cur line IFS=$'\n'
	local -a words candidates

	# bash splits words at colons; worker:1 is one word.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		local cword
		_get_comp_words_by_ref -n : cur words cword
		words=("${words[@]:0:cword+1}")
	else
		words=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
		cur=${COMP_WORDS[COMP_CWORD]}
	fi
	COMPREPLY=()
	mapfile -t candidates < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	for line in "${candidates[@]}"; do
		# Names of products have blanks in them.
		[[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
	done
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}

complete -o default -F _trapexit trapexit

#!/bin/sh
# Each program says in --help exactly the options that its man page lists, names its version in one form, and
# ends with 2 when it does not know an option.
. "$top_srcdir/tests/lib/tap.sh"

version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$top_builddir/config.h")

# The options in the --help text of standard input, one a line as "-c --config", sorted.
options_of_help() {
	sed -n 's/^[[:space:]]*\(-.*\)/\1/p' | awk '
	{
		sub(/(   *|\t).*/, "")
		n = split($0, part, /, */)
		line = ""
		for (i = 1; i <= n; i++) {
			split(part[i], word, /[ =\[]/)
			line = line (i > 1 ? " " : "") word[1]
		}
		print line
	}' | sort
}

# The options in the lists of an mdoc page, in the same form; not those of commands, which have subsections.
options_of_page() {
	awk -v name="$2" '
	/^\.S[sh] / { of_command = $2 == name && NF == 3 }
	/^\.It Fl / && !of_command {
		line = ""
		for (i = 2; i < NF; i++)
			if ($i == "Fl")
				line = line (line == "" ? "" : " ") "-" $(i + 1)
		gsub(/\\&/, "", line)
		print line
	}' "$1" | sort
}

# The long options that the subsection of a command speaks of, one a line, sorted.
options_of_command() {
	awk -v name="$2" -v command="$3" '
	/^\.S[sh] / { on = $2 == name && $3 == command }
	on && /^\.(It )?Fl / {
		for (i = 2; i < NF; i++)
			if ($i == "Fl" || $i == ".Fl")
				print "-" $(i + 1)
	}
	on && /^\.Fl / { print "-" $2 }' "$1" | sort -u
}

for row in trapexitd:8 trapexit-agent:8 trapexit-recorder:8 trapexit-event:8 pricescrape:1 trapexit:1; do
	name=${row%:*}
	page=$top_srcdir/man/$name.${row#*:}
	check "$name: --help succeeds" sh -c "$name --help >'$T/$name.help' 2>'$T/$name.stderr'"
	is "$name: --help says nothing on standard error" "$(cat "$T/$name.stderr")" ''
	options_of_help <"$T/$name.help" >"$T/$name.options"
	check "$name: --help lists --help and --version" \
	    sh -c "grep -q -e '--help' '$T/$name.options' && grep -q -e '--version' '$T/$name.options'"
	check "$name: the man page exists" test -s "$page"
	options_of_page "$page" "$name" >"$T/$name.page"
	check "$name: --help and the man page list the same options" diff -u "$T/$name.page" "$T/$name.options"
	is "$name: --version has the common form" "$($name --version </dev/null)" "$name (trapexit) $version"
	status_is 2 "$name: an unknown option is a usage error" "$name" --no-such-option
	like "$name: the usage error names the option" "$(last_output)" 'no-such-option'
done

# Commands of pricescrape: each with a help of its own, and a subsection of the page.
sed -n 's/^  pricescrape \([a-z]*\) .*/\1/p' "$T/pricescrape.help" >"$T/commands"
check 'pricescrape: --help lists its commands' test -s "$T/commands"
while read -r command; do
	check "pricescrape $command: --help succeeds" sh -c "pricescrape $command --help >'$T/$command.help'"
	options_of_help <"$T/$command.help" | tr ' ' '\n' | grep -e '^--' | grep -vx -e --help | sort -u >"$T/$command.options"
	options_of_command "$top_srcdir/man/pricescrape.1" pricescrape "$command" | grep -vx -e --help >"$T/$command.page"
	check "pricescrape $command: --help and the man page speak of the same options" \
	    diff -u "$T/$command.page" "$T/$command.options"
	status_is 2 "pricescrape $command: an unknown option is a usage error" pricescrape "$command" --no-such-option
done <"$T/commands"
done_testing

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

# The options in the lists of an mdoc page, in the same form.
options_of_page() {
	awk '
	/^\.It Fl / {
		line = ""
		for (i = 2; i < NF; i++)
			if ($i == "Fl")
				line = line (line == "" ? "" : " ") "-" $(i + 1)
		gsub(/\\&/, "", line)
		print line
	}' "$1" | sort
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
	options_of_page "$page" >"$T/$name.page"
	check "$name: --help and the man page list the same options" diff -u "$T/$name.page" "$T/$name.options"
	is "$name: --version has the common form" "$($name --version </dev/null)" "$name (trapexit) $version"
	status_is 2 "$name: an unknown option is a usage error" "$name" --no-such-option
	like "$name: the usage error names the option" "$(last_output)" 'no-such-option'
done
done_testing

#!/bin/sh
# Every rule has a test that names it, of the kind that its list in tests/rules asks for, or a reason why it has
# none; these are shown. A test names a rule
#
#	in C	by a row whose sentence begins with "S12, S14-S16: ", or whose first member begins with "P9" or
#		"P9.3 words", by START_TEST(s12_…), or by a comment that begins so and stands right before a test
#		or a table;
#	in sh	by "(S12)" or "(S12, S14)" in the sentence of a check, or by a sentence that begins with "S12, S14: ".
. "$top_srcdir/tests/lib/tap.sh"

# Lines "NUMBER FILE" for the rules with the letter $1.
cited() {
	find "$top_srcdir/tests" -name '*.[ch]' | sort | xargs awk -v letter="$1" -v root="$top_srcdir/" '
	function name(text,   n, parts, i, ends) {
		gsub(/ and /, ", ", text)
		n = split(text, parts, /, */)
		for (i = 1; i <= n; i++) {
			if (parts[i] !~ "^" letter "[0-9]+(-" letter "?[0-9]+)?$")
				continue
			gsub(letter, "", parts[i])
			if (split(parts[i], ends, "-") == 1)
				ends[2] = ends[1]
			for (; ends[1] + 0 <= ends[2] + 0; ends[1]++)
				print letter ends[1] + 0, file
		}
	}
	FNR == 1 {
		file = substr(FILENAME, length(root) + 1)
		before = ""
	}
	match($0, "\"([0-9]+, )*" letter "[0-9][^\":]*:") { name(substr($0, RSTART + 1, RLENGTH - 2)) }
	match($0, "^[ \t]*\\{ \"" letter "[0-9]+[ .\"]") { name(substr($0, index($0, letter), RLENGTH + RSTART - 1 - index($0, letter))) }
	/^START_TEST\(/ || /^static const struct/ {
		if (match(before, "^/\\* " letter "[0-9][^:.]*"))
			name(substr(before, 4, RLENGTH - 3))
		text = toupper(substr($0, 12))
		while (/^START_TEST\(/ && match(text, "^" letter "[0-9]+_")) {
			name(substr(text, 1, RLENGTH - 1))
			text = substr(text, RLENGTH + 1)
		}
	}
	{ before = $0 }'
	find "$top_srcdir/tests" -name '*.sh' | sort | xargs awk -v letter="$1" -v root="$top_srcdir/" '
	FNR == 1 { file = substr(FILENAME, length(root) + 1) }
	/^[ \t]*(check|refute|status_is|is|like) / {
		line = $0
		while (match(line, "\\(" letter "[0-9][^)]*\\)")) {
			n = split(substr(line, RSTART + 1, RLENGTH - 2), parts, /, */)
			for (i = 1; i <= n; i++)
				if (parts[i] ~ "^" letter "[0-9]+$")
					print parts[i], file
			line = substr(line, RSTART + RLENGTH)
		}
		if (match($0, "[\047\"]" letter "[0-9, " letter "]*: ")) {
			n = split(substr($0, RSTART + 1, RLENGTH - 3), parts, /, */)
			for (i = 1; i <= n; i++)
				print parts[i], file
		}
	}'
}

# Of the same lines: "NUMBER KIND".
kinds() {
	while read -r number file; do
		case $file in
		tests/unit/core_* | tests/unit/check_core* | tests/unit/check_lease* | tests/unit/check_place*) kind=core ;;
		tests/unit/check_price* | tests/unit/price_* | tests/unit/check_scrape*) kind=core ;;
		tests/unit/check_robots* | tests/unit/check_plausible*) kind=core ;;
		tests/corpus/* | tests/unit/check_schedule* | tests/unit/check_job*) kind=core ;;
		tests/unit/check_conf* | tests/cli/conf.sh) kind=conf ;;
		*) kind=real ;;
		esac
		echo "$number $kind"
	done | sort -u
}

words_of() {
	case $1 in
	core) echo 'on the core alone' ;;
	conf) echo 'of the configuration' ;;
	*) echo 'with real processes' ;;
	esac
}

for list in "$top_srcdir"/tests/rules/*; do
	letter=$(sed -n 's/^\([A-Z]\)[0-9].*/\1/p;T;q' "$list")
	cited "$letter" | kinds >have
	grep '^[A-Z]' "$list" >rules
	awk 'NR == FNR { known[$1] = 1; next } !($1 in known) { print $1 }' rules have | sort -u >unknown
	is "${list##*/}: tests name rules that there are" "$(cat unknown)" ''
	n=0 missing=0
	while read -r number where words; do
		if [ "$where" = none ]; then
			if [ "${words#* | }" = "$words" ]; then
				not_ok "$number, ${words}: why has it no test?"
			elif grep -q "^$number core" have; then
				not_ok "$number, ${words%% | *}: it has a test, its list says none"
			else
				ok "without a test: $number, ${words%% | *}: ${words#* | }"
			fi
		elif grep -qx "$number $where" have; then
			n=$((n + 1))
		else
			missing=$((missing + 1))
			not_ok "$number, $words: it has no test $(words_of "$where")"
		fi
	done <rules
	[ $missing -gt 0 ] || ok "${list##*/}: the other $n rules have one"
done
done_testing

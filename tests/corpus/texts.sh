#!/bin/sh
# Texts, and what the reader must make of each by the rules P7 to P19: texts.jsonl, in the form of `pricescrape read
# --batch` with the rule and what is wanted. As in corpus.sh only members that are named are looked at, and
# trailing zeros are no difference but in `exact`, the amount as it is printed (P4).
. "$top_srcdir/tests/lib/tap.sh"

texts=$top_srcdir/tests/corpus/texts.jsonl
jq -c 'del(.want, .rule)' "$texts" >in.jsonl
status_is 1 'all texts are read, some have no price' sh -c 'pricescrape read --batch <in.jsonl >got.jsonl'
is 'a line for each' "$(wc -l <got.jsonl)" "$(wc -l <"$texts")"

jq -nr --slurpfile want "$texts" --slurpfile got got.jsonl '
def plain: if type == "string" and test("^-?[0-9]+[.][0-9]+$") then sub("[.]?0+$"; "") else . end;
def same($name; $w; $g):
	if $name == "exact" then $w == $g.amount
	elif $name == "amount" or $name == "list_price" or $name == "price_max" then ($w | plain) == ($g[$name] | plain)
	elif $name == "flags" or $name == "warnings" then ($w | sort) == ($g[$name] // [] | sort)
	else $w == $g[$name] end;
range($want | length) as $i | $want[$i] as $w | $got[$i] as $g | "\($w.rule): \($w.input[:40] | gsub("[\t\n]"; " "))" as $name
| [$w.want | to_entries[] | select(same(.key; .value; $g) | not)
	| "\(.key): got \($g[if .key == "exact" then "amount" else .key end] | tojson), wanted \(.value | tojson)"]
| if length == 0 then "ok\t\($name)" else "not ok\t\($name): \(join("; "))" end' >compared

while IFS='	' read -r verdict sentence; do
	case $verdict in
	ok) ok "$sentence" ;;
	*) not_ok "$sentence" ;;
	esac
done <compared
done_testing

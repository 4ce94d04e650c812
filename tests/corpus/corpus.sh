#!/bin/sh
# Pages that imitate shops, and what each must give by the rules P1 to P45: manifest.jsonl says of each file what is
# told of it (url, content_type, charset, rule, sources, …) and what is wanted. A member of `want` must be the
# same, null is none, and an amount is the same with or without trailing zeros (P4); the order of flags and warnings
# does not matter. What `want` does not name is not looked at.
. "$top_srcdir/tests/lib/tap.sh"

pages=$top_srcdir/tests/corpus/pages
manifest=$top_srcdir/tests/corpus/manifest.jsonl

# Every file is in the manifest, and every line of it has a file.
is 'each page is in the manifest' "$(ls "$pages")" "$(jq -r .file "$manifest" | sort)"

jq -c --arg pages "$pages" 'del(.want) | .file = $pages + "/" + .file' "$manifest" >in.jsonl
status_is 1 'all pages are read, some have no price' sh -c 'pricescrape extract --batch <in.jsonl >got.jsonl'
is 'a line for each' "$(wc -l <got.jsonl)" "$(wc -l <"$manifest")"

is 'what is absent is no member: not empty, not null, not zero for nothing (P1)' "$(jq -r 'select(
	[.currency?, .amount?, .availability?, .product?] as $v | ($v | index("") != null) or (has("amount") and .amount == null)
	or (has("amount") | not) and (has("method") or has("raw"))) | .source' got.jsonl)" ''
is 'every price says where it is from, and how sure that is (P5)' "$(jq -r 'select(.amount)
	| select(.method == null or .raw == null or (.raw | utf8bytelength) > 120 or .confidence != (if .method == "heuristic" then "inferred" else "stated" end))
	| .source' got.jsonl)" ''
is 'no price has a reason (P6)' "$(jq -r 'select((.amount == null) == (.reason == null)
	and .availability != "out_of_stock" and .availability != "discontinued") | .source' got.jsonl)" ''

# Who asks to see the candidates gets the same answer.
pricescrape extract --batch --explain <in.jsonl | jq -c 'del(.time, .candidates)' >explained.jsonl
check '--explain changes no answer (P20)' sh -c "jq -c 'del(.time)' got.jsonl | diff - explained.jsonl"

# A document type that names a file: the file is not read, whatever asks for the tree.
echo '77.00 EUR' >secret
printf '<!DOCTYPE html [<!ENTITY x SYSTEM "file://%s/secret"><!ENTITY %% y SYSTEM "file://%s/secret"> %%y;]>
<html><head></head><body><p class="a">&x;</p><p class="price">&x;</p></body></html>' "$T" "$T" >entity.html
for rule in '{}' '{"css":"p.a"}' '{"xpath":"//p"}' '{"regex":"<p[^>]*>(.*?)</p>"}'; do
	printf '{"file":"%s/entity.html","content_type":"application/xhtml+xml","rule":%s}\n' "$T" "$rule"
done | sed 's/,"rule":{}//' >entity.jsonl
status_is 1 'no external entity is read (P40)' sh -c 'pricescrape extract --batch <entity.jsonl >entity.got'
is 'none gives what stands in the file (P40)' "$(grep -c 77.00 entity.got)" 0

# "ok SENTENCE", or "not ok SENTENCE" and a line with what differs.
jq -nr --slurpfile want "$manifest" --slurpfile got got.jsonl '
def plain: if type == "string" and test("^-?[0-9]+[.][0-9]+$") then sub("[.]?0+$"; "") else . end;
def same($name; $w; $g):
	if $name == "amount" or $name == "list_price" or $name == "price_max" then ($w | plain) == ($g | plain)
	elif $name == "flags" or $name == "warnings" then ($w | sort) == ($g // [] | sort)
	elif $name == "availability" then $w == ($g // "unknown")
	else $w == $g end;
range($want | length) as $i | $want[$i] as $w | $got[$i] as $g
| [$w.want | to_entries[] | select(same(.key; .value; $g[.key]) | not)
	| "\(.key): got \($g[.key] | tojson), wanted \(.value | tojson)"]
| if length == 0 then "ok\t" + $w.file else "not ok\t\($w.file): \(join("; "))" end' >compared

while IFS='	' read -r verdict sentence; do
	case $verdict in
	ok) ok "$sentence" ;;
	*) not_ok "$sentence" ;;
	esac
done <compared
done_testing

# Makes the rows of words.def of words.list: WORD("text", KINDS), unsorted.
BEGIN {
	FS = ": *"
	split("now was aside usual over", both, " ")
	for (i in both)
		is_both[both[i]] = 1
}
function kinds_of(kind,   name) {
	name = toupper(kind)
	gsub(/-/, "_", name)
	if (kind in is_both)
		return "WORD_" name " | WORD_" name "_BEHIND"
	sub(/_BEFORE$/, "", name)
	return "WORD_" name
}
/^#/ || /^$/ { next }
{
	list = $0
	if (!/^\t/) {
		kind = $0
		sub(/ .*/, "", kind)
		kinds = kinds_of(kind)
		sub(/^[^:]*: */, "", list)
	}
	sub(/^\t/, "", list)
	gsub(/ı/, "i", list) # as fold.c has it
	n = split(list, words, /, */)
	for (i = 1; i <= n; i++) {
		if (words[i] == "")
			continue
		if (!(words[i] in all))
			all[words[i]] = kinds
		else if (index(" " all[words[i]] " ", " " kinds " ") == 0)
			all[words[i]] = all[words[i]] " | " kinds
	}
}
END {
	for (word in all) {
		text = word
		gsub(/"/, "\\\"", text)
		print word "\t" "WORD(\"" text "\", " all[word] ")"
	}
}

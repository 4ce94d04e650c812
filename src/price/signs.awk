# Makes signs.def of currency.def: which of its signs may begin, and which may end, at a byte of a text. A sign's number
# is its place among the rows there; the numbers of one byte stand together, in order:
# FIRST_AT(n) is where those of each byte begin among the FIRST(number), LAST_AT and LAST likewise.
function text_of(row,   s) {
	s = row
	sub(/^[A-Z_]*\("/, "", s)
	gsub(/\\"/, "\001", s)
	sub(/".*/, "", s)
	gsub(/\001/, "\"", s)
	return s
}
# Words of any case are written in lower case; how other alphabets spell capitals is left to who compares.
function may(byte, of_sign, any_case) {
	if (!any_case)
		return byte == of_sign
	if (of_sign < 128)
		return (byte >= 65 && byte <= 90 ? byte + 32 : byte) == of_sign
	return byte >= 128
}
function put(name, of_sign,   byte, i, total) {
	for (byte = 0; byte < 256; byte++) {
		printf "%s_AT(%d)\n", name, total
		for (i = 0; i < n; i++) {
			if (may(byte, of_sign[i], any[i])) {
				printf "%s(%d)\n", name, i
				total++
			}
		}
	}
	printf "%s_AT(%d)\n", name, total
}
BEGIN {
	for (i = 1; i < 256; i++)
		ord[sprintf("%c", i)] = i
}
/^(SIGN|USUAL|WEAK|NAME|USUAL_NAME|MINOR|MINOR_NAME)\("/ {
	text = text_of($0)
	first[n + 0] = ord[substr(text, 1, 1)]
	last[n + 0] = ord[substr(text, length(text), 1)]
	any[n + 0] = /^[A-Z_]*NAME\(/
	n++
}
END {
	split("FIRST FIRST_AT LAST LAST_AT", names, " ")
	for (i = 1; i <= 4; i++)
		printf "#ifndef %s\n#define %s(n)\n#endif\n", names[i], names[i]
	put("FIRST", first)
	put("LAST", last)
	for (i = 1; i <= 4; i++)
		printf "#undef %s\n", names[i]
	printf "#define SIGNS_INDEXED %d\n", n
}

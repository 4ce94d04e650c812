# Makes iso4217.def of iso-codes' iso_4217.json and of what currency.def adds to it, unsorted:
# CURRENCY("EUR", "978", 2, false).
#	awk -f iso4217.awk currency.def iso_4217.json
function text(   s) {
	s = $0
	sub(/^[^:(]*[:(] *"/, "", s)
	sub(/".*/, "", s)
	return s
}
function number(   s) {
	s = $0
	sub(/^.*, */, "", s)
	return s + 0
}
/^EXPONENT\("/ { exponent[text()] = number() }
/^HISTORIC\("/ { exponent[text()] = number(); historic[text()] = 1; have[text()] = 1 }
/^ADDED\("/ { have[text()] = 1 }
/"alpha_3":/ { code = text(); have[code] = 1 }
/"numeric":/ { numeric[code] = text() }
/"alpha_3":.*"numeric":/ { exit bad = 1 } # one member a line is what we read
END {
	if (bad || !("EUR" in numeric) || !("USD" in numeric)) {
		print "iso4217.awk: not iso-codes' iso_4217.json" >"/dev/stderr"
		exit 1
	}
	for (code in have) {
		# No money: testing, none, metals, units of account of banks.
		if (code ~ /^X(TS|XX|AU|AG|PT|PD|BA|BB|BC|BD|DR|SU|UA)$/)
			continue
		printf "CURRENCY(\"%s\", \"%s\", %d, %s)\n", code, numeric[code], \
		    code in exponent ? exponent[code] : 2, code in historic ? "true" : "false"
	}
}

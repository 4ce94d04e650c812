#!/bin/sh
# The configuration by way of the real programs: trapexitd -t and -T, the sample, exit codes (S57).
. "$top_srcdir/tests/lib/tap.sh"

cat >"$T/good.conf" <<-END
	state_dir = "state" run_dir = "run" log_dir = "log"
	store = "sqlite:prices.db"
	scraper shop {
	    source one { url = "https://shop.example/1" }
	    sources_from = "shop.csv"
	}
	child worker { command = "./bin/worker --fast"  instances = 3 }
END
printf 'id,url,product\ntwo,https://shop.example/2,"A, B"\n' >"$T/shop.csv"

trapexitd -t -c "$T/good.conf" >"$T/t.out" 2>"$T/t.err"
is 'a good configuration: -t succeeds' $? 0
is '... and has nothing to complain of' "$(cat "$T/t.err")" ''

trapexitd -T -c "$T/good.conf" >"$T/first.out" 2>"$T/first.err"
is '-T succeeds' $? 0
real=$(cd "$T" && pwd -P)
like '... paths are relative to the folder of the file' "$(cat "$T/first.out")" "state_dir = \"$real/state\""
like '... the sources of a CSV file are in place' "$(cat "$T/first.out")" 'product = "A, B"'
is '... instances are one section' "$(grep -c 'child worker' "$T/first.out")" 1
cp "$T/first.out" "$T/canonical.conf"
trapexitd -T -c "$T/canonical.conf" >"$T/second.out" 2>"$T/second.err"
check 'the canonical form prints the same' cmp "$T/first.out" "$T/second.out"

# All errors in one run, in file order, each with its place.
cat >"$T/bad.conf" <<-'END'
	strategy = one_for_evry
	chidl a { command = "x" }
	child b { command = "x" restart = permanant }
	scraper s { source t { url = "gopher://x" pattern = '(' } }
	child b { command = "y" }
	child c {
END
trapexitd -t -c "$T/bad.conf" >"$T/bad.out" 2>"$T/bad.err"
is 'a bad configuration: -t ends with 2 (S57)' $? 2
is '... every error is named with line and column' \
    "$(sed -n 's/^.*bad\.conf:\([0-9]*:[0-9]*\): .*/\1/p' "$T/bad.err" | tr '\n' ' ')" '1:12 2:1 3:35 4:30 4:55 5:7 6:1 6:1 '
like '... and what was meant' "$(cat "$T/bad.err")" "did you mean 'child'"
trapexitd -T -c "$T/bad.conf" >"$T/bad.out" 2>"$T/bad2.err"
is '... -T, too' $? 2
is '... and prints nothing' "$(cat "$T/bad.out")" ''
trapexitd -c "$T/bad.conf" >"$T/bad.out" 2>"$T/bad3.err"
is '... and the daemon does not start' $? 2

trapexitd -t -c "$T/missing.conf" >"$T/missing.out" 2>"$T/missing.err"
is 'a file that is not there: 2' $? 2
like '... it is named' "$(cat "$T/missing.err")" 'missing.conf.*No such file'

# A bad line of a CSV file takes no other down; without columns there are no sources.
cp "$T/shop.csv" "$T/shop.good"
printf 'three,ftp://x,\nfour,https://shop.example/4,\n' >>"$T/shop.csv"
trapexitd -t -c "$T/good.conf" >"$T/csv.out" 2>"$T/csv.err"
is 'a bad line of a CSV file is warned of' $? 0
like '... file and line are named' "$(cat "$T/csv.err")" 'shop\.csv:3:7: warning: .ftp://x. is wrong for .url.'
like '... and that it was left out' "$(cat "$T/csv.err")" 'good\.conf:[0-9]+:[0-9]+: warning: 1 line of .*shop\.csv is left out'
like '... -t says both' "$(cat "$T/csv.out")" 'good\.conf: good, but for what was warned of'
like '... the line behind it is there' "$(trapexitd -T -c "$T/good.conf" 2>/dev/null)" 'https://shop\.example/4'
awk 'BEGIN { for (i = 0; i < 5000; i++) print "x" i ",nothing," }' >>"$T/shop.csv"
trapexitd -t -c "$T/good.conf" >"$T/csv.out" 2>"$T/csv.err"
is '5,000 of them are not all told' "$? $(grep -c 'shop\.csv:[0-9]*:' "$T/csv.err")" '0 100'
like '... but counted' "$(cat "$T/csv.err")" '5001 lines of .* are left out, all other sources are there .4901 more faults are not shown'
sed '1s/id/name/' "$T/shop.good" >"$T/shop.csv"
trapexitd -t -c "$T/good.conf" >"$T/csv.out" 2>"$T/csv.err"
is 'a bad header is an error: 2' $? 2
like '... named' "$(cat "$T/csv.err")" 'shop\.csv:1:1: unknown column'
cp "$T/shop.good" "$T/shop.csv"

# Warnings do not keep it from being used.
cat >"$T/warn.conf" <<-'END'
	state_dir = "s" run_dir = "r" log_dir = "l" store = none
	scraper a { source x { url = "https://shop.example/1" } }
	scraper b { source x { url = "https://shop.example/1" } }
END
trapexitd -t -c "$T/warn.conf" >"$T/warn.out" 2>"$T/warn.err"
is 'a warning: -t succeeds' $? 0
like '... and says it' "$(cat "$T/warn.err")" 'warn\.conf:3:1: warning: two scrapers fetch from shop\.example'

# The sample, as it is and with all that it shows.
cp "$top_srcdir/etc/trapexit.conf" "$T/sample.conf"
trapexitd -t -c "$T/sample.conf" >"$T/sample.out" 2>"$T/sample.err"
is 'the sample is good' $? 0
is '... without warnings' "$(cat "$T/sample.err")" ''
check '... it shows settings' test "$(grep -c '^#\([a-z]\|    \)' "$T/sample.conf")" -gt 20
sed 's/^#\([a-z}]\)/\1/; s/^#    /    /' "$T/sample.conf" >"$T/full.conf"
trapexitd -t -c "$T/full.conf" >"$T/full.out" 2>"$T/full.err"
is '... which are all good' "$? $(cat "$T/full.err")" '0 '

done_testing

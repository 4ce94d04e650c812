#!/bin/sh
# A scraper that was added at run time is one like any other: over a crash of the daemon no price is lost, none comes
# twice, and its sources (from a file, too) are remembered as they were when it was added.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"
. "$top_srcdir/tests/lib/operations.sh"

check 'the shop opens' start_shop
configure <<END
store = none
hold = 20s
supervisor suppliers { child other { command = "sleep 1000" } }
END
printf 'id,url\nb,http://127.0.0.1:%s/p/b\n' "$port" >s.csv
cat >spec <<END
scraper shop {
	allow_private = yes  every = 500ms  gap = 0s  jitter = 0%
	source a { url = "http://127.0.0.1:$port/p/a" }
	sources_from = "$T/s.csv"
}
END
check 'the daemon starts' start_daemon
answers 'a scraper is added' '{ok,PID}' start-child suppliers --file "$T/spec"
check 'and fetches' retry 20 fetched /p/a 3
check 'from both sources' retry 20 fetched /p/b 3
is 'its folder is where those of its siblings are' "$(child_of suppliers/shop log)" "$T/log/suppliers/shop.log"
check 'prices are in the journal' retry 10 has_records 3 'select(.type == "observation" and .child == "suppliers/shop" and .source == "a")'
pid=$(pid_of suppliers/shop)
rm s.csv
check 'after kill -9' crash_daemon
is 'it is the same process' "$(pid_of suppliers/shop)" "$pid"
n=$(fetches /p/b)
check 'which goes on' retry 20 fetched /p/b $((n + 3))
kill -KILL "$pid"
check 'when it dies it is restarted' retry 10 child_count suppliers/shop starts 2
n=$(fetches /p/b)
check 'and fetches what it did, though the file is gone' retry 20 fetched /p/b $((n + 2))
is 'no slot was fetched twice with success' "$(records 'select(.type == "observation" and .child == "suppliers/shop") |
    [.source, .slot]' | sort | uniq -d)" ''
refused 'another one from the file that is gone is refused' '{error,invalid_child_spec}' start-child suppliers --file "$T/spec"
answers 'it is terminated' ok terminate-child suppliers shop
answers 'and deleted' ok delete-child suppliers shop
check 'the daemon stops in order' stop_daemon
done_testing

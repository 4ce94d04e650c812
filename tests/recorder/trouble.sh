#!/bin/sh
# A store that is locked, full, corrupt, somebody else's, or written by two at once; and who may read it.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/recorder/lib.sh"
need sqlite3

# Two at once, on a journal that grows meanwhile.
"$helpers/record-load" journal "$J" 20000 100
"$helpers/record-load" journal "$J" 2000 100 19000
become_recorder --once 2>one.err &
one=$!
own $one
become_recorder --once 2>two.err &
two=$!
own $two
become_recorder 2>three.err &
three=$!
own $three
"$helpers/record-load" journal "$J" 20000 100 21000
wait $one
is 'two at once: the first is content' "$?" 0
wait $two
is '... the second too' "$?" 0
kill -TERM $three
wait $three
is '... and one that follows' "$?" 0
check 'each record is there once' verify
is 'slots that came twice are in quarantine' "$(sql "SELECT reason, count(*) FROM quarantine GROUP BY reason")" \
    'duplicate-slot|1000'

# Locked: it waits, says so, and goes on by itself.
mkfifo hold
sqlite3 "$S" <hold >/dev/null 2>&1 &
locker=$!
own $locker
exec 3>hold
printf '.timeout 10000\nBEGIN IMMEDIATE;\n' >&3
is_locked() {
	! sqlite3 "$S" 'BEGIN IMMEDIATE; ROLLBACK' 2>/dev/null
}
check 'the store is locked' retry 10 is_locked
become_recorder 2>locked.err 3>&- &
pid=$!
own $pid
"$helpers/record-load" journal "$J" 100 100 50000
check 'locked: it says so' retry 20 file_has locked.err 'locked; nothing is lost, trying again'
check '... and lives' alive $pid
printf 'ROLLBACK;\n.quit\n' >&3
exec 3>&-
wait $locker
check '... and goes on' retry 20 history_has 41100
check '... and says so' retry 5 file_has locked.err 'works again'
kill -TERM $pid
wait $pid
check 'each record is there once' verify

# Who may only read, reads: while a recorder runs, and when there is none.
rows=41100
if [ "$(id -u)" = 0 ] && open_to_others; then
	as_nobody() {
		setpriv --reuid=65534 --regid=65534 --clear-groups -- sqlite3 -readonly "$S" 'SELECT count(*) FROM observation'
	}
	become_recorder 2>reader.err &
	pid=$!
	own $pid
	"$helpers/record-load" journal "$J" 100 100 51000
	rows=41200
	check 'a recorder runs' retry 20 history_has $rows
	is 'who may not write reads beside it' "$(as_nobody)" $rows
	kill -TERM $pid
	wait $pid
	# The shell's own connections clean up behind them; the recorder's does not.
	is 'who may not write reads when it has gone' "$(as_nobody)" $rows
else
	skip 'who may not write reads' 'needs root, and another user who reaches the directory'
fi

# A full disk.
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=1m none small 2>/dev/null; then
	at_end 'umount "$T/small" 2>/dev/null'
	S=$T/small/s.db
	become_recorder 2>full.err &
	pid=$!
	own $pid
	check 'full: it says so' retry 20 file_has full.err 'nothing is lost, trying again'
	check '... and lives' alive $pid
	mount -o remount,size=200m "$T/small"
	check '... and goes on when there is room' retry 30 history_has $rows
	kill -TERM $pid
	wait $pid
	check 'each record is there once' verify
	umount "$T/small"
else
	skip 'a full disk' 'needs root and a tmpfs'
fi
S=$T/store.db

# What a person has to look at ends it, with 1.
head -c 20000 /dev/urandom >junk.db
S=$T/junk.db
status_is 1 'a file that is no database' record
like '... is called so' "$(last_output)" 'not a database'
S=$T/store.db
cp "$S" broken.db
dd if=/dev/urandom of=broken.db bs=4096 seek=1 count=200 conv=notrunc 2>/dev/null
S=$T/broken.db
"$helpers/record-load" journal "$J" 100 100 60000
status_is 1 'a corrupt database' record
like '... is called so' "$(last_output)" 'malformed|corrupt'
sqlite3 other.db 'CREATE TABLE mine (a)'
S=$T/other.db
status_is 1 "another program's database" record
like '... is left alone' "$(last_output)" 'another program'
S=$T/no/such/place.db
status_is 1 'no folder for the store' record

done_testing

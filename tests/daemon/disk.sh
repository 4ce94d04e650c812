#!/bin/sh
# A full disk below the journal stops output, but never a restart; when there is room
# again, everything goes on by itself, and no line is lost or doubled.
if [ -z "${TX_MOUNTS:-}" ]; then
	# A mount namespace of its own, so that no mount can be left behind.
	TX_MOUNTS=yes
	export TX_MOUNTS
	if unshare --mount true 2>/dev/null; then
		exec unshare --mount sh "$0"
	elif unshare --mount --map-root-user true 2>/dev/null; then
		exec unshare --mount --map-root-user sh "$0"
	fi
	echo '1..0 # SKIP no mount namespace is permitted here'
	exit 0
fi
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

pad=$(head -c 4000 /dev/zero | tr '\0' p)
mkdir "$T/state"
mount -t tmpfs -o size=48m,mode=700 none "$T/state" || skip_all 'no tmpfs may be mounted here'
at_end 'umount "$T/state"'
configure <<END
store = none
hold = 20s
journal { sync = 50ms }
child talker {
	output = observations
	command = {"sh", "-c", "i=0; while ! [ -e $T/enough ]; do i=\$((i+1)); [ -e $T/fast ] || sleep 0.01; echo '{\"type\":\"observation\",\"source\":\"a\",\"status\":\"ok\",\"amount\":\"'\$i'\",\"currency\":\"EUR\",\"pad\":\"$pad\"}'; done; exec sleep 1000"}
}
child mortal { command = "sleep 1000" }
END

disk_is_full() {
	[ "$(tx status --json | jq .daemon.journal.disk_full)" = "$1" ]
}

check 'the daemon starts' start_daemon
check 'both run' retry 5 tx status talker mortal
check 'observations arrive' retry 5 has_records 20 'select(.type == "observation")'
dd if=/dev/zero of="$T/state/filler" bs=64k 2>/dev/null
touch "$T/fast"
check 'the full disk is an alarm in the status' retry 15 disk_is_full true
rm "$T/fast"
for i in 1 2 3; do
	old=$(pid_of mortal)
	kill -KILL "$old"
	check "a child is restarted on a full disk, $i" retry 5 child_count mortal starts $((i + 1))
done
check 'operators are answered' tx stop mortal
check 'and obeyed' tx start mortal
check 'the talker waits, and lives' child_is talker running
rm "$T/state/filler"
check 'with room again the alarm ends by itself' retry 15 disk_is_full false
before=$(record_count 'select(.type == "observation")')
check 'and observations go on' retry 10 has_records $((before + 100)) 'select(.type == "observation")'
touch "$T/enough"
check 'the daemon stops in order' stop_daemon
records 'select(.type == "observation" and .child == "talker") | .data.amount | tonumber' |
    awk '$1 != NR { print NR " is " $1; exit 1 } END { print NR " observations" }' >"$T/lines.out"
is 'no observation is lost, none is there twice' "$?" 0
check 'the alarm is in the journal' has_records 1 'select(.type == "alarm" and .alarm == "disk_full")'
done_testing

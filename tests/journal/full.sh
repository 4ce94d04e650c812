#!/bin/sh
# A full disk, for real: a file system of 4 MiB. Output waits, starts and exits go on, nothing is lost, and it
# goes on by itself when there is room.
# tap.sh runs the test anew in a clean environment: only there it moves into a mount namespace.
if [ -n "${TX_TEST_CLEAN:-}" ] && [ -z "${JOURNAL_FULL_INSIDE:-}" ]; then
	if unshare -m true 2>/dev/null; then
		exec env JOURNAL_FULL_INSIDE=1 unshare -m /bin/sh "$0"
	elif unshare -rm true 2>/dev/null; then
		exec env JOURNAL_FULL_INSIDE=1 unshare -rm /bin/sh "$0"
	fi
	echo '1..0 # SKIP no mount namespace to be had'
	exit 0
fi
. "$top_srcdir/tests/lib/tap.sh"

mkdir "$T/top"
mount -t tmpfs -o size=4m,mode=700 tmpfs "$T/top" || skip_all 'no tmpfs may be mounted here'
at_end 'umount "$T/top" 2>/dev/null'
"$top_builddir/tests/helpers/journal_writer" full "$T/top" >"$T/full.out" 2>"$T/full.err"
rc=$?
sed -n 's/^ok [0-9]* - //p' "$T/full.out" >"$T/sentences"
while read -r sentence; do
	ok "$sentence"
done <"$T/sentences"
is 'to its end' "$rc" 0
umount "$T/top"
done_testing

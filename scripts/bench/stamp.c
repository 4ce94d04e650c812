/*
 * stamp [FILE SLOT [exit]]: the child of the restart bench. Says that it is in main(), then sleeps
 * until it is killed, or exits at once. Without arguments these are in $BENCH_BOARD, slot 0 and
 * $BENCH_EXIT: some supervisors start a program by its name alone.
 */
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "stamp.h"

int
main(int argc, char **argv)
{
	int64_t now = stamp_now();
	const char *file = argc > 2 ? argv[1] : getenv("BENCH_BOARD");
	struct board *board = file == NULL ? NULL : stamp_open(file);
	struct stamp *slot;

	if (board == NULL)
		return 2;
	slot = stamp_slot(board, argc > 2 ? argv[2] : "0");
	atomic_store(&slot->ns, now);
	atomic_store(&slot->pid, (int32_t)getpid());
	atomic_fetch_add(&slot->starts, 1);
	atomic_fetch_add(&board->starts, 1);
	if (argc > 3 || getenv("BENCH_EXIT") != NULL)
		return 0;
	/* Whoever waits does so on one of these; nobody does in the mass start. */
	syscall(SYS_futex, &slot->starts, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (;;)
		pause();
}

/*
 * claim FILE SLOT: the child of the failover bench. Says that it is in main(), and on
 * which host (stamp.h); then claims its slot by a lock that ends with it, and counts it if somebody
 * else has that: two of it ran at once. Then sleeps until it is killed. Linked statically, so that ten
 * thousand of it are possible and exec costs little.
 */
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>

#include "stamp.h"

/* The network of a host is one, and no other host's: its number names the host. */
static uint64_t
host_number(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) == -1 ? 0 : (uint64_t)st.st_ino;
}

int
main(int argc, char **argv)
{
	int64_t now = stamp_now();
	struct board *board = argc < 3 ? NULL : stamp_open(argv[1]);
	int fd = argc < 3 ? -1 : open(argv[1], O_RDWR);
	struct stamp *slot;

	if (board == NULL || fd == -1)
		return 2;
	slot = stamp_slot(board, argv[2]);
	atomic_store(&slot->ns, now);
	atomic_store(&slot->pid, (int32_t)getpid());
	atomic_store(&slot->host, host_number());
	if (!stamp_claim(fd, board, slot)) {
		atomic_fetch_add(&slot->twice, 1);
		atomic_fetch_add(&board->twice, 1);
	}
	atomic_fetch_add(&slot->starts, 1);
	atomic_fetch_add(&board->starts, 1);
	syscall(SYS_futex, &slot->starts, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (;;)
		pause();
}

/*
 * A daemon in this process, with three hosts whose agents we play: `local` and
 * `box3` are honest, what `box2` says is told.
 *
 *	node_rig_play(frames, n, &r);
 *
 * runs a daemon with a journal in a private directory until all frames have been
 * said, to its first connection to box2 and to the ones that follow when it drops
 * one; then says how box2 is in its eyes. So a daemon and all that it holds of an
 * agent are new for each play, and a fuzzer's input means the same each time.
 *
 * What cannot be known beforehand is put in: of a WELCOME with epoch 0 the
 * numbers of the hello; for token 1 to 15 that of the first, second … start that
 * box2 was told, for 16 to 31 that of the first … on another host, for 32 to
 * 65535 this number in the daemon's epoch. What stands behind a PONG, which is not
 * for an agent to say, is for the next connection. After the first PING it waits for a
 * moment, so that there are starts.
 */
#ifndef TRAPEXIT_TESTS_NODE_RIG_H
#define TRAPEXIT_TESTS_NODE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node_play {
	char error[256];   /* of the first connection that was dropped; "" if none was */
	unsigned hellos;   /* connections to box2 */
	bool up;	   /* at the end */
	bool others_up;	   /* ... local and box3 */
	uint64_t acked;	   /* the largest byte of any stream that box2 was acknowledged */
	unsigned kills;	   /* children that box2 was told to kill */
};

/* Linger so long behind the last frame, for what is done later. */
void node_rig_play(const char *frames, size_t n, int64_t linger_us, struct node_play *r);

#endif

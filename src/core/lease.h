/*
 * The lease of a node (architecture 5), both ends of it, as values: pure, time is
 * an argument, nothing is allocated.
 *
 * The holder is the agent. It asks, so that delay can only make its lease
 * shorter: ping k goes out at the holder's own time t_k, and the answer (k, L)
 * grants until t_k + L, however late it comes; an answer grants once. Calling
 * sequence:
 *
 *  1. lease_holder_init() with the time of the holder's own start: until the
 *     first grant the deadline is start + hold, which permits no start.
 *  2. lease_holder_attached() with every new connection; then, and whenever
 *     lease_holder_due() has come, lease_holder_ping() and send what it returns.
 *  3. lease_holder_pong() with every answer.
 *  4. lease_holder_is_over() when `deadline` has come: true says, once for each
 *     deadline, that everything is to be killed now.
 *
 * The grantor is the daemon, one for each node. It notes when a ping that it
 * answers was *received* (r_k): t_k was before, so all that a grant permits is
 * dead by r_k + L * (1 + drift) + kill time, lease_all_dead(). Until then only
 * proof permits a replacement elsewhere: an exit record proves one incarnation
 * (the tree is told of it), the guard's word or a new boot id prove all of them,
 * lease_grantor_proved().
 *
 *  1. lease_grantor_init() when the daemon starts: it knows no r_k, so the node
 *     holds until the daemon's own start + the largest L in use there.
 *  2. lease_grantor_answer() with each ping: what it returns goes into the pong.
 *  3. lease_grantor_set() when a changed L is in the journal, not before: a
 *     daemon that begins anew must never know a smaller L than was granted.
 *  4. lease_grantor_largest() is what a snapshot of the journal must say.
 *
 * Each end reads its own CLOCK_BOOTTIME; no time of one is ever compared with one
 * of the other.
 */
#ifndef TRAPEXIT_CORE_LEASE_H
#define TRAPEXIT_CORE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"

/* How far apart two clocks may run: NTP slews by 500 ppm, a bad quartz by less; the rest is margin. */
#define LEASE_DRIFT_PERMILLE 200
/*
 * From the end of a lease until all is dead: 100 ms in which a live agent begins,
 * then the guard acts instead; the rest is for waking it up on a busy host and for
 * SIGKILL to do its work.
 */
#define LEASE_KILL_US 750000
/* No lease is longer, whoever asks for it. */
#define LEASE_MAX_US (INT64_C(86400) * 1000000)
/* Answers that may be on their way at the same time. */
#define LEASE_PINGS_KEPT 16

struct lease_holder {
	uint64_t k; /* of the last ping */
	struct {
		uint64_t k;
		mono_t at;
	} pings[LEASE_PINGS_KEPT]; /* those not answered; k 0: none */
	int64_t length_us;	   /* L */
	mono_t deadline;
	mono_t ended; /* the deadline at which all was killed; MONO_ZERO: none yet */
	mono_t ping_due;
	bool granted; /* by an answer, at least once */
};

void lease_holder_init(struct lease_holder *h, mono_t start, int64_t hold_us);
/* A new connection: what older ones still owe grants nothing. A ping is due at once. */
void lease_holder_attached(struct lease_holder *h, mono_t now, int64_t length_us);
void lease_holder_detached(struct lease_holder *h);
/* The number k of the ping that is sent now. */
uint64_t lease_holder_ping(struct lease_holder *h, mono_t now);
/* When the next one is due, every L/3; MONO_NEVER while nobody is attached. */
mono_t lease_holder_due(const struct lease_holder *h);
/* True: the deadline has changed. Late, repeated and unknown answers change nothing, nor does an L beyond bounds. */
bool lease_holder_pong(struct lease_holder *h, mono_t now, uint64_t k, int64_t length_us);
/* May something be started? Granted by an answer, and not over. */
bool lease_holder_permits(const struct lease_holder *h, mono_t now);
bool lease_holder_is_over(struct lease_holder *h, mono_t now);

struct lease_grantor {
	int64_t length_us; /* L, as the next answer grants it */
	int64_t older_us;  /* the largest L before it that may still be granted; 0: none */
	mono_t older_until;
	mono_t until; /* the node may hold something until then; MONO_ZERO: proved that not */
};

/* When all is dead that an answer to a ping received at `received` permits. */
mono_t lease_all_dead(mono_t received, int64_t length_us);
/* length_us: what is in use; largest_us: the largest that may still be granted (by the journal). */
void lease_grantor_init(struct lease_grantor *g, mono_t start, int64_t length_us, int64_t largest_us);
/* Returns L, for the pong. */
int64_t lease_grantor_answer(struct lease_grantor *g, mono_t received);
void lease_grantor_set(struct lease_grantor *g, mono_t now, int64_t length_us);
/* Nothing of what was granted up to now lives: the guard's word, or a new boot id of the same machine. */
void lease_grantor_proved(struct lease_grantor *g);
/* Nothing can live there any more, so what ran there may be started elsewhere. */
bool lease_grantor_is_over(const struct lease_grantor *g, mono_t now);
int64_t lease_grantor_largest(const struct lease_grantor *g, mono_t now);

#endif

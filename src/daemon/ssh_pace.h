/*
 * When to connect: pure, so that it can be tried out in a table.
 *
 * sshd drops new connections at random when ten are not yet authenticated
 * (MaxStartups 10:30:100), and many nodes may share one host on their way (a jump
 * host). So few connects begin at once; one that takes longer than a connect does
 * does not hold up the others.
 */
#ifndef TRAPEXIT_DAEMON_SSH_PACE_H
#define TRAPEXIT_DAEMON_SSH_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* A connect that takes longer hangs somewhere else. */
#define SSH_PACE_YOUNG_US INT64_C(3000000)
/* Those that hang are processes, too: so many times as may begin are the most. */
#define SSH_PACE_ALL_FACTOR 8

/* Delays before a host is tried again, doubling; each is jittered down to its half. */
#define SSH_PACE_FIRST_US INT64_C(200000)
#define SSH_PACE_MAX_US INT64_C(60000000)
/* When a connection that stood is lost. */
#define SSH_PACE_LOST_US INT64_C(20000)

/*
 * May one more connect begin now, of at most max that may begin at a time? all: how many are under way, young: how
 * many of these since less than SSH_PACE_YOUNG_US.
 */
bool ssh_pace_may_begin(unsigned young, unsigned all, unsigned max);
/* µs until a turn is asked for again, where there are n_nodes that may do so. random: any number. */
int64_t ssh_pace_turn_us(unsigned n_nodes, uint32_t random);
/* µs until the next try after so many failures in a row; 0: a connection that stood was lost. */
int64_t ssh_pace_delay_us(unsigned failures, uint32_t random);

#endif

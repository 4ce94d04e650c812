/*
 * When to connect: pure, so that it can be tried out in a table.
 *
 * sshd drops new connections at random when ten are not yet authenticated
 * (MaxStartups 10:30:100), and many nodes may share one host on their way (a jump
 * host). So few connects begin at once; one that takes longer than a connect does
 * hangs somewhere else, and does not hold up the others.
 */
#ifndef TRAPEXIT_DAEMON_SSH_PACE_H
#define TRAPEXIT_DAEMON_SSH_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mono.h"

/* So many connects that have just begun, below what MaxStartups bears. */
#define SSH_PACE_YOUNG_MAX 8
#define SSH_PACE_YOUNG_US INT64_C(3000000)
/* So many in all: each is a process. */
#define SSH_PACE_ALL_MAX 64

/* Delays before a host is tried again, doubling; each is jittered down to its half. */
#define SSH_PACE_FIRST_US INT64_C(200000)
#define SSH_PACE_MAX_US INT64_C(60000000)
/* When a connection that stood is lost. */
#define SSH_PACE_LOST_US INT64_C(20000)

/* May one more connect begin now, while n others that began at those times are under way? */
bool ssh_pace_may_begin(const mono_t *begun, size_t n, mono_t now);
/* µs until a turn is asked for again. random: any number. */
int64_t ssh_pace_turn_us(uint32_t random);
/* µs until the next try after so many failures in a row; 0: a connection that stood was lost. */
int64_t ssh_pace_delay_us(unsigned failures, uint32_t random);

#endif

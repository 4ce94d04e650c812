#include "daemon/ssh_pace.h"

/* Often enough that no turn is left unused for long, and seldom enough when a thousand ask. */
#define TURN_US INT64_C(40000)
#define TURN_NODE_US INT64_C(400)

/* A half and up to another half of it. */
static int64_t
jitter(int64_t us, uint32_t random)
{
	return us / 2 + us / 2 * (int64_t)(random % 1024) / 1023;
}

bool
ssh_pace_may_begin(unsigned young, unsigned all, unsigned max)
{
	return young < max && all / SSH_PACE_ALL_FACTOR < max;
}

int64_t
ssh_pace_turn_us(unsigned n_nodes, uint32_t random)
{
	return jitter(TURN_US + n_nodes * TURN_NODE_US, random);
}

int64_t
ssh_pace_delay_us(unsigned failures, uint32_t random)
{
	int64_t us = SSH_PACE_FIRST_US;

	if (failures == 0)
		return jitter(SSH_PACE_LOST_US, random);
	while (--failures > 0 && us < SSH_PACE_MAX_US)
		us *= 2;
	return jitter(us < SSH_PACE_MAX_US ? us : SSH_PACE_MAX_US, random);
}

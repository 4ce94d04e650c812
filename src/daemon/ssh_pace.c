#include "daemon/ssh_pace.h"

#define TURN_US INT64_C(20000)

/* A half and up to another half of it. */
static int64_t
jitter(int64_t us, uint32_t random)
{
	return us / 2 + us / 2 * (int64_t)(random % 1024) / 1023;
}

bool
ssh_pace_may_begin(const mono_t *begun, size_t n, mono_t now)
{
	size_t young = 0;

	for (size_t i = 0; i < n; i++)
		young += mono_diff_us(now, begun[i]) < SSH_PACE_YOUNG_US;
	return young < SSH_PACE_YOUNG_MAX && n < SSH_PACE_ALL_MAX;
}

int64_t
ssh_pace_turn_us(uint32_t random)
{
	return jitter(2 * TURN_US, random);
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

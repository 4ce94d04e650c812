#include "config.h"

#include "core/backoff.h"

static int64_t
power_capped(int64_t min, uint32_t factor, uint32_t times, int64_t max)
{
	int64_t delay = min;

	if (factor <= 1 || min == 0)
		return min < max ? min : max;
	for (; times > 0 && delay < max; times--) {
		if (delay > max / factor)
			return max;
		delay *= factor;
	}
	return delay < max ? delay : max;
}

static int64_t
jitter_span(int64_t delay, uint32_t permille)
{
	if (permille == 0)
		return 0;
	if (delay > INT64_MAX / permille)
		return delay / 1000 > INT64_MAX / permille ? INT64_MAX - 1 : delay / 1000 * permille;
	return delay * permille / 1000;
}

int64_t
backoff_delay(const struct backoff_spec *b, uint32_t row, uint64_t random)
{
	int64_t delay, extra;

	if (!b->enabled || row == 0)
		return 0;
	if (b->first_at_once && --row == 0)
		return 0;
	delay = power_capped(b->min_us, b->factor, row - 1, b->max_us);
	extra = (int64_t)(random % ((uint64_t)jitter_span(delay, b->jitter_permille) + 1));
	return extra > b->max_us - delay ? b->max_us : delay + extra;
}

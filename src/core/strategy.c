#include "config.h"

#include "core/strategy.h"

struct group
strategy_group(enum strategy strategy, uint32_t n, uint32_t failed)
{
	switch (strategy) {
	case STRATEGY_ONE_FOR_ALL:
		return (struct group){ 0, n };
	case STRATEGY_REST_FOR_ONE:
		return (struct group){ failed, n };
	case STRATEGY_ONE_FOR_ONE:
	case STRATEGY_SIMPLE_ONE_FOR_ONE:
		break;
	}
	return (struct group){ failed, failed + 1 };
}

bool
strategy_is_single(enum strategy strategy)
{
	return strategy == STRATEGY_ONE_FOR_ONE || strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

bool
strategy_stops_parallel(const struct sup_spec *spec)
{
	return strategy_is_single(spec->strategy) && !spec->stop_serial;
}

bool
strategy_restarts(enum restart_type restart, bool normal_exit)
{
	switch (restart) {
	case RESTART_PERMANENT:
		return true;
	case RESTART_TRANSIENT:
		return !normal_exit;
	case RESTART_TEMPORARY:
		break;
	}
	return false;
}

/*
 * Whom a failure takes along (S38-S41): pure.
 *
 * Children stand in start order, 0 to n-1. The group of a failed child is
 * [first, end); it is stopped from its end backwards, without the failed one,
 * and then started from `first` onwards, with it.
 */
#ifndef TRAPEXIT_CORE_STRATEGY_H
#define TRAPEXIT_CORE_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spec.h"

struct group {
	uint32_t first;
	uint32_t end;
};

struct group strategy_group(enum strategy strategy, uint32_t n, uint32_t failed);
/* S38: a failure never takes a sibling along. */
bool strategy_is_single(enum strategy strategy);
/* S59, S64: children are told to end all at once rather than one by one. */
bool strategy_stops_parallel(const struct sup_spec *spec);
/* S34: is a restart due after this exit? */
bool strategy_restarts(enum restart_type restart, bool normal_exit);

#endif

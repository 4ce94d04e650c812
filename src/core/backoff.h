/*
 * How long a restart waits (S122, with architecture 4): pure.
 */
#ifndef TRAPEXIT_CORE_BACKOFF_H
#define TRAPEXIT_CORE_BACKOFF_H

#include <stdint.h>

#include "core/spec.h"

/*
 * The delay before the row-th restart in a row (from 1):
 * min(max, min * factor^(row-1)), lengthened by a part of up to `jitter` that
 * `random` picks, and capped at max again. With first_at_once row 1 waits for
 * nothing and row 2 waits min: 0, 200 ms, 400 ms, 800 ms ... 60 s.
 */
int64_t backoff_delay(const struct backoff_spec *b, uint32_t row, uint64_t random);

#endif

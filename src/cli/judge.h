/*
 * How fresh an offer of the store is, by the configuration's schedules: what
 * `trapexit status` says of its source while the daemon runs, for prices that
 * are looked at without one.
 *
 *	struct judge *j = judge_new(config, now_ms, stale_ms);
 *	struct store_filter f = { .judge = judge_is_current, .judge_arg = j };
 *
 *	judge_offer(j, offer, &verdict);  ... judge_reason(offer, &verdict)
 *	judge_free(j);
 *
 * Of a supplier that is not configured nobody knows the schedule: its prices are
 * stale after the largest stale_after that is written.
 */
#ifndef TRAPEXIT_CLI_JUDGE_H
#define TRAPEXIT_CLI_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fresh.h"
#include "store/store.h"

struct config;
struct judge;

/* stale_ms: in place of every stale_after; 0: never; JUDGE_STALE_CONFIGURED. The config is borrowed. */
#define JUDGE_STALE_CONFIGURED (-1)
struct judge *judge_new(const struct config *config, int64_t now_ms, int64_t stale_ms);
void judge_free(struct judge *j);
void judge_offer(struct judge *j, const struct store_offer *o, struct fresh_verdict *v);
/* "overdue", or what the newest answer said; NULL: nothing is wrong. */
const char *judge_reason(const struct store_offer *o, const struct fresh_verdict *v);
/* May it be the best price (P46)? A store_judge_cb. */
bool judge_is_current(const struct store_offer *o, void *judge);

#endif

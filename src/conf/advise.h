/*
 * Warnings of what a sound configuration cannot achieve (architecture 8): it is
 * taken all the same.
 */
#ifndef TRAPEXIT_CONF_ADVISE_H
#define TRAPEXIT_CONF_ADVISE_H

#include "conf/config.h"
#include "conf/diag.h"

void advise(const struct config *c, struct diag *diag);
/* Limits that this process could not set: a question to this host, which advise() asks none. */
void advise_limits(const struct config *c, struct diag *diag);
/*
 * S125: the most failures that a child with this backoff can have within
 * period_us, if it dies as soon as it is started; at most `enough`.
 */
uint64_t advise_failures(const struct backoff_spec *b, int64_t period_us, uint64_t enough);

#endif

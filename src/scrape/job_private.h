/* What job.c and job_state.c share. */
#ifndef TRAPEXIT_SCRAPE_JOB_PRIVATE_H
#define TRAPEXIT_SCRAPE_JOB_PRIVATE_H

#include "base/json.h"
#include "scrape/job.h"

/* A whole number into *out; -1 if it is there and is none, or out of range. Absent or null leaves *out. */
int job_get_int(const struct json_field *f, int64_t min, int64_t max, int64_t *out, struct err *err);
/* A line of type state. */
int job_read_state(struct job *job, const char *line, size_t len, struct err *err);
/* Behind the last line: states that stood before their sources find them. */
void job_settle_states(struct job *job);

#endif

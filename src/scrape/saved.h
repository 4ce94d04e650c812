/*
 * A page that was saved, from a file: no network is asked for anything.
 */
#ifndef TRAPEXIT_SCRAPE_SAVED_H
#define TRAPEXIT_SCRAPE_SAVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The bytes of a file, "-" for standard input, into `out` (cleared before);
 * *too_large if it has more than `max`, of which then nothing is in it.
 * -1 with err set, its text naming the file.
 */
int saved_read(const char *file, size_t max, struct buf *out, bool *too_large, struct err *err);

#endif

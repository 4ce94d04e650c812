/*
 * Standard output of what ends by itself: lines as they come, and at the end
 * of the program what is left. What cannot be written is said once, and makes
 * the exit status EXITCODE_FAILED; a reader that has gone away is told nothing.
 *
 *	print_init();
 *	...
 *	print_line(&line);
 */
#ifndef TRAPEXIT_SCRAPE_PRINT_H
#define TRAPEXIT_SCRAPE_PRINT_H

#include "base/buf.h"

/* At the start of the program. */
void print_init(void);
/* The line is out when this returns; ferror(stdout) says whether it is lost. */
void print_line(const struct buf *line);

#endif

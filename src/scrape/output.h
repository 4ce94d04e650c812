/*
 * Standard output under back-pressure: written at once while the reader keeps
 * up, kept while it does not. No write blocks, though the descriptor is not
 * set to O_NONBLOCK (others may share it): what poll(2) calls writable takes
 * PIPE_BUF bytes.
 *
 *	output_init(&out, base, STDOUT_FILENO, changed_cb, arg);
 *	output_put(&out, lines, len);		 whole lines that belong together
 *	if (output_is_full(&out))
 *		... start no more work; changed_cb is called when there is room
 *
 * Lines that are put together go out in one write(2) where they fit PIPE_BUF,
 * so that no death can come between them; several of such groups, too, when
 * they are put in one turn of the loop: it is then that they are written, and
 * before anything that waits for a timer.
 */
#ifndef TRAPEXIT_SCRAPE_OUTPUT_H
#define TRAPEXIT_SCRAPE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OUTPUT_FULL (64u << 10)

struct event;
struct event_base;

struct output {
	struct event_base *base; /* borrowed */
	struct event *event;
	int fd;
	struct buf pending;
	struct buf groups; /* of uint32_t: how many bytes are left of each */
	int error; /* errno of a failed write; EPIPE: nobody reads */
	void (*changed)(void *arg); /* there is room again, or an error */
	void *arg;
};

void output_init(struct output *o, struct event_base *base, int fd, void (*changed)(void *arg), void *arg);
void output_put(struct output *o, const char *lines, size_t len);
bool output_is_full(const struct output *o);
/* Write what is left for at most so long; -1 if some of it is left. */
int output_flush(struct output *o, int timeout_ms);
void output_release(struct output *o);

#endif

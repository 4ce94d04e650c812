/*
 * Frames (agent_msg.h) as runs of bytes, for who passes them on without a look at
 * what is in them. Pure.
 */
#ifndef TRAPEXIT_WIRE_FRAME_H
#define TRAPEXIT_WIRE_FRAME_H

#include <stddef.h>

#include "wire/agent_msg.h"

/* The largest frame with its length in front. */
#define FRAME_SIZE_MAX (4 + (size_t)AGENT_FRAME_MAX)

/* The size of the frame that begins here, its length included: 0 as long as it is not all here, -1 if none can be. */
ptrdiff_t frame_size(const char *data, size_t n);
/* The type of a whole frame; 0: it is none of those that we know how to look at. */
enum agent_msg_type frame_type(const char *data, size_t size);

#endif

/*
 * The line with which `trapexit-agent --attach` begins: all before it was printed by
 * a login. Frames (agent_msg.h) begin right behind it.
 */
#ifndef TRAPEXIT_WIRE_PREAMBLE_H
#define TRAPEXIT_WIRE_PREAMBLE_H

#include <stddef.h>

#define PREAMBLE_SIZE 160

/* With the newlines before and behind it; returns its length. */
size_t preamble_text(const char *installation, const char *node, char text[PREAMBLE_SIZE]);
/* Where the bytes behind it begin; 0: it has not come yet. */
size_t preamble_find(const char *data, size_t n, const char *text, size_t len);

#endif

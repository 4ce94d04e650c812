#include "wire/frame.h"

#include <stdint.h>

ptrdiff_t
frame_size(const char *data, size_t n)
{
	const unsigned char *p = (const unsigned char *)data;
	uint32_t len;

	if (n < 4)
		return 0;
	len = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	if (len > AGENT_FRAME_MAX)
		return -1;
	return n - 4 >= len ? (ptrdiff_t)(4 + (size_t)len) : 0;
}

/* msgpack: an array of few (0x9X) or more (0xdc and two bytes), and in it first a number below 128. */
enum agent_msg_type
frame_type(const char *data, size_t size)
{
	const unsigned char *p = (const unsigned char *)data + 4;
	size_t n = size > 4 ? size - 4 : 0, at;

	if (n == 0)
		return (enum agent_msg_type)0;
	at = p[0] >> 4 == 0x9 ? 1 : p[0] == 0xdc ? 3 : n;
	return at < n && p[at] < 0x80 ? (enum agent_msg_type)p[at] : (enum agent_msg_type)0;
}

#include "scrape/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/attr.h"

struct block4 {
	uint32_t net;
	unsigned bits;
};

static const struct block4 private4[] = {
	{ 0x00000000, 8 }, /* this network */
	{ 0x0a000000, 8 }, /* private */
	{ 0x64400000, 10 }, /* carrier-grade NAT */
	{ 0x7f000000, 8 }, /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xe0000000, 3 }, /* multicast, reserved, broadcast */
};

static bool
is_private4(uint32_t address)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(private4); i++) {
		if ((address ^ private4[i].net) >> (32 - private4[i].bits) == 0)
			return true;
	}
	return false;
}

static uint32_t
four_bytes(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct block6 {
	uint8_t net[6];
	unsigned bits;
};

/* Of 2000::/3, outside of which no unicast address of the open web is. */
static const struct block6 private6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments: Teredo and others that hold an address */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff, 0x00, 0x00 }, 20 }, /* documentation */
};

static bool
is_in6(const uint8_t a[16], const struct block6 *b)
{
	unsigned whole = b->bits / 8, rest = b->bits % 8;

	return memcmp(a, b->net, whole) == 0 && (rest == 0 || (a[whole] ^ b->net[whole]) >> (8 - rest) == 0);
}

static bool
is_private6(const uint8_t a[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };
	size_t i;

	/* An IPv4 address in other clothes is what it is. */
	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return is_private4(four_bytes(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return is_private4(four_bytes(a + 2));
	if ((a[0] & 0xe0) != 0x20)
		return true;
	for (i = 0; i < ARRAY_LEN(private6); i++) {
		if (is_in6(a, &private6[i]))
			return true;
	}
	/* ISATAP, in any net. */
	return (a[8] & 0xfd) == 0 && a[9] == 0 && a[10] == 0x5e && a[11] == 0xfe && is_private4(four_bytes(a + 12));
}

bool
address_is_private(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof(in));
		return is_private4(ntohl(in.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&in6, sa, sizeof(in6));
		return is_private6(in6.sin6_addr.s6_addr);
	default:
		return true;
	}
}

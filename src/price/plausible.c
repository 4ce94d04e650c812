#include "price/plausible.h"

#include <stddef.h>
#include <string.h>

/* Of a factor, and between checks that agree: per cent. */
#define TOLERANCE 1u

/* A product of two 64-bit numbers; there is no wider type on every machine. */
struct wide {
	uint64_t high, low;
};

static struct wide
multiply(uint64_t a, uint64_t b)
{
	uint64_t al = a & UINT32_MAX, ah = a >> 32, bl = b & UINT32_MAX, bh = b >> 32;
	uint64_t low = al * bl, middle = ah * bl + (low >> 32), other = al * bh + (middle & UINT32_MAX);

	return (struct wide){ ah * bh + (middle >> 32) + (other >> 32), other << 32 | (low & UINT32_MAX) };
}

static uint64_t
magnitude(const struct amount *a)
{
	return a->coef < 0 ? -(uint64_t)a->coef : (uint64_t)a->coef;
}

static uint64_t
power(unsigned n)
{
	uint64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* |a| * x against |b| * y: less than, equal to or greater than zero. x and y are at most 10^10. */
static int
compare(const struct amount *a, uint64_t x, const struct amount *b, uint64_t y)
{
	struct wide p = multiply(magnitude(a), x * power(AMOUNT_SCALE_MAX - a->scale));
	struct wide q = multiply(magnitude(b), y * power(AMOUNT_SCALE_MAX - b->scale));

	if (p.high != q.high)
		return p.high < q.high ? -1 : 1;
	if (p.low != q.low)
		return p.low < q.low ? -1 : 1;
	return 0;
}

/* Is |a| so many times |b|, within the tolerance? */
static bool
is_factor(const struct amount *a, const struct amount *b, uint64_t factor)
{
	return compare(a, 100, b, factor * (100 - TOLERANCE)) >= 0 && compare(a, 100, b, factor * (100 + TOLERANCE)) <= 0;
}

static bool
same_sign(const struct amount *a, const struct amount *b)
{
	return (a->coef < 0) == (b->coef < 0);
}

/* A currency that is open is not another one (P1: absent is no value). */
static bool
same_currency(const struct plausible_price *a, const struct plausible_price *b)
{
	return a->currency[0] == '\0' || b->currency[0] == '\0' || strcmp(a->currency, b->currency) == 0;
}

static bool
jumps(uint32_t permille, const struct amount *now, const struct amount *last)
{
	return permille != 0 &&
	    (!same_sign(now, last) || compare(now, 1000, last, permille) > 0 || compare(now, permille, last, 1000) < 0);
}

/* P42, against the last accepted one. */
static enum doubt
doubt_of(const struct plausible_policy *policy, const struct plausible_price *last, const struct plausible_price *now)
{
	static const struct {
		uint64_t factor;
		enum doubt doubt;
	} factors[] = { { 10, DOUBT_FACTOR_10 }, { 100, DOUBT_FACTOR_100 }, { 1000, DOUBT_FACTOR_1000 } };
	size_t i;

	if (!same_currency(now, last))
		return DOUBT_CURRENCY;
	if (amount_cmp(&now->amount, &last->amount) == 0) /* P4 */
		return DOUBT_NONE;
	for (i = 0; i < sizeof(factors) / sizeof(factors[0]) && now->amount.coef != 0 && last->amount.coef != 0; i++) {
		if (is_factor(&now->amount, &last->amount, factors[i].factor) ||
		    is_factor(&last->amount, &now->amount, factors[i].factor))
			return factors[i].doubt;
	}
	return jumps(policy->jump_permille, &now->amount, &last->amount) ? DOUBT_JUMP : DOUBT_NONE;
}

static enum doubt
out_of_bounds(const struct plausible_policy *policy, const struct amount *amount)
{
	if (policy->has_min && amount_cmp(amount, &policy->min) < 0)
		return DOUBT_BELOW_MIN;
	if (policy->has_max && amount_cmp(amount, &policy->max) > 0)
		return DOUBT_ABOVE_MAX;
	return DOUBT_NONE;
}

static void
accept(struct plausible_memory *memory, const struct plausible_price *price)
{
	struct plausible_price was = memory->accepted;

	*memory = (struct plausible_memory){ .accepted = *price };
	if (price->currency[0] == '\0')
		memcpy(memory->accepted.currency, was.currency, sizeof(was.currency));
}

/* Does it say the same as the suspect one before it? */
static bool
agrees(const struct plausible_price *pending, const struct plausible_price *now)
{
	return pending->known && same_currency(pending, now) && same_sign(&pending->amount, &now->amount) &&
	    is_factor(&now->amount, &pending->amount, 1);
}

enum doubt
plausible_check(
    const struct plausible_policy *policy, struct plausible_memory *memory, const struct plausible_price *price)
{
	enum doubt doubt = out_of_bounds(policy, &price->amount);

	if (doubt != DOUBT_NONE)
		return doubt;
	if (memory->accepted.known)
		doubt = doubt_of(policy, &memory->accepted, price);
	memory->agreed = agrees(&memory->pending, price) ? memory->agreed + 1 : 0;
	if (doubt == DOUBT_NONE || memory->agreed >= policy->confirm) {
		accept(memory, price);
		return DOUBT_NONE;
	}
	memory->pending = *price;
	return doubt;
}

const char *
doubt_text(enum doubt doubt)
{
	switch (doubt) {
	case DOUBT_NONE:
		return NULL;
	case DOUBT_BELOW_MIN:
		return "below-min";
	case DOUBT_ABOVE_MAX:
		return "above-max";
	case DOUBT_FACTOR_10:
		return "factor-10";
	case DOUBT_FACTOR_100:
		return "factor-100";
	case DOUBT_FACTOR_1000:
		return "factor-1000";
	case DOUBT_JUMP:
		return "jump";
	case DOUBT_CURRENCY:
		return "currency-changed";
	}
	return NULL;
}

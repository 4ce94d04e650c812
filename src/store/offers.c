/* Which offer is for sale, and which is the cheapest: above all backends. */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/backend.h"

struct offers {
	struct store_offer *v; /* owned, with its texts */
	size_t n, cap;
};

static char *
dup_or_null(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static int
offers_add(const struct store_offer *o, void *arg)
{
	struct offers *all = arg;
	struct store_offer *copy;

	if (all->n == all->cap) {
		all->cap = all->cap == 0 ? 64 : 2 * all->cap;
		all->v = xreallocarray(all->v, all->cap, sizeof(*all->v));
	}
	copy = &all->v[all->n++];
	*copy = *o;
	copy->product = dup_or_null(o->product);
	copy->supplier = dup_or_null(o->supplier);
	copy->source = dup_or_null(o->source);
	copy->url = dup_or_null(o->url);
	copy->status = dup_or_null(o->status);
	copy->reason = dup_or_null(o->reason);
	copy->currency = dup_or_null(o->currency);
	copy->availability = dup_or_null(o->availability);
	return 0;
}

static void
free_text(const char *s)
{
	/* Made by offers_add(): const only for those who read. */
	union {
		const char *read;
		char *own;
	} u = { s };

	free(u.own);
}

static void
offers_release(struct offers *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct store_offer *o = &all->v[i];
		const char *const texts[] = { o->product, o->supplier, o->source, o->url, o->status, o->reason,
			o->currency, o->availability };

		for (size_t k = 0; k < ARRAY_LEN(texts); k++)
			free_text(texts[k]);
	}
	free(all->v);
}

static bool
is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/*
 * An availability that is not known does not take an offer out of the race:
 * most pages that are read by a pattern say nothing of it. A failed fetch does
 * not either; it does when the last good answer grows stale.
 */
static bool
is_for_sale(const struct store_offer *o, const struct store_filter *f)
{
	static const char *const sold_out[] = { "out_of_stock", "discontinued", "preorder", "backorder" };
	static const char *const not_current[] = { "unavailable", "gone", "suspect" };

	return o->has_price && !is_one_of(o->availability, sold_out, ARRAY_LEN(sold_out)) &&
	    !is_one_of(o->status, not_current, ARRAY_LEN(not_current)) &&
	    (f->stale_ms == 0 || o->good_ms >= f->now_ms - f->stale_ms) && (f->judge == NULL || f->judge(o, f->judge_arg));
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
compare(const void *pa, const void *pb)
{
	const struct store_offer *a = pa, *b = pb;
	int d = compare_texts(a->product, b->product);

	if (d == 0 && a->has_price != b->has_price)
		d = a->has_price ? -1 : 1;
	if (d == 0 && a->has_price)
		d = compare_texts(a->currency, b->currency);
	if (d == 0 && a->has_price)
		d = store_amount_compare(a->amount, b->amount);
	if (d == 0)
		d = compare_texts(a->supplier, b->supplier);
	return d != 0 ? d : compare_texts(a->source, b->source);
}

/* Sorted: the first for sale of a product and currency is the cheapest, with those that cost the same. */
static void
mark_cheapest(struct offers *all)
{
	const struct store_offer *best = NULL;

	for (size_t i = 0; i < all->n; i++) {
		struct store_offer *o = &all->v[i];

		if (best != NULL && (compare_texts(o->product, best->product) != 0 ||
		    compare_texts(o->currency, best->currency) != 0))
			best = NULL;
		if (!o->for_sale)
			continue;
		if (best == NULL)
			best = o;
		o->cheapest = store_amount_compare(o->amount, best->amount) == 0;
	}
}

/* The cheapest is so among all suppliers, also when one alone is asked for. */
int
store_offers(struct store *s, const struct store_filter *f, store_offer_cb *cb, void *arg, struct err *err)
{
	const struct store_filter wide = { .product = f->product };
	struct offers all = { NULL, 0, 0 };
	int rc = s->backend->offers(s, &wide, offers_add, &all, err);

	for (size_t i = 0; i < all.n; i++)
		all.v[i].for_sale = is_for_sale(&all.v[i], f);
	if (rc == 0 && all.n > 0) {
		qsort(all.v, all.n, sizeof(*all.v), compare);
		mark_cheapest(&all);
	}
	for (size_t i = 0; rc == 0 && i < all.n; i++)
		if (f->supplier == NULL || strcmp(f->supplier, all.v[i].supplier) == 0)
			rc = cb(&all.v[i], arg);
	offers_release(&all);
	return rc;
}

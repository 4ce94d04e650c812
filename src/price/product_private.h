/*
 * What product.c, which finds the product, shares with product_offer.c, which
 * finds its offers, and product_price.c, which reads one.
 */
#ifndef TRAPEXIT_PRICE_PRODUCT_PRIVATE_H
#define TRAPEXIT_PRICE_PRODUCT_PRIVATE_H

#include "price/product.h"

#define OFFERS_MAX 200

/* Types of products (P23), for node_has_type(). */
#define PRODUCT_TYPES "Product IndividualProduct ProductModel ProductGroup Vehicle Car Book SoftwareApplication VideoGame"

/* Types of what is never an offer (P24), for node_has_type(). */
#define DELIVERY_TYPES \
	"OfferShippingDetails DeliveryChargeSpecification PaymentChargeSpecification WarrantyPromise " \
	"ShippingDeliveryTime MerchantReturnPolicy ShippingRateSettings DeliveryTimeSettings ShippingConditions " \
	"ShippingService Service"

/* One offer, read. */
struct one {
	struct money money;
	enum availability availability;
	bool used, expired;
	bool special;	/* not everybody's price for one piece */
	bool aggregate; /* it sums up others that it nests: a check */
	bool foreign;	/* in another currency than the others: its amount is not to be compared (P46) */
	struct trace_entry *entry;
};

/* An offer to read, and the one that nests it, from which it has what it does not say. */
struct queued {
	struct json_object *node, *around;
};

struct reading {
	const struct extract *x;
	const struct graph *g;
	struct stated *stated;
	struct queued queue[OFFERS_MAX];
	size_t n_queue;
	struct one offers[OFFERS_MAX];
	size_t n;
};

/* The price of an offer, what was asked before, and their places in the trace; `currency` is what stands around it. */
void product_read_price(struct reading *r, struct json_object *offer, const char *currency, struct one *one);
/* The code that the node's field has, or the sign that leaves it open; borrowed. */
const char *product_currency(struct json_object *node, const char *otherwise);
/* Not everybody's price for one piece (P24). */
bool product_is_special(struct json_object *node);
/* Is the date of this member before the page's today? */
bool product_is_past(const struct reading *r, struct json_object *node, const char *member);
/* Into the trace, if there is one: what else has a price in the graph; r is NULL if nothing was read. */
void product_trace_passed(const struct extract *x, const struct graph *g, const struct reading *r, enum method method);

#endif

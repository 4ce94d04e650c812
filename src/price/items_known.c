/*
 * Which properties of items say something of an offer.
 */
#include "base/attr.h"
#include "price/items.h"

/* Properties that an offer is read from, and their names in the retired vocabularies. */
static const struct {
	const char *text, *name;
} known[] = {
	{ "price", "price" },
	{ "hasCurrencyValue", "price" },
	{ "lowPrice", "lowPrice" },
	{ "hasMinCurrencyValue", "minPrice" },
	{ "hasMaxCurrencyValue", "maxPrice" },
	{ "highPrice", "highPrice" },
	{ "minPrice", "minPrice" },
	{ "maxPrice", "maxPrice" },
	{ "priceCurrency", "priceCurrency" },
	{ "currency", "priceCurrency" },
	{ "hasCurrency", "priceCurrency" },
	{ "availability", "availability" },
	{ "name", "name" },
	{ "url", "url" },
	{ "sku", "sku" },
	{ "mpn", "mpn" },
	{ "productID", "productID" },
	{ "offers", "offers" },
	{ "offerDetails", "offers" },
	{ "priceSpecification", "priceSpecification" },
	{ "hasPriceSpecification", "priceSpecification" },
	{ "priceType", "priceType" },
	{ "priceValidUntil", "priceValidUntil" },
	{ "validThrough", "validThrough" },
	{ "itemCondition", "itemCondition" },
	{ "condition", "itemCondition" },
	{ "hasVariant", "hasVariant" },
	{ "isVariantOf", "isVariantOf" },
	{ "model", "model" },
	{ "mainEntity", "mainEntity" },
	{ "mainEntityOfPage", "mainEntityOfPage" },
	{ "itemOffered", "itemOffered" },
	{ "validForMemberTier", "validForMemberTier" },
	{ "referenceQuantity", "referenceQuantity" },
	{ "eligibleQuantity", "eligibleQuantity" },
	{ "minValue", "minValue" },
	{ "value", "value" },
	{ "inProductGroupWithID", "inProductGroupWithID" },
	{ "productGroupID", "productGroupID" },
};

const char *
items_known(struct slice local)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		if (slice_is(local, known[i].text))
			return known[i].name;
	}
	return NULL;
}

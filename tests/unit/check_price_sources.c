/* Linked data of pages: JSON-LD, microdata, RDFa and their old forms, rule by rule. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "price/extract.h"
#include "price/page_url.h"
#include "unit.h"

#define LD(json) "<script type='application/ld+json'>" json "</script>"
#define PRODUCT(offers) "{\"@type\":\"Product\",\"name\":\"Thing\",\"offers\":" offers "}"
#define P(more, offers) "{\"@type\":\"Product\"," more ",\"offers\":" offers "}"
#define URL "https://www.shop.example/p/red-kettle?c=1"
#define PRODUCT_SCOPE "<div itemscope itemtype='https://schema.org/Product'>"
#define CARD(name, price) PRODUCT_SCOPE "<b itemprop=name>" name "</b>" OFFER_SCOPE "<b itemprop=price>" price "</b></div></div>"
#define OFFER_SCOPE "<div itemprop=offers itemscope itemtype='http://schema.org/Offer'>"

/* What a page offers: NULL amount: none, for this reason; NULL currency: not looked at. */
static const struct {
	const char *rule, *html, *amount, *currency, *max, *list;
	enum availability availability;
	enum reason_none none;
	unsigned flags, warnings;
} pages[] = {
	{ .rule = "P22: blanks and names of all cases",
	    .html = LD("\n\t{\"@TYPE\":\"product\",\"OFFERS\":{\"PRICE\":\"5\"}}"),
	    .amount = "5" },
	{ .rule = "P22: names with schema.org in front",
	    .html = LD("{\"@type\":\"http://schema.org/Product\","
		"\"http://schema.org/offers\":{\"schema:price\":\"5\",\"https://schema.org/priceCurrency\":\"EUR\"}}"),
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P22: entities stay",
	    .html = LD(P("\"name\":\"a &quot; b\"", "{\"price\":5}")),
	    .amount = "5" },
	{ .rule = "P22: comment wrapper",
	    .html = LD("<!--\n" PRODUCT("{\"price\":5}") "\n-->"),
	    .amount = "5" },
	{ .rule = "P22: CDATA in comments",
	    .html = LD("/* <![CDATA[ */" PRODUCT("{\"price\":5}") "/* ]]> */"),
	    .amount = "5" },
	{ .rule = "P22: comments with quotes and slashes outside of strings",
	    .html = LD("{ // don't \"quote\n \"@type\":\"Product\",/* \" */\"url\":\"http://a//b\",\"offers\":{\"price\":5,},}"),
	    .amount = "5" },
	{ .rule = "P22: a comma before the brackets that are missing",
	    .html = LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"5\","),
	    .amount = "5" },
	{ .rule = "P22: cut in a string",
	    .html = LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"5\",\"a\":\"b"),
	    .amount = "5" },
	{ .rule = "P22: a list that was never closed",
	    .html = LD("{\"@type\":\"Product\",\"image\":[\"a\",\"b\",\"offers\":{\"price\":5}}"),
	    .warnings = WARN_BAD_JSON },
	{ .rule = "P22: blocks glued together",
	    .html = LD("{\"@type\":\"WebSite\"}\n" PRODUCT("{\"price\":5}")),
	    .amount = "5" },
	{ .rule = "P22: everything at once",
	    .html = LD("<!-- {\"@type\":\"Product\", // x\n\"name\":\"a\tb\nc\",\"offers\":{\"price\":\"5\",}; -->"),
	    .amount = "5" },
	/* P23 */
	{ .rule = "P23: by its address, whatever stands first",
	    .html = LD("[" P("\"url\":\"https://shop.example/p/blue\"", "{\"price\":1}") ","
		P("\"url\":\"http://shop.example/p/red-kettle/?c=1#x\"", "{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: by @id with a fragment",
	    .html = LD("[" PRODUCT("{\"price\":1}") ","
		P("\"@id\":\"https://www.shop.example/p/red-kettle?c=1#product\"", "{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: by a relative address",
	    .html = LD("[" PRODUCT("{\"price\":1}") "," P("\"url\":\"/p/red-kettle\"", "{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: by the canonical link",
	    .html = "<link rel=canonical href='https://shop.example/kettles/17'>"
		LD("[" PRODUCT("{\"price\":1}") "," P("\"url\":\"https://shop.example/kettles/17\"", "{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: by its sku",
	    .html = "<link rel=canonical href='https://shop.example/i/AB-17'>"
		LD("[" P("\"sku\":\"AB-1\"", "{\"price\":1}") "," P("\"sku\":\"ab-17\"", "{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: mainEntity of the page",
	    .html = LD("{\"@graph\":[" PRODUCT("{\"price\":1}") ","
		P("\"@id\":\"#m\"", "{\"price\":2}") ",{\"@type\":\"ItemPage\",\"mainEntity\":{\"@id\":\"#m\"}}]}"),
	    .amount = "2" },
	{ .rule = "P23: in place",
	    .html = LD("[" PRODUCT("{\"price\":1}") ",{\"@type\":\"WebPage\",\"mainEntity\":" PRODUCT("{\"price\":2}") "}]"),
	    .amount = "2" },
	{ .rule = "P23: typed before any node with offers",
	    .html = LD("[{\"@type\":\"Event\",\"offers\":{\"price\":1}}," PRODUCT("{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: any node with offers",
	    .html = LD("{\"@type\":\"Event\",\"offers\":{\"price\":1}}"),
	    .amount = "1" },
	{ .rule = "P23: not in a review",
	    .html = LD("[{\"@type\":\"Article\",\"review\":" PRODUCT("{\"price\":1}") "}," PRODUCT("{\"price\":2}") "]"),
	    .amount = "2" },
	{ .rule = "P23: not what is similar",
	    .html = LD("{\"@type\":\"Product\",\"isSimilarTo\":[" PRODUCT("{\"price\":1}")
		"],\"isAccessoryOrSparePartFor\":" PRODUCT("{\"price\":1}") ",\"offers\":{\"price\":2}}"),
	    .amount = "2" },
	{ .rule = "P23: a list only",
	    .html = LD("{\"@type\":\"ItemList\",\"itemListElement\":[{\"@type\":\"ListItem\",\"item\":"
		PRODUCT("{\"price\":1}") "},{\"@type\":\"ListItem\",\"item\":" PRODUCT("{\"price\":2}") "}]}"),
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P23: a list in microdata",
	    .html = "<div itemscope itemtype=http://schema.org/ItemList>"
		"<div itemprop=itemListElement itemscope itemtype=http://schema.org/Product><b itemprop=price>5 EUR</b></div>"
		"<div itemprop=itemListElement itemscope itemtype=http://schema.org/Product>" OFFER_SCOPE
		"<b itemprop=price>6 EUR</b></div></div></div>",
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P23: things that all have pages of their own",
	    .html = LD("[" P("\"url\":\"/p/a1\"", "{\"price\":1}") ","
		P("\"url\":\"/p/b2\"", "{\"price\":2}") "," P("\"url\":\"/p/c3\"", "{\"price\":3}") "]"),
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P23: many things side by side, of which the heading names none",
	    .html = "<H1>Desk</H1 >" CARD("Lamp 0", "5") CARD("Lamp 1", "6") CARD("Lamp 2", "7") CARD("Pad", "8"),
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P23: but it names one of them",
	    .html = "<h1>Lamp 0 in <b>blue</b></h1>" CARD("Lamp 0", "5") CARD("Cup", "6") CARD("Pot", "7") CARD("Pad", "8"),
	    .amount = "5" },
	{ .rule = "P23: all of them are its variants",
	    .html = "<h1>Lamps</h1>" CARD("Lamp 0", "5") CARD("Lamp 1", "6") CARD("Lamp 2", "7") CARD("Lamp 3", "8"),
	    .amount = "5" },
	{ .rule = "P23: the heading is the shop's, and the page's title names it",
	    .html = "<title>Desk | The Shop</title><h1>The Shop</h1>" CARD("Desk", "5") CARD("Lamp 1", "6") CARD("Lamp 2", "7")
		CARD("Lamp 3", "8") CARD("Lamp 4", "9"),
	    .amount = "5" },
	{ .rule = "P23: one says more than the others, which are beside it",
	    .html = "<h1>The Shop</h1>" LD("[" P("\"name\":\"Desk\",\"description\":\"of oak\"", "{\"price\":5}") ","
		P("\"name\":\"Lamp\"", "{\"price\":6}") "," P("\"name\":\"Pot\"", "{\"price\":7}") ","
		P("\"name\":\"Cup\"", "{\"price\":8}") "]"),
	    .amount = "5" },
	{ .rule = "P23: nobody knows what the page is of",
	    .html = CARD("Lamp 0", "5") CARD("Lamp 1", "6") CARD("Lamp 2", "7") CARD("Pad", "8"),
	    .amount = "5" },
	{ .rule = "P23: a product in two blocks",
	    .html = LD("{\"@type\":\"Product\",\"name\":\"K\",\"aggregateRating\":{}}")
		LD(P("\"name\":\"K\"", "{\"price\":2}")),
	    .amount = "2" },
	/* P24 */
	{ .rule = "P24: a specification that is one object",
	    .html = LD(PRODUCT("{\"priceSpecification\":{\"price\":\"5\",\"priceCurrency\":\"EUR\"}}")),
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P24: each kind of list price",
	    .html = LD(PRODUCT("{\"price\":20,\"priceSpecification\":["
		"{\"price\":30,\"priceType\":\"https://schema.org/StrikethroughPrice\"},{\"price\":25}]}")),
	    .amount = "20", .list = "30" },
	{ .rule = "P24: SRP",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"price\":30,\"priceType\":\"SRP\"},{\"price\":25}]}")),
	    .amount = "25", .list = "30" },
	{ .rule = "P24: per unit, for members, for ten, and over",
	    .html = LD(PRODUCT("{\"priceSpecification\":["
		"{\"price\":1,\"referenceQuantity\":{\"value\":1,\"unitCode\":\"KGM\"}},"
		"{\"price\":2,\"validForMemberTier\":{\"@id\":\"#gold\"}},"
		"{\"price\":3,\"eligibleQuantity\":{\"minValue\":\"10\"}},"
		"{\"price\":3.5,\"validThrough\":\"2020-01-01T00:00\"},"
		"{\"@type\":\"DeliveryChargeSpecification\",\"price\":4},{\"price\":5}]}")),
	    .amount = "5" },
	{ .rule = "P24: nothing but for members",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"price\":2,\"validForMemberTier\":{}}]}")) },
	{ .rule = "P24: minPrice",
	    .html = LD(PRODUCT("{\"priceSpecification\":{\"minPrice\":2,\"maxPrice\":3}}")),
	    .amount = "2", .max = "3", .flags = MONEY_RANGE },
	{ .rule = "P24: aggregate with both ends",
	    .html = LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":\"10.50\",\"highPrice\":\"20\","
		"\"priceCurrency\":\"EUR\"}")),
	    .amount = "10.50", .currency = "EUR", .max = "20", .flags = MONEY_RANGE },
	{ .rule = "P24: aggregate of one price",
	    .html = LD(PRODUCT("{\"lowPrice\":10,\"highPrice\":10}")),
	    .amount = "10" },
	{ .rule = "P24: nested offers have their currency from around",
	    .html = LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":9,"
		"\"priceCurrency\":\"EUR\",\"offers\":[{\"price\":9},{\"price\":11}]}")),
	    .amount = "9", .currency = "EUR", .max = "11", .flags = MONEY_VARIANTS },
	{ .rule = "P24: a check that fails",
	    .html = LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":8,\"offers\":[{\"price\":9}]}")),
	    .amount = "9", .warnings = WARN_SOURCE_CONFLICT },
	{ .rule = "P24: nested offers without prices",
	    .html = LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":8,\"offers\":[{\"url\":\"x\"}]}")),
	    .amount = "8" },
	{ .rule = "P24: in stock before out of stock, and both ends",
	    .html = LD(PRODUCT("[{\"price\":1,\"availability\":\"OutOfStock\"},"
		"{\"price\":3,\"availability\":\"InStock\"},{\"price\":2,\"availability\":\"InStock\"}]")),
	    .amount = "2", .max = "3", .availability = AVAILABILITY_IN_STOCK, .flags = MONEY_VARIANTS },
	{ .rule = "P24: new before refurbished, of any case",
	    .html = LD(PRODUCT("[{\"price\":1,\"itemCondition\":\"http://schema.org/refurbishedcondition\"},"
		"{\"price\":2,\"itemCondition\":\"http://schema.org/NewCondition\"}]")),
	    .amount = "2", .flags = MONEY_VARIANTS },
	{ .rule = "P24: valid on its last day",
	    .html = LD(PRODUCT("[{\"price\":1,\"priceValidUntil\":\"2026-11-22\"},{\"price\":2}]")),
	    .amount = "1", .max = "2", .flags = MONEY_VARIANTS },
	{ .rule = "P24: an expired one is better than none",
	    .html = LD(PRODUCT("{\"price\":1,\"priceValidUntil\":\"2020-01-01\"}")),
	    .amount = "1" },
	{ .rule = "P24: offers that look at each other",
	    .html = LD("{\"@graph\":[{\"@type\":\"Product\",\"offers\":{\"@id\":\"#a\"}},"
		"{\"@id\":\"#a\",\"@type\":\"AggregateOffer\",\"offers\":{\"@id\":\"#b\"}},"
		"{\"@id\":\"#b\",\"@type\":\"AggregateOffer\",\"lowPrice\":4,\"offers\":{\"@id\":\"#a\"}}]}"),
	    .amount = "4" },
	{ .rule = "P24: an offer beside its product",
	    .html = LD("[{\"@type\":\"Product\",\"@id\":\"#p\",\"name\":\"K\"},"
		"{\"@type\":\"Offer\",\"price\":4,\"itemOffered\":{\"@id\":\"#p\"}}]"),
	    .amount = "4" },
	{ .rule = "P24: variants as if they were offers",
	    .html = LD("{\"@type\":\"ProductGroup\",\"hasVariant\":["
		P("\"sku\":\"a\"", "{\"price\":6,\"availability\":\"InStock\"}") ","
		P("\"sku\":\"b\"", "{\"price\":5,\"availability\":\"OutOfStock\"}") "]}"),
	    .amount = "6", .availability = AVAILABILITY_IN_STOCK, .flags = MONEY_VARIANTS },
	{ .rule = "P24: the variant of this address",
	    .html = LD("{\"@type\":\"ProductGroup\",\"url\":\"/p/red-kettle\",\"hasVariant\":["
		P("\"url\":\"/p/red-kettle?c=2\"", "{\"price\":5}") "," P("\"url\":\"/p/red-kettle?c=1\"", "{\"price\":6}") "]}"),
	    .amount = "6" },
	{ .rule = "P24: variants by reference",
	    .html = LD("{\"@graph\":[{\"@type\":\"ProductGroup\",\"hasVariant\":[{\"@id\":\"#v\"}]},"
		P("\"@id\":\"#v\"", "{\"price\":7}") "]}"),
	    .amount = "7" },
	{ .rule = "P24: those that point at their group",
	    .html = LD("{\"@graph\":[{\"@type\":\"ProductGroup\",\"url\":\"/p/red-kettle\",\"@id\":\"#g\"},"
		"{\"@type\":\"Product\",\"isVariantOf\":{\"@id\":\"#g\"},\"offers\":{\"price\":7}}]}"),
	    .amount = "7" },
	{ .rule = "P24: shipping is no offer",
	    .html = LD(PRODUCT("[{\"@type\":\"OfferShippingDetails\",\"price\":1,\"shippingRate\":{\"value\":1}},"
		"{\"@type\":\"Offer\",\"price\":5,\"shippingDetails\":{\"@type\":\"OfferShippingDetails\",\"shippingRate\":"
		"{\"@type\":\"MonetaryAmount\",\"value\":\"4.90\",\"currency\":\"EUR\"}}},{\"@type\":\"WarrantyPromise\",\"price\":2}]")),
	    .amount = "5" },
	{ .rule = "P24: shipping with a price alone",
	    .html = LD(PRODUCT("{\"@type\":\"OfferShippingDetails\",\"price\":1}")) },
	/* P25, P31 */
	{ .rule = "P25: an amount of money",
	    .html = LD(PRODUCT("{\"price\":{\"@type\":\"MonetaryAmount\",\"value\":\"4.90\",\"currency\":\"EUR\"}}")),
	    .amount = "4.90", .currency = "EUR" },
	{ .rule = "P25: the first of a list that is one",
	    .html = LD(PRODUCT("{\"price\":[\"\",null,\"-\",\"5.5\"]}")),
	    .amount = "5.5" },
	{ .rule = "P25: a dash",
	    .html = LD(PRODUCT("{\"price\":\"-\"}")) },
	{ .rule = "P25: zero is unknown, the specification is not",
	    .html = LD(PRODUCT("{\"price\":\"0\",\"priceSpecification\":{\"price\":\"5\"}}")),
	    .amount = "5" },
	{ .rule = "P25: exponents",
	    .html = LD(PRODUCT("{\"price\":1.5E3}")),
	    .amount = "1500" },
	{ .rule = "P25: exponents that do not fit",
	    .html = LD(PRODUCT("{\"price\":1e40}")),
	    .none = NONE_TOO_MANY_DIGITS },
	{ .rule = "P31: a zero in stock that nobody allows",
	    .html = LD(PRODUCT("{\"price\":0,\"availability\":\"InStock\"}")),
	    .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P30: out of stock keeps the price",
	    .html = LD(PRODUCT("{\"price\":5,\"availability\":\"SoldOut\"}")),
	    .amount = "5", .availability = AVAILABILITY_OUT_OF_STOCK },
	/* P26 */
	{ .rule = "P26: content on any element, before its text",
	    .html = PRODUCT_SCOPE OFFER_SCOPE
		"<span itemprop=price content='5.10'>from 6</span><i itemprop=priceCurrency content=EUR>x</i></div></div>",
	    .amount = "5.10", .currency = "EUR" },
	{ .rule = "P26: a price that the product has itself",
	    .html = PRODUCT_SCOPE "<b itemprop=price>5 EUR</b></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P26: meter",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<meter itemprop=price value=5.5>x</meter></div></div>",
	    .amount = "5.5" },
	{ .rule = "P26: the nearest scope owns it",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<b itemprop=price content=5></b>"
		"<span itemprop=seller itemscope itemtype=http://schema.org/Organization><b itemprop=price content=1></b></span>"
		"</div></div>",
	    .amount = "5" },
	{ .rule = "P26: itemref",
	    .html = PRODUCT_SCOPE "<div itemprop=offers itemscope itemtype=http://schema.org/Offer itemref='a b'></div></div>"
		"<p id=a><b itemprop=price>5</b></p><p id=b itemprop=priceCurrency>EUR</p>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P26: itemref of an item, before it",
	    .html = "<div id=o>" OFFER_SCOPE "<b itemprop=price content=5></b></div></div>"
		"<div itemscope itemtype=http://schema.org/Product itemref=o></div>",
	    .amount = "5" },
	{ .rule = "P26: itemref of what stands before all items",
	    .html = "<p id=a><b itemprop=price content=5></b></p><b itemprop=price content=7></b>" PRODUCT_SCOPE
		"<div itemprop=offers itemscope itemtype=http://schema.org/Offer itemref=a></div></div>",
	    .amount = "5" },
	{ .rule = "P26: itemref in a circle",
	    .html = "<div id=a itemscope itemtype=http://schema.org/Product itemref=b itemprop=offers>"
		"<b itemprop=price content=5></b></div><div id=b itemprop=offers itemscope itemtype=http://schema.org/Offer itemref=a></div>",
	    .amount = "5" },
	{ .rule = "P26: a specification inside",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<div itemprop=priceSpecification itemscope "
		"itemtype=http://schema.org/UnitPriceSpecification><meta itemprop=price content=5><meta itemprop=priceCurrency "
		"content=EUR></div></div></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P26: several offers",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<meta itemprop=price content=7></div>" OFFER_SCOPE
		"<meta itemprop=price content=5></div></div>",
	    .amount = "5", .max = "7", .flags = MONEY_VARIANTS },
	{ .rule = "P26: aggregate",
	    .html = PRODUCT_SCOPE "<div itemprop=offers itemscope itemtype=http://schema.org/AggregateOffer>"
		"<b itemprop=lowPrice>5 EUR</b><b itemprop=highPrice>7 EUR</b></div></div>",
	    .amount = "5", .currency = "EUR", .max = "7", .flags = MONEY_RANGE },
	{ .rule = "P26: the same amount twice is one",
	    .html = "<b itemprop=price>5 EUR</b><b itemprop=price>5,00 EUR</b>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P26: a sign in the place of a code",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<b itemprop=priceCurrency>\xe2\x82\xac</b>"
		"<b itemprop=price>5,10</b></div></div>",
	    .amount = "5.10", .currency = "EUR" },
	{ .rule = "P26: availability as link, meta and text",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<b itemprop=price>5</b>"
		"<a itemprop=availability href=http://schema.org/PreOrder>soon</a></div></div>",
	    .amount = "5", .availability = AVAILABILITY_PREORDER },
	/* P27 */
	{ .rule = "P27: text in order, blanks collapsed",
	    .html = PRODUCT_SCOPE OFFER_SCOPE
		"<span itemprop=price>\n <b>1</b>.<i>299</i>,<sup>50</sup>\n EUR </span></div></div>",
	    .amount = "1299.50", .currency = "EUR" },
	{ .rule = "P27: cents of a class",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<span itemprop=price>\xe2\x82\xac" "24<span class='price__cents'>99</span></span>"
		"</div></div>",
	    .amount = "24.99", .currency = "EUR" },
	{ .rule = "P27: cents behind the sign",
	    .html = PRODUCT_SCOPE OFFER_SCOPE "<span itemprop=price>24\xe2\x82\xac<sup> 99 </sup></span></div></div>",
	    .amount = "24.99", .currency = "EUR" },
	{ .rule = "P27: a hidden duplicate",
	    .html = "<span property='v:price'><span aria-hidden=true>24<sup>99</sup></span>"
		"<span class=x>24.99 EUR</span></span>",
	    .amount = "24.99", .currency = "EUR" },
	{ .rule = "P27: a duplicate with display:none",
	    .html = "<b itemprop=price>24.99<i style='color:red; display : none'>24.99</i> EUR</b>",
	    .amount = "24.99", .currency = "EUR" },
	{ .rule = "P27: hidden, but the only one",
	    .html = "<b itemprop=price><i aria-hidden=true>24.99 EUR</i></b>",
	    .amount = "24.99", .currency = "EUR" },
	{ .rule = "P27: RDFa with a prefix",
	    .html = "<div prefix='s: http://schema.org/ og: http://ogp.me/ns#' typeof=s:Product>"
		"<div property=s:offers typeof=s:Offer><b property=s:price content=5></b><b property=s:priceCurrency>EUR</b>"
		"<link property=s:availability href=http://schema.org/InStock></div></div>",
	    .amount = "5", .currency = "EUR", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P27: RDFa with full names",
	    .html = "<div typeof='http://schema.org/Product'><div property='http://schema.org/offers' "
		"typeof='http://schema.org/Offer'><b property='http://schema.org/price'>5 EUR</b></div></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P27: RDFa by resource",
	    .html = "<div vocab=http://schema.org/><div typeof=Product><link property=offers href='#o'></div>"
		"<div typeof=Offer resource='#o'><b property=price content=5></b></div></div>",
	    .amount = "5" },
	{ .rule = "P27: other vocabularies are not read",
	    .html = "<div prefix='dc: http://purl.org/dc/'><b property=dc:price content=5></b></div>" },
	{ .rule = "P27: v: by another prefix",
	    .html = "<div xmlns:d='http://rdf.data-vocabulary.org/#'><b property=d:price>5</b>"
		"<b property='d:currency'>EUR</b></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P27: v: by vocab",
	    .html = "<div vocab='http://rdf.data-vocabulary.org/#'><b property=price>5 EUR</b></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P27: v: with types",
	    .html = "<div xmlns:v='http://rdf.data-vocabulary.org/#' typeof='v:Product'><b property='v:name'>K</b>"
		"<div rel='v:offerDetails'><div typeof='v:Offer'><b property='v:price'>5</b><b property='v:currency' content=EUR></b>"
		"<b property='v:availability' content=in_stock></b></div></div></div>",
	    .amount = "5", .currency = "EUR", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P27: v: in meta elements alone",
	    .html = "<meta property='v:price' content='24.99'><meta property='v:currency' content=GBP>",
	    .amount = "24.99", .currency = "GBP" },
	{ .rule = "P27: data-vocabulary.org as microdata",
	    .html = "<div itemscope itemtype='http://data-vocabulary.org/Product'>"
		"<div itemprop=offerDetails itemscope itemtype='http://data-vocabulary.org/Offer'><b itemprop=price>5</b>"
		"<meta itemprop=currency content=EUR></div></div>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P27: GoodRelations",
	    .html = "<div typeof='gr:Offering'><b property='gr:name'>K</b><div rel='gr:hasPriceSpecification'>"
		"<div typeof='gr:UnitPriceSpecification'><b property='gr:hasCurrencyValue' content='5.25'></b>"
		"<b property='gr:hasCurrency' content=EUR></b></div></div></div>",
	    .amount = "5.25", .currency = "EUR" },
	/* P30: a term as JSON-LD may write it */
	{ .rule = "P30: availability by reference",
	    .html = LD(PRODUCT("{\"price\":5,\"availability\":{\"@id\":\"http://schema.org/PreOrder\"}}")),
	    .amount = "5", .availability = AVAILABILITY_PREORDER },
	{ .rule = "P30: availability as a value, in a list",
	    .html = LD(PRODUCT("{\"price\":5,\"availability\":[{\"@value\":\"BackOrder\"}]}")),
	    .amount = "5", .availability = AVAILABILITY_BACKORDER },
	{ .rule = "P30: availability by reference, of the aggregate around it",
	    .html = LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"availability\":[{\"@id\":\"schema:OutOfStock\"}],\"offers\":[{\"price\":5}]}")),
	    .amount = "5", .availability = AVAILABILITY_OUT_OF_STOCK },
	{ .rule = "P24: a condition by reference",
	    .html = LD(PRODUCT("[{\"price\":4,\"itemCondition\":{\"@id\":\"https://schema.org/UsedCondition\"}},{\"price\":5}]")),
	    .amount = "5", .flags = MONEY_VARIANTS },
	{ .rule = "P24: a list price by reference",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"price\":9,\"priceType\":{\"@id\":\"https://schema.org/ListPrice\"}},{\"price\":5}]}")),
	    .amount = "5", .list = "9" },
	{ .rule = "P17: a currency by reference, in a list",
	    .html = LD(PRODUCT("{\"price\":5,\"priceCurrency\":[{\"@id\":\"EUR\"}]}")),
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P17: a currency as a value",
	    .html = LD(PRODUCT("{\"price\":5,\"priceCurrency\":{\"@value\":\"EUR\"}}")),
	    .amount = "5", .currency = "EUR" },
	/* P28 */
	{ .rule = "P28: each amount and its own currency",
	    .html = "<meta property=og:price:amount content=5><meta property=og:price:currency content=EUR>"
		"<meta property=product:price:currency content=USD>",
	    .amount = "5", .currency = "EUR" },
	{ .rule = "P28: a sale, and what it was",
	    .html = "<meta property=product:original_price:amount content=9><meta "
		"property=product:sale_price:amount content=5><meta property=product:sale_price:currency content=EUR>",
	    .amount = "5", .currency = "EUR", .list = "9" },
	{ .rule = "P28: the plain price beside a sale is what it was",
	    .html = "<meta property=product:price:amount content=9><meta "
		"property=product:sale_price:amount content=5>",
	    .amount = "5", .list = "9" },
	{ .rule = "P28: a sale that is over",
	    .html = "<meta property=product:price:amount content=9><meta property=product:sale_price:amount content=5>"
		"<meta property=product:sale_price_dates:end content=2020-01-01T00:00>",
	    .amount = "9" },
	{ .rule = "P28: an original price alone is the price",
	    .html = "<meta property=product:original_price:amount content=9>"
		    "<meta property=product:original_price:currency content=EUR>",
	    .amount = "9", .currency = "EUR" },
	{ .rule = "P28: blank is empty",
	    .html = "<meta property=product:price:amount content=' '><meta property=product:price:amount content=5>",
	    .amount = "5" },
	{ .rule = "P28: name, and a property of something else",
	    .html = "<meta property=x name=product:price:amount content=5>",
	    .amount = "5" },
	{ .rule = "P28: twitter in other words",
	    .html = "<meta name=twitter:label1 content=Verf&uuml;gbarkeit><meta name=twitter:data1 content='Auf Lager'>"
		"<meta name=twitter:label2 content=PREIS><meta name=twitter:data2 content='5,10 EUR'>",
	    .amount = "5.10", .currency = "EUR", .availability = AVAILABILITY_IN_STOCK },
	/* P20, P45 */
	{ .rule = "P20: a later source fills what is absent",
	    .html = LD(PRODUCT("{\"price\":5}")) "<meta property=og:price:amount content=5.00>"
		"<meta property=og:price:currency content=EUR><meta property=og:availability content=instock>",
	    .amount = "5", .currency = "EUR", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P20: and settles a sign",
	    .html = LD(PRODUCT("{\"price\":\"$5\"}")) "<meta property=og:price:amount content=5.00>"
		"<meta property=og:price:currency content=CAD>",
	    .amount = "5", .currency = "CAD" },
	{ .rule = "P45: a variant's price is no other price",
	    .html = LD(PRODUCT("[{\"price\":5},{\"price\":9}]"))
		"<meta property=og:price:amount content=9>",
	    .amount = "5", .max = "9", .flags = MONEY_VARIANTS },
	{ .rule = "P45: of another thing",
	    .html = LD(PRODUCT("{\"price\":5}")) "<div itemscope itemtype=http://schema.org/Product><b itemprop=name>Lid</b>"
		"<b itemprop=price content=9></b></div>",
	    .amount = "5" },
	{ .rule = "P45: written differently",
	    .html = LD(PRODUCT("{\"price\":\"1299\"}")) "<meta property=og:price:amount content='1.299,00 EUR'>",
	    .amount = "1299" },
};

START_TEST(offer_of_page)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html), .url = URL, .today = "2026-11-22",
		.sources = ~(unsigned)PAGE_SOURCE(METHOD_HEURISTIC) };
	enum reason_none none = pages[_i].amount == NULL && pages[_i].none == NONE_PRICE_FOUND ? NONE_NO_MATCH : pages[_i].none;
	const char *name = pages[_i].rule;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_msg(o.money.has_amount == (pages[_i].amount != NULL), "%s: amount %d", name, o.money.has_amount);
	ck_assert_msg(o.none == none, "%s: %s", name, reason_none_text(o.none));
	ck_assert_msg(o.warnings == pages[_i].warnings, "%s: warnings %x", name, o.warnings);
	ck_assert_msg(o.availability == pages[_i].availability, "%s: %s", name, availability_text(o.availability));
	if (pages[_i].amount == NULL)
		return;
	ck_assert_msg(strcmp(amount_text(&o.money.amount, 0, text), pages[_i].amount) == 0, "%s: %s", name, text);
	if (pages[_i].currency != NULL)
		ck_assert_msg(o.money.currency != NULL && strcmp(o.money.currency->code, pages[_i].currency) == 0, "%s: %s", name,
		    o.money.currency != NULL ? o.money.currency->code : "no currency");
	ck_assert_msg(o.money.flags == pages[_i].flags, "%s: flags %x", name, o.money.flags);
	ck_assert_msg(o.money.has_max == (pages[_i].max != NULL), "%s: max", name);
	if (pages[_i].max != NULL)
		ck_assert_str_eq(amount_text(&o.money.max, 0, text), pages[_i].max);
	ck_assert_msg(o.money.has_list_price == (pages[_i].list != NULL), "%s: list price", name);
	if (pages[_i].list != NULL)
		ck_assert_str_eq(amount_text(&o.money.list_price, 0, text), pages[_i].list);
}
END_TEST

/* P31: a target may allow zero, for what is in stock. */
START_TEST(p31_zero_allowed)
{
	static const char in[] = LD(PRODUCT("{\"price\":0,\"availability\":\"InStock\"}"));
	static const char out[] = LD(PRODUCT("{\"price\":0,\"availability\":\"SoldOut\"}"));
	struct offer o;

	extract_page(&(struct page){ .body = in, .len = sizeof(in) - 1, .allow_zero = true }, NULL, &o);
	ck_assert(o.method == METHOD_JSON_LD && o.money.has_amount && o.money.amount.coef == 0);
	extract_page(&(struct page){ .body = out, .len = sizeof(out) - 1, .allow_zero = true }, NULL, &o);
	ck_assert_int_eq(o.method, METHOD_NONE);
}
END_TEST

/* P45: the warning comes with both amounts. */
START_TEST(p45_both_amounts)
{
	static const char html[] = LD(PRODUCT("{\"price\":5}")) "<meta property=og:price:amount content=7>";
	struct offer o;

	extract_page(&(struct page){ .body = html, .len = sizeof(html) - 1 }, NULL, &o);
	ck_assert_uint_eq(o.warnings, WARN_SOURCE_CONFLICT);
	ck_assert(o.has_other && o.other.coef == 7 && o.other_method == METHOD_OPENGRAPH);
}
END_TEST

/* P23: which addresses are the same. */
static const struct {
	const char *page, *url;
	enum url_match match;
} urls[] = {
	{ "https://www.a.example/p/x/?q=1#f", "http://a.example/p/x?q=1", URL_EXACT },
	{ "https://a.example/p/x?q=1", "https://a.example/p/x?q=2", URL_PATH },
	{ "https://a.example/p/x?q=1&utm_source=m&c=2", "https://a.example/p/x?c=2&q=1", URL_EXACT },
	{ "https://a.example/p/x?q=1", "https://a.example/p/x?q=1&c=2", URL_PATH },
	{ "https://a.example/p/x?q=12", "https://a.example/p/x?q=1", URL_PATH },
	{ "https://a.example/p/x?utm_source=m", "https://a.example/p/x", URL_PATH },
	{ "https://a.example/p/x", "//a.example/p/x", URL_EXACT },
	{ "https://a.example/p/x", "/p/x", URL_EXACT },
	{ "https://a.example/p/x", "x", URL_EXACT },
	{ "https://a.example/p/x", "https://b.example/p/x", URL_OTHER },
	{ "https://a.example/p/x", "https://a.example/p/y", URL_OTHER },
	{ "https://a.example/c/red-shoe", "https://a.example/red-shoe", URL_NAME },
	{ "https://a.example/p/caf%C3%A9", "https://a.example/p/caf\xc3\xa9", URL_EXACT },
	{ "https://A.example:443/p/x", "https://a.example/p/x", URL_EXACT },
	{ "https://a.example/p/x", "#product", URL_OTHER },
	{ "https://a.example/p/x", "", URL_OTHER },
	{ NULL, "https://a.example/p/x", URL_OTHER },
};

START_TEST(p23_addresses)
{
	ck_assert_msg(url_match(urls[_i].page, urls[_i].url, strlen(urls[_i].url)) == urls[_i].match, "%s %s",
	    urls[_i].page != NULL ? urls[_i].page : "", urls[_i].url);
}
END_TEST

/* P16: the country of an address. */
START_TEST(p16_country)
{
	static const struct {
		const char *url, *country, *language;
	} rows[] = { { "https://shop.de/", "DE", NULL }, { "https://shop.co.uk/x", "GB", NULL },
		{ "https://shop.com/de-ch/x", "CH", "de" }, { "https://shop.com/en_AU", "AU", "en" }, { "https://shop.io/", NULL, NULL },
		{ "https://shop.com/", NULL, NULL }, { "https://shop.de:8080/", "DE", NULL }, { "http://[::1]/", NULL, NULL } };
	char text[3];

	ck_assert(url_country(rows[_i].url, text) == (rows[_i].country != NULL));
	if (rows[_i].country != NULL)
		ck_assert_str_eq(text, rows[_i].country);
	ck_assert(url_language(rows[_i].url, text) == (rows[_i].language != NULL));
	if (rows[_i].language != NULL)
		ck_assert_str_eq(text, rows[_i].language);
}
END_TEST

/* P16: language first, then who has a country to add. */
START_TEST(p16_of_the_page)
{
	static const struct {
		const char *html, *url, *currency;
	} rows[] = {
		{ "<html lang=en-CA><b itemprop=price>$5</b>", "https://shop.com.au/", "CAD" },
		{ "<html lang=en><b itemprop=price>$5</b>", "https://shop.com.au/", "AUD" },
		{ "<b itemprop=price>$5</b>", "https://shop.example/en-nz/x", "NZD" },
		{ "<meta http-equiv=Content-Language content='en-US'><b itemprop=price>$5</b>", "https://shop.example/", "USD" },
		{ "<html lang=en><b itemprop=price>$5</b>", "https://shop.com/", NULL },
	};
	struct offer o;

	extract_page(&(struct page){ .body = rows[_i].html, .len = strlen(rows[_i].html), .url = rows[_i].url }, NULL, &o);
	ck_assert(o.money.has_amount);
	if (rows[_i].currency == NULL)
		ck_assert_ptr_null(o.money.currency);
	else
		ck_assert_msg(o.money.currency != NULL && strcmp(o.money.currency->code, rows[_i].currency) == 0, "%s", rows[_i].url);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price sources");
	TCase *t = tcase_create("sources");

	tcase_add_loop_test(t, offer_of_page, 0, ARRAY_LEN(pages));
	tcase_add_loop_test(t, p23_addresses, 0, ARRAY_LEN(urls));
	tcase_add_loop_test(t, p16_country, 0, 8);
	tcase_add_loop_test(t, p16_of_the_page, 0, 5);
	tcase_add_test(t, p31_zero_allowed);
	tcase_add_test(t, p45_both_amounts);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

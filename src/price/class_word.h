/*
 * What the id, class and data-* of an element say of it (P29): their words,
 * apart by blanks, and the parts of these (product-price, productPrice).
 */
#ifndef TRAPEXIT_PRICE_CLASS_WORD_H
#define TRAPEXIT_PRICE_CLASS_WORD_H

#include "price/markup.h"

enum {
	CLASS_PRICE = 1 << 0,  /* price, prix, preis, precio, cena, prezzo … */
	CLASS_OLD = 1 << 1,    /* old, was, list, rrp, strike, del … */
	CLASS_ASIDE = 1 << 2,  /* related things, cart, footer */
	CLASS_HEADER = 1 << 3, /* header, navigation, sidebar: the page's, unless its heading is inside */
	CLASS_LISTED = 1 << 4, /* one of many products */
	CLASS_STOCK = 1 << 5,
	CLASS_BUY = 1 << 6,
	CLASS_SIDE = 1 << 7,   /* an amount beside the price: shipping, unit, instalment */
	CLASS_NOW = 1 << 8,    /* current, sale, special, final */
	CLASS_LARGE = 1 << 9,
	CLASS_LOGO = 1 << 10,
	CLASS_DATA_PRICE = 1 << 11, /* an attribute data-…price has a value */
	CLASS_HIDDEN = 1 << 12,	    /* said by a word: hidden, d-none, visually-hidden */
	CLASS_BUTTON = 1 << 13,
	CLASS_VARIANT = 1 << 14, /* size, colour: one of the variants */
	CLASS_PRICE_TOKEN = 1 << 15, /* with CLASS_PRICE: by a word of its own, not inside of a longer one */
};

/* All that the attributes of a tag say; *data is the value of data-…price. */
unsigned class_of(const struct tag *tag, struct slice *data);

#endif

/*
 * Text of scripts and JSON that a regular expression has cut out of a page:
 * \u20ac12.50, 12 \u00a0kr, <b>5<\/b>. Pure.
 */
#ifndef TRAPEXIT_PRICE_UNESCAPE_H
#define TRAPEXIT_PRICE_UNESCAPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "price/markup.h"

/*
 * Append the text with its escapes decoded, \uXXXX and those of a character.
 * False, and nothing is appended, if it has neither a \uXXXX nor a \/: then a
 * backslash is one.
 */
bool unescape_put(struct buf *out, struct slice text);

#endif

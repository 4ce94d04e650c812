/*
 * Quick looks at a part of a page, to see whether people see what is stated: if
 * so, nobody needs to score what the page looks like (P45), nor to read what is
 * said of the stock (P30). They may say no where a closer look says yes.
 */
#ifndef TRAPEXIT_PRICE_SHOWN_H
#define TRAPEXIT_PRICE_SHOWN_H

#include "price/amount.h"
#include "price/availability.h"
#include "price/markup.h"

/* Does the amount stand in the text, not struck out and not called an old price? */
bool shown_amount(struct slice part, const struct amount *amount);
/* Do the few words between two tags, behind the heading (in the part; NULL: none), speak against it? */
bool shown_against(struct slice part, const char *heading, enum availability stated);

#endif

#include "price/number.h"

#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
count_digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_digit(text[n]))
		n++;
	return n;
}

/* The separator at text, its width in *width; 0 if there is none. A blank is looked at elsewhere. */
static char
separator_at(const char *text, size_t len, size_t *width)
{
	*width = 1;
	if (len > 0 && (text[0] == '.' || text[0] == ',' || text[0] == '\''))
		return text[0];
	*width = 2;
	return len > 1 && text[0] == '\xc2' && text[1] == '\xb7' ? NUMBER_MIDDLE_DOT : 0;
}

/*
 * P8: blanks group only when every group behind one has exactly three digits.
 * Returns how many groups " ddd" follow, or 0 if one of another size does.
 */
static size_t
count_blank_groups(const char *text, size_t len)
{
	size_t i = 0, groups = 0;

	while (i + 1 < len && text[i] == ' ' && is_digit(text[i + 1])) {
		size_t n = count_digits(text + i + 1, len - i - 1);

		if (n != 3)
			return 0;
		groups++;
		i += 1 + n;
	}
	return groups;
}

/* "19 ,99": elements that meet. Its width up to the digits, or 0. */
static size_t
stray_decimals(const char *text, size_t len)
{
	return len >= 4 && text[0] == ' ' && (text[1] == '.' || text[1] == ',') && count_digits(text + 2, len - 2) == 2 &&
		       (len == 4 || (text[4] != text[1] && text[4] != '.'))
		   ? 2
		   : 0;
}

static void
add_group(struct number *out, const char *digits, size_t len, char separator)
{
	if (out->n_groups == NUMBER_GROUPS_MAX) {
		out->too_many = true;
		return;
	}
	out->groups[out->n_groups].digits = digits;
	out->groups[out->n_groups].len = len;
	out->groups[out->n_groups].separator = separator;
	out->n_groups++;
}

size_t
number_scan(const char *text, size_t len, struct number *out)
{
	size_t i = 0, n, width, blanks;
	char separator;

	out->n_groups = 0;
	out->too_many = false;
	separator = separator_at(text, len, &width);
	if (separator != 0) {
		if (separator == '\'' || count_digits(text + width, len - width) == 0)
			return 0;
		i = width;
	}
	n = count_digits(text + i, len - i);
	if (n == 0)
		return 0;
	add_group(out, text + i, n, separator);
	i += n;
	if (separator == 0 && n <= 3) {
		for (blanks = count_blank_groups(text + i, len - i); blanks > 0; blanks--, i += 4)
			add_group(out, text + i + 1, 3, ' ');
	}
	while ((separator = separator_at(text + i, len - i, &width)) != 0) {
		n = count_digits(text + i + width, len - i - width);
		if (n == 0)
			break;
		add_group(out, text + i + width, n, separator);
		i += width + n;
	}
	width = out->n_groups == 1 && out->groups[0].separator == 0 ? stray_decimals(text + i, len - i) : 0;
	if (width > 0) {
		add_group(out, text + i + width, 2, text[i + 1]);
		i += width + 2;
	}
	return i;
}

/* Do groups [0..last] fit 3-3-3, or 2-2-3 as in India (P9.4)? */
static bool
groups_fit(const struct number *n, size_t last)
{
	bool western = n->groups[0].len <= 3, indian = n->groups[0].len <= 2;
	size_t i;

	if (n->groups[0].separator != 0)
		return false;
	for (i = 1; i <= last; i++) {
		western = western && n->groups[i].len == 3;
		indian = indian && n->groups[i].len == (i == last ? 3 : 2);
	}
	return last == 0 || western || indian;
}

/* The value with the decimal separator before group `point`; n_groups: no decimals. */
static enum amount_result
value_at(const struct number *n, size_t point, struct amount *out)
{
	char whole[AMOUNT_DIGITS_MAX * 4];
	size_t i, len = 0;

	for (i = 0; i < point; i++) {
		if (len + n->groups[i].len > sizeof(whole))
			return AMOUNT_TOO_LONG;
		memcpy(whole + len, n->groups[i].digits, n->groups[i].len);
		len += n->groups[i].len;
	}
	if (point == n->n_groups)
		return amount_from_digits(false, whole, len, "", 0, out);
	return amount_from_digits(false, whole, len, n->groups[point].digits, n->groups[point].len, out);
}

static size_t
count_separator(const struct number *n, char separator)
{
	size_t i, count = 0;

	for (i = 0; i < n->n_groups; i++)
		count += n->groups[i].separator == separator;
	return count;
}

/* All separators group: the value, if the groups are such as people make. */
static enum amount_result
value_grouped(const struct number *n, struct amount *out)
{
	return groups_fit(n, n->n_groups - 1) ? value_at(n, n->n_groups, out) : AMOUNT_MALFORMED;
}

/* P9.1: the told separator decides alone; of two that are told, the other may do nothing but group. */
static enum amount_result
value_told(const struct number *n, const struct number_rules *rules, struct amount *out)
{
	char decimal = rules->decimal;
	size_t last = n->n_groups - 1;

	if (decimal == 0)
		decimal = rules->group == '.' ? ',' : '.';
	/* Cents that stand higher have no separator of their own (P10). */
	if (n->groups[last].separator == NUMBER_MIDDLE_DOT && n->groups[last].len == 2 &&
	    count_separator(n, NUMBER_MIDDLE_DOT) == 1 && count_separator(n, decimal) == 0)
		decimal = NUMBER_MIDDLE_DOT;
	if (count_separator(n, decimal) > 1)
		return AMOUNT_MALFORMED;
	if (n->groups[last].separator == decimal)
		return groups_fit(n, last - 1) ? value_at(n, last, out) : AMOUNT_MALFORMED;
	return count_separator(n, decimal) == 0 ? value_grouped(n, out) : AMOUNT_MALFORMED;
}

/* P9.5, P9.6: one separator, once, between groups[0] and groups[1]. */
static enum amount_result
value_single(const struct number *n, const struct number_rules *rules, struct amount *out, bool *ambiguous)
{
	const char *whole = n->groups[0].digits;
	char separator = n->groups[1].separator;
	bool zero = n->groups[0].len == 1 && whole[0] == '0';

	if (separator == ' ')
		return value_at(n, 2, out);
	if (zero || n->groups[1].len != 3)
		return value_at(n, 1, out);
	if (separator != '\'') {
		*ambiguous = true;
		if (rules->exponent == 3 && rules->locale_group != separator)
			return value_at(n, 1, out);
	}
	return value_grouped(n, out);
}

enum amount_result
number_value(const struct number *n, const struct number_rules *rules, struct amount *out, bool *ambiguous)
{
	size_t last = n->n_groups - 1;
	char separator = n->groups[last].separator;

	*ambiguous = false;
	if (n->too_many)
		return AMOUNT_MALFORMED;
	if (last == 0)
		return value_at(n, separator == 0, out);
	if (rules->decimal != 0 || rules->group == '.' || rules->group == ',')
		return value_told(n, rules, out);
	if (rules->whole)
		return value_grouped(n, out);
	if (rules->machine && last == 1 && separator == '.' && n->groups[0].separator == 0)
		return value_at(n, 1, out);
	if (n->groups[0].separator != 0)
		return AMOUNT_MALFORMED;
	if (last == 1)
		return value_single(n, rules, out, ambiguous);
	/* P9.3: different separators; P9.4: the same one several times. */
	if (count_separator(n, separator) == last)
		return value_grouped(n, out);
	if (count_separator(n, separator) == 1)
		return groups_fit(n, last - 1) ? value_at(n, last, out) : AMOUNT_MALFORMED;
	return value_grouped(n, out);
}

/* One dash of the kinds that stand for cents: its width, or 0. */
static size_t
dash_width(const char *text, size_t len)
{
	if (len > 0 && (text[0] == '-' || text[0] == '_' || text[0] == '='))
		return 1;
	/* U+2013, U+2014 */
	return len > 2 && memcmp(text, "\xe2\x80", 2) == 0 && (text[2] == '\x93' || text[2] == '\x94') ? 3 : 0;
}

size_t
number_cents_dash(const char *text, size_t len)
{
	size_t i = len > 0 && text[0] == ' ', start, width;

	if (i >= len || (text[i] != ',' && text[i] != '.' && text[i] != ':'))
		return 0;
	start = ++i;
	while (i - start < 9 && (width = dash_width(text + i, len - i)) > 0)
		i += width;
	return i > start && (i == len || !is_digit(text[i])) ? i : 0;
}

#include "price/candidate.h"

#include <string.h>

#include "price/entity.h"
#include "price/letter.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t
candidates_skip_blank(const struct candidates *c, size_t at)
{
	return at < c->len && c->text[at] == ' ' ? at + 1 : at;
}

size_t
candidates_word_from(const struct candidates *c, size_t at)
{
	size_t low = 0, high = c->n_words, i;

	while (low < high) {
		i = (low + high) / 2;
		if (c->words[i].start < at)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

bool
candidate_is_whole(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];
	size_t k;

	for (k = a->start; k < a->end; k++) {
		if (!is_digit(c->text[k]) && c->text[k] != ' ' && c->text[k] != '\'' &&
		    !(k + 3 < a->end && is_digit(c->text[k + 1]) && is_digit(c->text[k + 2]) && is_digit(c->text[k + 3]) &&
			(k + 4 == a->end || !is_digit(c->text[k + 4]))))
			return false;
	}
	return a->n_cents == 0;
}

bool
candidate_has_cents(const struct candidates *c, size_t i)
{
	const struct candidate *a = &c->list[i];

	return a->dash || a->n_cents > 0 ||
	       (a->end - a->start > 2 && is_digit(c->text[a->end - 2]) &&
		   strchr(".,'\xb7", c->text[a->end - 3]) != NULL);
}

/* May a number begin with the separator here? ".99", "€,99", "EUR,99"; not "S/.25", "Rs.5", "..5". */
static bool
begins_with_separator(const struct candidates *c, size_t i)
{
	struct currency_mark mark;

	if ((c->text[i] != '.' && c->text[i] != ',') || i + 1 >= c->len || !is_digit(c->text[i + 1]))
		return false;
	if (i == 0 || c->text[i - 1] == ' ')
		return true;
	if (is_digit(c->text[i - 1]) || strchr(".,:)'_", c->text[i - 1]) != NULL)
		return false;
	/* The point may be of the sign before it. */
	if (currency_mark_before(c->text, i + 1, &mark) > 0)
		return false;
	return currency_mark_before(c->text, i, &mark) > 0 || (!letter_before(c->text, i) && c->text[i - 1] != '/');
}

/*
 * How far the number at i may go. Digits behind a letter that is no currency, or behind a label, are of a name: no
 * blank groups them. PS5 499 €, iPhone 15 799 €; but kr5 499, ab5 499, plus de 1 299 €.
 */
static size_t
reach_of(const struct candidates *c, size_t i)
{
	struct currency_mark mark;
	size_t k = candidates_word_from(c, i), at = i;
	const struct word *w = k > 0 ? &c->words[k - 1] : NULL;
	bool named = false;

	if (letter_before(c->text, i))
		named = currency_mark_before(c->text, i, &mark) == 0 &&
			(w == NULL || w->end != i || (w->kinds & ~(uint32_t)(WORD_LABEL | WORD_MEASURE | WORD_COUNT | WORD_TIME)) == 0);
	else if (w != NULL && w->kinds == WORD_LABEL)
		named = w->end + 1u == i && c->text[i - 1] == ' ' && letter_before(c->text, w->end);
	if (!named)
		return c->len;
	while (at < c->len && is_digit(c->text[at]))
		at++;
	return at < c->len && c->text[at] == ' ' ? at : c->len;
}

static void
find_numbers(struct candidates *c)
{
	struct number number;
	size_t i = 0, used;

	while (i < c->len && c->n < CANDIDATES_MAX) {
		used = is_digit(c->text[i]) || begins_with_separator(c, i) ?
		    number_scan(c->text + i, reach_of(c, i) - i, &number) : 0;
		/* EUR,24.99: it has its separator behind that. */
		if (used > 0 && number.groups[0].separator != 0 && number.n_groups > 1)
			used = 0;
		if (used == 0) {
			i++;
			continue;
		}
		c->list[c->n++] = (struct candidate){ .start = (uint16_t)i,
			.end = (uint16_t)(i + used),
			.outer_start = (uint16_t)i,
			.outer_end = (uint16_t)(i + used),
			.mark = { .text = c->text } };
		i += used;
	}
}

void
candidates_find(struct candidates *c)
{
	c->n = 0;
	c->n_words = words_find(c->text, c->len, c->words, WORDS_MAX);
	find_numbers(c);
	candidates_mark(c);
	candidates_reject(c);
	candidates_read_words(c);
	candidates_find_ranges(c);
}

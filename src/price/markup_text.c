/*
 * The text of a piece of a page, as a person sees it.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/currency.h"
#include "price/entity.h"
#include "price/markup.h"
#include "price/reader.h"

/* How much markup may stand around so much text. */
#define MARKUP_MAX_PER_TEXT 16
#define CLOSING_TAG_MAX 16
/* How much of comments may stand between a whole and its cents. */
#define COMMENTS_MAX 4
#define COMMENT_MAX 64

static void
put_decoded(struct buf *out, const char *p, size_t len)
{
	char utf8[4];
	size_t used;
	uint32_t cp;

	while (len > 0) {
		const char *amp = memchr(p, '&', len);
		size_t n = amp != NULL ? (size_t)(amp - p) : len;

		buf_xadd(out, p, n);
		p += n;
		len -= n;
		if (len == 0)
			return;
		cp = entity_decode(p, len, &used);
		if (cp != 0) {
			buf_xadd(out, utf8, utf8_put(cp, utf8));
		} else {
			buf_xaddc(out, '&');
			used = 1;
		}
		p += used;
		len -= used;
	}
}

/* Text between two tags: comments are not seen by people (one that never ends is text, as in the scan). */
static void
put_run(struct buf *out, const char *p, size_t len)
{
	const char *comment, *end;

	while ((comment = memmem(p, len, "<!--", 4)) != NULL &&
	       (end = markup_comment_end(comment, p + len)) != NULL) {
		put_decoded(out, p, (size_t)(comment - p));
		len -= (size_t)(end - p);
		p = end;
	}
	put_decoded(out, p, len);
}

void
markup_put_value(struct buf *out, struct slice value)
{
	if (value.p != NULL)
		put_decoded(out, value.p, value.len);
}

/* What parts cents from a whole, whichever separator groups it: no one tells it to be another (P9.1, P9.3). */
#define CENTS_SEPARATOR "\xc2\xb7"

/* Does the text so far end in digits with no separator before them: a whole without cents? */
static bool
ends_in_whole(const struct buf *b, size_t from)
{
	size_t i = b->len;

	while (i > from && isdigit((unsigned char)b->data[i - 1]))
		i--;
	if (i == b->len)
		return false;
	return i == from || (b->data[i - 1] != '.' && b->data[i - 1] != ',') || b->len - i == 3;
}

static bool
ends_in_separator(const struct buf *b, size_t from)
{
	return b->data != NULL && b->len > from + 1 && (b->data[b->len - 1] == '.' || b->data[b->len - 1] == ',') &&
	       isdigit((unsigned char)b->data[b->len - 2]);
}

/* Is one of the parts of a class (apart by blanks, dashes and underlines) one of these words? */
static bool
class_says(struct slice class, const char *const *words, size_t n_words)
{
	size_t i, n;

	for (i = 0; class.p != NULL && i < class.len; i += n + 1) {
		for (n = 0; i + n < class.len && isalpha((unsigned char)class.p[i + n]); n++)
			;
		if (slice_is_one_of((struct slice){ class.p + i, n }, words, n_words))
			return true;
	}
	return false;
}

static bool
says_cents(struct slice class)
{
	static const char *const words[] = { "cents", "cent", "fraction", "decimal", "decimals", "centimes", "centavos",
		"pence", "minor", "subunit" };

	return class_says(class, words, ARRAY_LEN(words));
}

/* Behind a sign of money, if one stands there. */
static const char *
skip_sign(const char *p, const char *end)
{
	struct currency_mark mark;
	char sign[4];
	size_t used;
	uint32_t cp;

	if (p >= end || *p == '<' || isalnum((unsigned char)*p))
		return p;
	cp = *p == '&' ? entity_decode(p, (size_t)(end - p), &used) : utf8_get(p, (size_t)(end - p), &used);
	return cp != 0 && currency_mark_at(sign, utf8_put(cp, sign), &mark) != 0 ? p + used : p;
}

/* Exactly two digits, and maybe a sign, then a tag. */
static bool
has_two_digits(const struct tag *tag, const char *end)
{
	const char *p = tag->end;

	if (tag->empty || end - p < 3)
		return false;
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (end - p < 3 || !isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1]))
		return false;
	for (p += 2; p < end && isspace((unsigned char)*p); p++)
		;
	for (p = skip_sign(p, end); p < end && isspace((unsigned char)*p); p++)
		;
	return p < end && *p == '<';
}

/* An element of cents: <sup>99</sup>, or one whose class says so. */
static bool
is_cents(const struct tag *tag, const char *end)
{
	return has_two_digits(tag, end) && (slice_is(tag->name, "sup") || says_cents(markup_attr(tag, "class")));
}

/* <sup>€99</sup>, <sup>.99</sup>: the sign, or the separator, stands with the cents (P10). */
static bool
is_signed_cents(const struct tag *tag, const char *end)
{
	const char *p = tag->end, *digits;

	if (p >= end || !slice_is(tag->name, "sup"))
		return false;
	digits = *p == '.' || *p == ',' ? p + 1 : skip_sign(p, end);
	return digits > p && end - digits > 2 && isdigit((unsigned char)digits[0]) && isdigit((unsigned char)digits[1]) &&
	       digits[2] == '<';
}

/* "24 €" and "24€" before their cents: the blank that the sign has on its one side it has on the other. */
static void
put_cents_gap(struct buf *out, size_t from)
{
	size_t i = out->len;

	if (i > from && out->data[i - 1] == ' ')
		return;
	while (i > from && out->len - i < 4 && !isalnum((unsigned char)out->data[i - 1]) && out->data[i - 1] != ' ')
		i--;
	if (i == out->len || i == from || out->data[i - 1] == ' ')
		buf_xaddc(out, ' ');
}

/* Inline elements join their text to what is beside them. */
static bool
is_inline(struct slice name)
{
	static const char *const names[] = { "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "em", "font", "i",
		"ins", "mark", "meter", "small", "span", "strong", "time", "u", "wbr", "sub", "s", "del", "strike" };

	return slice_is_one_of(name, names, ARRAY_LEN(names));
}

/* Before the few short comments that end at p, as frameworks leave them between elements. */
static const char *
before_comments(const char *p, const char *begin)
{
	const char *at;
	int i;

	for (i = 0; i < COMMENTS_MAX && p - begin >= 7 && memcmp(p - 3, "-->", 3) == 0; i++) {
		for (at = p - 7; at > begin && memcmp(at, "<!--", 4) != 0 && p - at < COMMENT_MAX; at--)
			;
		if (memcmp(at, "<!--", 4) != 0)
			break;
		p = at;
	}
	return p;
}

/*
 * Two digits in an element of their own, right behind another that ends in
 * digits: <b>129</b><b>00</b>. Nobody writes 12900 like that.
 */
static bool
is_cents_apart(const struct tag *tag, struct slice piece)
{
	const char *p, *behind;

	if (!is_inline(tag->name) || tag->start - piece.p < 5 || tag->start[-1] != '>' ||
	    !has_two_digits(tag, piece.p + piece.len))
		return false;
	behind = before_comments(tag->start, piece.p);
	if (behind - piece.p < 5 || behind[-1] != '>')
		return false;
	for (p = behind - 1; p > piece.p && *p != '<' && behind - p < CLOSING_TAG_MAX; p--)
		;
	return p > piece.p && p[0] == '<' && p[1] == '/' && isdigit((unsigned char)p[-1]);
}

/* Blanks behind digits. */
static void
drop_blanks(struct buf *out, size_t from)
{
	size_t n = out->len;

	while (n > from && isspace((unsigned char)out->data[n - 1]))
		n--;
	if (n > from && n < out->len && isdigit((unsigned char)out->data[n - 1])) {
		out->len = n;
		out->data[n] = '\0';
	}
}

/* Where the text behind the tag begins: cents stand without the blanks around them. */
static const char *
put_tag(struct buf *out, size_t from, const struct tag *tag, struct slice piece)
{
	const char *p = tag->raw.p != NULL ? tag->raw.p + tag->raw.len : tag->end, *end = piece.p + piece.len;
	bool cents = !tag->closing && is_cents(tag, end), whole;

	/* A line's end between the whole and its cents is none of the price. */
	if (cents)
		drop_blanks(out, from);
	whole = ends_in_whole(out, from);
	if (markup_is_struck(tag->name))
		buf_xaddc(out, tag->closing ? READER_UNSTRUCK : READER_STRUCK);
	if (cents || (!tag->closing && whole && is_cents_apart(tag, piece))) {
		if (whole)
			buf_xaddstr(out, CENTS_SEPARATOR);
		else if (!ends_in_separator(out, from))
			put_cents_gap(out, from);
		while (isspace((unsigned char)*p))
			p++;
	} else if (!is_inline(tag->name) && !(whole && is_signed_cents(tag, end))) {
		buf_xaddc(out, ' ');
	}
	return p;
}

bool
markup_is_hidden(const struct tag *tag)
{
	struct slice style;
	size_t i, n = 0;
	char squeezed[256];

	/* Asked of every tag of a text: most have nothing of it. */
	if (!markup_tag_has(tag, "hidden") && !markup_tag_has(tag, "style"))
		return false;
	if (slice_is(markup_attr(tag, "aria-hidden"), "true") || markup_attr(tag, "hidden").p != NULL)
		return true;
	style = markup_attr(tag, "style");
	for (i = 0; style.p != NULL && i < style.len && n < sizeof(squeezed) - 1; i++) {
		if (!isspace((unsigned char)style.p[i]))
			squeezed[n++] = (char)tolower((unsigned char)style.p[i]);
	}
	squeezed[n] = '\0';
	return strstr(squeezed, "display:none") != NULL || strstr(squeezed, "visibility:hidden") != NULL;
}

/* An element of which all is treated alike: how many of its name are open. */
struct region {
	struct slice name;
	size_t depth;
};

/* Is the tag part of the region? */
static bool
region_has(struct region *r, const struct tag *tag)
{
	if (r->depth == 0)
		return false;
	if (tag->name.len == r->name.len && strncasecmp(tag->name.p, r->name.p, r->name.len) == 0 && !tag->empty)
		r->depth = tag->closing ? r->depth - 1 : r->depth + 1;
	return true;
}

static bool
region_may_begin(const struct tag *tag)
{
	return !tag->closing && !tag->empty && tag->raw.p == NULL;
}

static void
region_begin(struct region *r, const struct tag *tag)
{
	r->name = tag->name;
	r->depth = 1;
}

/* Is the tag part of what is left out, or does it begin that? */
static bool
skip_tag(struct region *skipped, const struct tag *tag)
{
	if (region_has(skipped, tag))
		return true;
	if (!region_may_begin(tag) || !markup_is_hidden(tag))
		return false;
	region_begin(skipped, tag);
	return true;
}

static bool
says_through(struct slice value)
{
	return value.p != NULL && memmem(value.p, value.len, "line-through", 12) != NULL;
}

/* Struck out by its style, or by a class that says so (P15): <span class="line-through">. */
static bool
looks_struck(const struct tag *tag)
{
	static const char *const words[] = { "strike", "striked", "strikethrough", "struck", "crossed" };

	/* Asked of every tag of a text. */
	if (!markup_tag_has(tag, "str") && !markup_tag_has(tag, "line-through") && !markup_tag_has(tag, "crossed"))
		return false;
	return class_says(markup_attr(tag, "class"), words, ARRAY_LEN(words)) || says_through(markup_attr(tag, "class")) ||
	       says_through(markup_attr(tag, "style"));
}

static void
mark_struck(struct buf *out, struct region *struck, const struct tag *tag)
{
	if (region_has(struck, tag)) {
		if (struck->depth == 0)
			buf_xaddc(out, READER_UNSTRUCK);
	} else if (region_may_begin(tag) && !markup_is_struck(tag->name) && looks_struck(tag)) {
		region_begin(struck, tag);
		buf_xaddc(out, READER_STRUCK);
	}
}

enum { SHOWN_ONLY = 1, SPACED = 2 };

static bool
put_text(struct buf *out, struct slice piece, size_t max, unsigned how)
{
	const char *p = piece.p;
	size_t from = out->len;
	struct region skipped = { { NULL, 0 }, 0 }, struck = skipped;
	struct markup m;
	struct tag tag;
	bool was;

	if (piece.p == NULL)
		return true;
	/* Tags that add no text cost time all the same. */
	if (piece.len > MARKUP_MAX_PER_TEXT * max)
		return false;
	if (memchr(piece.p, '<', piece.len) == NULL) {
		put_decoded(out, p, piece.len);
		return out->len - from <= max;
	}
	markup_init(&m, piece.p, piece.len);
	while (out->len - from <= max && markup_next(&m, &tag)) {
		was = skipped.depth > 0;
		if (!was)
			put_run(out, p, (size_t)(tag.start - p));
		p = tag.raw.p != NULL ? tag.raw.p + tag.raw.len : tag.end;
		if ((how & SHOWN_ONLY) == 0 || !skip_tag(&skipped, &tag)) {
			mark_struck(out, &struck, &tag);
			p = put_tag(out, from, &tag, piece);
		}
		if ((how & SPACED) != 0)
			buf_xaddc(out, ' ');
	}
	if (skipped.depth == 0 && out->len - from <= max && p < piece.p + piece.len)
		put_run(out, p, (size_t)(piece.p + piece.len - p));
	return out->len - from <= max;
}

bool
markup_put_text(struct buf *out, struct slice piece, size_t max)
{
	return put_text(out, piece, max, 0);
}

bool
markup_put_spaced(struct buf *out, struct slice piece, size_t max)
{
	return put_text(out, piece, max, SPACED | SHOWN_ONLY);
}

static bool
is_blank(const char *p, size_t len)
{
	while (len > 0 && isspace((unsigned char)p[len - 1]))
		len--;
	return len == 0;
}

bool
markup_put_shown(struct buf *out, struct slice piece, size_t max)
{
	size_t from = out->len;

	if (!put_text(out, piece, max, SHOWN_ONLY))
		return false;
	if (out->len > from && !is_blank(out->data + from, out->len - from))
		return true;
	if (out->len > from) {
		out->len = from;
		out->data[from] = '\0';
	}
	return put_text(out, piece, max, 0);
}

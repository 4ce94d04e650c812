/*
 * The text of a piece of a page, as a person sees it.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/entity.h"
#include "price/markup.h"
#include "price/reader.h"

/* How much markup may stand around so much text. */
#define MARKUP_MAX_PER_TEXT 16

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
	return b->len > from + 1 && (b->data[b->len - 1] == '.' || b->data[b->len - 1] == ',') &&
	       isdigit((unsigned char)b->data[b->len - 2]);
}

/* An element of cents: <sup>99</sup>, or one whose class says so. */
static bool
is_cents(const struct tag *tag, const char *end)
{
	static const char *const classes[] = { "cents", "cent", "fraction", "decimal", "decimals", "price-fraction",
		"a-price-fraction" };
	struct slice class = markup_attr(tag, "class");
	bool named = slice_is(tag->name, "sup");
	size_t i;

	for (i = 0; !named && i < ARRAY_LEN(classes); i++)
		named = slice_has_word(class, classes[i]);
	/* Exactly two digits, then a tag. */
	return named && end - tag->end > 2 && isdigit((unsigned char)tag->end[0]) &&
	       isdigit((unsigned char)tag->end[1]) && tag->end[2] == '<';
}

/* Inline elements join their text to what is beside them. */
static bool
is_inline(struct slice name)
{
	static const char *const names[] = { "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "em", "font", "i",
		"ins", "mark", "meter", "small", "span", "strong", "time", "u", "wbr", "sub", "s", "del", "strike" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (slice_is(name, names[i]))
			return true;
	}
	return false;
}

static bool
is_struck(struct slice name)
{
	return slice_is(name, "s") || slice_is(name, "del") || slice_is(name, "strike");
}

static void
put_tag(struct buf *out, size_t from, const struct tag *tag, const char *end)
{
	if (is_struck(tag->name))
		buf_xaddc(out, tag->closing ? READER_UNSTRUCK : READER_STRUCK);
	if (!tag->closing && is_cents(tag, end)) {
		if (ends_in_whole(out, from))
			buf_xaddc(out, '.');
		else if (!ends_in_separator(out, from))
			buf_xaddc(out, ' ');
	} else if (!is_inline(tag->name)) {
		buf_xaddc(out, ' ');
	}
}

bool
markup_put_text(struct buf *out, struct slice piece, size_t max)
{
	const char *p = piece.p, *end;
	size_t from = out->len;
	struct markup m;
	struct tag tag;

	if (piece.p == NULL)
		return true;
	/* Tags that add no text cost time all the same. */
	if (piece.len > MARKUP_MAX_PER_TEXT * max)
		return false;
	if (memchr(piece.p, '<', piece.len) == NULL) {
		put_decoded(out, p, piece.len);
		return out->len - from <= max;
	}
	end = piece.p + piece.len;
	markup_init(&m, piece.p, piece.len);
	while (out->len - from <= max && markup_next(&m, &tag)) {
		put_run(out, p, (size_t)(tag.start - p));
		put_tag(out, from, &tag, end);
		p = tag.raw.p != NULL ? tag.raw.p + tag.raw.len : tag.end;
	}
	if (out->len - from <= max && p < end)
		put_run(out, p, (size_t)(end - p));
	return out->len - from <= max;
}

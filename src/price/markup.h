/*
 * A flat scan over HTML (P35, P36, P37): tag after tag, with no tree, no
 * recursion and no need for a valid document. Linear in the input whatever
 * stands in it.
 *
 *	struct markup m;
 *	struct tag tag;
 *
 *	markup_init(&m, page, len);
 *	while (markup_next(&m, &tag))
 *		... tag.name, markup_attr(&tag, "content")
 *
 * Names, values and text are slices of the page, entities not decoded. Tags
 * in comments and in the raw text of scripts and styles are none.
 */
#ifndef TRAPEXIT_PRICE_MARKUP_H
#define TRAPEXIT_PRICE_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define MARKUP_TAG_MAX (256u << 10) /* P38: bytes of one tag; a longer one is passed over */
#define MARKUP_ATTRS_MAX 1000	    /* P38: further ones are dropped */

struct slice {
	const char *p; /* NULL: absent */
	size_t len;
};

struct attr {
	struct slice name;
	struct slice value;
};

struct tag {
	struct slice name;
	bool closing;
	bool empty;	   /* has no content: <br>, <meta>, <x/> */
	const char *start; /* '<' */
	const char *end;   /* behind '>' */
	struct slice raw;  /* what a script, style, title or textarea holds */
	unsigned marks;	   /* MARKUP_… */
	struct markup *markup; /* keeps the attributes, once somebody asks for one; NULL: it has none */
};

/*
 * Attributes with a value that were met, whoever asks for them: whether a page,
 * and which tags of it, need to be looked at for items at all.
 */
enum {
	MARKUP_ITEMS = 1 << 0,	/* itemprop, itemtype, itemid, itemref */
	MARKUP_RDFA = 1 << 1,	/* property (but of a <meta>), typeof */
	MARKUP_RELATED = 1 << 2, /* what else belongs to RDFa: vocab, rel, property of a <meta> */
	MARKUP_PREFIX = 1 << 3,	/* prefix, xmlns:… */
	MARKUP_REFS = 1 << 4,	/* itemref */
};

struct markup {
	const char *p, *end;
	unsigned seen; /* MARKUP_… of all tags so far */
	bool no_comment_end;
	bool no_quote_end[2];  /* no " (no ') follows any more */
	bool no_title_end;     /* nor a </title> */
	const char *attrs_of;  /* the tag whose attributes these are */
	size_t n_attrs;
	struct attr attrs[MARKUP_ATTRS_MAX];
};

void markup_init(struct markup *m, const char *page, size_t len);
bool markup_next(struct markup *m, struct tag *tag);
/*
 * The value of an attribute, "" if it has none; p is NULL if it is not there.
 * Asked of the newest tag only: the attributes of one tag are kept at a time,
 * and only of a tag that somebody asks (most are passed over).
 */
struct slice markup_attr(const struct tag *tag, const char *name);
/* Attribute i of the newest tag, of *n; for those who want to see them all. */
const struct attr *markup_attrs(const struct tag *tag, size_t *n);
/* Does the text of the tag hold these bytes, of any case? What is not in there is no attribute either. */
bool markup_tag_has(const struct tag *tag, const char *lower);
/* Compared without case. */
bool slice_equal(struct slice s, const char *text);

/* The same; most that are asked for differ in their first letter, and this is the inner loop of every scan. */
static inline bool
slice_is(struct slice s, const char *text)
{
	return s.len > 0 && ((s.p[0] ^ text[0]) & ~0x20) == 0 && slice_equal(s, text);
}

/* Is it one of the n texts, compared without case? */
bool slice_is_one_of(struct slice s, const char *const *texts, size_t n);
/* What stands behind the last of / # : in the name of a type or property. */
struct slice slice_local_name(struct slice s);
/* The name of an element whose text is struck out: what is no longer so (P15). */
bool markup_is_struck(struct slice name);
/* Is the word (blanks around it) in the list of words? */
bool slice_has_word(struct slice s, const char *word);
bool slice_is_blank(struct slice s);
/* Take the next word of a list off its front; false at the end. */
bool slice_next_word(struct slice *s, struct slice *word);
/* Behind the comment that begins with the "<!--" at p; NULL if it never ends. */
const char *markup_comment_end(const char *p, const char *end);
/* Append the value of an attribute with its entities decoded. */
void markup_put_value(struct buf *out, struct slice value);
/*
 * Append the text of a piece of a page as a person sees it (P27): tags gone,
 * entities decoded, struck text between READER_STRUCK and READER_UNSTRUCK,
 * cents of a <sup> joined to their whole (P10). At most `max` bytes are added;
 * false if there was more.
 */
bool markup_put_text(struct buf *out, struct slice piece, size_t max);

/* The same without what is hidden (aria-hidden, hidden, display:none), if something else is there (P27). */
bool markup_put_shown(struct buf *out, struct slice piece, size_t max);
/* The same with a blank at every tag: for texts that make no sense when they are joined. */
bool markup_put_spaced(struct buf *out, struct slice piece, size_t max);
/* Is the element of this tag hidden, as far as the tag says? */
bool markup_is_hidden(const struct tag *tag);

#endif

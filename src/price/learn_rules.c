/*
 * Rules for a place of the price: by what names the element itself, by what
 * names one around it, and at last by the way from there.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/learn_private.h"

#define FORMS_MAX 16
#define TRIES_MAX 40 /* for a place */
#define GOOD_ENOUGH 3

/* One way to name an element: as CSS and as XPath say it. */
struct form {
	char css[192];
	char xpath[256];
	unsigned rank;
};

struct forms {
	struct form v[FORMS_MAX];
	size_t n;
};

/* Ranks: what names an element best. */
enum {
	BY_ITEMPROP = 1,
	BY_ID = 2,
	BY_CLASS = 3,
	BY_DATA = 3,
	NOT_OF_PRICE = 4,
	BY_PREFIX = 2, /* behind the whole word */
	BY_LABEL = 6,
	BY_LAYOUT = 10,
	BY_TYPE = 14,
	BY_TYPE_ALONE = 10, /* behind that: any element of the page */
	BY_WAY = 30,
};

static void
put_lower(char *out, size_t size, struct slice s)
{
	size_t i;

	for (i = 0; i < s.len && i < size - 1; i++)
		out[i] = (char)tolower((unsigned char)s.p[i]);
	out[i] = '\0';
}

/* In quotes for both languages; false if a value has some itself, or what would need escapes. */
static bool
can_be_quoted(struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\'' || s.p[i] == '\\' || s.p[i] == '&' || (unsigned char)s.p[i] < ' ')
			return false;
	}
	return s.len > 0;
}

static struct form *
next_form(struct forms *f)
{
	return f->n < FORMS_MAX ? &f->v[f->n++] : NULL;
}

/* What a person has chosen of a made name: Price_price__ of Price_price__aB3xY; only if it speaks of prices. */
static struct slice
human_prefix(struct slice s)
{
	struct slice core;
	size_t i;

	for (i = s.len; i > 4; i--) {
		if (s.p[i - 1] != '-' && s.p[i - 1] != '_')
			continue;
		for (core = (struct slice){ s.p, i }; core.len > 0 && strchr("-_", core.p[core.len - 1]) != NULL; core.len--)
			;
		if (learn_is_word(core) && learn_is_of_price(core))
			return (struct slice){ s.p, i };
	}
	return (struct slice){ NULL, 0 };
}

static void
add_prefix(struct forms *f, const char *attr, struct slice value, unsigned rank)
{
	struct slice prefix = human_prefix(value);
	bool begins = strcmp(attr, "id") == 0;
	struct form *form;

	if (prefix.p == NULL || prefix.len > 48 || (form = next_form(f)) == NULL)
		return;
	snprintf(form->css, sizeof(form->css), "[%s%s=\"%.*s\"]", attr, begins ? "^" : "*", (int)prefix.len, prefix.p);
	snprintf(form->xpath, sizeof(form->xpath), "*[%s(@%s, \"%.*s\")]", begins ? "starts-with" : "contains", attr,
	    (int)prefix.len, prefix.p);
	form->rank = rank + BY_PREFIX;
}

static void
add_id(struct forms *f, struct slice id)
{
	struct form *form;

	if (!learn_is_word(id))
		add_prefix(f, "id", id, BY_ID);
	if (!learn_is_word(id) || (form = next_form(f)) == NULL)
		return;
	snprintf(form->css, sizeof(form->css), "#%.*s", (int)id.len, id.p);
	snprintf(form->xpath, sizeof(form->xpath), "*[@id=\"%.*s\"]", (int)id.len, id.p);
	form->rank = BY_ID + (learn_is_of_price(id) ? 0 : NOT_OF_PRICE / 2);
}

static void
add_attr(struct forms *f, const struct learn_element *e)
{
	struct form *form;
	char name[32];

	if (e->attr.p == NULL || !can_be_quoted(e->attr_value) || (form = next_form(f)) == NULL)
		return;
	put_lower(name, sizeof(name), e->attr);
	snprintf(form->css, sizeof(form->css), "[%s=\"%.*s\"]", name, (int)e->attr_value.len, e->attr_value.p);
	snprintf(form->xpath, sizeof(form->xpath), "*[@%s=\"%.*s\"]", name, (int)e->attr_value.len, e->attr_value.p);
	form->rank = strcmp(name, "itemprop") == 0 || strcmp(name, "property") == 0 ? BY_ITEMPROP : BY_DATA;
	if (!learn_is_of_price(e->attr_value))
		form->rank += NOT_OF_PRICE;
}

/* Words of how a thing looks, not of what it is. */
static bool
is_layout(struct slice s)
{
	static const char *const words[] = { "row", "col", "container", "wrapper", "flex", "grid", "text", "font", "bold",
		"large", "small", "left", "right", "center", "clearfix", "block", "inline", "hidden", "active", "item", "inner",
		"mt", "mb", "pt", "pb", "px", "py", "mx", "my", "ml", "mr", "bg", "big", "red", "green" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if (s.len >= n && strncmp(s.p, words[i], n) == 0 && (s.len == n || s.p[n] == '-' || s.p[n] == '_'))
			return true;
	}
	return false;
}

static void
add_class(struct forms *f, struct slice class)
{
	struct form *form;

	if (!learn_is_word(class))
		add_prefix(f, "class", class, BY_CLASS);
	if (!learn_is_word(class) || (form = next_form(f)) == NULL)
		return;
	snprintf(form->css, sizeof(form->css), ".%.*s", (int)class.len, class.p);
	snprintf(form->xpath, sizeof(form->xpath), "*[contains(concat(\" \", normalize-space(@class), \" \"), \" %.*s \")]",
	    (int)class.len, class.p);
	form->rank = BY_CLASS;
	if (!learn_is_of_price(class))
		form->rank += is_layout(class) ? BY_LAYOUT : NOT_OF_PRICE;
}

static void
add_type(struct forms *f, struct slice name)
{
	struct form *form = next_form(f);

	if (form == NULL)
		return;
	put_lower(form->css, sizeof(form->css), name);
	put_lower(form->xpath, sizeof(form->xpath), name);
	form->rank = BY_TYPE;
}

static int
compare_forms(const void *a, const void *b)
{
	const struct form *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* All ways to name an element, the best first. An attribute that holds the price names it, too. */
static void
find_forms(const struct learn_element *e, struct slice taken, struct forms *f)
{
	struct slice classes = e->classes, class;
	char name[32];
	struct form *form;

	f->n = 0;
	if (e->id.p != NULL)
		add_id(f, e->id);
	add_attr(f, e);
	while (classes.p != NULL && f->n < FORMS_MAX - 2 && slice_next_word(&classes, &class))
		add_class(f, class);
	if (taken.p != NULL && taken.len < sizeof(name) && (form = next_form(f)) != NULL) {
		put_lower(name, sizeof(name), taken);
		snprintf(form->css, sizeof(form->css), "[%s]", name);
		snprintf(form->xpath, sizeof(form->xpath), "*[@%s]", name);
		form->rank = learn_is_of_price(taken) ? BY_DATA : BY_TYPE;
	}
	add_type(f, e->name);
	qsort(f->v, f->n, sizeof(f->v[0]), compare_forms);
}

/* Both languages' rule for a place: `outer` around `inner`, NULL if there is none. */
static bool
try_forms(struct learner *l, const struct learn_place *place, const struct form *outer, const struct form *inner,
    unsigned rank)
{
	struct buf css = BUF_INIT(0), xpath = BUF_INIT(0);
	char attr[64];
	bool good;

	buf_xprintf(&css, "%s%s%s", outer != NULL ? outer->css : "", outer != NULL ? " " : "", inner->css);
	buf_xprintf(&xpath, "//%s%s%s", outer != NULL ? outer->xpath : "", outer != NULL ? "//" : "", inner->xpath);
	if (place->attr.p != NULL) {
		put_lower(attr, sizeof(attr), place->attr);
		buf_xprintf(&css, "::attr(%s)", attr);
		buf_xprintf(&xpath, "/@%s", attr);
	}
	good = learn_try(l, RULE_CSS, &css, rank);
	if (good)
		learn_try(l, RULE_XPATH, &xpath, rank + 1);
	else
		buf_release(&xpath);
	return good;
}

/* The way down from an element around the place. */
static bool
try_way(struct learner *l, const struct learn_place *place, size_t from)
{
	struct forms f;
	struct buf css = BUF_INIT(0), xpath = BUF_INIT(0);
	char name[48];
	size_t i;
	bool good;

	find_forms(&place->path[from], (struct slice){ NULL, 0 }, &f);
	buf_xaddstr(&css, f.v[0].css);
	buf_xprintf(&xpath, "//%s", f.v[0].xpath);
	for (i = from; i-- > 0;) {
		put_lower(name, sizeof(name), place->path[i].name);
		buf_xprintf(&css, " > %s:nth-of-type(%u)", name, place->path[i].nth);
		buf_xprintf(&xpath, "/%s[%u]", name, place->path[i].nth);
	}
	if (place->attr.p != NULL) {
		put_lower(name, sizeof(name), place->attr);
		buf_xprintf(&css, "::attr(%s)", name);
		buf_xprintf(&xpath, "/@%s", name);
	}
	good = learn_try(l, RULE_CSS, &css, BY_WAY + (unsigned)from);
	return learn_try(l, RULE_XPATH, &xpath, BY_WAY + 1 + (unsigned)from) || good;
}

/* From the nearest element that has a name of its own and leads there, or from as far as we look. */
static void
try_ways(struct learner *l, const struct learn_place *place)
{
	struct forms f;
	size_t i;

	for (i = 1; i < place->n_path; i++) {
		find_forms(&place->path[i], (struct slice){ NULL, 0 }, &f);
		if (f.v[0].rank < BY_LAYOUT && try_way(l, place, i))
			return;
	}
	try_way(l, place, place->n_path - 1);
}

/* What stands in front of a price for people: a word or some, in letters. */
static bool
put_label(struct buf *out, struct slice content)
{
	size_t i, letters = 0;

	if (content.p == NULL || !markup_put_text(out, content, 40) || out->len < 3 ||
	    !can_be_quoted((struct slice){ out->data, out->len }))
		return false;
	for (i = 0; i < out->len; i++) {
		letters += isalpha((unsigned char)out->data[i]) || (unsigned char)out->data[i] >= 0x80;
		if (isdigit((unsigned char)out->data[i]))
			return false;
	}
	return letters >= 3;
}

/* `Price:' in the element before, as tables and definitions have it; only XPath can say so. */
static void
try_label(struct learner *l, const struct learn_place *place, const struct learn_element *e)
{
	struct buf label = BUF_INIT(0), xpath = BUF_INIT(0);
	char name[32], before[32];
	bool of_price;

	if (e->label.p == NULL)
		return;
	put_lower(before, sizeof(before), e->label_name);
	/* The heading of a page names its product, not a price. */
	if (strcmp(before, "h1") != 0 && put_label(&label, e->label)) {
		put_lower(name, sizeof(name), e->name);
		of_price = learn_is_of_price((struct slice){ label.data, label.len });
		buf_xprintf(&xpath, "//%s[normalize-space()=\"%s\"]/following-sibling::%s[1]", before, label.data, name);
		if (place->attr.p != NULL) {
			put_lower(name, sizeof(name), place->attr);
			buf_xprintf(&xpath, "/@%s", name);
		}
		learn_try(l, RULE_XPATH, &xpath, BY_LABEL + (of_price ? 0 : NOT_OF_PRICE));
	}
	buf_release(&label);
}

/* Text as a pattern has it; runs of blanks are any run. */
static void
put_pattern(struct buf *out, struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (isspace((unsigned char)text.p[i])) {
			if (i == 0 || !isspace((unsigned char)text.p[i - 1]))
				buf_xaddstr(out, "\\s+");
			continue;
		}
		if (strchr("\\^$.[]|()?*+{}", text.p[i]) != NULL)
			buf_xaddc(out, '\\');
		buf_xaddc(out, text.p[i]);
	}
}

/* A pattern of the tag that stands before the price, if it is short and has a name in it. */
static void
try_pattern(struct learner *l, const struct learn_place *place)
{
	const char *markup = memchr(place->content.p != NULL ? place->content.p : "", '<', place->content.len);
	struct buf text = BUF_INIT(0);
	unsigned rank = BY_WAY;
	char name[32];
	size_t i;

	if (place->tag.len > 160 || place->attr.p != NULL)
		return;
	for (i = 0; i < place->tag.len; i++) {
		if (isdigit((unsigned char)place->tag.p[i]) && i > 3)
			return; /* a number of a product, most likely */
	}
	put_pattern(&text, place->tag);
	if (markup == NULL) {
		buf_xaddstr(&text, "\\s*(?<price>[^<]+)");
	} else {
		put_lower(name, sizeof(name), place->path[0].name);
		buf_xprintf(&text, "(?s:(?<price>.*?))</%s>", name);
	}
	if (learn_is_of_price(place->tag))
		rank = BY_LAYOUT;
	else if (memchr(place->tag.p, '=', place->tag.len) != NULL)
		rank = BY_TYPE;
	learn_try(l, RULE_REGEX, &text, rank);
}

static bool
is_of_price(const struct form *form)
{
	return form->rank < BY_LAYOUT && learn_is_of_price((struct slice){ form->css, strlen(form->css) });
}

/* An element around the price that is named for it, as its whole text reads: with what it cost before, or a word. */
static unsigned
try_around(struct learner *l, const struct learn_place *place)
{
	unsigned good = 0;
	struct forms f;
	size_t i, level;

	for (level = 1; level <= 3 && level < place->n_path && place->attr.p == NULL; level++) {
		find_forms(&place->path[level], (struct slice){ NULL, 0 }, &f);
		for (i = 0; i < f.n && good < GOOD_ENOUGH; i++) {
			if (is_of_price(&f.v[i]))
				good += try_forms(l, place, NULL, &f.v[i], f.v[i].rank + 2 * (unsigned)level);
		}
	}
	return good;
}

/* By its own names in an element that has one. A type is no bad name there. */
static unsigned
try_inside(struct learner *l, const struct learn_place *place, const struct forms *inner, unsigned good)
{
	struct forms outer;
	unsigned tries = 0, rank;
	size_t i, k, level;

	for (level = 1; level < place->n_path && good < GOOD_ENOUGH; level++) {
		find_forms(&place->path[level], (struct slice){ NULL, 0 }, &outer);
		for (k = 0; k < outer.n && outer.v[k].rank < BY_LAYOUT; k++) {
			for (i = 0; i < inner->n && good < GOOD_ENOUGH && tries < TRIES_MAX; i++, tries++) {
				rank = inner->v[i].rank < BY_LABEL ? inner->v[i].rank : BY_LABEL;
				good += try_forms(l, place, &outer.v[k], &inner->v[i], outer.v[k].rank + rank + 2 + (unsigned)level);
			}
		}
	}
	return good;
}

void
learn_place_rules(struct learner *l, const struct learn_place *place)
{
	struct forms inner;
	unsigned good = 0;
	size_t i;

	find_forms(&place->path[0], place->attr, &inner);
	for (i = 0; i < inner.n && inner.v[i].rank < BY_TYPE && good < GOOD_ENOUGH; i++)
		good += try_forms(l, place, NULL, &inner.v[i], inner.v[i].rank);
	for (i = 0; i < 2 && i < place->n_path && (i == 0 || place->attr.p == NULL); i++)
		try_label(l, place, &place->path[i]);
	good += try_around(l, place);
	good = try_inside(l, place, &inner, good);
	for (i = 0; i < inner.n && good < GOOD_ENOUGH; i++) {
		if (inner.v[i].rank >= BY_TYPE)
			good += try_forms(l, place, NULL, &inner.v[i], inner.v[i].rank + BY_TYPE_ALONE);
	}
	if (good == 0 && place->n_path > 1)
		try_ways(l, place);
	try_pattern(l, place);
}

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "price/class_word.h"
#include "price/decode.h"
#include "price/learn_private.h"
#include "price/nest.h"

#define PIECE_MAX 600 /* bytes of an element that is read as a price */
#define SPEND_MAX (UINT64_C(512) << 20) /* P38: some two seconds */
#define COST_SCAN 2	/* of a byte, in a selector or pattern */
#define COST_TREE 12	/* in a path */
#define LABEL_MAX 160	/* bytes of an element that names the next one */
#define ASIDE 8		/* ranks that a place loses where other things are sold */
#define INEXACT 8	/* ... that a rule loses whose price is a range, or begins there */
#define TYPES_MAX 64  /* kinds of children that are counted */

struct level {
	struct learn_element element;
	struct slice tag;
	bool found; /* the price stands in a descendant */
	bool aside;
	struct slice label, label_name; /* the child that was closed last, if it is short */
	struct {
		struct slice name;
		unsigned n;
	} types[TYPES_MAX];
	size_t n_types;
};

struct walk {
	struct learner *l;
	struct nest nest;
	struct level levels[NEST_DEPTH_MAX];
};

bool
learn_is_wanted(const struct learner *l, const struct money *m)
{
	const struct money *want = l->want;

	return m->has_amount && amount_cmp(&m->amount, &want->amount) == 0 &&
	       (want->currency == NULL || m->currency == NULL || want->currency == m->currency);
}

bool
learn_reads(const struct learner *l, struct slice text, bool markup, bool machine, struct money *m)
{
	struct reader_hints hints = l->x.hints;
	struct buf b = BUF_INIT(0);
	bool good;

	hints.machine = machine;
	if (markup)
		good = markup_put_text(&b, text, READER_TEXT_MAX);
	else
		good = text.len <= READER_TEXT_MAX;
	if (!markup && good)
		markup_put_value(&b, text);
	good = good && b.len > 0 && reader_read(b.data, b.len, &hints, m) == READ_OK && m->has_amount;
	buf_release(&b);
	return good;
}

void
learn_note(struct learner *l, const struct money *m)
{
	struct learned *out = l->out;
	size_t i;

	for (i = 0; i < out->n_others; i++) {
		if (amount_cmp(&out->others[i].amount, &m->amount) == 0 && out->others[i].currency == m->currency)
			return;
	}
	if (out->n_others < LEARN_OTHERS_MAX && (m->currency != NULL || m->currency_text[0] != '\0'))
		out->others[out->n_others++] = *m;
}

static void
add_rule(struct learned *out, const struct learn_rule *rule)
{
	size_t i = out->n;

	if (out->n == LEARN_RULES_MAX && out->rules[out->n - 1].rank <= rule->rank) {
		free(rule->text);
		return;
	}
	if (out->n == LEARN_RULES_MAX)
		free(out->rules[--i].text);
	else
		out->n++;
	for (; i > 0 && out->rules[i - 1].rank > rule->rank; i--)
		out->rules[i] = out->rules[i - 1];
	out->rules[i] = *rule;
}

static bool
is_known(const struct learned *out, enum rule_kind kind, const char *text)
{
	size_t i;

	for (i = 0; i < out->n; i++) {
		if (out->rules[i].kind == kind && strcmp(out->rules[i].text, text) == 0)
			return true;
	}
	return false;
}

bool
learn_try(struct learner *l, enum rule_kind kind, struct buf *text, unsigned rank)
{
	struct rule_spec spec = { .regex = kind == RULE_REGEX ? text->data : NULL,
		.xpath = kind == RULE_XPATH ? text->data : NULL,
		.css = kind == RULE_CSS ? text->data : NULL,
		.pointer = kind == RULE_POINTER ? text->data : NULL };
	struct learn_rule found = { .kind = kind, .rank = rank };
	struct offer offer = { .method = METHOD_NONE };
	struct rule *rule = NULL;

	if (text->data != NULL && l->spent < SPEND_MAX && !is_known(l->out, kind, text->data))
		rule = rule_compile_spec(l->matcher, &spec, NULL);
	if (rule != NULL) {
		l->spent += l->x.len * (kind == RULE_XPATH ? 2 * COST_TREE : 2 * COST_SCAN);
		extract_rule(&l->x, rule, &offer);
		found.matches = rule_count(rule, &l->x);
	}
	rule_free(rule);
	if (offer.method == METHOD_NONE || !learn_is_wanted(l, &offer.money)) {
		buf_release(text);
		return false;
	}
	found.money = offer.money;
	/* One that selects much besides will select that one day. */
	found.rank += found.matches > 1 ? 4 + (found.matches > 5) * 4 : 0;
	found.rank += l->handicap + ((offer.money.flags & (MONEY_FROM | MONEY_RANGE)) != 0 ? INEXACT : 0);
	found.text = buf_detach(text);
	add_rule(l->out, &found);
	return true;
}

bool
learn_is_of_price(struct slice s)
{
	static const char *const words[] = { "price", "prix", "preis", "precio", "cena", "prezzo", "preco", "pris", "hinta",
		"fiyat", "amount", "betrag", "cost", "kosten" };
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		for (k = 0; k + n <= s.len; k++) {
			if (strncasecmp(s.p + k, words[i], n) == 0)
				return true;
		}
	}
	return false;
}

/* One part of a word between its dashes: letters as people join them, or a small number. */
static bool
is_human_part(const char *p, size_t n)
{
	size_t i, digits = 0, row = 0, worst = 0, vowels = 0, turns = 0;

	for (i = 0; i < n; i++) {
		if (isdigit((unsigned char)p[i])) {
			digits++;
			continue;
		}
		if (strchr("aeiouyAEIOUY", p[i]) != NULL) {
			vowels++;
			row = 0;
		} else if (++row > worst) {
			worst = row;
		}
		if (i > 0 && islower((unsigned char)p[i]) == 0 && islower((unsigned char)p[i - 1]) != 0)
			turns++;
	}
	if (digits == n)
		return n <= 2;
	if (digits > 0 && (digits > 2 || !isdigit((unsigned char)p[n - 1]) || n - digits < 2))
		return false;
	return worst <= 4 && turns <= n / 4 && (vowels > 0 || n - digits <= 4);
}

bool
learn_is_word(struct slice s)
{
	static const char *const made[] = { "css-", "sc-", "jsx-", "jss", "emotion-", "svelte-", "ng-", "data-v-", "yui_", "ember",
		"_ng", "react-" };
	size_t i, start;

	if (s.p == NULL || s.len < 2 || s.len > 48)
		return false;
	for (i = 0; i < ARRAY_LEN(made); i++) {
		if (s.len > strlen(made[i]) && strncasecmp(s.p, made[i], strlen(made[i])) == 0)
			return false;
	}
	for (i = 0, start = 0; i <= s.len; i++) {
		if (i < s.len && isalnum((unsigned char)s.p[i]))
			continue;
		if (i < s.len && s.p[i] != '-' && s.p[i] != '_')
			return false;
		if (i > start && !is_human_part(s.p + start, i - start))
			return false;
		start = i + 1;
	}
	return isalpha((unsigned char)s.p[0]);
}

static unsigned
count_child(struct level *parent, struct slice name)
{
	size_t i;

	for (i = 0; i < parent->n_types; i++) {
		if (parent->types[i].name.len == name.len && strncasecmp(parent->types[i].name.p, name.p, name.len) == 0)
			return ++parent->types[i].n;
	}
	if (parent->n_types == TYPES_MAX)
		return 0;
	parent->types[parent->n_types].name = name;
	parent->types[parent->n_types++].n = 1;
	return 1;
}

/* The attribute that says what an element is for, if it has one. */
static void
find_attr(const struct tag *tag, struct learn_element *e)
{
	static const char *const names[] = { "itemprop", "property", "data-testid", "data-test-id", "data-test", "data-qa",
		"data-hook", "data-role", "data-type", "name" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		e->attr_value = markup_attr(tag, names[i]);
		if (e->attr_value.p != NULL && e->attr_value.len > 0 && e->attr_value.len < 64) {
			e->attr = (struct slice){ names[i], strlen(names[i]) };
			return;
		}
	}
	e->attr = e->attr_value = (struct slice){ NULL, 0 };
}

static void
add_place(struct walk *w, unsigned depth, struct slice attr, struct slice content)
{
	struct learner *l = w->l;
	struct learn_place *place;
	unsigned i;

	l->out->places++;
	if (l->n_places == LEARN_PLACES_MAX)
		return;
	place = &l->places[l->n_places++];
	*place = (struct learn_place){ .attr = attr, .tag = w->levels[depth].tag, .content = content,
		.aside = w->levels[depth].aside };
	for (i = 0; i < LEARN_LEVELS && i <= depth; i++)
		place->path[place->n_path++] = w->levels[depth - i].element;
}

/* An attribute that may hold a price: none that is an address, a style or a name. */
static bool
may_be_price(const struct attr *a)
{
	static const char *const others[] = { "id", "class", "href", "src", "srcset", "style", "width", "height", "name", "type",
		"rel", "for", "d", "viewbox", "points", "tabindex", "colspan", "rowspan", "sizes", "property", "itemprop",
		"maxlength", "size", "datetime" };
	size_t i;

	if (a->value.len == 0 || a->value.len > 64 || strncasecmp(a->name.p, "on", 2) == 0)
		return false;
	for (i = 0; i < ARRAY_LEN(others); i++) {
		if (slice_is(a->name, others[i]))
			return false;
	}
	return true;
}

static void
look_at_attrs(struct walk *w, unsigned depth, const struct tag *tag)
{
	const struct attr *attrs;
	struct money m;
	size_t i, n;

	attrs = markup_attrs(tag, &n);
	for (i = 0; i < n; i++) {
		bool machine = slice_is(attrs[i].name, "content") || slice_is(attrs[i].name, "value");

		if (may_be_price(&attrs[i]) && learn_reads(w->l, attrs[i].value, false, machine, &m) &&
		    learn_is_wanted(w->l, &m))
			add_place(w, depth, attrs[i].name, (struct slice){ NULL, 0 });
	}
}

/* Below the body, whose words are the page's. */
static bool
is_aside(const struct tag *tag, unsigned depth)
{
	struct slice data;

	if (depth < 2)
		return false;
	return slice_is(tag->name, "footer") || slice_is(tag->name, "aside") || slice_is(tag->name, "nav") ||
	       (class_of(tag, &data) & (CLASS_ASIDE | CLASS_LISTED | CLASS_OLD | CLASS_SIDE)) != 0;
}

static bool
learn_open(void *arg, unsigned depth, const struct tag *tag)
{
	struct walk *w = arg;
	struct level *level = &w->levels[depth];

	level->element = (struct learn_element){ .name = tag->name, .id = markup_attr(tag, "id"),
		.classes = markup_attr(tag, "class"), .nth = 1 };
	find_attr(tag, &level->element);
	level->aside = is_aside(tag, depth);
	if (depth > 0) {
		level->element.nth = count_child(&w->levels[depth - 1], tag->name);
		level->element.label = w->levels[depth - 1].label;
		level->element.label_name = w->levels[depth - 1].label_name;
		level->aside = level->aside || w->levels[depth - 1].aside;
	}
	level->label = level->label_name = (struct slice){ NULL, 0 };
	level->tag = (struct slice){ tag->start, (size_t)(tag->end - tag->start) };
	level->found = false;
	level->n_types = 0;
	look_at_attrs(w, depth, tag);
	return true;
}

/* The innermost element whose whole text is the price. */
static bool
learn_close(void *arg, unsigned depth, const struct nest_element *e, const char *end)
{
	struct walk *w = arg;
	struct slice content = { e->content, end > e->content ? (size_t)(end - e->content) : 0 };
	bool found = w->levels[depth].found;
	struct money m;

	if (!found && content.len > 0 && content.len <= PIECE_MAX && !slice_is(e->name, "script") &&
	    !slice_is(e->name, "style") && learn_reads(w->l, content, true, false, &m)) {
		found = learn_is_wanted(w->l, &m);
		if (found)
			add_place(w, depth, (struct slice){ NULL, 0 }, content);
		else
			learn_note(w->l, &m);
	}
	if (depth > 0) {
		w->levels[depth - 1].found = w->levels[depth - 1].found || found;
		w->levels[depth - 1].label = content.len <= LABEL_MAX ? content : (struct slice){ NULL, 0 };
		w->levels[depth - 1].label_name = e->name;
	}
	return true;
}

static bool
learn_text(void *arg, unsigned depth, struct slice text, bool raw)
{
	struct walk *w = arg;

	(void)depth;
	if (raw)
		learn_script(w->l, text);
	return true;
}

static void
learn_html(struct learner *l)
{
	static const struct nest_ops ops = { learn_open, learn_close, learn_text, NULL };
	struct walk *w = xmalloc(sizeof(*w));
	size_t i;

	w->l = l;
	l->places = xcalloc(LEARN_PLACES_MAX, sizeof(*l->places));
	nest_run(&w->nest, l->x.text, l->x.len, &ops, w);
	for (i = 0; i < l->n_places; i++) {
		l->handicap = l->places[i].aside ? ASIDE : 0;
		learn_place_rules(l, &l->places[i]);
	}
	free(l->places);
	free(w);
}

void
learn_page(const struct page *page, const struct money *want, struct learned *out)
{
	struct decode_hints told = { page->charset, page->content_type, false };
	struct decoded decoded = DECODED_INIT;
	struct learner l = { .page = page, .want = want, .out = out };

	memset(out, 0, sizeof(*out));
	extract_page(page, NULL, &out->automatic);
	if (decode_page(page->body, page->len, &told, &decoded, NULL) == -1)
		return;
	l.x = (struct extract){ .page = page, .text = decoded.text, .len = decoded.len, .ruled = true };
	l.x.hints = extract_hints(page);
	/* Signs mean what they mean to the whole page (P18). */
	if (out->automatic.money.currency != NULL)
		l.x.hints.page_currency = out->automatic.money.currency->code;
	out->automatic_finds = out->automatic.method != METHOD_NONE && learn_is_wanted(&l, &out->automatic.money);
	l.matcher = matcher_new();
	if (!learn_json(&l))
		learn_html(&l);
	matcher_free(l.matcher);
	decoded_release(&decoded);
}

void
learned_release(struct learned *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->rules[i].text);
	memset(l, 0, sizeof(*l));
}

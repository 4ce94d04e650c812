#include "conf/differ.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "conf/value.h"

/* Longer values are not shown, only named. */
#define SHOWN_MAX 60

void
difference_release(struct difference *d)
{
	buf_release(&d->text);
	buf_release(&d->later);
}

void
difference_add(struct difference *d, enum schema_effect effect, const char *text)
{
	struct buf *to = effect == EFFECT_LATER ? &d->later : &d->text;

	if (effect == EFFECT_NONE)
		return;
	d->any = true;
	d->restart |= effect == EFFECT_RESTART;
	d->policy |= effect == EFFECT_POLICY;
	if (to->len > 0)
		buf_xaddstr(to, ", ");
	buf_xaddstr(to, text);
}

static void
print_side(const struct schema_word *w, const void *field, struct buf *out)
{
	if (value_is_set(w, field))
		value_print(w, field, out);
	else
		buf_xaddstr(out, "(none)");
}

static void
word_differs(struct difference *d, const struct schema_word *w, const char *prefix, const void *a, const void *b)
{
	struct buf text = BUF_INIT(0);
	size_t name_len;

	buf_xprintf(&text, "%s%s", prefix, w->word);
	name_len = text.len;
	buf_xaddstr(&text, ": ");
	print_side(w, a, &text);
	buf_xaddstr(&text, " -> ");
	print_side(w, b, &text);
	if (text.len - name_len > SHOWN_MAX)
		text.data[name_len] = '\0';
	difference_add(d, w->effect, text.data);
	buf_release(&text);
}

static void difference_of_words(struct difference *d, enum schema_id id, const char *prefix,
    const struct const_bases *a, const struct const_bases *b);

static void
once_differs(struct difference *d, const struct schema_word *w, const struct const_bases *a,
    const struct const_bases *b)
{
	const struct child_spec *x = a->of[TARGET_SPEC], *y = b->of[TARGET_SPEC];
	char prefix[32];

	if (w->section == SECTION_ENVIRONMENT) {
		if (!strvec_equal(const_field(a, w), const_field(b, w)))
			difference_add(d, w->effect, w->word);
		return;
	}
	if (w->section == SECTION_BACKOFF && x->backoff.enabled != y->backoff.enabled)
		difference_add(d, w->effect, y->backoff.enabled ? "backoff: off -> on" : "backoff: on -> off");
	if (w->section == SECTION_BACKOFF && !y->backoff.enabled)
		return; /* what it would be says nothing */
	snprintf(prefix, sizeof(prefix), "%s ", w->word);
	difference_of_words(d, w->section, prefix, a, b);
}

static void
difference_of_words(struct difference *d, enum schema_id id, const char *prefix, const struct const_bases *a,
    const struct const_bases *b)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(id, i)) != NULL; i++) {
		if (w->type == VALUE_SOURCES)
			continue;
		if (w->type == VALUE_SECTION) {
			if (w->repeat == SECTION_ONCE)
				once_differs(d, w, a, b);
		} else if (!value_equal(w, const_field(a, w), const_field(b, w))) {
			word_differs(d, w, prefix, const_field(a, w), const_field(b, w));
		}
	}
}

void
difference_of_section(struct difference *d, enum schema_id id, const struct const_bases *a,
    const struct const_bases *b)
{
	difference_of_words(d, id, "", a, b);
}

static bool
source_differs(const struct source *a, const struct source *b)
{
	const struct const_bases x = { .of = { [TARGET_SOURCE] = a } }, y = { .of = { [TARGET_SOURCE] = b } };
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(SECTION_SOURCE, i)) != NULL; i++)
		if (!value_equal(w, const_field(&x, w), const_field(&y, w)))
			return true;
	return false;
}

void
difference_of_sources(struct difference *d, const struct scraper *a, const struct scraper *b)
{
	struct strmap before = STRMAP_INIT;
	struct source *old;
	size_t i, same = 0, changed = 0, added = 0;
	char text[128];

	for (i = 0; i < a->n_sources; i++)
		strmap_put(&before, a->sources[i].id, &a->sources[i]);
	for (i = 0; i < b->n_sources; i++) {
		old = strmap_find(&before, b->sources[i].id);
		if (old == NULL)
			added++;
		else if (source_differs(old, &b->sources[i]))
			changed++;
		else
			same++;
	}
	strmap_release(&before);
	if (added == 0 && changed == 0 && same == a->n_sources)
		return;
	snprintf(text, sizeof(text), "sources: %zu added, %zu removed, %zu changed", added,
	    a->n_sources - same - changed, changed);
	difference_add(d, EFFECT_RESTART, text);
}

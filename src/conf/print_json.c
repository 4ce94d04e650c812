/* A child as a JSON object: every word of its section with its value. */
#include <string.h>

#include "base/json.h"
#include "conf/config_data.h"
#include "conf/node_list.h"
#include "conf/value.h"

static void put_words(struct buf *out, enum schema_id id, const struct const_bases *b);

static void
put_strings(struct buf *out, const struct strvec *sv)
{
	size_t i;

	buf_xaddc(out, '[');
	for (i = 0; i < sv->n; i++) {
		if (i > 0)
			buf_xaddc(out, ',');
		json_put_string(out, sv->v[i]);
	}
	buf_xaddc(out, ']');
}

/* ["local",["box2","box3"]]: equals stand in a list of their own. */
static void
put_nodes(struct buf *out, const struct strvec *nodes)
{
	size_t i, n;

	buf_xaddc(out, '[');
	for (i = 0; i < nodes->n; i += n) {
		n = node_list_equals(nodes, i);
		if (i > 0)
			buf_xaddc(out, ',');
		if (n > 1)
			buf_xaddc(out, '[');
		for (size_t k = i; k < i + n; k++) {
			if (k > i)
				buf_xaddc(out, ',');
			json_put_string(out, node_list_name(nodes, k));
		}
		if (n > 1)
			buf_xaddc(out, ']');
	}
	buf_xaddc(out, ']');
}

/* As it is written in the file, without its quotes: "5s", "10%", "notify". */
static void
put_written(struct buf *out, const struct schema_word *w, const void *field)
{
	struct buf text = BUF_INIT(0);

	value_print(w, field, &text);
	json_put_string(out, text.data != NULL ? text.data : "");
	buf_release(&text);
}

static void
put_text(struct buf *out, const void *field)
{
	const char *text;

	memcpy(&text, field, sizeof(text));
	json_put_string(out, text);
}

static void
put_value(struct buf *out, const struct schema_word *w, const void *field)
{
	switch (w->type) {
	case VALUE_TEXT:
	case VALUE_PATH:
	case VALUE_URL:
	case VALUE_PROXY:
	case VALUE_PATTERN:
	case VALUE_XPATH:
	case VALUE_CSS:
	case VALUE_POINTER:
	case VALUE_SEPARATOR:
	case VALUE_METHODS:
	case VALUE_CURRENCY:
	case VALUE_LOCALE:
	case VALUE_CHARSET:
	case VALUE_AMOUNT:
		put_text(out, field);
		break;
	case VALUE_COMMAND:
	case VALUE_LIST:
	case VALUE_EVENTS:
	case VALUE_GLOBS:
		put_strings(out, field);
		break;
	case VALUE_NODES:
		put_nodes(out, field);
		break;
	case VALUE_BOOL:
		if (w->names == NULL)
			buf_xaddstr(out, *(const bool *)field ? "true" : "false");
		else
			put_written(out, w, field);
		break;
	case VALUE_UINT:
	case VALUE_INT:
	case VALUE_ENUM:
	case VALUE_DURATION:
	case VALUE_SHUTDOWN:
	case VALUE_SIZE:
	case VALUE_PERMILLE:
	case VALUE_FACTOR:
	case VALUE_UMASK:
	case VALUE_STORE:
	case VALUE_SIGNAL:
	case VALUE_SIGNALS:
	case VALUE_CODES:
	case VALUE_LIMIT:
	case VALUE_SOURCES:
	case VALUE_SECTION:
	case VALUE_TYPES:
		put_written(out, w, field);
		break;
	}
}

static void
put_once(struct buf *out, const struct schema_word *w, const struct const_bases *b)
{
	const struct child_spec *spec = b->of[TARGET_SPEC];

	json_put_name(out, w->word);
	if (w->section == SECTION_ENVIRONMENT) {
		put_strings(out, const_field(b, w));
	} else if (w->section == SECTION_BACKOFF && spec != NULL && !spec->backoff.enabled) {
		json_put_string(out, w->none);
	} else {
		buf_xaddc(out, '{');
		put_words(out, w->section, b);
		buf_xaddc(out, '}');
	}
}

static void
put_words(struct buf *out, enum schema_id id, const struct const_bases *b)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(id, i)) != NULL; i++) {
		if (w->type == VALUE_SOURCES || (w->type == VALUE_SECTION && w->repeat == SECTION_NAMED) ||
		    strcmp(w->word, "instances") == 0)
			continue;
		if (w->type == VALUE_SECTION) {
			put_once(out, w, b);
		} else if (value_is_set(w, const_field(b, w))) {
			json_put_name(out, w->word);
			put_value(out, w, const_field(b, w));
		} else if (w->type == VALUE_NODES && w->def != NULL) {
			json_put_name(out, w->word);
			buf_xaddc(out, '[');
			json_put_string(out, w->def);
			buf_xaddc(out, ']');
		} else {
			json_put_str(out, w->word, w->def);
		}
	}
}

static void
put_sources(struct buf *out, const struct scraper *scraper)
{
	size_t i;

	json_put_name(out, "sources");
	buf_xaddc(out, '[');
	for (i = 0; i < scraper->n_sources; i++) {
		const struct const_bases b = { .of = { [TARGET_SOURCE] = &scraper->sources[i] } };

		buf_xaddstr(out, i > 0 ? ",{" : "{");
		json_put_str(out, "id", scraper->sources[i].id);
		put_words(out, SECTION_SOURCE, &b);
		buf_xaddc(out, '}');
	}
	buf_xaddc(out, ']');
}

void
config_json_child(const struct child_spec *spec, struct buf *out)
{
	const struct launch *l = config_launch(spec);
	const struct const_bases b = { .of = { [TARGET_SPEC] = spec, [TARGET_SUP] = spec->sup, [TARGET_LAUNCH] = l,
		[TARGET_SCRAPER] = l != NULL ? l->scraper : NULL } };
	struct buf one = BUF_INIT(0);

	buf_xaddc(&one, '{');
	json_put_str(&one, "id", spec->id);
	json_put_str(&one, "type", l != NULL ? "worker" : "supervisor");
	json_put_str(&one, "section", l == NULL ? "supervisor" : l->scraper != NULL ? "scraper" : "child");
	put_words(&one, l == NULL ? SECTION_SUPERVISOR : l->scraper != NULL ? SECTION_SCRAPER : SECTION_CHILD, &b);
	if (l != NULL && l->scraper != NULL)
		put_sources(&one, l->scraper);
	buf_xaddc(&one, '}');
	buf_xadd(out, one.data, one.len);
	buf_release(&one);
}

#include "conf/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/text.h"

/* "in child 'web'" */
static const char *
where(enum schema_id id, const struct stmt *section, char *buf, size_t size)
{
	char quoted[DIAG_QUOTE_SIZE];

	if (id == SECTION_ROOT)
		snprintf(buf, size, "at the top of the file");
	else if (section->id.text != NULL)
		snprintf(buf, size, "in %s '%s'", schema_section(id)->name, diag_quote(section->id.text, quoted));
	else
		snprintf(buf, size, "in '%s'", schema_section(id)->name);
	return buf;
}

/* The sections that know this word: "'scraper' or 'child'"; "" if none does. */
static const char *
find_homes(const char *word, char *buf, size_t size)
{
	unsigned id;
	size_t i, n = 0;

	buf[0] = '\0';
	for (id = 0; id < SECTIONS && n < size; id++)
		if (schema_find((enum schema_id)id, word, &i) != NULL)
			n += (size_t)snprintf(buf + n, size - n, "%s'%s'", n == 0 ? "" : " or ",
			    schema_section((enum schema_id)id)->name);
	return buf;
}

static void
offer_words(struct diag_guess *guess, enum schema_id id)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(id, i)) != NULL; i++)
		diag_guess_offer(guess, w->word);
}

static void
unknown_word(struct builder *b, enum schema_id id, const struct stmt *section, const struct stmt *s)
{
	struct diag_guess here = { .word = s->name }, anywhere = { .word = s->name };
	char quoted[DIAG_QUOTE_SIZE], in[DIAG_QUOTE_SIZE + 32], homes[160];
	unsigned other;

	diag_quote(s->name, quoted);
	where(id, section, in, sizeof(in));
	find_homes(s->name, homes, sizeof(homes));
	offer_words(&here, id);
	for (other = 0; other < SECTIONS; other++)
		offer_words(&anywhere, (enum schema_id)other);
	if (strcmp(s->name, "regex") == 0 && id == SECTION_SOURCE)
		here.best = "pattern"; /* which pricescrape(1) calls so, too */
	if (homes[0] != '\0' && (here.best == NULL || here.distance > 1))
		diag_error(b->cx.diag, s->at, "unknown word '%s' %s; it belongs in %s", quoted, in, homes);
	else if (here.best != NULL)
		diag_error(b->cx.diag, s->at, "unknown word '%s' %s; did you mean '%s'?", quoted, in, here.best);
	else if (anywhere.best != NULL)
		diag_error(b->cx.diag, s->at, "unknown word '%s' %s; did you mean '%s', which belongs in %s?", quoted, in,
		    anywhere.best, find_homes(anywhere.best, homes, sizeof(homes)));
	else
		diag_error(b->cx.diag, s->at, "unknown word '%s' %s, expected one of trapexit.conf(5)", quoted, in);
}

/* environment: NAME = "value" */
static void
add_variable(struct builder *b, struct stmt *s, struct strvec *env, struct strmap *names)
{
	const struct stmt *first;
	char quoted[DIAG_QUOTE_SIZE];

	diag_quote(s->name, quoted);
	if (s->broken)
		return;
	if (s->kind != STMT_VALUE)
		diag_error(b->cx.diag, s->at, "'%s' in 'environment' has no single value, expected %s = \"value\"", quoted,
		    quoted);
	else if (!text_is_env_name(s->name))
		diag_error(b->cx.diag, s->at,
		    "'%s' cannot be the name of a variable, expected letters, digits and '_'", quoted);
	else if (strncmp(s->name, "TRAPEXIT_", 9) == 0 || strcmp(s->name, "NOTIFY_SOCKET") == 0)
		diag_error(b->cx.diag, s->at, "'%s' is set by trapexit itself, expected another variable", quoted);
	else if ((first = strmap_find(names, s->name)) != NULL)
		diag_error(b->cx.diag, s->at, "'%s' stands twice in 'environment', first in line %u", quoted,
		    first->at.line);
	else {
		strmap_put(names, s->name, s);
		strvec_pushf(env, "%s=%s", s->name, s->words->text);
	}
}

static void
read_environment(struct builder *b, const struct stmt *section, struct strvec *env)
{
	struct strmap names = STRMAP_INIT;
	struct stmt *s;

	for (s = section->first; s != NULL; s = s->next)
		add_variable(b, s, env, &names);
	strmap_release(&names);
}

/* A section that stands once and has no name: its words go to the same bases. */
static void
read_once(struct builder *b, const struct schema_word *w, const struct stmt *s, const struct bases *to)
{
	uint32_t lines[SCHEMA_WORDS_MAX];
	struct child_spec *spec = to->of[TARGET_SPEC];

	if (s->kind != STMT_SECTION) {
		if (s->broken)
			return;
		if (w->none != NULL && s->kind == STMT_VALUE && strcmp(s->words->text, w->none) == 0)
			spec->backoff.enabled = false; /* the only section that can be none */
		else if (w->none != NULL)
			diag_error(b->cx.diag, s->at, "'%s' is wrong, expected '%s { ... }' or '%s = %s'", w->word, w->word,
			    w->word, w->none);
		else
			diag_error(b->cx.diag, s->at, "'%s' is a section, expected '%s { ... }'", w->word, w->word);
		return;
	}
	if (s->id.text != NULL)
		diag_error(b->cx.diag, s->id.at, "'%s' has no name, expected '%s {'", w->word, w->word);
	if (schema_section(w->section)->any_word)
		read_environment(b, s, (struct strvec *)((char *)to->of[w->target] + w->offset));
	else
		build_section(b, w->section, s, to, lines, NULL, NULL);
}

static void
read_statement(struct builder *b, const struct schema_word *w, const struct stmt *s, const struct bases *to,
    build_cb *each, void *arg)
{
	if (w->type == VALUE_SOURCES) {
		each(b, arg, w, s); /* NOLINT: every caller that meets such words gives it */
	} else if (w->type == VALUE_SECTION && w->repeat == SECTION_NAMED) {
		if (s->kind == STMT_SECTION)
			each(b, arg, w, s); /* NOLINT: as above */
		else
			diag_error(b->cx.diag, s->at, "'%s' is a section, expected '%s NAME { ... }'", w->word, w->word);
	} else if (w->type == VALUE_SECTION) {
		read_once(b, w, s, to);
	} else {
		if (value_read(&b->cx, w, s, (char *)to->of[w->target] + w->offset) == -1)
			diag_name_error(b->cx.diag, w->otp);
	}
}

void
build_section(struct builder *b, enum schema_id id, const struct stmt *section, const struct bases *to,
    uint32_t lines[SCHEMA_WORDS_MAX], build_cb *each, void *arg)
{
	const struct schema_word *w;
	const struct stmt *s;
	char in[DIAG_QUOTE_SIZE + 32];
	size_t i;

	memset(lines, 0, SCHEMA_WORDS_MAX * sizeof(*lines));
	for (s = section->first; s != NULL; s = s->next) {
		w = schema_find(id, s->name, &i);
		if (w == NULL) {
			if (!s->broken || s->kind == STMT_SECTION) /* else that it is no statement says enough */
				unknown_word(b, id, section, s);
			continue;
		}
		if (w->type != VALUE_SECTION || w->repeat == SECTION_ONCE) {
			if (lines[i] != 0) {
				diag_error(b->cx.diag, s->at, "'%s' stands twice %s, first in line %u", w->word,
				    where(id, section, in, sizeof(in)), lines[i]);
				continue;
			}
			lines[i] = s->at.line;
		}
		read_statement(b, w, s, to, each, arg);
	}
}

bool
build_has(enum schema_id id, const uint32_t lines[SCHEMA_WORDS_MAX], const char *word)
{
	size_t i;

	return schema_find(id, word, &i) != NULL && lines[i] != 0;
}

const char *
build_id(struct builder *b, const struct stmt *s)
{
	char quoted[DIAG_QUOTE_SIZE];

	if (s->id.text == NULL) {
		diag_error(b->cx.diag, s->at, "this %s has no name, expected '%s NAME {'", s->name, s->name);
		diag_name_error(b->cx.diag, "missing_id");
		return NULL;
	}
	if (s->broken)
		return NULL;
	if (!text_is_id(s->id.text)) {
		diag_error(b->cx.diag, s->id.at,
		    "'%s' cannot be a name, expected letters, digits and '_', then also '.', ':' and '-', at most %d",
		    diag_quote(s->id.text, quoted), TEXT_ID_MAX);
		diag_name_error(b->cx.diag, "invalid_id");
		return NULL;
	}
	return s->id.text;
}

static void
builder_release(struct builder *b)
{
	free(b->pricescrape);
	strmap_release(&b->nodes);
	strmap_release(&b->handlers);
	arena_release(&b->scratch);
}

void
build_config(struct config *c, const struct stmt *root, struct diag *diag, const char *dir)
{
	struct config_data *data = config_data(c);
	struct builder b = { .c = c, .cx = { &data->arena, diag, dir } };

	defaults_init(&b.defaults, &data->arena);
	build_tree(&b, root);
	builder_release(&b);
}

void
build_children(struct config *c, const struct stmt *root, const struct config_place *place, struct diag *diag,
    const char *dir)
{
	struct config_data *data = config_data(c);
	struct builder b = { .c = c, .cx = { &data->arena, diag, dir } };

	defaults_init(&b.defaults, &data->arena);
	build_pieces(&b, root, place);
	builder_release(&b);
}

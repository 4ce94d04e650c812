/*
 * trapexit.conf(5) says every word of the schema, with its type, its choices and
 * its default, and no word that is not there. In the page, a list of words
 * begins behind a line `.\" WORDS section ...`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "conf/schema.h"
#include "unit.h"

#define ITEMS_MAX 256

/* One ".It Ic word ..." of the page. */
struct item {
	char *sections; /* " root supervisor " */
	char *word;
	char *head; /* the .It line */
	char *body; /* to the next .It or .El */
	bool known;
};

static struct item items[ITEMS_MAX];
static size_t n_items;

/* "text" as a word of its own in s? */
static bool
has_word(const char *s, const char *text)
{
	const size_t n = strlen(text);
	const char *p;

	for (p = s; (p = strstr(p, text)) != NULL; p++)
		if ((p == s || p[-1] == ' ' || p[-1] == '\n') && (p[n] == '\0' || p[n] == ' ' || p[n] == '\n'))
			return true;
	return false;
}

static void
add_item(const char *sections, char *line)
{
	struct item *item = &items[n_items++];

	ck_assert_uint_lt(n_items, ITEMS_MAX);
	item->sections = strdup(sections);
	item->head = strdup(line);
	item->word = strndup(line + 7, strcspn(line + 7, " "));
	item->body = strdup("");
}

static void
add_line(struct item *item, const char *line)
{
	char *body;

	ck_assert_int_ne(asprintf(&body, "%s%s\n", item->body, line), -1);
	free(item->body);
	item->body = body;
}

static void
read_page(void)
{
	struct buf text = BUF_INIT(0);
	struct err err = ERR_INIT;
	char path[4096], sections[128] = "", *line, *next;
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/man/trapexit.conf.5", top != NULL ? top : ".");
	ck_assert_msg(conf_file_read(path, &text, &err) == 0, "%s", err.msg);
	for (line = text.data; line != NULL && *line != '\0'; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strncmp(line, ".\\\" WORDS ", 10) == 0)
			snprintf(sections, sizeof(sections), " %s ", line + 10);
		else if (strncmp(line, ".El", 3) == 0)
			sections[0] = '\0';
		else if (sections[0] != '\0' && strncmp(line, ".It Ic ", 7) == 0)
			add_item(sections, line);
		else if (sections[0] != '\0' && n_items > 0)
			add_line(&items[n_items - 1], line);
	}
	buf_release(&text);
}

static struct item *
find_item(const char *section, const char *word)
{
	size_t i;

	for (i = 0; i < n_items; i++)
		if (has_word(items[i].sections, section) && strcmp(items[i].word, word) == 0)
			return &items[i];
	return NULL;
}

static void
check_word(const char *section, const struct schema_word *w)
{
	struct item *item = find_item(section, w->word);
	char want[64];
	size_t i;

	ck_assert_msg(item != NULL, "%s: '%s' is not in the page", section, w->word);
	item->known = true;
	if (w->type == VALUE_SECTION) {
		ck_assert_msg(strstr(item->head, " Brq ...") != NULL, "%s: '%s' is a section", section, w->word);
		ck_assert_msg((w->repeat == SECTION_NAMED) == (strstr(item->head, "Ar NAME") != NULL),
		    "%s: has '%s' a name?", section, w->word);
		return;
	}
	for (i = 0; w->names != NULL && w->names[i] != NULL; i++)
		ck_assert_msg(has_word(item->head, w->names[i]), "%s: '%s' can be %s", section, w->word, w->names[i]);
	snprintf(want, sizeof(want), "= Ar %s", schema_type_name(w));
	if (w->names == NULL)
		ck_assert_msg(strstr(item->head, want) != NULL, "%s: '%s' is a %s, the page says %s", section, w->word,
		    schema_type_name(w), item->head);
	if (w->none != NULL)
		ck_assert_msg(has_word(item->head, w->none), "%s: '%s' can be %s", section, w->word, w->none);
	if (w->def == NULL)
		return;
	snprintf(want, sizeof(want), "Default:\n.Cm %s .\n", w->def);
	ck_assert_msg(strstr(item->body, want) != NULL, "%s: the default of '%s' is %s, the page says:\n%s", section,
	    w->word, w->def, item->body);
}

/* The name of a section in the page's lists. */
static const char *
page_name(enum schema_id id)
{
	return id == SECTION_ROOT ? "root" : schema_section(id)->name;
}

START_TEST(every_word_is_there)
{
	const struct schema_word *w;
	size_t i;

	read_page();
	for (i = 0; (w = schema_word((enum schema_id)_i, i)) != NULL; i++)
		check_word(page_name((enum schema_id)_i), w);
}
END_TEST

START_TEST(no_other_word_is_there)
{
	size_t i, index;
	unsigned id;
	bool known;

	read_page();
	ck_assert_uint_gt(n_items, 80);
	for (i = 0; i < n_items; i++) {
		known = false;
		for (id = 0; id < SECTIONS; id++)
			known |= has_word(items[i].sections, page_name((enum schema_id)id)) &&
			    schema_find((enum schema_id)id, items[i].word, &index) != NULL;
		ck_assert_msg(known, "there is no word '%s' in%s", items[i].word, items[i].sections);
	}
}
END_TEST

/* Help texts are there, and defaults are values that their words take (S1, S13). */
START_TEST(tables_are_sound)
{
	const struct schema_word *w, *other;
	size_t i, k;

	for (i = 0; (w = schema_word((enum schema_id)_i, i)) != NULL; i++) {
		ck_assert_msg(w->help != NULL && w->help[0] != '\0', "%s has no help", w->word);
		ck_assert_msg(w->min <= w->max || w->type == VALUE_LIMIT, "%s: range", w->word);
		for (k = 0; (other = schema_word((enum schema_id)_i, k)) != NULL; k++)
			ck_assert_msg(k == i || strcmp(other->word, w->word) != 0, "%s stands twice", w->word);
		if (w->type == VALUE_ENUM)
			ck_assert_ptr_nonnull(w->names);
	}
	ck_assert_uint_le(i, SCHEMA_WORDS_MAX);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf man");
	TCase *t = tcase_create("trapexit.conf(5)");

	tcase_add_loop_test(t, every_word_is_there, 0, SECTIONS);
	tcase_add_test(t, no_other_word_is_there);
	tcase_add_loop_test(t, tables_are_sound, 0, SECTIONS);
	suite_add_tcase(s, t);
	return unit_run(s);
}

/* The sources of a scraper: sections, and lines of CSV files. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "conf/build.h"
#include "conf/csv.h"
#include "conf/file.h"
#include "conf/text.h"

#define CSV_SIZE_MAX ((size_t)256 << 20)
#define CSV_COLUMNS_MAX 32

static void
add_source(struct build_sources *bs, const struct source *source)
{
	if (bs->n == bs->cap) {
		bs->cap = bs->cap == 0 ? 8 : bs->cap * 2;
		bs->v = xreallocarray(bs->v, bs->cap, sizeof(*bs->v));
	}
	bs->v[bs->n++] = *source;
}

/* Is the id free? The map keeps lines; those of CSV files are told apart by their file. */
struct claim {
	const char *file; /* NULL: the configuration itself */
	unsigned line;
};

static bool
claim_source(struct builder *b, struct build_sources *bs, struct diag *diag, const char *id, struct place at,
    const char *file)
{
	const struct claim *first = strmap_find(&bs->ids, id);
	struct claim *claim;
	char quoted[DIAG_QUOTE_SIZE];

	diag_quote(id, quoted);
	if (first != NULL && first->file == file) {
		diag_error(diag, at, "the source '%s' stands twice, first in line %u", quoted, first->line);
		return false;
	}
	if (first != NULL) {
		diag_error(diag, at, "the source '%s' stands twice, first in line %u of %s", quoted, first->line,
		    first->file != NULL ? first->file : b->cx.diag->name);
		return false;
	}
	claim = arena_alloc(&b->scratch, sizeof(*claim));
	claim->file = file;
	claim->line = at.line;
	strmap_put(&bs->ids, id, claim);
	return true;
}

void
build_source(struct builder *b, struct build_sources *bs, const struct stmt *s)
{
	struct source source = b->defaults.source;
	const struct bases to = { .of = { [TARGET_SOURCE] = &source } };
	uint32_t lines[SCHEMA_WORDS_MAX];
	char quoted[DIAG_QUOTE_SIZE];

	source.line = s->at.line;
	build_section(b, SECTION_SOURCE, s, &to, lines, NULL, NULL);
	if (!build_has(SECTION_SOURCE, lines, "url"))
		diag_error(b->cx.diag, s->at, "this source has no 'url', expected url = \"https://shop.example/page\"");
	if (s->id.text == NULL) {
		diag_error(b->cx.diag, s->at, "this source has no name, expected 'source NAME {'");
	} else if (s->broken) {
		return;
	} else if (!text_is_source_id(s->id.text)) {
		diag_error(b->cx.diag, s->id.at,
		    "'%s' cannot be a source's name, expected 1 to %d bytes of text without control characters",
		    diag_quote(s->id.text, quoted), TEXT_SOURCE_ID_MAX);
	} else {
		source.id = arena_strdup(b->cx.arena, s->id.text);
		if (claim_source(b, bs, b->cx.diag, source.id, s->id.at, NULL))
			add_source(bs, &source);
	}
}

/* A CSV file being read. */
struct source_file {
	struct builder *b;
	struct build_sources *bs;
	struct csv csv;
	struct diag diag;      /* of this file; its name is the file's */
	struct value_ctx cx;   /* reports to that diag */
	const struct schema_word *columns[CSV_COLUMNS_MAX]; /* NULL: the id */
	size_t n_columns;
	struct left_out left_out;
};

static void
unknown_column(struct source_file *f, const struct csv_field *field)
{
	struct diag_guess guess = { .word = field->text };
	char quoted[DIAG_QUOTE_SIZE];
	const struct schema_word *w;
	size_t i;

	diag_guess_offer(&guess, "id");
	for (i = 0; (w = schema_word(SECTION_SOURCE, i)) != NULL; i++)
		diag_guess_offer(&guess, w->word);
	diag_quote(field->text, quoted);
	if (guess.best != NULL)
		diag_error(&f->diag, field->at, "unknown column '%s'; did you mean '%s'?", quoted, guess.best);
	else
		diag_error(&f->diag, field->at,
		    "unknown column '%s', expected a header line of id,url and words of a source as product,pattern,every", quoted);
}

/* RFC 4180 has blanks as part of a field; but no column has one in its name, and people like to read. */
static void
trim(struct source_file *f, struct csv_field *field)
{
	static const char blanks[] = " \t";

	field->text += strspn(field->text, blanks);
	field->len = strlen(field->text);
	while (field->len > 0 && strchr(blanks, field->text[field->len - 1]) != NULL)
		field->len--;
	if (field->text[field->len] != '\0')
		field->text = arena_strndup(&f->b->scratch, field->text, field->len);
}

/* The first record names the columns; 0 if the others can be read. */
static int
read_header(struct source_file *f)
{
	uint32_t seen = 0;
	struct csv_field field = { .last = false };
	const struct schema_word *w;
	size_t i;

	while (!field.last && csv_next(&f->csv, &field)) {
		trim(f, &field);
		if (field.wrong != NULL) {
			diag_error(&f->diag, field.at, "%s", field.wrong);
			return -1;
		}
		i = ARRAY_LEN(f->columns) - 1;
		w = strcmp(field.text, "id") == 0 ? NULL : schema_find(SECTION_SOURCE, field.text, &i);
		if (w == NULL && strcmp(field.text, "id") != 0) {
			unknown_column(f, &field);
			return -1;
		}
		if ((seen >> i & 1) != 0) {
			diag_error(&f->diag, field.at, "the column '%s' stands twice", field.text);
			return -1;
		}
		seen |= UINT32_C(1) << i;
		f->columns[f->n_columns++] = w; /* each column once: they cannot be too many */
	}
	i = 0;
	(void)schema_find(SECTION_SOURCE, "url", &i);
	if ((seen >> i & 1) == 0 || (seen >> (ARRAY_LEN(f->columns) - 1) & 1) == 0) {
		diag_error(&f->diag, (struct place){ 1, 1 }, "the header line has no columns 'id' and 'url', expected "
		    "these and words of a source as product,pattern,every");
		return -1;
	}
	return 0;
}

/* A name that a spreadsheet has on two lines is one all the same: line breaks and tabs are a blank. */
static const char *
one_line(struct source_file *f, const struct csv_field *field)
{
	static const char breaks[] = "\r\n\t";
	char *copy, *out;
	const char *p;

	if (strpbrk(field->text, breaks) == NULL)
		return field->text;
	copy = out = arena_alloc(&f->b->scratch, field->len + 1);
	for (p = field->text; *p != '\0'; p++)
		if (strchr(breaks, *p) == NULL)
			*out++ = *p;
		else if (strchr(breaks, p[1]) == NULL)
			*out++ = ' ';
	*out = '\0';
	return copy;
}

static int
read_field(struct source_file *f, struct source *source, const struct schema_word *w, const struct csv_field *field)
{
	struct word word = { .text = field->text, .len = field->len, .at = field->at };
	struct stmt s = { .kind = STMT_VALUE, .at = field->at, .words = &word, .n_words = 1 };

	if (w == NULL) {
		source->id = arena_strdup(f->cx.arena, field->text);
		return 0;
	}
	if (field->len == 0) /* not written */
		return 0;
	if (w->type == VALUE_TEXT) {
		word.text = one_line(f, field);
		word.len = strlen(word.text);
	}
	return value_read(&f->cx, w, &s, (char *)source + w->offset);
}

static bool
finish_record(struct source_file *f, const struct source *source, struct place at, size_t n)
{
	char quoted[DIAG_QUOTE_SIZE];

	if (n != f->n_columns)
		diag_error(&f->diag, at, "this line has %zu fields, expected %zu as in the header line", n, f->n_columns);
	else if (source->id == NULL || !text_is_source_id(source->id))
		diag_error(&f->diag, at, "'%s' cannot be a source's id, expected 1 to %d bytes of text without control "
		    "characters", diag_quote(source->id == NULL ? "" : source->id, quoted), TEXT_SOURCE_ID_MAX);
	else if (source->url == NULL)
		diag_error(&f->diag, at, "the source '%s' has no url", diag_quote(source->id, quoted));
	else if (claim_source(f->b, f->bs, &f->diag, source->id, at, f->diag.name)) {
		add_source(f->bs, source);
		return true;
	}
	return false;
}

/* A line that is wrong takes no other down: it is warned of, and counted. */
static void
leave_out(struct source_file *f, unsigned line)
{
	if (f->left_out.lines++ == 0)
		f->left_out.first = line;
}

static void
read_records(struct source_file *f)
{
	struct source source = f->b->defaults.source;
	struct csv_field field;
	struct place start = { 0, 0 };
	bool sound = true;
	size_t n = 0;

	while (csv_next(&f->csv, &field)) {
		if (n == 0) {
			source = f->b->defaults.source;
			source.line = field.at.line;
			start = field.at;
			sound = true;
		}
		if (field.wrong != NULL) {
			diag_error(&f->diag, field.at, "%s", field.wrong);
			sound = false;
		} else if (n < f->n_columns && read_field(f, &source, f->columns[n], &field) == -1) {
			sound = false;
		}
		n++;
		if (field.last) {
			if (!sound || !finish_record(f, &source, start, n))
				leave_out(f, start.line);
			n = 0;
		}
	}
}

/* How messages name the file: as the configuration's own name leads to it. */
static char *
shown_name(struct builder *b, const char *written)
{
	const char *name = b->cx.diag->name, *slash = strrchr(name, '/');
	size_t dir = slash == NULL || written[0] == '/' ? 0 : (size_t)(slash - name) + 1;
	char *shown = arena_alloc(&b->scratch, dir + strlen(written) + 1);

	memcpy(shown, name, dir);
	memcpy(shown + dir, written, strlen(written));
	return shown;
}

static void
keep_left_out(struct source_file *f, struct place at)
{
	struct builder *b = f->b;
	struct build_sources *bs = f->bs;
	const struct left_out *l = &f->left_out;
	char more[64] = "";

	if (l->lines == 0)
		return;
	if (f->diag.unsaid > 0)
		snprintf(more, sizeof(more), " (%zu more faults are not shown)", f->diag.unsaid);
	diag_warning(b->cx.diag, at, "%zu line%s of %s %s left out, all other sources are there%s", l->lines,
	    l->lines == 1 ? "" : "s", f->diag.name, l->lines == 1 ? "is" : "are", more);
	bs->left_out = xreallocarray(bs->left_out, bs->n_left_out + 1, sizeof(*bs->left_out));
	bs->left_out[bs->n_left_out] = *l;
	bs->left_out[bs->n_left_out++].file = arena_strdup(b->cx.arena, f->diag.name);
}

static void
read_source_file(struct builder *b, struct build_sources *bs, const struct word *word)
{
	struct source_file f = { .b = b, .bs = bs };
	struct buf text = BUF_INIT(CSV_SIZE_MAX);
	struct err err = ERR_INIT;

	f.diag = (struct diag)DIAG_INIT(shown_name(b, word->text));
	f.cx = (struct value_ctx){ b->cx.arena, &f.diag, NULL };
	if (conf_file_read(value_absolute(&b->cx, word->text), &text, &err) == -1) {
		diag_error(b->cx.diag, word->at, "'sources_from' cannot be read: %s", err.msg);
	} else {
		csv_init(&f.csv, text.data != NULL ? text.data : "", text.len, &b->scratch);
		if (read_header(&f) == 0) {
			f.diag.lenient = true;
			read_records(&f);
		}
		diag_merge(b->cx.diag, word->at, &f.diag);
		keep_left_out(&f, word->at);
	}
	buf_release(&text);
}

void
build_sources_from(struct builder *b, struct build_sources *bs, const struct stmt *s)
{
	size_t i;

	if (s->broken)
		return;
	if (s->kind == STMT_SECTION) {
		diag_error(b->cx.diag, s->at, "'%s' is no section, expected '%s = \"file.csv\"'", s->name, s->name);
		return;
	}
	for (i = 0; i < s->n_words; i++) {
		if (s->words[i].len == 0)
			diag_error(b->cx.diag, s->words[i].at, "'%s' names no file, expected a path", s->name);
		else
			read_source_file(b, bs, &s->words[i]);
	}
}

void
build_sources_finish(struct builder *b, struct build_sources *bs, struct scraper *scraper)
{
	scraper->sources = arena_array(b->cx.arena, bs->n, sizeof(*scraper->sources));
	if (bs->n > 0)
		memcpy(scraper->sources, bs->v, bs->n * sizeof(*bs->v));
	scraper->n_sources = bs->n;
	scraper->left_out = arena_array(b->cx.arena, bs->n_left_out, sizeof(*scraper->left_out));
	if (bs->n_left_out > 0)
		memcpy(scraper->left_out, bs->left_out, bs->n_left_out * sizeof(*bs->left_out));
	scraper->n_left_out = bs->n_left_out;
	free(bs->left_out);
	strmap_release(&bs->ids);
	free(bs->v);
	*bs = (struct build_sources){ .ids = STRMAP_INIT };
}

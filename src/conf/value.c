/* The types' table, and the types that are one number. */
#include "conf/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "conf/value_ops.h"
#include "core/spec.h"

static const struct value_ops *const ops[] = {
	[VALUE_BOOL] = &value_bool_ops,		[VALUE_UINT] = &value_uint_ops,
	[VALUE_INT] = &value_int_ops,		[VALUE_ENUM] = &value_enum_ops,
	[VALUE_DURATION] = &value_duration_ops, [VALUE_SHUTDOWN] = &value_shutdown_ops,
	[VALUE_SIZE] = &value_size_ops,		[VALUE_PERMILLE] = &value_permille_ops,
	[VALUE_UMASK] = &value_umask_ops,	[VALUE_TEXT] = &value_text_ops,
	[VALUE_PATH] = &value_path_ops,		[VALUE_STORE] = &value_store_ops,
	[VALUE_PROXY] = &value_text_ops,
	[VALUE_URL] = &value_text_ops,		[VALUE_PATTERN] = &value_text_ops,
	[VALUE_XPATH] = &value_text_ops,	[VALUE_CSS] = &value_text_ops,
	[VALUE_POINTER] = &value_text_ops,	[VALUE_SEPARATOR] = &value_text_ops,
	[VALUE_METHODS] = &value_methods_ops,
	[VALUE_CURRENCY] = &value_text_ops,	[VALUE_LOCALE] = &value_text_ops,
	[VALUE_CHARSET] = &value_text_ops,
	[VALUE_COMMAND] = &value_command_ops,	[VALUE_LIST] = &value_list_ops,
	[VALUE_SIGNAL] = &value_signal_ops,	[VALUE_SIGNALS] = &value_signals_ops,
	[VALUE_CODES] = &value_codes_ops,	[VALUE_LIMIT] = &value_limit_ops,
	[VALUE_SOURCES] = NULL,			[VALUE_SECTION] = NULL,
	[VALUE_EVENTS] = &value_events_ops,	[VALUE_GLOBS] = &value_globs_ops,
	[VALUE_NODES] = &value_nodes_ops,	[VALUE_AMOUNT] = &value_text_ops,
	[VALUE_FACTOR] = &value_factor_ops,
};

_Static_assert(ARRAY_LEN(ops) == VALUE_TYPES, "a type has no functions");

int
value_read(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	if (s->kind == STMT_SECTION) {
		diag_error(cx->diag, s->at, "'%s' is no section, expected '%s = %s'", w->word, w->word,
		    schema_type_name(w));
		return -1;
	}
	if (s->broken)
		return -1;
	if (s->kind == STMT_LIST && !ops[w->type]->list) {
		diag_error(cx->diag, s->at, "'%s' takes no list, expected one %s", w->word, schema_type_name(w));
		return -1;
	}
	if (s->n_sets > 0 && w->type != VALUE_NODES) {
		diag_error(cx->diag, s->at, "'%s' is a plain list, expected no braces inside of it", w->word);
		return -1;
	}
	return ops[w->type]->read(cx, w, s, field);
}

void
value_default(struct value_ctx *cx, const struct schema_word *w, void *field)
{
	struct word word = { .text = w->def };
	struct stmt s = { .kind = STMT_VALUE, .name = w->word, .words = &word, .n_words = 1 };

	if (w->def == NULL || ops[w->type] == NULL)
		return;
	word.len = strlen(w->def);
	(void)value_read(cx, w, &s, field);
}

bool
value_equal(const struct schema_word *w, const void *a, const void *b)
{
	return ops[w->type]->equal(w, a, b);
}

bool
value_is_set(const struct schema_word *w, const void *field)
{
	return ops[w->type]->is_set == NULL || ops[w->type]->is_set(w, field);
}

void
value_print(const struct schema_word *w, const void *field, struct buf *out)
{
	ops[w->type]->print(w, field, out);
}

int
value_wrong(struct value_ctx *cx, const struct schema_word *w, const struct word *word, const char *expected)
{
	char quoted[DIAG_QUOTE_SIZE];

	diag_error(cx->diag, word->at, "'%s' is wrong for '%s', expected %s", diag_quote(word->text, quoted), w->word,
	    expected);
	return -1;
}

static bool
has_range(const struct schema_word *w)
{
	return w->min != 0 || w->max != 0;
}

static bool
in_range(const struct schema_word *w, int64_t v)
{
	return !has_range(w) || (v >= w->min && v <= w->max);
}

static bool
is_none(const struct schema_word *w, const struct word *word)
{
	return w->none != NULL && strcmp(word->text, w->none) == 0;
}

/* "..., or never" */
static int
range_wrong(struct value_ctx *cx, const struct schema_word *w, const struct word *word, const char *what,
    const char *low, const char *high)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "%s from %s to %s%s%s%s", what, low, high, w->none != NULL ? ", or " : "",
	    w->none != NULL ? w->none : "", w->automatic ? ", or auto" : "");
	return value_wrong(cx, w, word, expected);
}

/* A decimal number without sign (unless `negative`), and nothing else. */
static int
parse_number(const char *s, bool negative, int64_t *v)
{
	const char *digits = negative && *s == '-' ? s + 1 : s;
	char *end;

	if (*digits < '0' || *digits > '9')
		return -1;
	errno = 0;
	*v = strtoll(s, &end, 10);
	return errno != 0 || *end != '\0' ? -1 : 0;
}

static int
number_wrong(struct value_ctx *cx, const struct schema_word *w, const struct word *word)
{
	char low[24], high[24];

	snprintf(low, sizeof(low), "%" PRId64, w->min);
	snprintf(high, sizeof(high), "%" PRId64, w->max);
	return range_wrong(cx, w, word, "a number", low, high);
}

static int
read_uint(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	int64_t v;
	uint32_t u;

	if (is_none(w, s->words))
		v = w->none_value;
	else if (parse_number(s->words->text, false, &v) == -1 || !in_range(w, v))
		return number_wrong(cx, w, s->words);
	u = (uint32_t)v;
	memcpy(field, &u, sizeof(u));
	return 0;
}

static bool
equal_4(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return memcmp(a, b, 4) == 0;
}

static bool
equal_8(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return memcmp(a, b, 8) == 0;
}

static uint32_t
uint_of(const void *field)
{
	uint32_t u;

	memcpy(&u, field, sizeof(u));
	return u;
}

/* A number that is 0 and may not be is absent. */
static bool
is_set_uint(const struct schema_word *w, const void *field)
{
	return w->none != NULL || in_range(w, uint_of(field));
}

static void
print_uint(const struct schema_word *w, const void *field, struct buf *out)
{
	if (w->none != NULL && uint_of(field) == (uint32_t)w->none_value)
		buf_xaddstr(out, w->none);
	else
		buf_xprintf(out, "%" PRIu32, uint_of(field));
}

const struct value_ops value_uint_ops = { false, read_uint, equal_4, is_set_uint, print_uint };

static int
read_int(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	int64_t v;
	int32_t i;

	if (parse_number(s->words->text, true, &v) == -1 || !in_range(w, v))
		return number_wrong(cx, w, s->words);
	i = (int32_t)v;
	memcpy(field, &i, sizeof(i));
	return 0;
}

static int32_t
int_of(const void *field)
{
	return (int32_t)uint_of(field);
}

static bool
is_set_int(const struct schema_word *w, const void *field)
{
	return in_range(w, int_of(field));
}

static void
print_int(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	buf_xprintf(out, "%" PRId32, int_of(field));
}

const struct value_ops value_int_ops = { false, read_int, equal_4, is_set_int, print_int };

static int
read_umask(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	const char *text = s->words->text;
	size_t n = strlen(text);
	int32_t i;

	if (n == 0 || n > 4 || strspn(text, "01234567") != n)
		return value_wrong(cx, w, s->words, "an octal number as 022");
	i = (int32_t)strtol(text, NULL, 8);
	if (!in_range(w, i))
		return value_wrong(cx, w, s->words, "an octal number from 0 to 777");
	memcpy(field, &i, sizeof(i));
	return 0;
}

static void
print_umask(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	buf_xprintf(out, "%03o", uint_of(field));
}

const struct value_ops value_umask_ops = { false, read_umask, equal_4, is_set_int, print_umask };

static int
read_duration(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	char low[DURATION_TEXT_SIZE], high[DURATION_TEXT_SIZE];
	int64_t v;

	if (is_none(w, s->words))
		v = w->none_value;
	else if (w->automatic && strcmp(s->words->text, "auto") == 0)
		v = -1;
	else if (duration_parse(s->words->text, &v) == -1)
		return value_wrong(cx, w, s->words, "a number with a unit (us ms s m h d w), as 30s or 1h30m");
	else if (!in_range(w, v))
		return range_wrong(cx, w, s->words, "a duration", duration_text(w->min, low),
		    duration_text(w->max, high));
	memcpy(field, &v, sizeof(v));
	return 0;
}

static int64_t
int64_of(const void *field)
{
	int64_t v;

	memcpy(&v, field, sizeof(v));
	return v;
}

static bool
is_set_duration(const struct schema_word *w, const void *field)
{
	return w->none != NULL || in_range(w, int64_of(field));
}

static void
print_duration(const struct schema_word *w, const void *field, struct buf *out)
{
	char text[DURATION_TEXT_SIZE];

	if (w->none != NULL && int64_of(field) == w->none_value)
		buf_xaddstr(out, w->none);
	else if (w->automatic && int64_of(field) == -1)
		buf_xaddstr(out, "auto");
	else
		buf_xaddstr(out, duration_text(int64_of(field), text));
}

const struct value_ops value_duration_ops = { false, read_duration, equal_8, is_set_duration, print_duration };

/* S10: milliseconds, or one of two words. */
static int
read_shutdown(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	int64_t v;

	if (strcmp(s->words->text, "brutal_kill") == 0)
		v = SHUTDOWN_BRUTAL_KILL;
	else if (strcmp(s->words->text, "infinity") == 0)
		v = SHUTDOWN_INFINITY;
	else if (duration_parse(s->words->text, &v) == -1 || v % 1000 != 0 || !in_range(w, v / 1000))
		return value_wrong(cx, w, s->words,
		    "brutal_kill, infinity, or a duration of whole milliseconds up to a week");
	else
		v /= 1000;
	memcpy(field, &v, sizeof(v));
	return 0;
}

static void
print_shutdown(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	char text[DURATION_TEXT_SIZE];
	int64_t v = int64_of(field);

	if (v == SHUTDOWN_BRUTAL_KILL)
		buf_xaddstr(out, "brutal_kill");
	else if (v == SHUTDOWN_INFINITY)
		buf_xaddstr(out, "infinity");
	else
		buf_xaddstr(out, duration_text(v * 1000, text));
}

const struct value_ops value_shutdown_ops = { false, read_shutdown, equal_8, NULL, print_shutdown };

static int
read_size(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	char low[SIZE_TEXT_SIZE], high[SIZE_TEXT_SIZE];
	uint64_t v;

	if (is_none(w, s->words))
		v = (uint64_t)w->none_value;
	else if (size_parse(s->words->text, &v) == -1)
		return value_wrong(cx, w, s->words, "a number of bytes, or one with K, M, G or T, as 10M");
	else if (v > INT64_MAX || !in_range(w, (int64_t)v))
		return range_wrong(cx, w, s->words, "a size", size_text((uint64_t)w->min, low),
		    size_text((uint64_t)w->max, high));
	memcpy(field, &v, sizeof(v));
	return 0;
}

static void
print_size(const struct schema_word *w, const void *field, struct buf *out)
{
	char text[SIZE_TEXT_SIZE];

	if (w->none != NULL && int64_of(field) == w->none_value)
		buf_xaddstr(out, w->none);
	else
		buf_xaddstr(out, size_text((uint64_t)int64_of(field), text));
}

const struct value_ops value_size_ops = { false, read_size, equal_8, NULL, print_size };

/* "10%", "2.5%": in thousandths, exactly. */
static int
read_permille(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	const char *p = s->words->text;
	uint32_t v = 0;
	size_t digits;

	for (digits = 0; *p >= '0' && *p <= '9' && digits < 4; p++, digits++)
		v = v * 10 + (uint32_t)(*p - '0');
	v *= 10;
	if (digits > 0 && p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
		v += (uint32_t)(p[1] - '0');
		p += 2;
	}
	if (digits == 0 || (strcmp(p, "%") != 0 && (*p != '\0' || v != 0)) || !in_range(w, v))
		return value_wrong(cx, w, s->words, "per cent from 0% to 100%, as 10% or 2.5%");
	memcpy(field, &v, sizeof(v));
	return 0;
}

static void
print_permille(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	uint32_t v = uint_of(field);

	buf_xprintf(out, "%" PRIu32, v / 10);
	if (v % 10 != 0)
		buf_xprintf(out, ".%" PRIu32, v % 10);
	buf_xaddc(out, '%');
}

const struct value_ops value_permille_ops = { false, read_permille, equal_4, NULL, print_permille };

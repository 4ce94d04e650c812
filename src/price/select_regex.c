/*
 * Rules that are regular expressions: PCRE2 with the limits of P39.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "price/select.h"

#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT_KIB (64u << 10)
#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (1u << 20)

struct matcher {
	pcre2_match_context *context;
	pcre2_jit_stack *stack; /* NULL: matching has the machine's own */
};

/* A name may stand for several groups, (?J): the one that took part counts. */
struct group {
	int number;    /* -1: none */
	PCRE2_SPTR first, last; /* entries of the table of names; NULL: there is but one */
	int entry_size;
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	struct group group[GROUP_COUNT];
};

static const char *const group_names[GROUP_COUNT] = { "price", "currency", "title", "availability", "list_price" };

static void
find_group(const pcre2_code *code, const char *name, struct group *g)
{
	g->number = pcre2_substring_number_from_name(code, (PCRE2_SPTR)name);
	if (g->number == PCRE2_ERROR_NOUNIQUESUBSTRING) {
		g->entry_size = pcre2_substring_nametable_scan(code, (PCRE2_SPTR)name, &g->first, &g->last);
		g->number = g->first[0] << 8 | g->first[1];
	}
	if (g->number < 0)
		g->number = -1;
}

/* P21: names first; without any, group 1 or the whole match is the price. */
static void
find_groups(struct regex *r)
{
	uint32_t names = 0, count = 0;
	int i;

	pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &names);
	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &count);
	for (i = 0; i < GROUP_COUNT; i++)
		find_group(r->code, group_names[i], &r->group[i]);
	if (r->group[GROUP_PRICE].number == -1)
		r->group[GROUP_PRICE].number = names == 0 && count > 0 ? 1 : 0;
}

struct matcher *
matcher_new(void)
{
	struct matcher *m = xcalloc(1, sizeof(*m));

	m->context = pcre2_match_context_create(NULL);
	if (m->context == NULL)
		fatalx("PCRE2: out of memory");
	/* P39. Compiled to machine code, the first one holds and the others have nothing to hold. */
	pcre2_set_match_limit(m->context, MATCH_LIMIT);
	pcre2_set_depth_limit(m->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
	m->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (m->stack != NULL)
		pcre2_jit_stack_assign(m->context, NULL, m->stack);
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	pcre2_jit_stack_free(m->stack);
	pcre2_match_context_free(m->context);
	free(m);
}

struct regex *
regex_compile(const char *pattern)
{
	struct regex *r = xcalloc(1, sizeof(*r));
	PCRE2_SIZE offset;
	int error;

	r->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, REGEX_OPTIONS, &error, &offset, NULL);
	if (r->code != NULL)
		r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
	if (r->data == NULL)
		fatalx("PCRE2: cannot compile what was checked: %s", pattern);
	find_groups(r);
	/* Without it (a processor that PCRE2 does not know) the same matches are found, slower. */
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	return r;
}

void
regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

/* \K may put a start behind its end. */
static struct slice
captured(const char *text, const PCRE2_SIZE *ovector, int n, int g)
{
	if (g < 0 || g >= n || ovector[2 * g] == PCRE2_UNSET || ovector[2 * g] > ovector[2 * g + 1])
		return (struct slice){ NULL, 0 };
	return (struct slice){ text + ovector[2 * g], ovector[2 * g + 1] - ovector[2 * g] };
}

static struct slice
group_captured(const char *text, const PCRE2_SIZE *ovector, int n, const struct group *g)
{
	struct slice s = captured(text, ovector, n, g->number);
	PCRE2_SPTR entry;

	if (g->first == NULL)
		return s;
	for (entry = g->first; s.p == NULL && entry <= g->last; entry += g->entry_size)
		s = captured(text, ovector, n, entry[0] << 8 | entry[1]);
	return s;
}

enum rule_result
regex_match(struct regex *r, const struct matcher *m, const char *text, size_t len, struct rule_captures *out)
{
	PCRE2_SIZE *ovector;
	int i, n;

	memset(out, 0, sizeof(*out));
	if (len > RULE_SUBJECT_MAX)
		return RULE_LIMIT;
	pcre2_set_offset_limit(m->context, len);
	n = pcre2_match(r->code, (PCRE2_SPTR)text, len, 0, 0, r->data, m->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return RULE_NO_MATCH;
	if (n < 0)
		return RULE_LIMIT;
	ovector = pcre2_get_ovector_pointer(r->data);
	for (i = 0; i < GROUP_COUNT; i++)
		out->group[i] = group_captured(text, ovector, n, &r->group[i]);
	return RULE_MATCH;
}

#define PCRE2_CODE_UNIT_WIDTH 8

#include "price/extract_rule.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"

#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT_KIB (64u << 10)
#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (1u << 20)

struct matcher {
	pcre2_match_context *context;
	pcre2_jit_stack *stack; /* NULL: matching has the machine's own */
};

struct rule {
	struct matcher *matcher; /* borrowed */
	pcre2_code *code;
	pcre2_match_data *data;
	int group[GROUP_COUNT]; /* number of each; -1: none */
};

static const char *const group_names[GROUP_COUNT] = { "price", "currency", "title", "availability", "list_price" };

/* P21: names first; without any, group 1 or the whole match is the price. */
static void
find_groups(struct rule *rule)
{
	uint32_t names = 0, count = 0;
	int i;

	pcre2_pattern_info(rule->code, PCRE2_INFO_NAMECOUNT, &names);
	pcre2_pattern_info(rule->code, PCRE2_INFO_CAPTURECOUNT, &count);
	for (i = 0; i < GROUP_COUNT; i++) {
		rule->group[i] = pcre2_substring_number_from_name(rule->code, (PCRE2_SPTR)group_names[i]);
		if (rule->group[i] < 0)
			rule->group[i] = -1;
	}
	if (rule->group[GROUP_PRICE] == -1)
		rule->group[GROUP_PRICE] = names == 0 && count > 0 ? 1 : 0;
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

struct rule *
rule_compile(struct matcher *m, const char *pattern, struct err *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	struct rule *rule;
	pcre2_code *code;
	PCRE2_UCHAR message[256];
	PCRE2_SIZE offset;
	int error;

	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
	if (code == NULL) {
		pcre2_get_error_message(error, message, sizeof(message));
		err_set(err, 0, "offset %zu: %s", offset, (const char *)message);
		return NULL;
	}
	rule = xcalloc(1, sizeof(*rule));
	rule->matcher = m;
	rule->code = code;
	rule->data = pcre2_match_data_create_from_pattern(code, NULL);
	if (rule->data == NULL)
		fatalx("PCRE2: out of memory");
	find_groups(rule);
	/* Without it (a processor that PCRE2 does not know) the same matches are found, slower. */
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return rule;
}

void
rule_free(struct rule *rule)
{
	if (rule == NULL)
		return;
	pcre2_match_data_free(rule->data);
	pcre2_code_free(rule->code);
	free(rule);
}

enum rule_result
rule_match(struct rule *rule, const char *text, size_t len, struct rule_captures *out)
{
	PCRE2_SIZE *ovector;
	int i, n;

	memset(out, 0, sizeof(*out));
	if (len > RULE_SUBJECT_MAX)
		return RULE_LIMIT;
	n = pcre2_match(rule->code, (PCRE2_SPTR)text, len, 0, 0, rule->data, rule->matcher->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return RULE_NO_MATCH;
	if (n < 0)
		return RULE_LIMIT;
	ovector = pcre2_get_ovector_pointer(rule->data);
	for (i = 0; i < GROUP_COUNT; i++) {
		int g = rule->group[i];

		/* \K may put a start behind its end */
		if (g < 0 || g >= n || ovector[2 * g] == PCRE2_UNSET || ovector[2 * g] > ovector[2 * g + 1])
			continue;
		out->group[i] = (struct slice){ text + ovector[2 * g], ovector[2 * g + 1] - ovector[2 * g] };
	}
	return RULE_MATCH;
}

static void
take_texts(const struct rule_captures *captures, struct buf *b, struct offer *o)
{
	buf_clear(b);
	if (markup_put_text(b, captures->group[GROUP_TITLE], READER_TEXT_MAX) && b->len > 0)
		offer_set_title(o, b->data, b->len);
	buf_clear(b);
	if (markup_put_text(b, captures->group[GROUP_AVAILABILITY], READER_TEXT_MAX) && b->len > 0)
		o->availability = availability_read(b->data, b->len);
}

static void
take_list_price(const struct extract *x, const struct rule_captures *captures, struct buf *b, struct money *money)
{
	struct money list;

	buf_clear(b);
	if (captures->group[GROUP_LIST_PRICE].p == NULL ||
	    !markup_put_text(b, captures->group[GROUP_LIST_PRICE], READER_TEXT_MAX) || b->len == 0)
		return;
	if (reader_read(b->data, b->len, &x->hints, &list) == READ_OK) {
		money->has_list_price = true;
		money->list_price = list.amount;
	}
}

/* The currency of its own group stands for the page's field. */
static void
read_currency(const struct rule_captures *captures, struct buf *b, struct reader_hints *hints, char code[4])
{
	struct currency_mark mark;
	const struct currency *c;

	buf_clear(b);
	if (captures->group[GROUP_CURRENCY].p == NULL || !markup_put_text(b, captures->group[GROUP_CURRENCY], 64) ||
	    b->len == 0)
		return;
	c = currency_find(b->data, b->len);
	if (c == NULL && currency_mark_at(b->data, b->len, &mark) == b->len)
		c = currency_resolve(&mark, hints->page_currency, hints->locale);
	if (c != NULL) {
		memcpy(code, c->code, 4);
		hints->page_currency = code;
	}
}

static enum reason_none
none_of_read(enum read_result result)
{
	switch (result) {
	case READ_OK:
		return NONE_PRICE_FOUND;
	case READ_NONE:
		return NONE_NO_MATCH;
	case READ_TOO_LONG:
		return NONE_TOO_MANY_DIGITS;
	case READ_LIMIT:
		return NONE_LIMIT;
	}
	return NONE_NO_MATCH;
}

bool
extract_rule(const struct extract *x, struct rule *rule, struct offer *o)
{
	struct reader_hints hints = x->hints;
	struct rule_captures captures;
	enum rule_result matched = rule_match(rule, x->text, x->len, &captures);
	enum read_result result = READ_LIMIT;
	struct buf b = BUF_INIT(0);
	struct money money;
	char code[4];

	if (matched != RULE_MATCH) {
		o->none = matched == RULE_LIMIT ? NONE_LIMIT : NONE_NO_MATCH;
		return false;
	}
	take_texts(&captures, &b, o);
	read_currency(&captures, &b, &hints, code);
	buf_clear(&b);
	if (captures.group[GROUP_PRICE].p == NULL) {
		result = READ_NONE; /* the group took no part in the match */
	} else if (markup_put_text(&b, captures.group[GROUP_PRICE], READER_TEXT_MAX)) {
		result = reader_read(b.data != NULL ? b.data : "", b.len, &hints, &money);
	}
	o->none = none_of_read(result);
	if (result == READ_OK) {
		take_list_price(x, &captures, &b, &money);
		o->money = money;
		o->method = METHOD_RULE;
	}
	buf_release(&b);
	return result == READ_OK;
}

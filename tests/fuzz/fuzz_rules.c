/*
 * Rules as people write them, on a page: the first byte says of what kind, then
 * comes the rule, and behind a NUL the page (else one of ours). What must hold:
 * a text that rule_check() takes is compiled, and the place of one that it does
 * not take is in the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char page_of_ours[] =
    "<html lang=en><p class=price id=x>5.25 <b>EUR</b></p><table><tr><td>1<td>2</table><ul><li>a<li>3</ul>"
    "<input value=7><meta content=8>";

static void
check(enum rule_kind kind, const char *text, const char *body, size_t len)
{
	struct rule_spec spec = { .regex = kind == RULE_REGEX ? text : NULL,
		.xpath = kind == RULE_XPATH ? text : NULL,
		.css = kind == RULE_CSS ? text : NULL,
		.pointer = kind == RULE_POINTER ? text : NULL };
	struct page page = { .body = body, .len = len };
	struct matcher *matcher = matcher_new();
	struct rule *rule = rule_compile_spec(matcher, &spec, NULL);
	size_t offset = 0, n = strlen(text);
	struct offer offer;

	if ((rule_check(kind, text, n, &offset, NULL) == 0) != (rule != NULL) || offset > n)
		abort();
	if (rule != NULL)
		extract_page(&page, rule, &offer);
	if (rule != NULL && (offer.method == METHOD_RULE) != (offer.none == NONE_PRICE_FOUND))
		abort();
	rule_free(rule);
	matcher_free(matcher);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *nul;
	char *rule;

	if (size < 2 || size > 4096)
		return 0;
	nul = memchr(text, '\0', size - 1);
	rule = xstrndup(text, nul != NULL ? (size_t)(nul - text) : size - 1);
	if (nul != NULL)
		check((enum rule_kind)(data[0] % RULE_KINDS), rule, nul + 1, size - 1 - (size_t)(nul + 1 - text));
	else
		check((enum rule_kind)(data[0] % RULE_KINDS), rule, page_of_ours, strlen(page_of_ours));
	free(rule);
	return 0;
}

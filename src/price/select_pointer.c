/*
 * Rules that are JSON pointers (RFC 6901), for bodies that are JSON.
 */
#include <json-c/json_object.h>
#include <json-c/json_pointer.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/json_repair.h"
#include "price/jsonld_graph.h"
#include "price/select.h"

/* A page that happens to be no JSON is told apart from JSON without the value. */
static struct json_object *
parse_body(const struct extract *x, unsigned *warnings)
{
	const char *p = x->text, *end = x->text + x->len;
	struct json_object *root;

	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	root = p < end && *p != '<' ? json_page_parse(p, (size_t)(end - p)) : NULL;
	if (root == NULL)
		*warnings |= WARN_BAD_JSON;
	return root;
}

/* The source's own field (P17): a member of the object that holds the price. */
static const char *
currency_beside(struct json_object *root, const char *pointer)
{
	static const char *const names[] = { "priceCurrency", "currency", "currencyCode", "currency_code",
		"currencyIso", "currency_iso", "currencyId", "currency_id" };
	const char *last = strrchr(pointer, '/');
	struct json_object *parent = NULL;
	const char *text = NULL;
	size_t i, len;
	char *path;

	if (last == NULL)
		return NULL;
	path = xstrndup(pointer, (size_t)(last - pointer));
	if (json_pointer_get(root, path, &parent) != 0)
		parent = NULL;
	free(path);
	for (i = 0; text == NULL && i < ARRAY_LEN(names); i++)
		text = node_text(node_get(parent, names[i]), &len);
	return text;
}

enum rule_result
pointer_select(const char *pointer, const struct extract *x, selected_fn *fn, void *arg, unsigned *warnings)
{
	struct json_object *root = parse_body(x, warnings), *value = NULL;
	enum rule_result result = RULE_NO_MATCH;
	struct selected s = { .machine = true };

	if (root == NULL)
		return RULE_NO_MATCH;
	if (json_pointer_get(root, pointer, &value) == 0 &&
	    (s.text.p = node_text(value, &s.text.len)) != NULL) {
		s.number = json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
		s.currency = currency_beside(root, pointer);
		result = RULE_MATCH;
		fn(&s, arg);
	}
	json_object_put(root);
	return result;
}

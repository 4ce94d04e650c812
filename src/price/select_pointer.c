/*
 * Rules that are JSON pointers (RFC 6901), for bodies that are JSON.
 */
#include <json-c/json_object.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/json_repair.h"
#include "price/jsonld_graph.h"
#include "price/select.h"

/* A page that happens to be no JSON is told apart from JSON without the value, and from what is too deep or large. */
static struct json_object *
parse_body(const struct extract *x, unsigned *warnings, bool *limit)
{
	const char *p = x->text, *end = x->text + x->len;
	struct json_object *root;

	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	root = p < end && *p != '<' ? json_page_parse_within(p, (size_t)(end - p), limit) : NULL;
	if (root == NULL && !*limit)
		*warnings |= WARN_BAD_JSON;
	return root;
}

/* An index is digits without a zero in front, and no more than there are elements; json-c's own would wrap. */
static struct json_object *
element_at(struct json_object *array, const char *token, size_t len)
{
	size_t i, index = 0, n = json_object_array_length(array);

	if (len == 0 || (len > 1 && token[0] == '0'))
		return NULL;
	for (i = 0; i < len; i++) {
		if (token[i] < '0' || token[i] > '9')
			return NULL;
		index = index * 10 + (size_t)(token[i] - '0');
		if (index >= n)
			return NULL;
	}
	return json_object_array_get_idx(array, index);
}

static struct json_object *
member_named(struct json_object *object, const char *token, size_t len)
{
	struct json_object *value = NULL;
	char *name = xstrndup(token, len), *out = name, *p;

	for (p = name; *p != '\0'; p++, out++) {
		if (*p == '~') {
			p++;
			*out = *p == '1' ? '/' : '~';
		} else {
			*out = *p;
		}
	}
	*out = '\0';
	json_object_object_get_ex(object, name, &value);
	free(name);
	return value;
}

/* RFC 6901, section 4; the first `len` bytes of a pointer that has passed rule_check(). */
static struct json_object *
find_value(struct json_object *value, const char *pointer, size_t len)
{
	const char *end = pointer + len, *token, *next;

	for (; value != NULL && pointer < end; pointer = next) {
		token = pointer + 1;
		next = memchr(token, '/', (size_t)(end - token));
		if (next == NULL)
			next = end;
		if (json_object_is_type(value, json_type_array))
			value = element_at(value, token, (size_t)(next - token));
		else if (json_object_is_type(value, json_type_object))
			value = member_named(value, token, (size_t)(next - token));
		else
			value = NULL;
	}
	return value;
}

/* The source's own field (P17): a member of the object that holds the price. */
static const char *
currency_beside(struct json_object *root, const char *pointer)
{
	static const char *const names[] = { "priceCurrency", "currency", "currencyCode", "currency_code",
		"currencyIso", "currency_iso", "currencyId", "currency_id" };
	const char *last = strrchr(pointer, '/');
	struct json_object *parent;
	const char *text = NULL;
	size_t i, len;

	if (last == NULL)
		return NULL;
	parent = find_value(root, pointer, (size_t)(last - pointer));
	for (i = 0; text == NULL && i < ARRAY_LEN(names); i++)
		text = node_text(node_get(parent, names[i]), &len);
	return text;
}

enum rule_result
pointer_select(const char *pointer, const struct extract *x, selected_fn *fn, void *arg, unsigned *warnings)
{
	bool limit = false;
	struct json_object *root = parse_body(x, warnings, &limit), *value;
	enum rule_result result = RULE_NO_MATCH;
	struct selected s = { .machine = true };

	if (root == NULL)
		return limit ? RULE_LIMIT : RULE_NO_MATCH;
	value = find_value(root, pointer, strlen(pointer));
	if (value != NULL && (s.text.p = node_text(value, &s.text.len)) != NULL) {
		s.number = json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
		s.currency = currency_beside(root, pointer);
		result = RULE_MATCH;
		fn(&s, arg);
	}
	json_object_put(root);
	return result;
}

#include "scrape/read_request.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

bool
separator_is(const char *text, const char *list)
{
	return text[0] != '\0' && text[1] == '\0' && strchr(list, text[0]) != NULL;
}

static struct json_object *
parse_object(const char *line, size_t len)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *root;
	size_t used;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	root = json_tokener_parse_ex(tok, line, (int)len);
	used = json_tokener_get_parse_end(tok);
	while (used < len && isspace((unsigned char)line[used]))
		used++;
	if (root != NULL && (used < len || !json_object_is_type(root, json_type_object))) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tok);
	return root;
}

/* A text member; null is as absent. false: it is there and no text. */
static bool
take_text(struct json_object *root, const char *name, const char **out)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(root, name, &member) || member == NULL)
		return true;
	if (!json_object_is_type(member, json_type_string))
		return false;
	*out = json_object_get_string(member);
	return true;
}

static bool
take_bool(struct json_object *root, const char *name, bool *out)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(root, name, &member) || member == NULL)
		return true;
	*out = json_object_get_boolean(member);
	return json_object_is_type(member, json_type_boolean);
}

static bool
take_separator(struct json_object *root, const char *name, const char *list, char *out)
{
	const char *text = NULL;

	if (!take_text(root, name, &text) || (text != NULL && text[0] != '\0' && !separator_is(text, list)))
		return false;
	if (text != NULL && text[0] != '\0')
		*out = text[0];
	return true;
}

/* A text, or a number in its own digits (P9.2). */
static bool
take_input(struct read_request *r)
{
	struct json_object *member = NULL;

	if (!json_object_object_get_ex(r->root, "input", &member))
		return false;
	if (json_object_is_type(member, json_type_string)) {
		r->input = json_object_get_string(member);
		r->len = (size_t)json_object_get_string_len(member);
		return true;
	}
	r->hints.machine = true;
	r->input = json_object_to_json_string(member);
	r->len = strlen(r->input);
	return json_object_is_type(member, json_type_int) || json_object_is_type(member, json_type_double);
}

static const char *
take_hints(struct json_object *root, struct reader_hints *h)
{
	if (!take_text(root, "hint", &h->page_currency))
		return "hint: not a text";
	if (!take_text(root, "locale", &h->locale))
		return "locale: not a text";
	if (!take_text(root, "currency", &h->currency) ||
	    (h->currency != NULL && currency_find(h->currency, strlen(h->currency)) == NULL))
		return "currency: not an ISO 4217 code";
	if (!take_separator(root, "decimal", ".,", &h->decimal))
		return "decimal: not . or ,";
	if (!take_separator(root, "group", ".,' ", &h->group))
		return "group: not a separator";
	if (!take_bool(root, "machine", &h->machine))
		return "machine: not true or false";
	if (!take_bool(root, "magnitudes", &h->magnitudes))
		return "magnitudes: not true or false";
	if (!take_bool(root, "negative", &h->allow_negative))
		return "negative: not true or false";
	return NULL;
}

const char *
read_request_parse(struct read_request *r, const char *line, size_t len, const struct reader_hints *base)
{
	*r = (struct read_request){ .root = parse_object(line, len), .hints = *base };
	if (r->root == NULL)
		return "not a JSON object";
	if (!take_input(r))
		return "input: missing, or neither a text nor a number";
	return take_hints(r->root, &r->hints);
}

void
read_request_release(struct read_request *r)
{
	if (r->root != NULL)
		json_object_put(r->root);
	r->root = NULL;
}

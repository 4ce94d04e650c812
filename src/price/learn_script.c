/*
 * The price in what is no markup: JSON in scripts, and pages that are JSON.
 */
#include <ctype.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/json_repair.h"
#include "price/learn_private.h"

#define NODES_MAX 10000 /* P38 */
#define KEY_MAX 40
#define AROUND_MAX 300 /* bytes of an object in front of a name */
#define BY_KEY 12  /* ranks */
#define BY_POINTER 2

/* The name before a value: "price": 24.99, price = '24.99'. */
static struct slice
key_before(const char *start, const char *p)
{
	struct slice key = { NULL, 0 };
	const char *end;

	if (p > start && (p[-1] == '"' || p[-1] == '\''))
		p--;
	while (p > start && isspace((unsigned char)p[-1]))
		p--;
	if (p == start || (p[-1] != ':' && p[-1] != '='))
		return key;
	for (p--; p > start && isspace((unsigned char)p[-1]); p--)
		;
	if (p > start && (p[-1] == '"' || p[-1] == '\''))
		p--;
	for (end = p; p > start && (isalnum((unsigned char)p[-1]) || p[-1] == '_' || p[-1] == '-'); p--)
		;
	key = (struct slice){ p, (size_t)(end - p) };
	return key.len > 0 && key.len <= KEY_MAX && !isdigit((unsigned char)*key.p) ? key : (struct slice){ NULL, 0 };
}

/* The name of the object around a name: price of {"price": {"currency": "EUR", "value": 24.99}}. */
static struct slice
key_around(const char *start, const char *p)
{
	const char *far = p - start > AROUND_MAX ? p - AROUND_MAX : start;

	while (p > far && p[-1] != '{' && p[-1] != '}' && p[-1] != ';')
		p--;
	return p > far && p[-1] == '{' ? key_before(start, p - 1) : (struct slice){ NULL, 0 };
}

static bool
is_number_char(char c)
{
	return isdigit((unsigned char)c) || c == '.' || c == ',';
}

static void
try_key(struct learner *l, struct slice key)
{
	struct buf text = BUF_INIT(0);

	buf_xprintf(&text, "[\"']?\\b%.*s[\"']?\\s*[:=]\\s*[\"']?(?<price>[0-9][0-9.,]*)", (int)key.len, key.p);
	learn_try(l, RULE_REGEX, &text, BY_KEY + (learn_is_of_price(key) ? 0 : 4));
}

/* A name that says little, such as `value', in an object that is of a price. */
static void
try_keys(struct learner *l, struct slice outer, struct slice key)
{
	struct buf text = BUF_INIT(0);

	if (outer.p == NULL || learn_is_of_price(key) || !learn_is_of_price(outer))
		return;
	buf_xprintf(&text,
	    "\\b%.*s[\"']?\\s*[:=]\\s*\\{[^{}]*?\\b%.*s[\"']?\\s*:\\s*[\"']?(?<price>[0-9][0-9.,]*)",
	    (int)outer.len, outer.p, (int)key.len, key.p);
	learn_try(l, RULE_REGEX, &text, BY_KEY + 1);
}

void
learn_script(struct learner *l, struct slice script)
{
	const char *p = script.p, *end = script.p + script.len, *e;
	struct amount a;
	struct slice key;

	for (; p < end; p = e) {
		for (e = p; e < end && !isdigit((unsigned char)*e); e++)
			;
		for (p = e; e < end && is_number_char(*e); e++)
			;
		if (p == end)
			return;
		while (e > p && !isdigit((unsigned char)e[-1]))
			e--;
		if (e - p > 24 || amount_parse(p, (size_t)(e - p), &a) != AMOUNT_OK ||
		    amount_cmp(&a, &l->want->amount) != 0)
			continue;
		l->out->places++;
		key = key_before(script.p, p);
		if (key.p == NULL)
			continue;
		try_key(l, key);
		try_keys(l, key_around(script.p, key.p), key);
	}
}

/* A value of the body and its way: the pointer of its parent and its own name. */
struct node {
	struct json_object *value;
	char *pointer;
	unsigned depth;
};

struct nodes {
	struct node *v;
	size_t n, cap;
};

static void
add_node(struct nodes *nodes, struct json_object *value, const char *parent, const char *name, unsigned depth)
{
	struct buf b = BUF_INIT(0);

	if (nodes->n == NODES_MAX)
		return;
	buf_xaddstr(&b, parent);
	buf_xaddstr(&b, name != NULL ? "/" : "");
	for (; name != NULL && *name != '\0'; name++) {
		if (*name == '~' || *name == '/')
			buf_xaddstr(&b, *name == '~' ? "~0" : "~1");
		else
			buf_xaddc(&b, *name);
	}
	if (nodes->n == nodes->cap) {
		nodes->cap = nodes->cap == 0 ? 64 : nodes->cap * 2;
		nodes->v = xreallocarray(nodes->v, nodes->cap, sizeof(*nodes->v));
	}
	nodes->v[nodes->n++] = (struct node){ value, b.data != NULL ? buf_detach(&b) : xstrdup(""), depth };
}

static void
add_children(struct nodes *nodes, const struct node *node)
{
	struct json_object_iterator it, end;
	char number[24];
	size_t i;

	if (json_object_is_type(node->value, json_type_array)) {
		for (i = 0; i < json_object_array_length(node->value); i++) {
			snprintf(number, sizeof(number), "%zu", i);
			add_node(nodes, json_object_array_get_idx(node->value, i), node->pointer, number, node->depth + 1);
		}
		return;
	}
	if (!json_object_is_type(node->value, json_type_object))
		return;
	it = json_object_iter_begin(node->value);
	end = json_object_iter_end(node->value);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		add_node(nodes, json_object_iter_peek_value(&it), node->pointer, json_object_iter_peek_name(&it),
		    node->depth + 1);
}

static void
look_at_value(struct learner *l, const struct node *node)
{
	struct slice pointer = { node->pointer, strlen(node->pointer) };
	struct buf text = BUF_INIT(0);
	const char *s;
	struct money m;

	if (!json_object_is_type(node->value, json_type_string) && !json_object_is_type(node->value, json_type_int) &&
	    !json_object_is_type(node->value, json_type_double))
		return;
	s = json_object_get_string(node->value);
	if (s == NULL || !learn_reads(l, (struct slice){ s, strlen(s) }, false, true, &m))
		return;
	if (!learn_is_wanted(l, &m)) {
		if (learn_is_of_price(pointer))
			learn_note(l, &m);
		return;
	}
	l->out->places++;
	buf_xaddstr(&text, node->pointer);
	learn_try(l, RULE_POINTER, &text, BY_POINTER + node->depth + (learn_is_of_price(pointer) ? 0 : 4));
}

/* Is the page JSON? Then there are pointers. */
bool
learn_json(struct learner *l)
{
	const char *p = l->x.text, *end = p + l->x.len;
	struct json_object *root;
	struct nodes nodes = { NULL, 0, 0 };
	struct node node;
	size_t i;

	while (p < end && isspace((unsigned char)*p))
		p++;
	root = p < end && (*p == '{' || *p == '[') ? json_page_parse(p, (size_t)(end - p)) : NULL;
	if (root == NULL)
		return false;
	add_node(&nodes, root, "", NULL, 0);
	for (i = 0; i < nodes.n; i++) {
		node = nodes.v[i]; /* the list moves as it grows */
		add_children(&nodes, &node);
		look_at_value(l, &node);
	}
	for (i = 0; i < nodes.n; i++)
		free(nodes.v[i].pointer);
	free(nodes.v);
	json_object_put(root);
	return true;
}

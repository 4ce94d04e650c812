#include "price/extract_jsonld.h"

#include <json-c/json_object.h>
#include <string.h>

#include "price/json_repair.h"
#include "price/product.h"

void
jsonld_tag(struct jsonld *j, const struct tag *tag)
{
	const char *parameters;
	struct buf decoded = BUF_INIT(0);
	struct slice type;
	bool is;

	if (tag->raw.p == NULL || !slice_is(tag->name, "script"))
		return;
	type = markup_attr(tag, "type");
	if (type.p == NULL)
		return;
	/* Some templates escape the plus: "application/ld&#x2B;json". */
	if (memchr(type.p, '&', type.len) != NULL) {
		markup_put_value(&decoded, type);
		type = (struct slice){ decoded.data, decoded.len };
	}
	if (type.p != NULL && (parameters = memchr(type.p, ';', type.len)) != NULL)
		type.len = (size_t)(parameters - type.p);
	is = type.p != NULL && slice_has_word(type, "application/ld+json");
	buf_release(&decoded);
	if (!is)
		return;
	if (j->n == JSONLD_BLOCKS_MAX || j->bytes + tag->raw.len > JSONLD_BYTES_MAX) {
		j->over = true;
		return;
	}
	j->blocks[j->n++] = tag->raw;
	j->bytes += tag->raw.len;
}

static void
read_graph(const struct extract *x, struct graph *g, struct stated *out)
{
	struct json_object *product;

	out->method = METHOD_JSON_LD;
	graph_walk(g);
	product = product_choose(x, g, out);
	product_read(x, g, product, out);
}

static void
tell_bad(const struct extract *x, const struct slice *block, struct stated *out)
{
	struct trace_entry *entry = trace_add(x->page->trace, METHOD_JSON_LD, block->p, block->len);

	out->warnings |= WARN_BAD_JSON;
	if (entry != NULL)
		trace_place(entry, "line %zu", extract_line(x, block->p));
	trace_lost(entry, "no JSON, and beyond repair");
}

void
extract_jsonld(const struct extract *x, const struct jsonld *j, struct stated *out)
{
	struct graph g = { .n = 0 };
	struct json_object *root;
	size_t i;

	for (i = 0; i < j->n && !extract_is_stopped(x); i++) {
		if (slice_is_blank(j->blocks[i]))
			continue;
		root = json_page_parse(j->blocks[i].p, j->blocks[i].len);
		if (root != NULL)
			graph_add(&g, root, j->blocks[i].p);
		else
			tell_bad(x, &j->blocks[i], out);
	}
	out->limit = j->over;
	read_graph(x, &g, out);
	graph_release(&g);
}

void
extract_json_body(const struct extract *x, struct stated *out)
{
	struct json_object *root = json_page_parse(x->text, x->len);
	struct graph g = { .n = 0 };

	if (root == NULL) {
		out->warnings |= WARN_BAD_JSON;
		return;
	}
	graph_add(&g, root, x->text);
	read_graph(x, &g, out);
	graph_release(&g);
}

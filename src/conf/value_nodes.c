/* Lists of nodes: {local, {box2, box3}}. Whether the names mean nodes is looked at in build_nodes.c. */
#include <string.h>

#include "base/attr.h"
#include "conf/node_list.h"
#include "conf/value_ops.h"

static int
read_nodes(struct value_ctx *cx ATTR_UNUSED, const struct schema_word *w ATTR_UNUSED, const struct stmt *s, void *field)
{
	struct strvec *sv = field;
	size_t i;

	for (i = 0; i < s->n_words; i++) {
		bool equal = i > 0 && s->words[i].set != 0 && s->words[i].set == s->words[i - 1].set;

		strvec_pushf(sv, "%s%s", equal ? "=" : "", s->words[i].text);
	}
	return 0;
}

static bool
equal_nodes(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return strvec_equal(a, b);
}

static bool
is_set_nodes(const struct schema_word *w ATTR_UNUSED, const void *field)
{
	return ((const struct strvec *)field)->n > 0;
}

static void
print_nodes(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	const struct strvec *sv = field;
	size_t i, k, n;

	buf_xaddc(out, '{');
	for (i = 0; i < sv->n; i += n) {
		n = node_list_equals(sv, i);
		buf_xaddstr(out, i > 0 ? ", " : "");
		buf_xaddstr(out, n > 1 ? "{" : "");
		for (k = i; k < i + n; k++) {
			buf_xaddstr(out, k > i ? ", " : "");
			value_put_word(out, node_list_name(sv, k));
		}
		buf_xaddstr(out, n > 1 ? "}" : "");
	}
	buf_xaddc(out, '}');
}

const struct value_ops value_nodes_ops = { true, read_nodes, equal_nodes, is_set_nodes, print_nodes };

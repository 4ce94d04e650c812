/*
 * The configuration, from any bytes: it never crashes, it says something about
 * what it refuses, and what it takes it prints in a form that means the same.
 * A text that begins with "#csv\n" is read as CSV.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conf/config.h"
#include "conf/csv.h"
#include "conf/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_csv(const char *text, size_t len)
{
	struct arena arena = ARENA_INIT;
	struct csv c;
	struct csv_field f;
	size_t fields = 0;

	csv_init(&c, text, len, &arena);
	while (csv_next(&c, &f))
		if (++fields > len + 1 || strlen(f.text) != f.len)
			abort();
	arena_release(&arena);
}

static struct config *
parse(const char *text, size_t len)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_parse("fuzz", text, len, &errors);

	if ((c == NULL) != (errors.errors > 0) || (errors.errors + errors.warnings > 0) != (errors.text.len > 0))
		abort();
	buf_release(&errors.text);
	return c;
}

/* What is printed parses, prints the same, and is no change. */
static void
check_canonical(const struct config *c)
{
	struct buf first = BUF_INIT(0), second = BUF_INIT(0);
	struct config *again;
	struct plan *plan;

	config_print(c, &first);
	again = parse(first.data != NULL ? first.data : "", first.len);
	if (again == NULL)
		abort();
	config_print(again, &second);
	if (first.len != second.len || (first.len > 0 && memcmp(first.data, second.data, first.len) != 0))
		abort();
	plan = plan_make(c, again);
	if (plan->counts[PLAN_KEEP] != plan->n)
		abort();
	plan_free(plan);
	config_unref(again);
	buf_release(&first);
	buf_release(&second);
}

/* The text as children of a supervisor: a config or an error, with nothing left of the place. */
static struct config *
parse_children(const struct config *c, const char *text, size_t len)
{
	const struct config_place place = { c, &c->root, "" };
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *children = config_parse_children("fuzz", text, len, &place, &errors);

	if ((children == NULL) != (errors.errors > 0))
		abort();
	buf_release(&errors.text);
	return children;
}

/* A child that is shown with all its words is the same when it is read again, and JSON. */
static void
check_shown(const struct config *c, const struct child_spec *spec)
{
	struct buf brief = BUF_INIT(0), all = BUF_INIT(0), again = BUF_INIT(0), json = BUF_INIT(0);
	struct config *children;

	config_print_child(spec, false, &brief);
	config_print_child(spec, true, &all);
	config_json_child(spec, &json);
	if (!json_valid(json.data, json.len) || (children = parse_children(c, all.data, all.len)) == NULL)
		abort();
	config_print_child(children->root.children[0], false, &again);
	if (again.len != brief.len || memcmp(again.data, brief.data, brief.len) != 0)
		abort();
	config_unref(children);
	buf_release(&brief);
	buf_release(&all);
	buf_release(&again);
	buf_release(&json);
}

static void
check_children(const struct config *c, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < c->root.n_children && i < 20; i++)
		check_shown(c, c->root.children[i]);
	config_unref(parse_children(c, text, len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char csv[] = "#csv\n";
	struct config *c;
	char *text;

	/* In memory of its own, so that a byte too far is found. */
	text = malloc(size == 0 ? 1 : size);
	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	/* Files are not for a fuzzer. */
	if (size >= 5 && memcmp(text, csv, 5) == 0) {
		fuzz_csv(text + 5, size - 5);
	} else if (memmem(text, size, "sources_from", 12) == NULL) {
		c = parse(text, size);
		if (c != NULL) {
			check_canonical(c);
			check_children(c, text, size);
		}
		config_unref(c);
	}
	free(text);
	return 0;
}

/*
 * The configuration, from any bytes: it never crashes, it says something about
 * what it refuses, and what it takes it prints in a form that means the same.
 * A text that begins with "#csv\n" is read as CSV.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
		if (c != NULL)
			check_canonical(c);
		config_unref(c);
	}
	free(text);
	return 0;
}

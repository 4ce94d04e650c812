/*
 * The candidates of a page as a member of its observation, for --explain.
 */
#include "base/json.h"
#include "price/trace.h"
#include "scrape/observe.h"

static void
put_entry(struct buf *out, const struct trace_entry *e)
{
	char text[AMOUNT_TEXT_SIZE];

	buf_xaddc(out, '{');
	json_put_str(out, "source", method_text(e->method));
	json_put_str(out, "place", e->place);
	json_put_str(out, "text", e->text);
	if (e->has_amount)
		json_put_str(out, "amount",
		    amount_text(&e->amount, e->currency != NULL ? e->currency->exponent : 0, text));
	if (e->currency != NULL)
		json_put_str(out, "currency", e->currency->code);
	json_put_str(out, "verdict", trace_verdict_text(e->verdict));
	if (e->why[0] != '\0')
		json_put_str(out, "why", e->why);
	buf_xaddc(out, '}');
}

void
observe_put_trace(struct buf *out, const struct trace *trace)
{
	size_t i;

	json_put_name(out, "candidates");
	buf_xaddc(out, '[');
	for (i = 0; i < trace->n; i++) {
		if (i > 0)
			buf_xaddc(out, ',');
		put_entry(out, &trace->entries[i]);
	}
	buf_xaddc(out, ']');
	if (trace->dropped > 0)
		json_put_uint(out, "candidates_dropped", trace->dropped);
}

/* Lines of the journal as the recorder reads them: any bytes, and any bytes as the data of a good record. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "recorder/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On memory of exactly its size, so that a step too far is seen. */
static void
read_exactly(const char *line, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);
	struct record r;

	if (copy == NULL)
		return;
	memcpy(copy, line, len);
	record_init(&r);
	switch (record_read(&r, copy, len)) {
	case RECORD_OTHER:
	case RECORD_HEADER:
		break;
	case RECORD_REJECT:
		if (r.reject.reason == NULL || r.reject.line.n != len)
			abort();
		break;
	case RECORD_OBSERVATION:
		/* What is kept of a valid line is valid. */
		if (r.observation.rest.p != NULL && !json_valid(r.observation.rest.p, r.observation.rest.n))
			abort();
		if (r.observation.source.n == 0 || r.observation.status.n == 0)
			abort();
		break;
	case RECORD_EVIDENCE:
		if (r.evidence.source.n == 0 || r.evidence.bytes < r.evidence.body.n ||
		    r.evidence.offset > r.evidence.bytes - r.evidence.body.n)
			abort();
		break;
	}
	record_release(&r);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "{\"type\":\"observation\",\"child\":\"a\",\"token\":1,\"n\":2,\"data\":";
	struct buf b = BUF_INIT(0);

	read_exactly((const char *)data, size);
	buf_xaddstr(&b, head);
	buf_xadd(&b, data, size);
	buf_xaddc(&b, '}');
	read_exactly(b.data, b.len);
	buf_release(&b);
	return 0;
}

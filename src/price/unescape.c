#include "price/unescape.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "price/entity.h"

static bool
has_escape(struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	uint32_t cp;

	while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		if (json_unicode_at(p, end, &cp) > 0 || (end - p > 1 && p[1] == '/'))
			return true;
		p++;
	}
	return false;
}

bool
unescape_put(struct buf *out, struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	char utf8[4];
	uint32_t cp;
	size_t used;

	if (!has_escape(text))
		return false;
	while (p < end) {
		if ((used = json_unicode_at(p, end, &cp)) > 0) {
			buf_xadd(out, utf8, utf8_put(cp, utf8));
			p += used;
		} else if (*p == '\\' && end - p > 1) {
			buf_xaddc(out, strchr("bfnrt", p[1]) != NULL ? ' ' : p[1]);
			p += 2;
		} else {
			buf_xaddc(out, *p++);
		}
	}
	return true;
}

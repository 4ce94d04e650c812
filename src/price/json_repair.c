#include "price/json_repair.h"

#include <ctype.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/* Drop what wraps the text: <!-- -->, //<![CDATA[ //]]>, blanks, byte order mark. */
static void
unwrap(const char **text, size_t *len)
{
	static const char *const heads[] = { "<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[", "\xef\xbb\xbf" };
	static const char *const tails[] = { "-->", "//]]>", "/*]]>*/", "]]>", ";" };
	bool again = true;
	size_t i, n;

	while (again) {
		again = false;
		while (*len > 0 && isspace((unsigned char)**text)) {
			++*text;
			--*len;
		}
		while (*len > 0 && isspace((unsigned char)(*text)[*len - 1]))
			--*len;
		for (i = 0; i < 5; i++) {
			n = strlen(heads[i]);
			if (*len >= n && memcmp(*text, heads[i], n) == 0) {
				*text += n;
				*len -= n;
				again = true;
			}
			n = strlen(tails[i]);
			if (*len >= n && memcmp(*text + *len - n, tails[i], n) == 0) {
				*len -= n;
				again = true;
			}
		}
	}
}

static struct json_object *
parse(const char *text, size_t len, int flags)
{
	struct json_tokener *tokener = len <= INT32_MAX ? json_tokener_new_ex(JSON_PAGE_DEPTH) : NULL;
	struct json_object *value;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, flags);
	value = json_tokener_parse_ex(tokener, text, (int)len);
	if (value == NULL && json_tokener_get_error(tokener) == json_tokener_continue)
		value = json_tokener_parse_ex(tokener, "", 1); /* a bare number ends with the text */
	json_tokener_free(tokener);
	return value;
}

/*
 * What the lenient parser does not mend: brackets that are still open at the
 * end, and control characters in strings.
 */
static void
mend(const char *text, size_t len, struct buf *out)
{
	char open[JSON_PAGE_DEPTH];
	size_t depth = 0, i;
	bool in_string = false;

	for (i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\' && i + 1 < len) {
				buf_xaddc(out, c);
				c = text[++i];
			} else if (c == '"') {
				in_string = false;
			} else if ((unsigned char)c < ' ') {
				c = ' ';
			}
		} else if (c == '"') {
			in_string = true;
		} else if ((c == '{' || c == '[') && depth < sizeof(open)) {
			open[depth++] = c == '{' ? '}' : ']';
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
		buf_xaddc(out, c);
	}
	if (in_string)
		buf_xaddc(out, '"');
	while (depth > 0)
		buf_xaddc(out, open[--depth]);
}

struct json_object *
json_page_parse(const char *text, size_t len)
{
	struct buf mended = BUF_INIT(0);
	struct json_object *value;

	unwrap(&text, &len);
	if (len == 0)
		return NULL;
	value = parse(text, len, JSON_TOKENER_STRICT);
	if (value == NULL)
		value = parse(text, len, 0);
	if (value == NULL) {
		mend(text, len, &mended);
		value = parse(mended.data, mended.len, 0);
		buf_release(&mended);
	}
	return value;
}

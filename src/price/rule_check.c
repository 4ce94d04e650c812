#define PCRE2_CODE_UNIT_WIDTH 8

#include "price/rule_check.h"

#include <errno.h>
#include <pcre2.h>
#include <stdbool.h>
#include <string.h>

#include "price/css.h"
#include "price/select.h"
#include "price/xpath_check.h"

const char *
rule_kind_text(enum rule_kind kind)
{
	static const char *const names[RULE_KINDS] = { "regex", "xpath", "css", "pointer" };

	return names[kind];
}

void
rule_place(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	size_t i;

	*line = 1;
	*column = 1;
	for (i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i + 1] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

/* A pcre2_callout_enumerate() function: note the first one and stop. */
static int
note_callout(pcre2_callout_enumerate_block *block, void *arg)
{
	PCRE2_SIZE *behind = arg;

	*behind = block->pattern_position;
	return 1;
}

/* P39: a pattern calls nobody. The place is that of the callout's "(?C". */
static bool
has_callout(const pcre2_code *code, const char *text, size_t *offset)
{
	PCRE2_SIZE at = 0;

	if (pcre2_callout_enumerate(code, note_callout, &at) == 0)
		return false;
	for (*offset = at; *offset > 0 && strncmp(text + *offset, "(?C", 3) != 0; --*offset)
		;
	return true;
}

static int
check_regex(const char *text, size_t len, size_t *offset, struct err *err)
{
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR message[256];
	pcre2_code *code;
	int number;

	if (len == 0)
		return err_set(err, EINVAL, "an empty pattern selects nothing");
	code = pcre2_compile((PCRE2_SPTR)text, len, REGEX_OPTIONS, &number, &at, NULL);
	if (code != NULL) {
		bool callout = has_callout(code, text, offset);

		pcre2_code_free(code);
		return callout ? err_set(err, EINVAL, "callouts, (?C...), are not allowed") : 0;
	}
	*offset = at < len ? at : len;
	if (pcre2_get_error_message(number, message, sizeof(message)) < 0)
		return err_set(err, EINVAL, "PCRE2 error %d", number);
	return err_set(err, EINVAL, "%s", (const char *)message);
}

/* RFC 6901, section 3. */
static int
check_pointer(const char *text, size_t len, size_t *offset, struct err *err)
{
	size_t i;

	*offset = 0;
	if (len > 0 && text[0] != '/')
		return err_set(err, EINVAL, "a JSON pointer begins with '/'");
	for (i = 0; i < len; i++) {
		*offset = i;
		if (text[i] == '~' && (i + 1 == len || (text[i + 1] != '0' && text[i + 1] != '1')))
			return err_set(err, EINVAL, "'~' is written ~0, and '/' in a name ~1");
	}
	return 0;
}

static int
check_css(const char *text, size_t len, size_t *offset, struct err *err)
{
	struct css *css = css_parse(text, len, offset, err);

	css_free(css);
	return css != NULL ? 0 : -1;
}

int
rule_check(enum rule_kind kind, const char *text, size_t len, size_t *offset, struct err *err)
{
	*offset = 0;
	switch (kind) {
	case RULE_REGEX:
		return check_regex(text, len, offset, err);
	case RULE_XPATH:
		return xpath_check(text, len, offset, err);
	case RULE_CSS:
		return check_css(text, len, offset, err);
	case RULE_POINTER:
		return check_pointer(text, len, offset, err);
	}
	return 0;
}

int
rule_sources(const char *text, unsigned *sources, struct err *err)
{
	unsigned found = 0;
	size_t n;
	int m;

	for (text += strspn(text, ", \t"); *text != '\0'; text += n, text += strspn(text, ", \t")) {
		n = strcspn(text, ", \t");
		for (m = METHOD_JSON_LD; m < METHOD_COUNT; m++) {
			if (strlen(method_text((enum method)m)) == n &&
			    strncmp(method_text((enum method)m), text, n) == 0)
				break;
		}
		if (m == METHOD_COUNT)
			return err_set(err, EINVAL,
			    "'%.*s' is no source, expected some of json-ld, microdata, rdfa, opengraph, v-rdfa, heuristic",
			    (int)n, text);
		found |= PAGE_SOURCE((unsigned)m);
	}
	if (found == 0)
		return err_set(err, EINVAL, "no source is named");
	*sources = found;
	return 0;
}

#include "conf/check_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

int
check_pattern(const char *pattern, size_t len, size_t *offset, struct err *err)
{
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR message[256];
	pcre2_code *code;
	int number;

	/* As src/scrape compiles it; names that stand twice are refused by default. */
	code = pcre2_compile((PCRE2_SPTR)pattern, len, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
	    &number, &at, NULL);
	if (code == NULL) {
		*offset = at < len ? at : len;
		if (pcre2_get_error_message(number, message, sizeof(message)) < 0)
			return err_set(err, 0, "PCRE2 error %d", number);
		return err_set(err, 0, "%s", (const char *)message);
	}
	pcre2_code_free(code);
	return 0;
}

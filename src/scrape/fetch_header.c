#include "scrape/fetch_header.h"

#include <curl/curl.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "scrape/fetch.h"

#define VALIDATOR_MAX 512 /* bytes of an ETag that is worth keeping */

static int64_t
capped(int64_t s)
{
	if (s <= 0)
		return 0;
	return s < FETCH_RETRY_AFTER_MAX_S ? s : FETCH_RETRY_AFTER_MAX_S;
}

int64_t
fetch_retry_after(const char *value, const char *date, int64_t now_s)
{
	size_t digits = strspn(value, "0123456789"), i;
	int64_t s = 0;
	time_t until, from = -1;

	if (digits > 0 && value[digits + strspn(value + digits, " \t")] == '\0') {
		for (i = 0; i < digits && s < FETCH_RETRY_AFTER_MAX_S; i++)
			s = s * 10 + (value[i] - '0');
		return capped(s);
	}
	until = curl_getdate(value, NULL);
	if (until == -1 || digits > 0) /* a date begins with the name of its day */
		return 0;
	if (date != NULL)
		from = curl_getdate(date, NULL);
	return capped((int64_t)until - (from != -1 ? (int64_t)from : now_s));
}

bool
fetch_is_etag(const char *value)
{
	size_t i;

	for (i = 0; value[i] != '\0'; i++) {
		if (value[i] < 0x20 || value[i] > 0x7e)
			return false;
	}
	return i > 0 && i <= VALIDATOR_MAX;
}

bool
fetch_is_last_modified(const char *value, const char *date)
{
	time_t modified = curl_getdate(value, NULL), made = date != NULL ? curl_getdate(date, NULL) : -1;

	return modified != -1 && fetch_is_etag(value) && (made == -1 || made > modified);
}

#include "scrape/fetch_header.h"

#include <curl/curl.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/mono.h"
#include "scrape/fetch.h"

#define VALIDATOR_MAX 512 /* bytes of an ETag that is worth keeping */

/*
 * RFC 9110 5.6.7: seconds since 1970; -1 if it is no date. The form that everybody writes is read here, as
 * curl_getdate() takes longer than all else that is done with a header; whatever looks different is left to it.
 */
static time_t
read_date(const char *text)
{
	static const char form[] = "aaa, dd aaa dddd dd:dd:dd GMT", days[] = "SunMonTueWedThuFriSat",
			  months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[] = "0000-00-00T00:00:00.000Z";
	const char *day, *month;
	int64_t ms;
	int n;

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == 'd'   ? text[i] < '0' || text[i] > '9'
		    : form[i] == 'a' ? text[i] == '\0'
				     : text[i] != form[i])
			return curl_getdate(text, NULL); /* nothing is looked at behind its end */
	}
	day = memmem(days, sizeof(days) - 1, text, 3);
	month = memmem(months, sizeof(months) - 1, text + 8, 3);
	if (day == NULL || (day - days) % 3 != 0 || month == NULL || (month - months) % 3 != 0)
		return curl_getdate(text, NULL);
	n = (int)(month - months) / 3 + 1;
	memcpy(iso, text + 12, 4);
	iso[5] = (char)('0' + n / 10);
	iso[6] = (char)('0' + n % 10);
	memcpy(iso + 8, text + 5, 2);
	memcpy(iso + 11, text + 17, 8);
	return wall_parse(iso, &ms) == 0 && ms >= 0 ? (time_t)(ms / 1000) : curl_getdate(text, NULL);
}

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
	until = read_date(value);
	if (until == -1 || digits > 0) /* a date begins with the name of its day */
		return 0;
	if (date != NULL)
		from = read_date(date);
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
	time_t modified = read_date(value), made = date != NULL ? read_date(date) : -1;

	return modified != -1 && fetch_is_etag(value) && (made == -1 || made > modified);
}

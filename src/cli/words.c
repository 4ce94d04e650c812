#include "cli/words.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

/* If text is "{PREFIX,...}": what stands in place of the dots, and its length. */
static const char *
inside(const char *text, const char *prefix, size_t *len)
{
	size_t n = strlen(prefix), total = strlen(text);

	if (text[0] != '{' || strncmp(text + 1, prefix, n) != 0 || text[n + 1] != ',' || text[total - 1] != '}')
		return NULL;
	*len = total - n - 3;
	return text + n + 2;
}

const char *
words_reason(const char *reason, char out[WORDS_REASON_SIZE])
{
	const char *in, *comma;
	size_t len;

	if (reason == NULL)
		reason = "?";
	if ((in = inside(reason, "exit", &len)) != NULL)
		snprintf(out, WORDS_REASON_SIZE, "exit %.*s", (int)len, in);
	else if ((in = inside(reason, "signal", &len)) != NULL)
		snprintf(out, WORDS_REASON_SIZE, "%.*s", (int)len, in);
	else if ((in = inside(reason, "shutdown", &len)) != NULL)
		snprintf(out, WORDS_REASON_SIZE, "shutdown, exit %.*s", (int)len, in);
	else if ((in = inside(reason, "start_error", &len)) != NULL && (comma = memchr(in, ',', len)) != NULL)
		snprintf(out, WORDS_REASON_SIZE, "%.*s: %.*s", (int)(comma - in), in,
		    (int)(len - (size_t)(comma - in) - 1), comma + 1);
	else
		snprintf(out, WORDS_REASON_SIZE, "%s", reason);
	return out;
}

const char *
words_move(const char *from, const char *why, char out[WORDS_MOVE_SIZE])
{
	static const struct {
		const char *why, *words;
	} reasons[] = {
		{ "ordered", ", as ordered" },
		{ "drained", ", which is drained" },
		{ "forbidden", ", which is forbidden to it" },
		{ "down", ", which was down" },
		{ "gone", ", which is no longer configured" },
		{ "better", ", as a better node is up" },
		{ "failed", ", where it kept failing" },
	};
	const char *words = "";

	for (size_t i = 0; why != NULL && i < ARRAY_LEN(reasons); i++)
		if (strcmp(why, reasons[i].why) == 0)
			words = reasons[i].words;
	snprintf(out, WORDS_MOVE_SIZE, "from %.100s%s", from == NULL ? "?" : from, words);
	return out;
}

const char *
words_user(int64_t uid, char out[WORDS_USER_SIZE])
{
	struct passwd *pw = getpwuid((uid_t)uid);

	if (pw != NULL)
		snprintf(out, WORDS_USER_SIZE, "%s (uid %" PRId64 ")", pw->pw_name, uid);
	else
		snprintf(out, WORDS_USER_SIZE, "uid %" PRId64, uid);
	return out;
}

#include "daemon/ssh_words.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/attr.h"

#define NOISE_SHOWN 80

/* Of every shell, and of ssh itself. */
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127
#define STATUS_SSH 255

static void
make_harmless(const char *p, size_t n, char *out, size_t size)
{
	size_t i;

	for (i = 0; i < n && i + 1 < size; i++)
		out[i] = p[i] >= ' ' && p[i] <= '~' ? p[i] : '?';
	out[i] = '\0';
}

/* Said at every connection, or no reason for its end. */
static bool
says_nothing(const char *p, size_t n)
{
	static const char *const idle[] = { "Warning: Permanently added", "** ", "debug1: ", "debug2: ", "debug3: ",
		"Connection to ", "Transferred: ", "Bytes per second: " };
	static const char closed[] = " closed.";

	if (n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(idle); i++) {
		size_t len = strlen(idle[i]);

		if (n < len || memcmp(p, idle[i], len) != 0)
			continue;
		/* "Connection to HOST closed." is idle; "Connection to HOST port 22 timed out" is not. */
		if (idle[i][0] == 'C')
			return n > sizeof(closed) && memcmp(p + n - (sizeof(closed) - 1), closed, sizeof(closed) - 1) == 0;
		return true;
	}
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
ssh_last_line(const char *text, size_t n, char *line, size_t size)
{
	const char *begin, *end = text + n;

	line[0] = '\0';
	while (end > text) {
		begin = end;
		while (begin > text && begin[-1] != '\n')
			begin--;
		n = (size_t)(end - begin);
		while (n > 0 && is_blank(begin[n - 1]))
			n--;
		if (!says_nothing(begin, n)) {
			if (begin[n - 1] == '.')
				n--;
			make_harmless(begin, n, line, size);
			return;
		}
		end = begin > text ? begin - 1 : text;
	}
}

/* "ssh: connect to host ..." already says who speaks, and so does the agent. */
static void
quote(const char *complaint, const char *otherwise, char words[SSH_WORDS_SIZE])
{
	static const char agent[] = "trapexit-agent: ";

	if (complaint[0] == '\0')
		snprintf(words, SSH_WORDS_SIZE, "%s", otherwise);
	else if (strncmp(complaint, "ssh: ", 5) == 0 || strncmp(complaint, agent, sizeof(agent) - 1) == 0)
		snprintf(words, SSH_WORDS_SIZE, "%s", complaint);
	else
		snprintf(words, SSH_WORDS_SIZE, "ssh: %s", complaint);
}

void
ssh_words(int status, bool greeted, const char *complaint, const char *node, char words[SSH_WORDS_SIZE])
{
	char otherwise[64] = "connection closed";
	int code;

	if (status == SSH_STATUS_UNKNOWN || (WIFEXITED(status) && WEXITSTATUS(status) == 0 && greeted)) {
		quote(complaint, otherwise, words);
		return;
	}
	if (WIFSIGNALED(status)) {
		snprintf(words, SSH_WORDS_SIZE, "ssh: killed by signal %d", WTERMSIG(status));
		return;
	}
	code = WEXITSTATUS(status);
	if (!greeted && code == STATUS_NOT_FOUND)
		snprintf(words, SSH_WORDS_SIZE, "agent not found: run trapexit deploy %s", node);
	else if (!greeted && code == STATUS_NOT_EXECUTABLE)
		snprintf(words, SSH_WORDS_SIZE, "agent cannot be executed: run trapexit deploy %s", node);
	else {
		snprintf(otherwise, sizeof(otherwise), code == STATUS_SSH ? "ssh: connection failed" :
		    code == 0 ? "ssh: no agent spoke" : "agent: ended with status %d", code);
		quote(complaint, otherwise, words);
	}
}

void
ssh_noise_words(const char *noise, size_t n, char words[SSH_WORDS_SIZE])
{
	char shown[NOISE_SHOWN + 1];

	while (n > 0 && is_blank(*noise)) {
		noise++;
		n--;
	}
	make_harmless(noise, n < NOISE_SHOWN ? n : NOISE_SHOWN, shown, sizeof(shown));
	snprintf(words, SSH_WORDS_SIZE, "something there prints at login, and no agent answers: \"%s%s\"", shown,
	    n > NOISE_SHOWN ? "..." : "");
}

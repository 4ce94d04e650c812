#include "base/strvec.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/xalloc.h"

void
strvec_push_nodup(struct strvec *sv, char *s)
{
	if (sv->n + 2 > sv->cap) {
		sv->cap = sv->cap == 0 ? 8 : sv->cap * 2;
		sv->v = xreallocarray(sv->v, sv->cap, sizeof(*sv->v));
	}
	sv->v[sv->n++] = s;
	sv->v[sv->n] = NULL;
}

void
strvec_push(struct strvec *sv, const char *s)
{
	strvec_push_nodup(sv, xstrdup(s));
}

void
strvec_pushf(struct strvec *sv, const char *fmt, ...)
{
	char *s;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatalx("out of memory");
	strvec_push_nodup(sv, s);
}

bool
strvec_equal(const struct strvec *a, const struct strvec *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

void
strvec_release(struct strvec *sv)
{
	size_t i;

	for (i = 0; i < sv->n; i++)
		free(sv->v[i]);
	free(sv->v);
	*sv = (struct strvec)STRVEC_INIT;
}

/* One word from *p into `word`; -1 if a quote is left open. */
static int
split_word(const char **p, struct buf *word)
{
	char quote = '\0';
	const char *s = *p;

	for (; *s != '\0'; s++) {
		if (quote == '\0' && strchr(" \t\n", *s) != NULL)
			break;
		if (quote == '\0' && (*s == '\'' || *s == '"')) {
			quote = *s;
		} else if (quote != '\0' && *s == quote) {
			quote = '\0';
		} else if (*s == '\\' && s[1] != '\0' && (quote == '\0' || (quote == '"' && strchr("\\\"$`", s[1]) != NULL))) {
			buf_xaddc(word, *++s);
		} else {
			buf_xaddc(word, *s);
		}
	}
	*p = s;
	return quote == '\0' ? 0 : -1;
}

int
strvec_split(struct strvec *sv, const char *command)
{
	struct buf word = BUF_INIT(0);

	for (;;) {
		command += strspn(command, " \t\n");
		if (*command == '\0')
			return 0;
		buf_xadd(&word, "", 0);
		if (split_word(&command, &word) == -1) {
			buf_release(&word);
			return -1;
		}
		strvec_push_nodup(sv, buf_detach(&word));
	}
}

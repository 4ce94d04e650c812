#include "cli/salvage.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "conf/arena.h"
#include "conf/diag.h"
#include "conf/file.h"
#include "conf/parse.h"

#define FILE_MAX ((size_t)256 << 20)
#define SQLITE "sqlite:"

static const struct {
	const char *name;
	size_t offset;
	bool url;
} words[] = {
	{ "state_dir", offsetof(struct salvage, state_dir), false },
	{ "run_dir", offsetof(struct salvage, run_dir), false },
	{ "log_dir", offsetof(struct salvage, log_dir), false },
	{ "store", offsetof(struct salvage, store), true },
};

/* Relative to the folder of the file, as the configuration has it. */
static char *
absolute(const char *file, const char *path)
{
	char *folder, *joined, *slash;

	if (*path == '/')
		return xstrdup(path);
	folder = realpath(file, NULL);
	if (folder == NULL || (slash = strrchr(folder, '/')) == NULL) {
		free(folder);
		return xstrdup(path);
	}
	*slash = '\0';
	joined = xasprintf("%s/%s", folder, path);
	free(folder);
	return joined;
}

static char *
value_of(const char *file, const char *text, bool url)
{
	char *path, *value;

	if (!url)
		return absolute(file, text);
	if (strncmp(text, SQLITE, strlen(SQLITE)) != 0)
		return NULL;
	path = absolute(file, text + strlen(SQLITE));
	value = xasprintf("%s%s", SQLITE, path);
	free(path);
	return value;
}

static void
take(struct salvage *s, const char *file, const struct stmt *stmt)
{
	if (stmt->kind != STMT_VALUE || stmt->broken || stmt->n_words != 1)
		return;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		char **field = (char **)(void *)((char *)s + words[i].offset);

		if (strcmp(stmt->name, words[i].name) == 0 && *field == NULL)
			*field = value_of(file, stmt->words[0].text, words[i].url);
	}
}

void
salvage_read(struct salvage *s, const char *path)
{
	struct diag diag = DIAG_INIT(path);
	struct arena arena = ARENA_INIT;
	struct buf text = BUF_INIT(FILE_MAX);
	const struct stmt *root;

	*s = (struct salvage){ 0 };
	if (conf_file_read(path, &text, NULL) == 0 && text.len > 0) {
		root = parse_text(text.data, text.len, &arena, &diag);
		for (const struct stmt *stmt = root->first; stmt != NULL; stmt = stmt->next)
			take(s, path, stmt);
	}
	arena_release(&arena);
	diag_release(&diag);
	buf_release(&text);
}

void
salvage_release(struct salvage *s)
{
	free(s->state_dir);
	free(s->run_dir);
	free(s->log_dir);
	free(s->store);
}

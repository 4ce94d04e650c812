/* One node section. */
#include <ctype.h>
#include <string.h>

#include "conf/build.h"

/* What any shell takes as it stands, in any place of a command. */
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+@:,-"

/* What ssh would take for an option, or for two words, is no destination. */
static bool
ssh_is_sound(const char *ssh)
{
	const char *at = strrchr(ssh, '@'), *host = at != NULL ? at + 1 : ssh;

	if (ssh[0] == '-' || ssh[0] == '@' || host[0] == '-' || host[0] == '\0')
		return false;
	for (; *ssh != '\0'; ssh++)
		if ((unsigned char)*ssh <= ' ' || *ssh == 0x7f || strchr("'\"`$\\;&<>|(){}", *ssh) != NULL)
			return false;
	return true;
}

/* "Name=value" or "Name value": ssh would take a line as two. */
static bool
option_is_sound(const char *option)
{
	return isalpha((unsigned char)option[0]) && strpbrk(option, "\n\r") == NULL;
}

/* A path on another host goes through whatever shell the user has there. */
static bool
far_path_is_sound(const char *path)
{
	return (path[0] == '/' || strncmp(path, "~/", 2) == 0) && strspn(path + 1, PLAIN) == strlen(path + 1);
}

static bool
far_program_is_sound(const char *path)
{
	return far_path_is_sound(path) ||
	    (isalnum((unsigned char)path[0]) && strchr(path, '/') == NULL && strspn(path, PLAIN) == strlen(path));
}

static void
wrong(struct builder *b, const struct stmt *s, const char *word, const char *value, const char *expected)
{
	char quoted[DIAG_QUOTE_SIZE];

	diag_error(b->cx.diag, s->at, "'%s' is wrong for '%s', expected %s", diag_quote(value, quoted), word, expected);
}

/* The local node has none of the words that are about a connection. */
static void
check_local(struct builder *b, const struct stmt *s, const uint32_t *lines)
{
	const struct schema_word *w;

	for (size_t i = 0; (w = schema_word(SECTION_NODE, i)) != NULL; i++) {
		if (lines[i] == 0 || strcmp(w->word, "capacity") == 0)
			continue;
		if (strcmp(w->word, "lease") == 0)
			diag_error(b->cx.diag, s->at, "the lease of the node 'local' is written 'hold' at the top of the "
			    "file, expected no 'lease' there");
		else
			diag_error(b->cx.diag, s->at, "the node 'local' is this host, expected no '%s' there", w->word);
	}
}

static void
check_ssh(struct builder *b, const struct node_conf *node, const struct stmt *s)
{
	if (!ssh_is_sound(node->ssh))
		wrong(b, s, "ssh", node->ssh, "host or user@host, not beginning with '-'");
	for (size_t i = 0; i < node->ssh_options.n; i++)
		if (!option_is_sound(node->ssh_options.v[i]))
			wrong(b, s, "ssh_options", node->ssh_options.v[i], "options as after ssh -o, as {\"ProxyJump=gate\"}");
	if (node->identity != NULL && node->identity[0] != '/' && strncmp(node->identity, "~/", 2) != 0)
		wrong(b, s, "identity", node->identity, "an absolute path, or one that begins with ~/");
	if (node->ssh_program != NULL && node->ssh_program[0] != '/' && strchr(node->ssh_program, '/') != NULL)
		wrong(b, s, "ssh_program", node->ssh_program, "the name of a program, or an absolute path");
	if (node->agent != NULL && !far_program_is_sound(node->agent))
		wrong(b, s, "agent", node->agent, "a path on that host, or the name of a program, of letters, digits and _./+@:,-");
	if (node->run_dir != NULL && !far_path_is_sound(node->run_dir))
		wrong(b, s, "run_dir", node->run_dir, "an absolute path on that host, of letters, digits and _./+@:,-");
}

void
build_node(struct builder *b, struct node_conf *node, const struct stmt *s)
{
	const struct bases to = { .of = { [TARGET_NODE] = node } };
	uint32_t lines[SCHEMA_WORDS_MAX];

	build_section(b, SECTION_NODE, s, &to, lines, NULL, NULL);
	node->line = s->at.line;
	if (node->kind == NODE_LOCAL)
		check_local(b, s, lines);
	else if (!build_has(SECTION_NODE, lines, "ssh"))
		diag_error(b->cx.diag, s->at, "this node has no 'ssh', expected ssh = \"user@host\"");
	else if (node->ssh != NULL)
		check_ssh(b, node, s);
}

/* The trees of core_script.h: from text to specs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/xalloc.h"
#include "core_script.h"
#include "unit.h"

struct specs {
	void **owned;
	size_t n;
};

static void *
keep(struct specs *s, void *p)
{
	s->owned = xreallocarray(s->owned, s->n + 1, sizeof(*s->owned));
	s->owned[s->n++] = p;
	return p;
}

static int64_t
duration(const char *text)
{
	int64_t us = 0;

	ck_assert_msg(duration_parse(text, &us) == 0, "not a duration: '%s'", text);
	return us;
}

struct word {
	const char *name;
	size_t offset;
	enum { W_U32, W_I64, W_US, W_INT } type;
};

#define CHILD_WORD(name, field, type) { name, offsetof(struct child_spec, field), type }
#define SUP_WORD(name, field, type) { name, offsetof(struct sup_spec, field), type }

static const struct word child_words[] = {
	CHILD_WORD("ms", shutdown_ms, W_I64),
	CHILD_WORD("signal", stop_signal, W_INT),
	CHILD_WORD("timeout", start_timeout_us, W_US),
	CHILD_WORD("min", backoff.min_us, W_US),
	CHILD_WORD("max", backoff.max_us, W_US),
	CHILD_WORD("reset", backoff.reset_after_us, W_US),
	CHILD_WORD("jitter", backoff.jitter_permille, W_U32),
	CHILD_WORD("after", failover_after, W_U32),
	CHILD_WORD("wait", failover_timeout_us, W_US),
};

static const struct word sup_words[] = {
	SUP_WORD("intensity", intensity, W_U32),
	SUP_WORD("period", period_us, W_US),
	SUP_WORD("cool", cool_down_us, W_US),
	SUP_WORD("most", max_children, W_U32),
};

static bool
set_number(void *base, const struct word *words, size_t n, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < n && strcmp(words[i].name, name) != 0; i++)
		;
	if (i == n || value == NULL)
		return false;
	switch (words[i].type) {
	case W_U32:
		*(uint32_t *)(void *)((char *)base + words[i].offset) = (uint32_t)strtoul(value, NULL, 10);
		break;
	case W_INT:
		*(int *)(void *)((char *)base + words[i].offset) = (int)strtol(value, NULL, 10);
		break;
	case W_I64:
		*(int64_t *)(void *)((char *)base + words[i].offset) = strtoll(value, NULL, 10);
		break;
	case W_US:
		*(int64_t *)(void *)((char *)base + words[i].offset) = duration(value);
		break;
	}
	return true;
}

/* a+b */
static const char **
name_list(struct specs *s, const char *value, size_t *n)
{
	char *text = keep(s, xstrdup(value)), *name, *state;
	const char **list = NULL;

	*n = 0;
	for (name = strtok_r(text, "+", &state); name != NULL; name = strtok_r(NULL, "+", &state)) {
		list = xreallocarray(list, *n + 1, sizeof(*list));
		list[(*n)++] = name;
	}
	return keep(s, list);
}

/* "0/1+2": ranks, and equals within them. */
static void
set_nodes(struct specs *s, struct child_spec *c, const char *text)
{
	struct node_pref *prefs = NULL;
	uint32_t rank = 0;
	char *end;

	for (; ; text = end + 1) {
		prefs = xreallocarray(prefs, c->n_nodes + 1, sizeof(*prefs));
		prefs[c->n_nodes++] = (struct node_pref){ (uint32_t)strtoul(text, &end, 10), rank };
		if (*end == '\0')
			break;
		rank += *end == '/';
	}
	c->nodes = keep(s, prefs);
}

static bool
set_child_word(struct specs *s, struct child_spec *c, const char *name, const char *value)
{
	if (strcmp(name, "permanent") == 0)
		c->restart = RESTART_PERMANENT;
	else if (strcmp(name, "transient") == 0)
		c->restart = RESTART_TRANSIENT;
	else if (strcmp(name, "temporary") == 0)
		c->restart = RESTART_TEMPORARY;
	else if (strcmp(name, "notify") == 0)
		c->ready = READY_NOTIFY;
	else if (strcmp(name, "sig") == 0)
		c->significant = true;
	else if (strcmp(name, "last") == 0)
		c->stop_last = true;
	else if (strcmp(name, "stopped") == 0)
		c->stopped = true;
	else if (strcmp(name, "brutal") == 0)
		c->shutdown_ms = SHUTDOWN_BRUTAL_KILL;
	else if (strcmp(name, "inf") == 0)
		c->shutdown_ms = SHUTDOWN_INFINITY;
	else if (strcmp(name, "trap") == 0)
		c->trap_exit = true;
	else if (strcmp(name, "link") == 0)
		c->links = name_list(s, value, &c->n_links);
	else if (strcmp(name, "monitor") == 0)
		c->monitors = name_list(s, value, &c->n_monitors);
	else if (strcmp(name, "backoff") == 0)
		c->backoff.enabled = true;
	else if (strcmp(name, "late") == 0)
		c->backoff.first_at_once = false;
	else if (strcmp(name, "back") == 0)
		c->takeover = true;
	else if (strcmp(name, "nodes") == 0)
		set_nodes(s, c, value);
	else if (strcmp(name, "ok") == 0)
		c->success_codes[(int)strtol(value, NULL, 10) / 8] |= (uint8_t)(1 << (int)strtol(value, NULL, 10) % 8);
	else
		return set_number(c, child_words, sizeof(child_words) / sizeof(*child_words), name, value);
	return true;
}

static bool
set_sup_word(struct sup_spec *s, const char *name, const char *value)
{
	if (strcmp(name, "any") == 0)
		s->auto_shutdown = AUTO_SHUTDOWN_ANY_SIGNIFICANT;
	else if (strcmp(name, "all") == 0)
		s->auto_shutdown = AUTO_SHUTDOWN_ALL_SIGNIFICANT;
	else if (strcmp(name, "serial") == 0)
		s->stop_serial = true;
	else if (strcmp(name, "strict") == 0)
		s->init_strict = true;
	else if (strcmp(name, "exit") == 0)
		s->root_exit = true;
	else
		return set_number(s, sup_words, sizeof(sup_words) / sizeof(*sup_words), name, value);
	return true;
}

static char *
scan_name(const char **at)
{
	const char *from = *at;

	while (isalnum((unsigned char)**at) || **at == '_')
		++*at;
	ck_assert_msg(*at > from, "a name is missing at '%s'", from);
	return xstrndup(from, (size_t)(*at - from));
}

/* [word,word=value]: of a supervisor, of a child, or of a supervisor that is a child. */
static void
scan_options(struct specs *all, const char **at, struct child_spec *c, struct sup_spec *s)
{
	char *text, *word, *state, *value;
	const char *end;

	if (**at != '[')
		return;
	end = strchr(*at, ']');
	ck_assert_ptr_nonnull(end);
	text = xstrndup(*at + 1, (size_t)(end - *at - 1));
	for (word = strtok_r(text, ",", &state); word != NULL; word = strtok_r(NULL, ",", &state)) {
		value = strchr(word, '=');
		if (value != NULL)
			*value++ = '\0';
		ck_assert_msg((s != NULL && set_sup_word(s, word, value)) || (c != NULL && set_child_word(all, c, word, value)),
		    "not an option: '%s'", word);
	}
	free(text);
	*at = end + 1;
}

static void scan_sup(struct specs *all, const char **at, struct child_spec *as_child, struct sup_spec *sup);

static const struct child_spec *
scan_child(struct specs *all, const char **at)
{
	struct child_spec *c = keep(all, xcalloc(1, sizeof(*c)));

	c->backoff = (struct backoff_spec)BACKOFF_DEFAULT;
	c->backoff.enabled = false;
	c->backoff.jitter_permille = 0;
	c->shutdown_ms = 5000;
	c->id = keep(all, scan_name(at));
	if (**at == ':') {
		struct sup_spec *sup = keep(all, xcalloc(1, sizeof(*sup)));

		++*at;
		c->type = CHILD_SUPERVISOR;
		c->shutdown_ms = SHUTDOWN_INFINITY;
		c->sup = sup;
		scan_sup(all, at, c, sup);
	} else {
		scan_options(all, at, c, NULL);
	}
	return c;
}

static enum strategy
strategy_of(const char *name)
{
	static const char *const names[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (strcmp(names[i], name) == 0)
			return (enum strategy)i;
	}
	ck_abort_msg("not a strategy: '%s'", name);
}

static void
scan_sup(struct specs *all, const char **at, struct child_spec *as_child, struct sup_spec *sup)
{
	const struct child_spec **list = NULL;
	char *name = scan_name(at);

	sup->strategy = strategy_of(name);
	free(name);
	sup->intensity = INTENSITY_INFINITY;
	sup->period_us = 5000000;
	scan_options(all, at, as_child, sup);
	ck_assert_msg(**at == '(', "'(' is missing at '%s'", *at);
	for (++*at; **at != ')';) {
		if (**at == ' ') {
			++*at;
			continue;
		}
		list = xreallocarray(list, sup->n_children + 1, sizeof(*list));
		list[sup->n_children++] = scan_child(all, at);
	}
	++*at;
	sup->children = list;
	keep(all, list);
}

struct specs *
specs_parse(const char *text, struct sup_spec *sup)
{
	struct specs *s = xcalloc(1, sizeof(*s));

	memset(sup, 0, sizeof(*sup));
	scan_sup(s, &text, NULL, sup);
	return s;
}

const struct child_spec *
specs_child(struct specs *s, const char *text)
{
	return scan_child(s, &text);
}

void
specs_free(struct specs *s)
{
	while (s->n > 0)
		free(s->owned[--s->n]);
	free(s->owned);
	free(s);
}

/* Plays scenarios with the core: a world in which children do at once what they are told. */
#include "config.h"

#include "scenario.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "core/supervisor.h"

#define WORDS_MAX 8
#define KIDS_MAX 64
#define SUPS_MAX 16

/* What is to become of a worker's next starts. */
struct fate {
	char id[16];
	unsigned fail, ignore;
};

struct scenario {
	FILE *out;
	struct tree *tree;
	struct sup_spec sups[SUPS_MAX];
	char sup_names[SUPS_MAX][16];
	size_t n_sups;
	struct child_spec kids[KIDS_MAX]; /* in the order of their lines, then those added */
	char ids[KIDS_MAX][16];
	size_t sup_of[KIDS_MAX];
	const struct child_spec *lists[SUPS_MAX][KIDS_MAX];
	size_t n_kids;
	struct fate fates[KIDS_MAX];
	size_t n_fates;
	bool ignoring[KIDS_MAX * 16]; /* by handle: it is ended because it said so */
	char said[128][16]; /* +id, -id */
	size_t n_said;
	const char *ended; /* how, when it has */
	enum tree_result reply;
	bool replied;
	char words[WORDS_MAX][32];
	size_t n_words;
};

static int
index_in(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
		;
	return (int)i;
}

static size_t
find_sup(const struct scenario *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_sups && strcmp(s->sup_names[i], name) != 0; i++)
		;
	return i;
}

static struct fate *
fate_of(struct scenario *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->n_fates; i++)
		if (strcmp(s->fates[i].id, id) == 0)
			return &s->fates[i];
	snprintf(s->fates[i].id, sizeof(s->fates[i].id), "%.15s", id);
	s->n_fates++;
	return &s->fates[i];
}

static child_handle
find_below(const struct tree *t, child_handle sup, const char *id)
{
	child_handle h = tree_find(t, sup, id), found;

	if (h != CHILD_NONE)
		return h;
	for (h = tree_first(t, sup); h != CHILD_NONE; h = tree_next(t, h))
		if ((found = find_below(t, h, id)) != CHILD_NONE)
			return found;
	return CHILD_NONE;
}

static child_handle
find(const struct scenario *s, const char *id)
{
	return strcmp(id, "top") == 0 ? TREE_ROOT : find_below(s->tree, TREE_ROOT, id);
}

static struct child_view
view_of(const struct scenario *s, child_handle h)
{
	struct child_view v = { .parent = CHILD_NONE };

	tree_view(s->tree, h, &v);
	return v;
}

static void
say(struct scenario *s, char what, const char *id)
{
	snprintf(s->said[s->n_said++ % ARRAY_LEN(s->said)], sizeof(s->said[0]), "%c%.14s", what, id);
}

static void drain(struct scenario *s);

static void
feed(struct scenario *s, struct tree_event ev)
{
	tree_event(s->tree, &ev, (mono_t){ 1 });
	drain(s);
}

static void
on_start(struct scenario *s, const struct tree_action *a)
{
	const char *id = view_of(s, a->child).spec->id;
	struct fate *fate = fate_of(s, id);
	struct tree_event ev = { .type = TREE_STARTED, .token = a->token };

	if (fate->fail > 0) {
		fate->fail--;
		ev.type = TREE_START_FAILED;
		ev.reason = (struct exit_reason){ .kind = REASON_START_ERROR, .step = STEP_EXEC };
	} else if (fate->ignore > 0) {
		fate->ignore--;
		ev.type = TREE_IGNORED;
		s->ignoring[a->child] = true;
	} else {
		say(s, '+', id);
	}
	tree_event(s->tree, &ev, (mono_t){ 1 });
}

static void
on_told(struct scenario *s, const struct tree_action *a)
{
	if (!s->ignoring[a->child])
		say(s, '-', view_of(s, a->child).spec->id);
	s->ignoring[a->child] = false;
	tree_event(s->tree, &(struct tree_event){ .type = TREE_EXITED, .token = a->token,
				.reason = { .kind = REASON_SHUTDOWN } }, (mono_t){ 1 });
}

static void
drain(struct scenario *s)
{
	struct tree_action a;

	while (tree_next_action(s->tree, &a)) {
		switch (a.type) {
		case TREE_ACT_START:
			on_start(s, &a);
			break;
		case TREE_ACT_SIGNAL:
			on_told(s, &a);
			break;
		case TREE_ACT_REPLY:
			s->replied = true;
			s->reply = a.result;
			break;
		case TREE_ACT_FINISH:
			s->ended = a.result == RESULT_INIT_FAILED ? "failed" : "shutdown";
			break;
		case TREE_ACT_KILL:
		case TREE_ACT_TELL:
		case TREE_ACT_REPORT:
			break;
		}
	}
}

static const char *
result_text(enum tree_result r)
{
	if (r == RESULT_START_ERROR)
		return "fail";
	return tree_result_name(r);
}

static const char *
ask(struct scenario *s, enum tree_command_type type, child_handle h, const struct child_spec *spec)
{
	struct tree_command cmd = { .type = type, .child = h, .spec = spec, .cookie = 1 };
	enum tree_result result = tree_command(s->tree, &cmd, (mono_t){ 1 }, NULL);

	s->replied = false;
	drain(s);
	return result_text(result == RESULT_OK && s->replied ? s->reply : result);
}

/* The supervisor of an operation; NULL and the answer if it is not up. */
static bool
is_up(const struct scenario *s, const char *name, child_handle *h)
{
	*h = find(s, name);
	return *h != CHILD_NONE && view_of(s, *h).state == CHILD_RUNNING;
}

static const char *
do_start_child(struct scenario *s)
{
	static const char *const restarts[] = { "permanent", "transient", "temporary" };
	size_t sup = find_sup(s, s->words[1]), i = s->n_kids;
	child_handle h;

	if (!is_up(s, s->words[1], &h))
		return "noproc";
	s->n_kids++;
	snprintf(s->ids[i], sizeof(s->ids[i]), "%.15s", s->words[2]);
	if (s->sups[sup].strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		s->kids[i] = *s->sups[sup].children[0];
	else
		s->kids[i] = (struct child_spec){ .shutdown_ms = 5000, .ready = READY_NOTIFY,
			.restart = (enum restart_type)index_in(restarts, 3, s->words[3]),
			.significant = strcmp(s->words[4], "yes") == 0 };
	s->kids[i].id = s->ids[i];
	return ask(s, CMD_START_CHILD, h, &s->kids[i]);
}

static const char *
do_operation(struct scenario *s, enum tree_command_type type)
{
	child_handle sup, h;
	size_t i = find_sup(s, s->words[1]);
	bool simple = s->sups[i].strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;

	if (!is_up(s, s->words[1], &sup))
		return "noproc";
	h = tree_find(s->tree, sup, s->words[2]);
	if (h == CHILD_NONE) /* S81: an instance that has ended already is a success */
		return simple && type == CMD_TERMINATE_CHILD ? "ok" : simple ? "simple_one_for_one" : "not_found";
	return ask(s, type, h, NULL);
}

static const char *
do_exit(struct scenario *s)
{
	static const char *const names[] = { "normal", "shutdown", "code", "crash", "kill" };
	static const struct exit_reason reasons[] = { { .kind = REASON_NORMAL }, { .kind = REASON_SHUTDOWN },
		{ .kind = REASON_SHUTDOWN_CODE, .number = 3 }, { .kind = REASON_EXIT, .number = 1 },
		{ .kind = REASON_KILLED } };
	child_handle h = find(s, s->words[1]);
	struct child_view v;

	if (h == CHILD_NONE || (v = view_of(s, h)).state != CHILD_RUNNING)
		return "none";
	feed(s, (struct tree_event){ .type = TREE_EXITED, .token = v.token,
			.reason = reasons[index_in(names, ARRAY_LEN(names), s->words[2])] });
	return "ok";
}

/* S83. */
static const char *
do_count(struct scenario *s)
{
	static char text[64];
	unsigned specs = 0, active = 0, sups = 0, workers = 0;
	child_handle sup, h;
	struct child_view v;

	if (!is_up(s, s->words[1], &sup))
		return "noproc";
	for (h = tree_first(s->tree, sup); h != CHILD_NONE; h = tree_next(s->tree, h)) {
		v = view_of(s, h);
		specs++;
		active += v.state == CHILD_RUNNING;
		*(v.spec->type == CHILD_SUPERVISOR ? &sups : &workers) += 1;
	}
	if (s->sups[find_sup(s, s->words[1])].strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		specs = 1;
	snprintf(text, sizeof(text), "%u %u %u %u", specs, active, sups, workers);
	return text;
}

static const char *
do_start(struct scenario *s)
{
	struct err err = ERR_INIT;
	size_t i, k;

	for (i = 0; i < s->n_sups; i++) {
		s->sups[i].children = s->lists[i];
		for (k = 0; k < s->n_kids; k++)
			if (s->sup_of[k] == i)
				s->lists[i][s->sups[i].n_children++] = &s->kids[k];
	}
	s->tree = tree_new(&s->sups[0], 1, 1, &err);
	if (s->tree == NULL) {
		fprintf(stderr, "%s\n", err.msg);
		exit(1);
	}
	feed(s, (struct tree_event){ .type = TREE_BEGIN });
	return s->ended == NULL ? "ok" : "failed";
}

static const char *
do_stop(struct scenario *s)
{
	ask(s, CMD_SHUTDOWN, TREE_ROOT, NULL);
	return "ok";
}

static const char *
do_fail(struct scenario *s)
{
	fate_of(s, s->words[1])->fail = (unsigned)strtoul(s->words[2], NULL, 10);
	return "ok";
}

static const char *
do_ignore(struct scenario *s)
{
	fate_of(s, s->words[1])->ignore = (unsigned)strtoul(s->words[2], NULL, 10);
	return "ok";
}

static const char *
do_terminate_child(struct scenario *s)
{
	return do_operation(s, CMD_TERMINATE_CHILD);
}

static const char *
do_restart_child(struct scenario *s)
{
	return do_operation(s, CMD_RESTART_CHILD);
}

static const char *
do_delete_child(struct scenario *s)
{
	return do_operation(s, CMD_DELETE_CHILD);
}

static const struct {
	const char *word;
	const char *(*run)(struct scenario *s);
} commands[] = {
	{ "start", do_start },
	{ "exit", do_exit },
	{ "fail", do_fail },
	{ "ignore", do_ignore },
	{ "start_child", do_start_child },
	{ "terminate_child", do_terminate_child },
	{ "restart_child", do_restart_child },
	{ "delete_child", do_delete_child },
	{ "count_children", do_count },
	{ "stop", do_stop },
};

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_sup(const struct scenario *s, child_handle sup, struct buf *out);

static char *
child_text(const struct scenario *s, child_handle h, bool simple)
{
	struct child_view v = view_of(s, h);
	struct buf b = BUF_INIT(0);

	if (v.spec->type == CHILD_SUPERVISOR && v.state == CHILD_RUNNING)
		put_sup(s, h, &b);
	else if (v.state == CHILD_RUNNING)
		buf_xprintf(&b, "%s=up", v.spec->id);
	else
		buf_xprintf(&b, "%s=%s", simple ? "?" : v.spec->id, child_state_name(v.state));
	return b.data;
}

static void
put_sup(const struct scenario *s, child_handle sup, struct buf *out)
{
	const char *name = sup == TREE_ROOT ? "top" : view_of(s, sup).spec->id;
	bool simple = s->sups[find_sup(s, name)].strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
	char *texts[KIDS_MAX];
	child_handle h;
	size_t n = 0, i;

	for (h = tree_first(s->tree, sup); h != CHILD_NONE; h = tree_next(s->tree, h))
		texts[n++] = child_text(s, h, simple);
	if (simple)
		qsort(texts, n, sizeof(*texts), compare_texts);
	buf_xprintf(out, "%s[", name);
	for (i = 0; i < n; i++) {
		buf_xprintf(out, "%s%s", i > 0 ? " " : "", texts[i]);
		free(texts[i]);
	}
	buf_xaddc(out, ']');
}

static int
compare_said(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The instances of a simple_one_for_one (i0, i1 ...) end all at once: in any order. */
static void
put_said(struct scenario *s)
{
	size_t i, from;

	for (i = 0; i < s->n_said; i++) {
		for (from = i; i < s->n_said && strncmp(s->said[i], "-i", 2) == 0; i++)
			;
		qsort(s->said[from], i - from, sizeof(s->said[0]), compare_said);
	}
	fprintf(s->out, " ");
	for (i = 0; i < s->n_said; i++)
		fprintf(s->out, " %s", s->said[i]);
	fprintf(s->out, s->n_said == 0 ? " \n" : "\n");
}

static void
put_state(struct scenario *s)
{
	struct buf b = BUF_INIT(0);

	if (s->ended != NULL)
		buf_xprintf(&b, "ended %s", s->ended);
	else if (s->tree != NULL && view_of(s, TREE_ROOT).state == CHILD_RUNNING)
		put_sup(s, TREE_ROOT, &b);
	put_said(s);
	fprintf(s->out, "  %s\n", b.len > 0 ? b.data : "");
	buf_release(&b);
	s->n_said = 0;
}

static void
begin(struct scenario *s, const char *line)
{
	FILE *out = s->out;

	tree_free(s->tree);
	*s = (struct scenario){ .out = out };
	fprintf(out, "%s\n", line);
}

static void
add_sup(struct scenario *s)
{
	static const char *const strategies[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };
	static const char *const autos[] = { "never", "any_significant", "all_significant" };
	size_t i = s->n_sups++;

	snprintf(s->sup_names[i], sizeof(s->sup_names[i]), "%.15s", s->words[1]);
	s->sups[i] = (struct sup_spec){ .strategy = (enum strategy)index_in(strategies, 4, s->words[2]),
		.intensity = (uint32_t)strtoul(s->words[3], NULL, 10), .period_us = INT64_C(1000000000),
		.auto_shutdown = (enum auto_shutdown)index_in(autos, 3, s->words[4]), .stop_serial = true,
		.init_strict = true, .root_exit = true };
}

static void
add_child(struct scenario *s)
{
	static const char *const restarts[] = { "permanent", "transient", "temporary" };
	size_t i = s->n_kids++;

	s->sup_of[i] = find_sup(s, s->words[1]);
	snprintf(s->ids[i], sizeof(s->ids[i]), "%.15s", s->words[2]);
	s->kids[i] = (struct child_spec){ .id = s->ids[i], .shutdown_ms = 5000, .ready = READY_NOTIFY,
		.restart = (enum restart_type)index_in(restarts, 3, s->words[4]),
		.significant = strcmp(s->words[5], "yes") == 0 };
	if (strcmp(s->words[3], "supervisor") == 0) {
		s->kids[i].type = CHILD_SUPERVISOR;
		s->kids[i].ready = READY_EXEC;
		s->kids[i].shutdown_ms = SHUTDOWN_INFINITY;
		s->kids[i].sup = &s->sups[find_sup(s, s->words[2])];
	}
}

static int
play_line(struct scenario *s, const char *line)
{
	size_t i;

	if (strcmp(s->words[0], "scenario") == 0) {
		begin(s, line);
	} else if (strcmp(s->words[0], "sup") == 0) {
		add_sup(s);
	} else if (strcmp(s->words[0], "child") == 0) {
		add_child(s);
	} else {
		for (i = 0; i < ARRAY_LEN(commands) && strcmp(commands[i].word, s->words[0]) != 0; i++)
			;
		if (i == ARRAY_LEN(commands)) {
			fprintf(stderr, "not a line of a scenario: %s\n", line);
			return -1;
		}
		fprintf(s->out, "%s: %s\n", line, s->ended != NULL ? "over" : commands[i].run(s));
		put_state(s);
	}
	return 0;
}

int
scenario_play(FILE *in, FILE *out)
{
	struct scenario *s = xcalloc(1, sizeof(*s));
	char line[256], copy[256], *word, *state;
	int result = 0;

	s->out = out;
	while (result == 0 && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(copy, sizeof(copy), "%s", line);
		memset(s->words, 0, sizeof(s->words));
		s->n_words = 0;
		for (word = strtok_r(copy, " ", &state); word != NULL && s->n_words < WORDS_MAX;
		     word = strtok_r(NULL, " ", &state))
			snprintf(s->words[s->n_words++], sizeof(s->words[0]), "%s", word);
		if (s->n_words > 0)
			result = play_line(s, line);
	}
	tree_free(s->tree);
	free(s);
	return result;
}

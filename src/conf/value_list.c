/* Lists: commands, signals, exit codes, resource limits. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/units.h"
#include "conf/config.h"
#include "conf/value_ops.h"
#include "wire/event_match.h"

static int
read_list(struct value_ctx *cx ATTR_UNUSED, const struct schema_word *w ATTR_UNUSED, const struct stmt *s, void *field)
{
	struct strvec *sv = field;
	size_t i;

	for (i = 0; i < s->n_words; i++)
		strvec_push(sv, s->words[i].text);
	return 0;
}

static bool
equal_list(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return strvec_equal(a, b);
}

static bool
is_set_list(const struct schema_word *w ATTR_UNUSED, const void *field)
{
	return ((const struct strvec *)field)->n > 0;
}

static void
print_list(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	const struct strvec *sv = field;
	size_t i;

	buf_xaddc(out, '{');
	for (i = 0; i < sv->n; i++) {
		if (i > 0)
			buf_xaddstr(out, ", ");
		value_put_word(out, sv->v[i]);
	}
	buf_xaddc(out, '}');
}

const struct value_ops value_list_ops = { true, read_list, equal_list, is_set_list, print_list };

static int
read_events(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	char quoted[DIAG_QUOTE_SIZE];
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < s->n_words; i++) {
		if (event_type_check(s->words[i].text, &err) == -1) {
			diag_error(cx->diag, s->words[i].at, "'%s' is wrong for '%s': %s",
			    diag_quote(s->words[i].text, quoted), w->word, err.msg);
			return -1;
		}
	}
	if (s->n_words == 0) {
		diag_error(cx->diag, s->at, "'%s' is empty, expected at least one event, as {exit, alarm}", w->word);
		return -1;
	}
	return read_list(cx, w, s, field);
}

const struct value_ops value_events_ops = { true, read_events, equal_list, is_set_list, print_list };

static int
read_globs(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	size_t i;

	for (i = 0; i < s->n_words; i++)
		if (!event_glob_is_sound(s->words[i].text))
			return value_wrong(cx, w, &s->words[i], "a name or a glob of * ? and [a-z], with every [ closed");
	if (s->n_words == 0) {
		diag_error(cx->diag, s->at, "'%s' is empty, expected at least one name or glob", w->word);
		return -1;
	}
	return read_list(cx, w, s, field);
}

const struct value_ops value_globs_ops = { true, read_globs, equal_list, is_set_list, print_list };

/* A text is split as a shell would; a list is the argv itself. */
static int
read_command(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	struct strvec sv = STRVEC_INIT, *out = field;
	char *program;
	int ret = -1;

	if (s->kind == STMT_LIST) {
		(void)read_list(cx, w, s, &sv);
	} else if (strvec_split(&sv, s->words->text) == -1) {
		value_wrong(cx, w, s->words, "a command whose quotes are closed");
		goto out;
	}
	if (sv.n == 0 || sv.v[0][0] == '\0') {
		diag_error(cx->diag, s->n_words > 0 ? s->words->at : s->at,
		    "'%s' names no program, expected a program and its arguments", w->word);
		goto out;
	}
	/* A program without a slash is looked for in PATH; else it is a path as all others. */
	if (strchr(sv.v[0], '/') != NULL && sv.v[0][0] != '/' && cx->dir != NULL) {
		program = strdup(value_absolute(cx, sv.v[0]));
		if (program == NULL)
			goto out;
		free(sv.v[0]);
		sv.v[0] = program;
	}
	*out = sv;
	sv = (struct strvec)STRVEC_INIT;
	ret = 0;
out:
	strvec_release(&sv);
	return ret;
}

const struct value_ops value_command_ops = { true, read_command, equal_list, is_set_list, print_list };

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "BUS", SIGBUS }, { "CHLD", SIGCHLD }, { "CONT", SIGCONT },
	{ "FPE", SIGFPE }, { "HUP", SIGHUP }, { "ILL", SIGILL }, { "INT", SIGINT }, { "IO", SIGIO },
	{ "KILL", SIGKILL }, { "PIPE", SIGPIPE }, { "PROF", SIGPROF }, { "PWR", SIGPWR }, { "QUIT", SIGQUIT },
	{ "SEGV", SIGSEGV }, { "STOP", SIGSTOP }, { "SYS", SIGSYS }, { "TERM", SIGTERM }, { "TRAP", SIGTRAP },
	{ "TSTP", SIGTSTP }, { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU }, { "URG", SIGURG }, { "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 }, { "VTALRM", SIGVTALRM }, { "WINCH", SIGWINCH }, { "XCPU", SIGXCPU }, { "XFSZ", SIGXFSZ },
};

/* TERM, SIGTERM or 15; a set of signals has room for 1 to 63. */
static int
parse_signal(const char *text)
{
	const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
	char *end;
	long n;
	size_t i;

	for (i = 0; i < ARRAY_LEN(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	if (*text < '0' || *text > '9')
		return -1;
	n = strtol(text, &end, 10);
	return *end == '\0' && n >= 1 && n <= 63 ? (int)n : -1;
}

static void
put_signal(struct buf *out, int number)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(signals); i++) {
		if (signals[i].number == number) {
			buf_xaddstr(out, signals[i].name);
			return;
		}
	}
	buf_xprintf(out, "%d", number);
}

#define SIGNAL_EXPECTED "a signal as TERM, SIGTERM or 15"

static int
read_signal(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	int number = parse_signal(s->words->text);

	if (number == -1)
		return value_wrong(cx, w, s->words, SIGNAL_EXPECTED);
	*(int *)field = number;
	return 0;
}

static bool
equal_signal(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return *(const int *)a == *(const int *)b;
}

static void
print_signal(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	put_signal(out, *(const int *)field);
}

const struct value_ops value_signal_ops = { false, read_signal, equal_signal, NULL, print_signal };

static int
read_signals(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	uint64_t set = 0;
	size_t i;
	int number;

	for (i = 0; i < s->n_words; i++) {
		number = parse_signal(s->words[i].text);
		if (number == -1)
			return value_wrong(cx, w, &s->words[i], SIGNAL_EXPECTED);
		set |= UINT64_C(1) << number;
	}
	*(uint64_t *)field = set;
	return 0;
}

static bool
equal_signals(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return *(const uint64_t *)a == *(const uint64_t *)b;
}

static void
print_signals(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	const uint64_t set = *(const uint64_t *)field;
	const char *between = "";
	int i;

	buf_xaddc(out, '{');
	for (i = 1; i < 64; i++) {
		if ((set >> i & 1) != 0) {
			buf_xaddstr(out, between);
			put_signal(out, i);
			between = ", ";
		}
	}
	buf_xaddc(out, '}');
}

const struct value_ops value_signals_ops = { true, read_signals, equal_signals, NULL, print_signals };

static int
read_codes(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	uint8_t set[32] = { 1 }; /* 0 always counts */
	size_t i;
	long n;

	for (i = 0; i < s->n_words; i++) {
		const char *text = s->words[i].text;
		size_t digits = strspn(text, "0123456789");

		n = digits >= 1 && digits <= 3 && text[digits] == '\0' ? strtol(text, NULL, 10) : 256;
		if (n > 255)
			return value_wrong(cx, w, &s->words[i], "an exit code from 0 to 255");
		set[n / 8] |= (uint8_t)(1u << n % 8);
	}
	memcpy(field, set, sizeof(set));
	return 0;
}

static bool
equal_codes(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return memcmp(a, b, 32) == 0;
}

static void
print_codes(const struct schema_word *w ATTR_UNUSED, const void *field, struct buf *out)
{
	const uint8_t *set = field;
	const char *between = "";
	unsigned i;

	buf_xaddc(out, '{');
	for (i = 0; i < 256; i++) {
		if ((set[i / 8] >> i % 8 & 1) != 0) {
			buf_xprintf(out, "%s%u", between, i);
			between = ", ";
		}
	}
	buf_xaddc(out, '}');
}

const struct value_ops value_codes_ops = { true, read_codes, equal_codes, NULL, print_codes };

/* The limit that a word speaks of, among those of a launch; NULL if it is not set. */
static const struct agent_rlimit *
find_limit(const struct schema_word *w, const struct launch *l)
{
	uint32_t i;

	for (i = 0; i < l->n_rlimits; i++)
		if (l->rlimits[i].resource == (int)w->min)
			return &l->rlimits[i];
	return NULL;
}

static int
parse_limit(const struct schema_word *w, const char *text, uint64_t *v)
{
	int64_t us;

	if (strcmp(text, "unlimited") == 0) {
		*v = UINT64_MAX;
		return 0;
	}
	if (size_parse(text, v) == 0)
		return 0;
	if (w->min == RLIMIT_CPU && duration_parse(text, &us) == 0 && us % 1000000 == 0) {
		*v = (uint64_t)us / 1000000;
		return 0;
	}
	return -1;
}

static int
read_limit(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	struct launch *l = field;
	uint64_t v[2];
	size_t i;

	if (s->n_words != 1 && s->n_words != 2) {
		diag_error(cx->diag, s->at, "the limit '%s' has %zu values, expected one, or {soft, hard}", w->word,
		    s->n_words);
		return -1;
	}
	for (i = 0; i < s->n_words; i++)
		if (parse_limit(w, s->words[i].text, &v[i]) == -1)
			return value_wrong(cx, w, &s->words[i], "a number, one with K, M, G or T, or unlimited");
	if (s->n_words == 1)
		v[1] = v[0];
	if (v[0] > v[1])
		return value_wrong(cx, w, &s->words[0], "a soft limit that is not above the hard one");
	if (l->n_rlimits < AGENT_RLIMITS_MAX)
		l->rlimits[l->n_rlimits++] = (struct agent_rlimit){ (int)w->min, v[0], v[1] };
	return 0;
}

static bool
equal_limit(const struct schema_word *w, const void *a, const void *b)
{
	const struct agent_rlimit *x = find_limit(w, a), *y = find_limit(w, b);

	if (x == NULL || y == NULL)
		return x == y;
	return x->soft == y->soft && x->hard == y->hard;
}

static bool
is_set_limit(const struct schema_word *w, const void *field)
{
	return find_limit(w, field) != NULL;
}

static void
put_limit(struct buf *out, uint64_t v)
{
	if (v == UINT64_MAX)
		buf_xaddstr(out, "unlimited");
	else
		buf_xprintf(out, "%" PRIu64, v);
}

static void
print_limit(const struct schema_word *w, const void *field, struct buf *out)
{
	const struct agent_rlimit *r = find_limit(w, field);

	if (r == NULL) /* not set: nobody asks */
		return;
	if (r->soft == r->hard) {
		put_limit(out, r->soft);
		return;
	}
	buf_xaddc(out, '{');
	put_limit(out, r->soft);
	buf_xaddstr(out, ", ");
	put_limit(out, r->hard);
	buf_xaddc(out, '}');
}

const struct value_ops value_limit_ops = { true, read_limit, equal_limit, is_set_limit, print_limit };

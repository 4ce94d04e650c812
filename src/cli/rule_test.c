#include "cli/rule_test.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "conf/text.h"
#include "os/run.h"
#include "wire/name_match.h"

#define DEPTH_MAX 33 /* of supervisors, which are 32 at most */
#define SPARE_MS 10000 /* for robots.txt and redirects beside the timeout of one page */

struct finder {
	struct rule_test *v;
	size_t n, cap;
	struct strmap hosts; /* of how many sources each has; keys and values are owned */
};

static void
count_host(struct finder *f, struct rule_test *t)
{
	struct text_url url;
	size_t *n;
	char *host;

	if (text_url_parse(t->source->url, &url, NULL) == -1)
		return;
	n = strmap_findn(&f->hosts, url.host, url.host_len);
	if (n == NULL) {
		host = xstrndup(url.host, url.host_len);
		n = xcalloc(1, sizeof(*n));
		strmap_put(&f->hosts, host, n);
	}
	t->nth = (*n)++;
}

static bool
is_meant(const char *supplier, const struct source *s, char *const *names, int n_names, bool *used)
{
	bool meant = n_names == 0;
	int i;

	for (i = 0; i < n_names; i++) {
		const char *name = names[i], *slash = strrchr(name, '/');
		bool fits = name_fits(name, supplier) || strcmp(name, s->id) == 0;

		if (!fits && slash != NULL && strcmp(slash + 1, s->id) == 0) {
			char *child = xstrndup(name, (size_t)(slash - name));

			fits = name_fits(child, supplier);
			free(child);
		}
		used[i] = used[i] || fits;
		meant = meant || fits;
	}
	return meant;
}

static void
add_sources(struct finder *f, const char *supplier, const struct scraper *scraper, char *const *names, int n_names,
    bool *used)
{
	size_t i;

	for (i = 0; i < scraper->n_sources; i++) {
		struct rule_test t = { .scraper = scraper, .source = &scraper->sources[i] };

		if (!is_meant(supplier, t.source, names, n_names, used))
			continue;
		t.supplier = xstrdup(supplier);
		count_host(f, &t);
		if (f->n == f->cap) {
			f->cap = f->cap == 0 ? 16 : 2 * f->cap;
			f->v = xreallocarray(f->v, f->cap, sizeof(*f->v));
		}
		f->v[f->n++] = t;
	}
}

/* All scrapers of the tree, in its order. */
static void
walk(struct finder *f, const struct config *c, char *const *names, int n_names, bool *used)
{
	struct {
		const struct sup_spec *sup;
		size_t next;
		char *path; /* owned; with a slash behind it, unless it is the root's */
	} stack[DEPTH_MAX] = { { &c->root, 0, xstrdup("") } };
	size_t depth = 1;

	while (depth > 0) {
		const struct sup_spec *sup = stack[depth - 1].sup;
		const struct child_spec *spec;
		char *path;

		if (stack[depth - 1].next == sup->n_children) {
			free(stack[--depth].path);
			continue;
		}
		spec = sup->children[stack[depth - 1].next++];
		path = xasprintf("%s%s", stack[depth - 1].path, spec->id);
		if (spec->type == CHILD_SUPERVISOR && depth < DEPTH_MAX) {
			stack[depth].sup = spec->sup;
			stack[depth].next = 0;
			stack[depth++].path = xasprintf("%s/", path);
		} else if (spec->type != CHILD_SUPERVISOR && config_launch(spec)->scraper != NULL) {
			add_sources(f, path, config_launch(spec)->scraper, names, n_names, used);
		}
		free(path);
	}
}

static int
compare_turns(const void *a, const void *b)
{
	const struct rule_test *x = a, *y = b;

	if (x->nth != y->nth)
		return x->nth < y->nth ? -1 : 1;
	/* sources of one scraper are in one array; of several, any order does as long as it is one */
	return (uintptr_t)x->source < (uintptr_t)y->source ? -1 : (uintptr_t)x->source > (uintptr_t)y->source;
}

long
rule_tests_find(const struct config *c, char *const *names, int n_names, struct rule_test **out, struct err *err)
{
	struct finder f = { .hosts = STRMAP_INIT };
	bool *used = xcalloc((size_t)n_names + 1, sizeof(*used));
	const char *host;
	void *n;
	size_t i = 0;
	int k, unused = -1;

	walk(&f, c, names, n_names, used);
	while (strmap_next(&f.hosts, &i, &host, &n)) {
		free((char *)(uintptr_t)host);
		free(n);
	}
	strmap_release(&f.hosts);
	for (k = 0; k < n_names; k++) {
		if (!used[k] && unused == -1)
			unused = k;
	}
	free(used);
	if (unused != -1) {
		rule_tests_free(f.v, f.n);
		return err_set(err, ENOENT, "no source, and no scraper with sources, is called \"%s\"", names[unused]);
	}
	if (f.n > 0)
		qsort(f.v, f.n, sizeof(*f.v), compare_turns);
	*out = f.v;
	return (long)f.n;
}

void
rule_tests_free(struct rule_test *tests, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct rule_test *t = &tests[i];

		free(t->supplier);
		free(t->status);
		free(t->amount);
		free(t->currency);
		free(t->rule);
		free(t->method);
		free(t->reason);
		free(t->error);
	}
	free(tests);
}

static void
put_option(struct strvec *argv, const char *name, const char *value)
{
	if (value != NULL)
		strvec_pushf(argv, "--%s=%s", name, value);
}

/* In the order in which a job has them tried. */
static void
put_rules(struct strvec *argv, const struct rule_test *t)
{
	const struct source *s = t->source;

	put_option(argv, "regex", s->pattern);
	put_option(argv, "xpath", s->xpath);
	put_option(argv, "css", s->css);
	put_option(argv, "pointer", s->pointer);
	put_option(argv, "currency", s->currency);
	put_option(argv, "locale", s->locale);
	put_option(argv, "charset", s->charset);
	put_option(argv, "decimal", s->decimal);
	put_option(argv, "group", s->group);
	put_option(argv, "sources", s->sources);
	if (s->allow_zero || t->scraper->allow_zero)
		strvec_push(argv, "--allow-zero");
	if (s->allow_negative)
		strvec_push(argv, "--allow-negative");
	if (s->magnitudes)
		strvec_push(argv, "--magnitudes");
	strvec_pushf(argv, "--max-body=%llu", (unsigned long long)t->scraper->max_body);
}

static void
put_fetch(struct strvec *argv, const struct rule_test *t)
{
	const struct scraper *s = t->scraper;
	size_t i;

	put_option(argv, "user-agent", s->user_agent);
	strvec_pushf(argv, "--timeout=%lldms", (long long)(s->timeout_us / 1000));
	if (s->allow_private)
		strvec_push(argv, "--allow-private");
	if (!s->respect_robots)
		strvec_push(argv, "--no-robots");
	if (!s->sandbox)
		strvec_push(argv, "--sandbox=off");
	for (i = 0; i < s->options.n; i++)
		strvec_push(argv, s->options.v[i]);
}

static void
take_answer(struct rule_test *t, const char *line, size_t len)
{
	struct json_field f[] = { { .name = "status" }, { .name = "amount" }, { .name = "currency" }, { .name = "rule" },
		{ .name = "method" }, { .name = "reason" }, { .name = "error" } };
	char **to[] = { &t->status, &t->amount, &t->currency, &t->rule, &t->method, &t->reason, &t->error };
	size_t i;

	if (json_scan(line, len, f, ARRAY_LEN(f)) == -1)
		return;
	for (i = 0; i < ARRAY_LEN(f); i++)
		*to[i] = f[i].kind == JSON_STRING ? json_field_strdup(&f[i]) : NULL;
}

int
rule_test_run(struct rule_test *t, const char *pricescrape, const char *file, const char *content_type, struct err *err)
{
	struct strvec argv = STRVEC_INIT;
	struct buf out = BUF_INIT(0);
	struct err why = ERR_INIT;
	int64_t timeout_ms = t->scraper->timeout_us / 1000 + SPARE_MS;

	strvec_push(&argv, pricescrape);
	if (file != NULL)
		strvec_push(&argv, "extract");
	put_rules(&argv, t);
	if (file == NULL) {
		put_fetch(&argv, t);
	} else {
		put_option(&argv, "url", t->source->url);
		put_option(&argv, "content-type", content_type);
	}
	strvec_push(&argv, "--");
	strvec_push(&argv, file != NULL ? file : t->source->url);
	/* It exits with 1 when there is no price, which its line says better. */
	(void)run_program((const char *const *)argv.v, &out, timeout_ms < INT32_MAX ? (int)timeout_ms : INT32_MAX, &why);
	strvec_release(&argv);
	if (out.len > 0)
		take_answer(t, out.data, strcspn(out.data, "\n"));
	buf_release(&out);
	if (t->status == NULL)
		return err_set(err, why.code, "%s", why.msg[0] != '\0' ? why.msg : "pricescrape has not answered");
	return 0;
}

static void
set_bound(const char *text, bool *has, struct amount *to)
{
	*has = text != NULL && amount_parse(text, strlen(text), to) == AMOUNT_OK;
}

void
rule_test_judge(struct rule_test *t)
{
	const struct source *s = t->source;
	struct plausible_policy policy = { .confirm = 2,
		.jump_permille = s->jump_permille != 0 ? s->jump_permille : t->scraper->jump_permille };
	struct plausible_memory memory = { .accepted = t->last };
	struct plausible_price price = { .known = true };

	t->doubt = DOUBT_NONE;
	/* Sold out is an answer. */
	t->good = t->status != NULL && (strcmp(t->status, "ok") == 0 || strcmp(t->status, "unavailable") == 0);
	if (t->amount == NULL || amount_parse(t->amount, strlen(t->amount), &price.amount) != AMOUNT_OK)
		return;
	if (policy.jump_permille == UINT32_MAX)
		policy.jump_permille = 0;
	if (t->currency != NULL && strlen(t->currency) < sizeof(price.currency))
		memcpy(price.currency, t->currency, strlen(t->currency) + 1);
	set_bound(s->min != NULL ? s->min : t->scraper->min, &policy.has_min, &policy.min);
	set_bound(s->max != NULL ? s->max : t->scraper->max, &policy.has_max, &policy.max);
	t->doubt = plausible_check(&policy, &memory, &price);
	t->good = t->good && t->doubt == DOUBT_NONE;
}

/* Tables over the plan of a reload (architecture 8, S85): never restarted what need not be. */
#include <stdlib.h>
#include <string.h>

#include "conf/config.h"
#include "conf/paths.h"
#include "conf/plan.h"
#include "unit.h"

#define PLACES "state_dir = /s run_dir = /r log_dir = /l\n"
#define EVENT "match = exit command = x"
#define SHOP "scraper s { every = 5m source a { url = 'http://h/a' } source b { url = 'http://h/b' } }"

static const struct {
	const char *what, *old, *new;
	const char *plan; /* as printed, without the sums */
} plans[] = {
	{ "nothing", "child a { command = x }", "child a { command = x }", "" },
	{ "other spelling, same meaning", "child a { command = \"x  y\" hang_after = 60s }",
	    "# moved\n\nchild a {\n command = { x, 'y' } restart = permanent hang_after = 1m nodes = {local} }", "" },
	{ "a child more", "child a { command = x }", "child a { command = x } child b { command = y }",
	    "add b: new\n" },
	{ "a child less", "child a { command = x } child b { command = y }", "child b { command = y }",
	    "remove a: no longer there\n" },
	{ "removals in reverse order, before all others",
	    "child a { command = x } child b { command = y } child c { command = z }",
	    "child d { command = x } child c { command = zz }",
	    "remove b: no longer there\nremove a: no longer there\n"
	    "change the root: order of children (from the daemon's next start on)\nadd d: new\n"
	    "restart c: command: {z} -> {zz}\n" },
	{ "a new command needs a restart", "child a { command = 'x 1' }", "child a { command = 'x 2' }",
	    "restart a: command: {x, 1} -> {x, 2}\n" },
	{ "policy needs none",
	    "child a { command = x }",
	    "child a { command = x restart = transient shutdown = 9s backoff { max = 9s } log { keep = 1 } "
	    "stop_signal = INT success_codes = 3 start_timeout = 1s ready = notify failover_after = 3 hang_after = 1m }",
	    "change a: hang_after: never -> 1m, restart: permanent -> transient, shutdown: 5s -> 9s, backoff max: 1m -> 9s, "
	    "stop_signal: TERM -> INT, success_codes: {0} -> {0, 3}, ready: exec -> notify, "
	    "start_timeout: 1m30s -> 1s, failover_after: 2 -> 3, log keep: 5 -> 1\n" },
	{ "how it runs does", "child a { command = x }",
	    "child a { command = x cwd = '/' umask = 077 nice = 5 environment { A = b } limit { core = 0 } }",
	    "restart a: environment, cwd: (none) -> \"/\", umask: (none) -> 077, nice: (none) -> 5, "
	    "limit core: (none) -> 0\n" },
	{ "links and monitors need none; a descriptor for lines does",
	    "child a { command = x trap_exit = yes } child b { command = x } child c { command = x monitor = a }",
	    "child a { command = x trap_exit = yes monitor = b } child b { command = x link = {a, c} monitor = c } "
	    "child c { command = x }",
	    "change a: monitor: (none) -> {b}\n"
	    "restart b: gets a control descriptor, link: (none) -> {a, c}, monitor: (none) -> {c}\n"
	    "change c: monitor: {a} -> (none)\n" },
	{ "trap_exit needs one", "child a { command = x trap_exit = yes } child b { command = x monitor = a }",
	    "child a { command = x } child b { command = x trap_exit = yes monitor = a }",
	    "restart a: trap_exit: yes -> no\nrestart b: trap_exit: no -> yes\n" },
	{ "backoff off and on", "child a { command = x backoff = off } child b { command = x }",
	    "child a { command = x } child b { command = x backoff = off }",
	    "change a: backoff: off -> on\nchange b: backoff: on -> off\n" },
	{ "order of variables and limits", "child a { command = x limit { core = 0 nofile = 5 } }",
	    "child a { command = x limit { nofile = 5 core = 0 } }", "" },
	{ "more instances", "child a { command = x instances = 2 }", "child a { command = x instances = 4 }",
	    "add a:3: new\nadd a:4: new\n" },
	{ "fewer instances, another command", "child a { command = x instances = 3 }",
	    "child a { command = y instances = 2 }",
	    "remove a:3: no longer there\nrestart a:1: command: {x} -> {y}\nrestart a:2: command: {x} -> {y}\n" },
	{ "a job that changed", SHOP,
	    "scraper s { every = 1m stale_after = 1h source b { url = 'http://h/bb' } source c { url = 'http://h/c' } }",
	    "restart s: every: 5m -> 1m, stale_after: auto -> 1h, sources: 1 added, 1 removed, 1 changed\n" },
	{ "the order of sources is nothing", SHOP,
	    "scraper s { source b { url = 'http://h/b' } source a { url = 'http://h/a' } }", "" },
	{ "staleness is the daemon's", SHOP,
	    "scraper s { stale_after = 1h source a { url = 'http://h/a' } source b { url = 'http://h/b' } }",
	    "change s: stale_after: auto -> 1h\n" },
	{ "a scraper from a child", "child s { command = x }", SHOP, "restart s: was a child, is a scraper\n" },
	{ "a supervisor's policy", "supervisor s { child a { command = x } }",
	    "supervisor s { strategy = one_for_all intensity = 3 child a { command = x } }",
	    "change s: strategy: one_for_one -> one_for_all, intensity: infinity -> 3\n" },
	{ "a supervisor more and one less", "supervisor s { child a { command = x } supervisor t { child b { command = x } } }",
	    "supervisor u { child a { command = x } }",
	    "remove s: no longer there, with 3 below it\nadd u: new, with 1 below it\n" },
	{ "below a supervisor", "supervisor s { child a { command = x } child b { command = x } }",
	    "supervisor s { child b { command = y } child c { command = x } }",
	    "remove s/a: no longer there\nrestart s/b: command: {x} -> {y}\nadd s/c: new\n" },
	{ "a child becomes a supervisor", "child a { command = x }", "supervisor a { }",
	    "remove a: a supervisor takes its place\nadd a: new, with 0 below it\n" },
	{ "another order", "child a { command = x } child b { command = x }",
	    "child b { command = x } child a { command = x }",
	    "change the root: order of children (from the daemon's next start on)\n" },
	{ "the root's policy", "", "intensity = 4 root = exit",
	    "change the root: root: cool_down -> exit, intensity: infinity -> 4\n" },
	{ "the daemon's settings", "hold = 10s", "hold = 20s group = staff journal { sync = always }",
	    "set: hold: 10s -> 20s\nlater: group: (none) -> \"staff\", journal sync: 1s -> always\n" },
	{ "nodes", "node a { ssh = h } node b { ssh = h }", "node b { ssh = i lease = 1m } node c { ssh = h } node local { capacity = 3 }",
	    "set: node local: capacity: unlimited -> 3\nset: node b: ssh: \"h\" -> \"i\", lease: 30s -> 1m\n"
	    "set: node c: new\nset: node a: no longer there\n" },
	{ "another store", "store = 'sqlite:/a'", "store = 'sqlite:/b'",
	    "set: store: \"sqlite:/a\" -> \"sqlite:/b\"\nrestart recorder: command\n" },
	{ "no store any more", "store = 'sqlite:/a' child a { command = x }", "store = none child a { command = x }",
	    "set: store: \"sqlite:/a\" -> none\nremove recorder: no longer there\n" },
	{ "a store for the first time", "store = none child a { command = x }", "store = 'sqlite:/a' child a { command = x }",
	    "set: store: none -> \"sqlite:/a\"\nadd recorder: new\n" },
	{ "a handler for the first time", "child a { command = x }", "on_event h { " EVENT " } child a { command = x }",
	    "add events: new\n" },
	{ "no handler any more", "on_event h { " EVENT " } child a { command = x }", "child a { command = x }",
	    "remove events: no longer there\n" },
	{ "handlers that change", "on_event h { " EVENT " } on_event i { " EVENT " } on_event j { " EVENT " }",
	    "on_event k { " EVENT " } on_event i { " EVENT " timeout = 5s reason = killed } on_event h { " EVENT " }",
	    "restart events: on_event k: new, on_event i: reason: (none) -> {killed}, timeout: 30s -> 5s, "
	    "on_event j: no longer there\n" },
	{ "handlers written otherwise", "on_event h { match = exit command = 'x y' }",
	    "on_event h { command = {x, y} match = {exit} timeout = 30000ms }", "" },
	{ "a handler, and others", "store = none on_event h { " EVENT " } child a { command = x }",
	    "store = none on_event h { " EVENT " queue = 5 } child a { command = x }",
	    "restart events: on_event h: queue: 1000 -> 5\n" },
};

static struct config *
parse(const char *places, const char *text)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct buf all = BUF_INIT(0);
	struct config *c;

	buf_xprintf(&all, "%s%s", places, text);
	c = config_parse("test", all.data, all.len, &errors);
	ck_assert_msg(c != NULL, "%s", errors.text.data);
	buf_release(&all);
	buf_release(&errors.text);
	return c;
}

/* Every entry's specs are where its path says, in the configuration that they are of. */
static void
check_specs(const struct plan *p, const struct config *old, const struct config *new)
{
	const struct plan_entry *e;

	for (e = p->v; e < p->v + p->n; e++) {
		if (e->path == NULL || e->path[0] == '\0') {
			ck_assert(e->old == NULL && e->new == NULL);
			continue;
		}
		if (e->kind != PLAN_ADD)
			ck_assert_ptr_eq(e->old, config_find(old, e->path));
		else
			ck_assert_ptr_null(e->old);
		if (e->kind != PLAN_REMOVE)
			ck_assert_ptr_eq(e->new, config_find(new, e->path));
		else
			ck_assert_ptr_null(e->new);
	}
}

START_TEST(plan)
{
	struct config *old = parse(PLACES, plans[_i].old), *new = parse(PLACES, plans[_i].new);
	struct buf text = BUF_INIT(0);
	struct plan *p;
	char *sums;

	paths_defaults(old);
	config_keep_places(new, old);
	p = plan_make(old, new);
	check_specs(p, old, new);
	plan_print(p, &text);
	text.data[text.len - 1] = '\0';
	sums = strrchr(text.data, '\n');
	*(sums != NULL ? sums + 1 : text.data) = '\0';
	ck_assert_msg(strcmp(text.data, plans[_i].plan) == 0, "%s:\n%s\nexpected\n%s", plans[_i].what, text.data,
	    plans[_i].plan);
	plan_free(p);
	buf_release(&text);
	config_unref(old);
	config_unref(new);
}
END_TEST

/* A daemon that runs cannot move: its directories stay, and that is told. */
START_TEST(places_stay)
{
	struct config *old = parse(PLACES, ""), *new = parse("state_dir = /other run_dir = /r log_dir = /l", "");
	struct buf text = BUF_INIT(0);
	struct plan *p;

	paths_defaults(old);
	config_keep_places(new, old);
	ck_assert_str_eq(new->state_dir, "/s");
	ck_assert_str_eq(config_launch(config_find(new, "recorder"))->argv.v[2], "/s/journal");
	p = plan_make(old, new);
	ck_assert_uint_eq(p->counts[PLAN_LATER], 1);
	plan_print(p, &text);
	ck_assert(strncmp(text.data, "later: state_dir: /s -> /other\n", 31) == 0);
	plan_free(p);
	buf_release(&text);
	config_unref(old);
	config_unref(new);
}
END_TEST

/* What stays is listed too, supervisors before their children: its spec is the new one. */
START_TEST(all_are_listed)
{
	const char *text = "store = none supervisor s { child a { command = x } } child b { command = x instances = 3 }";
	static const char *const paths[] = { "", "s", "s/a", "b:1", "b:2", "b:3" };
	struct config *old = parse(PLACES, text), *new = parse(PLACES, text);
	struct plan *p;
	size_t i;

	paths_defaults(old);
	config_keep_places(new, old);
	p = plan_make(old, new);
	ck_assert_uint_eq(p->n, ARRAY_LEN(paths));
	for (i = 0; i < p->n; i++) {
		ck_assert_str_eq(p->v[i].path, paths[i]);
		ck_assert_int_eq(p->v[i].kind, PLAN_KEEP);
		ck_assert_str_eq(p->v[i].reason, "");
	}
	plan_free(p);
	config_unref(old);
	config_unref(new);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("conf plan");
	TCase *t = tcase_create("plan");

	tcase_add_loop_test(t, plan, 0, (int)ARRAY_LEN(plans));
	tcase_add_test(t, places_stay);
	tcase_add_test(t, all_are_listed);
	suite_add_tcase(s, t);
	return unit_run(s);
}

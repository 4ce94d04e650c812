/* What the other rooms use of a configuration: defaults, lookup, instances, job, paths, the recorder. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mono.h"
#include "conf/advise.h"
#include "conf/config.h"
#include "conf/csv.h"
#include "conf/diag.h"
#include "conf/paths.h"
#include "conf/text.h"
#include "unit.h"

/* A configuration that must be sound. */
static struct config *
parse(const char *text)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_parse("test", text, strlen(text), &errors);

	ck_assert_msg(c != NULL, "%s", errors.text.data);
	buf_release(&errors.text);
	return c;
}

/* All that is said of a text. */
static char *
messages(const char *text, size_t len)
{
	struct config_errors errors = { .text = BUF_INIT(0) };

	config_unref(config_parse("t", text, len, &errors));
	buf_xaddstr(&errors.text, "");
	return buf_detach(&errors.text);
}

static const struct child_spec *
find(const struct config *c, const char *path)
{
	const struct child_spec *spec = config_find(c, path);

	ck_assert_msg(spec != NULL, "%s is not there", path);
	return spec;
}

START_TEST(defaults_of_a_child)
{
	struct config *c = parse("child a { command = 'prog \"x y\" z' }");
	const struct child_spec *a = find(c, "a");
	const struct launch *l = config_launch(a);
	const struct backoff_spec b = BACKOFF_DEFAULT;

	ck_assert_int_eq(a->type, CHILD_WORKER);
	ck_assert_int_eq(a->restart, RESTART_PERMANENT); /* S9 */
	ck_assert_int_eq(a->shutdown_ms, 5000);		 /* S10 */
	ck_assert_int_eq(a->stop_signal, SIGTERM);	 /* S13 */
	ck_assert_uint_eq(a->success_codes[0], 1);
	ck_assert_uint_eq(a->success_signals, 0);
	ck_assert_int_eq(a->ready, READY_EXEC);
	ck_assert_int_eq(a->start_timeout_us, 90 * US_PER_S);
	ck_assert_uint_eq(a->failover_after, 2);
	ck_assert(!a->significant && !a->stop_last && !a->stopped);
	ck_assert(a->backoff.enabled == b.enabled && a->backoff.first_at_once == b.first_at_once);
	ck_assert_int_eq(a->backoff.min_us, b.min_us);
	ck_assert_int_eq(a->backoff.max_us, b.max_us);
	ck_assert_uint_eq(a->backoff.factor, b.factor);
	ck_assert_uint_eq(a->backoff.jitter_permille, b.jitter_permille);
	ck_assert_int_eq(a->backoff.reset_after_us, b.reset_after_us);
	ck_assert_uint_eq(l->argv.n, 3);
	ck_assert_str_eq(l->argv.v[1], "x y");
	ck_assert_int_eq(l->in, STDIN_NULL);
	ck_assert_int_eq(l->out, STDOUT_PIPE);
	ck_assert_int_eq(l->err, STDERR_JOIN);
	ck_assert_int_eq(l->output, OUTPUT_LOG);
	ck_assert_int_eq(l->umask, -1);
	ck_assert_int_eq(l->nice, INT32_MIN);
	ck_assert_uint_eq(l->n_rlimits, 0);
	ck_assert_uint_eq(l->nodes.n, 0);
	ck_assert_int_eq(l->hang_after_us, 0);
	ck_assert_uint_eq(l->log_size, 10u << 20);
	ck_assert_uint_eq(l->log_keep, 5);
	ck_assert_ptr_null(l->scraper);
	config_unref(c);
}
END_TEST

START_TEST(defaults_of_a_scraper)
{
	struct config *c;
	const struct launch *l;

	ck_assert_int_eq(setenv("TRAPEXIT_BINDIR", "/bin/here", 1), 0);
	c = parse("scraper s { options = {--quiet} source a { url = 'http://h/' } }");
	l = config_launch(find(c, "s"));
	ck_assert_uint_eq(l->argv.n, 3);
	ck_assert_str_eq(l->argv.v[0], "/bin/here/pricescrape");
	ck_assert_str_eq(l->argv.v[1], "--job");
	ck_assert_str_eq(l->argv.v[2], "--quiet");
	ck_assert_int_eq(l->in, STDIN_PIPE);
	ck_assert_int_eq(l->out, STDOUT_PIPE);
	ck_assert_int_eq(l->err, STDERR_PIPE);
	ck_assert_int_eq(l->output, OUTPUT_OBSERVATIONS);
	ck_assert_int_eq(l->scraper->every_us, 300 * US_PER_S);
	ck_assert_uint_eq(l->scraper->jitter_permille, 100);
	ck_assert_int_eq(l->scraper->gap_us, 10 * US_PER_S); /* P49 */
	ck_assert_int_eq(l->scraper->timeout_us, 30 * US_PER_S);
	ck_assert_uint_eq(l->scraper->max_body, 8u << 20);
	ck_assert(l->scraper->respect_robots && !l->scraper->allow_private);
	ck_assert_int_eq(l->scraper->die_after, 0);
	config_unref(c);
}
END_TEST

/* S1, S10: what is not written, with architecture 11. */
START_TEST(defaults_of_the_rest)
{
	struct config *c = parse("supervisor s { } child o { command = x output = observations }");
	const struct child_spec *s = find(c, "s");

	ck_assert_int_eq(c->hold_us, 60 * US_PER_S);
	ck_assert_int_eq(c->nodes[0].lease_us, c->hold_us);
	ck_assert_uint_eq(c->connects, 8);
	ck_assert_str_eq(c->nodes[0].name, "local");
	ck_assert_uint_eq(c->root.intensity, INTENSITY_INFINITY);
	ck_assert_int_eq(c->root.period_us, 5 * US_PER_S);
	ck_assert_int_eq(c->root.cool_down_us, 300 * US_PER_S);
	ck_assert(!c->root.root_exit && !c->root.init_strict && !c->root.stop_serial);
	ck_assert_int_eq(s->type, CHILD_SUPERVISOR);
	ck_assert_int_eq(s->shutdown_ms, SHUTDOWN_INFINITY); /* S10 */
	ck_assert_uint_eq(s->sup->intensity, INTENSITY_INFINITY);
	ck_assert_int_eq(s->sup->strategy, STRATEGY_ONE_FOR_ONE);
	ck_assert_uint_eq(s->sup->n_children, 0);
	ck_assert_ptr_null(config_launch(s));
	ck_assert_int_eq(config_launch(find(c, "o"))->err, STDERR_PIPE);
	config_unref(c);
}
END_TEST

START_TEST(written_values)
{
	struct config *c = parse("child a { command = {x} success_codes = {3, 200} success_signals = {HUP, 34}\n"
				 "shutdown = brutal_kill limit { nofile = {512, 1K} cpu = 1h } umask = 027 nice = -5\n"
				 "environment { B = '1' A = '2' } backoff = off }\n"
				 "supervisor s { intensity = 0 stop = serial init = strict }");
	const struct child_spec *a = find(c, "a"), *s = find(c, "s");
	const struct launch *l = config_launch(a);

	ck_assert_uint_eq(a->success_codes[0], 1 | 1 << 3);
	ck_assert_uint_eq(a->success_codes[25], 1);
	ck_assert_uint_eq(a->success_signals, UINT64_C(1) << SIGHUP | UINT64_C(1) << 34);
	ck_assert_int_eq(a->shutdown_ms, SHUTDOWN_BRUTAL_KILL);
	ck_assert(!a->backoff.enabled);
	ck_assert_uint_eq(l->n_rlimits, 2);
	ck_assert_int_eq(l->rlimits[0].resource, RLIMIT_NOFILE);
	ck_assert_uint_eq(l->rlimits[0].soft, 512);
	ck_assert_uint_eq(l->rlimits[0].hard, 1024);
	ck_assert_int_eq(l->rlimits[1].resource, RLIMIT_CPU);
	ck_assert_uint_eq(l->rlimits[1].hard, 3600);
	ck_assert_int_eq(l->umask, 027);
	ck_assert_int_eq(l->nice, -5);
	ck_assert_str_eq(l->env.v[0], "B=1");
	ck_assert_str_eq(l->env.v[1], "A=2");
	ck_assert_uint_eq(s->sup->intensity, 0);
	ck_assert(s->sup->stop_serial && s->sup->init_strict);
	config_unref(c);
}
END_TEST

/* Instances share one launch; only the id is each one's own. */
START_TEST(instances)
{
	struct config *c = parse("child w { command = x instances = 1000 } child v { command = x instances = 1 }");
	const struct child_spec *one = find(c, "w:1"), *last = find(c, "w:1000");

	ck_assert_uint_eq(c->root.n_children, 1001);
	ck_assert_ptr_eq(one->user, last->user);
	ck_assert_uint_eq(config_launch(one)->instances, 1000);
	ck_assert_str_eq(config_launch(one)->id, "w");
	ck_assert_ptr_null(config_find(c, "w"));
	ck_assert_ptr_null(config_find(c, "w:0"));
	ck_assert_ptr_null(config_find(c, "w:1001"));
	ck_assert_str_eq(find(c, "v:1")->id, "v:1");
	ck_assert_uint_le(sizeof(struct child_spec), 216);
	config_unref(c);
}
END_TEST

START_TEST(find_by_path)
{
	struct config *c = parse("supervisor a { supervisor b { child c { command = x } child cc { command = x } } }\n"
				 "child b { command = x }");
	static const char *const absent[] = { "", "/", "a/", "a/b/", "a/b/c/", "a/b/c/d", "a/c", "c", "/a", "a//b", "bb",
		"a/b/ccc" };
	size_t i;

	ck_assert_str_eq(find(c, "a/b/c")->id, "c");
	ck_assert_str_eq(find(c, "a/b/cc")->id, "cc");
	ck_assert_int_eq(find(c, "a/b")->type, CHILD_SUPERVISOR);
	ck_assert_int_eq(find(c, "b")->type, CHILD_WORKER);
	for (i = 0; i < ARRAY_LEN(absent); i++)
		ck_assert_msg(config_find(c, absent[i]) == NULL, "'%s' was found", absent[i]);
	config_unref(c);
}
END_TEST

START_TEST(job)
{
	struct config *c = parse("scraper s { every = 5m gap = 2s concurrency = 3 min = 1.50\n"
				 "source a { url = 'http://h/' product = \"4\\\" \\u{20AC}\" pattern = '\\d+' currency = GBP }\n"
				 "source b { url = 'http://h/b' every = 1h\n"
				 "  max = 99.9 jump = off confirm = 7 allow_zero = yes\n"
				 "  css = 'p' xpath = '//p' pointer = '/p' decimal = ',' group = ' ' sources = {rdfa, json-ld}\n"
				 "  charset = latin1 allow_negative = yes magnitudes = yes } } child x { command = x }");
	struct buf out = BUF_INIT(0);

	config_job(find(c, "x"), &out);
	ck_assert_uint_eq(out.len, 0);
	config_job_for(find(c, "s"), "s", UINT64_C(7391), "restart", &out);
	ck_assert_str_eq(out.data,
	    "{\"type\":\"job\",\"version\":1,\"child\":\"s\",\"token\":7391,\"start\":\"restart\",\"every_ms\":300000,"
	    "\"jitter_permille\":100,\"gap_ms\":2000,\"concurrency\":3,\"min\":\"1.50\",\"jump_permille\":5000,\"confirm\":2,"
	    "\"allow_zero\":false,\"timeout_ms\":30000,\"page_cpu_ms\":2000,\"max_body\":8388608,\"user_agent\":null,"
	    "\"contact\":null,\"proxy\":null,"
	    "\"allow_private\":false,\"robots\":true,\"sandbox\":true,\"die_after\":0}\n"
	    "{\"type\":\"source\",\"id\":\"a\",\"product\":\"4\\\" \xe2\x82\xac\",\"url\":\"http://h/\","
	    "\"pattern\":\"\\\\d+\",\"currency\":\"GBP\",\"locale\":null,\"every_ms\":300000}\n"
	    "{\"type\":\"source\",\"id\":\"b\",\"product\":\"b\",\"url\":\"http://h/b\",\"pattern\":null,"
	    "\"xpath\":\"//p\",\"css\":\"p\",\"pointer\":\"/p\",\"charset\":\"latin1\",\"decimal\":\",\",\"group\":\" \",\"sources\":\"rdfa json-ld\","
	    "\"allow_negative\":true,\"magnitudes\":true,"
	    "\"currency\":null,\"locale\":null,\"every_ms\":3600000,\"max\":\"99.9\",\"jump_permille\":0,\"confirm\":7,"
	    "\"allow_zero\":true}\n");
	buf_clear(&out);
	config_job(find(c, "s"), &out);
	ck_assert(strncmp(out.data, "{\"type\":\"job\",\"version\":1,\"every_ms\":", 37) == 0);
	buf_release(&out);
	config_unref(c);
}
END_TEST

/* A rule is compiled when the configuration is read: what is wrong with it stands there, as an error. */
static const struct {
	const char *rule, *place; /* on line 2, where the rule's text begins in column 12 */
} bad_rules[] = {
	{ "pattern = 'a(b'", "x:2:15: " },
	{ "pattern = '(?<price>x){99999}'", "x:2:" },
	{ "xpath   = '//p['", "x:2:16: " },
	{ "css     = 'p >'", "x:2:15: " },
	{ "pointer = 'price'", "x:2:" },
	{ "pointer = '/a~2'", "x:2:" },
};

START_TEST(p21_bad_rule_has_its_place)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct buf text = BUF_INIT(0);

	buf_xprintf(&text, "scraper s { source a { url = 'http://h/'\n%s } }", bad_rules[_i].rule);
	ck_assert_ptr_null(config_parse("x", text.data, text.len, &errors));
	ck_assert_uint_eq(errors.errors, 1);
	ck_assert_msg(strncmp(errors.text.data, bad_rules[_i].place, strlen(bad_rules[_i].place)) == 0, "%s: %s",
	    bad_rules[_i].rule, errors.text.data);
	buf_release(&errors.text);
	buf_release(&text);
}
END_TEST

START_TEST(amounts)
{
	static const char *const sorted[] = { "-10", "-9.99", "-0.01", "0", "0.00000001", "0.5", "1", "9.99", "10.001", "10.01",
		"999999999999999999" };
	static const char *const wrong[] = { "", "-", ".5", "5.", "1,5", "+1", "1e3", "1 ", "--1", "0.123456789",
		"1234567890123456789", "12345678901.12345678" };
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(sorted); i++) {
		ck_assert_msg(text_is_amount(sorted[i]), "%s", sorted[i]);
		for (k = 0; k < ARRAY_LEN(sorted); k++) {
			int d = text_amount_compare(sorted[i], sorted[k]);

			ck_assert_msg((d > 0) - (d < 0) == (i > k) - (i < k), "%s, %s", sorted[i], sorted[k]);
		}
	}
	ck_assert_int_eq(text_amount_compare("007.50", "7.5"), 0);
	ck_assert_int_eq(text_amount_compare("-0.10", "-00.1"), 0);
	for (i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(!text_is_amount(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(recorder)
{
	struct config *c = parse("store = 'sqlite:/s/p.db' state_dir = '/s' child a { command = x }");
	const struct launch *l;
	struct buf out = BUF_INIT(0);

	paths_defaults(c);
	paths_defaults(c);
	ck_assert_uint_eq(c->root.n_children, 2);
	ck_assert_str_eq(c->root.children[0]->id, "recorder");
	ck_assert_ptr_eq(config_find(c, "recorder"), c->root.children[0]);
	ck_assert_ptr_eq(config_find(c, "a"), c->root.children[1]);
	ck_assert(c->root.children[0]->stop_last);
	l = config_launch(c->root.children[0]);
	ck_assert(l->recorder);
	ck_assert_str_eq(l->argv.v[1], "--journal");
	ck_assert_str_eq(l->argv.v[2], "/s/journal");
	ck_assert_str_eq(l->argv.v[4], "sqlite:/s/p.db");
	config_print(c, &out);
	ck_assert_msg(strstr(out.data, "recorder") == NULL, "%s", out.data);
	buf_release(&out);
	config_unref(c);
	c = parse("store = none");
	paths_defaults(c);
	ck_assert_ptr_null(c->store);
	ck_assert_uint_eq(c->root.n_children, 0);
	config_unref(c);
}
END_TEST

START_TEST(paths)
{
	struct config *c = parse("");
	char *s;

	paths_defaults(c);
	if (geteuid() == 0) {
		ck_assert_str_eq(c->state_dir, "/var/lib/trapexit");
		ck_assert_str_eq(c->run_dir, "/run/trapexit");
		ck_assert_str_eq(c->store, "sqlite:/var/lib/trapexit/prices.db");
	} else {
		ck_assert_ptr_nonnull(strstr(c->state_dir, "/trapexit"));
	}
	config_unref(c);
	c = parse("state_dir = '/a' run_dir = '/b' log_dir = '/c'");
	paths_defaults(c);
	ck_assert_str_eq(c->store, "sqlite:/a/prices.db");
	ck_assert_str_eq(s = paths_control_socket(c), "/b/control.sock");
	free(s);
	ck_assert_str_eq(s = paths_journal_dir(c), "/a/journal");
	free(s);
	ck_assert_str_eq(s = paths_log_file(c, "suppliers/ebuyer"), "/c/suppliers/ebuyer.log");
	free(s);
	ck_assert_int_eq(setenv("TRAPEXIT_CONFIG", "/x/y.conf", 1), 0);
	ck_assert_str_eq(s = paths_config_file(), "/x/y.conf");
	free(s);
	config_unref(c);
}
END_TEST

START_TEST(references)
{
	struct config *c = parse("child a { command = x }");

	ck_assert_ptr_eq(config_ref(c), c);
	config_unref(c);
	ck_assert_str_eq(find(c, "a")->id, "a");
	config_unref(c);
	config_unref(NULL);
}
END_TEST

/* A private folder with a file x.conf; the names are static. */
static const char *
write_conf(char folder[PATH_MAX], const char *text)
{
	static char path[PATH_MAX + 16];
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_MAX];
	FILE *f;

	snprintf(dir, sizeof(dir), "%s/tx.XXXXXX", tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_nonnull(realpath(dir, folder));
	snprintf(path, sizeof(path), "%s/x.conf", folder);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void
remove_conf(const char *folder, const char *path)
{
	unlink(path);
	rmdir(folder);
}

static void
is_below(const char *path, const char *prefix, const char *folder, const char *name)
{
	char want[PATH_MAX + 64];

	snprintf(want, sizeof(want), "%s%s/%s", prefix, folder, name);
	ck_assert_str_eq(path, want);
}

/* A file of its own, whose relative paths are relative to its folder. */
START_TEST(load)
{
	char folder[PATH_MAX];
	const char *path = write_conf(folder, "state_dir = \"./state\" store = \"sqlite:p.db\" run_dir = /r\n"
					      "child a { command = \"bin/x y\" cwd = w } child b { command = \"x\" }\n");
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_load(path, &errors);

	ck_assert_msg(c != NULL, "%s", errors.text.data);
	is_below(c->path, "", folder, "x.conf");
	is_below(c->state_dir, "", folder, "state");
	is_below(c->store, "sqlite:", folder, "p.db");
	ck_assert_str_eq(c->run_dir, "/r");
	is_below(config_launch(find(c, "a"))->argv.v[0], "", folder, "bin/x");
	is_below(config_launch(find(c, "a"))->cwd, "", folder, "w");
	ck_assert_str_eq(config_launch(find(c, "b"))->argv.v[0], "x");
	config_unref(c);
	remove_conf(folder, path);
	buf_release(&errors.text);
}
END_TEST

/* Where things are can be read from a file that is wrong elsewhere. */
START_TEST(load_places)
{
	char folder[PATH_MAX];
	const char *path = write_conf(folder, "state_dir = s nonsense { = }\n log_dir = /l child a { }");
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c;

	ck_assert_ptr_null(config_load(path, &errors));
	ck_assert_uint_eq(errors.errors, 3);
	c = config_load_places(path, &errors);
	ck_assert_ptr_nonnull(c);
	is_below(c->state_dir, "", folder, "s");
	ck_assert_str_eq(c->log_dir, "/l");
	ck_assert_ptr_null(c->run_dir);
	config_unref(c);
	remove_conf(folder, path);
	buf_release(&errors.text);
}
END_TEST

/* Limits that the system does not allow are told; an ordinary user cannot raise a hard limit. */
START_TEST(load_limits)
{
	const struct rlimit limit = { 100, 100 };
	char folder[PATH_MAX];
	const char *path = write_conf(folder, "state_dir = s\nchild a { command = x limit { core = {50, 100} } }\n"
					      "child b { command = x limit { core = {50, 101} } }\n");
	struct config_errors errors = { .text = BUF_INIT(0) };

	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &limit), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	config_unref(config_load(path, &errors));
	ck_assert_uint_eq(errors.errors, 0);
	ck_assert_uint_eq(errors.warnings, 1);
	ck_assert_ptr_nonnull(strstr(errors.text.data, "x.conf:3:1: warning: the limit 'core' is above 100"));
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	remove_conf(folder, path);
	buf_release(&errors.text);
}
END_TEST

START_TEST(load_fails)
{
	char folder[PATH_MAX];
	const char *path = write_conf(folder, "");
	struct config_errors errors = { .text = BUF_INIT(0) };

	unlink(path);
	ck_assert_ptr_null(config_load(path, &errors));
	ck_assert_ptr_nonnull(strstr(errors.text.data, "No such file"));
	ck_assert_ptr_null(config_load_places(path, &errors));
	/* A FIFO would make a reload wait for ever. */
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(config_load(path, &errors));
	ck_assert_ptr_nonnull(strstr(errors.text.data, "neither a file"));
	ck_assert_ptr_null(config_load(folder, &errors));
	ck_assert_ptr_nonnull(strstr(errors.text.data, "Is a directory"));
	remove_conf(folder, path);
	buf_release(&errors.text);
}
END_TEST

/* Of a processor: other work on the machine does not count. */
static double
seconds(clock_t since)
{
	return (double)(clock() - since) / CLOCKS_PER_SEC;
}

/* libConfuse needed 41 s for these. */
START_TEST(large)
{
	struct buf text = BUF_INIT(0), out = BUF_INIT(0);
	struct config *c;
	clock_t start;
	double t;
	int i;

	for (i = 0; i < 50000; i++)
		buf_xprintf(&text, "child c%d { command = \"/bin/prog --number %d\"  restart = transient }\n", i, i);
	start = clock();
	c = parse(text.data);
	t = seconds(start);
	ck_assert_uint_eq(c->root.n_children, 50000);
	ck_assert_str_eq(find(c, "c49999")->id, "c49999");
	config_print(c, &out);
	config_unref(c);
	/* Sanitizers and valgrind are slow, and so is a machine with other work: quadratic would be minutes. */
	ck_assert_msg(t < 20, "50,000 sections took %.1f s", t);
	printf("# 50,000 sections: %.3f s\n", t);
	buf_release(&text);
	buf_release(&out);
}
END_TEST

static void
repeat(struct buf *b, const char *s, int n)
{
	while (n-- > 0)
		buf_xaddstr(b, s);
}

static const struct {
	const char *what, *before, *piece, *after;
	int n;
	const char *expected;
} hostile[] = {
	{ "deep sections", "", "supervisor a {\n", "", 100000, "nested too deep" },
	{ "deep lists", "x = ", "{", "", 100000, "unexpected '{' in the list 'x'" },
	{ "closings", "", "}", "", 100000, "closes nothing" },
	{ "blanks behind words", "", "a                                                     ", "", 20000, "expected '='" },
	{ "quotes", "", "\"", "", 100001, "no closing" },
	{ "backslashes", "a = \"", "\\", "", 100001, "no closing" },
	{ "one long word", "", "a", " = 1", 1000000, "unknown word" },
	{ "equal signs", "", "=", "", 100000, "unexpected '='" },
	{ "commas", "a = {", ",", "}", 100000, "unexpected ','" },
	{ "a list without end", "group = {", "a,\n", "", 100000, "not closed" },
	{ "unknown words", "", "x = 1\n", "", 100000, "more errors are not shown" },
	{ "duplicates", "", "child a { command = x }\n", "", 50000, "is taken" },
	{ "instances", "", "child a { command = x instances = 100000 }\n", "", 3, "is taken" },
	{ "zero bytes", "", "\x01\x02", "", 1000, "unexpected '\\x01\\x02" },
};

/* Whatever stands there: an error, in linear time, without deep recursion. */
START_TEST(hostile_texts)
{
	struct buf text = BUF_INIT(0);
	clock_t start = clock();
	char *said;

	repeat(&text, hostile[_i].before, 1);
	repeat(&text, hostile[_i].piece, hostile[_i].n);
	repeat(&text, hostile[_i].after, 1);
	said = messages(text.data, text.len);
	ck_assert_msg(strstr(said, hostile[_i].expected) != NULL, "%s: %.300s", hostile[_i].what, said);
	ck_assert_msg(seconds(start) < 20, "%s: %.1f s", hostile[_i].what, seconds(start));
	free(said);
	buf_release(&text);
}
END_TEST

START_TEST(depth)
{
	struct buf text = BUF_INIT(0);
	struct config *c;
	char *said;

	repeat(&text, "supervisor s { ", 32);
	repeat(&text, "child c { command = x }", 1);
	repeat(&text, " }", 32);
	c = parse(text.data);
	config_unref(c);
	buf_clear(&text);
	repeat(&text, "supervisor s { ", 33);
	repeat(&text, " }", 33);
	said = messages(text.data, text.len);
	ck_assert_msg(strstr(said, "supervisors are nested too deep") != NULL, "%s", said);
	free(said);
	buf_release(&text);
}
END_TEST

START_TEST(too_many_children)
{
	char *said;
	const char text[] = "child a { command = x instances = 100000 } child b { command = x instances = 100000 }\n"
			    "child c { command = x }";

	said = messages(text, strlen(text));
	ck_assert_msg(strstr(said, "too many children") != NULL, "%s", said);
	free(said);
}
END_TEST

static const struct {
	const char *url;
	const char *host; /* NULL: refused */
	unsigned port;
} urls[] = {
	{ "http://a.b/", "a.b", 80 },
	{ "HTTPS://A.b", "A.b", 443 },
	{ "http://a:8080?x", "a", 8080 },
	{ "http://a:/x", "a", 80 },
	{ "http://me:pw@a/", "a", 80 },
	{ "http://a@b@c/", "c", 80 },
	{ "http://[::1]:81/", "[::1]", 81 },
	{ "http://1.2.3.4/", "1.2.3.4", 80 },
	{ "http://m\xc3\xbcller.example/", "m\xc3\xbcller.example", 80 },
	{ "http://a_b.example./", "a_b.example.", 80 },
	{ "http:///x", NULL, 0 },
	{ "http:a", NULL, 0 },
	{ "file:///etc/passwd", NULL, 0 },
	{ "http://a:0/", NULL, 0 },
	{ "http://a:65536/", NULL, 0 },
	{ "http://a:8o/", NULL, 0 },
	{ "http://a:-1/", NULL, 0 },
	{ "http://.a/", NULL, 0 },
	{ "http://a b/", NULL, 0 },
	{ "http://a/\n", NULL, 0 },
	{ "http://[::1", NULL, 0 },
	{ "http://[::1]x/", NULL, 0 },
	{ "http://[x]/", NULL, 0 },
	{ "http://a%2f/", NULL, 0 },
	{ "http://-a/", NULL, 0 },
	{ "", NULL, 0 },
};

START_TEST(url)
{
	struct err err = ERR_INIT;
	struct text_url u;
	int ret = text_url_parse(urls[_i].url, &u, &err);

	ck_assert_msg((ret == 0) == (urls[_i].host != NULL), "%s: %s", urls[_i].url, ret == 0 ? "taken" : err.msg);
	if (ret == -1)
		return;
	ck_assert_msg(u.host_len == strlen(urls[_i].host) && strncmp(u.host, urls[_i].host, u.host_len) == 0, "%s: %.*s",
	    urls[_i].url, (int)u.host_len, u.host);
	ck_assert_uint_eq(u.port, urls[_i].port);
}
END_TEST

static const struct {
	const char *text;
	const char *fields; /* joined by '|', records by '/'; '!' for a wrong one */
} csvs[] = {
	{ "", "" },
	{ "\n\r\n\n", "" },
	{ "a,b\nc,d", "a|b/c|d/" },
	{ "a,b\r\nc,d\r\n", "a|b/c|d/" },
	{ ",\n", "|/" },
	{ "a,", "a|/" },
	{ "\"a,b\",\"c\"\"d\"\n", "a,b|c\"d/" },
	{ "\"two\nlines\",x\n", "two\nlines|x/" },
	{ "\"\"\n", "/" },
	{ "\"a\"b,c\nd\n", "!/d/" },
	{ "a\"b,c\nd\n", "!/d/" },
	/* A quote that is missing, or too many, costs its line. */
	{ "a,\"b\nc", "a|!/c/" },
	{ "a,\"b\nc,d\ne,\"f\"\ng,h\n", "a|!/c|d/e|f/g|h/" },
	{ "a,b\"\nc,d\n", "a|!/c|d/" },
	{ "a,\"b\"\"\nc,d\n", "a|!/c|d/" },
	{ "\"a\" ,b\nc\n", "!/c/" },
	{ " a , b \nc\n", " a | b /c/" },
	{ "a,\"\"\"b\"\"\"\n", "a|\"b\"/" },
	{ "\"a\"", "a/" },
	{ "\"a\",\r\n\r\n\"b\r\nc\",d\r\n", "a|/b\r\nc|d/" },
	{ "a,\"b\"", "a|b/" },
	{ "\"", "!/" },
	{ "\xef\xbb\xbf" "a\n", "a/" },
	{ "a\rb\n", "a\rb/" },
};

START_TEST(csv)
{
	struct arena arena = ARENA_INIT;
	struct buf got = BUF_INIT(0);
	struct csv c;
	struct csv_field f;

	buf_xaddstr(&got, "");
	csv_init(&c, csvs[_i].text, strlen(csvs[_i].text), &arena);
	while (csv_next(&c, &f)) {
		buf_xaddstr(&got, f.wrong != NULL ? "!" : f.text);
		buf_xaddc(&got, f.last ? '/' : '|');
	}
	ck_assert_str_eq(got.data, csvs[_i].fields);
	buf_release(&got);
	arena_release(&arena);
}
END_TEST

/* S122, S125. Backoff from 1 s, doubling, to 8 s. */
static const struct {
	bool at_once;
	int64_t reset_s;
	int64_t period_s;
	uint64_t enough;
	uint64_t failures;
} backoffs[] = {
	{ false, 3600, 0, 100, 1 },
	{ false, 3600, 1, 100, 2 },  /* at 0, 1 */
	{ false, 3600, 2, 100, 2 },
	{ false, 3600, 3, 100, 3 },  /* 0, 1, 3 */
	{ false, 3600, 15, 100, 5 }, /* 0, 1, 3, 7, 15 */
	{ false, 3600, 31, 100, 7 }, /* ... 23, 31 */
	{ false, 3600, 31, 4, 4 },
	{ true, 3600, 0, 100, 2 },   /* 0, 0 */
	{ true, 3600, 1, 100, 3 },
	{ true, 3600, 15, 100, 6 },
	{ true, 1, 10, 100, 12 },    /* two at once, then delay 1 s and a life of 1 s: 6 rows of 2 */
};

START_TEST(unreachable_intensity)
{
	const struct backoff_spec b = { true, backoffs[_i].at_once, US_PER_S, 8 * US_PER_S, 2, 500,
		backoffs[_i].reset_s * US_PER_S };
	const struct backoff_spec off = { .enabled = false };

	ck_assert_uint_eq(advise_failures(&b, backoffs[_i].period_s * US_PER_S, backoffs[_i].enough),
	    backoffs[_i].failures);
	ck_assert_uint_eq(advise_failures(&off, 1, 50), 50);
}
END_TEST

static const struct {
	const char *word, *offered, *best;
} guesses[] = {
	{ "patern", "pattern", "pattern" }, { "evry", "every", "every" }, { "paht", "path", "path" },
	{ "xyz", "every", NULL },	    { "a", "b", NULL },		  { "restrat", "restart", "restart" },
	{ "comand", "command", "command" }, { "", "ab", NULL },
};

START_TEST(guess)
{
	struct diag_guess g = { .word = guesses[_i].word };

	diag_guess_offer(&g, guesses[_i].offered);
	if (guesses[_i].best == NULL)
		ck_assert_msg(g.best == NULL, "%s: %s", g.word, g.best);
	else
		ck_assert_pstr_eq(g.best, guesses[_i].best);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("config");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, defaults_of_a_child);
	tcase_add_test(t, defaults_of_a_scraper);
	tcase_add_test(t, defaults_of_the_rest);
	tcase_add_test(t, written_values);
	tcase_add_test(t, instances);
	tcase_add_test(t, find_by_path);
	tcase_add_test(t, job);
	tcase_add_loop_test(t, p21_bad_rule_has_its_place, 0, (int)ARRAY_LEN(bad_rules));
	tcase_add_test(t, amounts);
	tcase_add_test(t, recorder);
	tcase_add_test(t, paths);
	tcase_add_test(t, references);
	tcase_add_test(t, load);
	tcase_add_test(t, load_places);
	tcase_add_test(t, load_limits);
	tcase_add_test(t, load_fails);
	tcase_add_test(t, large);
	tcase_add_loop_test(t, hostile_texts, 0, (int)ARRAY_LEN(hostile));
	tcase_add_test(t, depth);
	tcase_add_test(t, too_many_children);
	tcase_add_loop_test(t, url, 0, (int)ARRAY_LEN(urls));
	tcase_add_loop_test(t, csv, 0, (int)ARRAY_LEN(csvs));
	tcase_add_loop_test(t, unreachable_intensity, 0, (int)ARRAY_LEN(backoffs));
	tcase_add_loop_test(t, guess, 0, (int)ARRAY_LEN(guesses));
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

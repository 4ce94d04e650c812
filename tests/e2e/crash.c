/*
 * The crash test: the real programs against the real shop, while processes are
 * killed and frozen at random.
 *
 *	crash --bindir DIR --shop PROGRAM --locked PROGRAM --verify PROGRAM
 *	      [--seconds N] [--seed N] [--dir DIR]
 *
 * DIR holds trapexitd, trapexit-agent, trapexit-recorder, pricescrape and trapexit. The
 * output is TAP. Every fault is printed with the time at which it happened, so that a
 * failure can be read; the same seed gives the same sequence of choices.
 *
 * What is shown at the end:
 *  - no child ever ran twice at once (a lock that the kernel holds, helpers/locked.c);
 *  - every observation of the journal is in the store exactly once, no slot counts
 *    twice (helpers/verify_store.c);
 *  - the shop saw at most one extra fetch a fault;
 *  - every source is fresh again, everything runs again.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/strvec.h"
#include "base/xalloc.h"

#define SCRAPERS 4
#define SOURCES 2 /* of each */
#define MAX_FROZEN 64
#define MAX_VICTIMS 256

enum role { ROLE_SCRAPER, ROLE_RECORDER, ROLE_DAEMON, ROLE_AGENT, ROLE_GUARD, ROLES };

static const char *const role_names[ROLES] = { "scraper", "recorder", "daemon", "agent", "guard" };
/* How often each is chosen; scrapers are many. */
static const unsigned role_weights[ROLES] = { 8, 3, 3, 3, 2 };

struct victim {
	enum role role;
	pid_t pid;
};

struct frozen {
	pid_t pid;
	mono_t thaw; /* MONO_NEVER: stays frozen */
};

struct crash {
	const char *bindir, *shop, *locked, *verify;
	char *dir; /* owned */
	char *bin; /* owned; links to the programs, pricescrape behind the lock */
	uint64_t seed, random;
	int seconds;
	pid_t shop_pid;
	unsigned port;
	mono_t begun;
	mono_t daemon_missing; /* since when nobody sees a daemon */
	struct frozen frozen[MAX_FROZEN];
	unsigned n_frozen;
	unsigned faults, kills, freezes, restarts;
	unsigned by_role[ROLES];
	unsigned tests, failed;
};

static uint64_t
pick(struct crash *c, uint64_t n)
{
	c->random = hash_u64(c->random);
	return c->random % n;
}

static void
pause_ms(int64_t ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static double
elapsed(const struct crash *c)
{
	return (double)mono_diff_us(mono_now(), c->begun) / 1e6;
}

static void
result(struct crash *c, bool good, const char *sentence)
{
	c->tests++;
	c->failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", c->tests, sentence);
	fflush(stdout);
}

/* Start a program with its output in a file below the directory. */
static pid_t
start(struct crash *c, const char *const *argv, const char *log)
{
	char *path = xasprintf("%s/%s", c->dir, log);
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		fd = open("/dev/null", O_RDONLY);
		dup2(fd, STDIN_FILENO);
		setsid();
		/* Whatever ends the test ends its shop. What trapexitd -d leaves is not our child. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	free(path);
	return pid;
}

static int
run(struct crash *c, const char *const *argv, const char *log)
{
	pid_t pid = start(c, argv, log);
	int status;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The program behind a pid, if it belongs to this run; -1: it is none of ours. */
static int
read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	return (int)n;
}

static bool
is_ours(const struct crash *c, pid_t pid)
{
	static char env[65536];
	char *want;
	int n = read_proc(pid, "environ", env, sizeof(env)), i;
	bool found = false;

	if (n <= 0)
		return false;
	want = xasprintf("LOCKED_SCOPE=%s", c->dir);
	for (i = 0; i < n && !found; i += (int)strlen(env + i) + 1)
		found = strcmp(env + i, want) == 0;
	free(want);
	return found;
}

static int
role_of(const struct crash *c, pid_t pid)
{
	static const struct {
		const char *comm; /* the kernel keeps 15 bytes */
		enum role role;
	} names[] = { { "pricescrape", ROLE_SCRAPER }, { "trapexit-record", ROLE_RECORDER }, { "trapexitd", ROLE_DAEMON },
		{ "trapexit-agent", ROLE_AGENT }, { "trapexit-guard", ROLE_GUARD } };
	char comm[64];
	size_t i;

	if (read_proc(pid, "comm", comm, sizeof(comm)) == -1 || !is_ours(c, pid))
		return -1;
	comm[strcspn(comm, "\n")] = '\0';
	for (i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(comm, names[i].comm) == 0)
			return (int)names[i].role;
	return -1;
}

static unsigned
find_victims(const struct crash *c, struct victim *v)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	unsigned n = 0;
	int role;

	while ((e = readdir(proc)) != NULL && n < MAX_VICTIMS) {
		if (!isdigit((unsigned char)e->d_name[0]) || (role = role_of(c, (pid_t)strtol(e->d_name, NULL, 10))) == -1)
			continue;
		v[n++] = (struct victim){ (enum role)role, (pid_t)strtol(e->d_name, NULL, 10) };
	}
	closedir(proc);
	return n;
}

static bool
any_of(const struct victim *v, unsigned n, enum role role)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (v[i].role == role)
			return true;
	return false;
}

/* -d, as the init script does it: the agent is its heart. */
static void
start_daemon(struct crash *c)
{
	char *program = xasprintf("%s/trapexitd", c->bin), *conf = xasprintf("%s/trapexit.conf", c->dir);
	const char *const argv[] = { program, "-d", "-v", "-c", conf, NULL };

	run(c, argv, "trapexitd.start.log");
	free(program);
	free(conf);
}

/*
 * Daemon and agent may have died together: then only the operator (or cron, or
 * the init system) can start it again. That is us, and it is counted.
 */
static void
stand_in_for_init(struct crash *c, const struct victim *v, unsigned n)
{
	if (any_of(v, n, ROLE_DAEMON)) {
		c->daemon_missing = MONO_NEVER;
	} else if (mono_is_never(c->daemon_missing)) {
		c->daemon_missing = mono_now();
	} else if (mono_diff_us(mono_now(), c->daemon_missing) > US_PER_S) {
		printf("# %7.3f no daemon for 1 s: started by the test, as init would\n", elapsed(c));
		c->restarts++;
		c->daemon_missing = MONO_NEVER;
		start_daemon(c);
	}
}

static void
thaw(struct crash *c, bool all)
{
	unsigned i;

	for (i = 0; i < c->n_frozen; i++) {
		if (!all && (mono_is_never(c->frozen[i].thaw) || mono_before(mono_now(), c->frozen[i].thaw)))
			continue;
		if (!mono_is_never(c->frozen[i].thaw) || all)
			kill(c->frozen[i].pid, SIGCONT);
		c->frozen[i--] = c->frozen[--c->n_frozen];
	}
}

static void
fault(struct crash *c, const struct victim *v)
{
	bool freeze = pick(c, 4) == 0 && c->n_frozen < MAX_FROZEN;
	int64_t thaw_ms = (int64_t)pick(c, 4000);
	bool forever = pick(c, 3) == 0;

	c->faults++;
	c->by_role[v->role]++;
	if (!freeze) {
		c->kills++;
		kill(v->pid, SIGKILL);
		printf("# %7.3f kill -9 %s %d\n", elapsed(c), role_names[v->role], (int)v->pid);
		return;
	}
	c->freezes++;
	kill(v->pid, SIGSTOP);
	c->frozen[c->n_frozen++] =
	    (struct frozen){ v->pid, forever ? MONO_NEVER : mono_add_ms(mono_now(), thaw_ms) };
	if (forever)
		printf("# %7.3f freeze %s %d\n", elapsed(c), role_names[v->role], (int)v->pid);
	else
		printf("# %7.3f freeze %s %d for %lld ms\n", elapsed(c), role_names[v->role], (int)v->pid, (long long)thaw_ms);
}

static void
choose_fault(struct crash *c, const struct victim *v, unsigned n)
{
	unsigned total = 0, i;
	uint64_t at;

	for (i = 0; i < ROLES; i++)
		total += any_of(v, n, (enum role)i) ? role_weights[i] : 0;
	if (total == 0)
		return;
	at = pick(c, total);
	for (i = 0; i < ROLES; i++) {
		unsigned weight = any_of(v, n, (enum role)i) ? role_weights[i] : 0;

		if (at < weight)
			break;
		at -= weight;
	}
	/* One of that role, at random. */
	for (at = pick(c, n);; at = (at + 1) % n)
		if (v[at].role == (enum role)i)
			break;
	fault(c, &v[at]);
}

static void
campaign(struct crash *c)
{
	struct victim v[MAX_VICTIMS];
	mono_t end = mono_add_ms(mono_now(), (int64_t)c->seconds * 1000), next = mono_now();
	unsigned least = (unsigned)c->seconds * 100 / 60;
	unsigned n;

	/* The faults may need longer where the machine is slow; they are what counts. */
	while (mono_before(mono_now(), end) || (c->faults < least && mono_diff_us(mono_now(), end) < 60 * US_PER_S)) {
		thaw(c, false);
		n = find_victims(c, v);
		stand_in_for_init(c, v, n);
		if (!mono_before(mono_now(), next)) {
			choose_fault(c, v, n);
			next = mono_add_ms(mono_now(), 50 + (int64_t)pick(c, 500));
		}
		pause_ms(20);
	}
	thaw(c, true);
}

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(99);
	}
}

static void
write_config(const struct crash *c)
{
	struct buf b = BUF_INIT(0);
	char *path = xasprintf("%s/trapexit.conf", c->dir);
	int i, s;

	buf_xprintf(&b, "state_dir = \"%s/state\"\nrun_dir = \"%s/run\"\nlog_dir = \"%s/log\"\nstore = \"sqlite:%s/prices.db\"\n"
			"hold = 1s\njournal { sync = 100ms  segment = 64K }\n",
	    c->dir, c->dir, c->dir, c->dir);
	for (i = 0; i < SCRAPERS; i++) {
		buf_xprintf(&b, "scraper s%d {\n  every = 1s  gap = 0s  jitter = 10%%  allow_private = yes  robots = no\n"
				"  hang_after = 4s  timeout = 2s\n  backoff { max = 500ms  reset_after = 2s }\n",
		    i);
		for (s = 0; s < SOURCES; s++)
			buf_xprintf(&b, "  source p%d%d { url = \"http://127.0.0.1:%u/p/p%d%d\" }\n", i, s, c->port, i, s);
		buf_xaddstr(&b, "}\n");
	}
	put_file(path, b.data);
	free(path);
	buf_release(&b);
}

static void
link_program(const struct crash *c, const char *target, const char *name)
{
	char *path = xasprintf("%s/%s", c->bin, name);

	if (symlink(target, path) == -1) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(99);
	}
	free(path);
}

static void
prepare(struct crash *c)
{
	static const char *const programs[] = { "trapexitd", "trapexit-agent", "trapexit" };
	char *violations;
	size_t i;

	mkdir(c->dir, 0700);
	c->bin = xasprintf("%s/bin", c->dir);
	mkdir(c->bin, 0700);
	for (i = 0; i < ARRAY_LEN(programs); i++) {
		char *target = xasprintf("%s/%s", c->bindir, programs[i]);

		link_program(c, target, programs[i]);
		free(target);
	}
	link_program(c, c->locked, "pricescrape");
	link_program(c, c->locked, "trapexit-recorder");
	violations = xasprintf("%s/violations", c->dir);
	put_file(violations, "");
	setenv("LOCKED_SCOPE", c->dir, 1);
	setenv("LOCKED_VIOLATIONS", violations, 1);
	setenv("LOCKED_BINDIR", c->bindir, 1);
	setenv("TRAPEXIT_BINDIR", c->bin, 1);
	free(violations);
}

static void
start_shop(struct crash *c)
{
	char *port_file = xasprintf("%s/port", c->dir), *log = xasprintf("%s/access.log", c->dir);
	const char *const argv[] = { c->shop, "--port-file", port_file, "--access-log", log, NULL };
	mono_t deadline = mono_add_ms(mono_now(), 10000);
	FILE *f;

	c->shop_pid = start(c, argv, "shop.log");
	while (c->port == 0 && mono_before(mono_now(), deadline)) {
		if ((f = fopen(port_file, "r")) != NULL) {
			if (fscanf(f, "%u", &c->port) != 1)
				c->port = 0;
			fclose(f);
		}
		pause_ms(20);
	}
	if (c->port == 0) {
		printf("Bail out! the shop did not start\n");
		exit(99);
	}
	free(port_file);
	free(log);
}

/* Fetches of each source that the shop saw since this moment (ms). */
static unsigned
fetches(const struct crash *c, const char *source, int64_t since_ms)
{
	char *path = xasprintf("%s/access.log", c->dir), *want = xasprintf(" /p/%s ", source), line[1024];
	FILE *f = fopen(path, "r");
	unsigned n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, want) != NULL && strtoll(line, NULL, 10) >= since_ms)
			n++;
	if (f != NULL)
		fclose(f);
	free(path);
	free(want);
	return n;
}

static bool
all_fetched_since(const struct crash *c, int64_t since_ms, unsigned times)
{
	char source[16];
	int i, s;

	for (i = 0; i < SCRAPERS; i++)
		for (s = 0; s < SOURCES; s++) {
			snprintf(source, sizeof(source), "p%d%d", i, s);
			if (fetches(c, source, since_ms) < times)
				return false;
		}
	return true;
}

static unsigned
all_fetches(const struct crash *c)
{
	char source[16];
	unsigned sum = 0;
	int i, s;

	for (i = 0; i < SCRAPERS; i++)
		for (s = 0; s < SOURCES; s++) {
			snprintf(source, sizeof(source), "p%d%d", i, s);
			sum += fetches(c, source, 0);
		}
	return sum;
}

/* One word of status --json is enough: is every child running? */
static bool
all_running(struct crash *c)
{
	char *program = xasprintf("%s/trapexit", c->bin), *conf = xasprintf("%s/trapexit.conf", c->dir);
	const char *const argv[] = { program, "-c", conf, "status", "s0", "s1", "s2", "s3", "recorder", NULL };
	int code = run(c, argv, "status.log");

	free(program);
	free(conf);
	return code == 0;
}

static bool
wait_until_fresh(struct crash *c)
{
	int64_t since = wall_ms();
	mono_t deadline = mono_add_ms(mono_now(), 60000);
	struct victim v[MAX_VICTIMS];

	while (mono_before(mono_now(), deadline)) {
		stand_in_for_init(c, v, find_victims(c, v));
		if (all_fetched_since(c, since, 3) && all_running(c)) {
			printf("# everything fresh %.1f s after the last fault\n", (double)(wall_ms() - since) / 1000);
			return true;
		}
		pause_ms(200);
	}
	return false;
}

static bool
stop_everything(struct crash *c)
{
	char *program = xasprintf("%s/trapexit", c->bin), *conf = xasprintf("%s/trapexit.conf", c->dir);
	const char *const argv[] = { program, "-c", conf, "shutdown", NULL };
	struct victim v[MAX_VICTIMS];
	mono_t deadline = mono_add_ms(mono_now(), 30000);
	unsigned n, i;

	run(c, argv, "shutdown.log");
	while ((n = find_victims(c, v)) > 0 && mono_before(mono_now(), deadline))
		pause_ms(50);
	for (i = 0; i < n; i++) {
		printf("# left behind: %s %d\n", role_names[v[i].role], (int)v[i].pid);
		kill(v[i].pid, SIGKILL);
	}
	free(program);
	free(conf);
	return n == 0;
}

static bool
store_is_right(struct crash *c)
{
	char *journal = xasprintf("%s/state/journal", c->dir), *db = xasprintf("%s/prices.db", c->dir);
	char *url = xasprintf("sqlite:%s", db), *recorder = xasprintf("%s/trapexit-recorder", c->bindir);
	const char *const once[] = { recorder, "--once", "--journal", journal, "--store", url, NULL };
	const char *const verify[] = { c->verify, "--journal", journal, "--store", db, NULL };
	int a = run(c, once, "verify.log"), b = run(c, verify, "verify.log");

	free(journal);
	free(db);
	free(url);
	free(recorder);
	return a == 0 && b == 0;
}

/* Distinct (source, slot) pairs among the observations of the journal: what was fetched to be counted. */
static unsigned
slots_reported(const struct crash *c)
{
	char *command = xasprintf("cat %s/state/journal/*.jsonl | tr -d '\\000' | grep '^{\"type\":\"observation\"' |"
				  " sed 's/.*\"slot\":\\([0-9]*\\),\"source\":\"\\([^\"]*\\)\".*/\\2 \\1/' | sort -u | wc -l", c->dir);
	FILE *p = popen(command, "r");
	unsigned n = 0;

	if (p == NULL || fscanf(p, "%u", &n) != 1)
		n = 0;
	if (p != NULL)
		pclose(p);
	free(command);
	return n;
}

static void
show_file(const struct crash *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->dir, name), line[1024];
	FILE *f = fopen(path, "r");

	printf("# ---- %s\n", name);
	if (f != NULL && fseek(f, -6000, SEEK_END) == -1)
		rewind(f);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		printf("# %s%s", line, strchr(line, '\n') != NULL ? "" : "\n");
	if (f != NULL)
		fclose(f);
	free(path);
}

static long
size_of(const struct crash *c, const char *name)
{
	char *path = xasprintf("%s/%s", c->dir, name);
	struct stat st;
	long size = stat(path, &st) == 0 ? (long)st.st_size : -1;

	free(path);
	return size;
}

static void
judge(struct crash *c)
{
	char sentence[256];
	unsigned seen, reported;

	result(c, wait_until_fresh(c), "every source is fresh again, everything runs again");
	result(c, stop_everything(c), "an ordered stop leaves no process behind");
	result(c, size_of(c, "violations") == 0, "no child ever ran twice at once");
	result(c, store_is_right(c), "every observation of the journal is in the store exactly once, no slot counts twice");
	seen = all_fetches(c);
	reported = slots_reported(c);
	snprintf(sentence, sizeof(sentence), "at most one extra fetch a fault: %u fetches, %u slots reported, %u faults", seen,
	    reported, c->faults);
	result(c, reported > 0 && seen <= reported + c->faults + c->restarts + SCRAPERS, sentence);
	printf("# %u faults: %u kills, %u freezes; scrapers %u, recorder %u, daemon %u, agent %u, guard %u; started by init %u\n",
	    c->faults, c->kills, c->freezes, c->by_role[ROLE_SCRAPER], c->by_role[ROLE_RECORDER], c->by_role[ROLE_DAEMON],
	    c->by_role[ROLE_AGENT], c->by_role[ROLE_GUARD], c->restarts);
	if (c->failed > 0) {
		show_file(c, "violations");
		show_file(c, "verify.log");
		show_file(c, "log/trapexitd.log");
		show_file(c, "trapexitd.start.log");
		show_file(c, "log/s0.log");
		show_file(c, "log/recorder.log");
	}
}

static void
parse(struct crash *c, int argc, char *argv[])
{
	static const struct option options[] = { { "bindir", required_argument, NULL, 'b' },
		{ "shop", required_argument, NULL, 's' }, { "locked", required_argument, NULL, 'l' },
		{ "verify", required_argument, NULL, 'v' }, { "seconds", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 'r' }, { "dir", required_argument, NULL, 'd' }, { NULL, 0, NULL, 0 } };
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'b':
			c->bindir = optarg;
			break;
		case 's':
			c->shop = optarg;
			break;
		case 'l':
			c->locked = optarg;
			break;
		case 'v':
			c->verify = optarg;
			break;
		case 't':
			c->seconds = (int)strtol(optarg, NULL, 10);
			break;
		case 'r':
			c->seed = strtoull(optarg, NULL, 10);
			break;
		case 'd':
			c->dir = xstrdup(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (c->bindir == NULL || c->shop == NULL || c->locked == NULL || c->verify == NULL || c->dir == NULL) {
		fprintf(stderr, "crash: --bindir, --shop, --locked, --verify and --dir are needed\n");
		exit(2);
	}
}

int
main(int argc, char *argv[])
{
	struct crash c = { .seconds = 60, .daemon_missing = MONO_NEVER };

	c.seed = (uint64_t)wall_ms();
	parse(&c, argc, argv);
	c.random = c.seed;
	printf("# seed %llu, %d s\n", (unsigned long long)c.seed, c.seconds);
	prepare(&c);
	start_shop(&c);
	write_config(&c);
	c.begun = mono_now();
	start_daemon(&c);
	campaign(&c);
	judge(&c);
	kill(c.shop_pid, SIGTERM);
	waitpid(c.shop_pid, NULL, 0);
	printf("1..%u\n", c.tests);
	free(c.dir);
	free(c.bin);
	return c.failed == 0 ? 0 : 1;
}

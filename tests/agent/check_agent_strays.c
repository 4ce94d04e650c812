/* Strays (S22): no exit is told while one of them lives, whoever ends at the same time. */
#include "config.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/page.h"
#include "agent/strays.h"
#include "lib/agent_client.h"
#include "lib/unit.h"

#define ROUNDS 40
#define AT_ONCE 24
/* More than the kernel lists in one piece (4096 bytes). */
#define HELPERS 700

static struct rig *rig;
static struct client *cl;

static void
setup(void)
{
	rig = rig_new(60000);
	rig_start(rig);
	cl = client_attach(rig);
}

static void
teardown(void)
{
	client_leave(cl);
	ck_assert_int_eq(rig_wait(rig), 0);
	rig_free(rig);
}

static void
lock_of(uint64_t token, char *path, size_t size)
{
	snprintf(path, size, "%s/lock-%u", rig->dir, (unsigned)token);
}

/* A child that leaves somebody behind, in a session of its own, with the same lock. */
static void
start_leaver(uint64_t token, const char *after)
{
	char kid[4096], lock[128];
	const char *const argv[] = { kid, "--lock", lock, "--fork", "leave", "--exit", "0", "--after", after, NULL };

	snprintf(kid, sizeof(kid), "%s/tests/helpers/kid", getenv("top_builddir"));
	lock_of(token, lock, sizeof(lock));
	client_send(cl, client_order(token, argv));
}

static bool
is_free(uint64_t token)
{
	char path[128];
	int fd;
	bool got;

	lock_of(token, path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	got = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	unlink(path);
	return got;
}

/*
 * S22 while others' strays end: the guard reaps these, and the kernel's list of its children passes over somebody
 * then (proc(5)).
 */
START_TEST(nothing_lives_when_an_exit_is_told)
{
	uint64_t first, i;

	for (first = 1; first <= ROUNDS * AT_ONCE; first += AT_ONCE) {
		for (i = 0; i < AT_ONCE; i++)
			start_leaver(first + i, "1000s");
		for (i = 0; i < AT_ONCE; i++)
			client_wait_output(cl, first + i, sizeof("stray") - 1);
		for (i = 0; i < AT_ONCE; i++)
			client_signal(cl, first + i, SIGKILL, true);
		for (i = 0; i < AT_ONCE; i++) {
			struct kept *k = client_expect(cl, AGENT_EXITED, 0);
			uint64_t token = k->m.u.exited.token;

			client_drop(k);
			ck_assert_msg(is_free(token), "child %u: its exit was told while a stray of it lived", (unsigned)token);
			client_exit_ack(cl, token);
		}
	}
}
END_TEST

/* Helpers of a living child that lost their parents are many, and are passed over all the same. */
START_TEST(many_helpers_of_another_child_hold_no_exit_up)
{
	char script[256];

	snprintf(script, sizeof(script),
	    "i=0; while [ $i -lt %d ]; do (setsid sleep 1000 &); i=$((i + 1)); done; echo $$; exec sleep 1000", HELPERS);
	client_start(cl, 1, script);
	client_number(cl, 1);
	start_leaver(2, "1ms");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 2)), 0);
	ck_assert(is_free(2));
	client_signal(cl, 1, SIGKILL, true);
	client_exit(cl, 1);
}
END_TEST

/* A guard with so many children that live, and as many among them that end and are reaped, again and again. */
#define PAIRS 40
#define ROUNDS_OF_LISTS 100

static pid_t
fork_idle(bool ends)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	while (!ends)
		pause();
	_exit(0);
}

/* Both are in the order of the forks. */
static bool
has_all(const char *list, const pid_t *who, int n)
{
	int found = 0;
	char *end;

	for (const char *p = list; found < n && *p != '\0'; p = end + 1)
		found += strtol(p, &end, 10) == who[found];
	return found == n;
}

/* Reads until told to stop (`handled`); how many lists lacked somebody who lived. */
static int
reads_that_miss(const struct strays *s, struct page *page, const pid_t *who, int n)
{
	struct buf b = BUF_INIT(0);
	int missed = 0;

	while (atomic_load(&page->handled) == 0) {
		missed += strays_list(s, page, &b) && !has_all(b.data, who, n);
		atomic_fetch_add(&page->live, 1);
	}
	buf_release(&b);
	return missed;
}

static pid_t
fork_reader(struct page *page, pid_t guard, const pid_t *who, int n)
{
	pid_t pid = fork();
	struct strays s;

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	strays_init(&s, guard);
	_exit(reads_that_miss(&s, page, who, n) > 0);
}

static void
reap(struct page *page, pid_t pid)
{
	atomic_fetch_add(&page->reaped, 1);
	waitpid(pid, NULL, 0);
	atomic_fetch_add(&page->reaped, 1);
}

static void
play_round(struct page *page)
{
	pid_t ended[PAIRS], lives[PAIRS], reader;
	int i, status;

	atomic_store(&page->live, 0);
	atomic_store(&page->handled, 0);
	for (i = 0; i < PAIRS; i++) {
		ended[i] = fork_idle(true);
		lives[i] = fork_idle(false);
	}
	reader = fork_reader(page, getpid(), lives, PAIRS);
	while (atomic_load(&page->live) == 0)
		sched_yield();
	for (i = 0; i < PAIRS; i++)
		reap(page, ended[i]);
	atomic_store(&page->handled, 1);
	waitpid(reader, &status, 0);
	for (i = 0; i < PAIRS; i++) {
		kill(lives[i], SIGKILL);
		waitpid(lives[i], NULL, 0);
	}
	ck_assert_int_eq(status, 0);
}

/* S22: whoever lives is in the list, though the guard reaps others while it is read. */
START_TEST(nobody_who_lives_is_missing_in_the_list)
{
	struct page *page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int round;

	ck_assert_ptr_ne(page, MAP_FAILED);
	for (round = 0; round < ROUNDS_OF_LISTS; round++)
		play_round(page);
	munmap(page, sizeof(*page));
}
END_TEST

/* Frozen while it is about to reap: what it has is told all the same, as nothing more happens. */
START_TEST(a_guard_frozen_amidst_reaping_hides_nobody)
{
	struct page page = { .reaped = 7 };
	pid_t lives = fork_idle(false);
	struct strays s;

	strays_init(&s, getpid());
	ck_assert(strays_list(&s, &page, &s.lists[0]));
	ck_assert(has_all(s.lists[0].data, &lives, 1));
	strays_release(&s);
	kill(lives, SIGKILL);
	waitpid(lives, NULL, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent's strays");
	TCase *t = tcase_create("strays"), *l = tcase_create("list");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, nothing_lives_when_an_exit_is_told);
	tcase_add_test(t, many_helpers_of_another_child_hold_no_exit_up);
	suite_add_tcase(s, t);
	tcase_set_timeout(l, 120);
	tcase_add_test(l, nobody_who_lives_is_missing_in_the_list);
	tcase_add_test(l, a_guard_frozen_amidst_reaping_hides_nobody);
	suite_add_tcase(s, l);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}

#include "config.h"

#include "agent/strays.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "os/fd.h"

/* So often the list is looked at in one go; then it is left for a later look. */
#define LOOKS 4
/* Ten bytes for each of some thousands of strays of living children. */
#define LIST_MAX (256u << 10)
/* A page: more the kernel does not give at once. A last number that does not fit into it is left for the next piece. */
#define LIST_PIECE 4096
#define LIST_NUMBER 16

/* The child that a process belongs to by its own account; NULL if it names none that we know. */
static struct child *
owner_of(struct agent *a, pid_t pid)
{
	char text[32];
	pid_t session;

	if (proc_env(pid, "TRAPEXIT_TOKEN", text, sizeof(text)) == 0)
		return child_by_token(a, strtoull(text, NULL, 10));
	session = proc_session(pid);
	return session > 0 ? map_find(&a->by_pid, (uint64_t)session) : NULL;
}

static bool
child_lives(const struct child *c)
{
	return c->state == CHILD_FORKED || c->state == CHILD_RUNS;
}

enum finding {
	FOUND_NOTHING, /* those that are listed are other children's */
	FOUND_DEAD,    /* ... but one has ended since the list was read: its children are in a newer one only */
	FOUND_STRAY,
};

/* One of the guard's children. A stray of c, or of nobody, is killed. */
static enum finding
examine(struct agent *a, const struct child *c, pid_t pid)
{
	struct proc_id id;
	struct child *owner;

	if (proc_identify(pid, &id) == -1 || !proc_lives(&id))
		return FOUND_DEAD;
	owner = owner_of(a, pid);
	if (owner != NULL && owner != c && child_lives(owner))
		return FOUND_NOTHING;
	if (proc_signal(&id, SIGKILL) == 0)
		return FOUND_STRAY;
	if (errno != EPERM)
		return FOUND_DEAD;
	agent_note(a, LOG_LEVEL_WARNING, "child %s: stray process %d belongs to another user", c->name, (int)pid);
	return FOUND_NOTHING;
}

static enum finding
examine_all(struct agent *a, const struct child *c, const char *list)
{
	enum finding worst = FOUND_NOTHING, f;

	for (const char *p = list; isdigit((unsigned char)*p); p++) {
		char *end;
		pid_t pid = (pid_t)strtol(p, &end, 10);

		p = end;
		if (pid != getpid() && (f = examine(a, c, pid)) > worst)
			worst = f;
	}
	return worst;
}

/* The list goes behind what is in b; -1: it cannot be read. */
static int
read_list(int fd, struct buf *b)
{
	off_t at = 0;
	ssize_t n;
	char *room;

	do {
		if ((room = buf_room(b, LIST_PIECE)) == NULL || (n = pread(fd, room, LIST_PIECE, at)) == -1)
			return -1;
		room[n] = '\0';
		b->len += (size_t)n;
		at += n;
	} while (n > LIST_PIECE - LIST_NUMBER);
	return 0;
}

/*
 * While the kernel makes the list, a child that is reaped makes it pass over
 * another one (proc(5)): 500 of a million looks beside a guard that reaps missed
 * somebody who lived. So the guard counts what it reaps, odd while it is about to,
 * and a list is taken only if it reaped nothing meanwhile. One that is frozen just
 * then can have one reaped, no more; so of two lists, one is whole.
 */
bool
strays_list(const struct strays *s, const struct page *page, struct buf *b)
{
	uint64_t before, after;

	buf_clear(b);
	before = atomic_load(&page->reaped);
	if (read_list(s->fd, b) == -1)
		return false;
	if (before % 2 == 1 && read_list(s->fd, b) == -1)
		return false;
	after = atomic_load(&page->reaped);
	return before == after;
}

/*
 * Who had ended when we looked, had left its children to the guard by then, but
 * perhaps not when the list was read. So the list must be the same once more.
 */
bool
strays_exist(struct agent *a, const struct child *c)
{
	enum finding f;

	if (a->strays.fd == -1)
		return false;
	buf_clear(&a->strays.lists[1]);
	for (int i = 0; i < LOOKS; i++) {
		struct buf *now = &a->strays.lists[i % 2], *last = &a->strays.lists[(i + 1) % 2];

		if (!strays_list(&a->strays, a->page, now))
			continue;
		f = examine_all(a, c, now->data);
		if (f == FOUND_STRAY)
			return true;
		if (f == FOUND_NOTHING || (now->len == last->len && memcmp(now->data, last->data, now->len) == 0))
			return false;
	}
	return true;
}

void
strays_init(struct strays *s, pid_t guard)
{
	struct buf empty = BUF_INIT(LIST_MAX);
	char path[64];

	s->lists[0] = s->lists[1] = empty;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)guard, (int)guard);
	if ((s->fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		log_warn("%s: strays are found at the end of the lease only", path);
	s->fd = fd_move_up(s->fd, SPAWN_FD_LIMIT);
}

void
strays_release(struct strays *s)
{
	fd_close(&s->fd);
	buf_release(&s->lists[0]);
	buf_release(&s->lists[1]);
}

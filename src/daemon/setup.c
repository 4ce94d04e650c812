/*
 * Before the loop: directories, lock, who we are, which epoch, what the
 * journal says about the past, and the tree with its kids.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/control.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/handover.h"
#include "daemon/node.h"
#include "daemon/permits.h"
#include "daemon/states.h"
#include "daemon/ties.h"
#include "os/file.h"
#include "os/lockfile.h"
#include "os/run.h"

/* Kept free in the journal for starts and exits when the disk is full. */
#define RESERVE_BYTES (4u << 20)
#define RECORDER_TIMEOUT_MS 10000
#define LOCK_PATIENCE_MS 2000

static int
make_directories(const struct config *c, struct err *err)
{
	const char *const dirs[] = { c->state_dir, c->log_dir, c->run_dir };
	size_t i;

	for (i = 0; i < ARRAY_LEN(dirs); i++)
		/* Who may look (the group) must reach the control socket. */
		if (dir_make(dirs[i], i == 2 ? 0755 : 0750, err) == -1)
			return -1;
	return 0;
}

/*
 * A daemon that was just killed holds its lock until its disk thread is out of
 * the system call that it is in, which may be later than its parent hears of it.
 */
static int
wait_for_lock(int fd)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	int tries;

	for (tries = LOCK_PATIENCE_MS / 20; lockfile_try(fd) == -1; tries--) {
		if (errno != EWOULDBLOCK || tries == 0)
			return -1;
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int
take_lock(struct daemon *d, struct err *err)
{
	char *path;
	int r = 0;

	/* It goes from daemon to daemon, and is never free. */
	if (d->heir != NULL && (d->lock_fd = heir_offer(d->heir)->lock) != -1)
		return 0;
	path = xasprintf("%s/lock", d->config->state_dir);
	d->lock_fd = lockfile_open(path, err);
	if (d->lock_fd == -1)
		r = -1;
	else if (wait_for_lock(d->lock_fd) == -1)
		r = errno == EWOULDBLOCK ?
		    err_set(err, EBUSY, "%s: another trapexitd runs on this state directory", d->config->state_dir) :
		    err_sys(err, errno, "%s", path);
	free(path);
	return r;
}

/* A small file of one line in the state directory; "" if there is none. */
static void
read_line_file(const struct daemon *d, const char *name, char *line, size_t size)
{
	char *path = xasprintf("%s/%s", d->config->state_dir, name);
	struct buf b = BUF_INIT(4096);

	line[0] = '\0';
	if (file_read(path, &b, NULL) == 0 && b.len > 0)
		snprintf(line, size, "%.*s", (int)strcspn(b.data, "\n"), b.data);
	buf_release(&b);
	free(path);
}

static int
write_line_file(const struct daemon *d, const char *name, const char *line, struct err *err)
{
	char *path = xasprintf("%s/%s", d->config->state_dir, name), *text = xasprintf("%s\n", line);
	int r = file_write_atomic(path, text, strlen(text), 0640, err);

	free(text);
	free(path);
	return r;
}

/* Who we are: made with the state directory, and never changed. */
static int
read_installation(struct daemon *d, bool *fresh, struct err *err)
{
	unsigned char random[16];
	size_t i;

	read_line_file(d, "installation", d->installation, sizeof(d->installation));
	*fresh = false;
	if (strlen(d->installation) == 32 && strspn(d->installation, "0123456789abcdef") == 32)
		return 0;
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, errno, "getrandom");
	for (i = 0; i < sizeof(random); i++)
		snprintf(d->installation + 2 * i, 3, "%02x", random[i]);
	*fresh = true;
	return write_line_file(d, "installation", d->installation, err);
}

/* The largest epoch that the store knows: a wiped state directory must not begin below it. */
static uint32_t
store_epoch(const struct daemon *d)
{
	char *program = paths_program("trapexit-recorder");
	const char *const argv[] = { program, "--print-epoch", "--store", d->config->store, NULL };
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;
	uint32_t epoch = 0;

	if (run_program(argv, &out, RECORDER_TIMEOUT_MS, &err) == -1)
		log_warnx("store: its largest epoch is not known: %s", err.msg);
	else if (out.len > 0)
		epoch = (uint32_t)strtoul(out.data, NULL, 10);
	buf_release(&out);
	free(program);
	return epoch;
}

static int
write_epoch(struct daemon *d, struct err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", d->epoch);
	return write_line_file(d, "epoch", text, err);
}

/* max(last + 1, unix time), kept with fsync of file and directory before anything is started. */
static int
choose_epoch(struct daemon *d, bool fresh, struct err *err)
{
	char *dir = paths_journal_dir(d->config), line[16];
	uint32_t last, other;
	int64_t now = wall_ms() / 1000;

	read_line_file(d, "epoch", line, sizeof(line));
	last = (uint32_t)strtoul(line, NULL, 10);
	if ((other = journal_last_epoch(dir)) > last)
		last = other;
	free(dir);
	if (fresh && d->config->store != NULL && (other = store_epoch(d)) > last)
		last = other;
	if (last == UINT32_MAX)
		return err_set(err, 0, "%s/epoch: no epoch is left", d->config->state_dir);
	d->epoch = last + 1;
	if (now > (int64_t)d->epoch && now < (int64_t)UINT32_MAX)
		d->epoch = (uint32_t)now;
	return write_epoch(d, err);
}

void
daemon_start_anew(struct daemon *d, uint32_t epoch)
{
	struct err err = ERR_INIT;

	struct offer nothing;

	/* Who hands over to us has a smaller one still, and makes it good when we fail. */
	if (d->heir != NULL)
		fatalx("upgrade: the agent knows a later epoch");
	d->epoch = epoch - 1;
	if (write_epoch(d, &err) == -1)
		fatalx("%s", err.msg);
	journal_flush(d->journal);
	offer_init(&nothing);
	handover_become_self(d, &nothing);
}

static int
open_journal(struct daemon *d, struct err *err)
{
	char *dir = paths_journal_dir(d->config);
	const struct journal_options o = {
		.dir = dir,
		.installation = d->installation,
		.epoch = d->epoch,
		.sync_us = d->config->journal_sync_us,
		.segment_bytes = d->config->journal_segment,
		.reserve_bytes = RESERVE_BYTES,
		.keep_us = d->config->journal_keep_us,
		.no_store = d->config->store == NULL,
	};

	d->journal = journal_open(&o, &d->past, err);
	free(dir);
	return d->journal == NULL ? -1 : 0;
}

char *
kid_path_below(struct daemon *d, child_handle parent, const char *id)
{
	const char *above = d->kids[parent].path;

	return above[0] == '\0' ? xstrdup(id) : xasprintf("%s/%s", above, id);
}

static bool
prints_observations(const struct child_spec *spec)
{
	return spec->type == CHILD_WORKER && config_launch(spec)->output == OUTPUT_OBSERVATIONS;
}

void
kid_add(struct daemon *d, child_handle h, const char *path)
{
	struct child_view view;
	struct kid *kid;

	if (h >= d->n_kids) {
		d->kids = xreallocarray(d->kids, h + 1, sizeof(*d->kids));
		memset(d->kids + d->n_kids, 0, (h + 1 - d->n_kids) * sizeof(*d->kids));
		d->n_kids = h + 1;
	}
	kid = &d->kids[h];
	memset(kid, 0, sizeof(*kid));
	kid->path = xstrdup(path);
	if (tree_view(d->tree, h, &view)) {
		kid->birth = view.birth;
		if (h != TREE_ROOT && prints_observations(view.spec))
			kid->fresh = fresh_new(h);
		kid->supervisor = h == TREE_ROOT || view.spec->type == CHILD_SUPERVISOR;
		if (h != TREE_ROOT)
			dynamic_attach(d, h, &view);
		fresh_configure(d, h);
	}
	strmap_put(&d->by_path, kid->path, (void *)((uintptr_t)h + 1));
}

void
kid_remove(struct daemon *d, child_handle h)
{
	struct kid *kid = &d->kids[h];
	size_t i = 0;
	uint64_t token;
	void *value;

	if (kid->path == NULL)
		return;
	/* Incarnations that are not settled yet go on as nobody's. */
	while (map_next(&d->incarnations, &i, &token, &value)) {
		struct incarnation *inc = value;

		if (inc->handle == h) {
			inc->path = xstrdup(kid->path);
			inc->handle = CHILD_NONE;
			d->n_orphans++;
		}
	}
	if (kid->log != NULL)
		journal_log_file_free(d->journal, kid->log);
	/* Its path may be another's by now. */
	if (kid_find(d, kid->path) == h)
		strmap_remove(&d->by_path, kid->path);
	fresh_free(d, kid->fresh);
	free(kid->path);
	memset(kid, 0, sizeof(*kid));
}

child_handle
kid_find(struct daemon *d, const char *path)
{
	uintptr_t found = (uintptr_t)strmap_find(&d->by_path, path);

	return found == 0 ? CHILD_NONE : (child_handle)(found - 1);
}

/* A kid for each child below that has none yet, or that of an earlier child with its handle. */
static void
add_below(struct daemon *d, child_handle sup)
{
	struct child_view view;
	child_handle h;
	char *path;

	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		tree_view(d->tree, h, &view);
		if (h >= d->n_kids || d->kids[h].path == NULL || d->kids[h].birth != view.birth) {
			if (h < d->n_kids)
				kid_remove(d, h);
			path = kid_path_below(d, sup, view.spec->id);
			kid_add(d, h, path);
			free(path);
		}
		if (view.spec->type == CHILD_SUPERVISOR)
			add_below(d, h);
	}
}

void
kids_add(struct daemon *d, child_handle h, const char *path)
{
	struct child_view view;

	if (h < d->n_kids)
		kid_remove(d, h);
	kid_add(d, h, path);
	if (tree_view(d->tree, h, &view) && view.spec->type == CHILD_SUPERVISOR)
		add_below(d, h);
	d->births = tree_births(d->tree);
}

void
kids_sync(struct daemon *d)
{
	if (d->births == tree_births(d->tree))
		return;
	d->births = tree_births(d->tree);
	add_below(d, TREE_ROOT);
}

void
kids_build(struct daemon *d)
{
	kid_add(d, TREE_ROOT, "");
	kids_sync(d);
}

/*
 * S34: did it end for good? A crash of the daemon is no reason to run it again;
 * an ordered end is, since then everything begins anew.
 */
static bool
has_finished(const struct daemon *d, child_handle h, const struct past_child *pc)
{
	struct child_view view;

	if (pc->run_token == 0 || pc->ended_token != pc->run_token || !tree_view(d->tree, h, &view) ||
	    view.spec->type != CHILD_WORKER)
		return false;
	return view.spec->restart == RESTART_TEMPORARY || (view.spec->restart == RESTART_TRANSIENT && pc->ended_normal);
}

/* What the journal says of a child that is still configured. */
static void
recall_child(struct daemon *d, child_handle h, const struct past_child *pc)
{
	struct kid *kid = &d->kids[h];
	const char *key;
	size_t i = 0;
	void *line;

	kid->past_starts = pc->starts;
	kid->past_restarts = pc->restarts;
	kid->run_token = pc->run_token;
	kid->ended_token = pc->ended_token;
	kid->ended_normal = pc->ended_normal;
	kid->terminated = !d->past.clean && pc->terminated;
	if (pc->stopped)
		tree_command(d->tree, &(struct tree_command){ .type = CMD_STOP, .child = h }, mono_now(), NULL);
	if (kid->terminated || (!d->past.clean && has_finished(d, h, pc)))
		tree_command(d->tree, &(struct tree_command){ .type = CMD_TERMINATE_CHILD, .child = h }, mono_now(), NULL);
	if (kid->fresh == NULL)
		return;
	kid->fresh->last_good_ms = pc->last_good_ms;
	while (strmap_next(&pc->states, &i, &key, &line))
		states_note(d, kid->fresh, 0, 0, key, line, strlen(line));
	fresh_recall(d, h, pc);
}

static void
recall_incarnation(struct daemon *d, struct past_incarnation *pi)
{
	child_handle h = kid_find(d, pi->child);
	struct incarnation *inc = inc_new(d, pi->token, h, pi->child, node_recalled(d, pi->node));

	inc->pid = pi->pid;
	inc->spec = pi->spec;
	inc->job_bytes = pi->job_bytes;
	inc->told = pi->told;
	inc->state = pi->exited ? INC_BURIED : INC_LIVE;
	inc->lost = inc->unseen = pi->exited && pi->unseen;
	output_resume(inc, pi->held);
	ties_recall(inc, pi);
	if (h != CHILD_NONE && !pi->exited && (d->kids[h].now == NULL || d->kids[h].now->token < pi->token))
		d->kids[h].now = inc;
}

static void
recall(struct daemon *d)
{
	const struct past_child *pc;
	const char *path;
	child_handle h;
	size_t i = 0;
	uint64_t token;
	void *value;

	while (strmap_next(&d->past.children, &i, &path, &value)) {
		pc = value;
		if (pc->last_token > d->last_token)
			d->last_token = pc->last_token;
		if ((h = kid_find(d, path)) != CHILD_NONE)
			recall_child(d, h, pc);
	}
	d->fresh = d->past.clean || d->past.epoch == 0;
	nodes_recall(d);
	for (i = 0; map_next(&d->past.incarnations, &i, &token, &value);)
		recall_incarnation(d, value);
	permits_recall(d);
	past_release(&d->past);
	past_init(&d->past);
}

static int
listen_to_people(struct daemon *d, struct err *err)
{
	char *path = paths_control_socket(d->config);

	d->control = control_open(d, path, d->heir != NULL ? heir_offer(d->heir)->listener : -1, err);
	free(path);
	return d->control == NULL ? -1 : 0;
}

/* A tree that cannot be made is better known before anybody waits for it. */
static int
try_tree(const struct daemon *d, struct err *err)
{
	struct tree *tree = tree_new(&d->config->root, 1, 1, err);

	if (tree == NULL)
		return -1;
	tree_free(tree);
	return 0;
}

/* What can be done while another daemon may still be in charge. */
static int
prepare(struct daemon *d, bool *fresh, struct err *err)
{
	if (make_directories(d->config, err) == -1 || take_lock(d, err) == -1 || read_installation(d, fresh, err) == -1)
		return -1;
	if ((d->base = event_base_new()) == NULL)
		return err_set(err, 0, "libevent: no event base");
	if (nodes_make(d, err) == -1)
		return -1;
	if (d->heir == NULL)
		return 0;
	if (try_tree(d, err) == -1 || heir_check(d->heir, err) == -1)
		return -1;
	return heir_wait(d->heir, err);
}

int
daemon_setup(struct daemon *d, struct err *err)
{
	uint64_t seed;
	bool fresh;

	d->since_ms = wall_ms();
	past_init(&d->past);
	if (prepare(d, &fresh, err) == -1 || choose_epoch(d, fresh, err) == -1 || open_journal(d, err) == -1)
		return -1;
	rec_daemon(d, "begin");
	d->next_ref = (uint64_t)d->epoch << 32 | 1;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint64_t)d->since_ms;
	d->tree = tree_new(&d->config->root, d->epoch, seed, err);
	if (d->tree == NULL)
		return -1;
	kids_build(d);
	dynamic_recall(d);
	recall(d);
	return listen_to_people(d, err);
}

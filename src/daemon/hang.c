/*
 * Children that live but do nothing (architecture 7): no output of any kind for
 * hang_after is hung, whatever the process table says. One timer serves all;
 * it is armed for the earliest moment at which one could be hung, so it costs
 * nothing while nothing is configured.
 *
 * The recorder prints nothing. It is hung when observations have been waiting
 * in the journal and its position has not moved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/daemon.h"
#include "daemon/fresh.h"
#include "daemon/handover.h"
#include "daemon/node.h"

#define RECORDER_HANG_US (INT64_C(15) * US_PER_S)

static bool
is_recorder(const struct child_view *v)
{
	return config_launch(v->spec)->recorder;
}

/* When the recorder last told a position; the wall clock of the file system. */
static int64_t
recorded_ms(struct daemon *d)
{
	char *dir = paths_journal_dir(d->config), *path = xasprintf("%s/recorded", dir);
	struct stat st;
	int64_t ms = 0;

	if (stat(path, &st) == 0)
		ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	free(path);
	free(dir);
	return ms;
}

/*
 * A scraper's own measure, if none is configured: its schedule says how often
 * it has something to say.
 */
static int64_t
hang_after(const struct launch *launch)
{
	const struct scraper *scraper = launch->scraper;
	int64_t every;
	size_t i;

	if (launch->hang_after_us != HANG_AUTO)
		return launch->hang_after_us;
	if (scraper == NULL || scraper->n_sources == 0)
		return 0;
	every = scraper->every_us;
	for (i = 0; i < scraper->n_sources; i++)
		if (scraper->sources[i].every_us > every)
			every = scraper->sources[i].every_us;
	return 3 * every + 2 * scraper->timeout_us + 10 * US_PER_S;
}

/* The moment at which this child is hung if nothing more is heard; MONO_NEVER: it cannot be. */
static mono_t
hung_at(struct daemon *d, child_handle h, const struct child_view *v)
{
	const struct kid *kid = &d->kids[h];
	const struct launch *launch;
	mono_t heard = kid->heard.us > v->since.us ? kid->heard : v->since;
	const struct node *node = d->nodes[v->node];

	if (v->state != CHILD_RUNNING || v->spec->type != CHILD_WORKER)
		return MONO_NEVER;
	if (is_recorder(v)) {
		/* Nothing waits for it, or it has moved since the oldest that waits. */
		if (mono_is_never(d->unrecorded))
			return MONO_NEVER;
		return mono_add_us(d->unrecorded.us > heard.us ? d->unrecorded : heard, RECORDER_HANG_US);
	}
	launch = config_launch(v->spec);
	if (hang_after(launch) == 0)
		return MONO_NEVER;
	/* What it says cannot be heard while its node is out of reach. */
	if (node->state != NODE_UP)
		return mono_add_us(mono_now(), hang_after(launch));
	if (node->connected_at.us > heard.us)
		heard = node->connected_at;
	/* A site that asked for a rest gets it; while all of them rest, there is nothing to say. */
	if (kid->fresh != NULL && fresh_silent_until(kid->fresh).us > heard.us)
		heard = fresh_silent_until(kid->fresh);
	return mono_add_us(heard, hang_after(launch));
}

static void
restart_hung(struct daemon *d, child_handle h, const struct child_view *v)
{
	char text[128], silence[DURATION_TEXT_SIZE];

	if (is_recorder(v)) {
		snprintf(text, sizeof(text), "records wait and the recorder does not move");
	} else {
		snprintf(text, sizeof(text), "no output for %s", duration_human(hang_after(config_launch(v->spec)), silence));
	}
	log_warnx("child %s: hung: %s; restarting it", d->kids[h].path, text);
	rec_alarm(d, "hung", d->kids[h].path, text);
	d->kids[h].heard = mono_now();
	tree_command(d->tree, &(struct tree_command){ .type = CMD_RESTART, .child = h }, mono_now(), NULL);
}

/* Has the recorder caught up with what waited? */
static void
look_at_recorder(struct daemon *d)
{
	int64_t ms;

	if (mono_is_never(d->unrecorded))
		return;
	ms = recorded_ms(d);
	if (ms != d->recorded_ms) {
		d->recorded_ms = ms;
		d->unrecorded = MONO_NEVER;
	}
}

static void
hang_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct child_view v;
	mono_t now = mono_now(), next = MONO_NEVER, at;
	child_handle h;

	(void)fd;
	(void)what;
	if (handover_holds(d))
		return;
	look_at_recorder(d);
	for (h = 0; h < d->n_kids && d->begun && !d->stopping; h++) {
		if (h == TREE_ROOT || d->kids[h].path == NULL || !tree_view(d->tree, h, &v))
			continue;
		at = hung_at(d, h, &v);
		if (!mono_is_never(at) && !mono_before(now, at)) {
			restart_hung(d, h, &v);
			at = mono_add_us(now, RECORDER_HANG_US);
		}
		next = mono_min(next, at);
	}
	hang_arm(d, next);
	daemon_pump(d);
}

void
hang_arm(struct daemon *d, mono_t at)
{
	int64_t us;
	struct timeval tv;

	if (d->ev_hang == NULL)
		d->ev_hang = evtimer_new(d->base, hang_cb, d);
	if (mono_is_never(at) || (!mono_is_never(d->hang_at) && evtimer_pending(d->ev_hang, NULL) && !mono_before(at, d->hang_at)))
		return;
	us = mono_diff_us(at, mono_now());
	/* Not more often than ten times a second, whatever is configured. */
	if (us < 100 * US_PER_MS)
		us = 100 * US_PER_MS;
	d->hang_at = at;
	tv = (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
	evtimer_add(d->ev_hang, &tv);
}

void
hang_watch(struct daemon *d, child_handle h)
{
	struct child_view v;

	if (tree_view(d->tree, h, &v) && v.spec->type == CHILD_WORKER)
		hang_arm(d, hung_at(d, h, &v));
}

void
hang_unrecorded(struct daemon *d)
{
	if (!mono_is_never(d->unrecorded) || d->config->store == NULL)
		return;
	d->recorded_ms = recorded_ms(d);
	d->unrecorded = mono_now();
	hang_arm(d, mono_add_us(d->unrecorded, RECORDER_HANG_US));
}

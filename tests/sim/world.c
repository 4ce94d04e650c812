/* Time, events, clocks, and what is told of a run. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ring.h"
#include "base/xalloc.h"
#include "sim.h"

#define ARENA_PIECE (256u << 10)

struct piece {
	struct piece *next;
	size_t used, size;
	_Alignas(16) char bytes[];
};

void *
sim_alloc(struct world *w, size_t n)
{
	struct piece *p = w->arena;
	size_t size;

	n = (n + 15) & ~(size_t)15;
	if (p == NULL || p->used + n > p->size) {
		size = n > ARENA_PIECE ? n : ARENA_PIECE;
		p = xcalloc(1, sizeof(*p) + size);
		p->size = size;
		p->next = w->arena;
		w->arena = p;
	}
	p->used += n;
	return p->bytes + p->used - n;
}

char *
sim_printf(struct world *w, const char *fmt, ...)
{
	char text[256], *copy;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = sim_alloc(w, strlen(text) + 1);
	memcpy(copy, text, strlen(text) + 1);
	return copy;
}

static bool
is_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void
heap_push(struct world *w, const struct event *e)
{
	size_t i = w->n_heap++, up;

	if (w->n_heap > w->cap_heap) {
		w->cap_heap = w->cap_heap == 0 ? 256 : 2 * w->cap_heap;
		w->heap = xreallocarray(w->heap, w->cap_heap, sizeof(*w->heap));
	}
	for (; i > 0 && is_before(e, &w->heap[up = (i - 1) / 2]); i = up)
		w->heap[i] = w->heap[up];
	w->heap[i] = *e;
}

static struct event
heap_pop(struct world *w)
{
	struct event first = w->heap[0], last = w->heap[--w->n_heap];
	size_t i = 0, down;

	while ((down = 2 * i + 1) < w->n_heap) {
		if (down + 1 < w->n_heap && is_before(&w->heap[down + 1], &w->heap[down]))
			down++;
		if (!is_before(&w->heap[down], &last))
			break;
		w->heap[i] = w->heap[down];
		i = down;
	}
	w->heap[i] = last;
	return first;
}

void
sim_at(struct world *w, int64_t at, struct actor *actor, sim_fn fn, void *p, uint64_t arg)
{
	const struct event e = { at > w->now ? at : w->now, ++w->seq, actor, fn, p, arg };

	heap_push(w, &e);
}

void
actor_init(struct world *w, struct actor *a)
{
	a->next = w->actors;
	w->actors = a;
}

static void
actor_wait(struct actor *a, const struct event *e)
{
	if (a->n_waiting == a->cap_waiting) {
		a->cap_waiting = a->cap_waiting == 0 ? 16 : 2 * a->cap_waiting;
		a->waiting = xreallocarray(a->waiting, a->cap_waiting, sizeof(*a->waiting));
	}
	a->waiting[a->n_waiting++] = *e;
}

bool
sim_step(struct world *w, int64_t until)
{
	struct event e;

	if (w->n_heap == 0 || w->heap[0].at > until)
		return false;
	e = heap_pop(w);
	w->now = e.at;
	w->counts.events++;
	if (e.actor->dead)
		return true;
	if (e.actor->frozen)
		actor_wait(e.actor, &e);
	else
		e.fn(w, e.p, e.arg);
	return true;
}

void
actor_freeze(struct actor *a)
{
	a->frozen = true;
}

void
actor_thaw(struct world *w, struct actor *a)
{
	size_t i;

	if (!a->frozen || a->dead)
		return;
	a->frozen = false;
	for (i = 0; i < a->n_waiting; i++)
		sim_at(w, w->now, a, a->waiting[i].fn, a->waiting[i].p, a->waiting[i].arg);
	a->n_waiting = 0;
}

void
actor_kill(struct actor *a)
{
	a->dead = true;
	free(a->waiting);
	a->waiting = NULL;
	a->n_waiting = a->cap_waiting = 0;
}

mono_t
clock_now(const struct world *w, const struct clock *c)
{
	return (mono_t){ c->mono_at + (w->now - c->true_at) * c->permille / 1000 };
}

/* The first true time at which the clock shows t, or more. */
int64_t
clock_when(const struct world *w, const struct clock *c, mono_t t)
{
	int64_t left = t.us - c->mono_at;

	(void)w;
	return c->true_at + (left * 1000 + c->permille - 1) / c->permille;
}

void
timer_init(struct timer_ev *t, struct actor *actor, const struct clock *clock, sim_fn fn, void *p)
{
	*t = (struct timer_ev){ actor, clock, fn, p, MONO_NEVER, 0 };
}

static void
timer_fire(struct world *w, void *p, uint64_t gen)
{
	struct timer_ev *t = p;

	if (t->gen != gen)
		return;
	t->due = MONO_NEVER;
	t->fn(w, t->p, 0);
}

void
timer_set(struct world *w, struct timer_ev *t, mono_t due)
{
	if (t->due.us == due.us)
		return;
	t->gen++;
	t->due = due;
	if (!mono_is_never(due))
		sim_at(w, clock_when(w, t->clock, due), t->actor, timer_fire, t, t->gen);
}

uint64_t
sim_hash(const struct world *w, uint64_t a, uint64_t b)
{
	return hash_u64(hash_u64(w->seed ^ hash_u64(a)) ^ b);
}

int64_t
sim_between(const struct world *w, uint64_t a, uint64_t b, int64_t low, int64_t high)
{
	return low + (int64_t)(sim_hash(w, a, b) % (uint64_t)(high - low + 1));
}

void
sim_tell(struct world *w, const char *fmt, ...)
{
	char *line;
	va_list ap;
	int n;

	if (w->tell == 0)
		return;
	line = w->lines[w->n_lines++ % TELL_LINES];
	n = snprintf(line, TELL_WIDTH, "%12.6f ", (double)w->now / US_PER_S);
	va_start(ap, fmt);
	vsnprintf(line + n, (size_t)(TELL_WIDTH - n), fmt, ap);
	va_end(ap);
	if (w->tell > 1)
		puts(line);
}

void
sim_fail(struct world *w, const char *invariant, const char *fmt, ...)
{
	va_list ap;

	snprintf(w->invariant, sizeof(w->invariant), "%s", invariant);
	va_start(ap, fmt);
	vsnprintf(w->failure, sizeof(w->failure), fmt, ap);
	va_end(ap);
	longjmp(*w->broken, 1);
}

void
world_release(struct world *w)
{
	struct piece *p, *next;
	struct actor *a;
	struct conn *c;
	uint32_t i;

	daemon_free(w);
	journal_release(w);
	for (a = w->actors; a != NULL; a = a->next)
		actor_kill(a);
	for (i = 0; i < w->n_hosts; i++) {
		for (c = w->hosts[i].conns; c != NULL; c = c->next)
			conn_release(c);
	}
	strmap_release(&w->by_path);
	free(w->texts);
	if (w->forbidden != NULL)
		ring_release(w->forbidden);
	map_release(&w->recs);
	map_release(&w->start_seq);
	map_release(&w->deaths);
	for (p = w->arena; p != NULL; p = next) {
		next = p->next;
		free(p);
	}
	free(w->heap);
	free(w->lines);
	memset(w, 0, sizeof(*w));
}

#include "config.h"

#include "core/intensity.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "core/spec.h"

void
window_init(struct window *w, uint32_t intensity)
{
	memset(w, 0, sizeof(*w));
	w->intensity = intensity;
	if (intensity != 0 && intensity != INTENSITY_INFINITY)
		w->at = xcalloc(intensity, sizeof(*w->at));
}

void
window_release(struct window *w)
{
	free(w->at);
	memset(w, 0, sizeof(*w));
}

static int64_t
entry(const struct window *w, uint32_t i)
{
	return w->at[(uint32_t)(((uint64_t)w->head + i) % w->intensity)];
}

void
window_resize(struct window *w, uint32_t intensity)
{
	struct window new;
	uint32_t keep, i;

	if (intensity == w->intensity)
		return;
	window_init(&new, intensity);
	if (new.at != NULL && w->at != NULL) {
		keep = w->n < intensity ? w->n : intensity;
		for (i = 0; i < keep; i++)
			new.at[i] = entry(w, w->n - keep + i);
		new.n = keep;
	}
	window_release(w);
	*w = new;
}

void
window_clear(struct window *w)
{
	w->head = 0;
	w->n = 0;
}

/* Older than `period` by a microsecond is out; exactly `period` is in (S52). */
static bool
is_old(int64_t at, mono_t now, int64_t period_us)
{
	return now.us - at > period_us;
}

bool
window_add(struct window *w, mono_t now, int64_t period_us)
{
	if (w->intensity == INTENSITY_INFINITY)
		return false;
	while (w->n > 0 && is_old(w->at[w->head], now, period_us)) {
		w->head = (w->head + 1) % w->intensity;
		w->n--;
	}
	if (w->n == w->intensity)
		return true;
	w->at[((uint64_t)w->head + w->n) % w->intensity] = now.us;
	w->n++;
	return false;
}

uint32_t
window_count(const struct window *w, mono_t now, int64_t period_us)
{
	uint32_t i;

	for (i = 0; i < w->n; i++) {
		if (!is_old(entry(w, i), now, period_us))
			break;
	}
	return w->n - i;
}

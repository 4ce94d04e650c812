/*
 * Time that only goes forward, in microseconds, wrapped in a struct so that
 * it cannot be mixed up with seconds or with a timestamp.
 *
 * The clock is CLOCK_BOOTTIME everywhere: it goes on while the machine is
 * suspended, as a lease must. The wall clock (wall_ms) is for people, for due
 * times and for the journal's timestamps, and may jump at any moment.
 */
#ifndef TRAPEXIT_BASE_MONO_H
#define TRAPEXIT_BASE_MONO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mono {
	int64_t us;
} mono_t;

#define MONO_NEVER ((mono_t){ INT64_MAX })
#define MONO_ZERO ((mono_t){ 0 })
#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)

mono_t mono_now(void);
/* Milliseconds since 1970 by the wall clock. */
int64_t wall_ms(void);
/* "2026-11-22T12:00:00.123Z" into buf, which must hold WALL_TEXT_SIZE. */
#define WALL_TEXT_SIZE 32
const char *wall_text(int64_t ms, char buf[WALL_TEXT_SIZE]);
/* The reverse of wall_text (RFC 3339, with or without fraction; Z or offset); -1 if malformed. */
int wall_parse(const char *text, int64_t *ms);

static inline bool
mono_is_never(mono_t t)
{
	return t.us == INT64_MAX;
}

/* Saturates at MONO_NEVER. */
static inline mono_t
mono_add_us(mono_t t, int64_t us)
{
	if (t.us == INT64_MAX || (us > 0 && t.us > INT64_MAX - us))
		return MONO_NEVER;
	return (mono_t){ t.us + us };
}

static inline mono_t
mono_add_ms(mono_t t, int64_t ms)
{
	return ms > INT64_MAX / US_PER_MS ? MONO_NEVER : mono_add_us(t, ms * US_PER_MS);
}

/* a - b in microseconds; neither may be MONO_NEVER. */
static inline int64_t
mono_diff_us(mono_t a, mono_t b)
{
	return a.us - b.us;
}

static inline bool
mono_before(mono_t a, mono_t b)
{
	return a.us < b.us;
}

static inline mono_t
mono_min(mono_t a, mono_t b)
{
	return a.us < b.us ? a : b;
}

#endif

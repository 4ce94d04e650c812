/*
 * Durations and sizes as people write them.
 *
 * Durations: a number and a unit, units us ms s m h d w, also joined
 * ("1h30m") and with a decimal fraction ("1.5s"). Sizes: a number of bytes,
 * with K M G T (powers of 1024; an optional "iB" or "B" behind). No unit is an
 * error for a duration other than 0.
 */
#ifndef TRAPEXIT_BASE_UNITS_H
#define TRAPEXIT_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* 0 and *us, or -1 if malformed or out of range. */
int duration_parse(const char *text, int64_t *us);
/* The shortest exact text: 90000000 -> "1m30s". Returns buf. */
#define DURATION_TEXT_SIZE 48
const char *duration_text(int64_t us, char buf[DURATION_TEXT_SIZE]);
int size_parse(const char *text, uint64_t *bytes);
/* The shortest exact text: 1048576 -> "1M". Returns buf. */
#define SIZE_TEXT_SIZE 32
const char *size_text(uint64_t bytes, char buf[SIZE_TEXT_SIZE]);
/* For people, two units at the most: "3d4h", "5m12s", "840ms", "85us"; "0s" for none and less. */
const char *duration_human(int64_t us, char buf[DURATION_TEXT_SIZE]);

#endif

/*
 * STATE/journal/synced: up to where the journal is fsynced, for readers.
 *
 * One line of fixed width, "EPOCH-NNNNNN OFFSET CHECK\n": rewritten in place, so
 * that readers need no new watch, and checked, since a reader may see half of a
 * write. It is not fsynced itself: after a crash of the machine the next daemon
 * writes it anew before it says anything.
 */
#ifndef TRAPEXIT_JOURNAL_SYNCED_H
#define TRAPEXIT_JOURNAL_SYNCED_H

#include <stdint.h>

#include "base/err.h"
#include "journal/names.h"

#define SYNCED_FILE "synced"
#define SYNCED_SIZE 47 /* 8-6, space, 20 digits, space, 8 hex, newline; and a NUL */

void synced_encode(struct segment_name name, uint64_t offset, char buf[SYNCED_SIZE]);
/* 0, or -1 if it is damaged. */
int synced_decode(const char *text, size_t len, struct segment_name *name, uint64_t *offset);

/* The file, made if missing; returns a descriptor. */
int synced_open(const char *dir, struct err *err);
int synced_write(int fd, struct segment_name name, uint64_t offset);
/* 0, or -1 if it is not there or damaged (also when read in the middle of many writes). */
int synced_read(int fd, struct segment_name *name, uint64_t *offset);

#endif

/*
 * Names of segments: EPOCH-NNNNNN.jsonl in hexadecimal, so that names sort in
 * time order. The order of (epoch, number) is the order of the journal.
 */
#ifndef TRAPEXIT_JOURNAL_NAMES_H
#define TRAPEXIT_JOURNAL_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct segment_name {
	uint32_t epoch;
	uint32_t number; /* from 1 */
};

#define SEGMENT_NAME_SIZE 28
#define SEGMENT_NUMBER_MAX 0xffffffu
/* "0000002a-000001.jsonl" into buf; returns buf. */
const char *segment_name_text(struct segment_name name, char buf[SEGMENT_NAME_SIZE]);
/* 0, or -1 if this is no segment's name. */
int segment_name_parse(const char *file, struct segment_name *out);
/* <0, 0, >0, as strcmp. */
int segment_name_compare(struct segment_name a, struct segment_name b);

struct segment_list {
	struct segment_name *v; /* owned; in order */
	size_t n;
};

/* -1 with err set if the directory cannot be read. */
int segment_list_read(const char *dir, struct segment_list *list, struct err *err);
void segment_list_release(struct segment_list *list);

#endif

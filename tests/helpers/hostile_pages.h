/*
 * Pages that want to hurt who reads them (P35-P41), made on the fly: of the
 * file tests/helpers/hostile_pages.c, for tests/helpers/hostile.
 */
#ifndef TRAPEXIT_TESTS_HOSTILE_PAGES_H
#define TRAPEXIT_TESTS_HOSTILE_PAGES_H

#include <stdbool.h>
#include <stdio.h>

/* Write the page to f; false: there is none of this name. */
bool hostile_page_put(const char *name, FILE *f);
/* The name of the i-th, and what it is; NULL behind the last. */
const char *hostile_page_at(unsigned i, const char **help);

#endif

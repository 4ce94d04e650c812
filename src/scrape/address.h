/*
 * Addresses that a page on the open web has no business to lead to (P53):
 * loopback, private, link-local, and what is no unicast address at all.
 */
#ifndef TRAPEXIT_SCRAPE_ADDRESS_H
#define TRAPEXIT_SCRAPE_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/* An address of an unknown family is private. */
bool address_is_private(const struct sockaddr *sa);

#endif

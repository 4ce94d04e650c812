/*
 * Whose site is a host? The registrable domain (www.shop.example and
 * m.shop.example are shop.example's) by the Public Suffix List, which knows
 * that shop.co.uk is one and co.uk is none, and that two shops below
 * myshopify.com are two.
 */
#ifndef TRAPEXIT_CONF_SITE_H
#define TRAPEXIT_CONF_SITE_H

/* A part of host, which is in lower case; the host itself if it is an address, a single word or a public suffix. */
const char *site_domain(const char *host);

#endif

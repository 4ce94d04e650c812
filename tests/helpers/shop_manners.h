/* Pages of the shop with which the manners of a client are seen: validators, cookies, redirects, robots.txt. */
#ifndef TRAPEXIT_TESTS_SHOP_MANNERS_H
#define TRAPEXIT_TESTS_SHOP_MANNERS_H

#include <microhttpd.h>

/* The status of the page, for the log, before it is served; 0: it is none of ours. */
unsigned manners_status(struct MHD_Connection *c, const char *path, const char *robots_file);
/* robots_file: its first line may be "!STATUS" and lines of header; NULL: none. */
enum MHD_Result manners_serve(struct MHD_Connection *c, const char *path, const char *robots_file);

#endif

/*
 * Pages of the shop that a test writes, and changes: /file/NAME is the file NAME
 * of a folder. Lines in NAME.head, if there is one, are its status and fields of
 * its header; who has its ETag gets 304.
 */
#ifndef TRAPEXIT_TESTS_SHOP_FILE_H
#define TRAPEXIT_TESTS_SHOP_FILE_H

#include <microhttpd.h>

/* The status of the page, for the log, before it is served; 0: it is none of ours. */
unsigned file_status(struct MHD_Connection *c, const char *dir, const char *path);
enum MHD_Result file_serve(struct MHD_Connection *c, const char *dir, const char *path);

#endif

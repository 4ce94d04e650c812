/*
 * CSV as RFC 4180 has it: CRLF, quotes where they are needed.
 *
 *	csv_put(&b, "24.99");
 *	csv_put(&b, NULL);	an empty field
 *	csv_end(&b);
 */
#ifndef TRAPEXIT_CLI_CSV_H
#define TRAPEXIT_CLI_CSV_H

#include "base/buf.h"

void csv_put(struct buf *b, const char *field);
void csv_end(struct buf *b);

#endif

/*
 * A whole file into memory.
 */
#ifndef TRAPEXIT_CONF_FILE_H
#define TRAPEXIT_CONF_FILE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Append the file's bytes to out, up to out->max. A FIFO, socket or device is
 * refused unless it can be read without waiting for others; -1 with err set.
 */
int conf_file_read(const char *path, struct buf *out, struct err *err);

#endif

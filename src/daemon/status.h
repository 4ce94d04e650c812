/* Between the files of what `status` and `nodes` answer. */
#ifndef TRAPEXIT_DAEMON_STATUS_H
#define TRAPEXIT_DAEMON_STATUS_H

#include "daemon/daemon.h"

/* status_nodes.c */
/* "nodes": the list in `status`. */
void status_put_nodes(struct daemon *d, struct buf *b);
/* Of a worker: which nodes it waits for, and which are forbidden to it. */
void status_put_places(struct daemon *d, child_handle h, const struct child_view *v, struct buf *b);

#endif

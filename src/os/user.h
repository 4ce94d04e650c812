/*
 * A user and group by name or number, with the supplementary groups that a
 * login would get. Looked up before a process is made: the name services may
 * allocate, lock and open files.
 */
#ifndef TRAPEXIT_OS_USER_H
#define TRAPEXIT_OS_USER_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct user_ids {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned */
	size_t n_groups;
};

/* group "" or NULL: the user's own. user "" or NULL: ours, with only the group changed. */
int user_resolve(const char *user, const char *group, struct user_ids *ids, struct err *err);
void user_release(struct user_ids *ids);

#endif

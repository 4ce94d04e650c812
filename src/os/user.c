#include "config.h"

#include "os/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

#define TEXT_SIZE 65536

static int
number(const char *text, unsigned long *n)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*n = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && *n < (uid_t)-1 ? 0 : -1;
}

static int
find_group(const char *name, gid_t *gid, char *text, struct err *err)
{
	struct group grp, *found = NULL;
	unsigned long n;
	int rc = getgrnam_r(name, &grp, text, TEXT_SIZE, &found);

	if (found != NULL)
		*gid = grp.gr_gid;
	else if (number(name, &n) == 0)
		*gid = (gid_t)n;
	else
		return err_set(err, rc != 0 ? rc : ESRCH, "no group %s", name);
	return 0;
}

/* The name for initgroups goes to *login (within text), NULL for a number without an account. */
static int
find_user(const char *name, struct user_ids *ids, const char **login, char *text, struct err *err)
{
	struct passwd pwd, *found = NULL;
	unsigned long n;
	int rc;

	if (*name == '\0')
		rc = getpwuid_r(geteuid(), &pwd, text, TEXT_SIZE, &found);
	else if ((rc = getpwnam_r(name, &pwd, text, TEXT_SIZE, &found)) == 0 && found == NULL && number(name, &n) == 0) {
		rc = getpwuid_r((uid_t)n, &pwd, text, TEXT_SIZE, &found);
		ids->uid = (uid_t)n;
		ids->gid = (gid_t)n;
		if (found == NULL)
			return 0;
	}
	if (found != NULL) {
		ids->uid = pwd.pw_uid;
		ids->gid = pwd.pw_gid;
		*login = pwd.pw_name;
		return 0;
	}
	if (*name != '\0')
		return err_set(err, rc != 0 ? rc : ESRCH, "no user %s", name);
	ids->uid = geteuid();
	ids->gid = getegid();
	return 0;
}

static void
find_groups(struct user_ids *ids, const char *login)
{
	int n = 16;

	ids->groups = xcalloc((size_t)n, sizeof(gid_t));
	if (login == NULL) {
		ids->groups[0] = ids->gid;
		ids->n_groups = 1;
		return;
	}
	while (getgrouplist(login, ids->gid, ids->groups, &n) == -1)
		ids->groups = xreallocarray(ids->groups, (size_t)n, sizeof(gid_t));
	ids->n_groups = (size_t)n;
}

int
user_resolve(const char *user, const char *group, struct user_ids *ids, struct err *err)
{
	char *text = xmalloc(TEXT_SIZE);
	char *group_text = xmalloc(TEXT_SIZE);
	const char *login = NULL;
	int rc;

	*ids = (struct user_ids){ 0, 0, NULL, 0 };
	rc = find_user(user != NULL ? user : "", ids, &login, text, err);
	if (rc == 0 && group != NULL && *group != '\0')
		rc = find_group(group, &ids->gid, group_text, err);
	if (rc == 0)
		find_groups(ids, login);
	free(group_text);
	free(text);
	return rc;
}

void
user_release(struct user_ids *ids)
{
	free(ids->groups);
	*ids = (struct user_ids){ 0, 0, NULL, 0 };
}

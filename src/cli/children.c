#include "cli/children.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "cli/place.h"
#include "conf/config.h"

#define SUFFIX ".log"

static char *
path_below(const char *folder, const char *name)
{
	return *folder == '\0' ? xstrdup(name) : xasprintf("%s/%s", folder, name);
}

static void
add_supervisor(const struct sup_spec *sup, const char *path, struct strvec *paths)
{
	/* Instances are known by their logs, and their template is no child. */
	if (sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		return;
	for (size_t i = 0; i < sup->n_children; i++) {
		const struct child_spec *spec = sup->children[i];
		char *child = path_below(path, spec->id);

		if (spec->type == CHILD_SUPERVISOR)
			add_supervisor(spec->sup, child, paths);
		else
			strvec_push(paths, child);
		free(child);
	}
}

void
children_configured(const struct cli_place *p, struct strvec *paths)
{
	add_supervisor(&p->config->root, "", paths);
}

/* Folders below log_dir that are still to be read: relative paths. */
static void
read_folder(const struct cli_place *p, const char *folder, struct strvec *folders, struct strvec *found)
{
	char *full = path_below(p->log_dir, folder);
	DIR *dir = opendir(full);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);
		struct stat st;

		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		if (S_ISDIR(st.st_mode)) {
			strvec_push_nodup(folders, path_below(folder, entry->d_name));
		} else if (S_ISREG(st.st_mode) && len > strlen(SUFFIX) &&
			   strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0) {
			entry->d_name[len - strlen(SUFFIX)] = '\0';
			strvec_push_nodup(found, path_below(folder, entry->d_name));
		}
	}
	if (dir != NULL)
		closedir(dir);
	free(full);
}

void
children_with_logs(const struct cli_place *p, struct strvec *paths)
{
	struct strvec folders = STRVEC_INIT, found = STRVEC_INIT;
	struct strmap known = STRMAP_INIT;

	strvec_push(&folders, "");
	for (size_t i = 0; i < folders.n; i++)
		read_folder(p, folders.v[i], &folders, &found);
	for (size_t i = 0; i < paths->n; i++)
		strmap_put(&known, paths->v[i], paths->v[i]);
	for (size_t i = 0; i < found.n; i++) {
		if (strmap_find(&known, found.v[i]) == NULL)
			strvec_push(paths, found.v[i]);
	}
	strmap_release(&known);
	strvec_release(&folders);
	strvec_release(&found);
}

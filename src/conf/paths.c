#include "conf/paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/config_data.h"

#ifndef TX_SYSCONFDIR
#error "the build says where things are installed (TX_SYSCONFDIR ...)"
#endif

static const char *
home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *pw;

	if (dir != NULL && dir[0] == '/')
		return dir;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir[0] == '/' ? pw->pw_dir : "/";
}

/* An XDG directory: what the variable says if that is absolute (else it must be ignored), or below HOME. */
static char *
xdg(const char *variable, const char *below_home)
{
	const char *dir = getenv(variable);

	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/trapexit", dir);
	return xasprintf("%s/%s/trapexit", home(), below_home);
}

char *
paths_config_file(void)
{
	const char *told = getenv("TRAPEXIT_CONFIG");
	char *dir, *path;

	if (told != NULL && told[0] != '\0')
		return xstrdup(told);
	if (geteuid() == 0) {
		/* A program in /usr/local is content with the host's /etc. */
		if (access(TX_SYSCONFDIR "/trapexit.conf", F_OK) == -1 && access("/etc/trapexit.conf", F_OK) == 0)
			return xstrdup("/etc/trapexit.conf");
		return xstrdup(TX_SYSCONFDIR "/trapexit.conf");
	}
	dir = xdg("XDG_CONFIG_HOME", ".config");
	path = xasprintf("%s/trapexit.conf", dir);
	free(dir);
	return path;
}

static char *
default_run_dir(const char *state_dir)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime != NULL && runtime[0] == '/')
		return xasprintf("%s/trapexit", runtime);
	return xasprintf("%s/run", state_dir);
}

/* Keep an allocated string as long as the config. */
static char *
keep(struct config *c, char *s)
{
	char *kept = arena_strdup(&config_data(c)->arena, s);

	free(s);
	return kept;
}

void
paths_defaults(struct config *c)
{
	const bool root = geteuid() == 0;

	if (c->state_dir == NULL)
		c->state_dir = keep(c, root ? xstrdup("/var/lib/trapexit") : xdg("XDG_STATE_HOME", ".local/state"));
	if (c->run_dir == NULL)
		c->run_dir = keep(c, root ? xstrdup("/run/trapexit") : default_run_dir(c->state_dir));
	if (c->log_dir == NULL)
		c->log_dir = keep(c, root ? xstrdup("/var/log/trapexit") : xasprintf("%s/log", c->state_dir));
	if (c->store == NULL && !c->no_store)
		c->store = keep(c, xasprintf("sqlite:%s/prices.db", c->state_dir));
	config_add_recorder(c);
	config_add_events(c);
}

static void
keep_place(struct config *c, const char *name, char **place, const char *running)
{
	char *text;

	if (*place != NULL && strcmp(*place, running) != 0) {
		text = xasprintf("%s: %s -> %s", name, running, *place);
		strvec_push_nodup(&config_data(c)->later, text);
	}
	*place = arena_strdup(&config_data(c)->arena, running);
}

void
config_keep_places(struct config *c, const struct config *running)
{
	struct config defaults = *c;

	/* What is not written may have been: compare with what would apply. */
	defaults.no_store = true;
	defaults.store = NULL;
	defaults.n_handlers = 0;
	paths_defaults(&defaults);
	c->state_dir = defaults.state_dir;
	c->run_dir = defaults.run_dir;
	c->log_dir = defaults.log_dir;
	keep_place(c, "state_dir", &c->state_dir, running->state_dir);
	keep_place(c, "run_dir", &c->run_dir, running->run_dir);
	keep_place(c, "log_dir", &c->log_dir, running->log_dir);
	paths_defaults(c);
}

char *
paths_control_socket(const struct config *c)
{
	return xasprintf("%s/control.sock", c->run_dir);
}

char *
paths_journal_dir(const struct config *c)
{
	return xasprintf("%s/journal", c->state_dir);
}

char *
paths_log_file(const struct config *c, const char *child)
{
	return xasprintf("%s/%s.log", c->log_dir, child);
}

/* The folder of the running program's own file; NULL if it cannot be told. */
static char *
own_folder(void)
{
	char *self = realpath("/proc/self/exe", NULL), *slash;

	if (self != NULL && (slash = strrchr(self, '/')) != NULL)
		*slash = '\0';
	return self;
}

char *
paths_program(const char *name)
{
	static const char *const dirs[] = { TX_BINDIR, TX_SBINDIR, TX_LIBEXECDIR };
	const char *told = getenv("TRAPEXIT_BINDIR");
	char *own, *path;
	size_t i;

	if (told != NULL && told[0] != '\0')
		return xasprintf("%s/%s", told, name);
	for (i = 0; i < ARRAY_LEN(dirs); i++) {
		path = xasprintf("%s/%s", dirs[i], name);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	/* Installed elsewhere than was configured (DESTDIR, a copied tree): beside us. */
	own = own_folder();
	if (own != NULL) {
		path = xasprintf("%s/%s", own, name);
		free(own);
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return xasprintf("%s/%s", TX_BINDIR, name);
}

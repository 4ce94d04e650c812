#include "config.h"

#include "agent/attach.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/log.h"
#include "os/reap.h"
#include "os/sock.h"
#include "os/spawn.h"

extern char **environ;

/* Its standard error is ours: what goes wrong there is seen at the daemon. */
int
attach_start(char *const argv[], struct err *err)
{
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	struct spawner *sp = spawner_new(err);
	struct reaped r = { 0, 0, 0, 0 };
	pid_t pid;
	int rc;

	if (sp == NULL)
		return -1;
	plan.argv = (const char *const *)(uintptr_t)argv;
	plan.env = (const char *const *)(uintptr_t)environ;
	plan.fds[2] = STDERR_FILENO;
	rc = spawn_now(sp, &plan, &pid, err);
	if (rc == 0)
		reap_wait(pid, &r);
	spawner_free(sp);
	if (rc == 0 && r.status != 0)
		rc = err_set(err, ECHILD, "%s: could not start", argv[0]);
	return rc;
}

int
attach_connect(const char *socket_path, char *const start_argv[], struct err *err)
{
	int fd = sock_connect(socket_path, NULL);

	/* Two that attach at once start two; the second finds the first and says so. Then both connect. */
	for (int attempt = 0; fd == -1 && attempt < 3; attempt++) {
		struct err e = ERR_INIT;

		if (attach_start(start_argv, &e) == -1)
			log_warnx("%s", e.msg);
		fd = sock_connect(socket_path, err);
	}
	return fd;
}

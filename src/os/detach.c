#include "config.h"

#include "os/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/fd.h"

pid_t
process_fork(void)
{
	fflush(NULL);
	return fork();
}

/* In front: exit as the detached process says. */
static void
wait_for_word(int fd)
{
	unsigned char code = 1;

	if (fd_read_full(fd, &code, 1) != 1)
		code = 1;
	_exit(code);
}

int
detach_start(int *word, struct err *err)
{
	int p[2];
	pid_t pid;

	if (pipe2(p, O_CLOEXEC) == -1)
		return err_sys(err, errno, "pipe");
	if ((pid = process_fork()) == -1) {
		err_sys(err, errno, "fork");
		close(p[0]);
		close(p[1]);
		return -1;
	}
	if (pid > 0) {
		close(p[1]);
		wait_for_word(p[0]);
	}
	close(p[0]);
	setsid();
	if (chdir("/") == -1)
		return err_sys(err, errno, "/");
	*word = p[1];
	return 0;
}

void
detach_done(int *word, int exit_code)
{
	unsigned char code = (unsigned char)exit_code;
	int null;

	if (*word == -1)
		return;
	if (exit_code == 0 && (null = open("/dev/null", O_RDWR | O_CLOEXEC)) != -1) {
		for (int fd = 0; fd <= STDERR_FILENO; fd++)
			dup2(null, fd);
		if (null > STDERR_FILENO)
			close(null);
	}
	(void)fd_write_all(*word, &code, 1);
	fd_close(word);
}

int
process_start_beside(char *const argv[], struct err *err)
{
	sigset_t none;
	long pid;

	fflush(NULL);
	pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid == -1)
		return err_sys(err, errno, "%s: fork", argv[0]);
	if (pid > 0)
		return 0;
	setsid();
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	_exit(127);
}

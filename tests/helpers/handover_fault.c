/*
 * Faults at the words of a handover (daemon/handover.h), for LD_PRELOAD: who is about
 * to say WORD looks into the file $FAULT_DIR/WORD for "N ACTION". At the N-th time
 * that the word is said, by whoever, the file goes and the action comes:
 *
 *	kill, stop, exit	instead of the word, or before it (stop)
 *	said-kill, said-stop	when it is said
 *	mute			nothing is said, and all goes on
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const words[] = { "kind", "prepared", "go", "up", "error", "abort" };

/* Which word it is; NULL: no word of a handover. */
static const char *
word_of(int fd, const struct msghdr *msg)
{
	const char *p;
	size_t i, n;
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 || type != SOCK_SEQPACKET || msg->msg_iovlen != 1)
		return NULL;
	p = msg->msg_iov[0].iov_base;
	n = msg->msg_iov[0].iov_len;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t k = strlen(words[i]);

		if (n > k && memcmp(p, words[i], k) == 0 && (p[k] == ' ' || p[k] == '\0'))
			return words[i];
	}
	return NULL;
}

/* The action, if this is the time for one. */
static int
due(const char *word, char action[32])
{
	const char *dir = getenv("FAULT_DIR");
	char path[512];
	FILE *f;
	int n = 0, known;

	if (dir == NULL || snprintf(path, sizeof(path), "%s/%s", dir, word) >= (int)sizeof(path) || (f = fopen(path, "r")) == NULL)
		return 0;
	known = fscanf(f, "%d %31s", &n, action) == 2;
	fclose(f);
	if (!known || n <= 1) {
		unlink(path);
		return known;
	}
	if ((f = fopen(path, "w")) != NULL) {
		fprintf(f, "%d %s\n", n - 1, action);
		fclose(f);
	}
	return 0;
}

static void
act(const char *action, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(action, prefix, n) != 0)
		return;
	if (strcmp(action + n, "kill") == 0)
		kill(getpid(), SIGKILL);
	else if (strcmp(action + n, "stop") == 0)
		kill(getpid(), SIGSTOP);
	else if (strcmp(action + n, "exit") == 0)
		_exit(77);
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, const struct msghdr *, int);
	void *symbol = dlsym(RTLD_NEXT, "sendmsg");
	const char *word = word_of(fd, msg);
	char action[32] = "";
	ssize_t n;
	int saved;

	memcpy(&real, &symbol, sizeof(real));
	if (word == NULL || !due(word, action))
		return real(fd, msg, flags);
	act(action, "");
	if (strcmp(action, "mute") == 0)
		return (ssize_t)msg->msg_iov[0].iov_len;
	n = real(fd, msg, flags);
	saved = errno;
	act(action, "said-");
	errno = saved;
	return n;
}

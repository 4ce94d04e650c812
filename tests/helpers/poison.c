/*
 * poison.so, to be preloaded: json-c as a page would use it that has found a hole. A text with one of
 * these words in it, instead of being parsed, does what stands beside it.
 */
#include "config.h"

#include <fcntl.h>
#include <json-c/json_tokener.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dlfcn.h>

static void
do_fault(void)
{
	volatile char *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	closed[0] = 1;
}

static unsigned
descend(unsigned depth)
{
	volatile char room[4096];

	room[depth % sizeof(room)] = 1;
	return depth == 0 ? 0 : descend(depth + 1) + (unsigned)room[0];
}

static void
do_overflow(void)
{
	descend(1);
}

static void
do_spin(void)
{
	volatile unsigned n = 0;

	for (;;)
		n++;
}

/* A while, of processor time. */
static void
do_busy(void)
{
	clock_t until = clock() + CLOCKS_PER_SEC / 50;

	while (clock() < until)
		;
}

static void
do_kill(void)
{
	kill(getpid(), SIGKILL);
}

static void
do_exec(void)
{
	char *argv[] = { NULL };

	execve("/bin/true", argv, argv);
}

static void
do_open(void)
{
	if (open("/etc/passwd", O_RDONLY) != -1)
		abort();
}

static void
do_memory(void)
{
	volatile char *p;

	while ((p = malloc(1 << 20)) != NULL)
		p[0] = 1;
	exit(1); /* as xmalloc() does */
}

static const struct {
	const char *word;
	void (*act)(void);
} poisons[] = {
	{ "poison-fault", do_fault },
	{ "poison-overflow", do_overflow },
	{ "poison-abort", abort },
	{ "poison-spin", do_spin },
	{ "poison-busy", do_busy },
	{ "poison-kill", do_kill },
	{ "poison-exec", do_exec },
	{ "poison-open", do_open },
	{ "poison-memory", do_memory },
};

struct json_object *
json_tokener_parse_ex(struct json_tokener *tok, const char *text, int len)
{
	struct json_object *(*real)(struct json_tokener *, const char *, int);
	size_t i;
	void *symbol = dlsym(RTLD_NEXT, "json_tokener_parse_ex");

	for (i = 0; i < sizeof(poisons) / sizeof(poisons[0]); i++) {
		if (len > 0 && memmem(text, (size_t)len, poisons[i].word, strlen(poisons[i].word)) != NULL)
			poisons[i].act();
	}
	memcpy(&real, &symbol, sizeof(real));
	return real(tok, text, len);
}

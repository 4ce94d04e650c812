#include "config.h"

#include "scrape/last_words.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/map.h"

#define TICKS 8 /* of the timer, in the time that a page has */
#define TEXT_SIZE 8192
#define WRITE_MS 1000 /* for a reader that is slow */
#define STACK_SIZE (64u << 10)

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static const struct {
	int sig;
	const char *name;
} fatal_signals[] = {
	{ SIGSEGV, "SIGSEGV" },
	{ SIGBUS, "SIGBUS" },
	{ SIGFPE, "SIGFPE" },
	{ SIGILL, "SIGILL" },
	{ SIGABRT, "SIGABRT" },
};

/* For the signal handlers, which are given nothing. */
static struct {
	int fd;
	const struct buf *pending;
	const struct last_words_of *_Atomic of; /* the page being read; NULL: none */
	volatile sig_atomic_t ticks;
	volatile int stop;
	bool has_timer, open;
	timer_t timer;
	struct sigaction before[ARRAY_LEN(fatal_signals)], before_cpu;
	void *stack;
	char text[TEXT_SIZE];
	size_t len;
} dying;

static void
add(const char *s)
{
	for (; *s != '\0' && dying.len < TEXT_SIZE; s++)
		dying.text[dying.len++] = *s;
}

static void
add_number(int64_t value)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;
	uint64_t n = value < 0 ? (uint64_t)-value : (uint64_t)value;

	digits[i] = '\0';
	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	if (value < 0)
		digits[--i] = '-';
	add(digits + i);
}

static void
add_hash(uint64_t hash)
{
	char digits[17];
	int i;

	for (i = 15; i >= 0; i--, hash >>= 4)
		digits[i] = "0123456789abcdef"[hash & 15];
	digits[16] = '\0';
	add(digits);
}

/* Within a string of JSON. It is UTF-8: it came from JSON, or from arguments. */
static void
add_escaped(const char *s)
{
	char escaped[7] = "\\u0000", one[2] = "";

	for (; *s != '\0'; s++) {
		one[0] = *s;
		escaped[4] = "0123456789abcdef"[(unsigned char)*s >> 4];
		escaped[5] = "0123456789abcdef"[(unsigned char)*s & 15];
		if (*s == '"' || *s == '\\')
			add("\\");
		add((unsigned char)*s < ' ' ? escaped : one);
	}
}

static void
write_all(int fd, const char *p, size_t n)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	ssize_t done;

	while (n > 0 && poll(&pfd, 1, WRITE_MS) == 1 && (pfd.revents & POLLOUT) != 0) {
		done = write(fd, p, n < PIPE_BUF ? n : PIPE_BUF);
		if (done == -1 && errno != EINTR && errno != EAGAIN)
			return;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static void
add_observation(const struct last_words_of *of, bool limit)
{
	add("{\"type\":\"observation\",\"source\":\"");
	add_escaped(of->source);
	add("\"");
	if (of->slot != INT64_MIN) {
		add(",\"slot\":");
		add_number(of->slot);
	}
	add(",\"time\":\"");
	add_escaped(of->time);
	add("\",\"status\":\"");
	add(limit ? "limit" : "error");
	add("\",\"url\":\"");
	add_escaped(of->url);
	add("\",\"reason\":\"");
	add(limit ? "limit\"}\n" : "crash\"}\n");
}

static void
add_states(const struct last_words_of *of, const char *why, uint64_t hash, unsigned n)
{
	add("{\"type\":\"state\",\"key\":\"done/");
	add_escaped(of->source);
	add("\",\"value\":{\"slot\":");
	add_number(of->slot);
	add("}}\n{\"type\":\"state\",\"key\":\"crash/");
	add_escaped(of->source);
	add("\",\"value\":{\"hash\":\"");
	add_hash(hash);
	add("\",\"n\":");
	add_number(n);
	add(",\"total\":");
	add_number(of->total);
	add(",\"at\":");
	add_number(of->now_ms);
	add(",\"why\":\"");
	add(why);
	add("\"}}\n");
}

void
last_words_say(const char *why)
{
	/* Once, whoever comes first. */
	const struct last_words_of *of = atomic_exchange(&dying.of, NULL);
	bool limit = strcmp(why, "cpu") == 0 || strcmp(why, "memory") == 0;
	uint64_t hash;

	if (of == NULL)
		return;
	hash = of->hashed ? of->hash : hash_bytes(of->body, of->len);
	dying.len = 0;
	add_observation(of, limit);
	if (of->slot != INT64_MIN)
		add_states(of, why, hash, !of->hashed && of->known_hash == hash ? of->known_n + 1 : of->n);
	/* A line that does not fit is none. */
	if (dying.len < TEXT_SIZE) {
		if (dying.pending != NULL && dying.pending->len > 0)
			write_all(dying.fd, dying.pending->data, dying.pending->len);
		write_all(dying.fd, dying.text, dying.len);
	}
	dying.len = 0;
	add("page of source ");
	add_escaped(of->source);
	add(" (hash ");
	add_hash(hash);
	add("): ends its reader: ");
	add(why);
	add("\n");
	write_all(STDERR_FILENO, dying.text, dying.len);
}

static void
fatal_cb(int sig, siginfo_t *info, void *context)
{
	size_t i;

	(void)context;
	for (i = 0; i < ARRAY_LEN(fatal_signals); i++) {
		if (fatal_signals[i].sig != sig)
			continue;
		last_words_say(fatal_signals[i].name);
		sigaction(sig, &dying.before[i], NULL);
	}
	/* A fault happens again when we return, and so does abort(3); a signal that somebody sent does not. */
	if (info->si_code <= 0 && sig != SIGABRT)
		raise(sig);
}

static void
tick_cb(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (atomic_load(&dying.of) == NULL)
		return;
	dying.ticks += 1 + info->si_overrun;
	if (dying.ticks > TICKS)
		dying.stop = 1;
	if (dying.ticks > 2 * TICKS) {
		last_words_say("cpu");
		sigaction(sig, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
		raise(sig); /* when we return */
	}
	errno = saved;
}

/* Whoever ends the program while a page is read has no memory. */
static void
exit_cb(void)
{
	last_words_say("memory");
}

/* Ticks of processor time: there are none while the process waits. */
static void
start_timer(int64_t cpu_ms)
{
	int64_t ns = cpu_ms * 1000000 / TICKS;
	struct itimerspec its = { .it_interval = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) } };
	struct sigevent sev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGXCPU };

	sev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	its.it_value = its.it_interval;
	dying.has_timer = timer_create(CLOCK_THREAD_CPUTIME_ID, &sev, &dying.timer) == 0 &&
	    timer_settime(dying.timer, 0, &its, NULL) == 0;
	if (!dying.has_timer)
		log_warn("a timer of processor time");
}

void
last_words_open(int fd, int64_t cpu_ms, const struct buf *pending)
{
	struct sigaction action = { .sa_sigaction = fatal_cb, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct sigaction on_tick = { .sa_sigaction = tick_cb, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };
	stack_t stack = { .ss_size = STACK_SIZE };
	size_t i;

	if (!dying.open)
		atexit(exit_cb);
	dying.open = true;
	dying.fd = fd;
	dying.pending = pending;
	/* For a stack that has overflowed. */
	stack.ss_sp = dying.stack = malloc(STACK_SIZE);
	if (stack.ss_sp != NULL)
		sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	sigemptyset(&on_tick.sa_mask);
	for (i = 0; i < ARRAY_LEN(fatal_signals); i++)
		sigaction(fatal_signals[i].sig, &action, &dying.before[i]);
	sigaction(SIGXCPU, &on_tick, &dying.before_cpu);
	start_timer(cpu_ms);
}

void
last_words_close(void)
{
	size_t i;

	if (dying.has_timer)
		timer_delete(dying.timer);
	dying.has_timer = false;
	for (i = 0; i < ARRAY_LEN(fatal_signals); i++)
		sigaction(fatal_signals[i].sig, &dying.before[i], NULL);
	sigaction(SIGXCPU, &dying.before_cpu, NULL);
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	free(dying.stack);
	dying.stack = NULL;
	dying.pending = NULL;
}

const volatile int *
last_words_enter(const struct last_words_of *of)
{
	dying.ticks = 0;
	dying.stop = 0;
	atomic_store_explicit(&dying.of, of, memory_order_release);
	return &dying.stop;
}

bool
last_words_leave(void)
{
	atomic_store_explicit(&dying.of, NULL, memory_order_release);
	return dying.stop != 0;
}

/*
 * A wall clock that a test can set: loaded with LD_PRELOAD, it adds the
 * milliseconds that the file $CLOCK_FILE holds to CLOCK_REALTIME. All other
 * clocks stay as they are, as they do when an operator sets the time.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts);
int gettimeofday(struct timeval *restrict tv, void *restrict tz);
time_t time(time_t *t);

static long long
offset_ms(void)
{
	const char *path = getenv("CLOCK_FILE");
	char text[32];
	long n;
	int fd;

	if (path == NULL || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtoll(text, NULL, 10);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, clock, ts);
	long long ms;

	if (r == 0 && clock == CLOCK_REALTIME) {
		ms = ts->tv_sec * 1000LL + ts->tv_nsec / 1000000 + offset_ms();
		ts->tv_sec = (time_t)(ms / 1000);
		ts->tv_nsec = ms % 1000 * 1000000 + ts->tv_nsec % 1000000;
	}
	return r;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;

	(void)tz;
	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		return -1;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

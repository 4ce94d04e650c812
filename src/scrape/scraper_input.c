/* The job of the scraper, on its standard input. */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "scrape/scraper_private.h"

#define LEAVE_GRACE_MS 3000 /* for the fetches in flight, once standard input has ended */
#define READ_SIZE 65536u

/* Standard input has ended: finish up and leave. */
static void
input_ended(struct scraper *s)
{
	struct timeval tv = { LEAVE_GRACE_MS / 1000, LEAVE_GRACE_MS % 1000 * 1000 };

	if (!s->scheduled)
		log_warnx("the job has ended before its end line");
	s->leaving = true;
	event_del(s->on_stdin);
	if (s->in_flight == 0)
		scraper_leave(s, s->scheduled || !s->job.begun ? EXITCODE_OK : EXITCODE_FAILED);
	else
		evtimer_add(s->on_grace, &tv);
}

static void
read_job_line(struct scraper *s, const char *line, size_t len)
{
	struct err err = ERR_INIT;

	if (s->scheduled || len == 0)
		return; /* behind the end: for later versions */
	switch (job_read_line(&s->job, line, len, &err)) {
	case JOB_MORE:
		break;
	case JOB_ENDED:
		scraper_begin(s);
		break;
	case JOB_BAD:
		log_warnx("job: %s", err.msg);
		/* One bad source does not stop the others; without its head a job is none. */
		if (!s->job.begun)
			scraper_leave(s, EXITCODE_USAGE);
		break;
	}
}

static void
read_job_lines(struct scraper *s)
{
	char *start = s->in.data, *end;
	size_t left = s->in.len;

	while (!s->leaving && (end = memchr(start, '\n', left)) != NULL) {
		*end = '\0';
		read_job_line(s, start, (size_t)(end - start));
		left -= (size_t)(end - start) + 1;
		start = end + 1;
	}
	buf_drop(&s->in, s->in.len - left);
	if (s->in.len > JOB_LINE_MAX) {
		log_warnx("job: a line of more than %u bytes", JOB_LINE_MAX);
		scraper_leave(s, EXITCODE_USAGE);
	}
}

void
scraper_read(struct scraper *s, int fd)
{
	char *room = buf_room(&s->in, READ_SIZE);
	ssize_t n;

	if (room == NULL)
		fatalx("out of memory");
	n = read(fd, room, READ_SIZE);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		input_ended(s);
		return;
	}
	s->in.len += (size_t)n;
	read_job_lines(s);
	/* After the job nothing comes, for years. */
	if (s->scheduled && s->in.len == 0)
		buf_release(&s->in);
}

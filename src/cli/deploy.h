/*
 * trapexit deploy: the agent and pricescrape of this installation to other hosts.
 *
 *	struct deploy_payload p;
 *
 *	if (payload_load(&p, &err) == -1 || deploy_run(hosts, n, &p, &how, &err) == -1) ...
 *	... hosts[i].outcome, .error, .dir
 *	deploy_host_release(&hosts[i]);
 *	payload_release(&p);
 *
 * One ssh a host, several hosts at a time. deploy.sh runs there: it says what it
 * found, we decide, the two files go over, it looks whether they came as they were
 * sent and whether they run there, and puts them in place by rename(2).
 *
 *	deploy.c	    the conversation
 *	deploy_payload.c    what goes over, and for which machines it is
 *	deploy_packages.c   who has a library that is missing
 *	cmd_deploy.c	    the command
 */
#ifndef TRAPEXIT_CLI_DEPLOY_H
#define TRAPEXIT_CLI_DEPLOY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mono.h"
#include "base/strvec.h"
#include "os/coproc.h"

struct node_conf;

#define DEPLOY_PROGRAMS 2 /* trapexit-agent, pricescrape */

struct payload_program {
	const char *name;
	char *path; /* owned */
	struct buf data;
	uint32_t sum; /* as cksum(1) has it */
};

struct deploy_payload {
	struct payload_program programs[DEPLOY_PROGRAMS];
	unsigned machine, class, order; /* as their ELF headers say */
};

int payload_load(struct deploy_payload *p, struct err *err);
void payload_release(struct deploy_payload *p);
/* NULL: they run on what `uname -m` calls so (or nobody knows); else what they are for: "x86_64". */
const char *payload_misfit(const struct deploy_payload *p, const char *machine);
/* cksum(1) of POSIX. */
uint32_t payload_cksum(const void *p, size_t n);

/* Debian's package of a library, by its name ("libevent_core-2.1.so.7"); NULL: not known. */
const char *package_of(const char *library);

enum deploy_outcome { DEPLOY_FAILED, DEPLOY_INSTALLED, DEPLOY_UNCHANGED, DEPLOY_WOULD_INSTALL };

struct deploy_host {
	const struct node_conf *node; /* borrowed */
	enum deploy_outcome outcome;
	char *error;   /* owned; why it failed */
	char *machine; /* owned; as uname -m has it; NULL: not known, as is the next */
	char *dir;     /* owned */
	struct strvec missing; /* libraries */
	struct strvec old;     /* versions that its C library does not have: "GLIBC_2.38" */
	struct strvec kept, removed; /* earlier versions */
	int64_t took_us;

	/* private to deploy.c */
	struct coproc ssh;
	struct buf in, complaint, intro;
	enum { HOST_WAITS, HOST_ASKS, HOST_SENDS, HOST_TRIES, HOST_ENDED } state;
	size_t sent, total; /* of all that is to be sent; total 0: not known yet */
	bool copies, said_end, eof, err_eof, at_end;
	mono_t begun, heard;
};

struct deploy_how {
	bool dry;	    /* all but the last step */
	int64_t patience_us; /* without a sign of life */
	void (*progress)(const struct deploy_host *hosts, size_t n, void *arg); /* now and then; may be NULL */
	void (*done)(const struct deploy_host *host, void *arg);		/* one has ended; may be NULL */
	void *arg;
};

/* Each host has an outcome then. -1: nothing was begun. */
int deploy_run(struct deploy_host *hosts, size_t n, const struct deploy_payload *p, const struct deploy_how *how,
    struct err *err);
void deploy_host_release(struct deploy_host *h);

#endif

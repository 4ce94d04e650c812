/*
 * The daemon is replaced by another program, with no child touched (`trapexit
 * upgrade`, SIGUSR2). Two handovers by one mechanism, so that its process stays
 * the same, and somebody is in charge whatever fails:
 *
 *	P, the daemon, starts the new program N and hands over to it. P then execs
 *	the new program itself, and N hands over to that, and ends.
 *
 * What is said, over a socketpair (os/successor.h), a word and its argument:
 *
 *	who hands over			who takes over (heir.c)
 *	offer (offer.h)	->
 *					reads the configuration, looks at everything
 *			<- prepared VERSION
 *	settles: no new orders, until none is under way; takes its leave of the
 *	agents, closes the journal
 *	go SINCE	->
 *					begins as every daemon does: next epoch, the journal
 *					folded, attach, adoption
 *			<- up
 *	ends, or execs
 *
 *			<- error TEXT, at any time
 *	abort		->		and it ends
 *
 * The lock on the state directory and the listening socket go with the offer, so the
 * one is never free and the other always there. Until `go` whoever hands over is in
 * charge as always, and a new program that fails costs nothing. From then on only the
 * other may act; if it dies, or is not up in time (it is killed then, and its death
 * waited for), whoever handed over execs its own image, and goes on as a daemon that
 * begins anew: with its process, with a later epoch.
 */
#ifndef TRAPEXIT_DAEMON_HANDOVER_H
#define TRAPEXIT_DAEMON_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/offer.h"

#define HANDOVER_ENV "TRAPEXIT_HANDOVER"
#define HANDOVER_TIMEOUT_MS 20000

struct daemon;
struct handover;
struct heir;

/* What who asked for it is told, with our version; the reason follows behind a colon. */
#define HANDOVER_FAILED_FORMAT "the new trapexitd did not come up, version %s goes on"

/* Start the new program. -1 with err set: nothing was begun. timeout_ms 0: the default. */
int handover_start(struct daemon *d, uint32_t by, uint32_t timeout_ms, struct err *err);
/* No new orders are given, and what the agents say of children is left with them for who comes. */
bool handover_holds(const struct daemon *d);
/* A signal that came meanwhile. True: it is the other's business now. */
bool handover_signal(struct daemon *d, int sig);
/* An ordered stop begins: no handover any more. */
void handover_cancel(struct daemon *d);
/* Begin anew in this process, as the image that it runs, with lock and listener. It does not come back. */
void handover_become_self(struct daemon *d, const struct offer *about);

/* heir.c: what this process was told when it began; NULL: it was started by nobody who hands over. */
struct heir *heir_begin(void);
const struct offer *heir_offer(const struct heir *heir);
/* It is the program that was started, in a process that will not stay. */
bool heir_is_guest(const struct heir *heir);
/* It, and nobody else, is whom a service manager listens to. */
bool heir_has_word(const struct heir *heir);
/* Can the agents be spoken to? */
int heir_check(const struct heir *heir, struct err *err);
/* All is prepared: wait until it is our turn. -1: it will not be. */
int heir_wait(struct heir *heir, struct err *err);
/* It does not work: tell why. */
void heir_fail(struct heir *heir, const char *why);
/* In charge (or ordered to stop, and doing it): who was before is not needed any more. */
void heir_up(struct daemon *d);

/* A guest that is up: hand over to the process that we came from. Takes sock and what the offer holds. */
void handover_return(struct daemon *d, int sock, struct offer *about);
/* The end of an upgrade, well or not, for the journal and for who asked. reason NULL: all is well. */
void handover_done(struct daemon *d, struct offer *about, bool failed, const char *reason);

#endif

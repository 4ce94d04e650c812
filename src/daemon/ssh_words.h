/*
 * What an ssh that has ended means, in words for people. Pure.
 */
#ifndef TRAPEXIT_DAEMON_SSH_WORDS_H
#define TRAPEXIT_DAEMON_SSH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define SSH_WORDS_SIZE 256
/* It is not known how it ended: it still runs, or somebody else has reaped it. */
#define SSH_STATUS_UNKNOWN (-1)

/*
 * The last line of `text` that says something: what ssh prints at every connection is passed over, and
 * so are blank lines. Control characters and what is not ASCII become '?'. "" if there is none.
 */
void ssh_last_line(const char *text, size_t n, char *line, size_t size);
/*
 * Why there is no connection (any more). status: as of waitpid(2), or SSH_STATUS_UNKNOWN; greeted: the agent's
 * end had already answered. "ssh: Host key verification failed", "agent not found: run trapexit deploy box2".
 */
void ssh_words(int status, bool greeted, const char *complaint, const char *node, char words[SSH_WORDS_SIZE]);
/* What a login printed where the agent should have spoken; its beginning, made harmless. */
void ssh_noise_words(const char *noise, size_t n, char words[SSH_WORDS_SIZE]);

#endif

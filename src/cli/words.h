/*
 * The daemon's terms in fewer or plainer words, for people.
 */
#ifndef TRAPEXIT_CLI_WORDS_H
#define TRAPEXIT_CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

/*
 * An exit reason as OTP writes it -> as people say it: "{exit,3}" -> "exit 3",
 * "{signal,SIGSEGV}" -> "SIGSEGV", "{start_error,exec,ENOENT}" -> "exec: ENOENT". What
 * is not known stays as it is. Returns out.
 */
#define WORDS_REASON_SIZE 96
const char *words_reason(const char *reason, char out[WORDS_REASON_SIZE]);
/* Why a child left the node `from`, by the daemon's word: "from box2, which was down". Returns out. */
#define WORDS_MOVE_SIZE 192
const char *words_move(const char *from, const char *why, char out[WORDS_MOVE_SIZE]);
/* "root (uid 0)", or "uid 4711". */
#define WORDS_USER_SIZE 96
const char *words_user(int64_t uid, char out[WORDS_USER_SIZE]);

#endif

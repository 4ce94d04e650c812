/*
 * Attributes of functions, by short names. Each says one thing that the
 * compiler can then check.
 */
#ifndef TRAPEXIT_BASE_ATTR_H
#define TRAPEXIT_BASE_ATTR_H

#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define ATTR_MUST_CHECK __attribute__((warn_unused_result))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_MALLOC __attribute__((malloc, warn_unused_result))
#define ATTR_FALLTHROUGH __attribute__((fallthrough))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

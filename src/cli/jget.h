/*
 * Members of a JSON object, for who shows what is there: what is missing or of
 * another type is as if it were null.
 */
#ifndef TRAPEXIT_CLI_JGET_H
#define TRAPEXIT_CLI_JGET_H

#include <json-c/json.h>

#include <stdbool.h>
#include <stdint.h>

/* NULL if it is no string. Borrowed from object. */
const char *jget_str(struct json_object *object, const char *name);
/* 0 if it is no number. */
int64_t jget_int(struct json_object *object, const char *name);
/* The same of any number. */
double jget_double(struct json_object *object, const char *name);
bool jget_bool(struct json_object *object, const char *name);
/* Is it there, and not null? */
bool jget_has(struct json_object *object, const char *name);
/* NULL if it is no object, or no array. */
struct json_object *jget_object(struct json_object *object, const char *name);
struct json_object *jget_array(struct json_object *object, const char *name);

#endif

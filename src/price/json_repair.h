/*
 * JSON of a web page to a tree (P22): wrappers gone, broken where pages break
 * it. Depth is bounded by JSON_PAGE_DEPTH.
 */
#ifndef TRAPEXIT_PRICE_JSON_REPAIR_H
#define TRAPEXIT_PRICE_JSON_REPAIR_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#define JSON_PAGE_DEPTH 128 /* P38 */

/* The value, owned by the caller (json_object_put); NULL if nothing can be made of the text. */
struct json_object *json_page_parse(const char *text, size_t len);
/* The same; *limit is set if it is NULL because the text is too deep (P38), or a tree of it too large for our memory. */
struct json_object *json_page_parse_within(const char *text, size_t len, bool *limit);

#endif

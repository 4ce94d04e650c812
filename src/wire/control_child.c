#include "wire/control_child.h"

#include <json-c/json.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"

static int
take_text(struct json_object *params, const char *method, const char *name, bool optional, char **out,
    struct err *err)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(params, name, &value) || value == NULL) {
		if (optional)
			return 0;
		return err_set(err, CONTROL_INVALID_PARAMS, "%s needs \"%s\"", method, name);
	}
	text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
	if (text == NULL || strlen(text) != (size_t)json_object_get_string_len(value))
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"%s\" is not a text", method, name);
	*out = xstrdup(text);
	return 0;
}

static int
take_args(struct json_object *params, const char *method, struct control_request *rq, struct err *err)
{
	struct json_object *list, *value;
	const char *text;
	size_t n;

	if (!json_object_object_get_ex(params, "args", &list) || list == NULL)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"args\" is not a list", method);
	if (rq->spec != NULL)
		return err_set(err, CONTROL_INVALID_PARAMS, "%s takes \"spec\" or \"args\", not both", method);
	n = json_object_array_length(list);
	rq->args = xcalloc(n + 1, sizeof(*rq->args));
	for (size_t i = 0; i < n; i++) {
		value = json_object_array_get_idx(list, i);
		text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
		if (text == NULL || strlen(text) != (size_t)json_object_get_string_len(value))
			return err_set(err, CONTROL_INVALID_PARAMS, "%s: argument %zu is not a text", method, i + 1);
		rq->args[rq->n_args++] = xstrdup(text);
	}
	return 0;
}

int
control_child_take(struct json_object *params, const char *method, unsigned which, struct control_request *rq,
    struct err *err)
{
	if ((which & CHILD_PARAM_SUPERVISOR) &&
	    take_text(params, method, "supervisor", (which & CHILD_PARAM_OPTIONAL) != 0, &rq->supervisor, err) == -1)
		return -1;
	if ((which & CHILD_PARAM_CHILD) && take_text(params, method, "child", false, &rq->child, err) == -1)
		return -1;
	if ((which & (CHILD_PARAM_SPEC | CHILD_PARAM_START)) &&
	    take_text(params, method, "spec", (which & CHILD_PARAM_START) != 0, &rq->spec, err) == -1)
		return -1;
	return (which & CHILD_PARAM_START) ? take_args(params, method, rq, err) : 0;
}

void
control_child_put(struct buf *out, unsigned which, const struct control_request *rq)
{
	if ((which & CHILD_PARAM_SUPERVISOR) && rq->supervisor != NULL)
		json_put_str(out, "supervisor", rq->supervisor);
	if ((which & CHILD_PARAM_CHILD) && rq->child != NULL)
		json_put_str(out, "child", rq->child);
	if ((which & (CHILD_PARAM_SPEC | CHILD_PARAM_START)) && rq->spec != NULL)
		json_put_str(out, "spec", rq->spec);
	if (!(which & CHILD_PARAM_START) || rq->args == NULL)
		return;
	json_put_name(out, "args");
	buf_xaddc(out, '[');
	for (size_t i = 0; i < rq->n_args; i++) {
		if (i > 0)
			buf_xaddc(out, ',');
		json_put_string(out, rq->args[i]);
	}
	buf_xaddc(out, ']');
}

void
control_child_release(struct control_request *rq)
{
	for (size_t i = 0; i < rq->n_args; i++)
		free(rq->args[i]);
	free(rq->args);
	free(rq->supervisor);
	free(rq->child);
	free(rq->spec);
}

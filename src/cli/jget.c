#include "cli/jget.h"

static struct json_object *
member(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value))
		return NULL;
	return json_object_is_type(value, type) ? value : NULL;
}

const char *
jget_str(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name, json_type_string);

	return value == NULL ? NULL : json_object_get_string(value);
}

int64_t
jget_int(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name, json_type_int);

	return value == NULL ? 0 : json_object_get_int64(value);
}

double
jget_double(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, name, &value))
		return 0;
	return json_object_get_double(value);
}

bool
jget_bool(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name, json_type_boolean);

	return value != NULL && json_object_get_boolean(value);
}

bool
jget_has(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, name, &value) &&
	       value != NULL;
}

struct json_object *
jget_object(struct json_object *object, const char *name)
{
	return member(object, name, json_type_object);
}

struct json_object *
jget_array(struct json_object *object, const char *name)
{
	return member(object, name, json_type_array);
}

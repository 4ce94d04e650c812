#include "conf/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "conf/lex.h"

struct parser {
	struct lexer lx;
	struct token t; /* the one to look at */
	struct arena *arena;
	struct diag *diag;
	struct stmt *section;	   /* being read */
	unsigned depth;
	const struct stmt *before; /* the value that ended last, to explain what stands behind it */
	uint32_t before_line;
	struct word *list; /* owned: scratch for the list being read */
	size_t list_cap;
};

static void
next(struct parser *p)
{
	lex_next(&p->lx, &p->t);
}

/* The token for a message. */
static const char *
token_text(const struct token *t, char buf[DIAG_QUOTE_SIZE + 4])
{
	char quoted[DIAG_QUOTE_SIZE];

	switch (t->kind) {
	case TOKEN_END:
		return "the end of the file";
	case TOKEN_EQUALS:
		return "'='";
	case TOKEN_OPEN:
		return "'{'";
	case TOKEN_CLOSE:
		return "'}'";
	case TOKEN_COMMA:
		return "','";
	case TOKEN_STRING:
		return "a string";
	case TOKEN_WORD:
	case TOKEN_BAD:
		break;
	}
	buf[0] = '\'';
	diag_quote(t->text, quoted);
	memcpy(buf + 1, quoted, strlen(quoted));
	memcpy(buf + 1 + strlen(quoted), "'", 2);
	return buf;
}

/* Pass over "..." up to and with the '}' that closes the first of so many '{' already taken. */
static void
skip_braces(struct parser *p, size_t depth)
{
	p->lx.quiet = true;
	for (; p->t.kind != TOKEN_END && depth > 0; next(p)) {
		if (p->t.kind == TOKEN_OPEN)
			depth++;
		else if (p->t.kind == TOKEN_CLOSE && --depth == 0)
			p->lx.quiet = false; /* the token behind it is read as usual */
	}
	p->lx.quiet = false;
}

/* After an error: go on at the next line or at the end of the section. */
static void
recover(struct parser *p)
{
	while (p->t.kind != TOKEN_END && p->t.kind != TOKEN_CLOSE && !p->t.first) {
		bool open = p->t.kind == TOKEN_OPEN;

		next(p);
		if (open)
			skip_braces(p, 1);
	}
}

static struct stmt *
add_stmt(struct parser *p, enum stmt_kind kind, const struct token *name)
{
	struct stmt *s = arena_alloc(p->arena, sizeof(*s)), *up = p->section;

	s->kind = kind;
	s->name = name->text;
	s->at = name->at;
	s->parent = up;
	if (up->last == NULL)
		up->first = s;
	else
		up->last->next = s;
	up->last = s;
	return s;
}

static struct word
word_of(const struct token *t)
{
	return (struct word){ .text = t->text, .len = t->len, .at = t->at, .quoted = t->kind == TOKEN_STRING, .raw = t->raw };
}

static void
list_add(struct parser *p, size_t n, const struct token *t, unsigned set)
{
	if (n == p->list_cap) {
		p->list_cap = n == 0 ? 16 : n * 2;
		p->list = xreallocarray(p->list, p->list_cap, sizeof(*p->list));
	}
	p->list[n] = word_of(t);
	p->list[n].set = set;
}

/* What stands where an element, ',' or '}' should; true if the list can go on. */
static bool
list_error(struct parser *p, struct stmt *s, bool in_set)
{
	char buf[DIAG_QUOTE_SIZE + 4];

	if (p->t.kind == TOKEN_END || (p->t.kind == TOKEN_WORD && p->t.named && p->t.first)) {
		if (!s->broken)
			diag_error(p->diag, s->at, "the list '%s' is not closed, expected '}'", s->name);
	} else if (p->t.kind == TOKEN_WORD && p->t.named) {
		diag_error(p->diag, s->at, "'%s = {' begins a list; a section is written '%s {', without '='", s->name,
		    s->name);
		skip_braces(p, 1 + in_set);
	} else if (p->t.kind == TOKEN_BAD) {
		next(p); /* reported already */
		s->broken = true;
		return true;
	} else {
		diag_error(p->diag, p->t.at, "unexpected %s in the list '%s', expected a value, ',' or '}'",
		    token_text(&p->t, buf), s->name);
		skip_braces(p, 1 + in_set);
	}
	s->broken = true;
	return false;
}

/* A brace in a list: true if it opens or closes a set of equals. */
static bool
list_brace(struct parser *p, struct stmt *s, bool *open, bool *comma, size_t in_set)
{
	if (p->t.kind == TOKEN_OPEN && !*open && *comma) {
		*open = true;
		s->n_sets++;
	} else if (p->t.kind == TOKEN_CLOSE && *open) {
		if (in_set == 0 && !s->broken) {
			diag_error(p->diag, p->t.at, "there is nothing between the inner braces of the list '%s', expected a value",
			    s->name);
			s->broken = true;
		}
		*open = *comma = false;
	} else {
		return false;
	}
	next(p);
	return true;
}

/* The '{' is taken. */
static void
parse_list(struct parser *p, struct stmt *s)
{
	char buf[DIAG_QUOTE_SIZE + 4];
	bool comma = true, open = false;
	size_t n = 0, in_set = 0;

	while (p->t.kind != TOKEN_CLOSE || open) {
		if (list_brace(p, s, &open, &comma, in_set)) {
			in_set = 0;
		} else if ((p->t.kind == TOKEN_WORD && !p->t.named) || p->t.kind == TOKEN_STRING) {
			if (!comma && !s->broken) {
				diag_error(p->diag, p->t.at, "unexpected %s in the list '%s', expected ',' before it",
				    token_text(&p->t, buf), s->name);
				s->broken = true;
			}
			s->broken |= p->t.broken;
			list_add(p, n++, &p->t, open ? s->n_sets : 0);
			in_set++;
			comma = false;
			next(p);
		} else if (p->t.kind == TOKEN_COMMA && !comma) {
			comma = true;
			next(p);
		} else if (!list_error(p, s, open)) {
			return;
		}
	}
	next(p);
	s->n_words = n;
	s->words = arena_array(p->arena, n, sizeof(*s->words));
	if (n > 0)
		memcpy(s->words, p->list, n * sizeof(*s->words));
}

/* The '=' is taken. A bare word stands in the line of its '='; strings and lists may stand below. */
static void
parse_value(struct parser *p, const struct token *name)
{
	struct stmt *s = add_stmt(p, STMT_VALUE, name);
	char buf[DIAG_QUOTE_SIZE + 4];

	p->before = s;
	if (p->t.kind == TOKEN_OPEN) {
		s->kind = STMT_LIST;
		next(p);
		p->before_line = p->t.at.line;
		parse_list(p, s);
	} else if (p->t.kind == TOKEN_STRING || (p->t.kind == TOKEN_WORD && !p->t.named && !p->t.first)) {
		s->broken = p->t.broken;
		s->words = arena_alloc(p->arena, sizeof(*s->words));
		s->words[0] = word_of(&p->t);
		s->n_words = 1;
		p->before_line = p->t.at.line;
		next(p);
	} else {
		s->broken = true;
		p->before = NULL;
		if (p->t.kind == TOKEN_BAD)
			next(p);
		else
			diag_error(p->diag, s->at, "'%s' has no value, expected one behind '=', found %s", s->name,
			    token_text(&p->t, buf));
		if (p->t.kind != TOKEN_WORD || !p->t.named)
			recover(p);
	}
}

/* The '{' is the token at hand. */
static void
open_section(struct parser *p, const struct token *name, const struct token *id)
{
	struct stmt *s;

	p->before = NULL;
	if (p->depth == PARSE_DEPTH_MAX) {
		diag_error(p->diag, name->at, "sections are nested too deep, expected at most %d levels",
		    PARSE_DEPTH_MAX);
		next(p);
		skip_braces(p, 1);
		return;
	}
	s = add_stmt(p, STMT_SECTION, name);
	if (id != NULL) {
		s->id = word_of(id);
		s->broken = id->broken;
	}
	p->section = s;
	p->depth++;
	next(p);
}

/* A name that neither '=' nor '{' follows; `value` is what stands there instead, if it could be a value. */
static void
statement_error(struct parser *p, const struct token *name, const struct token *value)
{
	char buf[DIAG_QUOTE_SIZE + 4], found[DIAG_QUOTE_SIZE + 4];

	token_text(name, buf);
	if (p->before != NULL && p->before_line == name->at.line)
		diag_error(p->diag, name->at, "unexpected %s behind the value of '%s'; text with blanks is put in quotes",
		    buf, p->before->name);
	else if (value != NULL) {
		diag_error(p->diag, name->at, "expected '=' behind %s, found %s", buf, token_text(value, found));
		add_stmt(p, STMT_VALUE, name)->broken = true; /* it is there, if not well */
	} else
		diag_error(p->diag, name->at, "expected '=' or '{' behind %s, found %s", buf,
		    token_text(&p->t, found));
	p->before = NULL;
	recover(p);
}

/* The token at hand is a bare word. */
static void
parse_statement(struct parser *p)
{
	struct token name = p->t, id;

	next(p);
	if (p->t.kind == TOKEN_EQUALS) {
		next(p);
		parse_value(p, &name);
	} else if (p->t.kind == TOKEN_OPEN) {
		open_section(p, &name, NULL);
	} else if ((p->t.kind == TOKEN_WORD || p->t.kind == TOKEN_STRING) && !p->t.first && !p->t.named) {
		id = p->t;
		next(p);
		if (p->t.kind == TOKEN_OPEN)
			open_section(p, &name, &id);
		else
			statement_error(p, &name, &id);
	} else {
		statement_error(p, &name, NULL);
	}
}

static void
close_section(struct parser *p)
{
	if (p->section->parent == NULL) {
		diag_error(p->diag, p->t.at, "this '}' closes nothing");
	} else {
		p->section = p->section->parent;
		p->depth--;
	}
	p->before = NULL;
	next(p);
}

/* A token that begins no statement, with all that belongs to it. */
static void
skip_unexpected(struct parser *p)
{
	bool open = p->t.kind == TOKEN_OPEN;

	next(p);
	if (open)
		skip_braces(p, 1);
	recover(p);
}

struct stmt *
parse_text(const char *text, size_t len, struct arena *arena, struct diag *diag)
{
	struct parser p = { .arena = arena, .diag = diag };
	char buf[DIAG_QUOTE_SIZE + 4];
	struct stmt *root;

	root = p.section = arena_alloc(arena, sizeof(*root));
	root->kind = STMT_SECTION;
	root->name = "";
	root->at = (struct place){ 1, 1 };
	lex_init(&p.lx, text, len, arena, diag);
	for (next(&p); p.t.kind != TOKEN_END;) {
		if (p.t.kind == TOKEN_CLOSE) {
			close_section(&p);
		} else if (p.t.kind == TOKEN_WORD) {
			parse_statement(&p);
		} else if (p.t.kind == TOKEN_BAD) {
			next(&p); /* reported already; what follows is often sound */
		} else {
			diag_error(diag, p.t.at, "unexpected %s, expected the name of a setting or section",
			    token_text(&p.t, buf));
			skip_unexpected(&p);
		}
	}
	if (p.section != root)
		diag_error(diag, p.section->at, "the section '%s' is not closed, expected '}' before the end of the file",
		    p.section->name);
	free(p.list);
	return root;
}

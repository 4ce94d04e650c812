/* Hexadecimal digits. */
#ifndef TRAPEXIT_BASE_HEX_H
#define TRAPEXIT_BASE_HEX_H

/* The value of a digit of any case; -1: it is none. */
static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif

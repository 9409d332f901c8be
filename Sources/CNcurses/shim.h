#ifndef BULLFLOW_CNCURSES_H
#define BULLFLOW_CNCURSES_H

#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

// Swift imports neither these macros nor the variables behind them: each gets a
// typed name here.
static const attr_t bullflow_bold = A_BOLD;
static const attr_t bullflow_dim = A_DIM;
static const attr_t bullflow_reverse = A_REVERSE;
static const attr_t bullflow_underline = A_UNDERLINE;

static const mmask_t bullflow_button1_pressed = BUTTON1_PRESSED;
static const mmask_t bullflow_wheel_up = BUTTON4_PRESSED;
static const mmask_t bullflow_wheel_down = BUTTON5_PRESSED;

static inline WINDOW *bullflow_screen(void) { return stdscr; }
static inline int bullflow_rows(void) { return getmaxy(stdscr); }
static inline int bullflow_columns(void) { return getmaxx(stdscr); }
static inline int bullflow_colors(void) { return COLORS; }
static inline int bullflow_pairs(void) { return COLOR_PAIRS; }

/// Paints `count` wide characters at a place, in a style.
static inline void bullflow_paint(int row, int column, const wchar_t *text, int count, attr_t attributes, int pair) {
  // An extended pair number travels in the options argument.
  wattr_set(stdscr, attributes, (short)pair, &pair);
  mvwaddnwstr(stdscr, row, column, text, count);
}

// Declared here, because <wchar.h> hides it from whoever included that without _XOPEN_SOURCE.
int wcwidth(wchar_t character);

// Declared here, because <term.h> also defines macros of hundreds of everyday words.
int setupterm(const char *term, int descriptor, int *error);

char *tigetstr(const char *name);

/// Whether the terminal can put text at any place; asked after setupterm.
static inline _Bool bullflow_moves_cursor(void) {
  const char *text = tigetstr("cup");
  return text != NULL && text != (const char *)-1;
}

static inline const char *bullflow_codeset(void) { return nl_langinfo(CODESET); }

#endif

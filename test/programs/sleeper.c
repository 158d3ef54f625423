/* An extension module that sleeps, with and without the GIL, as nobody should write one: an interrupted sleep ends early.
   It brings the few declarations that it needs, so that it can be built without Python's headers. */

#include <unistd.h>

typedef struct {
    const char *name;
    void *(*function)(void *, void *);
    int flags;
    const char *doc;
} Method;

typedef struct {
    long references;
    void *type;
    void *init;
    long index;
    void *copy;
    const char *name;
    const char *doc;
    long size;
    Method *methods;
    void *slots, *traverse, *clear, *free;
} Definition;

enum { METH_O = 8, ABI_VERSION = 3 };

extern void *PyModule_Create2(Definition *, int);
extern void *PyLong_FromLong(long);
extern long PyLong_AsLong(void *);
extern void *PyEval_SaveThread(void);
extern void PyEval_RestoreThread(void *);

/* Returns the seconds that were left when it was interrupted. */
static void *sleep_without_gil(void *module, void *seconds)
{
    long asked = PyLong_AsLong(seconds);
    void *thread = PyEval_SaveThread();
    long left = sleep(asked);
    PyEval_RestoreThread(thread);
    return PyLong_FromLong(left);
}

static void *sleep_with_gil(void *module, void *seconds)
{
    return PyLong_FromLong(sleep(PyLong_AsLong(seconds)));
}

static Method methods[] = {
    {"sleep", sleep_without_gil, METH_O, 0},
    {"sleep_with_gil", sleep_with_gil, METH_O, 0},
    {0},
};

static Definition definition = {.references = 1, .name = "sleeper", .size = -1, .methods = methods};

void *PyInit_sleeper(void)
{
    return PyModule_Create2(&definition, ABI_VERSION);
}

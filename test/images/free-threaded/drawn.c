// A process with the memory of a free-threaded CPython, for as long as no such interpreter is at hand: its structures are
// CPython's own, laid out by the compiler after the headers, and what they hold is drawn here. It runs no Python.
//
// What it shows: the main thread in `main("größe")`, called with a tagged reference, and a second thread in `worker(7)`,
// which runs a copy of the bytecode of its own. The functions are those of /srv/drawn.py:
//
//     1  def main(name):                6  def worker(total):
//     2      total = 7                  7      count = total
//     3      worker(total)              8      while True:
//                                       9          input()

#define Py_BUILD_CORE 1
#include "Python.h"

#include "internal/pycore_code.h"
#include "internal/pycore_debug_offsets.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_interpframe.h"
#include "internal/pycore_moduleobject.h"
#include "internal/pycore_runtime_structs.h"
#include "internal/pycore_tstate.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef Py_GIL_DISABLED
#error "compile it with -DPy_GIL_DISABLED=1"
#endif

/** A reference without a count, as the evaluation loop borrows them. */
#define DEFERRED 1
#define NO_REFERENCE 1
#define COPY_OF_WORKER 1
#define FAST_LOCAL 0x20
#define UNITS 32
/** Units of a call's caches go by version; these are where the calls of the functions above stand. */
#if PY_VERSION_HEX >= 0x030f0000
#define CALL_IN_MAIN 10
#define CALL_IN_WORKER 10
#define BODY 2
static const unsigned char main_lines[] = {0x81, 0, 0xd8, 0x0c, 0x0d, 0x80, 0x45, 0xdc, 4, 0x0a, 0x88, 0x35, 0x86, 0x4d};
static const unsigned char worker_lines[] = {0x81, 0, 0xd8, 0x0c, 0x11, 0x80, 0x45, 0xd8, 0x0a, 0x0e, 0xdc, 8, 0x0d, 0x8e, 7};
#else
#define CALL_IN_MAIN 9
#define CALL_IN_WORKER 9
#define BODY 1
static const unsigned char main_lines[] = {0x80, 0, 0xd8, 0x0c, 0x0d, 0x80, 0x45, 0xdc, 4, 0x0a, 0x88, 0x35, 0x86, 0x4d};
static const unsigned char worker_lines[] = {0x80, 0, 0xd8, 0x0c, 0x11, 0x80, 0x45, 0xd8, 0x0a, 0x0e, 0xdc, 8, 0x0d, 0x8e, 7};
#endif

__attribute__((section(".PyRuntime"))) _PyRuntimeState _PyRuntime = {
    .debug_offsets = _Py_DebugOffsets_INIT(_Py_Debug_Cookie),
};

static PyTypeObject type_type = {.tp_name = "type", .tp_flags = Py_TPFLAGS_TYPE_SUBCLASS};

#define TYPE(name, size, item, flags)                                                                     \
    {                                                                                                         \
        .ob_base.ob_base.ob_type = &type_type, .tp_name = name, .tp_basicsize = size, .tp_itemsize = item,     \
        .tp_flags = flags                                                                                      \
    }
static PyTypeObject str_type = TYPE("str", sizeof(PyUnicodeObject), 0, Py_TPFLAGS_UNICODE_SUBCLASS);
static PyTypeObject int_type = TYPE("int", offsetof(PyLongObject, long_value.ob_digit), 4, Py_TPFLAGS_LONG_SUBCLASS);
static PyTypeObject bytes_type = TYPE("bytes", offsetof(PyBytesObject, ob_sval) + 1, 1, Py_TPFLAGS_BYTES_SUBCLASS);
static PyTypeObject tuple_type = TYPE("tuple", offsetof(PyTupleObject, ob_item), 8, Py_TPFLAGS_TUPLE_SUBCLASS);
static PyTypeObject list_type = TYPE("list", sizeof(PyListObject), 0, Py_TPFLAGS_LIST_SUBCLASS);
static PyTypeObject dict_type = TYPE("dict", sizeof(PyDictObject), 0, Py_TPFLAGS_DICT_SUBCLASS);
static PyTypeObject code_type = TYPE("code", offsetof(PyCodeObject, co_code_adaptive), 2, 0);
static PyTypeObject module_type = TYPE("module", sizeof(PyModuleObject), 0, 0);

/** Room for an object that nobody frees; the header of a free-threaded build is 32 bytes. */
static void *new_object(PyTypeObject *type, size_t bytes)
{
    PyObject *object = calloc(1, bytes);
    object->ob_type = type;
    object->ob_tid = (uintptr_t)pthread_self();
    object->ob_ref_local = 1;
    return object;
}

static PyObject *new_str(const char *text)
{
    size_t length = strlen(text);
    PyASCIIObject *str = new_object(&str_type, sizeof(PyASCIIObject) + length + 1);
    str->length = (Py_ssize_t)length;
    str->hash = -1;
    str->state.interned = 1;
    str->state.kind = PyUnicode_1BYTE_KIND;
    str->state.compact = 1;
    str->state.ascii = 1;
    memcpy(str + 1, text, length);
    return (PyObject *)str;
}

/** Compact, but not ASCII. */
static PyObject *new_latin1(const char *text, size_t length)
{
    PyCompactUnicodeObject *str = new_object(&str_type, sizeof(PyCompactUnicodeObject) + length + 1);
    str->_base.length = (Py_ssize_t)length;
    str->_base.state.kind = PyUnicode_1BYTE_KIND;
    str->_base.state.compact = 1;
    memcpy(str + 1, text, length);
    return (PyObject *)str;
}

static PyObject *new_int(unsigned long value)
{
    PyLongObject *number = new_object(&int_type, sizeof(PyLongObject) + 8);
    number->long_value.ob_digit[0] = value & 0x3fffffff;
    number->long_value.ob_digit[1] = value >> 30 & 0x3fffffff;
    number->long_value.ob_digit[2] = (digit)(value >> 60);
    number->long_value.lv_tag = (value >> 60 ? 3 : value >> 30 ? 2 : 1) << 3;
    return (PyObject *)number;
}

static PyObject *new_bytes(const void *data, size_t length)
{
    PyBytesObject *bytes = new_object(&bytes_type, sizeof(PyBytesObject) + length);
    bytes->ob_base.ob_size = (Py_ssize_t)length;
    memcpy(bytes->ob_sval, data, length);
    return (PyObject *)bytes;
}

static PyObject *new_tuple(PyObject *first, PyObject *second)
{
    PyTupleObject *tuple = new_object(&tuple_type, sizeof(PyTupleObject) + 8);
    tuple->ob_base.ob_size = 2;
    tuple->ob_item[0] = first;
    tuple->ob_item[1] = second;
    return (PyObject *)tuple;
}

static PyObject *new_list(PyObject *item)
{
    PyListObject *list = new_object(&list_type, sizeof(PyListObject));
    list->ob_base.ob_size = list->allocated = 1;
    list->ob_item = calloc(1, sizeof(PyObject *));
    list->ob_item[0] = item;
    return (PyObject *)list;
}

static PyDictKeysObject *new_keys(int kind)
{
    size_t entry = kind == DICT_KEYS_GENERAL ? sizeof(PyDictKeyEntry) : sizeof(PyDictUnicodeEntry);
    PyDictKeysObject *keys = calloc(1, sizeof(PyDictKeysObject) + 8 + 5 * entry);
    keys->dk_log2_size = keys->dk_log2_index_bytes = 3;
    keys->dk_kind = (uint8_t)kind;
    memset(keys->dk_indices, -1, 8);
    return keys;
}

static void add(PyObject *dict, PyObject *key, PyObject *value)
{
    PyDictObject *object = (PyDictObject *)dict;
    void *entries = object->ma_keys->dk_indices + 8;
    Py_ssize_t index = object->ma_keys->dk_nentries++;
    object->ma_used++;
    if (object->ma_keys->dk_kind == DICT_KEYS_GENERAL)
        ((PyDictKeyEntry *)entries)[index] = (PyDictKeyEntry){.me_key = key, .me_value = value};
    else
        ((PyDictUnicodeEntry *)entries)[index] = (PyDictUnicodeEntry){.me_key = key, .me_value = value};
}

static PyObject *new_dict(int kind)
{
    PyDictObject *dict = new_object(&dict_type, sizeof(PyDictObject));
    dict->ma_keys = new_keys(kind);
    return (PyObject *)dict;
}

static PyObject *add_module(PyObject *modules, const char *name)
{
    PyModuleObject *module = new_object(&module_type, sizeof(PyModuleObject));
    module->md_dict = new_dict(DICT_KEYS_UNICODE);
    add(modules, new_str(name), (PyObject *)module);
    return module->md_dict;
}

/** An instance of `threading.Thread` with one attribute, inline behind it; its class manages a dict that is not made. */
static PyObject *new_thread_object(const char *name)
{
    static PyHeapTypeObject *type;
    if (type == NULL) {
        type = calloc(1, sizeof(PyHeapTypeObject));
        type->ht_type = (PyTypeObject)TYPE("Thread", sizeof(PyObject), 0,
                                           Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_MANAGED_DICT | Py_TPFLAGS_INLINE_VALUES);
        type->ht_cached_keys = new_keys(DICT_KEYS_SPLIT);
        type->ht_cached_keys->dk_nentries = 1;
        *(PyObject **)(type->ht_cached_keys->dk_indices + 8) = new_str("_name");
    }
    // Two words before the object: weak references, and the dict.
    void **words = calloc(1, 16 + sizeof(PyObject) + sizeof(PyDictValues) + 16);
    PyObject *object = (PyObject *)(words + 2);
    object->ob_type = &type->ht_type;
    PyDictValues *values = (PyDictValues *)(object + 1);
    *values = (PyDictValues){.capacity = 1, .size = 1, .embedded = 1, .valid = 1};
    values->values[0] = new_str(name);
    return object;
}

static PyCodeObject *new_code(const char *name, PyObject *variables, int line, PyObject *lines)
{
    static const char kinds[2] = {FAST_LOCAL, FAST_LOCAL};
    PyCodeObject *code = new_object(&code_type, sizeof(PyCodeObject) + UNITS * 2);
    code->ob_base.ob_size = UNITS;
    code->co_filename = new_str("/srv/drawn.py");
    code->co_name = code->co_qualname = new_str(name);
    code->co_firstlineno = line;
    code->co_linetable = lines;
    code->co_flags = CO_OPTIMIZED | CO_NEWLOCALS;
    code->co_argcount = 1;
    code->co_nlocalsplus = 2;
    code->co_localsplusnames = variables;
    code->co_localspluskinds = new_bytes(kinds, sizeof kinds);
    code->co_framesize = 8 + FRAME_SPECIALS_SIZE;
    code->_co_firsttraceable = BODY - 1;
    // Of the main thread's copy, the object's own, and of one that a second thread has made.
    code->co_tlbc = calloc(1, sizeof(_PyCodeArray) + 8);
    code->co_tlbc->size = 2;
    code->co_tlbc->entries[0] = code->co_code_adaptive;
    code->co_tlbc->entries[COPY_OF_WORKER] = calloc(UNITS, 2);
    return code;
}

typedef struct {
    PyCodeObject *code;
    int copy;
    int unit;
    uintptr_t variables[2];
    PyObject *globals;
} Call;

/** Lays an entry frame and one frame of a function on a new data stack. */
static void enter(_PyThreadStateImpl *state, Call call)
{
    _PyStackChunk *chunk = calloc(1, _PY_DATA_STACK_CHUNK_SIZE);
    chunk->size = _PY_DATA_STACK_CHUNK_SIZE;
    static _PyInterpreterFrame entries[2];
    static int count;
    _PyInterpreterFrame *entry = &entries[count++];
#if PY_VERSION_HEX >= 0x030f0000
    entry = &state->base_frame;
    state->base.base_frame = entry;
#endif
    entry->owner = FRAME_OWNED_BY_INTERPRETER;
    _PyInterpreterFrame *frame = (_PyInterpreterFrame *)chunk->data;
    frame->f_executable.bits = (uintptr_t)call.code | DEFERRED;
    frame->f_globals = call.globals;
    frame->previous = entry;
    frame->owner = FRAME_OWNED_BY_THREAD;
    frame->tlbc_index = call.copy;
    frame->instr_ptr = (_Py_CODEUNIT *)call.code->co_tlbc->entries[call.copy] + call.unit;
    frame->localsplus[0].bits = call.variables[0];
    frame->localsplus[1].bits = call.variables[1];
    state->base.current_frame = frame;
    state->base.datastack_chunk = chunk;
    state->base.datastack_top = (PyObject **)frame + call.code->co_framesize;
}

static PyInterpreterState *const interpreter = &_PyRuntime._main_interpreter;
static pthread_barrier_t bound;

static void bind(_PyThreadStateImpl *state)
{
    state->base.interp = interpreter;
    state->base._status.initialized = state->base._status.bound = 1;
    state->base.thread_id = (unsigned long)pthread_self();
    state->base.native_thread_id = (unsigned long)syscall(SYS_gettid);
}

static void *run_worker(void *state)
{
    bind(state);
    pthread_barrier_wait(&bound);
    pause();
    return NULL;
}

#define OFFSET(group, structure, field) printf(", \"%s.%s\": %zu", group, #field, offsetof(structure, field))

/** What the compiler says of fields that the table of offsets does not have, as one line of JSON. */
static void print_layout(void)
{
    printf("{\"version\": \"%s\"", PY_VERSION);
    printf(", \"interpreter_state.gil_switch_number\": %zu", offsetof(PyInterpreterState, _gil.switch_number));
    OFFSET("thread_state", PyThreadState, holds_gil);
    OFFSET("thread_state", PyThreadState, state);
    OFFSET("thread_state", PyThreadState, datastack_top);
    OFFSET("thread_state", PyThreadState, context_ver);
    OFFSET("interpreter_frame", _PyInterpreterFrame, f_globals);
    OFFSET("interpreter_frame", _PyInterpreterFrame, f_locals);
    OFFSET("code_object", PyCodeObject, co_flags);
    OFFSET("code_object", PyCodeObject, co_nlocalsplus);
    OFFSET("code_object", PyCodeObject, co_posonlyargcount);
    OFFSET("code_object", PyCodeObject, co_kwonlyargcount);
    OFFSET("code_object", PyCodeObject, co_framesize);
    OFFSET("code_object", PyCodeObject, _co_firsttraceable);
    OFFSET("type_object", PyTypeObject, tp_basicsize);
    OFFSET("type_object", PyTypeObject, tp_itemsize);
    OFFSET("type_object", PyTypeObject, tp_dictoffset);
    OFFSET("type_object", PyTypeObject, tp_members);
    OFFSET("type_object", PyTypeObject, tp_base);
    OFFSET("type_object", PyTypeObject, tp_dict);
    OFFSET("type_object", PyTypeObject, tp_mro);
    OFFSET("type_object", PyHeapTypeObject, ht_qualname);
    OFFSET("type_object", PyHeapTypeObject, ht_cached_keys);
    OFFSET("dict_object", PyDictObject, ma_used);
    printf(", \"unicode_object.compactunicodeobject_size\": %zu}\n", sizeof(PyCompactUnicodeObject));
    fflush(stdout);
}

int main(void)
{
    _PyThreadStateImpl *first = &interpreter->_initial_thread, *second = calloc(1, sizeof *second);
    pthread_barrier_init(&bound, NULL, 2);
    pthread_t worker;
    pthread_create(&worker, NULL, run_worker, second);
    bind(first);
    pthread_barrier_wait(&bound);

    PyObject *modules = new_dict(DICT_KEYS_UNICODE), *active = new_dict(DICT_KEYS_GENERAL);
    PyObject *sys = add_module(modules, "sys");
    add(sys, new_str("abiflags"), new_str("t"));
    add(add_module(modules, "threading"), new_str("_active"), active);
    add(active, new_int(first->base.thread_id), new_thread_object("MainThread"));
    add(active, new_int(second->base.thread_id), new_thread_object("second"));
    PyObject *globals = add_module(modules, "__main__");
    add(globals, new_str("__name__"), new_str("__main__"));
    add(globals, new_str("jobs"), new_list(new_int(1ul << 40)));

    PyObject *name = new_str("name"), *total = new_str("total"), *seven = new_int(7);
    enter(first, (Call){.code = new_code("main", new_tuple(name, total), 1, new_bytes(main_lines, sizeof main_lines)),
                        .copy = 0,
                        .unit = CALL_IN_MAIN,
                        .variables = {(uintptr_t)new_latin1("gr\xf6\xdf" "e", 5) | DEFERRED, (uintptr_t)seven},
                        .globals = globals});
    enter(second, (Call){.code = new_code("worker", new_tuple(total, new_str("count")), 6,
                                          new_bytes(worker_lines, sizeof worker_lines)),
                         .copy = COPY_OF_WORKER,
                         .unit = CALL_IN_WORKER,
                         .variables = {(uintptr_t)seven | DEFERRED, NO_REFERENCE},
                         .globals = globals});

    interpreter->imports.modules = modules;
    interpreter->sysdict = sys;
    interpreter->builtins = new_dict(DICT_KEYS_UNICODE);
    interpreter->config.remote_debug = 1;
    interpreter->ceval.gil = &interpreter->_gil;
    interpreter->threads.head = &second->base;
    interpreter->threads.main = &first->base;
    second->base.next = &first->base;
    first->base.prev = &second->base;
    _PyRuntime.interpreters.main = interpreter;
    _PyRuntime.interpreters.head = interpreter;

    print_layout();
    getchar();
    return 0;
}

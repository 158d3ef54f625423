"""Adds up the integers that it reads, a line each, and prints the running total."""

import os


def read_number():
    return int(input("next number: "))


def add_up():
    total = 0
    while True:
        try:
            total += read_number()
        except EOFError:
            break
        except ValueError:
            print("that is no integer")
            continue
        print("total:", total, flush=True)


if __name__ == "__main__":
    print("adder runs as process", os.getpid(), flush=True)
    add_up()
